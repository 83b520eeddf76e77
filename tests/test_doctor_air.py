# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of what is on the air: which station is to blame, and what ends it."""

from dataclasses import replace

import pytest
from healthy import GOOD, ap, found, says, status
from known import own, wireless

from wifirelay.core.doctor.finding import Unknown, Verdict
from wifirelay.router.devices import Device
from wifirelay.router.wireless import Interface
from wifirelay.uci.model import Package, Section
from wifirelay.values import Ssid

STATION = Interface("hotel", "radio0", "sta", Ssid.of("Gone"), "phy0-sta0")
DARK = {each: Device(each, False, None) for each in ("phy0-ap0", "phy0-sta0")}
HOTEL = own("hotel", disabled="0")


def blamed(section: Section, *, carrier: bool = False, known: bool = True) -> str:
    """What is said of an access point off the air, beside this section's station."""
    devices = {**DARK, "phy0-sta0": Device("phy0-sta0", carrier, None)}
    there = status(ap(), STATION) if known else status(ap())
    one = says(
        "access-points",
        "problem",
        "MyRouter is off the air",
        wireless=wireless(section),
        status=there,
        devices=devices,
    )
    assert ("hostapd" in one.remedy) is ("searches" not in one.evidence)
    return one.evidence


def test_a_station_that_searches_is_to_blame() -> None:
    assert "the station of section hotel searches on its radio" in blamed(HOTEL)


@pytest.mark.parametrize(
    "section",
    [
        own("hotel", disabled="1"),
        own("hotel", disabled="0", mode="mesh"),
        own("hotel", "radio1", disabled="0"),
    ],
)
def test_what_is_no_station_of_this_radio_is_not(section: Section) -> None:
    assert blamed(section) == "MyRouter is off the air"


def test_a_station_that_has_its_network_is_not_to_blame_nor_one_that_never_came_up() -> None:
    assert blamed(HOTEL, carrier=True) == "MyRouter is off the air"
    assert blamed(HOTEL, known=False) == "MyRouter is off the air"


def test_the_second_of_two_stations_may_be_to_blame() -> None:
    package = wireless(own("first", disabled="1"), HOTEL)
    on = {"wireless": package, "status": status(ap(), STATION), "devices": DARK}
    one = says("access-points", "problem", "hotel searches", **on)
    remedy = "`uci set wireless.hotel.disabled=1; uci commit wireless; wifi reload`"
    assert one.remedy == remedy


def test_a_section_with_a_name_that_a_shell_would_read_is_not_repeated() -> None:
    station = replace(STATION, section="a;reboot")
    package = wireless(own("a;reboot", disabled="0"))
    facts = replace(GOOD, wireless=package, status=status(ap(), station), devices=DARK)
    assert "wireless.NAME.disabled" in found(facts, "access-points").remedy


def test_each_access_point_is_looked_at_by_name_or_section() -> None:
    options = {"device": "radio0", "mode": "ap"}
    guests = Section("guests", "wifi-iface", options)  # without a name of its own
    package = wireless(own(), guests)
    beside = status(ap(), Interface("guests", "radio0", "ap", Ssid.of(""), "phy0-ap1"))
    lit = {**GOOD.devices, "phy0-ap1": Device("phy0-ap1", True, None)}  # type: ignore[dict-item]
    on = {"wireless": package, "status": beside}
    one = says("access-points", "ok", devices=lit, **on)
    assert one.evidence == "MyRouter, guests: on the air"
    half = {**lit, "phy0-ap1": Device("phy0-ap1", False, None)}
    one = says("access-points", "problem", devices=half, **on)
    assert one.evidence == "guests is off the air"
    nameless = status(ap(), Interface("guests", "radio0", "ap", Ssid.of(""), None))
    one = says("access-points", "problem", wireless=package, status=nameless, devices=lit)
    assert one.evidence == "guests is off the air"


def test_what_cannot_be_known_says_which_fact_is_missing() -> None:
    for fact in ("wireless", "status", "devices"):
        one = says("access-points", "unknown", **{fact: Unknown(f"no {fact}")})
        assert (one.evidence, one.remedy) == (f"no {fact}", "")
    assert says("stations", "unknown", wireless=Unknown("none")).evidence == "none"


def test_stations_of_others() -> None:
    assert says("stations", "ok").evidence == "none is enabled"
    two = wireless(HOTEL, own("cafe", disabled="0"))
    one = says("stations", "problem", "section hotel", "section cafe", wireless=two)
    for name in ("hotel", "cafe"):
        ends = f"`uci set wireless.{name}.disabled=1; uci commit wireless; wifi reload`"
        assert f"let wifirelay know its network instead, and {ends}" in one.remedy
    asleep = wireless(HOTEL, radio0={"disabled": "1"})
    assert found(replace(GOOD, wireless=asleep), "stations").verdict is Verdict.OK


def test_a_station_on_a_radio_that_is_not_used_is_a_lesser_matter() -> None:
    other = Section("radio1", "wifi-device", {"band": "5g"})
    theirs = own("cafe", "radio1", disabled="0")
    package = Package("wireless", (*wireless(own(), theirs), other))
    relay = replace(GOOD.relay, radios=("radio0",))
    one = says(
        "stations", "warning", "on radio1", "if it is not needed", wireless=package, relay=relay
    )
    assert "wireless.cafe.disabled=1" in one.remedy
