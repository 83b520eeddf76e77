# SPDX-License-Identifier: GPL-2.0-or-later
"""What `relay.kind` and `relay.ipv6` need of a router, and what an owner is told of it before."""

from typing import Any

import pytest
from reading import errors_read_well, reads_well

from wifirelay.core.borrowed import Loan
from wifirelay.core.known import Relay
from wifirelay.core.relaying import meaning, needed, packages_for
from wifirelay.errors import Refused
from wifirelay.uci.model import Package, Section

__all__ = ["errors_read_well"]

LAN = Section("lan", "interface", {"proto": "static", "ipaddr": "192.168.7.1/24"})
ULA = Section("globals", "globals", {"ula_prefix": "fd00::/48"})
SERVER = Section("own", "dhcp", {"interface": "lan"})
ALL = frozenset({"odhcpd", "relayd"})
RELAYD, BY_RELAY, NAT66 = Relay(kind="relayd"), Relay(ipv6="relay"), Relay(ipv6="nat66")


def packages(**more: tuple[Section, ...]) -> dict[str, Package]:
    """Of a router where every way can be had, with other sections in some."""
    found: dict[str, Any] = {"network": (ULA, LAN), "firewall": (), "dhcp": (SERVER,), **more}
    return {name: Package(name, sections) for name, sections in found.items()}


def test_the_default_needs_nothing_but_two_interfaces_in_the_zone() -> None:
    found = needed(Relay(interface="up"), packages(dhcp=()), frozenset())
    assert (found.loans, found.made, found.members) == ((), (), ("up", "up6"))
    assert packages_for(Relay()) == frozenset()
    for each in (RELAYD, BY_RELAY, NAT66):
        assert packages_for(each) == {"dhcp"}


def test_the_interfaces_of_each_way_that_belong_into_the_zone() -> None:
    members = [needed(each, packages(), ALL).members for each in (RELAYD, BY_RELAY, NAT66)]
    assert members == [(), ("wwan", "wwan6"), ("wwan", "wwan6")]


def test_a_router_that_nobody_asked_for_its_services_may_have_them() -> None:
    for each in (RELAYD, BY_RELAY, NAT66):
        assert needed(each, packages()) == needed(each, packages(), ALL)


@pytest.mark.parametrize(
    ("relay", "service"), [(RELAYD, "relayd"), (BY_RELAY, "odhcpd"), (NAT66, "odhcpd")]
)
def test_a_service_that_is_missing_is_named_with_how_to_have_it(relay: Relay, service: str) -> None:
    with pytest.raises(Refused) as refused:
        needed(relay, packages(), ALL - {service})
    wish = f"kind: {relay.kind}" if service == "relayd" else f"ipv6: {relay.ipv6}"
    assert refused.value.message.startswith(f"relay: {{{wish}}} needs {service}, which this")
    for command in ("opkg install", "apk add", "/etc/init.d/"):
        assert f"{command} {service}".replace("/ ", "/") in refused.value.hint
    assert f"/etc/init.d/{service} enable" in refused.value.hint


def test_a_server_of_addresses_that_is_not_there_is_no_way() -> None:
    other = Section("guest", "dhcp", {"interface": "guest"})
    for each in (RELAYD, BY_RELAY, NAT66):
        for there in (packages(dhcp=(other,)), packages(dhcp=())):
            with pytest.raises(Refused, match="no section for lan: this router gives no"):
                needed(each, there, ALL)
        assert needed(each, packages(dhcp=(other, SERVER)), ALL).loans


def test_the_owner_s_own_section_for_the_uplink_is_not_ours_to_take() -> None:
    theirs = Section("mine", "dhcp", {"interface": "wwan6"})
    with pytest.raises(Refused, match=r"has a section for wwan6 already \(mine\)"):
        needed(BY_RELAY, packages(dhcp=(SERVER, theirs)), ALL)
    ours = Section("wifirelay", "dhcp", {"interface": "wwan6"})
    found = needed(BY_RELAY, packages(dhcp=(SERVER, ours)), ALL)
    (made,) = found.made
    options = {"interface": "wwan6", "ignore": "1", "master": "1"}
    assert made.options == options | dict.fromkeys(("ra", "dhcpv6", "ndp"), "hybrid")


@pytest.mark.parametrize("found", [(LAN,), (Section("globals", "globals", {}), LAN)])
def test_nat66_needs_addresses_of_its_own_to_translate(found: tuple[Section, ...]) -> None:
    with pytest.raises(Refused, match=r"\(ULA\), which NAT66 needs") as refused:
        needed(NAT66, packages(network=found), ALL)
    command = "`uci set network.globals.ula_prefix='fd4a:7d5c:1b2e::/48'; uci commit network`"
    assert command in refused.value.hint


def test_nat66_gives_clients_a_64_of_it_where_they_have_none() -> None:
    assigns = Loan("network", "lan", "ip6assign", "64")
    assert assigns in needed(NAT66, packages(), ALL).loans
    has = Section("lan", "interface", {"ip6assign": "60"})
    for network in ((ULA, has), (ULA,)):
        assert assigns not in needed(NAT66, packages(network=network), ALL).loans


def test_what_an_owner_is_told_before_it_is_written() -> None:
    network = Package("network", (LAN,))
    told = {each: meaning(each, network) for each in (Relay(), RELAYD, BY_RELAY, NAT66)}
    assert told[Relay()] == ()
    assert [len(each) for each in told.values()] == [0, 3, 1, 1]
    for lines in told.values():
        for line in lines:
            reads_well(line)
    where_from, reach, six = told[RELAYD]
    assert "have none while no uplink works" in where_from
    assert "an address beside 192.168.7.1 by hand" in reach
    assert "IPv4 alone" in six
    assert "its own /64" in told[BY_RELAY][0]
    assert "they take IPv4" in told[NAT66][0]
    for bare in (Package("network"), Package("network", (Section("lan", "interface", {}),))):
        assert "an address beside its own by hand" in meaning(RELAYD, bare)[1]
