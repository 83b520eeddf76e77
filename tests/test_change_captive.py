# SPDX-License-Identifier: GPL-2.0-or-later
"""Asking a login page's own API through a router in words: whether and how it is asked, and what
comes of an answer without an end."""

import json

import pytest

from tests.changing import LOST, Answer, Scripted, failed, raised
from wifirelay.change.captive import LIMIT, able, ask, session_of, with_session
from wifirelay.errors import DeadlineExceeded, LinkLost, TooLong
from wifirelay.router.captive import MOST
from wifirelay.router.verdict import Internet, Session, Verdict
from wifirelay.transport.base import Completed

DEVICE = "phy0-sta0"
API = "https://api.train.example/captive"
PAGE = "https://login.train.example/"
ASKED = f"captive {API} {DEVICE}"
CAPTIVE = Completed(0, json.dumps({"captive": True, "user-portal-url": PAGE}).encode())
ONLINE = Internet(Verdict.ONLINE, "a page answered")


def digits(url: str) -> str:
    """As DHCP gives it."""
    return url.encode().hex()


NONE_IS_NEEDED = digits("urn:ietf:params:capport:unrestricted")
NO_API = digits("http://api.train.example/")


def test_it_is_asked_through_the_uplink_for_so_long_and_so_much() -> None:
    router = Scripted({"captive": CAPTIVE})
    assert session_of(router, digits(API), DEVICE) == Session("", True, PAGE)
    assert router.asked == [ASKED]
    (command,) = router.commands
    assert command.deadline == LIMIT
    assert command.most == 2 * MOST
    assert command == ask(digits(API), DEVICE)


def test_a_network_without_a_login_page_is_not_asked() -> None:
    assert session_of(Scripted({}), NONE_IS_NEEDED, DEVICE) is None
    assert ask(NONE_IS_NEEDED, DEVICE) is None


def test_an_address_that_is_none_is_told_and_not_asked() -> None:
    assert session_of(Scripted({}), NO_API, DEVICE) == Session("its address is not https")
    assert ask(NO_API, DEVICE) is None


@pytest.mark.parametrize(
    ("answer", "why", "asked"),
    [
        (TooLong("more than 32 KiB"), "what it answers is too long", []),
        (DeadlineExceeded("no end"), "it does not answer in time", ["true"]),
        (failed(31), "this router has no TLS", []),
    ],
)
def test_an_answer_without_an_end_says_something_of_the_network(
    answer: Answer, why: str, asked: list[str]
) -> None:
    router = Scripted({"captive": answer, "true": Completed(0)})
    session = session_of(router, digits(API), DEVICE)
    assert session is not None
    assert session.why.startswith(why)
    assert router.asked == [ASKED, *asked]


def test_a_link_that_stalls_says_nothing_of_it() -> None:
    with raised(LinkLost, LOST.message):
        session_of(
            Scripted({"captive": DeadlineExceeded("no end"), "true": LOST}), digits(API), DEVICE
        )
    with raised(LinkLost, LOST.message):
        session_of(Scripted({"captive": LOST}), digits(API), DEVICE)


def test_internet_that_is_proved_counts_and_what_it_says_is_told() -> None:
    router = Scripted({"captive": CAPTIVE})
    found = with_session(router, ONLINE, digits(API), DEVICE)
    assert (found.verdict, found.portal) == (Verdict.ONLINE, "")
    assert found.why == f"a page answered; the network itself says that a login is needed {PAGE}"
    assert found.session == Session("", True, PAGE)
    assert router.asked == [ASKED]
    told = with_session(Scripted({}), ONLINE, NO_API, DEVICE)
    assert told.session == Session("its address is not https")
    assert (told.verdict, told.why) == (Verdict.ONLINE, ONLINE.why)


@pytest.mark.parametrize("verdict", [Verdict.OFFLINE, Verdict.NO_DNS, Verdict.PORTAL])
def test_where_no_page_proves_it_the_login_that_it_names_is_needed(verdict: Verdict) -> None:
    router = Scripted({"captive": CAPTIVE})
    found = with_session(router, Internet(verdict, "no page"), digits(API), DEVICE)
    assert (found.verdict, found.portal) == (Verdict.PORTAL, PAGE)
    assert found.session == Session("", True, PAGE)
    assert router.asked == [ASKED]


@pytest.mark.parametrize("named", ["", NONE_IS_NEEDED])
def test_where_none_is_named_it_stays_with_the_pages(named: str) -> None:
    assert with_session(Scripted({}), ONLINE, named, DEVICE) is ONLINE


def test_why_a_router_cannot_ask_any() -> None:
    assert able().read(Scripted({"captive": Completed(0)})) == ""
    lacks = Scripted({"captive": failed(32)})
    assert "ca-bundle" in able().read(lacks)
    assert lacks.asked == ["captive"]
