# SPDX-License-Identifier: GPL-2.0-or-later
"""Plans: what may be joined, on which terms, and what a join writes."""

from typing import Any

import pytest
from known import bss, network, own, router, wireless

from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.plan import Action, Plan, make_plan
from wifirelay.core.radios import radio_names, usable_radios
from wifirelay.core.refusals import DROP_LEVEL, JOIN_LEVEL
from wifirelay.errors import ConfigError
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band, Security, Ssid

RELAY = Relay()


def plan(air: list[Bss], known: list[KnownNetwork], on: Router | None = None, **more: Any) -> Plan:
    return make_plan(on or router(), air, known, more.pop("relay", RELAY), **more)


def why_not(air: Bss, known: KnownNetwork | None = None, on: Router | None = None) -> str | None:
    """Why this one BSS cannot be joined as this one network."""
    (candidate,) = plan([air], [known or network()], on).candidates
    assert candidate.eligible is (candidate.why_not is None)
    return candidate.why_not


# --- what can be a candidate ---


@pytest.mark.parametrize("mode", ["Ad-Hoc", "Mesh Point", "Client", "Unknown"])
def test_only_access_points(mode: str) -> None:
    assert "not an access point" in (why_not(bss(mode=mode)) or "")
    assert why_not(bss()) is None


def test_without_an_address_or_channel_nothing_is_joined() -> None:
    assert "BSSID" in (why_not(bss(bssid=None)) or "")
    assert "channel" in (why_not(bss(band=None)) or "")
    assert "channel" in (why_not(bss(channel=0)) or "")


def test_the_radios_band_limits() -> None:
    far = bss(band=Band.GHZ5, channel=36)
    assert "configured for 2g" in (why_not(far) or "")
    assert why_not(far, on=router(wireless(radio0={"band": "5g"}))) is None
    assert "configured for 5g" in (why_not(bss(), on=router(wireless(radio0={"band": "5g"}))) or "")
    old = router(wireless(radio0={"band": "", "hwmode": "11a"}))
    assert "configured for 5g" in (why_not(bss(), on=old) or "")
    assert why_not(far, on=router(wireless(radio0={"band": "", "hwmode": ""}))) is None


def listening(*channels: tuple[Band, int], silent: tuple[Band, int] | None = None) -> Channels:
    return Channels(frozenset(channels), frozenset([silent] if silent else []))


def without_access_point(**radio0: str) -> Package:
    device, _, section = wireless(radio0=radio0)
    return Package("wireless", (device, section))


def test_the_freqlist_limits() -> None:
    limits = {"radio0": listening((Band.GHZ2, 1), (Band.GHZ2, 6))}
    assert why_not(bss(channel=6), on=router(channels=limits)) is None
    assert "not allowed" in (why_not(bss(channel=13), on=router(channels=limits)) or "")
    nothing_told = {"radio0": Channels()}
    assert why_not(bss(channel=13), on=router(channels=nothing_told)) is None


def test_no_ir_matters_only_to_an_own_access_point() -> None:
    limits = {"radio0": listening((Band.GHZ2, 12), silent=(Band.GHZ2, 12))}
    heard = bss(channel=12)
    assert "no-IR" in (why_not(heard, on=router(channels=limits)) or "")
    alone = router(without_access_point(), channels=limits)
    assert why_not(heard, on=alone) is None


@pytest.mark.parametrize("channel", [52, 60, 64, 100, 124, 144])
def test_radar_channels_matter_only_to_an_own_access_point(channel: int) -> None:
    heard = bss(band=Band.GHZ5, channel=channel)
    assert "radar" in (why_not(heard, on=router(wireless(radio0={"band": "5g"}))) or "")
    assert why_not(heard, on=router(without_access_point(band="5g"))) is None


@pytest.mark.parametrize(("band", "channel"), [("5g", 36), ("5g", 48), ("5g", 149), ("6g", 53)])
def test_other_channels_are_free_of_radar(band: str, channel: int) -> None:
    heard = bss(band=Band(band), channel=channel)
    assert why_not(heard, on=router(wireless(radio0={"band": band}))) is None


