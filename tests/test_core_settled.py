# SPDX-License-Identifier: GPL-2.0-or-later
"""The policy on an uplink that works, move by move: looks, checks, scans, commits, and leaving."""

from itertools import pairwise
from typing import Any

from known import bss, network

from wifirelay.core.candidates import Current
from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS, Habits
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.moves import FOREVER, Do, Move, Situation
from wifirelay.core.policy import Steady
from wifirelay.core.refusals import UsableRadio
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.values import Band, Ssid

HOME, CAFE = Ssid.of("HomeNet"), Ssid.of("Cafe")
ONE, TWO, THREE = "02:00:00:00:02:00", "02:00:00:00:02:02", "02:00:00:00:02:03"
RADIOS = {
    name: UsableRadio(name, band, Channels(), has_access_point=True)
    for name, band in (("radio0", Band.GHZ2), ("radio1", Band.GHZ5))
}
QUIET = Habits(
    check=1e6, doubtful_check=1e6, weak_look=1e6, look=1e6
)  # nothing but scans and commits is due


def on(ssid: str = "HomeNet", **more: Any) -> Situation:
    uplink = Current(Ssid.of(ssid), "radio0", ONE)
    return Situation(uplink, enabled=True, radios=RADIOS, **more)


def begun(
    *known: KnownNetwork, habits: Habits = HABITS, keep: bool = True, ssid: str = "HomeNet"
) -> Steady:
    """On an uplink since 0.0; knows HomeNet and Cafe unless told otherwise."""
    policy = Steady(known or (network(), network("Cafe")), Relay(keep_on_flash=keep), habits)
    policy.next(0.0, on(ssid))
    return policy


def weaken(policy: Steady, now: float, signal: int = -86) -> None:
    for _ in range(3):
        policy.looked(now, signal, ONE)


def cafe(signal: int = -50) -> Bss:
    return bss("Cafe", bssid=TWO, signal=signal)


# --- looking after it ---


def test_it_waits_for_the_next_look_or_check() -> None:
    policy = begun()
    move = policy.next(1.0, on())
    assert move == Move(Do.WAIT, "HomeNet works", HABITS.weak_look)
    assert policy.next(move.until, on()) == Move(Do.LOOK, "how strong is it?")
    weaken(policy, 20.0, -50)
    assert policy.next(21.0, on()).until == HABITS.check
    assert policy.next(HABITS.check, on()) == Move(Do.CHECK, "is there internet still?")
    policy.checked(45.0, Verdict.ONLINE)
    assert policy.next(45.0, on()).until == 45.0 + HABITS.check
    quiet = begun(habits=QUIET)
    assert quiet.next(5.0, on()).until == 5.0 + FOREVER


def test_one_that_was_there_before_is_on_the_band_of_its_radio() -> None:
    for radio, do in (("radio0", Do.WAIT), ("radio1", Do.SCAN), ("radio9", Do.WAIT)):
        policy = Steady((network(),), Relay(), QUIET)
        situation = Situation(Current(HOME, radio, ONE), enabled=True, radios=RADIOS)
        policy.next(0.0, situation)
        weaken(policy, 1.0, -79)  # weak at 5 GHz only
        assert policy.next(2.0, situation).do is do


def test_after_trouble_it_is_checked_more_often() -> None:
    policy = begun()
    policy.memory.failed(0.0, HOME, bss(bssid=ONE), Cause.BUSY)
    weaken(policy, 44.0, -50)
    policy.checked(45.0, Verdict.ONLINE)
    assert policy.next(45.0, on()).until == 45.0 + HABITS.doubtful_check
    other = begun()
    other.memory.failed(0.0, HOME, bss(bssid=TWO), Cause.BUSY)  # not at its access point
    other.memory.failed(0.0, CAFE, bss(bssid=ONE), Cause.BUSY)
    weaken(other, 44.0, -50)
    other.checked(45.0, Verdict.ONLINE)
    assert other.next(45.0, on()).until == 45.0 + HABITS.check


def test_the_access_point_that_it_is_on_is_known_from_the_looks() -> None:
    policy = begun()
    policy.looked(10.0, -50, TWO)
    policy.looked(11.0, -50, None)  # the driver tells none: the last one counts
    policy.checked(45.0, Verdict.PORTAL)
    (trouble,) = policy.memory.troubles.of(45.0, HOME, TWO)
    assert (trouble.bssid, trouble.cause, trouble.times) == (TWO, Cause.PORTAL, 1)
    policy.checked(75.0, Verdict.PORTAL)
    (trouble,) = policy.memory.troubles.of(75.0, HOME, TWO)
    assert trouble.times == 1  # the same one still


def test_what_is_good_for_long_is_forgiven() -> None:
    policy = begun()
    policy.memory.failed(0.0, HOME, bss(bssid=ONE), Cause.BUSY)
    policy.checked(HABITS.lasted_after - 1, Verdict.ONLINE)
    assert policy.memory.troubles.of(1800.0, HOME, ONE)
    policy.checked(HABITS.lasted_after, Verdict.ONLINE)
    assert not policy.memory.troubles.of(1800.0, HOME, ONE)
    policy.checked(HABITS.lasted_after + 1, Verdict.OFFLINE)
    policy.checked(9000.0, Verdict.OFFLINE)  # no good news: nothing is forgiven
    assert policy.memory.troubles.of(9000.0, HOME, ONE)


# --- committing it ---


