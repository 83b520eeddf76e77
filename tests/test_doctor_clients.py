# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of what clients have of the uplink: IPv6, and relayd in place of NAT."""

from dataclasses import replace
from typing import Any

import pytest
from healthy import BROKEN, GOOD, says, subnet
from known import logical, own, wireless

from wifirelay.core.baseline import setup_edits
from wifirelay.core.known import Relay
from wifirelay.core.owned import CREATED, Owned
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.services import Services
from wifirelay.uci.edits import Verb
from wifirelay.uci.model import Package, Section

LAN = subnet("lan", "br-lan", "192.168.77.1/24")
UP = logical("wwan", "phy0-sta0", "10.10.1.176/24")
SIX = logical("wwan6", "phy0-sta0", "2001:db8:1::176/64")
ALONE = {"lan": LAN, "wwan": UP}
DHCP = Package("dhcp", (Section("lan", "dhcp", {"interface": "lan", "ra": "server"}),))
BR_LAN = Section("br", "device", {"name": "br-lan", "type": "bridge"}, True)
NETWORK = Package(
    "network",
    (
        Section("globals", "globals", {"ula_prefix": "fd00::/48"}),
        Section("lan", "interface", {"ip6assign": "60"}),
        Section("wwan", "interface", {"proto": "dhcp"}),
        Section("wwan6", "interface", {"proto": "dhcpv6", "device": "@wwan"}),
    ),
)
FIREWALL = Package(
    "firewall",
    (
        Section("wan", "zone", {"name": "wan", "masq": "1", "input": "REJECT"}),
        Section("out", "forwarding", {"src": "lan", "dest": "wan"}),
    ),
)
SERVICES = Services(frozenset(), frozenset({"odhcpd", "relayd", "wifirelay-sentry"}))


@pytest.mark.parametrize(
    ("ipv6", "interfaces", "verdict", "text"),
    [
        ("delegated", {"lan": LAN}, "ok", "no uplink works now"),
        ("delegated", ALONE, "ok", "gives none"),
        ("delegated", {**ALONE, "wwan6": replace(SIX, up=False)}, "ok", "gives none"),
        ("delegated", {**ALONE, "wwan6": SIX}, "warning", "clients have none"),
        ("delegated", {**ALONE, "wwan6": SIX}, "warning", "relay: {ipv6: nat66}"),
        ("delegated", {**ALONE, "wwan6": replace(SIX, delegated=True)}, "ok", "delegates a prefix"),
        ("delegated", BROKEN, "unknown", ""),
    ],
)
def test_ipv6_as_the_upstream_gives_it(
    ipv6: str, interfaces: dict[str, LogicalInterface], verdict: str, text: str
) -> None:
    says("ipv6", verdict, text, interfaces=interfaces, relay=Relay(ipv6=ipv6))


def as_set_up(relay: Relay) -> dict[str, Any]:
    """The facts of a router on which setup did this."""
    before = wireless(own())
    owned = Owned(before, NETWORK, FIREWALL, DHCP, SERVICES.enabled)
    packages = {
        each.name: {s.name: s for s in each} for each in (before, *owned.by_name().values())
    }
    for edit in setup_edits(owned, relay):
        there = packages[edit.package]
        if edit.option is None:
            there[edit.section] = Section(edit.section, edit.value or "", {})
            continue
        section = there[edit.section]
        old = section.items(edit.option)
        value: str | tuple[str, ...] = edit.value or ""
        if edit.verb is Verb.ADD_LIST:
            value = (*old, edit.value or "")
        there[edit.section] = replace(section, options={**section.options, edit.option: value})
    found: dict[str, Any] = {
        name: Package(name, tuple(sections.values())) for name, sections in packages.items()
    }
    return {**found, "services": SERVICES, "relay": relay}


WISHES = [
    ("ipv6", Relay(ipv6="relay"), "addresses of the upstream's own"),
    ("ipv6", Relay(ipv6="nat66"), "NAT66"),
    ("bridge", Relay(kind="relayd"), "take an address in 192.168.77.0/24"),
]


@pytest.mark.parametrize(("check", "relay", "text"), WISHES)
def test_what_is_wished_for_and_there(check: str, relay: Relay, text: str) -> None:
    facts = as_set_up(relay)
    says(check, "ok", text, interfaces={**ALONE, "wwan6": SIX}, **facts)
    says("firewall", "ok", **facts)


