# SPDX-License-Identifier: GPL-2.0-or-later
"""An uplink that works: when the policy leaves it for a better one, or for want of internet."""

from known import bss, network
from test_core_settled import CAFE, HOME, ONE, QUIET, TWO, begun, cafe, on, weaken

from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS, Habits
from wifirelay.core.memory import DAY
from wifirelay.core.moves import Do, Move
from wifirelay.core.policy import Steady
from wifirelay.core.stay import Stay
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.values import Band, Security

THREE = "02:00:00:00:02:03"


# --- leaving it for a better one ---


def test_a_gain_that_lasts_for_two_scans_is_moved_to() -> None:
    policy = begun(habits=QUIET)
    weaken(policy, 100.0)
    air = (bss(bssid=ONE, signal=-86), cafe())
    assert policy.next(100.0, on()).do is Do.SCAN
    policy.heard(100.0, air)
    move = policy.next(100.0, on())
    assert (move.do, move.until) == (Do.WAIT, 100.0 + HABITS.confirm_scan)
    policy.heard(120.0, air)
    move = policy.next(120.0, on())
    assert (move.do, move.why) == (Do.JOIN, "Cafe is better than HomeNet (-86 dBm)")
    assert move.candidate is not None and move.candidate.network.ssid == CAFE
    assert move.needs_internet
    assert policy.next(120.0, on()).do is not Do.JOIN  # one scan is weighed once
    moved = begun(habits=QUIET)
    moved.joined(136.0, move.candidate)
    assert moved.next(136.0, on("Cafe")).do is Do.WAIT  # the trial has proved its internet
    policy.failed(130.0, move.candidate, Cause.BUSY)
    policy.heard(200.0, air)
    assert policy.next(200.0, on()).do is not Do.JOIN  # it begins anew


def test_clients_of_the_own_access_point_make_a_move_dearer() -> None:
    found = []
    for clients in (0, 1):
        policy = begun(habits=QUIET)
        weaken(policy, 100.0, -82)
        policy.next(100.0, on())
        for now in (100.0, 120.0, 140.0):  # close to the level to join: the first is not sure
            policy.heard(now, (bss(bssid=ONE, signal=-82), cafe(-80)))
            found.append(policy.next(now, on(clients=clients)).do)
    assert found == [Do.WAIT, Do.WAIT, Do.JOIN, Do.WAIT, Do.WAIT, Do.WAIT]


def test_the_owners_choice_is_moved_to_after_one_scan() -> None:
    policy = begun(habits=QUIET)
    weaken(policy, 100.0, -50)
    policy.memory.lost(90.0, Stay(CAFE, "radio0", TWO, Band.GHZ2, 0.0, HABITS))
    assert not policy.memory.trusted(100.0, CAFE)
    policy.choose(100.0, CAFE)
    policy.heard(101.0, (bss(bssid=ONE), cafe()))
    move = policy.next(101.0, on())
    assert (move.do, move.why) == (Do.JOIN, "Cafe is of a higher class than HomeNet")


def test_the_owners_choice_is_not_left_for_a_higher_priority() -> None:
    policy = begun(network(), network("Cafe", priority=9), habits=QUIET)
    policy.memory.choose(4000.0, HOME)
    for number in range(4):
        policy.heard(4000.0 + number, (bss(bssid=ONE), cafe()))
        assert policy.next(4000.0 + number, on()).do is not Do.JOIN


def test_one_that_keeps_going_away_is_not_moved_to() -> None:
    policy = begun(network(), network("Cafe", priority=5), habits=QUIET)
    policy.memory.lost(0.0, Stay(CAFE, "radio0", TWO, Band.GHZ2, -10.0, HABITS))
    for number in range(4):
        policy.heard(4000.0 + number, (bss(bssid=ONE), cafe()))
        assert policy.next(4000.0 + number, on()).do is not Do.JOIN
    for number in range(3):
        policy.heard(DAY + number, (bss(bssid=ONE), cafe()))
        assert (policy.next(DAY + number, on()).do is Do.JOIN) is (number == 2)


