# SPDX-License-Identifier: GPL-2.0-or-later
"""Two controllers that know nothing of each other, on one router, for a simulated day."""

from tests.laboratory.rivals import a_day


def test_never_two_trials_at_once_never_an_orphaned_lock() -> None:
    day = a_day()
    assert len(day.trials) >= 10
    assert len(set(day.trials)) == len(day.trials)
    assert day.overlapping == []
    assert day.orphaned == []
    assert day.killed >= 5
    assert day.ends["Joined"] >= 3
    assert day.ends["Left"] >= 3