def test_a_disabled_access_point_need_not_follow() -> None:
    device, access_point, section = wireless(radio0={"band": "5g"})
    quiet = Section(access_point.name, access_point.kind, {**access_point.options, "disabled": "1"})
    on = router(Package("wireless", (device, quiet, section)))
    assert why_not(bss(band=Band.GHZ5, channel=52), on=on) is None


@pytest.mark.parametrize("band", Band)
def test_join_and_drop_levels(band: Band) -> None:
    on = wireless(own(ssid="HomeNet", disabled="0"), radio0={"band": band.value})

    def heard(signal: int) -> Bss:
        return bss(band=band, channel=1, signal=signal)

    join, drop = JOIN_LEVEL[band], DROP_LEVEL[band]
    assert drop < join
    assert why_not(heard(join), on=router(on)) is None
    assert "too weak" in (why_not(heard(join - 1), on=router(on)) or "")
    assert why_not(heard(drop), on=router(on, uplink="HomeNet")) is None
    assert "too weak" in (why_not(heard(drop - 1), on=router(on, uplink="HomeNet")) or "")


def test_min_signal_takes_the_place_of_the_levels() -> None:
    strict, lax = network(min_signal=-60), network(min_signal=-95)
    assert "min_signal" in (why_not(bss(signal=-61), strict) or "")
    assert why_not(bss(signal=-60), strict) is None
    assert why_not(bss(signal=-94), lax) is None
    asked = plan([bss(signal=-61)], [strict], chosen=Ssid(b"HomeNet"))
    assert not asked.candidates[0].eligible
    assert why_not(bss(signal=None), strict) is None  # the driver tells none


def test_names_that_uci_cannot_hold_are_refused_with_the_reason() -> None:
    assert "control characters" in (why_not(bss("a\nb"), network("a\nb")) or "")
    found = plan([bss("a\x1b[2J")], [network()])
    assert "control characters" in found.ignored[0].why
    assert plan([bss("$(reboot)'\"")], [network("$(reboot)'\"")]).decision.action is Action.JOIN


def test_the_own_access_point_is_never_a_candidate() -> None:
    found = plan([bss(bssid="02:00:00:00:00:00")], [network()])
    assert found.candidates == ()
    assert "own access point" in found.ignored[0].why


# --- BSSIDs ---


def test_a_list_of_bssids_limits_and_is_written() -> None:
    here, there = "02:00:00:00:06:00", "02:00:00:00:06:01"
    air = [bss(bssid=there, signal=-30), bss(bssid=here, signal=-60)]
    found = plan(air, [network(bssids=(here,))])
    assert found.decision.candidate is not None
    assert found.decision.candidate.bss == air[1]
    assert f"set wireless.wifirelay.bssid='{here}'" in shown(found)
    assert "lists" in (found.candidates[1].why_not or "")
    assert not [edit for edit in shown(plan(air, [network()])) if ".bssid" in edit]


def shown(found: Plan) -> list[str]:
    return [edit.shown() for edit in found.edits]


def test_the_next_join_takes_away_what_an_earlier_one_left() -> None:
    left = {
        "ssid": "eduroam",
        "bssid": "02:00:00:00:06:00",
        "key": "old",
        "eap_type": "ttls",
        "auth": "PAP",
        "identity": "me",
        "anonymous_identity": "anon",
        "password": "secret",
        "ca_cert": "/etc/ca.pem",
        "client_cert": "/etc/me.pem",
        "priv_key": "/etc/me.key",
        "priv_key_pwd": "secret",
        "macaddr": "02:00:00:00:00:99",
    }
    on = router(wireless(own(**left)))
    air = [bss("CafeOpen", security=Security.OPEN)]
    edits = shown(plan(air, [network("CafeOpen", None)], on))
    assert {edit for edit in edits if edit.startswith("delete ")} == {
        f"delete wireless.wifirelay.{option}"
        for option in left
        if option not in ("ssid", "macaddr")
    }
    assert not [edit for edit in edits if "macaddr" in edit]


# --- hidden networks ---


