# SPDX-License-Identifier: GPL-2.0-or-later
"""The policy without an uplink, move by move: when it scans, joins, rests and waits, and why."""

from typing import Any

from known import bss, network

from wifirelay.core.candidates import Current
from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS, Habits
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.moves import FOREVER, Do, Move, Situation
from wifirelay.core.policy import SETTLING, Steady
from wifirelay.core.refusals import UsableRadio
from wifirelay.core.troubles import ROUTERS, RULES
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.values import Band, Ssid

HOME, CAFE = Ssid.of("HomeNet"), Ssid.of("Cafe")
ONE, TWO = "02:00:00:00:02:00", "02:00:00:00:02:02"
RADIOS = {
    "radio0": UsableRadio("radio0", Band.GHZ2, Channels(), has_access_point=True),
    "radio1": UsableRadio("radio1", Band.GHZ5, Channels(), has_access_point=False),
}
SLOW = Habits(first_scan=100.0, longest_scan=400.0)


def steady(*known: KnownNetwork, habits: Habits = HABITS) -> Steady:
    """Knows HomeNet and Cafe unless told otherwise."""
    return Steady(known or (network(), network("Cafe")), Relay(), habits)


def off(**more: Any) -> Situation:
    return Situation(None, radios=RADIOS, **more)


def on(ssid: str = "HomeNet", radio: str = "radio0", **more: Any) -> Situation:
    uplink = Current(Ssid.of(ssid), radio, ONE)
    return Situation(uplink, enabled=True, radios=RADIOS, **more)


def cafe(signal: int = -60) -> Bss:
    return bss("Cafe", bssid=TWO, signal=signal)


def five(signal: int = -60) -> Bss:
    return bss(radio="radio1", channel=36, band=Band.GHZ5, signal=signal)


def told(move: Move) -> tuple[Do, str]:
    return move.do, move.why


def joins(move: Move) -> str:
    assert move.do is Do.JOIN and move.candidate is not None, move
    return move.candidate.network.ssid.text


# --- scanning ---


def test_it_scans_at_once_and_again_after_a_pause() -> None:
    policy = steady()
    assert told(policy.next(0.0, off())) == (Do.SCAN, "looking for a known network")
    policy.heard(7.0, (bss("Other"),))
    move = policy.next(7.0, off())
    assert told(move) == (Do.WAIT, "no known network is heard")
    assert move.until == 7.0 + HABITS.first_scan
    assert policy.next(move.until, off()).do is Do.SCAN
    assert [each.why for each in policy.ignored] == ["not a known network"]


def test_why_nothing_can_be_joined_is_told() -> None:
    policy = steady()
    policy.heard(0.0, (bss(signal=-95),))
    assert policy.next(0.0, off()).why == (
        "no known network can be joined now (HomeNet: too weak: -95 dBm, 2g needs -80 dBm)"
    )


def pauses(policy: Steady, *moments: float) -> list[float]:
    """After a scan that hears nothing at each of these moments, the wait to the next."""
    found = []
    for now in moments:
        policy.heard(now, ())
        found.append(policy.next(now, off()).until - now)
    return found


def test_pauses_double_to_a_limit_which_is_higher_after_a_long_time() -> None:
    habits = Habits(
        first_scan=10.0, longest_scan=50.0, tired_after=1000.0, tired_scan=90.0, young_scan=1.0
    )
    policy = steady(habits=habits)
    policy.next(500.0, off())  # offline from here on
    assert pauses(policy, 500, 510, 530, 570, 620, 1500) == [10, 20, 40, 50, 50, 50]
    assert pauses(policy, 1501, 1600) == [50, 90]
    policy.scan_now()
    assert policy.next(1600.0, off()).do is Do.SCAN
    assert pauses(policy, 1700) == [10]


def test_a_router_that_moves_scans_often_again() -> None:
    policy = steady(habits=SLOW)
    policy.next(0.0, off())
    air = tuple(bss("Other", bssid=f"02:00:00:00:09:0{number}") for number in range(4))
    waits = []
    for now, heard in ((0.0, air[:2]), (100.0, air[:2]), (300.0, air[1:]), (800.0, air[:1])):
        policy.heard(now, heard)
        waits.append(policy.next(now, off()).until - now)
    assert waits == [100.0, 200.0, 100.0, 100.0]


