# SPDX-License-Identifier: GPL-2.0-or-later
"""What is refused before anything is changed, and what each refusal tells its owner."""

from dataclasses import replace

import pytest

from tests.changing import failed, raised, state
from tests.known import own, router, wireless
from wifirelay.change.checks import (
    check_foreign,
    check_free,
    check_lock,
    check_sentry,
    check_set_up,
    refusal,
)
from wifirelay.change.onrouter import Lock, OnRouter, parse_on_router
from wifirelay.change.scripts import Exit
from wifirelay.errors import Refused
from wifirelay.router.state import Router
from wifirelay.transport.base import Completed
from wifirelay.uci.staged import Change


def changed(*changes: Change) -> Router:
    return replace(router(), changes=changes)


def staged(section: str, option: str = "channel", package: str = "wireless") -> Change:
    return Change(package, "set", section, option, "6")


# --- setup was done ---


def test_a_router_without_own_sections_is_sent_to_setup() -> None:
    bare = wireless(own("guest"))
    with raised(Refused, "not set up", hint="`wifirelay setup`"):
        check_set_up(replace(router(), wireless=bare))


def test_a_radio_without_an_own_section_is_named() -> None:
    check_set_up(router())
    check_set_up(router(), "radio0")
    with raised(Refused, "radio7", "setup", hint="`wifirelay setup`"):
        check_set_up(router(), "radio7")


# --- the sentry ---


def test_without_a_sentry_nothing_is_tried() -> None:
    lives = parse_on_router(state())
    check_sentry(lives)
    with raised(Refused, "sentry is not installed", hint="`wifirelay setup`"):
        check_sentry(replace(lives, installed=False))
    with raised(Refused, "sentry", hint="`/etc/init.d/wifirelay-sentry restart`"):
        check_sentry(replace(lives, alive_at=None))


@pytest.mark.parametrize(("alive", "lives"), [(1000, True), (941, True), (940, False)])
def test_a_sentry_lives_that_was_heard_of_within_a_minute(alive: int, lives: bool) -> None:
    assert parse_on_router(state(up=1000, alive=alive)).sentry_lives is lives


def test_a_sign_of_life_from_the_future_is_of_another_boot() -> None:
    assert not parse_on_router(state(up=1000, alive=1001)).sentry_lives


# --- other hands ---


def test_staged_edits_of_others_are_named_with_both_ways_out() -> None:
    others = changed(staged("radio0"), staged("lan", "ipaddr", "network"))
    with raised(
        Refused,
        "set wireless.radio0.channel=6; set network.lan.ipaddr=6",
        hint=(
            "`uci commit wireless`",
            "`uci revert wireless`",
            "`uci commit network`",
            "`uci revert network`, `uci commit wireless` or",
        ),
    ) as caught:
        check_foreign(others)
    assert "more" not in caught[0].message


def test_of_many_staged_edits_five_are_named_and_the_rest_counted() -> None:
    many = [staged(f"radio{number}") for number in range(7)]
    with raised(Refused, "radio4", hint="`uci commit wireless`") as caught:
        check_foreign(changed(*many[:5]))
    assert "more" not in caught[0].message
    with raised(Refused, "radio4", "and 1 more", hint="`uci commit wireless`"):
        check_foreign(changed(*many[:6]))
    with raised(Refused, "radio4", "and 2 more", hint="`uci commit wireless`") as caught:
        check_foreign(changed(*many))
    assert "radio5" not in caught[0].message


def test_own_tolerated_and_unrelated_edits_are_no_reason() -> None:
    lan = staged("lan", "ipaddr", "network")
    check_foreign(changed(staged("wifirelay", "ssid"), staged("x", "y", "dhcp")))
    check_foreign(changed(lan), tolerated=(lan,))
    with raised(Refused, "firewall.wan", hint="`uci commit firewall`") as caught:
        check_foreign(changed(lan, staged("wan", "input", "firewall")), tolerated=(lan,))
    assert "lan" not in caught[0].message


# --- what scripts refuse ---


OF_SOME = {Exit.DONE, Exit.CLAIMED, Exit.FLASH, Exit.NOTHING, Exit.ELSEWHERE}  # told elsewhere


@pytest.mark.parametrize("code", sorted(set(Exit) - OF_SOME))
def test_a_script_that_refuses_is_understood(code: Exit) -> None:
    refused = refusal(failed(code, "because\n  of that\n"))
    with raised(
        Refused,
        *([] if code in (Exit.NO_SENTRY, Exit.CHANGED) else ["because of that"]),
        hint={
            Exit.NO_SENTRY: "`/etc/init.d/wifirelay-sentry restart`",
            Exit.FOREIGN: "commit or revert",
            Exit.PAUSED: "`wifirelay run`",
        }.get(code, "try again"),
    ):
        assert refused is not None
        raise refused


def test_a_script_that_refuses_says_what_it_is_about() -> None:
    words = {
        Exit.NO_SENTRY: "sentry did not acknowledge",
        Exit.LOCKED: "another controller works on this router",
        Exit.UNFINISHED: "another controller works on this router: its trial has not ended",
        Exit.FOREIGN: "somebody staged edits",
        Exit.CHANGED: "/etc/config/wifirelay was changed",
        Exit.PAUSED: "nothing is to be joined",
    }
    for code, word in words.items():
        assert word in str(refusal(failed(code))), code


@pytest.mark.parametrize("code", [Exit.DONE, Exit.CLAIMED, Exit.FLASH, 1, 127])
def test_other_exit_codes_refuse_nothing(code: int) -> None:
    assert refusal(Completed(code, err=b"something")) is None


# --- another controller ---


def held(lease: int = 1060) -> OnRouter:
    return replace(parse_on_router(state()), lock=Lock("abc", lease, "a laptop"))


def test_another_controllers_lock_is_respected_for_its_lease() -> None:
    for check in (check_lock, check_free):
        with raised(Refused, "a laptop", hint="in 60 s"):
            check(held())
        check(held(lease=1000))
        check(replace(held(), lock=None))


@pytest.mark.parametrize(("deadline", "left"), [(1100, 130), (1001, 31), (990, 30)])
def test_a_trial_that_has_not_ended_is_waited_for(deadline: int, left: int) -> None:
    trial = parse_on_router(state(f"armed abc b007 {deadline}"))
    check_lock(trial)
    with raised(Refused, "trial", hint=f"within {left} s"):
        check_free(trial)


def test_a_trial_that_has_ended_is_nothing_to_wait_for() -> None:
    check_free(parse_on_router(state("ended abc b007 1100")))