def test_a_higher_class_is_moved_to_after_three_scans_far_apart() -> None:
    policy = begun(network(), network("Cafe", priority=5), habits=QUIET)
    air, now = (bss(bssid=ONE), cafe()), 4000.0
    for _ in range(2):
        policy.heard(now, air)
        move = policy.next(now, on())
        assert (move.do, move.until) == (Do.WAIT, now + HABITS.confirm_up)
        now = move.until
    policy.heard(now, air)
    assert policy.next(now, on()).do is Do.JOIN


def test_an_old_scan_is_not_acted_on() -> None:
    policy = begun(habits=QUIET)
    policy.heard(100.0, (bss(bssid=ONE), cafe()))
    policy.choose(100.0, CAFE)
    policy.heard(100.0, (bss(bssid=ONE), cafe()))
    assert policy.next(100.0 + HABITS.young_scan + 1, on()).do is not Do.JOIN


# --- leaving one without internet ---


def dead(*heard: Bss, habits: Habits = QUIET) -> Steady:
    """Heard this at 100.0, and has no internet since then."""
    policy = begun(habits=habits)
    policy.heard(100.0, heard)
    policy.next(100.0, on())
    policy.checked(100.0, Verdict.OFFLINE)
    return policy


def test_whatever_else_is_there_goes_before_no_internet() -> None:
    move = dead(bss(bssid=ONE), cafe(-70)).next(100.0, on())  # the scan is weighed anew
    assert (move.do, move.why) == (Do.JOIN, "HomeNet has no internet (offline): trying Cafe")
    assert move.candidate is not None and move.candidate.network.ssid == CAFE
    twice = dead(bss(bssid=ONE), cafe(-95))  # too weak
    assert twice.next(100.0, on()) == Move(Do.SCAN, "HomeNet has no internet")
    twin = bss("Cafe", bssid=TWO, security=Security.OPEN)  # nor for what may not be joined
    assert dead(bss(bssid=ONE), twin).next(100.0, on()).do is Do.SCAN


def test_with_less_patience_for_signal_after_a_while() -> None:
    policy = dead(bss(bssid=ONE))
    policy.heard(115.0, (bss(bssid=ONE), cafe(-82)))
    assert policy.next(115.0, on()).do is not Do.JOIN
    policy.heard(121.0, (bss(bssid=ONE), cafe(-82)))
    assert policy.next(121.0, on()).do is Do.JOIN


def test_its_own_other_radio_comes_after_other_networks() -> None:
    five = bss(bssid=TWO, radio="radio1", channel=36, band=Band.GHZ5, signal=-40)
    move = dead(bss(bssid=ONE), five).next(100.0, on())
    assert move.why == "HomeNet has no internet (offline): trying HomeNet"
    assert move.candidate is not None and move.candidate.radio == "radio1"
    other = bss("Cafe", bssid=THREE, signal=-70)
    move = dead(bss(bssid=ONE), five, other).next(100.0, on())
    assert move.candidate is not None and move.candidate.network.ssid == CAFE


def test_another_access_point_of_it_is_tried_by_letting_go() -> None:
    stronger = bss(bssid=TWO, signal=-40)
    rest = Move(Do.REST, "HomeNet has no internet (offline): another access point of it may")
    assert dead(bss(bssid=ONE, signal=-60), stronger).next(100.0, on()) == rest
    weaker = bss(bssid=TWO, signal=-70)  # its station would not go there
    assert dead(bss(bssid=ONE, signal=-60), weaker).next(100.0, on()).do is Do.SCAN
    policy = dead(bss(bssid=ONE, signal=-60), stronger)
    policy.memory.failed(90.0, HOME, stronger, Cause.BUSY)  # that one is left alone now
    assert policy.next(100.0, on()).do is Do.SCAN
    policy = dead(bss(bssid=ONE, signal=-60), stronger)
    policy.memory.failed(30.0, HOME, stronger, Cause.BUSY)  # and no longer
    assert policy.next(100.0, on()) == rest
