# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks that give no address, as values: the name, setup's edits, who may be joined."""

import re
from dataclasses import replace
from ipaddress import IPv4Interface

import pytest
from healthy import says as doctor_says
from healthy import subnet
from hypothesis import assume, given
from hypothesis import strategies as st
from known import Uci, bss, logical, meaning, network, own, router, wireless
from reading import errors_read_well
from setting_up import RELAY, put, read, set_up

from wifirelay.core.baseline import held_back, setup_edits, undo_edits
from wifirelay.core.feeds import feeding, interface_for, interface_of, is_made, is_own
from wifirelay.core.known import FixedAddress, KnownNetwork, Relay, Vpn
from wifirelay.core.owned import CREATED
from wifirelay.core.plan import (
    Action,
    Plan,
    interface_in_use,
    make_plan,
    plan_join,
    working_uplink,
)
from wifirelay.errors import Refused
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.service.hands import StagedByOthers
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import Change

__all__ = ["errors_read_well"]
BERTH = FixedAddress("192.168.5.20/24", "192.168.5.1", ("192.168.5.1", "9.9.9.9"))
MARINA = network("Marina", fixed=BERTH)
NAME = interface_for(MARINA, "wwan")

# --- the name ---


@given(st.text("abcwlan_019", min_size=1, max_size=15), st.binary(min_size=1, max_size=32))
def test_a_name_is_one_of_uci_and_no_longer_than_a_device_s(uplink: str, raw: bytes) -> None:
    assume(
        not is_made(uplink, uplink) and not is_made(uplink + "6", uplink)
    )  # no relay's: model.py
    known = replace(MARINA, ssid=type(MARINA.ssid)(raw))
    name = interface_for(known, uplink)
    assert re.fullmatch(r"[A-Za-z0-9_]{1,15}", name)
    assert name == interface_for(replace(known, priority=7, hidden=True), uplink)
    assert is_made(name, uplink)
    assert is_own(name, uplink)
    assert interface_for(replace(known, fixed=None), uplink) == uplink


def test_all_that_it_holds_makes_another_name() -> None:
    others = (
        replace(MARINA, fixed=replace(BERTH, address="192.168.5.21/24")),
        replace(MARINA, fixed=replace(BERTH, gateway="192.168.5.2")),
        replace(MARINA, fixed=replace(BERTH, dns=("9.9.9.9", "192.168.5.1"))),
        network("Marina2", fixed=BERTH),
    )
    assert len({NAME, *(interface_for(each, "wwan") for each in others)}) == 5
    assert NAME.startswith("wwan_")


@pytest.mark.parametrize(
    "name", ["lan", "wwan", "wwan_", "wwan_usbmodem", "wwan_0123456", "wwan_012345678"]
)
def test_what_is_no_such_name(name: str) -> None:
    assert not is_made(name, "wwan")
    assert interface_of(own(network=name), "wwan") == "wwan"


# --- setup ---


def test_setup_makes_the_interface_joins_it_to_the_zone_and_notes_it(uci: Uci) -> None:
    set_up(put(uci))
    assert set_up(uci, MARINA, network()) == [
        f"set network.{NAME}=interface",
        f"set network.{NAME}.proto='static'",
        f"set network.{NAME}.ipaddr='192.168.5.20'",
        f"set network.{NAME}.netmask='255.255.255.0'",
        f"set network.{NAME}.gateway='192.168.5.1'",
        f"set network.{NAME}.force_link='0'",
        f"set network.{NAME}.metric='20'",
        f"add_list network.{NAME}.dns='192.168.5.1'",
        f"add_list network.{NAME}.dns='9.9.9.9'",
        f"add_list firewall.@zone[0].network='{NAME}'",
        f"add_list wireless.wifirelay.{CREATED}='interface:{NAME}'",
        f"add_list wireless.wifirelay.{CREATED}='zone:{NAME}'",
    ]


