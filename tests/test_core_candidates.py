# SPDX-License-Identifier: GPL-2.0-or-later
"""Candidates: the order, each refusal in its words, what is remembered of them, and the score."""

from typing import Any

import pytest
from known import bss, network

from wifirelay.core.candidates import (
    Candidate,
    Current,
    Ignored,
    find,
    sort_key,
)
from wifirelay.core.known import Eap, KnownNetwork
from wifirelay.core.rank import ENOUGH_SNR, NOISE, Term, expected_rate, score, terms
from wifirelay.core.refusals import JOIN_LEVEL, UsableRadio
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.values import Band, Secret, Security, Ssid

ONE, TWO = "02:00:00:00:02:00", "02:00:00:00:02:02"
RADIOS = {"radio0": UsableRadio("radio0", None, Channels(), has_access_point=True)}


class Told:
    """A record that says this of HomeNet's first access point and of Back tried blind."""

    def __init__(self, why_not: str | None = None, points: float | None = None) -> None:
        self._why_not, self._points = why_not, points

    def _is_meant(self, ssid: Ssid, heard: Bss | None) -> bool:
        if heard is None:
            return ssid == Ssid.of("Back")
        return (ssid, heard.bssid) == (Ssid.of("HomeNet"), ONE)

    def why_not(self, network: KnownNetwork, bss: Bss | None) -> str | None:
        return self._why_not if self._is_meant(network.ssid, bss) else None

    def term(self, ssid: Ssid, bss: Bss | None) -> Term | None:
        if self._points is None or not self._is_meant(ssid, bss):
            return None
        return Term("history", self._points, "failed")


def only(heard: Bss, known: KnownNetwork | None = None, **more: Any) -> Candidate:
    found, ignored = find([heard], [known or network()], more.pop("radios", RADIOS), **more)
    assert not ignored
    return found[0]


# --- refusals ---


@pytest.mark.parametrize(
    ("heard", "known", "why_not"),
    [
        ({"bssid": None}, {}, "the router reported no proper BSSID for it"),
        ({"mode": "Ad-Hoc"}, {}, "not an access point (Ad-Hoc)"),
        (
            {},
            {"bssids": (TWO,)},
            "its BSSID is not one that the configuration lists for this network",
        ),
        (
            {"security": Security.OPEN},
            {},
            "open, but known as secured: possibly an evil twin",
        ),
        (
            {"security": Security.WEP},
            {},
            "WEP (or key management that the router cannot name): never joined; its owner should "
            "set it to WPA2 or WPA3",
        ),
        (
            {"security": Security.WPA1},
            {},
            "WPA1 alone: never joined, it can be broken; its owner should set it to WPA2 or WPA3",
        ),
        (
            {"security": Security.OPEN},
            {"key": None, "security": "owe"},
            "open, and the configuration wants owe: never joined without encryption",
        ),
        (
            {"security": Security.UNKNOWN},
            {},
            "what the router says of its security makes no sense",
        ),
        (
            {"security": Security.PSK2},
            {"security": "sae"},
            "its security is psk2, the configuration wants sae",
        ),
        (
            {"security": Security.OWE},
            {},
            "its security is owe, which the known secret does not fit",
        ),
        (
            {"security": Security.SAE_MIXED},
            {"key": None},
            "it needs a key (sae-mixed), and none is known",
        ),
        ({"radio": "radio9"}, {}, "radio9 is not one of the radios to use"),
        ({"band": None}, {}, "the router did not tell its channel"),
        ({"channel": 0}, {}, "the router did not tell its channel"),
        ({"signal": -71}, {"min_signal": -70}, "-71 dBm is below its min_signal of -70 dBm"),
        ({"signal": -81}, {}, "too weak: -81 dBm, 2g needs -80 dBm"),
    ],
)
def test_each_refusal_says_why(heard: dict[str, Any], known: dict[str, Any], why_not: str) -> None:
    candidate = only(bss(**heard), network(**known))
    assert (candidate.eligible, candidate.score, candidate.why_not) == (False, None, why_not)


def test_refusals_of_a_radio() -> None:
    off = {"radio0": UsableRadio("radio0", None, Channels(), True, why_not="it is off")}
    assert only(bss(), radios=off).why_not == "it is off"
    five = {"radio0": UsableRadio("radio0", Band.GHZ5, Channels(), has_access_point=True)}
    assert only(bss(), radios=five).why_not == "it is on 2g, radio0 is configured for 5g"
    one = Channels(listed=frozenset({(Band.GHZ2, 1)}))
    limited = {"radio0": UsableRadio("radio0", None, one, has_access_point=True)}
    assert only(bss(channel=6), radios=limited).why_not == (
        "channel 6 (2g) is not allowed on this radio in its country"
    )