def test_a_scan_comes_earlier_when_a_pause_of_a_network_is_over() -> None:
    policy = steady(habits=SLOW)
    policy.heard(0.0, (bss(),))
    policy.failed(1.0, policy.next(0.0, off()).candidate, Cause.BUSY)  # type: ignore[arg-type]
    over = 1.0 + RULES[Cause.BUSY].first
    move = policy.next(1.0, off())
    assert (move.do, move.until) == (Do.WAIT, over)
    assert policy.next(over, off()).do is Do.SCAN
    policy.heard(over - 3.0, ())
    assert policy.next(over, off()).until == over - 3.0 + SETTLING
    policy.heard(over + 1.0, ())  # it is over already
    assert policy.next(over + 1.0, off()).until == over + 1.0 + 400.0


# --- joining ---


def test_the_last_one_is_joined_without_internet_and_one_of_several_is_not() -> None:
    policy = steady()
    policy.heard(0.0, (bss(),))
    move = policy.next(0.0, off())
    assert joins(move) == "HomeNet"
    assert not move.needs_internet
    assert move.why == "HomeNet is the only known network that can be joined"
    assert move.candidate is not None
    policy.joined(16.0, move.candidate)
    assert policy.next(16.0, on()).do is Do.CHECK  # its internet is looked at at once
    policy = steady()
    policy.heard(0.0, (bss(), cafe()))
    move = policy.next(0.0, off())
    assert (joins(move), move.needs_internet) == ("HomeNet", True)
    assert move.why == "HomeNet is the best (31.6), before Cafe (31.6)"
    assert move.candidate is not None
    policy.joined(16.0, move.candidate)
    move = policy.next(16.0, on())
    assert (move.do, move.until) == (Do.WAIT, 16.0 + HABITS.weak_look)


def test_one_that_was_tried_blind_is_an_uplink_as_any_other() -> None:
    policy = steady(network("Back", hidden=True))
    assert (policy.candidates, policy.ignored) == ((), ())
    policy.heard(0.0, ())
    move = policy.next(0.0, off())
    assert joins(move) == "Back" and move.candidate is not None and move.candidate.bss is None
    policy.joined(16.0, move.candidate)
    assert policy.next(17.0, on("Back")).do is Do.CHECK


def test_what_has_worked_is_presumed_to_have_the_right_key() -> None:
    policy = steady()
    policy.heard(0.0, (bss(),))
    move = policy.next(0.0, off())
    assert move.candidate is not None
    policy.joined(16.0, move.candidate)
    policy.failed(50.0, move.candidate, Cause.WRONG_KEY)
    record = policy.memory.at(50.0, (bss(),))
    assert "which has worked before" in (record.why_not(network(), bss()) or "")


def test_an_old_scan_is_not_acted_on() -> None:
    policy = steady()
    policy.heard(0.0, (bss(),))
    assert policy.next(HABITS.young_scan, off()).do is Do.JOIN
    assert policy.next(HABITS.young_scan + 0.1, off()).do is Do.SCAN


def test_a_weaker_signal_will_do_after_a_while_without_internet() -> None:
    policy = steady()
    policy.next(100.0, off())
    policy.heard(107.0, (bss(signal=-82),))
    assert policy.next(107.0, off()).do is Do.WAIT
    assert joins(policy.next(100.0 + HABITS.desperate_after, off())) == "HomeNet"


def test_a_failure_is_held_against_the_access_point_that_the_station_took() -> None:
    policy = steady()
    strong = bss(bssid=TWO, signal=-45)
    policy.heard(0.0, (bss(signal=-55), strong))
    policy.next(0.0, off())
    weaker = next(c for c in policy.candidates if c.bss and c.bss.bssid == ONE)
    policy.failed(16.0, weaker, Cause.OVERTAKEN)  # the sentry was first: it had not answered
    (trouble,) = policy.memory.troubles.of(16.0, HOME, TWO)
    assert (trouble.cause, trouble.bssid, trouble.signal) == (Cause.VANISHED, TWO, -45)
    policy.failed(16.0, weaker, Cause.BUSY)
    causes = [each.cause for each in policy.memory.troubles.of(16.0, HOME, TWO)]
    assert causes == [Cause.VANISHED, Cause.BUSY]


def test_without_anything_else_one_that_had_no_internet_is_tried_again() -> None:
    policy = steady()
    policy.heard(0.0, (bss(), cafe()))
    move = policy.next(0.0, off())
    assert move.candidate is not None
    policy.failed(16.0, move.candidate, Cause.PORTAL)
    move = policy.next(16.0, off())
    assert joins(move) == "Cafe"
    assert not move.needs_internet  # no other is left
    assert move.candidate is not None
    policy.failed(25.0, move.candidate, Cause.NO_INTERNET)
    move = policy.next(25.0, off())
    assert (joins(move), move.needs_internet) == ("HomeNet", False)
    assert move.why == "HomeNet is all there is, though it had no internet"
    policy.joined(29.0, move.candidate)  # type: ignore[arg-type]
    assert policy.next(29.0, on()).do is Do.CHECK
    policy = steady()
    policy.heard(0.0, (bss(),))
    candidate = policy.next(0.0, off()).candidate
    policy.failed(16.0, candidate, Cause.DEAD_DHCP)  # type: ignore[arg-type]
    assert policy.next(16.0, off()).do is Do.SCAN  # not for any other cause