def test_undoing_takes_it_out_with_the_rest(uci: Uci) -> None:
    before = [meaning(each) for each in (read(put(uci)).network, read(uci).firewall)]
    set_up(uci, MARINA)
    uci.apply(undo_edits(read(uci)))
    uci.commit()
    assert [meaning(each) for each in (read(uci).network, read(uci).firewall)] == before
    assert not [name for name, _, _ in meaning(uci.read("wireless")) if "wifirelay" in name]


def test_what_no_network_wants_any_more_goes(uci: Uci) -> None:
    set_up(put(uci))
    without = [meaning(uci.read(name)) for name in ("wireless", "network", "firewall")]
    set_up(uci, MARINA)
    assert set_up(uci, tidy=False) == []
    assert set_up(uci, network("Marina")) == [
        f"del_list firewall.@zone[0].network='{NAME}'",
        f"delete network.{NAME}",
        f"del_list wireless.wifirelay.{CREATED}='interface:{NAME}'",
        f"del_list wireless.wifirelay.{CREATED}='zone:{NAME}'",
    ]
    assert [meaning(uci.read(name)) for name in ("wireless", "network", "firewall")] == without


def test_what_the_router_s_own_configuration_may_want_stays(uci: Uci) -> None:
    set_up(put(uci), MARINA)
    there = replace(read(uci), others=True)
    assert setup_edits(there, RELAY, tidy=True) == ()
    assert [edit.shown() for edit in held_back(there, RELAY, (), tidy=True)] == [
        f"del_list firewall.@zone[0].network='{NAME}'",
        f"delete network.{NAME}",
    ]
    assert setup_edits(read(uci), RELAY) == ()  # as long as nobody says that these are all
    assert held_back(there, RELAY, (), tidy=False) == ()
    assert held_back(there, RELAY, (MARINA,), tidy=True) == ()
    pier = network("Pier", fixed=BERTH)
    name = interface_for(pier, "wwan")
    assert {edit.section for edit in setup_edits(there, RELAY, (pier,), tidy=True)} == {
        *(name, "@zone[0]", "wifirelay"),
    }
    held = {edit.section for edit in held_back(there, RELAY, (pier,), tidy=True)}
    assert held == {"@zone[0]", NAME}  # it is written now
    assert [edit.section for edit in undo_edits(there)] == [
        edit.section for edit in undo_edits(read(uci))
    ]


def test_another_address_is_another_interface_and_one_in_use_stays_until_it_is_not(
    uci: Uci,
) -> None:
    set_up(put(uci), MARINA)
    moved = replace(MARINA, fixed=replace(BERTH, address="192.168.5.21/24"))
    uci.apply([Edit(Verb.SET, "wireless", "wifirelay", "network", NAME)])
    assert not [line for line in set_up(uci, moved) if line.startswith("del")]
    names = [each.name for each in uci.read("network").of_kind("interface")]
    assert names == ["wwan", "wwan6", NAME, interface_for(moved, "wwan")]
    uci.apply([Edit(Verb.SET, "wireless", "wifirelay", "network", "wwan")])
    set_up(uci, moved)
    names = [each.name for each in uci.read("network").of_kind("interface")]
    assert names == ["wwan", "wwan6", interface_for(moved, "wwan")]


def test_what_somebody_changed_in_it_is_put_right_and_theirs_is_refused(uci: Uci) -> None:
    set_up(put(uci), MARINA)
    uci.apply(
        [
            Edit(Verb.SET, "network", NAME, "gateway", "192.168.5.9"),
            Edit(Verb.SET, "network", NAME, "auto", "0"),
            Edit(Verb.SET, "network", NAME, "mtu", "1400"),
        ]
    )
    assert set_up(uci, MARINA) == [
        f"delete network.{NAME}.auto",
        f"set network.{NAME}.gateway='192.168.5.1'",
    ]
    put(uci, f"config interface '{NAME}'\n\toption proto 'static'\n")
    with pytest.raises(Refused, match=f"another interface called {NAME}") as refused:
        setup_edits(read(uci), RELAY, [MARINA])
    assert f"`uci delete network.{NAME}; uci commit network`" in refused.value.hint


