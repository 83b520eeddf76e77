# SPDX-License-Identifier: GPL-2.0-or-later
"""Secrets that never show, names of any bytes, text made harmless, addresses and bands."""

import copy
import json
import pickle
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wifirelay.core.known import Eap, KnownNetwork
from wifirelay.errors import TrialFailed
from wifirelay.values import Band, Secret, Ssid, parse_bssid, printable, shown

KEY = "correct horse battery"
ANY_TEXT = st.text(st.characters(codec=None), max_size=40)  # lone surrogates as well
LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
DANGEROUS = "\x1b\x9b\x00\x7f\u202a\u202e\u2066\u2069\u200b\u200e\u200f\ufeff" + LINE_ENDS


@dataclass(frozen=True)
class Holder:
    """A value with a secret in it, as configurations are."""

    name: str
    key: Secret


# --- secrets ---


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        format,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r:>40}",
        lambda secret: f"{secret:^30}",
        lambda secret: "%s" % secret,  # noqa: UP031
        lambda secret: "%r" % (secret,),  # noqa: UP031
        lambda secret: "{} {!s}".format(secret, secret),  # noqa: UP032
        lambda secret: ascii([secret, {"key": secret}]),
        lambda secret: repr(Holder("x", secret)),
        lambda secret: repr(KnownNetwork(Ssid(b"x"), secret)),
        lambda secret: repr(Eap("peap", "me", password=secret, priv_key_password=secret)),
        lambda secret: str(ValueError("bad", secret)),
        lambda secret: repr(TrialFailed(f"no {secret}", hint=f"look at {secret}").args),
    ],
)
def test_no_way_of_showing_shows_a_secret(show: Callable[[Secret], str]) -> None:
    text = show(Secret(KEY))
    assert "***" in text
    assert KEY not in text


@pytest.mark.parametrize(
    "carry",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        lambda secret: asdict(Holder("x", secret)),
        json.dumps,
        lambda secret: pickle.dumps(Holder("x", secret), protocol=0),
        vars,
        lambda secret: "".join([secret]),
        lambda secret: secret + "",
        lambda secret: secret.encode(),
    ],
)
def test_a_secret_goes_nowhere_by_itself(carry: Callable[[Secret], object]) -> None:
    with pytest.raises((TypeError, AttributeError)) as refused:
        carry(Secret(KEY))
    assert KEY not in "".join(traceback.format_exception(refused.value))


def test_a_secret_compares_and_reveals() -> None:
    assert Secret(KEY) == Secret(KEY)
    assert len({Secret(KEY), Secret(KEY), Secret("other")}) == 2
    assert Secret(KEY) != KEY
    assert Secret(KEY).reveal() == KEY


# --- SSIDs ---


@given(st.binary(max_size=32))
@example(b"caf\xe9")
@example(b"\xed\xa0\x80")  # UTF-8's form of a surrogate
@example(bytes(range(32)))
def test_any_bytes_survive_as_text_and_hex(raw: bytes) -> None:
    ssid = Ssid(raw)
    assert Ssid.of(ssid.text) == ssid
    assert bytes.fromhex(ssid.hex) == raw
    assert Ssid.of(json.loads(json.dumps(ssid.text))) == ssid


@given(st.binary(max_size=34))
def test_joinable_names_are_those_without_control_characters(raw: bytes) -> None:
    fits = 0 < len(raw) <= 32 and not any(byte < 32 or byte == 127 for byte in raw)
    assert (Ssid(raw).unjoinable() is None) == fits


@given(st.binary(max_size=32), st.binary(max_size=32))
def test_different_names_never_look_the_same(one: bytes, other: bytes) -> None:
    assert (str(Ssid(one)) == str(Ssid(other))) == (one == other)


# --- text made harmless ---


def harmless(text: str) -> bool:
    return text.isprintable() and len(text.splitlines()) <= 1 and not set(text) & set(DANGEROUS)


@given(ANY_TEXT)
@example(DANGEROUS)
@example("\x1b]0;owned\x07\x1b[2J")
@example("\ud800\udc80\udcff\udfff")
def test_shown_is_one_harmless_line(text: str) -> None:
    assert harmless(shown(text))
    assert harmless(printable(text))
    assert shown(text).encode("utf-8").decode() == shown(text)


@given(ANY_TEXT, ANY_TEXT)
@example("\x1b", "\\x1b")
@example("\\\x1b", "\\\\x1b")
@example("\udc9b", "\x9b")
@example("\\udc9b", "\udc9b")
@example("\x1b1", "\u01b1")
def test_shown_keeps_different_texts_apart(one: str, other: str) -> None:
    assert (shown(one) == shown(other)) == (one == other)


@given(ANY_TEXT)
def test_printable_leaves_what_is_shown_alone(text: str) -> None:
    assert printable(shown(text)) == shown(text)


@pytest.mark.parametrize(
    ("text", "harmless_text"),
    [
        ("HomeNet", "HomeNet"),
        ('咖啡馆 "quoted" & spaces', '咖啡馆 "quoted" & spaces'),
        ("caf\udce9", "caf\\xe9"),
        ("a\\b", "a\\\\b"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\U000e0001", "\\U000e0001"),
        ("a\tb\nc", "a\\x09b\\x0ac"),
    ],
)
def test_shown_reads_well(text: str, harmless_text: str) -> None:
    assert shown(text) == harmless_text


# --- addresses and bands ---


@pytest.mark.parametrize("text", ["02:00:00:00:0f:01", "02-00-00-00-0F-01", " 02:00:00:00:0F:01\n"])
def test_a_bssid_has_one_form(text: str) -> None:
    assert parse_bssid(text) == "02:00:00:00:0F:01"


@pytest.mark.parametrize(
    "text",
    ["", "02:00:00:00:0F", "02:00:00:00:0F:01:02", "0200000000F01", "02:00:00:00:0F:0G", "\x1b[2J"],
)
def test_what_is_no_bssid_is_refused_harmlessly(text: str) -> None:
    with pytest.raises(ValueError, match="is not a BSSID") as refused:
        parse_bssid(text)
    assert str(refused.value).isprintable()


@given(st.binary(min_size=6, max_size=6))
def test_every_address_is_a_bssid(raw: bytes) -> None:
    assert parse_bssid(raw.hex("-")) == raw.hex(":").upper()


@pytest.mark.parametrize(
    ("mhz", "band"),
    [
        (2399, None),
        (2412, Band.GHZ2),
        (2484, Band.GHZ2),
        (2500, None),
        (4899, None),
        (4920, Band.GHZ5),
        (5180, Band.GHZ5),
        (5885, Band.GHZ5),
        (5955, Band.GHZ6),
        (7115, Band.GHZ6),
        (7126, None),
        (58320, None),
        (-1, None),
    ],
)
def test_the_band_of_a_frequency(mhz: int, band: Band | None) -> None:
    assert Band.of_mhz(mhz) is band
