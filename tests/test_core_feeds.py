# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks of IPv6 alone, as values: the interface's name, what feeds it and when it is up, setup's
edits, who may be joined, what the check-up says."""

import re
from dataclasses import replace
from typing import Any

import pytest
from healthy import says as doctor_says
from hypothesis import given
from hypothesis import strategies as st
from known import Uci, bss, logical, meaning, network, own, router, wireless
from reading import errors_read_well
from setting_up import KNOWS, RELAY, put, read, set_up

from wifirelay.core.baseline import setup_edits, undo_edits
from wifirelay.core.feeds import (
    fed,
    feeding,
    interface_for,
    interface_of,
    ipv6_interface,
    is_made,
    is_own,
)
from wifirelay.core.feeds_setup import ipv6_options, untranslated
from wifirelay.core.known import FixedAddress, Relay
from wifirelay.core.owned import CREATED
from wifirelay.core.plan import Action, interface_in_use, make_plan, working_uplink
from wifirelay.errors import Refused
from wifirelay.router.interfaces import (
    LogicalInterface,
    other_uplink,
    overlapping,
    parse_interfaces,
    preferred_route,
)
from wifirelay.router.state import Router
from wifirelay.service.hands import StagedByOthers
from wifirelay.sim.clat import device_of
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import Change

__all__ = ["errors_read_well"]
PHONE = network("Phone6", ipv6_only=True)
TABLET = network("Tablet6", ipv6_only=True)
NAME = "wwan_6"
STATION, CLAT = "phy0-sta0", "464-wwan_6_4"


def six(**changes: Any) -> LogicalInterface:
    """The interface of IPv6 alone, as netifd tells of it."""
    there = replace(
        logical(NAME, STATION, "2001:db8:1::176/64"),
        proto="dhcpv6",
        metric=20,
        gateway="fe80::1",
        dns=("fe80::1", "2001:db8:1::53"),
        routes=("2001:db8:1::/64",),
    )
    return replace(there, **changes)


def clat(**changes: Any) -> LogicalInterface:
    """What translates IPv4 over it: it has no address (464xlat.sh)."""
    there = replace(logical(f"{NAME}_4", CLAT), proto="464xlat", metric=2048, device=None)
    return replace(there, **changes)


def both(a: LogicalInterface | None = None, b: LogicalInterface | None = None) -> dict[str, Any]:
    return {NAME: a or six(), f"{NAME}_4": b or clat()}


# --- the name ---


@given(st.text("abcwlan_019", min_size=1, max_size=15))
def test_the_name_is_short_enough_for_the_device_that_netifd_makes_of_it(uplink: str) -> None:
    name = interface_for(PHONE, uplink)
    assert re.fullmatch(r"[A-Za-z0-9_]{3,8}", name)
    assert name == ipv6_interface(uplink) == interface_for(TABLET, uplink)
    assert name == uplink[:6] + "_6"
    assert device_of(f"{name}_4")
    assert is_made(name, uplink)
    assert is_own(name, uplink)
    assert is_own(f"{name}_4", uplink)
    assert is_own(f"{uplink}6_4", uplink)  # what netifd makes beside the companion
    assert not is_made(f"{name}_4", uplink)


def test_longer_by_two_letters_it_would_have_no_device() -> None:
    assert device_of("a" * 11) == "464-" + "a" * 11
    assert device_of("a" * 12) == ""


@pytest.mark.parametrize("name", ["wwan_4", "wwan_6_5", "wwan_66", "wwan_", "6", "lan", "wwan_7"])
def test_what_is_no_such_name(name: str) -> None:
    assert not is_own(name, "wwan")
    assert interface_of(own(network=name), "wwan") == "wwan"


def test_the_own_section_names_it() -> None:
    assert interface_of(own(network=NAME), "wwan") == NAME
    assert interface_of(own(network=f"{NAME}_4"), "wwan") == "wwan"


# --- one uplink of two interfaces ---


def test_it_is_up_when_there_is_ipv4_over_it() -> None:
    there = fed(NAME, both())
    assert there == six(l3_device=CLAT, metric=2048, dns=("fe80::1%phy0-sta0", "2001:db8:1::53"))
    assert there is not None
    assert (there.ifname, there.device) == (CLAT, STATION)


@pytest.mark.parametrize(
    "found",
    [
        {NAME: six()},
        both(six(up=False)),
        both(six(addresses=())),
        both(None, clat(up=False)),
        both(None, clat(default_route=False)),
    ],
)
def test_without_one_half_it_is_down(found: dict[str, LogicalInterface]) -> None:
    there = fed(NAME, found)
    assert there == replace(found[NAME], up=False)


def test_any_other_interface_is_what_it_is() -> None:
    wwan = logical("wwan", STATION, "10.10.1.176/24")
    assert fed("wwan", {"wwan": wwan, "wwan_4": clat(name="wwan_4")}) is wwan
    assert fed(NAME, {"wwan": wwan}) is None


def test_what_feeds_the_router_is_what_is_up() -> None:
    down = logical("wwan", None, up=False)
    assert feeding({"wwan": down, **both()}, "wwan") == fed(NAME, both())
    assert feeding({"wwan": down, NAME: six()}, "wwan") is down
    assert feeding({"wwan": down, **both()}, "other") is None


# --- routes ---


def test_the_metric_of_464xlat_is_that_of_its_route() -> None:
    def told(target: str, **more: object) -> int:
        row = {"interface": "x", "route": [{"target": target, "mask": 0, **more}], "metric": 7}
        return parse_interfaces({"interface": [row]})["x"].metric

    assert told("0.0.0.0", metric=2048) == 2048
    assert told("0.0.0.0") == 7
    assert told("0.0.0.0", metric="2048") == 7
    assert told("::", metric=512) == 7  # of IPv6: says nothing of IPv4
    assert parse_interfaces({"interface": [{"interface": "x"}]})["x"].metric == 0


def test_its_own_default_route_is_nobody_else_s_and_every_other_one_goes_before() -> None:
    mine = fed(NAME, both())
    assert mine is not None
    assert preferred_route(mine, both()) is None
    wan = replace(logical("wan", "eth0", "10.64.0.5/24"), metric=0)
    assert preferred_route(mine, {**both(), "wan": wan}) == "wan"
    assert preferred_route(mine, {**both(), "wan": replace(wan, metric=2048)}) == "wan"
    assert preferred_route(mine, {**both(), "wan": replace(wan, metric=2049)}) is None


def test_what_netifd_makes_beside_wwan6_is_no_other_uplink_and_goes_behind_wwan() -> None:
    wwan = replace(logical("wwan", STATION, "10.10.1.176/24"), metric=20)
    beside = {"wwan": wwan, "wwan6_4": clat(name="wwan6_4", l3_device="464-wwan6_4")}
    assert other_uplink("wwan", beside) is None
    assert preferred_route(wwan, beside) is None


def test_it_is_no_other_uplink_beside_itself() -> None:
    assert other_uplink(NAME, both()) is None
    wan = logical("wan", "eth0", "10.64.0.5/24")
    assert other_uplink(NAME, {**both(), "wan": wan}) == "wan"


def test_its_addresses_clash_with_what_has_them_too() -> None:
    mine = fed(NAME, both())
    assert mine is not None
    assert overlapping(mine, both()) is None
    dmz = logical("dmz", "br-dmz", "2001:db8:1::1/48")
    clash = overlapping(mine, {**both(), "dmz": dmz})
    assert clash is not None
    assert clash[0] is dmz


# --- the uplink in use ---


def joined(found: dict[str, LogicalInterface]) -> Router:
    at = router(uplink="Phone6")
    section = own(ssid="Phone6", encryption="psk2", disabled="0", network=NAME)
    interfaces = {"lan": at.interfaces["lan"], "wwan": logical("wwan", None, up=False), **found}
    return replace(at, wireless=wireless(section), interfaces=interfaces)


def test_the_uplink_works_while_both_halves_do() -> None:
    at = joined(both())
    uplink = working_uplink(at, RELAY)
    assert uplink is not None
    assert uplink.ssid == PHONE.ssid
    assert interface_in_use(at, RELAY) == NAME
    lost = joined(both(None, clat(up=False)))
    assert working_uplink(lost, RELAY) is None
    assert interface_in_use(lost, RELAY) == NAME
    half = replace(joined({NAME: six()}), interfaces={NAME: six(), "wwan": logical("wwan", "x")})
    two = wireless(own(disabled="0", network=NAME), own("wifirelay_2", "radio1", disabled="0"))
    assert interface_in_use(replace(half, wireless=two), RELAY) == "wwan"  # the one that is up
    elsewhere = joined(both(six(l3_device="phy1-sta0", device="phy1-sta0")))
    assert working_uplink(elsewhere, RELAY) is None


def test_it_is_stayed_on() -> None:
    made = make_plan(joined(both()), [bss("Phone6")], [PHONE], RELAY)
    assert made.decision.action is Action.STAY


# --- who may be joined ---


def there(*interfaces: LogicalInterface) -> Router:
    on = router()
    return replace(on, interfaces={**on.interfaces, **{each.name: each for each in interfaces}})


@pytest.mark.parametrize("hidden", [False, True])
def test_without_its_interface_it_is_no_candidate(hidden: bool) -> None:
    heard = [] if hidden else [bss("Phone6")]
    made = make_plan(router(), heard, [replace(PHONE, hidden=hidden)], RELAY)
    why = "the router has no interface for IPv6 alone yet: `wifirelay setup`"
    assert [each.why_not for each in made.candidates] == [why]
    assert made.edits == ()


def test_with_it_the_own_section_is_all_that_is_written() -> None:
    idle = six(up=False, l3_device=None, device=None, addresses=())
    made = make_plan(there(idle), [bss("Phone6")], [PHONE], RELAY)
    assert made.decision.action is Action.JOIN
    assert {(edit.package, edit.section) for edit in made.edits} == {("wireless", "wifirelay")}
    assert f"set wireless.wifirelay.network='{NAME}'" in [edit.shown() for edit in made.edits]
    assert make_plan(there(idle), [bss()], [network()], RELAY).decision.action is Action.JOIN


@pytest.mark.parametrize("kind", ["relayd", "wds"])
def test_where_clients_are_to_get_addresses_from_the_network_it_is_no_candidate(kind: str) -> None:
    here = there(six())
    if kind == "wds":
        here = replace(here, wireless=wireless(own(network="lan", wds="1")))
    made = make_plan(here, [bss("Phone6")], [PHONE], Relay(kind=kind))
    why = f"it has IPv6 alone, and relay.kind {kind} is proved by an IPv4 lease"
    assert [each.why_not for each in made.candidates] == [why]


def test_a_network_without_the_key_asks_for_an_address_as_ever() -> None:
    assert interface_for(network("Phone6"), "wwan") == "wwan"
    assert make_plan(router(), [bss()], [network()], RELAY).decision.action is Action.JOIN


# --- setup ---


def test_setup_makes_one_interface_for_all_of_them(uci: Uci) -> None:
    set_up(put(uci))
    assert set_up(uci, PHONE, network(), TABLET) == [
        f"set network.{NAME}=interface",
        f"set network.{NAME}.proto='dhcpv6'",
        f"set network.{NAME}.metric='20'",
        f"add_list firewall.@zone[0].network='{NAME}'",
        f"add_list firewall.@zone[0].network='{NAME}_4'",
        f"add_list wireless.wifirelay.{CREATED}='interface:{NAME}'",
        f"add_list wireless.wifirelay.{CREATED}='zone:{NAME}'",
        f"add_list wireless.wifirelay.{CREATED}='zone:{NAME}_4'",
    ]
    assert set_up(uci, TABLET) == []


def test_undoing_takes_it_out_with_the_rest(uci: Uci) -> None:
    before = [meaning(each) for each in (read(put(uci)).network, read(uci).firewall)]
    set_up(uci, PHONE)
    uci.apply(undo_edits(read(uci)))
    uci.commit()
    assert [meaning(each) for each in (read(uci).network, read(uci).firewall)] == before


def test_what_no_network_wants_any_more_goes_unless_it_is_in_use(uci: Uci) -> None:
    set_up(put(uci), PHONE)
    assert set_up(uci, tidy=False) == []
    uci.apply([Edit(Verb.SET, "wireless", "wifirelay", "network", NAME)])
    uci.commit()
    assert set_up(uci) == []
    uci.apply([Edit(Verb.SET, "wireless", "wifirelay", "network", "wwan")])
    assert set_up(uci, network("Phone6")) == [
        f"del_list firewall.@zone[0].network='{NAME}'",
        f"del_list firewall.@zone[0].network='{NAME}_4'",
        f"delete network.{NAME}",
        f"del_list wireless.wifirelay.{CREATED}='interface:{NAME}'",
        f"del_list wireless.wifirelay.{CREATED}='zone:{NAME}'",
        f"del_list wireless.wifirelay.{CREATED}='zone:{NAME}_4'",
    ]
    names = [each.name for each in uci.read("network").of_kind("interface")]
    assert names == ["wwan", "wwan6"]


def test_it_and_a_fixed_address_s_interface_know_each_other(uci: Uci) -> None:
    berth = network("Marina", fixed=FixedAddress("192.168.5.20/24", "192.168.5.1"))
    fixed = interface_for(berth, "wwan")
    set_up(put(uci), PHONE, TABLET, berth)
    names = [each.name for each in uci.read("network").of_kind("interface")]
    assert names == ["wwan", "wwan6", NAME, fixed]
    assert f"delete network.{NAME}" in set_up(uci, berth)
    assert f"delete network.{fixed}" in set_up(uci, PHONE)


def test_the_companion_of_an_oddly_named_relay_stays(uci: Uci) -> None:
    odd = Relay(interface="wlan_")
    set_up(put(uci), PHONE, relay=odd)
    set_up(uci, relay=odd)
    names = [each.name for each in uci.read("network").of_kind("interface")]
    assert names == ["wlan_", "wlan_6"]


def test_what_somebody_changed_in_it_is_put_right_and_theirs_is_refused(uci: Uci) -> None:
    set_up(put(uci), PHONE)
    wrong = {"auto": "0", "device": "@wwan", "iface_464xlat": "0", "dynamic": "0", "mtu": "1400"}
    uci.apply([Edit(Verb.SET, "network", NAME, option, text) for option, text in wrong.items()])
    assert set(set_up(uci, PHONE)) == {
        f"delete network.{NAME}.{option}" for option in wrong if option != "mtu"
    }
    put(uci, f"config interface '{NAME}'\n\toption proto 'dhcp'\n")
    with pytest.raises(Refused, match=f"another interface called {NAME}"):
        setup_edits(read(uci), RELAY, [PHONE])
    theirs = uci.read("network").section(NAME)
    set_up(uci)
    assert uci.read("network").section(NAME) == theirs


def test_with_nat66_what_it_routes_is_for_clients_addresses_too() -> None:
    assert ipv6_options(RELAY, "20") == {"proto": "dhcpv6", "metric": "20"}
    assert ipv6_options(Relay(ipv6="relay"), "7") == {"proto": "dhcpv6", "metric": "7"}
    nat66 = {"proto": "dhcpv6", "metric": "20", "sourcefilter": "0"}
    assert ipv6_options(Relay(ipv6="nat66"), "20") == nat66


def test_another_word_of_relay_ipv6_is_followed(uci: Uci) -> None:
    put(uci, "config globals 'globals'\n\toption ula_prefix 'fd4a:7d5c:1b2e::/48'\n")
    uci.put(dhcp="config dhcp 'lan'\n\toption interface 'lan'\n")
    set_up(uci, PHONE)
    nat66 = Relay(ipv6="nat66")
    assert f"set network.{NAME}.sourcefilter='0'" in set_up(uci, PHONE, relay=nat66)
    assert f"delete network.{NAME}.sourcefilter" in set_up(uci, PHONE)


POOR = KNOWS - {"464xlat"}


def test_a_router_that_cannot_translate_is_set_up_for_all_else(uci: Uci) -> None:
    bare = setup_edits(read(put(uci), POOR), RELAY, [network()])
    assert bare
    known = [network(), PHONE]
    assert setup_edits(read(uci, POOR), RELAY, known) == bare
    (told,) = untranslated(read(uci, POOR), RELAY, known)
    assert told.startswith("Phone6: IPv6 alone (ipv6_only), and ")
    words = ("464xlat", "no interface is made", "opkg install 464xlat", "apk add 464xlat")
    for word in (*words, "/etc/init.d/network restart", "`wifirelay setup` again"):
        assert word in told
    assert untranslated(read(uci, POOR), RELAY, [network()]) == ()
    assert untranslated(read(uci), RELAY, known) == ()
    assert untranslated(read(uci, None), RELAY, known) == ()  # not asked: nothing is known
    assert len(setup_edits(read(uci, None), RELAY, known)) > len(bare)


def test_an_interface_whose_package_is_gone_stays(uci: Uci) -> None:
    set_up(put(uci), PHONE)
    assert setup_edits(read(uci, POOR), RELAY, [PHONE], tidy=True) == ()
    (told,) = untranslated(read(uci, POOR), RELAY, [PHONE])
    assert f"{NAME}, made before, stays, and is no use" in told
    assert f"delete network.{NAME}" in [
        each.shown() for each in setup_edits(read(uci, POOR), RELAY, [network()], tidy=True)
    ]


def test_an_interface_of_somebody_s_is_not_taken_where_nothing_translates(uci: Uci) -> None:
    put(uci, f"config interface '{NAME}'\n\toption proto 'dhcp'\n")
    assert NAME not in {each.section for each in setup_edits(read(uci, POOR), RELAY, [PHONE])}


@pytest.mark.parametrize("kind", ["relayd", "wds"])
def test_a_bridge_has_no_interface_for_networks_that_it_does_not_join(uci: Uci, kind: str) -> None:
    put(uci, "config interface 'lan'\n\toption type 'bridge'\n")
    uci.put(dhcp="config dhcp 'lan'\n\toption interface 'lan'\n")
    berth = network("Marina", fixed=FixedAddress("192.168.5.20/24", "192.168.5.1"))
    fixed = interface_for(berth, "wwan")
    set_up(uci, PHONE, berth)
    bridged = Relay(kind=kind)
    assert untranslated(read(uci, POOR), bridged, [PHONE]) == ()
    done = set_up(uci, PHONE, berth, relay=bridged)
    assert {f"delete network.{NAME}", f"delete network.{fixed}"} <= set(done)
    assert NAME not in uci.read("firewall").of_kind("zone")[0].items("network")
    assert f"set network.{NAME}=interface" in set_up(uci, PHONE, berth)


# --- other hands, and the check-up ---


def test_somebody_s_edits_of_it_are_the_trial_s_business() -> None:
    changes = tuple(Change("network", "set", name, "mtu", "1400") for name in ("dmz", NAME))
    staged = StagedByOthers(changes, since=0.0)
    assert [each.section for each in staged.tolerable(1e6, RELAY, "radio0")] == ["dmz"]


SECTIONS = tuple(Section(name, "interface", {"proto": "dhcp"}) for name in ("lan", "wwan"))
MADE = Section(NAME, "interface", {"proto": "dhcpv6"})


def test_doctor_misses_its_interface_and_what_translates() -> None:
    package = Package("network", SECTIONS)
    one = doctor_says("setup", "warning", "IPv6 alone", known=(PHONE,), network=package)
    assert "wifirelay setup" in one.remedy
    doctor_says("setup", "ok", known=(network(),), network=package)
    package = Package("network", (*SECTIONS, MADE))
    facts: dict[str, Any] = {"known": (PHONE,), "network": package}
    doctor_says("setup", "ok", protocols=KNOWS, **facts)
    doctor_says("setup", "ok", **facts)  # a recording does not tell
    one = doctor_says("setup", "warning", "does not know 464xlat", protocols=POOR, **facts)
    assert "opkg install 464xlat" in one.remedy
    doctor_says("setup", "ok", protocols=POOR, known=(network(),), network=package)
    for kind in ("relayd", "wds"):
        by = {"relay": Relay(kind=kind), "network": Package("network", SECTIONS)}
        doctor_says("setup", "ok", protocols=POOR, known=(PHONE,), **by)
    doctor_says("firewall", "problem", f"{NAME}, {NAME}_4 is not in", network=package)


@pytest.mark.parametrize(
    ("ipv6", "delegated", "verdict", "text"),
    [
        ("delegated", False, "warning", "delegates no prefix"),
        ("delegated", True, "ok", "delegates a prefix"),
        ("relay", True, "ok", "delegates a prefix"),
        ("relay", False, "warning", "clients have IPv4 over it"),
    ],
)
def test_doctor_knows_what_clients_have_of_it(
    monkeypatch: pytest.MonkeyPatch, ipv6: str, delegated: bool, verdict: str, text: str
) -> None:
    monkeypatch.setattr("wifirelay.core.doctor.clients._not_as_wished", lambda *_: None)
    found = {"wwan": logical("wwan", None, up=False), **both(six(delegated=delegated))}
    one = doctor_says("ipv6", verdict, text, interfaces=found, relay=Relay(ipv6=ipv6))
    assert "ipv6: relay" not in one.remedy  # which does nothing there
    if verdict == "warning":
        assert "`relay: {ipv6: nat66}`" in one.remedy