def test_it_is_committed_when_it_has_been_good_for_long() -> None:
    policy = begun(habits=QUIET)
    assert policy.next(1.0, on(committed=False)).until == HABITS.keep_after
    move = policy.next(HABITS.keep_after, on(committed=False))
    assert move == Move(Do.KEEP, "HomeNet has been good for 600 s")
    assert policy.next(HABITS.keep_after, on()).do is Do.WAIT  # it is on flash
    policy.kept(HABITS.keep_after, flash=False)  # no room: not before long
    assert policy.memory.commits == []
    again = HABITS.keep_after + HABITS.lasted_after
    assert policy.next(700.0, on(committed=False)).until == again
    policy.kept(again, flash=True)
    assert policy.memory.commits == [again]
    session = begun(habits=QUIET, keep=False)
    assert session.next(HABITS.keep_after, on(committed=False)).do is Do.WAIT


def test_how_long_it_was_good_is_told_from_when_it_was_good() -> None:
    policy = begun(habits=QUIET)
    policy.checked(100.0, Verdict.OFFLINE)
    assert policy.next(700.0, on(committed=False)).do is not Do.KEEP  # it has no internet
    policy.checked(1000.0, Verdict.ONLINE)
    assert policy.next(1599.0, on(committed=False)).do is Do.WAIT
    move = policy.next(1601.0, on(committed=False))
    assert move == Move(Do.KEEP, "HomeNet has been good for 601 s")


# --- scanning ---


def test_a_weak_one_has_a_scan_at_once_and_then_more_rarely() -> None:
    policy = begun(habits=QUIET)
    weaken(policy, 100.0)
    assert policy.next(100.0, on()) == Move(Do.SCAN, "HomeNet is weak")
    waits, now = [], 100.0
    for _ in range(6):
        policy.heard(now, ())
        move = policy.next(now, on())
        assert move.do is Do.WAIT
        waits.append(move.until - now)
        now = move.until
        assert policy.next(now, on()).do is Do.SCAN
    assert waits == [60.0, 120.0, 240.0, 480.0, 600.0, 600.0]
    weaken(policy, now, -50)
    assert policy.next(now, on()).until == now + FOREVER  # good again: no more scans


def test_for_a_higher_class_it_scans_after_a_minute_and_then_hourly() -> None:
    policy = begun(network(), network("Marina", priority=5), habits=QUIET)
    move = policy.next(0.0, on())
    assert (move.do, move.until) == (Do.WAIT, 60.0)
    assert policy.next(60.0, on()) == Move(Do.SCAN, "a network of a higher class may be there")
    waits, now = [], 60.0
    for _ in range(3):
        policy.heard(now, ())
        move = policy.next(now, on())
        waits.append(move.until - now)
        now = move.until
    assert waits == [3600.0, 3600.0, 3600.0]  # FOREVER is the shorter one from then on
    unscanned = begun(network(), network("Cafe", metered=True), habits=QUIET)
    assert unscanned.next(60.0, on()).do is Do.WAIT


def test_the_longest_pause_for_a_higher_class() -> None:
    policy = begun(network(), network("Marina", priority=5), habits=QUIET)
    policy.next(0.0, on())
    scans = [60.0]
    for _ in range(3):
        now = scans[-1]
        policy.heard(now, ())
        while policy.next(now, on()).do is not Do.SCAN:
            now += 100.0
        scans.append(now)
    assert [later - sooner for sooner, later in pairwise(scans)] == [
        HABITS.lower_scan,
        HABITS.longest_lower_scan,
        HABITS.longest_lower_scan,
    ]


def test_without_internet_it_scans_at_once_and_soon_again() -> None:
    policy = begun(habits=QUIET)
    policy.checked(100.0, Verdict.OFFLINE)
    assert policy.next(100.0, on()) == Move(Do.SCAN, "HomeNet has no internet")
    now, waits = 100.0, []
    for _ in range(4):
        policy.heard(now, ())
        policy.checked(now, Verdict.OFFLINE)
        while policy.next(now, on()).do is not Do.SCAN:
            policy.checked(now, Verdict.OFFLINE)
            now += 10.0
        waits.append(now)
    assert waits == [130.0, 190.0, 310.0, 430.0]


def test_a_scan_that_is_asked_for_comes_at_once_and_once() -> None:
    policy = begun(habits=QUIET)
    policy.scan_now()
    assert policy.next(0.5, on()) == Move(Do.SCAN, "asked for")
    policy.heard(7.0, ())
    assert policy.next(7.0, on()).until == 7.0 + FOREVER
    policy.reconfigure((network(), network("Bar")), Relay())
    assert policy.next(8.0, on()).why == "asked for"


def test_the_owners_choice_is_of_a_higher_class() -> None:
    policy = begun(habits=QUIET)
    assert policy.next(1.0, on()).until == 1.0 + FOREVER
    policy.memory.choose(1.0, CAFE)
    assert policy.next(1.0, on()).until == 61.0
    policy.memory.choose(1.0, HOME)  # the uplink itself: nothing is above it
    assert policy.next(2.0, on()).until == 2.0 + FOREVER
    other = begun(network(), network("Cafe", priority=9), habits=QUIET)
    other.memory.choose(1.0, HOME)
    assert other.next(1.0, on()).until == 1.0 + FOREVER


def test_any_known_network_is_above_one_that_is_not_known() -> None:
    low = network("Cafe", priority=-1000, metered=True)
    policy = begun(low, habits=QUIET, ssid="Guest")
    assert policy.next(1.0, on("Guest")).until == 60.0
    policy.memory.choose(1.0, Ssid.of("Guest"))  # but for the owner's choice
    assert policy.next(1.0, on("Guest")).until == 1.0 + FOREVER
    unknown = begun(habits=QUIET, ssid="Guest")
    unknown.memory.choose(1.0, CAFE)
    assert unknown.next(1.0, on("Guest")).until == 60.0
