# SPDX-License-Identifier: GPL-2.0-or-later
"""What a status tells beside the uplink itself: its address in the air, IPv6, a VPN, and what the
network's own API says of its login page."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.changing import failed, said, state, uci
from tests.known import own, replay, router, wireless
from tests.proving import ANYWHERE, DEVICES, DUMP, FETCH, LAN, LINK, WWAN, Asked, dump, interface
from wifirelay.change.onrouter import parse_on_router
from wifirelay.change.status import State, Uplink, read_status, status_of
from wifirelay.change.vpn import VpnState
from wifirelay.core.known import VPN_RULE, Vpn
from wifirelay.router.board import parse_board
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.transport.base import Completed
from wifirelay.uci.model import Package, Section

WIRELESS = "uci get wireless"
MAC = "02:11:22:33:44:55"
SHOWN = said({"phy0-ap0": {"carrier": True}, "phy0-sta0": {"carrier": True, "macaddr": MAC}})


def uplink(**answers: Any) -> Uplink:
    (found,) = read_status(Asked(**{DEVICES: SHOWN, **answers}), probing=False).uplinks
    return found


# --- the address that its station shows ---


def test_the_address_that_the_station_shows_and_whose_it_is() -> None:
    shown = uplink()
    assert (shown.mac, shown.given) == (MAC, False)
    given = uplink(**{WIRELESS: uci(wireless(own(ssid="Home", disabled="0", macaddr=MAC)))})
    assert (given.mac, given.given) == (MAC, True)


def test_without_a_station_it_shows_none() -> None:
    assert uplink(**{DEVICES: said({})}).mac is None
    off = uplink(**{WIRELESS: uci(wireless(own(ssid="Home")))})
    assert (off.state, off.mac) == (State.DISABLED, None)


# --- IPv6 ---

WWAN6: dict[str, Any] = {
    **interface("wwan6", "phy0-sta0", None),
    "ipv6-address": [{"address": "2001:db8::5", "mask": 64}],
}


def test_the_interface_beside_the_lease_has_its_ipv6() -> None:
    found = uplink(**{DUMP: dump(LAN, WWAN, WWAN6)}).ipv6
    assert found is not None
    assert (found.name, found.addresses) == ("wwan6", ("2001:db8::5/64",))


@pytest.mark.parametrize(
    "rows",
    [
        [WWAN],
        [WWAN, {**WWAN6, "up": False}],
        [WWAN, {**WWAN6, "ipv6-address": []}],
        [WWAN, {**WWAN6, "interface": "wan6"}],
        [WWAN6],
    ],
)
def test_without_an_address_there_or_without_a_lease_there_is_none(
    rows: list[dict[str, Any]],
) -> None:
    assert uplink(**{DUMP: dump(LAN, *rows)}).ipv6 is None


def test_a_lease_may_be_of_any_interface_that_the_section_names() -> None:
    """That of a network's own address comes after one that is down (uplink_of)."""
    options: dict[str, str | tuple[str, ...]] = {
        **own(ssid="Home", disabled="0").options,
        "network": ("wwan", "wifirelay_static"),
    }
    section = Section("wifirelay", "wifi-iface", options)
    fixed = {**WWAN, "interface": "wifirelay_static"}
    found = uplink(
        **{WIRELESS: uci(wireless(section)), DUMP: dump(LAN, {**WWAN, "up": False}, fixed)}
    )
    assert (found.state, found.addresses) == (State.CONNECTED, ("10.10.1.5/24",))


# --- a VPN ---

WG0 = interface("wg0", "wg0", "10.64.0.2/32")


def firewall(enabled: str = "1") -> Completed:
    return uci(Package("firewall", (Section(VPN_RULE, "rule", {"enabled": enabled}),)))


@pytest.mark.parametrize(
    ("rows", "state"), [([WG0], "up"), ([{**WG0, "up": False}], "down"), ([], "missing")]
)
def test_a_vpn_stands_where_netifd_says(rows: list[dict[str, Any]], state: str) -> None:
    asked = Asked(**{DUMP: dump(LAN, WWAN, *rows)})
    assert read_status(asked, vpn=Vpn("wg0")).vpn == VpnState("wg0", state)
    assert asked.trips == [7, 2]
    assert read_status(asked).vpn is None


