# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver's times against cases worked out by hand from the lab's table."""

import pytest
from small_worlds import OK, Told, track, world

from wifirelay.core.causes import Cause
from wifirelay.core.moves import Do, Move, Situation
from wifirelay.evaluation.account import Account
from wifirelay.evaluation.driver import Stuck, play
from wifirelay.evaluation.world import Behind, World
from wifirelay.router.verdict import Verdict
from wifirelay.values import Security

A, B = "02:00:00:00:00:01", "02:00:00:00:00:02"
SCANNED = 7.0  # both radios, idle
RELOAD = SCANNED + 0.5
ASSOCIATED = RELOAD + 10.4
LEASED = RELOAD + 16.0
JOINED = LEASED + 0.3
# of a first join, after the reload: 5.0 to 7.9, and 8.4 until 0.5 after the association
DARK_JOIN = 2.9 + 2.5


def played(place: World, *moves: Do | float | str) -> tuple[Account, Told]:
    policy = Told(place.known, *moves)
    return play(policy, place), policy


def test_a_first_join() -> None:
    account, policy = played(world(track(1, "A", (0, -50))), Do.SCAN, A)
    assert policy.told == [("heard", SCANNED, 1), ("joined", JOINED)]
    assert account == Account(
        seconds=3600.0,
        online=pytest.approx(3600 - LEASED),
        dark=pytest.approx(DARK_JOIN),
        switches=1,
        trials=1,
        scans=1,
    )
    _, situation = policy.asked[-1]
    assert situation.uplink is not None
    assert (situation.uplink.bssid, situation.uplink.radio) == (A, "radio0")
    assert (situation.enabled, situation.committed, situation.searching) == (True, False, None)


def test_nothing_done_is_nothing_counted() -> None:
    account, _ = played(world(track(1, "A", (0, -50))))
    assert account == Account(seconds=3600.0)


def test_a_loss_and_a_rejoin() -> None:
    """Off the air at 1000, noticed 1.2 s later, heard at the scan of 1010.2 s."""
    place = world(track(1, "A", (0, -50), (1000, None), (1010, -50)))
    account, policy = played(place, Do.SCAN, A)
    back = 1001.2 + 3 * 3.0 + 2.0 + 4.5
    assert policy.told[-2:] == [("lost", 1001.2), ("found", pytest.approx(back))]
    assert account.online == pytest.approx(1000 - LEASED + 3600 - back)
    assert account.dark == pytest.approx(DARK_JOIN + 3 * 3.0 + 2.0 + 1.0)
    assert account.gaps == (pytest.approx(back - 1010),)  # before, there was nothing to use
    searching = [s for _, s in policy.asked if s.enabled and s.uplink is None]
    assert [s.searching for s in searching] == [(place.known[0].ssid, "radio0")]


@pytest.mark.parametrize("level", [-89, None])
def test_a_link_that_is_back_in_time_is_not_lost(level: int | None) -> None:
    place = world(track(1, "A", (0, -50), (1000, level), (1001, -50)))
    account, policy = played(place, Do.SCAN, A)
    assert policy.told[-1] == ("joined", JOINED)
    assert account.online == pytest.approx(3599 - LEASED)
    assert account.dark == pytest.approx(DARK_JOIN)


def test_a_failed_trial_with_return() -> None:
    """From 2.4 to 5 GHz, where there is no internet, and back to the uplink before."""
    place = world(track(1, "A", (0, -50)), track(2, "B", (0, -50, Behind.NO_INTERNET), channel=36))
    account, policy = played(place, Do.SCAN, A, 100.0, B)
    reload = 100.5
    failed = reload + 16.0 + 15.0
    back = failed + 16.0
    assert policy.told[2:] == [("failed", back, Cause.NO_INTERNET)]
    assert account.gaps == (pytest.approx(back - (reload + 4.2)),)
    assert account.online == pytest.approx(reload + 4.2 - LEASED + 3600 - back)
    assert account.dark == pytest.approx(3 * DARK_JOIN)
    assert (account.trials, account.failed, account.switches) == (2, 1, 1)
    assert policy.asked[-1][1].uplink is not None


def test_a_switch_on_one_radio() -> None:
    place = world(track(1, "A", (0, -50)), track(2, "B", (0, -50), channel=11))
    account, policy = played(place, Do.SCAN, A, 100.0, B)
    reload = 100.5
    assert policy.told[2:] == [("joined", pytest.approx(reload + 16.2 + 0.3))]
    assert account.online == pytest.approx(3600 - LEASED - (16.2 - 5.0))
    assert account.dark == pytest.approx(DARK_JOIN + 11.6 + 0.3 - 9.4)


def test_rest() -> None:
    account, policy = played(world(track(1, "A", (0, -50))), Do.SCAN, A, 100.0, Do.REST)
    assert account.online == pytest.approx(104.2 - LEASED)
    assert account.dark == pytest.approx(DARK_JOIN + 1.1)
    assert policy.asked[-1][0] == pytest.approx(106.1)
    assert not policy.asked[-1][1].enabled
    assert policy.told[-1] == ("joined", JOINED)  # an uplink that was given up is not lost


