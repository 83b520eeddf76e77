# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate's evaluation: every policy in 5 seeds of each family, 3 days each.

The same over 50 seeds and 14 days is a campaign of its own: docs/performance.md.
"""

import time
from dataclasses import dataclass

import pytest

from wifirelay.evaluation.campaign import Run, campaign, places
from wifirelay.evaluation.families import FAMILIES
from wifirelay.evaluation.policies import OURS, POLICIES
from wifirelay.evaluation.table import Row, Standing, lines, rows, standings

SEEDS, DAYS = 5, 3.0
QUICK = 60.0  # seconds of this machine, with two processes; 15 to 20 where it was written
FIRST_IN = 5  # families, of all
OUTAGE = 30.0  # seconds an hour of own access points off the air, at the most, in any family


@dataclass(frozen=True)
class Played:
    runs: list[Run]
    rows: list[Row]
    seconds: float

    @property
    def text(self) -> str:
        return "\n" + "\n".join(lines(self.rows))

    @property
    def ours(self) -> list[Row]:
        return [row for row in self.rows if row.policy == OURS]

    @property
    def standings(self) -> list[Standing]:
        return standings(self.rows)


@pytest.fixture(scope="module")
def played() -> Played:
    begun = time.monotonic()
    runs = campaign(places(FAMILIES, range(1, SEEDS + 1), DAYS), list(POLICIES), jobs=2)
    return Played(runs, rows(runs), time.monotonic() - begun)


def test_it_is_quick(played: Played) -> None:
    assert played.seconds < QUICK


def test_the_accounts_are_sound(played: Played) -> None:
    for run in played.runs:
        account = run.account
        assert 0 <= account.online <= run.bound + 1e-3, run.key
        assert 0 <= account.below <= account.online
        assert account.switches + account.failed <= account.trials
        assert account.online + account.dark < account.seconds * 1.2


def test_each_family_tells_the_policies_apart(played: Played) -> None:
    """A family in which all do the same, or one gets all there is to get, is no test."""
    for family in FAMILIES:
        shares = [row.of_bound for row in played.rows if row.family == family]
        assert max(shares) - min(shares) > 0.003, family
        assert max(shares) < 0.9999, family


def test_no_other_policy_is_better_in_both(played: Played) -> None:
    beaten = {each.family: each.beaten_by for each in played.standings if each.beaten_by}
    assert beaten == {}, played.text


def test_it_is_the_longest_online(played: Played) -> None:
    first = [each.family for each in played.standings if each.first]
    assert len(first) >= FIRST_IN, played.text


def test_own_access_points_stay_on_the_air(played: Played) -> None:
    over = {row.family: row.outage / 24 for row in played.ours if row.outage / 24 > OUTAGE}
    assert over == {}, played.text
