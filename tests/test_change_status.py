# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a router stands: each state of an uplink, access points, in how many round trips."""

from dataclasses import replace
from typing import Any

import pytest

from tests.changing import radios, state
from tests.known import lan, logical, own, router, wireless
from tests.proving import BSSID, OURS
from wifirelay.change.onrouter import parse_on_router
from wifirelay.change.status import (
    AccessPoint,
    State,
    Uplink,
    describe_uplinks,
    status_of,
)
from wifirelay.router.board import parse_board
from wifirelay.router.state import Router
from wifirelay.router.station import Association
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.router.wireless import wireless_status
from wifirelay.uci.model import Section
from wifirelay.uci.staged import Change
from wifirelay.values import Ssid

HOME = Ssid.of("Home")
HERE = Association(BSSID, -48)
WITH_LEASE = replace(
    logical("wwan", "phy0-sta0", "10.10.1.5/24"), gateway="10.10.1.1", dns=("10.10.1.1",)
)


def joined() -> Router:
    """An uplink to Home that works."""
    here = router(uplink="Home")
    return replace(here, interfaces={"lan": lan(), "wwan": WITH_LEASE})


def only(here: Router, link: Association | None = HERE, *held: str) -> Uplink:
    (uplink,) = describe_uplinks(here, {"wifirelay": link}, held)
    return uplink


# --- states of an uplink ---


def test_connected() -> None:
    assert only(joined()) == Uplink(
        "wifirelay",
        "radio0",
        HOME,
        State.CONNECTED,
        "flash",
        BSSID,
        -48,
        ("10.10.1.5/24",),
        "10.10.1.1",
        ("10.10.1.1",),
    )


@pytest.mark.parametrize(
    "lease",
    [
        replace(WITH_LEASE, up=False),
        replace(WITH_LEASE, l3_device="phy0-sta1", device="phy0-sta1"),
        replace(WITH_LEASE, name="other"),
    ],
)
def test_associated_without_a_lease_of_its_own(lease: Any) -> None:
    uplink = only(replace(joined(), interfaces={lease.name: lease}))
    assert uplink.state is State.ASSOCIATED
    assert (uplink.bssid, uplink.signal) == (BSSID, -48)
    assert (uplink.addresses, uplink.gateway, uplink.dns) == ((), None, ())


@pytest.mark.parametrize(("upper", "lower"), [("phy0-sta0", "br-y"), ("br-x", "phy0-sta0")])
def test_the_station_may_be_either_of_its_interfaces_devices(upper: str, lower: str) -> None:
    lease = replace(WITH_LEASE, l3_device=upper, device=lower)
    assert only(replace(joined(), interfaces={"wwan": lease})).state is State.CONNECTED


def test_an_interface_without_a_device_is_no_lease_of_a_section_without_a_station() -> None:
    lease = replace(WITH_LEASE, device=None)
    uplink = only(replace(router(), interfaces={"wwan": lease}), None)
    assert (uplink.state, uplink.addresses) == (State.DISABLED, ())


def test_searching() -> None:
    uplink = only(joined(), None)
    assert uplink.state is State.SEARCHING
    assert (uplink.bssid, uplink.signal, uplink.addresses) == (None, None, ())
    assert uplink.kept == "flash"


def test_enabled_but_not_run() -> None:
    here = replace(router(), wireless=wireless(own(ssid="Home", disabled="0")))
    assert only(here, None).state is State.STOPPED
    status = radios(OURS, ("wifirelay", "sta", "Home", None))
    here = replace(here, status=wireless_status().parse(status))
    assert only(here, None).state is State.STOPPED


def test_disabled_and_held() -> None:
    uplink = only(router(), None)
    assert (uplink.state, uplink.kept, uplink.ssid) == (State.DISABLED, None, None)
    uplink = only(router(), None, "wifirelay")
    assert (uplink.state, uplink.kept) == (State.HELD, "flash")
    assert only(router(), None, "wifirelay_radio1").state is State.DISABLED
    assert only(joined(), HERE, "wifirelay").state is State.CONNECTED


def test_what_is_not_told_is_none() -> None:
    uplink = only(joined(), Association("", None))
    assert (uplink.state, uplink.bssid, uplink.signal) == (State.CONNECTED, None, None)


