# SPDX-License-Identifier: GPL-2.0-or-later
"""The policy after a loss: what may come back by itself, what an old scan says, what is trusted."""

import pytest
from known import bss
from test_core_policy import CAFE, HOME, ONE, cafe, five, joins, off, on, steady, told

from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS, Habits
from wifirelay.core.moves import Do, Move
from wifirelay.core.policy import Steady
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict


def lost(*heard: Bss, at: float = 1010.0, habits: Habits = HABITS) -> Steady:
    """HomeNet worked from 0 to 1000; then `heard`, at that moment."""
    policy = steady(habits=habits)
    policy.next(0.0, on())
    policy.lost(1000.0)
    if heard:
        policy.heard(at, heard)
    return policy


def test_after_a_loss_its_station_has_a_moment_to_come_back_by_itself() -> None:
    policy = lost(bss(), cafe())
    move = policy.next(1010.0, off(enabled=True))
    assert told(move) == (Do.WAIT, "HomeNet may come back by itself")
    assert move.until == 1010.0 + HABITS.rejoin_grace
    assert policy.next(move.until, off(enabled=True)).do is Do.JOIN
    assert policy.next(1010.0, off()).do is Do.JOIN  # nothing searches


def test_only_for_the_network_that_it_searches_for_and_only_where_it_is_heard() -> None:
    policy = lost(bss(), cafe())
    there = off(enabled=True, searching=(CAFE, "radio0"))
    assert policy.next(1010.0, there).why == "Cafe may come back by itself"
    elsewhere = off(enabled=True, searching=(HOME, "radio1"))
    assert policy.next(1010.0, elsewhere).do is Do.JOIN
    weak = lost(bss(signal=-95), cafe())
    assert joins(weak.next(1010.0, off(enabled=True))) == "Cafe"


def test_also_at_the_start_where_nothing_was_lost() -> None:
    policy = steady()
    policy.heard(0.0, (bss(),))
    assert policy.next(0.0, off(enabled=True)).do is Do.JOIN  # for which, nobody knows
    move = policy.next(0.0, off(enabled=True, searching=(HOME, "radio0")))
    assert move.why == "HomeNet may come back by itself"


@pytest.mark.parametrize("at", [990.0, 1000.0])
def test_a_scan_from_before_the_loss_says_nothing_of_what_was_lost(at: float) -> None:
    stay = Habits(long_stay=0.0)  # a loss is no reason against it
    assert lost(bss(), at=at, habits=stay).next(1001.0, off()).do is Do.SCAN
    assert lost(bss(), at=at, habits=stay).next(1001.0, off(enabled=True)).do is Do.SCAN
    only_cafe = lost(cafe(), at=at).next(1001.0, off())
    assert joins(only_cafe) == "Cafe"
    assert joins(lost(bss(), at=1000.1, habits=stay).next(1020.0, off())) == "HomeNet"


def test_an_uplink_that_keeps_going_away_comes_after_any_other() -> None:
    assert joins(lost(bss(signal=-40), cafe(-70)).next(1010.0, off())) == "Cafe"
    assert joins(lost(bss(signal=-30)).next(1010.0, off())) == "HomeNet"  # better than none


def test_without_a_fault_of_its_network_nothing_is_held_against_it() -> None:
    policy = steady()
    policy.next(0.0, on())
    policy.gone(100.0)
    assert policy.memory.trusted(100.0, HOME)
    assert policy.next(100.0, off()).do is Do.SCAN
    policy.heard(107.0, (bss(signal=-82),))
    assert policy.next(107.0, off()).do is Do.WAIT
    assert policy.next(100.0 + HABITS.desperate_after, off()).do is Do.JOIN


def test_how_long_there_was_no_internet_counts_from_the_loss() -> None:
    policy = lost(bss(signal=-82), at=1021.0)
    assert policy.next(1000.0 + HABITS.desperate_after + 1, off()).do is Do.JOIN


def test_what_comes_back_by_itself_is_the_same_uplink_begun_anew() -> None:
    policy = steady()
    policy.heard(0.0, (five(),))
    policy.joined(0.0, policy.next(0.0, off()).candidate)  # type: ignore[arg-type]
    policy.lost(100.0)
    policy.found(110.0)
    there = on(radio="radio1")
    assert policy.next(115.0, there).until == 110.0 + HABITS.weak_look
    for _ in range(3):
        policy.looked(130.0, -79, None)  # weak at 5 GHz
    assert policy.next(130.0, there) == Move(Do.SCAN, "HomeNet is weak")
    policy.checked(140.0, Verdict.OFFLINE)
    (_, dead) = policy.memory.troubles.of(140.0, HOME, ONE)
    assert (dead.cause, dead.bssid) == (Cause.NO_INTERNET, ONE)
    policy = steady()
    policy.found(5.0)  # nothing was lost
    assert policy.next(5.0, off()).do is Do.SCAN