@pytest.mark.parametrize(("enabled", "guarded"), [("1", True), ("0", False)])
def test_a_kill_switch_is_looked_for_along_the_way(enabled: str, guarded: bool) -> None:
    asked = Asked(**{DUMP: dump(LAN, WWAN, WG0), "uci get firewall": firewall(enabled)})
    found = read_status(asked, vpn=Vpn("wg0", only=True)).vpn
    assert found == VpnState("wg0", "up", only=True, guarded=guarded)
    assert asked.trips == [8, 2]
    assert asked.of("uci get firewall") == [asked.commands[7]]


def test_a_recording_tells_no_kill_switch() -> None:
    for vpn in (Vpn("wg0"), Vpn("wg0", only=True)):
        found = read_status(replay("connected"), recorded=True, vpn=vpn).vpn
        assert found == VpnState("wg0", "missing", only=vpn.only, guarded=None)


def test_of_a_router_that_was_looked_at_it_is_told_as_it_was() -> None:
    tunnel = VpnState("wg0", "up", only=True, guarded=True)
    here, now = router(uplink="Home"), parse_on_router(state())
    board = parse_board({"model": "A router"})
    assert status_of(board, here, now, None, None, tunnel).vpn is tunnel
    assert status_of(board, here, now, None, None).vpn is None


# --- what the network says of its login page ---

API, PAGE = "https://api.example.org/captive", "https://login.example.org/"
NAMED = state(f"api.wwan {API.encode().hex()}")
SAYS = Completed(0, json.dumps({"captive": True, "user-portal-url": PAGE}).encode())
ASKED = f"captive {API} phy0-sta0"


def seen(asked: Asked) -> Internet:
    internet = read_status(asked).internet
    assert internet is not None
    return internet


def test_it_is_asked_along_with_the_first_page() -> None:
    asked = Asked(state=NAMED, captive=SAYS)
    internet = seen(asked)
    assert (internet.verdict, internet.portal) == (Verdict.ONLINE, "")  # the page proves it
    assert internet.session is not None and internet.session.captive
    assert internet.session.page == PAGE
    assert asked.trips == [7, 3]
    assert [each.split()[0] for each in asked.asked[7:]] == ["iwinfo", FETCH, "captive"]
    assert asked.asked[-1] == ASKED


def test_of_another_interface_it_is_not_this_uplink_s() -> None:
    asked = Asked(state=state(f"api.wwan2 {API.encode().hex()}"))
    assert seen(asked).session is None
    assert asked.trips == [7, 2]
    assert parse_on_router(NAMED).api("wwan") == API.encode().hex()
    assert parse_on_router(NAMED).api("wwan2") == ""


def test_a_network_that_says_that_it_has_no_page_is_not_asked_more() -> None:
    asked = Asked(state=state(f"api.wwan {b'urn:ietf:params:capport:unrestricted'.hex()}"))
    assert seen(asked).verdict is Verdict.ONLINE
    assert asked.trips == [7, 2]


def test_nor_is_it_asked_beside_a_cable() -> None:
    """It would go out by the cable, and say what is so there."""
    cable = {**LAN, "interface": "wan", "l3_device": "eth0", "route": [ANYWHERE]}
    asked = Asked(state=NAMED, **{DUMP: dump(LAN, cable, WWAN), "ping": Completed(0)})
    assert seen(asked).session is None
    assert ASKED not in asked.asked


def test_without_probing_it_is_not_asked() -> None:
    asked = Asked(state=NAMED)
    assert read_status(asked, probing=False).internet is None
    assert asked.asked[7:] == [LINK]


def test_when_it_does_not_answer_the_pages_count() -> None:
    internet = seen(Asked(state=NAMED, captive=failed(124)))
    assert internet.verdict is Verdict.ONLINE
    assert internet.session is not None and "in time" in internet.session.why
    plain = replace(internet, session=None)
    assert plain == seen(Asked())
