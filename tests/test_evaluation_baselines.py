# SPDX-License-Identifier: GPL-2.0-or-later
"""Each baseline does what it is known for."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from small_worlds import track, world

from wifirelay.core.candidates import Candidate
from wifirelay.core.known import KnownNetwork
from wifirelay.core.moves import Do, Move, Policy, Situation
from wifirelay.errors import UsageError
from wifirelay.evaluation.baselines import FixedOrder, Strongest
from wifirelay.evaluation.draw import network
from wifirelay.evaluation.driver import play
from wifirelay.evaluation.iwd import Iwd, rank
from wifirelay.evaluation.policies import POLICIES, make_policy
from wifirelay.evaluation.script import Script
from wifirelay.evaluation.travelmate import Travelmate, quality
from wifirelay.evaluation.world import Behind, World
from wifirelay.values import Security

WRONG, DEAD = Behind.WRONG_KEY, Behind.NO_INTERNET
AB = [network("A"), network("B")]


def watched(policy: Script) -> list[tuple[float, Move]]:
    """The moves that it will make, as they come."""
    moves: list[tuple[float, Move]] = []
    ask = policy.next

    def next_(now: float, situation: Situation) -> Move:
        move = ask(now, situation)
        moves.append((now, move))
        return move

    policy.next = next_  # type: ignore[method-assign]
    return moves


def joins(moves: Sequence[tuple[float, Move]]) -> list[tuple[str, str]]:
    def words(candidate: Candidate | None) -> tuple[str, str]:
        assert candidate is not None
        return candidate.network.ssid.text, candidate.radio

    return [words(move.candidate) for _, move in moves if move.do is Do.JOIN]


def test_all_are_there_by_name() -> None:
    assert next(iter(POLICIES)) == "wifirelay"
    for name in list(POLICIES)[1:]:
        policy: Policy = make_policy(name, AB)
        assert policy.next(0.0, Situation(None)).do in (Do.SCAN, Do.WAIT)
    with pytest.raises(UsageError, match="no policy is called nobody"):
        make_policy("nobody", AB)


# --- strongest, fixed order ---


def test_the_strongest_goes_by_signal_and_the_order_by_the_owner() -> None:
    place = world(track(1, "A", (0, -75)), track(2, "B", (0, -45)), known=AB)
    for make, first in ((Strongest, "B"), (FixedOrder, "A")):
        policy = make(place.known)
        moves = watched(policy)
        play(policy, place)
        assert joins(moves) == [(first, "radio0")]


def test_priority_is_the_owners_order_and_what_is_metered_the_last() -> None:
    known = [network("A", metered=True), network("B"), network("C", priority=1)]
    assert [each.ssid.text for each in FixedOrder(known).known] == ["C", "B", "A"]


def test_the_order_never_leaves_what_works() -> None:
    place = world(
        track(1, "A", (100, -40)), track(2, "B", (0, -70), (1800, -85)), known=AB, seconds=86400
    )
    policy = FixedOrder(place.known)
    moves = watched(policy)
    account = play(policy, place)
    assert joins(moves) == [("B", "radio0")]
    assert account.scans == 1


def test_without_internet_the_others_are_tried_and_what_was_there_is_kept() -> None:
    place = world(track(1, "A", (0, -45), (600, -45, DEAD), (3000, -45)), track(2, "B", (0, -60)))
    policy = Strongest(place.known)
    moves = watched(policy)
    account = play(policy, place)
    assert joins(moves) == [("A", "radio0"), ("B", "radio0")]
    assert account.gaps[0] < 60 + 15 + 12 + 17 + 1
    place = world(track(1, "A", (0, -45), (600, -45, DEAD), (3000, -45)))
    account = play(Strongest(place.known), place)
    assert (account.trials, account.dark) == (1, pytest.approx(5.4))
    assert account.online == pytest.approx(600 - 23.5 + 600)


def test_after_four_failures_a_network_is_left_alone_for_300_s() -> None:
    place = world(track(1, "A", (0, -50, WRONG)), seconds=900)
    policy = FixedOrder(place.known)
    moves = watched(policy)
    play(policy, place)
    times = [now for now, move in moves if move.do is Do.JOIN]
    assert all(b - a < 60 for a, b in pairwise(times[:4]))
    assert times[4] - times[3] > 300


def test_an_evil_twin_is_refused_by_all_with_wifirelays_rules() -> None:
    twin = track(1, "A", (0, -40), security=Security.OPEN)
    place = world(twin, known=AB)
    for make in (Strongest, FixedOrder, Iwd):
        assert play(make(place.known), place).trials == 0


# --- travelmate ---


def test_travelmate_disables_for_good_after_three_failures() -> None:
    place = world(track(1, "A", (0, -50, WRONG), (1000, -50)), seconds=86400)
    policy = Travelmate(place.known)
    account = play(policy, place)
    assert (account.trials, account.failed, account.switches) == (3, 3, 0)
    assert policy.disabled() == {("radio0", place.known[0].ssid)}
    assert account.online == 0.0  # though it works after 1000 s
    assert account.writes == 1


def test_travelmate_takes_about_150_s_past_one_bad_uplink() -> None:
    """As its scripts did when they were run: the good one was joined at 150 s."""
    known = [network("A"), network("B")]
    place = world(track(1, "A", (0, -50, Behind.DEAD_DHCP)), track(2, "B", (0, -60)), known=known)
    account = play(Travelmate(place.known), place)
    assert 140 < place.seconds - account.online < 185
    assert account.switches == 1


def test_travelmate_goes_by_its_list_and_its_radios_not_by_signal() -> None:
    place = world(
        track(1, "A", (0, -45), channel=36),
        track(2, "A", (0, -74)),
        track(3, "B", (0, -40)),
        known=AB,
    )
    policy = Travelmate(place.known)
    moves = watched(policy)
    play(policy, place)
    assert joins(moves) == [("A", "radio0")]


def test_travelmates_gate_is_35_percent() -> None:
    assert [quality(level) for level in (-82, -83, -40)] == [36, 34, 100]
    place = world(track(1, "A", (0, -90)), seconds=600)
    assert play(Travelmate(place.known), place).trials == 0


def test_travelmate_ignores_dead_internet() -> None:
    place = world(track(1, "A", (0, -50), (300, -50, DEAD)), track(2, "B", (0, -50), channel=36))
    account = play(Travelmate(place.known), place)
    assert (account.trials, account.switches) == (1, 1)
    assert account.online < 300


def test_travelmate_lets_its_station_search_and_commits_the_drop() -> None:
    place = world(track(1, "A", (0, -50), (300, None)), seconds=600)
    account = play(Travelmate(place.known), place)
    assert account.writes == 2  # the join, and the drop
    # From 301.2 s: 5 s to the cycle, 30 s of polling, 6.1 s until it is back on the air.
    assert account.dark == pytest.approx(5.4 + 5 + 30 + 6.1)


# --- iwd ---


def test_iwds_blacklist_grows() -> None:
    place = world(track(1, "A", (0, -50, WRONG)), seconds=86400 * 3)
    policy = Iwd(place.known)
    moves = watched(policy)
    play(policy, place)
    times = [now for now, move in moves if move.do is Do.JOIN]
    pauses = [b - a for a, b in pairwise(times)]
    assert 60 < pauses[0] < 400
    assert 1800 < pauses[1] < 2300
    assert 54000 < pauses[2] < 55000
    assert pauses[3] > 86400
    (until, pause) = policy.alone["02:00:00:00:00:01"]
    assert (pause, until > 86400) == (86400, True)


def test_iwd_forgets_the_blacklist_when_it_works_and_passes_over_what_is_busy() -> None:
    place = world(track(1, "A", (0, -50, DEAD), (200, -50)))
    policy = Iwd(place.known)
    assert play(policy, place).switches == 1
    assert policy.alone == {}
    place = world(track(1, "A", (0, -50, Behind.BUSY)))
    policy = Iwd(place.known)
    play(policy, place)
    assert policy.alone == {}


def test_iwd_scans_less_and_less() -> None:
    place = world(known=AB, seconds=3000)
    policy = Iwd(place.known)
    moves = watched(policy)
    play(policy, place)
    times = [now for now, move in moves if move.do is Do.SCAN]
    pauses = [round(b - a - 7) for a, b in pairwise(times)]
    assert pauses[:7] == [10, 20, 40, 80, 160, 300, 300]


def test_iwd_prefers_what_it_used_and_what_is_fast() -> None:
    place = world(
        track(1, "A", (0, -60)),
        track(2, "B", (0, -60), channel=36, width=80),
        track(3, "A", (1000, -60)),
        known=AB,
    )
    slow, fast = (each.bss(-60) for each in place.tracks[:2])
    assert rank(fast) > rank(slow)
    policy = Iwd(place.known)
    play(policy, place)
    assert [ssid.text for ssid in policy.used] == ["B"]
    a, b = Candidate(AB[0], "radio0", slow), Candidate(AB[1], "radio1", fast)
    assert policy.network_rank(b) > policy.network_rank(a)
    policy.used = [AB[0].ssid]
    assert policy.network_rank(a) > policy.network_rank(b)


def test_iwd_roams_when_weak_to_the_other_radio_of_the_same_name() -> None:
    place: World = world(
        track(1, "A", (0, -55), (600, -75)),
        track(2, "A", (300, -50), channel=36, width=80),
        track(3, "B", (0, -40)),
        known=[KnownNetwork(AB[0].ssid, AB[0].key), network("C")],
    )
    policy = Iwd(place.known)
    moves = watched(policy)
    play(policy, place)
    assert joins(moves) == [("A", "radio0"), ("A", "radio1")]