def test_another_was_asked_for() -> None:
    assert only(bss(), chosen=Ssid.of("Cafe")).why_not == "Cafe was asked for"


@pytest.mark.parametrize("band", list(Band))
def test_the_level_to_join_at_may_be_lower(band: Band) -> None:
    level = JOIN_LEVEL[band] - 5
    assert only(bss(signal=level, band=band, channel=36), lenient=5).eligible
    weak = only(bss(signal=level - 1, band=band, channel=36), lenient=5)
    assert weak.why_not == f"too weak: {level - 1} dBm, {band} needs {level} dBm"


def test_what_is_ignored_is_told_too() -> None:
    mine, other = bss(), bss("Other", bssid=TWO)
    nameless, bad = bss(None, bssid="02:00:00:00:02:04"), bss("a\nb", bssid="02:00:00:00:02:05")
    found, ignored = find(
        [mine, other, nameless, bad, bss(bssid=TWO)],
        [network(), network("Back", key=None, hidden=True)],
        RADIOS,
        own_macs=frozenset({ONE}),
    )
    assert ignored == (
        Ignored(mine, "this router's own access point"),
        Ignored(other, "not a known network"),
        Ignored(nameless, "hidden, and no known network marked `hidden` fits it"),
        Ignored(
            bad,
            "not a known network, and could not be one: the SSID holds control characters, "
            "which UCI and wpa_supplicant cannot take",
        ),
    )
    assert [each.bss for each in found] == [bss(bssid=TWO), None]


@pytest.mark.parametrize(("key", "fits"), [("1234567", False), ("12345678", True), ("ÄÖÜß", True)])
def test_a_key_shorter_than_eight_bytes_is_no_passphrase(key: str, fits: bool) -> None:
    assert network(key=key).fits(Security.PSK2) is fits
    assert network(key=key).fits(Security.SAE)


def test_a_login_protects_as_a_key_does() -> None:
    login = network(key=None, eap=Eap("peap", "me", Secret("pw")))
    assert login.protected and network().protected and not network(key=None).protected
    assert only(bss(security=Security.OPEN), login).why_not == (
        "open, but known as secured: possibly an evil twin"
    )


# --- what is remembered ---


def test_what_is_remembered_against_it_lets_it_wait_or_costs_points() -> None:
    waits = only(bss(), record=Told("it waits", -4.0))
    assert (waits.why_not, waits.terms) == ("it waits", ())
    plain, costly = only(bss()), only(bss(), record=Told(points=-4.0))
    assert costly.terms == (*plain.terms, Term("history", -4.0, "failed"))
    assert costly.score == (plain.score or 0.0) - 4.0
    assert only(bss(bssid=TWO), record=Told("it waits", -4.0)).terms == plain.terms
    other = only(bss("Cafe"), network("Cafe"), record=Told("it waits", -4.0))
    assert other.eligible and other.terms == plain.terms
    assert only(bss(signal=-95), record=Told("it waits")).why_not == (
        "too weak: -95 dBm, 2g needs -80 dBm"  # what cannot be goes before what waits
    )


def test_the_uplink_that_works_never_waits() -> None:
    current = Current(Ssid.of("HomeNet"), "radio0", ONE)
    assert only(bss(), record=Told("it waits"), current=current).eligible
    elsewhere = Current(Ssid.of("HomeNet"), "radio1", ONE)
    assert only(bss(), record=Told("it waits"), current=elsewhere).why_not == "it waits"


def test_one_tried_blind_waits_too() -> None:
    hidden = [network("Back", hidden=True), network("Garden", hidden=True)]
    found, _ = find([], hidden, RADIOS, record=Told("it waits"))
    assert [(each.network.ssid.text, each.why_not) for each in found] == [
        ("Garden", None),
        ("Back", "it waits"),
    ]


def test_one_that_cannot_be_tried_blind_keeps_no_other_from_it() -> None:
    hidden = [network("Back", hidden=True, bssids=(ONE,)), network("Garden", hidden=True)]
    found, _ = find([], hidden, RADIOS)
    assert [each.network.ssid.text for each in found] == ["Garden"]


def test_a_nameless_one_may_be_what_it_is_beside_and_any_that_hides() -> None:
    cafe = bss("Cafe", bssid="02:00:00:00:21:00", security=Security.OPEN)
    nameless = bss(None, bssid="06:00:00:00:21:01", security=Security.OWE)
    known = [network("Cafe", None), network("Back", None, hidden=True)]
    found, _ = find([cafe, nameless], known, RADIOS)
    may_be = [each for each in found if each.bss is not None and each.bss.bssid == nameless.bssid]
    assert {each.network.ssid.text for each in may_be} == {"Cafe", "Back"}


