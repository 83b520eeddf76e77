# SPDX-License-Identifier: GPL-2.0-or-later
"""The all-knowing bound: right in small cases, and above whatever a policy does."""

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_worlds import Told, track, world, worlds

from wifirelay.core.candidates import find
from wifirelay.core.moves import Do, Move, Situation
from wifirelay.evaluation.bound import costs, most_online
from wifirelay.evaluation.driver import play
from wifirelay.evaluation.families import FAMILIES, make
from wifirelay.evaluation.policies import OURS, POLICIES, make_policy
from wifirelay.evaluation.world import Behind, World
from wifirelay.sim.timings import LAB

FIRST, CHANGE = 16.0, 11.2


def test_the_costs_are_the_labs() -> None:
    assert costs(LAB) == pytest.approx((CHANGE, FIRST))


def test_one_network_that_stays() -> None:
    assert most_online(world(track(1, "A", (0, -50)))) == pytest.approx(3600 - FIRST)


def test_nothing_known_nothing_online() -> None:
    assert most_online(world(track(1, "A", (0, -50)), known=[])) == 0.0
    assert most_online(world(track(1, "A", (0, -50, Behind.PORTAL)))) == 0.0
    assert most_online(world()) == 0.0


def test_a_network_that_comes_late_is_joined_in_time() -> None:
    assert most_online(world(track(1, "A", (100, -50)))) == pytest.approx(3500)


def test_two_networks_that_take_turns() -> None:
    """The change is begun before the one is gone: what it costs lies on one side or the other."""
    a = track(1, "A", (0, -50), (1000, None))
    b = track(2, "B", (1000, -50))
    assert most_online(world(a, b)) == pytest.approx(3600 - FIRST - CHANGE)


def test_a_pause_longer_than_a_change_costs_nothing_more() -> None:
    a = track(1, "A", (0, -50), (1000, None))
    b = track(2, "B", (1020, -50))
    assert most_online(world(a, b)) == pytest.approx(3600 - FIRST - 20)


def test_a_gap_shorter_than_two_changes_is_sat_out() -> None:
    a = track(1, "A", (0, -50), (1000, None), (1015, -50))
    b = track(2, "B", (0, -50), channel=36)
    assert most_online(world(a, b)) == pytest.approx(3600 - FIRST)  # who knows begins with b
    b = track(2, "B", (900, -50), (1100, None), channel=36)
    assert most_online(world(a, b)) == pytest.approx(3600 - FIRST - 15)


def test_one_name_on_one_radio_is_one_network() -> None:
    a = track(1, "A", (0, -50), (1000, None))
    b = track(2, "A", (1000, -50))
    assert most_online(world(a, b)) == pytest.approx(3600 - FIRST)
    b = track(2, "A", (1000, -50), channel=36)
    assert most_online(world(a, b)) == pytest.approx(3600 - FIRST - CHANGE)


class Whim(Told):
    """Does anything at any time, and knows what is in the air without a scan."""

    def __init__(self, place: World, seed: int) -> None:
        super().__init__(place.known)
        self.place, self.chance = place, Random(seed)

    def next(self, now: float, situation: Situation) -> Move:
        heard = [bss for radio in situation.radios for bss in self.place.heard(radio, now)]
        found, _ = find(heard, self.known, situation.radios)
        choices = [each for each in found if each.eligible]
        if choices and self.chance.random() < 0.7:
            return Move(Do.JOIN, candidate=self.chance.choice(choices))
        if self.chance.random() < 0.1:
            return Move(self.chance.choice((Do.REST, Do.SCAN, Do.CHECK)))
        return Move(Do.WAIT, until=now + self.chance.choice((1.0, 20.0, 300.0)))


@settings(max_examples=200, deadline=None)
@given(worlds(), st.integers(0, 9))
@example(world(track(1, "A", (0, -50), (600, None)), track(2, "B", (590, -50))), 1)
def test_no_policy_is_above_the_bound(place: World, seed: int) -> None:
    bound = most_online(place)
    assert play(Whim(place, seed), place).online <= bound + 1e-3
    for name in POLICIES:
        if name != OURS:
            assert play(make_policy(name, place.known), place).online <= bound + 1e-3, name


@pytest.mark.parametrize("family", FAMILIES)
def test_nor_in_a_family(family: str) -> None:
    place = make(family, 7, 1.0)
    bound = most_online(place)
    assert 0 < bound < place.seconds
    for name in POLICIES:
        if name != OURS:
            account = play(make_policy(name, place.known), place)
            assert account.online <= bound + 1e-3, name
            assert account.online > 0.5 * bound, name