def test_another_relay_s_interface_takes_the_old_ones_along(uci: Uci) -> None:
    set_up(put(uci), MARINA)
    other = Relay(interface="wlanwan")
    uci.apply([Edit(Verb.SET, "wireless", "wifirelay", "network", "wlanwan")])
    set_up(uci, MARINA, relay=other)
    names = [each.name for each in uci.read("network").of_kind("interface")]
    assert names == ["wwan", "wwan6", "wlanwan", "wlanwan6", interface_for(MARINA, "wlanwan")]


def test_an_owner_s_interface_that_only_looks_like_one_stays(uci: Uci) -> None:
    text = "config interface 'wwan_0123abcd'\n\toption proto 'dhcp'\n"
    set_up(put(uci, text))
    before = meaning(uci.read("network"))
    set_up(uci, MARINA)
    set_up(uci)
    assert meaning(uci.read("network")) == before


# --- who may be joined ---


def berth(up: bool = False) -> LogicalInterface:
    if up:
        return logical(NAME, "phy0-sta0", BERTH.address)
    return logical(NAME, None, up=False)


def there(*interfaces: LogicalInterface, on: Router | None = None) -> Router:
    on = on or router()
    found = {**on.interfaces, **{each.name: each for each in interfaces}}
    return replace(on, interfaces=found)


def plan(on: Router, *known: KnownNetwork) -> Plan:
    return make_plan(on, [bss("Marina")], known or [MARINA], RELAY)


def test_without_its_interface_it_is_no_candidate_and_the_plan_says_what_to_do() -> None:
    made = plan(router())
    why = "the router has no interface for its address 192.168.5.20/24 yet: `wifirelay setup`"
    assert [each.why_not for each in made.candidates] == [why]
    assert made.decision.action is Action.NOTHING
    assert why in made.decision.why
    hidden = make_plan(router(), [], [replace(MARINA, hidden=True)], RELAY)
    assert [each.why_not for each in hidden.candidates] == [why]
    other = replace(MARINA, fixed=replace(BERTH, gateway="192.168.5.2"))
    assert plan(there(berth()), other).decision.action is Action.NOTHING


def test_with_it_the_own_section_is_all_that_is_written() -> None:
    made = plan(there(berth()))
    assert made.decision.action is Action.JOIN
    assert {(edit.package, edit.section) for edit in made.edits} == {("wireless", "wifirelay")}
    shown = [edit.shown() for edit in made.edits]
    assert f"set wireless.wifirelay.network='{NAME}'" in shown
    back = make_plan(
        there(berth(), on=router(wireless(own(network=NAME)))), [bss()], [network()], RELAY
    )
    assert "set wireless.wifirelay.network='wwan'" in [edit.shown() for edit in back.edits]


@pytest.mark.parametrize(
    ("address", "clash"),
    [("192.168.5.77/24", True), ("192.168.4.129/25", False), ("192.168.4.1/22", True)],
)
def test_a_subnet_of_the_router_s_own_is_a_clash_before_any_trial(
    address: str, clash: bool
) -> None:
    own_lan = there(berth(), logical("guest", "br-guest", address))
    made = plan(own_lan)
    expected = f"its address 192.168.5.20/24 overlaps guest ({IPv4Interface(address).network})"
    assert made.candidates[0].why_not == (expected if clash else None)
    down = logical("guest", "br-guest", address, up=False)
    assert plan(there(berth(), down)).candidates[0].why_not is None


def test_the_uplink_of_now_is_no_clash_with_it() -> None:
    now = there(berth(), on=router(uplink="HomeNet"))
    lease = logical("wwan", "phy0-sta0", "192.168.5.99/24")
    made = make_plan(there(lease, on=now), [bss("Marina")], [MARINA], RELAY, chosen=MARINA.ssid)
    assert made.decision.action is Action.JOIN


def test_the_vpn_over_the_uplink_is_no_clash_with_it() -> None:
    tunnel = logical("wg0", "wg0", "192.168.5.7/24")
    relay = Relay(vpn=Vpn("wg0"))
    made = make_plan(there(berth(), tunnel), [bss("Marina")], [MARINA], relay)
    assert made.decision.action is Action.JOIN
    assert plan(there(berth(), tunnel)).decision.action is Action.NOTHING