def test_a_known_network_is_no_stranger() -> None:
    stranger = only(bss(), network(stranger=True))
    assert len(stranger.terms) == len(only(bss()).terms) + 1


# --- order ---


def made(signal: int | None = -60, points: float = 10.0, **more: Any) -> Candidate:
    parts = (Term("signal", points, ""),)
    known = network(more.pop("name", "HomeNet"), **more.pop("known", {}))
    radio = more.pop("radio", "radio0")
    return Candidate(known, radio, bss(signal=signal, radio=radio, **more), parts)


def test_the_order_goes_by_each_of_these_before_the_next() -> None:
    ranks = [
        made(known={"priority": 2}, points=0.0),
        made(known={"priority": 1}, points=0.0, name="Zed"),
        made(known={"priority": 1, "metered": True}, points=90.0),
        made(points=11.0, signal=-90),
        made(signal=-50),
        made(signal=-60, name="Cafe", radio="radio1"),
        made(signal=-60, name="HomeNet"),
        made(signal=-60, name="HomeNet", bssid=TWO),
        made(signal=-60, name="HomeNet", radio="radio1"),
        made(signal=None, name="Cafe", bssid=None),
        made(signal=None, name="Cafe"),
        made(points=0.5),
        made(points=0.0),
        made(points=-1.0),
        Candidate(network("Back", priority=9), "radio0", None),
        Candidate(network(priority=9), "radio0", bss(), why_not="no"),
    ]
    backwards = ranks[::-1]
    assert sorted(backwards, key=sort_key) == ranks


# --- the score ---


def test_the_terms_of_a_score_in_words() -> None:
    heard = bss(signal=-50, security=Security.OWE, band=Band.GHZ5, channel=36, width=80)
    assert terms(heard, current=True) == (
        Term("signal", 25.0, "-50 dBm is 42 dB above the noise, more than 25 does not help"),
        Term("rate", 11.0, "about 292 Mb/s with 80 MHz"),
        Term("band", 2.0, "5g is less crowded"),
        Term("security", -10.0, "owe: nobody knows who runs it"),
        Term("current", 8.0, "the uplink works through it now"),
    )
    assert terms(bss(signal=-70), current=False) == (
        Term("signal", 19.0, "-70 dBm is 19 dB above the noise"),
        Term("rate", 6.0, "about 52 Mb/s with 20 MHz"),
    )
    assert terms(bss(signal=-80, band=Band.GHZ6, channel=5), current=False) == (
        Term("signal", 12.0, "-80 dBm is 12 dB above the noise"),
        Term("rate", 4.0, "about 26 Mb/s with 20 MHz"),
        Term("band", 4.0, "6g is less crowded"),
    )
    assert terms(bss(signal=None), current=False)[0] == Term(
        "signal", 0.0, "-90 dBm is -1 dB above the noise"
    )


@pytest.mark.parametrize("band", list(Band))
def test_more_than_enough_signal_is_said_to_be(band: Band) -> None:
    enough = NOISE[band] + ENOUGH_SNR
    for signal, more in ((enough, False), (enough + 1, True)):
        first = terms(bss(signal=signal, band=band), current=False)[0]
        assert first.points == float(ENOUGH_SNR)
        assert ("more than" in first.why) is more


def test_a_score_has_one_decimal() -> None:
    assert score((Term("a", 0.1, ""), Term("b", 0.2, ""), Term("c", 1.05, ""))) == 1.4
    assert score(()) == 0


@pytest.mark.parametrize(
    ("snr", "width", "rate"),
    [
        *((25, 20, 65.0), (24, 20, 58.5), (20, 20, 58.5), (19, 20, 52.0), (18, 20, 52.0)),
        *((17, 20, 39.0), (15, 20, 39.0), (14, 20, 26.0), (11, 20, 26.0), (10, 20, 19.5)),
        *((9, 20, 19.5), (8, 20, 13.0), (5, 20, 13.0), (4, 20, 6.5), (-20, 20, 6.5)),
        *((28, 40, 65 * 2.07), (27, 40, 58.5 * 2.07), (31, 80, 65 * 4.5), (30, 80, 58.5 * 4.5)),
        *((34, 160, 65 * 9.0), (37, 320, 65 * 18.0), (36, 320, 58.5 * 18.0)),
    ],
)
def test_the_rate_by_signal_and_width(snr: int, width: int, rate: float) -> None:
    assert expected_rate(snr, width, high_throughput=True) == rate
    assert expected_rate(snr, width, high_throughput=False) == min(rate, 54.0)
