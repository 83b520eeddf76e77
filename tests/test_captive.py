# SPDX-License-Identifier: GPL-2.0-or-later
"""A login page's own API: its address out of DHCP's option, its answer, and what both come to."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifirelay.router.captive import MOST, api_of, judged, named, parse_session
from wifirelay.router.internet import PROBES
from wifirelay.router.verdict import Internet, Session, Verdict
from wifirelay.transport.anonymous import Anonymizer
from wifirelay.transport.base import Completed

API = "https://api.train.example/captive?x=1"
PAGE, VENUE = "https://login.train.example/", "https://train.example/menu"


def hexed(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").hex()


def answer(**said: Any) -> Session:
    return parse_session(Completed(0, json.dumps(said).encode()))


# --- the address ---


@pytest.mark.parametrize("digits", [hexed(API), hexed(API).upper(), hexed(API) + "0000"])
def test_an_address_is_what_option_114_holds(digits: str) -> None:
    assert api_of(digits) == (API, "")


def test_a_network_may_say_that_it_has_no_login_page() -> None:
    assert api_of(hexed("urn:ietf:params:capport:unrestricted")) == ("", "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("http://api.train.example/", "its address is not https"),
        ("https://10.30.0.1/captive", "its address has no name of a host"),
        ("https://[fd00::1]/captive", "its address has no name of a host"),
        ("https://192.168.1.1/cgi-bin/luci", "its address has no name of a host"),
        ("https://localhost/", "its address has no name of a host"),
        ("https://router.lan/", "its address has no name of a host"),
        ("https://printer.local/", "its address has no name of a host"),
        ("https://me@api.train.example/", "its address is none"),
        ("file:///etc/shadow", "its address is none"),
        ("https://api.train.example/$(reboot)\n", "its address is none"),
        ("-oProxyCommand=x", "its address is none"),
        ("https://api.train.example/\x1b[31m", "its address is none"),
        ("https://api.train.example/" + "x" * 2000, "its address is none"),
        ("https://caf\udce9.example/", "its address is none"),
        ("", "its address is none"),
    ],
)
def test_what_is_no_address_of_an_api_is_told(text: str, why: str) -> None:
    assert api_of(hexed(text)) == ("", why)


@pytest.mark.parametrize("digits", ["6", "zz", "68 74", "\udce9"])
def test_what_is_no_hexadecimal_is_no_address(digits: str) -> None:
    assert api_of(digits)[0] == ""


@given(st.one_of(st.binary(max_size=300).map(bytes.hex), st.text(max_size=300)))
def test_whatever_dhcp_says_it_is_asked_by_name_over_https_or_not_at_all(digits: str) -> None:
    url, why = api_of(digits)
    assert not (url and why)
    assert not url or (url.startswith("https://") and url.isascii() and url.isprintable())


@pytest.mark.parametrize("host", ["a..b", "lan", "x.lan.", "127.0.0.1", "::1", ""])
def test_what_is_no_name_in_the_worlds_dns(host: str) -> None:
    assert not named(host)
    assert named("login.train.example")


# --- its answer ---


def test_an_answer_is_read_as_a_whole() -> None:
    said = {
        "captive": False,
        "user-portal-url": PAGE,
        "venue-info-url": VENUE,
        "can-extend-session": True,
        "seconds-remaining": 3600,
        "bytes-remaining": 1 << 40,
        "anything": {"else": [None]},
    }
    assert answer(**said) == Session("", False, PAGE, VENUE, True, 3600, 1 << 40)
    assert answer(captive=True) == Session("", True)
    assert answer(captive=True, **{"seconds-remaining": None}) == Session("", True)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "does not say whether"),
        ({"captive": 1}, "does not say whether"),
        ({"captive": "true"}, "does not say whether"),
        ({"captive": True, "user-portal-url": "http://login.train.example/"}, "user-portal-url"),
        ({"captive": True, "user-portal-url": "javascript:alert(1)"}, "user-portal-url"),
        ({"captive": True, "user-portal-url": PAGE + "\n"}, "user-portal-url"),
        ({"captive": True, "user-portal-url": ["x"]}, "user-portal-url"),
        ({"captive": True, "user-portal-url": ""}, "user-portal-url"),
        ({"captive": True, "venue-info-url": "https://a b/"}, "venue-info-url"),
        ({"captive": False, "seconds-remaining": -1}, "seconds-remaining"),
        ({"captive": False, "seconds-remaining": 1.5}, "seconds-remaining"),
        ({"captive": False, "seconds-remaining": True}, "seconds-remaining"),
        ({"captive": False, "seconds-remaining": "60"}, "seconds-remaining"),
        ({"captive": False, "seconds-remaining": 10**12}, "seconds-remaining"),
        ({"captive": False, "bytes-remaining": 1 << 63}, "bytes-remaining"),
        ({"captive": False, "can-extend-session": 1}, "can-extend-session"),
    ],
)
def test_an_answer_that_is_partly_wrong_says_nothing(said: dict[str, Any], why: str) -> None:
    session = answer(**said)
    assert why in session.why
    assert session == Session(session.why)


@pytest.mark.parametrize(
    ("out", "why"),
    [
        (b"", "is no JSON"),
        (b"<html>log in</html>", "is no JSON"),
        (b'{"captive": NaN}', "is no JSON"),
        (b'{"captive": false, "seconds-remaining": ' + b"9" * 5000 + b"}", "is no JSON"),
        (b"[" * 10_000, "is no JSON"),
        (b'{"captive": true, "x": "\xff"}', "is no JSON"),
        (b"[true]", "does not say whether"),
        (b'{"captive": true}' + b" " * MOST, "is too long"),
        (b'{"captive": false, "seconds-remaining": 1e999}', "seconds-remaining"),
    ],
)
def test_what_is_no_such_answer_is_told(out: bytes, why: str) -> None:
    assert why in parse_session(Completed(0, out)).why


@pytest.mark.parametrize(
    ("rc", "why"),
    [
        (31, "libustream-mbedtls"),
        (32, "ca-bundle"),
        (5, "certificate is not trusted"),
        (60, "certificate is not trusted"),
        (8, "answers with an error"),
        (22, "answers with an error"),
        (124, "does not answer in time"),
        (7, "exit code 7"),
    ],
)
def test_a_program_that_fails_says_why(rc: int, why: str) -> None:
    assert why in parse_session(Completed(rc, b'{"captive": false}')).why


@given(st.binary(max_size=200), st.integers(0, 255))
def test_whatever_it_answers_a_session_is_all_or_nothing(out: bytes, rc: int) -> None:
    session = parse_session(Completed(rc, out))
    assert session.why.isprintable()
    assert not session.why or session == Session(session.why)


# --- both together ---

UP = Internet(Verdict.ONLINE, "it answers")
DOWN = Internet(Verdict.OFFLINE, "no probe page answers")
REDIRECTED = Internet(Verdict.PORTAL, "something else answers: a login page?", "http://10.30.0.1/")


@pytest.mark.parametrize("probed", [DOWN, REDIRECTED, Internet(Verdict.NO_DNS, "none")])
def test_a_login_that_the_api_says_is_needed_is_needed(probed: Internet) -> None:
    session = Session("", True, PAGE)
    found = judged(probed, session)
    assert (found.verdict, found.portal, found.session) == (Verdict.PORTAL, PAGE, session)
    bare = judged(probed, Session("", True))
    assert bare.verdict is Verdict.PORTAL
    assert bare.portal == (probed.portal or PROBES[0].url)


def test_internet_that_is_there_counts_and_the_word_of_the_api_is_told() -> None:
    session = Session("", True, PAGE, seconds=60)
    found = judged(UP, session)
    assert (found.verdict, found.portal, found.session) == (Verdict.ONLINE, "", session)
    assert found.why == f"it answers; the network itself says that a login is needed {PAGE}"
    assert judged(UP, Session("", True)).why.endswith("a login is needed")


def test_a_login_that_is_not_needed_is_not_what_keeps_the_pages_away() -> None:
    found = judged(REDIRECTED, Session("", False, PAGE))
    assert (found.verdict, found.portal) == (Verdict.OFFLINE, "")
    assert found.why.endswith("says that none is needed")
    assert judged(DOWN, Session("", False)).verdict is Verdict.OFFLINE
    assert judged(UP, Session("", False)).why == UP.why


def test_how_long_it_lasts_is_told_where_there_is_internet() -> None:
    assert judged(UP, Session("", False, seconds=5400)).why == (
        "it answers; the session lasts 90 min more"
    )


@pytest.mark.parametrize("probed", [UP, DOWN, REDIRECTED])
def test_an_api_that_says_nothing_changes_nothing(probed: Internet) -> None:
    found = judged(probed, Session("what it answers is no JSON", True, PAGE))
    assert (found.verdict, found.why, found.portal) == (probed.verdict, probed.why, probed.portal)


# --- recordings ---


def test_an_anonymous_recording_does_not_name_it() -> None:
    anonymous = Anonymizer()
    text = f"up 7\napi.wwan {hexed(API)}\nboot b007\n"
    anonymous.learn(text)
    shown = text.replace(hexed(API), hexed("https://api.example/"))
    assert anonymous.text(("sh",), text) == shown