# --- own Wi-Fi goes before ---


def test_a_station_that_searches_for_what_is_not_there_is_stopped() -> None:
    policy = steady()
    policy.heard(0.0, (bss("Other"),))
    rest = (Do.REST, "its network is not there: own Wi-Fi goes before")
    assert told(policy.next(0.0, off(enabled=True))) == rest
    assert told(policy.next(0.0, off(enabled=True, searching=(HOME, "radio0")))) == rest
    assert told(policy.next(0.0, off(enabled=True, searching=(HOME, "radio9")))) == rest
    alone = off(enabled=True, searching=(HOME, "radio1"))  # no own access point there
    assert policy.next(0.0, alone).do is Do.WAIT
    assert policy.next(0.0, off()).do is Do.WAIT


def test_the_network_that_was_lost_is_the_one_that_is_searched_for() -> None:
    policy = steady()
    policy.next(0.0, on(radio="radio1"))
    policy.lost(100.0)
    policy.heard(110.0, (bss("Other"),))
    assert policy.next(110.0, off(enabled=True)).do is Do.WAIT  # radio1 has no access point
    policy = steady()
    policy.next(0.0, on())
    policy.lost(100.0)
    policy.heard(110.0, (bss("Other"),))
    assert policy.next(110.0, off(enabled=True)).do is Do.REST


def test_without_a_known_network_nothing_searches_and_nothing_is_scanned() -> None:
    policy = Steady((), Relay())
    assert told(policy.next(0.0, off(enabled=True))) == (
        Do.REST,
        "no network is known: own Wi-Fi goes before",
    )
    for situation in (off(), off(enabled=True, searching=(HOME, "radio1"))):
        move = policy.next(5.0, situation)
        assert told(move) == (Do.WAIT, "no network is known: `wifirelay networks add SSID`")
        assert move.until == 5.0 + FOREVER


def test_a_failure_of_the_router_stops_all_joins_for_a_while() -> None:
    policy = steady()
    policy.heard(0.0, (bss(),))
    candidate = policy.next(0.0, off()).candidate
    policy.failed(16.0, candidate, Cause.FLASH)  # type: ignore[arg-type]
    move = policy.next(16.0, off())
    assert told(move) == (Do.WAIT, "after a failure of the router (flash-not-written)")
    assert move.until == 16.0 + ROUTERS.first
    assert told(policy.next(16.0, off(enabled=True))) == (
        Do.REST,
        "nothing can be joined for now",
    )
    assert policy.next(16.0 + ROUTERS.first, off()).do is Do.SCAN


def test_beside_a_cable_no_station_searches() -> None:
    policy = steady()
    assert told(policy.next(0.0, off(wired="wan", enabled=True))) == (
        Do.REST,
        "wan gives the internet: no Wi-Fi is needed",
    )
    for situation in (off(wired="wan"), on(wired="wan")):
        move = policy.next(3.0, situation)
        assert told(move) == (Do.WAIT, "wan gives the internet")
        assert move.until == 3.0 + FOREVER


# --- what the owner says ---


def test_a_network_that_was_changed_starts_anew_and_the_others_do_not() -> None:
    policy = steady()
    for ssid in (HOME, CAFE):
        policy.memory.failed(0.0, ssid, None, Cause.DEAD_DHCP)
    policy.heard(0.0, ())
    policy.reconfigure((network(key="another key"), network("Cafe"), network("New")), Relay())
    assert policy.memory.troubles.of(1.0, HOME, None) == ()
    assert len(policy.memory.troubles.of(1.0, CAFE, None)) == 1
    assert policy.next(1.0, off()).do is Do.SCAN


def test_a_choice_is_joined_before_a_better_one() -> None:
    policy = steady(network(priority=9), network("Cafe"))
    policy.choose(0.0, CAFE)
    assert policy.next(0.0, off()).do is Do.SCAN
    policy.heard(7.0, (bss(), cafe()))
    assert joins(policy.next(7.0, off())) == "Cafe"
    policy.choose(8.0, None)
    policy.heard(9.0, (bss(), cafe()))
    assert joins(policy.next(9.0, off())) == "HomeNet"
