# SPDX-License-Identifier: GPL-2.0-or-later
"""A subnet for the router's own clients that clashes with nothing: what to propose to an owner."""

from collections.abc import Iterable
from ipaddress import IPv4Network

from wifirelay.router.interfaces import Network

# /24s of RFC 1918 that few networks use, from each of its three ranges; in the order proposed.
# Home routers come with 192.168.0, 1, 2, 8, 10, 31, 50, 68, 86, 88, 100, 178; phones give
# 192.168.43, 172.20.10 and 10.0 to 10.255 out of large ranges; Docker 172.17 to 172.31.
_PROPOSED = tuple(
    IPv4Network(text)
    for text in (
        *("192.168.77.0/24", "192.168.117.0/24", "192.168.213.0/24"),
        *("172.16.77.0/24", "172.16.213.0/24", "10.77.213.0/24", "10.213.77.0/24"),
    )
)


def free_subnet(taken: Iterable[Network]) -> IPv4Network | None:
    """The first that really overlaps none of `taken`; None when all of RFC 1918 is taken."""
    used = [net for net in taken if net.version == 4]
    return next((each for each in _PROPOSED if not any(each.overlaps(net) for net in used)), None)
