# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of radios and of what is on the air, and the parser of `iw phy`."""

import time
from dataclasses import replace

import pytest
from healthy import BROKEN, GHZ2, GHZ5, GOOD, PHY, ap, bare, radio0, says, status
from known import own, recording, wireless

from wifirelay.core.doctor.checks import check_up
from wifirelay.core.known import Relay
from wifirelay.router.channels import Channels
from wifirelay.router.devices import Device
from wifirelay.router.phy import Combination, Phy, parse_phys
from wifirelay.router.radio import RadioInfo
from wifirelay.router.wireless import Interface
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band, Ssid

# --- radios ---


def test_radios() -> None:
    second = Section("radio1", "wifi-device", {"band": "5g", "disabled": "1"})
    two = Package("wireless", (*GOOD.wireless, second))  # type: ignore[misc]
    says("radios", "warning", "radio1 is disabled", wireless=two)
    named = Relay(radios=("radio0", "radio1"))
    says("radios", "problem", "radio1 is in relay.radios", wireless=two, relay=named)
    says("radios", "problem", "the router has radio0", relay=Relay(radios=("radio7",)))
    says("radios", "problem", "none is enabled", "disabled=0", wireless=radio0(disabled="1"))
    says("radios", "problem", "wifi config", wireless=Package("wireless"))
    says(
        "radios", "problem", "given up", '"device":"radio0"', status=status(up=False, gave_up=True)
    )
    says("radios", "warning", "not up", status=status(up=False))
    says("radios", "ok", status=BROKEN)  # what is configured is known all the same


def limits(*groups: tuple[str, int], total: int, channels: int = 1) -> Phy:
    made = tuple((frozenset(kinds.split()), most) for kinds, most in groups)
    return replace(PHY, combinations=(Combination(made, total, channels),))


@pytest.mark.parametrize(
    ("phy", "verdict", "text"),
    [
        (limits(("managed AP", 2048), total=2050), "ok", "share a channel"),
        (limits(("managed", 1), ("AP", 1), total=2, channels=2), "ok", "another channel"),
        (limits(("managed AP", 1), total=3), "problem", "not beside"),  # one of the two
        (limits(("managed", 1), ("AP", 1), total=1), "problem", "not beside"),
        (limits(("managed", 3), ("P2P-GO", 1), total=4), "problem", "not beside"),
        (replace(PHY, combinations=()), "problem", "not beside"),
        (replace(PHY, modes=frozenset({"AP", "monitor"})), "problem", "cannot be a station"),
    ],
)
def test_combination(phy: Phy, verdict: str, text: str) -> None:
    says("combination", verdict, text, phys={"phy0": phy})


def test_more_own_access_points_than_fit() -> None:
    ours = {"device": "radio0", "mode": "ap", "ssid": "Guests"}
    full = wireless(own(), Section("guests", "wifi-iface", ours), radio0={"country": "DE"})
    one = limits(("managed", 1), ("AP", 1), total=2)
    says("combination", "problem", "only beside 1 of 2", phys={"phy0": one}, wireless=full)
    says("combination", "ok", "2 own access points", wireless=full)


def test_without_iw_nobody_knows() -> None:
    for check in ("combination", "scan"):
        says(check, "unknown", phys=BROKEN)
        says(check, "unknown", phys={})
        says(check, "unknown", radios={})
        says(check, "unknown", radios={"radio0": RadioInfo(None, "DE")})


def test_scan() -> None:
    says("scan", "warning", "may hear nothing", phys={"phy0": replace(PHY, scans_beside_ap=False)})
    says("scan", "ok", wireless=bare(), phys={"phy0": replace(PHY, scans_beside_ap=False)})
    says("scan", "problem", "begin with `radio`", wireless=bare("wifi0"))
    says("scan", "ok", wireless=bare(radio="1"))
    says("scan", "warning", "option radio", wireless=bare(radio="1", band=""))


@pytest.mark.parametrize(
    ("configured", "driver", "verdict"),
    [
        ("DE", "DE", "ok"),
        ("de", "DE", "ok"),
        ("DE", None, "ok"),
        ("", "US", "ok"),  # burnt in
        ("", "00", "warning"),
        ("00", None, "warning"),
        ("DE", "US", "warning"),
        ("DE", "00", "warning"),
    ],
)
def test_country(configured: str, driver: str | None, verdict: str) -> None:
    radios = {"radio0": RadioInfo("phy0", driver)}
    says("country", verdict, wireless=radio0(country=configured), radios=radios)


def test_country_when_the_driver_does_not_tell() -> None:
    says("country", "ok", "configured", radios={})
    says("country", "warning", wireless=radio0(country=""), radios={"radio0": BROKEN})


def on5(**options: str) -> Package:
    return radio0(band="5g", **{"channel": "36", **options})


def channels(listed: frozenset[tuple[Band, int]], *silent: int) -> dict[str, Channels]:
    return {"radio0": Channels(listed, frozenset((Band.GHZ5, number) for number in silent))}


def test_channels() -> None:
    both = channels(GHZ2 | GHZ5)
    says("channels", "ok", "13 allowed", channels=both)
    says("channels", "warning", "52, 56 (radar", wireless=on5(), channels=both)
    one = says("channels", "warning", "149 (no-IR", wireless=on5(), channels=channels(GHZ5, 149))
    assert "52, 56 (radar" in one.evidence
    silent = channels(GHZ5, 36, 40, 44, 48, 52, 56, 149)
    says("channels", "problem", "36, 40", wireless=on5(), channels=silent)
    says("channels", "ok", wireless=bare(band="5g"), channels=silent)  # no access point to follow
    says("channels", "problem", "none of its band", wireless=on5(), channels=channels(GHZ2))
    says("channels", "unknown", channels={"radio0": Channels()})
    says("channels", "unknown", channels={})