FAILURES = [
    (Behind.WRONG_KEY, Cause.WRONG_KEY, 10.4 + 4.0),
    (Behind.BUSY, Cause.BUSY, 10.4 + 5.0),
    (Behind.DEAD_DHCP, Cause.DEAD_DHCP, 10.4 + 25.0),
    (Behind.PORTAL, Cause.PORTAL, 16.0 + 0.3),
    (Behind.NO_INTERNET, Cause.NO_INTERNET, 16.0 + 15.0),
]


@pytest.mark.parametrize(
    ("behind", "cause", "seconds"), FAILURES, ids=[str(b) for b, *_ in FAILURES]
)
def test_what_a_trial_fails_of_and_when(behind: Behind, cause: Cause, seconds: float) -> None:
    account, policy = played(world(track(1, "A", (0, -50, behind))), Do.SCAN, A)
    failed = RELOAD + seconds
    assert policy.told[-1] == ("failed", pytest.approx(failed + 6.1), cause)
    joined = behind not in (Behind.WRONG_KEY, Behind.BUSY)
    end = failed + 6.1
    dark = DARK_JOIN + 1.1 if joined else 2.9 + end - (RELOAD + 8.4)
    assert account.dark == pytest.approx(dark)
    assert (account.online, account.failed, account.switches) == (0.0, 1, 0)


def test_what_has_vanished_is_given_up_after_40_s() -> None:
    account, policy = played(world(track(1, "A", (0, -50), (SCANNED, None))), Do.SCAN, A)
    assert policy.told[-1] == ("failed", pytest.approx(RELOAD + 40 + 6.1), Cause.VANISHED)
    assert account.dark == pytest.approx(2.9 + 46.1 - 8.4)


def test_an_uplink_that_vanished_during_a_trial_is_lost() -> None:
    place = world(
        track(1, "A", (0, -50), (110, None)), track(2, "B", (0, -50, Behind.PORTAL), channel=36)
    )
    _, policy = played(place, Do.SCAN, A, 100.0, B)
    failed = 100.5 + 16.0 + 0.3 + 45.0
    assert policy.told[2:] == [("failed", pytest.approx(failed), Cause.PORTAL), ("lost", failed)]


def test_the_station_goes_to_the_strongest_of_its_name() -> None:
    """Even to one that the scan did not show yet; not to another kind of security."""
    place = world(
        track(1, "A", (0, -70)),
        track(2, "A", (10, -50)),
        track(3, "A", (10, -40), security=Security.OPEN),
    )
    _, policy = played(place, Do.SCAN, A)
    uplink = policy.asked[-1][1].uplink
    assert uplink is not None
    assert uplink.bssid == B


@pytest.mark.parametrize(
    ("behind", "verdict", "seconds"),
    [
        (OK, Verdict.ONLINE, 0.3),
        (Behind.PORTAL, Verdict.PORTAL, 0.3),
        (Behind.NO_INTERNET, Verdict.OFFLINE, 15.0),
    ],
)
def test_check(behind: Behind, verdict: Verdict, seconds: float) -> None:
    place = world(track(1, "A", (0, -50), (90, -50, behind)))
    account, policy = played(place, Do.SCAN, A, 100.0, Do.CHECK)
    assert policy.told[-1] == ("checked", pytest.approx(100 + seconds), verdict)
    assert account.online == pytest.approx((3600 if behind is OK else 90) - LEASED)


def test_look_and_keep() -> None:
    account, policy = played(world(track(1, "A", (0, -50))), Do.LOOK, Do.SCAN, A, Do.LOOK, Do.KEEP)
    assert policy.told[0] == ("looked", 0.05, None)
    assert -60 <= policy.told[-2][2] <= -40
    assert policy.told[-1][0] == "kept"
    assert account.writes == 1
    assert policy.asked[-1][1].committed


def test_a_scan_takes_longer_beside_a_station() -> None:
    _, policy = played(world(track(1, "A", (0, -50))), Do.SCAN, A, 100.0, Do.SCAN)
    assert policy.told[-1] == ("heard", 100 + 8.5 + 3.5, 1)


def test_a_second_reload_costs_more() -> None:
    """The trial of a BSS whose key is wrong fails 14.4 s after the reload: that one is over."""
    place = world(track(1, "A", (0, -50)))
    _, policy = played(place, Do.SCAN, A, Do.REST, Do.SCAN, A)
    assert [each[0] for each in policy.told] == ["heard", "joined", "heard", "joined"]
    rested = JOINED + 6.1
    assert policy.told[-1][1] == pytest.approx(rested + 7.0 + 0.5 + 16.3)


def test_a_preferred_network_that_is_not_used_is_counted() -> None:
    from wifirelay.evaluation.draw import network

    known = [network("A"), network("B", priority=1)]
    place = world(track(1, "A", (0, -50)), track(2, "B", (1000, -50), (1500, -89)), known=known)
    account, _ = played(place, Do.SCAN, A)
    assert account.below == pytest.approx(500)


def test_a_loss_that_lasts_to_the_end_is_counted() -> None:
    place = world(track(1, "A", (0, -50), (1000, -50, Behind.NO_INTERNET)), track(2, "B", (0, -60)))
    account, _ = played(place, Do.SCAN, A)
    assert account.gaps == (pytest.approx(2600),)


def test_a_policy_that_lets_no_time_pass_is_a_bug() -> None:
    class Still(Told):
        def next(self, now: float, situation: Situation) -> Move:
            return Move(Do.WAIT, until=now)

    place = world(track(1, "A", (0, -50)))
    with pytest.raises(Stuck):
        play(Still(place.known), place)
