# SPDX-License-Identifier: GPL-2.0-or-later
"""The subnet that is proposed for the router's own clients overlaps nothing."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from hypothesis import given
from hypothesis import strategies as st

from wifirelay.core.subnets import free_subnet

PRIVATE = [ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]


def test_the_first_that_is_free() -> None:
    assert free_subnet([]) == IPv4Network("192.168.77.0/24")
    assert free_subnet([IPv4Network("192.168.77.128/25")]) == IPv4Network("192.168.117.0/24")
    assert free_subnet([IPv4Network("192.168.0.0/16")]) == IPv4Network("172.16.77.0/24")
    assert free_subnet(PRIVATE[1:]) == IPv4Network("10.77.213.0/24")
    assert free_subnet([IPv6Network("::/0")]) == IPv4Network("192.168.77.0/24")


def test_none_where_everything_private_is_taken() -> None:
    assert free_subnet(PRIVATE) is None


networks = st.builds(
    lambda address, length: IPv4Network((address, length), strict=False),
    st.integers(0, 2**32 - 1)
    | st.integers(0, 2**16 - 1).map(lambda n: (192 << 24) + (168 << 16) + n),
    st.integers(1, 32),
)


@given(st.lists(networks, max_size=12))
def test_it_is_private_and_overlaps_nothing(taken: list[IPv4Network]) -> None:
    found = free_subnet(taken)
    if found is None:
        assert any(net.overlaps(PRIVATE[2]) for net in taken)
        return
    assert found.prefixlen == 24
    assert any(found.subnet_of(each) for each in PRIVATE)  # type: ignore[arg-type]
    assert not any(found.overlaps(net) for net in taken)
