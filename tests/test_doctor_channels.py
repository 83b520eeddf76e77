# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of radios: what an owner reads of drivers, countries and channels."""

from dataclasses import replace

import pytest
from healthy import BROKEN, GHZ2, GHZ5, GOOD, PHY, bare, found, radio0, says
from known import own, wireless

from wifirelay.core.doctor.finding import Unknown
from wifirelay.core.known import Relay
from wifirelay.router.channels import Channels
from wifirelay.router.phy import Combination
from wifirelay.router.radio import RadioInfo
from wifirelay.router.wireless import RadioStatus, WirelessStatus
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band

SILENT = Unknown("not in this recording")


def radios(*disabled: bool) -> Package:
    """As many radios, each disabled or not."""
    return Package(
        "wireless",
        tuple(
            Section(f"radio{n}", "wifi-device", {"band": "2g", "disabled": str(int(off))})
            for n, off in enumerate(disabled)
        ),
    )


def text(check: str, verdict: str, **facts: object) -> str:
    return says(check, verdict, **facts).evidence


def test_radios_by_name() -> None:
    assert text("radios", "ok", wireless=radios(False, False)) == "radio0, radio1: enabled"
    one = says("radios", "problem", wireless=radios(True, True))
    assert one.evidence == "none is enabled of radio0, radio1"
    assert one.remedy == "`uci set wireless.radio0.disabled=0; uci commit wireless; wifi reload`"
    evidence = text("radios", "warning", wireless=radios(False, True, False, True))
    assert evidence.count("is disabled: it is not used") == 2
    two = radios(True, True)
    evidence = text("radios", "problem", wireless=two, relay=Relay(radios=("radio1",)))
    assert evidence.endswith("radio1 is in relay.radios, and disabled")


def test_netifd_s_word_on_each_radio() -> None:
    def of(name: str, *, up: bool, disabled: bool = False, gave_up: bool = False) -> RadioStatus:
        return RadioStatus(name, up, disabled, gave_up, ())

    three = radios(False, False, False)
    there = (of("radio0", up=True), of("radio1", up=False), of("other", up=False))
    given = {"wireless": three, "status": WirelessStatus(there)}
    one = says("radios", "warning", **given)
    assert one.evidence == "radio1 is not up (yet)"
    assert one.remedy.endswith("""`ubus call network.wireless up '{"device":"radio1"}'`""")
    off = WirelessStatus((of("radio0", up=False, disabled=True), of("radio1", up=True)))
    says("radios", "ok", wireless=three, status=off)
    gone = WirelessStatus((of("radio0", up=True), of("radio2", up=False, gave_up=True)))
    assert "given up on radio2" in text("radios", "problem", wireless=three, status=gone)


def fits(*groups: tuple[str, int], total: int, channels: int = 1) -> dict[str, object]:
    made = tuple((frozenset(kinds.split()), most) for kinds, most in groups)
    return {"phys": {"phy0": replace(PHY, combinations=(Combination(made, total, channels),))}}


def test_what_fits_beside_how_many() -> None:
    assert text("combination", "ok", wireless=bare()).startswith("no own access point on it")
    roomy = fits(("managed AP", 9), total=9)
    assert text("combination", "ok", **roomy).startswith(
        "a station fits beside an own access point"
    )
    extra = [
        Section(f"more{n}", "wifi-iface", {"device": "radio0", "mode": "ap", "ssid": f"{n}"})
        for n in range(3)
    ]
    four = wireless(own(), *extra, radio0={"country": "DE"})
    assert text("combination", "ok", wireless=four, **roomy).startswith(
        "a station fits beside 4 own access points: they share"
    )
    for most in (1, 2, 3):
        few = fits(("managed", 1), ("AP", most), total=9)
        evidence = text("combination", "problem", wireless=four, **few)
        assert evidence == f"its driver runs a station only beside {most} of 4 own access points"
    alone = {"phy0": replace(PHY, combinations=())}
    none = says("combination", "problem", "not beside an own access point", phys=alone)
    assert "disable own access points here" in none.remedy


def test_nobody_guesses_what_no_command_told() -> None:
    for check in ("combination", "scan"):
        assert text(check, "unknown", phys=SILENT) == "not in this recording"
        assert text(check, "unknown", radios={"radio0": SILENT}) == "not in this recording"
        assert text(check, "unknown", phys={"": PHY}, radios={}) == "was not looked at"
        strange = {"phys": {"XXXX": PHY}, "radios": {"radio0": RadioInfo(None, "DE")}}
        assert text(check, "unknown", **strange) == "`iw phy` does not tell"
    for check in ("channels", "own-channel"):
        assert text(check, "unknown", channels={"radio0": SILENT}) == "not in this recording"
        untold = text(check, "unknown", channels={"radio0": Channels()})
        assert untold == "its driver lists no channels"