@pytest.mark.parametrize(
    ("change", "kept", "held"),
    [
        (Change("wireless", "set", "wifirelay", "ssid", "Home"), "session", "session"),
        (Change("wireless", "set", "wifirelay", "disabled", "1"), "session", "flash"),
        (Change("wireless", "set", "wifirelay_radio1", "ssid", "Home"), "flash", "flash"),
        (Change("network", "set", "wifirelay", "ssid", "Home"), "flash", "flash"),
    ],
)
def test_what_is_staged_is_kept_for_the_session(change: Change, kept: str, held: str) -> None:
    assert only(replace(joined(), changes=(change,))).kept == kept
    here = replace(router(), changes=(change,))
    assert only(here, None, "wifirelay").kept == held


def test_the_uplink_that_counts_comes_first() -> None:
    sections = [own("wifirelay_a", "radio1"), own(disabled="0"), own("wifirelay_b", "radio2")]
    here = replace(joined(), wireless=wireless(*sections))
    found = describe_uplinks(here, {"wifirelay": HERE}, ("wifirelay_b",))
    assert [each.section for each in found] == ["wifirelay", "wifirelay_b", "wifirelay_a"]
    assert [each.radio for each in found] == ["radio0", "radio2", "radio1"]
    assert list(State) == [
        *(State.CONNECTED, State.ASSOCIATED, State.SEARCHING),
        *(State.STOPPED, State.HELD, State.DISABLED),
    ]


# --- of a router that was looked at already ---

BOARD = parse_board({"model": "A router"})
INTERNET = Internet(Verdict.ONLINE, "it answers")


def test_the_status_of_what_is_known() -> None:
    change = Change("network", "set", "lan", "ipaddr", "10.0.0.1")
    here = replace(joined(), changes=(change,))
    known = parse_on_router(state("held.x 1900 30"))
    status = status_of(BOARD, here, known, HERE, INTERNET)
    assert (status.board, status.internet, status.on_router) == (BOARD, INTERNET, known)
    assert status.changes == (change,)
    assert status.uplinks == (only(here),)
    assert status.access_points == (
        AccessPoint("default_radio0", "radio0", Ssid.of("MyRouter"), True),
    )


def test_a_lease_tells_of_an_association_that_was_not_asked_for() -> None:
    known = parse_on_router(state())
    (uplink,) = status_of(BOARD, joined(), known, None, None).uplinks
    assert (uplink.state, uplink.bssid) == (State.CONNECTED, None)
    dead = replace(joined(), interfaces={})
    (uplink,) = status_of(BOARD, dead, known, HERE, None).uplinks
    assert uplink.state is State.SEARCHING
    held = parse_on_router(state("held.wifirelay 1900 30"))
    (uplink,) = status_of(BOARD, router(), held, None, None).uplinks
    assert uplink.state is State.HELD


# --- access points ---


def points(*sections: Section, radio0: dict[str, str] | None = None) -> dict[str, AccessPoint]:
    here = replace(router(), wireless=wireless(own(), *sections, radio0=radio0))
    status = status_of(BOARD, here, parse_on_router(state()), None, None)
    return {each.section: each for each in status.access_points}


def test_access_points_that_are_meant_to_be_on_the_air() -> None:
    guest = Section("guest", "wifi-iface", {"device": "radio0", "ssid": "Guests"})
    nameless = Section("nameless", "wifi-iface", {"device": "radio0"})
    off = Section("off", "wifi-iface", {"device": "radio0", "ssid": "x", "disabled": "1"})
    assert points(guest, nameless, off) == {
        "default_radio0": AccessPoint("default_radio0", "radio0", Ssid.of("MyRouter"), True),
        "guest": AccessPoint("guest", "radio0", Ssid.of("Guests"), False),
        "nameless": AccessPoint("nameless", "radio0", None, False),
    }


def test_an_access_point_that_is_on_the_air_though_its_radio_is_disabled() -> None:
    found = points(radio0={"disabled": "1"})["default_radio0"]
    assert found == AccessPoint("default_radio0", "radio0", Ssid.of("MyRouter"), True)


def test_an_access_point_that_is_on_the_air_and_not_configured() -> None:
    row = ("stranger", "ap", None, "phy0-ap0")
    here = replace(router(), status=wireless_status().parse(radios(row)), wireless=wireless(own()))
    status = status_of(BOARD, here, parse_on_router(state()), None, None)
    found = {each.section: each for each in status.access_points}
    assert found["stranger"] == AccessPoint("stranger", "radio0", None, True)
    assert not found["default_radio0"].on_air