@pytest.mark.parametrize(
    ("options", "verdict", "text"),
    [
        ({"channel": "44", "htmode": "VHT80"}, "ok", "channel 44"),
        ({"channel": "52"}, "warning", "60 s"),
        ({"channel": "36", "htmode": "HE160"}, "warning", "160 MHz"),
        ({"channel": "52", "country": "US"}, "problem", "cannot scan"),
        ({"channel": "149"}, "problem", "no-IR"),
        ({"channel": "100"}, "problem", "not allowed"),
        ({"channel": "6"}, "problem", "not allowed"),  # of the other band
        ({"channel": "auto"}, "warning", "radar"),
        ({"channel": "0"}, "warning", "automatically"),
        ({"channel": "five"}, "problem", "stays down"),
        ({"channel": "²"}, "problem", "stays down"),
    ],
)
def test_own_channel(options: dict[str, str], verdict: str, text: str) -> None:
    says("own-channel", verdict, text, wireless=on5(**options), channels=channels(GHZ5, 149))


def test_own_channel_that_nobody_lists() -> None:
    says("own-channel", "unknown", channels={})
    facts = replace(GOOD, wireless=bare())
    assert [each for each in check_up(facts) if each.check == "own-channel"] == []


# --- on the air ---


def test_access_points() -> None:
    dark = {"phy0-ap0": Device("phy0-ap0", False, None)}
    says("access-points", "ok", "MyRouter")
    says("access-points", "problem", "MyRouter is off the air", "hostapd", devices=dark)
    says("access-points", "problem", devices={})
    says("access-points", "ok", "none", wireless=radio0(disabled="1"), devices=dark)
    for fact in ("wireless", "status", "devices"):
        says("access-points", "unknown", **{fact: BROKEN})


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("wifirelay", "`wifirelay leave`"), ("trm_uplink1", "wireless.trm_uplink1.disabled=1")],
)
def test_who_keeps_them_off_the_air(name: str, remedy: str) -> None:
    station = Interface(name, "radio0", "sta", Ssid.of("Gone"), "phy0-sta0")
    devices = {each: Device(each, False, None) for each in ("phy0-ap0", "phy0-sta0")}
    says(
        "access-points",
        "problem",
        f"section {name} searches",
        remedy,
        wireless=wireless(own(name, disabled="0")),
        status=status(ap(), station),
        devices=devices,
    )


def test_stations() -> None:
    says("stations", "ok", "the only one", wireless=wireless(own(disabled="0")))
    theirs = own("sta_hotel", disabled="0")
    says("stations", "problem", "sta_hotel", wireless=wireless(own(), theirs))
    says("stations", "ok", wireless=wireless(own(), own("sta_hotel")))
    # On a radio that is not the relay's it only endangers that one's access points.
    other = Section("radio1", "wifi-device", {"band": "5g"})
    beside = Package("wireless", (*wireless(own(), own("s", "radio1", disabled="0")), other))
    says("stations", "warning", "radio1", wireless=beside, relay=Relay(radios=("radio0",)))


# --- parsers ---


def test_recorded_phys() -> None:
    text = next(e.out for e in recording("baseline").exchanges if e.argv == ("iw", "phy"))
    found = parse_phys(text)
    assert sorted(found) == ["phy0", "phy1", "phy16"]
    phy = found["phy0"]
    assert {"managed", "AP", "AP/VLAN", "mesh point"} <= phy.modes
    (combination,) = phy.combinations
    assert (combination.total, combination.channels) == (2050, 1)
    assert (frozenset({"IBSS"}), 1) in combination.limits
    assert phy.scans_beside_ap
    assert phy.beside(2047) is not None
    assert phy.beside(2048) is None


def test_phys_as_other_drivers_have_them() -> None:
    text = (
        "Wiphy phy1\n\tSupported interface modes:\n\t\t * managed\n\t\t * AP\n\t\t * monitor\n"
        "\tvalid interface combinations:\n"
        "\t\t * #{ managed } <= 1, #{ AP } <= 1, #{ P2P-client, P2P-GO } <= 1,\n"
        "\t\t   total <= 3, #channels <= 2\n"
        "\t\t * #{ managed } <= 1, #{ AP, mesh point } <= 4,\n\t\t   total <= 4, #channels <= 1\n"
        "\t\t * #{ of what } <= nobody knows\n"
        "\tHT Capability overrides:\n"
        "Wiphy wl0\n\tinterface combinations are not supported\n"
    )
    found = parse_phys(text)
    one = found["phy1"]
    assert one.modes == {"managed", "AP", "monitor"}
    assert [each.total for each in one.combinations] == [3, 4]
    assert [one.beside(n) and one.beside(n).channels for n in range(5)] == [2, 2, 1, 1, None]  # type: ignore[union-attr]
    assert not one.scans_beside_ap
    assert found["wl0"] == Phy("wl0", frozenset(), (), scans_beside_ap=False)


def test_a_hostile_text_takes_no_time() -> None:
    text = "Wiphy phy0\n\tvalid interface combinations:\n\t\t * " + "#{" * 200_000 + "\n"
    begun = time.process_time()
    assert parse_phys(text)["phy0"].combinations == ()
    assert time.process_time() - begun < 5.0
