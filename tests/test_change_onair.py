# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's own access points: which they are, and that waiting for them is no guess."""

from dataclasses import replace
from typing import Any

import pytest

from tests.changing import LOST, Scripted, Ticks, carriers, failed, radios
from tests.known import own, router, wireless
from wifirelay.change.onair import (
    POLL,
    RETURN_LIMIT,
    STEADY,
    all_on_air,
    configured_access_points,
    missing,
    own_access_points,
    wait_on_air,
)
from wifirelay.router.devices import Device, parse_devices
from wifirelay.router.wireless import Interface, RadioStatus, WirelessStatus, parse_wireless_status
from wifirelay.transport.base import Completed
from wifirelay.uci.model import Section
from wifirelay.values import Ssid

WANTED = (("default_radio0", "radio0"),)
OURS = ("default_radio0", "ap", "Mine", "phy0-ap0")
STATION = ("wifirelay", "sta", "Home", "phy0-sta0")
ON, OFF = carriers(phy0_ap0=True), carriers(phy0_ap0=False)


def answers(status: Completed | list[Any], devices: Completed | list[Any]) -> Scripted:
    return Scripted({"network.wireless status": status, "network.device status": devices})


# --- which there are ---


def test_access_points_that_are_on_the_air() -> None:
    here = router(uplink="Home")
    assert own_access_points(here) == WANTED
    assert own_access_points(replace(here, devices={})) == ()
    dark = {"phy0-ap0": Device("phy0-ap0", False, None), "phy0-sta0": Device("", True, None)}
    assert own_access_points(replace(here, devices=dark)) == ()


def test_access_points_that_should_be_on_the_air_beside_an_uplink() -> None:
    guest = Section("guest", "wifi-iface", {"device": "radio0", "mode": "ap"})
    off = Section("off", "wifi-iface", {"device": "radio0", "mode": "ap", "disabled": "1"})
    other = Section("other", "wifi-iface", {"device": "radio1", "mode": "ap"})
    here = replace(router(), wireless=wireless(own(), guest, off, other))
    assert configured_access_points(here) == (*WANTED, ("guest", "radio0"))


# --- which are missing ---


def test_only_a_carrier_tells() -> None:
    status = parse_wireless_status({"radio0": {"interfaces": [{"section": "default_radio0"}]}})
    assert missing(WANTED, status, {}) == ("default_radio0",)
    interface = Interface("default_radio0", "radio0", "ap", Ssid.of("Mine"), "phy0-ap0")
    status = WirelessStatus((RadioStatus("radio0", True, False, False, (interface,)),))
    for devices, there in (
        ({}, False),
        ({"phy0-ap0": {"carrier": False}}, False),
        ({"phy0-ap0": {"carrier": True}}, True),
        ({"phy0-ap1": {"carrier": True}}, False),
    ):
        found = parse_devices(devices)
        assert all_on_air(WANTED, status, found) is there
        assert missing(WANTED, status, found) == (() if there else ("default_radio0",))
    assert all_on_air((), status, {})
    gone = (("gone", "radio0"), *WANTED)
    assert missing(gone, status, parse_devices({"phy0-ap0": {"carrier": True}})) == ("gone",)


# --- waiting ---


def test_what_is_on_the_air_has_to_stay_there() -> None:
    clock = Ticks(10.0)
    assert wait_on_air(answers(radios(OURS), ON), clock, WANTED) == ()
    assert clock.now == 10.0 + STEADY
    assert set(clock.naps) == {POLL}


def test_one_that_goes_down_for_a_moment_is_waited_for_anew() -> None:
    clock = Ticks()
    assert wait_on_air(answers(radios(OURS), [ON, ON, OFF, ON]), clock, WANTED) == ()
    assert clock.now == 3 * POLL + STEADY


def test_one_that_does_not_come_back_is_named_after_its_limit() -> None:
    clock = Ticks()
    assert wait_on_air(answers(radios(OURS), OFF), clock, WANTED) == ("default_radio0",)
    assert clock.now == RETURN_LIMIT


def test_one_that_comes_back_at_the_last_moment_counts() -> None:
    clock = Ticks()
    late = int((RETURN_LIMIT - STEADY) / POLL)
    assert wait_on_air(answers(radios(OURS), [*[OFF] * late, ON]), clock, WANTED) == ()
    assert clock.now == RETURN_LIMIT


def test_one_that_comes_back_too_late_to_be_sure_is_not_named_for_it() -> None:
    clock = Ticks()
    late = int(RETURN_LIMIT / POLL)
    assert wait_on_air(answers(radios(OURS), [*[OFF] * late, ON]), clock, WANTED) == ()
    assert clock.now == RETURN_LIMIT


@pytest.mark.parametrize("trouble", [LOST, failed(4), Completed(0, b"{"), Completed(0, b"[]")])
def test_a_router_that_does_not_answer_is_asked_again(trouble: Any) -> None:
    clock = Ticks()
    assert wait_on_air(answers(radios(OURS), [trouble, trouble, ON]), clock, WANTED) == ()
    assert clock.now == 2 * POLL + STEADY


def test_a_router_that_never_answers_has_none_on_the_air() -> None:
    clock = Ticks()
    wanted = (*WANTED, ("guest", "radio1"))
    assert wait_on_air(answers(LOST, ON), clock, wanted) == ("default_radio0", "guest")  # type: ignore[arg-type]
    assert clock.now == RETURN_LIMIT


def test_a_link_that_dies_while_they_are_steady_begins_anew() -> None:
    clock = Ticks()
    assert wait_on_air(answers(radios(OURS), [ON, LOST, ON]), clock, WANTED) == ()
    assert clock.now == 2 * POLL + STEADY


def test_a_station_that_is_gone_from_the_configuration_has_to_be_gone() -> None:
    """A reload does nothing at all for seconds: what is on the air then is from before it."""
    before, after = carriers(phy0_ap0=True, phy0_sta0=True), ON
    clock = Ticks()
    assert wait_on_air(answers(radios(OURS), [*[before] * 8, after]), clock, WANTED) == ()
    assert clock.now == 8 * POLL + STEADY
    clock = Ticks()
    assert wait_on_air(answers(radios(OURS), before), clock, WANTED) == ()
    assert clock.now == RETURN_LIMIT


def test_a_station_that_is_configured_may_stay() -> None:
    clock = Ticks()
    status = radios(OURS, STATION)
    assert wait_on_air(answers(status, carriers(phy0_ap0=True, phy0_sta0=True)), clock, ()) == ()
    assert clock.now == STEADY


@pytest.mark.parametrize(
    ("name", "station"),
    [
        ("phy0-sta0", True),
        ("phy0.1-sta12", True),
        ("phy12-sta3", True),
        ("wlan0", False),
        ("phy0-ap0", False),
        ("xphy0-sta0", False),
        ("phy0-sta0.5", False),
    ],
)
def test_stations_are_known_by_their_devices_names(name: str, station: bool) -> None:
    clock = Ticks()
    found = Completed(0, b'{"%s": {"carrier": true}}' % name.encode())
    assert wait_on_air(answers(radios(), found), clock, ()) == ()
    assert (clock.now == RETURN_LIMIT) is station
