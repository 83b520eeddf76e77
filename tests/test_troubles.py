# SPDX-License-Identifier: GPL-2.0-or-later
"""Back-off: each cause by itself, ending by itself; promise G7."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifirelay.core.causes import Cause
from wifirelay.core.troubles import (
    BLIND,
    IMPATIENT,
    MOST,
    PROVED,
    REFUSALS,
    REJECTIONS,
    ROUTERS,
    RULES,
    STRONGER,
    SURE,
    USABLE,
    WITHOUT_INTERNET,
    Troubles,
)
from wifirelay.values import Ssid

HOME, CAFE = Ssid.of("HomeNet"), Ssid.of("Cafe")
ONE, TWO = "02:00:00:00:00:01", "02:00:00:00:00:02"
CAUSES = st.sampled_from(sorted(RULES))
SIGNALS = st.integers(-95, -30) | st.none()
LONGEST = max(rule.longest for rule in (*RULES.values(), BLIND, PROVED, ROUTERS))


@pytest.mark.parametrize("cause", sorted(RULES))
def test_each_cause_has_its_own_pause_which_grows_and_ends(cause: Cause) -> None:
    rule, troubles, now, pauses = RULES[cause], Troubles(), 1000.0, []
    for _ in range(SURE.get(cause, 13) - 1):
        trouble = troubles.note(now, HOME, ONE, cause, -50)
        assert trouble.until is not None
        pauses.append(trouble.until - now)
        assert troubles.waiting(now, HOME, ONE, -50) is not None
        now = trouble.until
        assert troubles.waiting(now, HOME, ONE, -50) is None
    assert pauses[0] == rule.first
    assert pauses == sorted(pauses)
    assert pauses[-1] <= rule.longest
    if cause not in SURE:
        assert pauses[-1] == rule.longest


@given(st.lists(st.tuples(CAUSES, st.sampled_from([ONE, TWO, None]), SIGNALS), max_size=30))
def test_whatever_fails_the_network_is_tried_again_unless_its_key_never_worked(
    failures: list[tuple[Cause, str | None, int | None]],
) -> None:
    troubles, now = Troubles(), 0.0
    for cause, bssid, signal in failures:
        now += 1.0
        troubles.note(now, HOME, bssid, cause, signal)
    later = now + LONGEST + 1
    for bssid in (ONE, TWO, None):
        rejected = [
            signal for cause, place, signal in failures if cause in SURE and place in (None, bssid)
        ]
        usable = [signal for signal in rejected if signal is None or signal >= USABLE]
        waiting = troubles.waiting(later, HOME, bssid, None)
        if waiting is not None:
            assert "correct its key" in waiting
            assert len(rejected) >= REJECTIONS
        if len(usable) < REJECTIONS:
            assert waiting is None
    assert troubles.waiting(later, CAFE, ONE, None) is None


def test_three_rejections_of_a_new_key_wait_for_the_owner() -> None:
    troubles = Troubles()
    for number in range(REJECTIONS):
        assert troubles.waiting(1e6 * number, HOME, ONE, -50) is None
        troubles.note(1e6 * number, HOME, ONE, Cause.WRONG_KEY, -50)
    # failures so far apart are not in a row; these are
    troubles = Troubles()
    for number in range(REJECTIONS):
        troubles.note(1000.0 * number, HOME, ONE, Cause.WRONG_KEY, -50)
    assert "correct its key" in (troubles.waiting(1e9, HOME, ONE, -50) or "")
    assert troubles.waiting(1e9, HOME, TWO, -50) is None  # perhaps ONE is somebody else's
    troubles.changed(HOME)
    assert troubles.waiting(1e9, HOME, ONE, -50) is None


def test_what_a_full_access_point_says_too_takes_longer_to_believe() -> None:
    troubles = Troubles()
    for number in range(REFUSALS):
        assert "correct its key" not in (troubles.waiting(1000.0 * number, HOME, ONE, -50) or "")
        trouble = troubles.note(1000.0 * number, HOME, ONE, Cause.REFUSED, -50)
        assert (trouble.until is None) is (number == REFUSALS - 1)
    assert REFUSALS > REJECTIONS
    assert "correct its key" in (troubles.waiting(1e9, HOME, ONE, -50) or "")


@pytest.mark.parametrize("cause", [Cause.WRONG_KEY, Cause.REFUSED])
def test_how_sure_it_is_that_a_key_is_wrong_is_told(cause: Cause) -> None:
    troubles, needed = Troubles(), SURE[cause]
    assert troubles.evidence(HOME) == ""
    troubles.note(0.0, HOME, ONE, cause, USABLE - 1)
    weak = f"seen 0 of the {needed} times that make it sure; -76 dBm is too weak to count"
    assert troubles.evidence(HOME) == weak
    assert f"({weak})" in (troubles.waiting(1.0, HOME, ONE, -50) or "")
    troubles.note(1.0, HOME, ONE, cause, -50)
    troubles.note(2.0, HOME, ONE, cause, USABLE)
    text = f"seen 2 of the {needed} times that make it sure"
    assert troubles.evidence(HOME) == text
    assert f"2 s ago ({text}): left alone for" in (troubles.waiting(4.0, HOME, ONE, -50) or "")
    for number in range(needed - 2):
        troubles.note(3.0 + number, HOME, ONE, cause, None)
    assert troubles.evidence(HOME) == f"seen {needed} of the {needed} times that make it sure"
    assert troubles.evidence(CAFE) == ""
    troubles.note(20.0, HOME, ONE, Cause.DEAD_DHCP, -50)
    assert troubles.evidence(HOME) == ""
    troubles.worked(HOME)
    troubles.note(30.0, HOME, ONE, cause, -50)
    assert troubles.evidence(HOME) == ""  # a passing fault


def test_a_key_that_has_worked_is_presumed_good() -> None:
    troubles = Troubles()
    troubles.worked(HOME)
    for number in range(20):
        trouble = troubles.note(700.0 * number, HOME, ONE, Cause.WRONG_KEY, -50)
        assert trouble.until is not None and trouble.until - trouble.at <= PROVED.longest


def test_weak_rejections_prove_nothing() -> None:
    troubles = Troubles()
    for number in range(10):
        trouble = troubles.note(100.0 * number, HOME, ONE, Cause.WRONG_KEY, USABLE - 1)
        assert trouble.until is not None


def test_more_signal_ends_a_pause_that_was_for_want_of_it() -> None:
    troubles = Troubles()
    troubles.note(0.0, HOME, ONE, Cause.VANISHED, -80)
    assert troubles.waiting(1.0, HOME, ONE, -80 + STRONGER - 1) is not None
    assert troubles.waiting(1.0, HOME, ONE, -80 + STRONGER) is None
    troubles.note(0.0, HOME, ONE, Cause.NO_INTERNET, -80)
    assert troubles.waiting(1.0, HOME, ONE, -30) is not None


@pytest.mark.parametrize("cause", WITHOUT_INTERNET)
def test_who_has_no_internet_is_impatient(cause: Cause) -> None:
    troubles = Troubles()
    for _ in range(5):
        troubles.note(0.0, HOME, ONE, cause, -50)
    assert troubles.waiting(IMPATIENT, HOME, ONE, -50) is not None
    assert troubles.waiting(IMPATIENT, HOME, ONE, -50, impatient=True) is None
    assert troubles.waiting(1.0, HOME, ONE, -50, impatient=True) is not None
    assert troubles.waiting(1.0, HOME, ONE, -50, forgiven=WITHOUT_INTERNET) is None


def test_success_forgets_and_half_an_hour_forgets_all() -> None:
    troubles = Troubles()
    troubles.note(0.0, HOME, ONE, Cause.DEAD_DHCP, -50)
    troubles.note(0.0, HOME, ONE, Cause.LOST, -50)
    troubles.worked(HOME)
    assert [each.cause for each in troubles.of(1.0, HOME, ONE)] == [Cause.LOST]
    troubles.lasted(HOME)
    assert troubles.of(1.0, HOME, ONE) == ()
    assert troubles.term(1.0, HOME, ONE) is None


def test_the_routers_own_failures_stop_every_join_for_a_while() -> None:
    troubles = Troubles()
    troubles.note(0.0, HOME, ONE, Cause.FLASH, -50)
    waits = troubles.router_waits(1.0)
    assert waits is not None and waits.until == ROUTERS.first
    assert troubles.waiting(1.0, HOME, ONE, -50) is None  # it is not the network's fault
    assert troubles.router_waits(ROUTERS.first) is None
    troubles.worked(CAFE)
    assert troubles.router_waits(1.0) is None


@given(st.lists(st.tuples(CAUSES, st.sampled_from([ONE, None]), SIGNALS), max_size=10))
def test_memory_comes_back_from_json(
    failures: list[tuple[Cause, str | None, int | None]],
) -> None:
    troubles = Troubles()
    troubles.worked(CAFE)
    for number, (cause, bssid, signal) in enumerate(failures):
        troubles.note(float(number), HOME, bssid, cause, signal)
    again = Troubles()
    again.load(json.loads(json.dumps(troubles.as_json())), 100.0)
    assert again.as_json() == troubles.as_json()
    for bssid in (ONE, None):
        assert again.waiting(50.0, HOME, bssid, -50) == troubles.waiting(50.0, HOME, bssid, -50)


def test_ever_new_access_points_fill_no_memory() -> None:
    troubles = Troubles()
    for number in range(3000):
        bssid = f"02:00:00:00:{number >> 8:02X}:{number & 255:02X}"
        troubles.note(float(number), HOME, bssid, Cause.WRONG_KEY, -50)
    assert len(troubles.as_json()["troubles"]) <= MOST


def test_what_is_said_of_a_rejected_key_is_true() -> None:
    troubles = Troubles()
    troubles.note(0.0, HOME, ONE, Cause.WRONG_KEY, -50)
    assert "worked" not in (troubles.waiting(1.0, HOME, ONE, -50) or "worked")
    troubles.worked(HOME)
    troubles.note(2.0, HOME, ONE, Cause.WRONG_KEY, -50)
    assert "which has worked before" in (troubles.waiting(3.0, HOME, ONE, -50) or "")