@pytest.mark.parametrize("heard", [[bss("Marina")], []])
def test_where_clients_are_to_get_addresses_from_the_network_it_is_no_candidate(
    heard: list[Bss],
) -> None:
    known = replace(MARINA, hidden=not heard)
    made = make_plan(there(berth()), heard, [known], Relay(kind="relayd"))
    why = "it has an address of its own, and clients would get none (relay.kind relayd)"
    assert [each.why_not for each in made.candidates] == [why]


# --- the uplink in use ---


def test_what_feeds_the_router_is_what_is_up() -> None:
    found = at_berth().interfaces
    assert feeding(found, "wwan") is found[NAME]
    assert feeding({**found, NAME: berth(up=False)}, "wwan") is found["wwan"]
    assert feeding({}, "wwan") is None


def at_berth() -> Router:
    joined = router(uplink="Marina")
    section = own(ssid="Marina", encryption="psk2", disabled="0", network=NAME)
    found = {"lan": joined.interfaces["lan"], "wwan": logical("wwan", None, up=False)}
    return replace(joined, wireless=wireless(section), interfaces={**found, NAME: berth(up=True)})


def test_the_uplink_works_by_its_own_interface() -> None:
    uplink = working_uplink(at_berth(), RELAY)
    assert uplink is not None
    assert uplink.ssid == MARINA.ssid
    assert interface_in_use(at_berth(), RELAY) == NAME
    assert interface_in_use(router(), RELAY) == "wwan"
    assert interface_in_use(router(uplink="HomeNet"), RELAY) == "wwan"
    gone = there(berth(), on=at_berth())
    assert working_uplink(gone, RELAY) is None
    assert interface_in_use(gone, RELAY) == NAME


def test_one_whose_address_has_changed_in_the_configuration_is_stayed_on() -> None:
    moved = replace(MARINA, fixed=replace(BERTH, address="192.168.5.21/24"))
    made = plan(at_berth(), moved)
    assert made.decision.action is Action.STAY
    assert made.candidates[0].eligible


def test_joining_it_again_names_its_interface() -> None:
    candidate = plan(there(berth())).candidates[0]
    edits = plan_join(there(berth()), RELAY, candidate, "asked").edits
    assert f"set wireless.wifirelay.network='{NAME}'" in [each.shown() for each in edits]


def test_somebody_s_edits_of_it_are_the_trial_s_business() -> None:
    changes = tuple(Change("network", "set", name, "mtu", "1400") for name in ("dmz", NAME, "wwan"))
    staged = StagedByOthers(changes, since=0.0)
    assert [each.section for each in staged.tolerable(1e6, RELAY, "radio0")] == ["dmz"]


# --- doctor ---


def test_doctor_looks_at_it() -> None:
    sections = [Section(name, "interface", {"proto": "dhcp"}) for name in ("lan", "wwan")]
    one = doctor_says(
        "setup",
        "warning",
        "Marina has the address 192.168.5.20/24",
        known=(MARINA,),
        network=Package("network", tuple(sections)),
    )
    assert "wifirelay setup" in one.remedy
    made = Section(NAME, "interface", {"proto": "static"})
    package = Package("network", (*sections, made))
    doctor_says("setup", "ok", known=(MARINA,), network=package)
    doctor_says("firewall", "problem", f"{NAME} is not in", network=package)
    mine = {"lan": subnet("lan", "br-lan", "192.168.5.1/24"), NAME: logical(NAME, None, up=False)}
    doctor_says("subnets", "warning", "Marina: its address", known=(MARINA,), interfaces=mine)
    tunnel = {"wg0": subnet("wg0", "wg0", "192.168.5.7/24"), NAME: mine[NAME]}
    doctor_says("subnets", "warning", "overlaps wg0", known=(MARINA,), interfaces=tunnel)
    over = Relay(vpn=Vpn("wg0"))
    doctor_says("subnets", "ok", known=(MARINA,), interfaces=tunnel, relay=over)
    up = subnet(NAME, "phy0-sta0", BERTH.address)
    doctor_says("subnets", "problem", "wifirelay leave", interfaces={**mine, NAME: up})
