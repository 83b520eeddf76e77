# SPDX-License-Identifier: GPL-2.0-or-later
"""wifirelay's own state on a router, read from what the script tells of it."""

import pytest

from tests.changing import Scripted, failed, raised, state
from wifirelay.change.onrouter import (
    Lock,
    Token,
    TrialToken,
    on_router,
    parse_on_router,
    read_if_known,
)
from wifirelay.errors import NotRecorded, RouterAnswer
from wifirelay.transport.base import Completed


def test_a_quiet_router() -> None:
    found = on_router().read(Scripted({"state": state()}))
    assert (found.uptime, found.boot, found.installed, found.alive_at) == (1000, "b007", True, 999)
    assert (found.token, found.lock, found.service) == (None, None, None)
    assert (found.held, found.resting, found.paused) == ((), False, "")
    assert (found.unfinished, found.served, found.locked) == (None, None, None)


def test_a_router_without_a_sentry() -> None:
    found = parse_on_router(Completed(0, b"up 5\nboot b007\n"))
    assert (found.uptime, found.installed, found.alive_at) == (5, False, None)
    assert not found.sentry_lives


@pytest.mark.parametrize("name", ["armed", "confirming", "rolling"])
def test_a_trial_under_way(name: str) -> None:
    found = parse_on_router(state(f"{name} 0123 b007 1090", f"{name} wifirelay", f"{name} "))
    assert found.token == found.unfinished == TrialToken(Token(name), "0123", 1090)
    assert str(found.token.state) == name


def test_how_a_trial_has_ended_stands_in_the_fourth_line() -> None:
    lines = ["ended 0123 b007 1090", "ended wifirelay", "ended ", "ended confirmed flash"]
    found = parse_on_router(state(*lines))
    assert found.token == TrialToken(Token.ENDED, "0123", 1090, "confirmed flash")
    assert found.unfinished is None
    found = parse_on_router(state(*lines[:3]))
    assert found.token == TrialToken(Token.ENDED, "0123", 1090, "")


def test_of_two_tokens_the_one_that_is_further_counts() -> None:
    lines = ["ended a b007 1", "armed b b007 2", "confirming c b007 3", "rolling d b007 4"]
    for number in (4, 3, 2, 1):
        found = parse_on_router(state(*lines[:number])).token
        assert found is not None
        assert found.deadline == number


def test_a_token_that_is_half_written_is_none() -> None:
    found = parse_on_router(state("armed 0123 b007", "ended 9 b007 1"))
    assert found.token == TrialToken(Token.ENDED, "9", 1)
    assert parse_on_router(state("armed 0123")).token is None


def test_locks_and_their_leases() -> None:
    found = parse_on_router(
        state("lock/owner abc 1001 my laptop pid 7", "service/owner def 1000 a mast")
    )
    assert found.lock == found.locked == Lock("abc", 1001, "my laptop pid 7")
    assert (found.service, found.served) == (Lock("def", 1000, "a mast"), None)
    found = parse_on_router(state("lock/owner abc 1000 laptop", "service/owner def 1001 a mast"))
    assert (found.locked, found.served) == (None, found.service)
    found = parse_on_router(state("lock/owner sentry 1001"))
    assert found.lock == Lock("sentry", 1001, "the sentry")


def test_sections_that_rest_and_why_nothing_is_joined() -> None:
    found = parse_on_router(
        state("held.wifirelay 1900 30", "held.wifirelay_radio1 - 60", "resting", "paused by me ")
    )
    assert (found.held, found.resting, found.paused) == (("wifirelay",), True, "by me")
    assert parse_on_router(state("paused two", "paused lines")).paused == "two lines"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "up 1000",
        "boot b007",
        "up soon\nboot b007",
        "up 1000\nboot b007\nalive",
        "up 1000\nboot b007\nlock/owner abc",
        "up 1000\nboot b007\narmed a b later",
        f"up {'9' * 16}\nboot b007",
    ],
)
def test_what_is_not_understood_is_said(text: str) -> None:
    with raised(RouterAnswer, "wifirelay's own state", "incomplete"):
        parse_on_router(Completed(0, text.encode()))


def test_the_longest_uptime() -> None:
    assert parse_on_router(Completed(0, f"up {'9' * 15}\nboot x".encode())).uptime == 10**15 - 1


def test_what_the_router_said_about_it_is_passed_on() -> None:
    with raised(RouterAnswer, "sh: not found") as caught:
        parse_on_router(failed(127, " sh: not found \n"))
    assert "incomplete" not in caught[0].message


def test_a_recording_may_not_know() -> None:
    assert read_if_known(Scripted({"state": NotRecorded("no")})) is None
    known = read_if_known(Scripted({"state": state()}))
    assert known is not None
    assert known.uptime == 1000