def test_a_scan_by_name() -> None:
    assert text("scan", "ok") == "it can scan, beside the own access point too"
    assert text("scan", "ok", wireless=bare()) == "it can scan, no own access point on it"
    ours = Section("mine", "wifi-iface", {"device": "wifi0", "mode": "ap", "ssid": "A"})
    beside = Package("wireless", (Section("wifi0", "wifi-device", {"band": "2g"}), ours))
    one = says("scan", "warning", "name the section radio0", wireless=beside)
    assert one.evidence.endswith("it hears by its access point alone")
    one = says("scan", "problem", "name the section radio0", wireless=bare("wifi0"), phys=BROKEN)
    assert one.evidence.endswith("it hears nothing")


@pytest.mark.parametrize(
    ("configured", "driver", "evidence"),
    [
        ("de", "DE", "DE, as configured"),
        ("DE", None, "DE, as configured"),
        ("", "US", "US, by its driver"),
        ("00", "US", "US, by its driver"),
        ("DE", "US", "DE is configured, the driver follows US"),
        ("", None, "none is configured: the world's rules hold"),
    ],
)
def test_the_country(configured: str, driver: str | None, evidence: str) -> None:
    facts = {
        "wireless": radio0(country=configured),
        "radios": {"radio0": RadioInfo("phy0", driver)},
    }
    one = found(replace(GOOD, **facts), "country")  # type: ignore[arg-type]
    assert one.evidence == evidence
    asks = "`uci set wireless.radio0.country='..'`" in one.remedy
    assert asks is (one.verdict == "warning")


def test_the_country_that_only_the_configuration_tells() -> None:
    assert text("country", "ok", radios={}) == "DE is configured"
    for none in ("", "00"):
        one = says(
            "country", "warning", "radio0.country=", radios={}, wireless=radio0(country=none)
        )
        assert one.evidence == "none is configured"


def on(band: str, **options: str) -> dict[str, object]:
    allowed = Channels(GHZ2 | GHZ5 | {(Band.GHZ2, 1000)}, frozenset({(Band.GHZ5, 149)}))
    return {"wireless": radio0(band=band, **options), "channels": {"radio0": allowed}}


def test_channels_of_a_network_that_it_cannot_follow_to() -> None:
    one = says("channels", "warning", "without an own access point only", **on("5g", channel="36"))
    assert one.evidence == (
        "the own access point cannot follow to 52, 56 (radar: off the air for 60 s or more first) "
        "nor to 149 (no-IR: it may not start there)"
    )
    radar = {"radio0": Channels(frozenset({(Band.GHZ5, 52)}))}
    one = says("channels", "problem", "without an own", wireless=radio0(band="5g"), channels=radar)
    assert one.evidence.startswith("the own access point cannot follow to 52 (radar")
    one = says("channels", "problem", wireless=radio0(band="6g"), channels=radar)
    assert one.remedy == "set the right `country` and `band`"


SAFE = "choose a channel from 36 to 48 and at most 80 MHz"


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"channel": "auto"}, SAFE),
        ({"channel": "nine"}, SAFE),
        ({"channel": "149"}, SAFE),
        ({"channel": "100"}, SAFE),
        ({"channel": "52"}, SAFE),
        ({"channel": "52", "country": "US"}, SAFE),
        ({"channel": "48", "htmode": "EHT160"}, SAFE),
        ({"channel": "48", "htmode": "VHT80"}, ""),
        ({"channel": "48", "htmode": "NOHT"}, ""),
    ],
)
def test_the_own_channel_of_5_ghz(options: dict[str, str], remedy: str) -> None:
    one = found(replace(GOOD, **on("5g", **options)), "own-channel")  # type: ignore[arg-type]
    assert (one.remedy, one.about) == (remedy, "radio0")
    if options["channel"] == "52":
        assert one.evidence.startswith("channel 52 with 20 MHz needs radar detection")


def test_the_own_channel_of_2_ghz() -> None:
    for auto in ("", "0", "auto"):
        one = says("own-channel", "warning", **on("2g", channel=auto))
        assert one.remedy == "choose one"
        assert "chosen automatically; beside a station" in one.evidence
    says("own-channel", "problem", "channel 14 is not allowed", **on("2g", channel="14"))
    says("own-channel", "ok", **on("2g", channel="1000"))
    says("own-channel", "problem", "10000 is no channel", **on("2g", channel="10000"))