def test_a_hidden_network_is_matched_by_its_security() -> None:
    room = network("Backroom", hidden=True, security="sae")
    air = [
        bss(None, bssid="02:00:00:00:07:01", security=Security.PSK2, signal=-20),
        bss(None, bssid="02:00:00:00:07:02", security=Security.SAE, signal=-60),
        bss(None, bssid="02:00:00:00:07:03", security=Security.OPEN),
    ]
    found = plan(air, [room])
    assert [each.bss for each in found.candidates] == [air[1]]
    assert [each.bss for each in found.ignored] == [air[0], air[2]]
    assert "set wireless.wifirelay.ssid='Backroom'" in shown(found)


def test_a_hidden_network_that_shows_its_name_is_matched_by_it() -> None:
    found = plan([bss("Backroom")], [network("Backroom", hidden=True)])
    assert [each.bss for each in found.candidates] == [bss("Backroom")]


def test_a_bss_without_a_name_is_no_visible_network() -> None:
    found = plan([bss(None)], [network()])
    assert found.candidates == ()
    assert "hidden" in found.ignored[0].why


def test_blind_comes_after_all_that_is_heard() -> None:
    room = network("Backroom", hidden=True, priority=50)
    cafe = network("CafeOpen", None, priority=-5)
    air = [bss("CafeOpen", security=Security.OPEN)]
    found = plan(air, [room, cafe])
    assert str(found.decision.candidate and found.decision.candidate.network.ssid) == "CafeOpen"
    assert [each.bss for each in found.candidates] == [air[0], None]
    alone = plan([], [room, cafe])
    assert alone.decision.action is Action.JOIN
    assert "blind" in alone.decision.why
    assert "set wireless.wifirelay.ssid='Backroom'" in shown(alone)


@pytest.mark.parametrize(
    ("known", "encryption"),
    [
        (network("x", hidden=True), "sae-mixed"),
        (network("x", "short", hidden=True), "sae"),  # no passphrase of WPA2
        (network("x", "0123456789abcdef" * 4, hidden=True), "psk2"),  # of no use to SAE
        (network("x", None, hidden=True), "none"),
        (network("x", None, hidden=True, security="owe"), "owe"),
        (network("x", hidden=True, security="psk2"), "psk2"),
        (network("x", hidden=True, security="sae"), "sae"),
    ],
)
def test_what_a_blind_try_writes(known: KnownNetwork, encryption: str) -> None:
    assert f"set wireless.wifirelay.encryption='{encryption}'" in shown(plan([], [known]))


def test_nothing_is_tried_blind_that_has_limits_or_another_was_asked_for() -> None:
    limited = network("Backroom", hidden=True, bssids=("02:00:00:00:07:00",))
    assert plan([], [limited]).candidates == ()
    both = [network("Backroom", hidden=True), network()]
    assert plan([], both, chosen=Ssid(b"HomeNet")).candidates == ()


# --- radios ---


def test_radios_to_use() -> None:
    more = Section("radio1", "wifi-device", {"band": "5g", "disabled": "1"})
    package = Package("wireless", (more, *wireless()))
    assert radio_names(package, RELAY) == ("radio0",)
    named = Relay(radios=("radio1", "radio0"))
    assert radio_names(package, named) == ("radio1", "radio0")
    assert list(usable_radios(package, named, {})) == ["radio1", "radio0"]
    with pytest.raises(ConfigError, match=r"relay\.radios\[1\]: .*radio7") as refused:
        radio_names(package, Relay(radios=("radio0", "radio7")))
    assert "radio0" in refused.value.hint
    with pytest.raises(ConfigError):
        plan([bss()], [network()], relay=Relay(radios=("radio7",)))


def test_a_disabled_radio_is_not_used_and_says_why() -> None:
    on = router(wireless(radio0={"disabled": "1"}))
    assert "not one of the radios" in (why_not(bss(), on=on) or "")
    named = Relay(radios=("radio0",))
    (candidate,) = plan([bss()], [network()], on, relay=named).candidates
    assert "disabled" in (candidate.why_not or "")
    assert plan([], [network(hidden=True)], on, relay=named).candidates == ()