@pytest.mark.parametrize(("check", "relay", "text"), WISHES)
def test_what_is_wished_for_and_not_there(check: str, relay: Relay, text: str) -> None:
    facts = as_set_up(relay)
    bare = {**facts, "dhcp": DHCP, "firewall": FIREWALL}
    says(check, "problem", "not all of it is there", "dhcp.lan", "`wifirelay setup`", **bare)
    nobody = Services(frozenset(), frozenset())
    says(check, "problem", "which this router does not have", **{**facts, "services": nobody})
    out = Package("wireless", tuple(s for s in facts["wireless"] if not s.items(CREATED)))
    says(check, "warning", "not set up", **{**facts, "wireless": out})
    for name in ("wireless", "network", "firewall", "dhcp", "services"):
        says(check, "unknown", **{**facts, name: BROKEN})


def test_relayd_leaves_ipv6_to_the_router_alone() -> None:
    facts = as_set_up(Relay(kind="relayd"))
    says("ipv6", "ok", "relayd passes IPv4", interfaces={**ALONE, "wwan6": SIX}, **facts)
    says("bridge", "ok", "by NAT", relay=GOOD.relay)


def test_where_a_bridged_router_is_reached() -> None:
    facts = as_set_up(Relay(kind="relayd"))
    for interfaces in (BROKEN, {"wwan": UP}, {"lan": replace(LAN, addresses=())}):
        one = says("bridge", "ok", interfaces=interfaces, **facts)
        assert one.evidence.endswith("to reach this router, take an address by hand")


# --- a station in the bridge (WDS) ---

BRIDGED = Relay(kind="wds")


def in_the_bridge(**changes: Any) -> dict[str, Any]:
    """The facts of a router that is set up so."""
    lan = Section("lan", "interface", {"proto": "static", "device": "br-lan"})
    uplinks = [
        Section("wwan", "interface", {"proto": "dhcp", "device": "@lan"}),
        Section("wwan6", "interface", {"proto": "dhcpv6", "device": "@wwan"}),
    ]
    network = Package("network", (NETWORK.sections[0], lan, BR_LAN, *uplinks))
    off = dict.fromkeys(("dhcpv4", "ra", "dhcpv6", "ndp"), "disabled")
    dhcp = Package("dhcp", (Section("lan", "dhcp", {"interface": "lan", "ignore": "1", **off}),))
    facts: dict[str, Any] = {
        "wireless": wireless(own(network="lan", wds="1")),
        "network": network,
        "firewall": FIREWALL,
        "dhcp": dhcp,
        "services": SERVICES,
        "relay": BRIDGED,
        "interfaces": ALONE,
    }
    return {**facts, **changes}


def test_a_station_in_the_bridge_as_it_is_wanted() -> None:
    facts = in_the_bridge()
    one = says("bridge", "ok", **facts)
    assert one.evidence.startswith("a station in its bridge (WDS) joins lan to the upstream; ")
    says("ipv6", "ok", "clients have what the upstream's network gives them", **facts)
    one = says("bridge", "ok", **as_set_up(Relay(kind="relayd")), interfaces=ALONE)
    assert one.evidence.startswith("relayd joins lan")


def wan(*networks: str) -> Package:
    return Package("firewall", (Section("wan", "zone", {"name": "wan", "network": networks}),))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"network": NETWORK}, "needs a bridge"),
        ({"firewall": wan("wwan")}, "wwan is in the zone `wan`, and"),
        ({"firewall": wan("wan", "wwan6")}, "wwan6 is in the zone `wan`, and"),
        ({"firewall": wan("wwan", "wwan6")}, "wwan and wwan6 is in the zone `wan`, and"),
        ({"wireless": wireless(own())}, "not in the bridge of lan: wifirelay"),
        (
            {"wireless": wireless(own(), own("wifirelay_radio1", "radio1"))},
            "not in the bridge of lan: wifirelay, wifirelay_radio1",
        ),
        ({"dhcp": DHCP}, "not all of it is there: dhcp.lan"),
    ],
)
def test_what_of_the_bridge_is_not_as_it_is_wanted(changes: dict[str, Any], text: str) -> None:
    one = says("bridge", "problem", text, **in_the_bridge(**changes))
    assert "wifirelay setup" in one.remedy or "uci" in one.remedy


@pytest.mark.parametrize("options", [None, {}, {"device": ""}, {"device": "@wan"}])
def test_an_uplink_that_does_not_ask_through_the_bridge(options: dict[str, str] | None) -> None:
    facts = in_the_bridge()
    there = [each for each in facts["network"] if each.name != "wwan"]
    if options is not None:
        there.append(Section("wwan", "interface", {"proto": "dhcp", **options}))
    facts["network"] = Package("network", tuple(there))
    text = "wwan does not ask through the bridge of lan"
    if options is not None:  # an owner's: setup does not bend it
        text = "another interface called wwan, without `device '@lan'`"
    says("bridge", "problem", text, **facts)
