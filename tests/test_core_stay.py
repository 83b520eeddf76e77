# SPDX-License-Identifier: GPL-2.0-or-later
"""One uplink: when it is weak, dead or worth leaving, and when it is looked at next."""

from dataclasses import replace

import pytest

from wifirelay.core.habits import HABITS, SUFFICIENT, habits_for
from wifirelay.core.stay import SIGNALS, Stay
from wifirelay.router.verdict import Verdict
from wifirelay.values import Band, Ssid

BEGUN = 1000.0
CAFE = (Ssid.of("Cafe"), "radio0")


def stay(*signals: int, band: Band | None = Band.GHZ2) -> Stay:
    there = Stay(Ssid.of("HomeNet"), "radio0", None, band, BEGUN, HABITS)
    there.signals.extend(signals)
    return there


def test_a_new_one_is_looked_at_and_checked_soon() -> None:
    there = stay()
    assert there.look_at == BEGUN + HABITS.weak_look
    assert there.check_at == BEGUN + HABITS.check
    assert there.good_since == BEGUN
    assert (there.signal, there.weak, there.dead) == (None, False, False)


@pytest.mark.parametrize(
    ("signals", "median"),
    [((-50,), -50), ((-50, -60), -60), ((-60, -90, -50), -60), ((-90, -50, -60, -55), -55)],
)
def test_its_signal_is_the_median_of_the_last_looks(signals: tuple[int, ...], median: int) -> None:
    assert stay(*signals).signal == median


@pytest.mark.parametrize("band", [*Band, None])
def test_it_is_weak_after_several_looks_below_what_is_sufficient(band: Band | None) -> None:
    level = SUFFICIENT[band or Band.GHZ2]
    assert stay(*[level - 1] * SIGNALS, band=band).weak
    assert not stay(*[level - 1] * (SIGNALS - 1), band=band).weak
    assert not stay(*[level] * SIGNALS, band=band).weak


# --- looks ---


def next_look(there: Stay, signal: int | None) -> float:
    there.looked(2000.0, signal)
    return there.look_at - 2000.0


def test_a_good_signal_is_looked_at_rarely_once_it_is_sure() -> None:
    there = stay()
    pauses = [next_look(there, -50) for _ in range(4)]
    assert pauses == [HABITS.weak_look, HABITS.weak_look, HABITS.look, HABITS.look]


@pytest.mark.parametrize("band", [Band.GHZ2, Band.GHZ5, None])
def test_one_weak_look_is_followed_by_another_soon(band: Band | None) -> None:
    level = SUFFICIENT[band or Band.GHZ2]
    assert next_look(stay(-50, -50, band=band), level - 1) == HABITS.weak_look
    assert next_look(stay(-50, -50, band=band), level) == HABITS.look
    assert next_look(stay(-90, -90, -90, band=band), -50) == HABITS.weak_look  # weak still


def test_where_the_driver_tells_no_signal_looks_are_rare() -> None:
    there = stay()
    assert next_look(there, None) == HABITS.look
    assert there.signal is None


# --- checks ---


def test_it_is_dead_from_the_first_bad_check_to_the_next_good_one() -> None:
    there = stay()
    there.checked(2000.0, Verdict.OFFLINE, doubtful=False)
    there.checked(2100.0, Verdict.PORTAL, doubtful=False)
    assert (there.dead, there.dead_since, there.verdict) == (True, 2000.0, Verdict.PORTAL)
    assert there.check_at == 2100.0 + HABITS.dead_check
    assert there.good_since == BEGUN
    there.checked(2200.0, Verdict.ONLINE, doubtful=True)
    assert (there.dead, there.dead_since, there.verdict) == (False, None, Verdict.ONLINE)
    assert there.good_since == 2200.0
    assert there.check_at == 2200.0 + HABITS.doubtful_check
    there.checked(2300.0, Verdict.ONLINE, doubtful=False)
    assert there.good_since == 2200.0  # still the same good time
    assert there.check_at == 2300.0 + HABITS.check


# --- scans ---


def test_scans_for_one_reason_come_later_each_time() -> None:
    there = stay()
    there.want_scans(2000.0, "weak", 5.0, 60.0)
    assert (there.searching_for, there.scan_at) == ("weak", 2005.0)
    nexts = []
    for _ in range(4):
        there.scanned(3000.0, 200.0)
        there.want_scans(3000.0, "weak", 5.0, 60.0)  # ongoing: its own pauses
        nexts.append(there.scan_at - 3000.0)
    assert nexts == [60.0, 120.0, 200.0, 200.0]
    there.want_scans(4000.0, "dead", 0.0, 30.0)
    assert (there.searching_for, there.scan_at, there.scan_pause) == ("dead", 4000.0, 30.0)


# --- gains ---


def test_a_gain_counts_once_it_was_seen_in_two_scans_in_a_row() -> None:
    there = stay()
    late = BEGUN + HABITS.min_stay
    there.scan_at = 1e9
    there.seen_gains([CAFE])
    assert not there.confirmed(late, CAFE, higher=False)
    assert there.scan_at == late + HABITS.confirm_scan
    there.seen_gains([])
    there.seen_gains([CAFE])
    assert not there.confirmed(late, CAFE, higher=False)
    there.seen_gains([CAFE])
    assert there.confirmed(late, CAFE, higher=False)


def test_a_higher_class_has_to_be_seen_three_times() -> None:
    there = stay()
    late = BEGUN + HABITS.min_stay_up
    for seen in range(1, 4):
        there.scan_at = 1e9
        there.seen_gains([CAFE])
        assert there.confirmed(late, CAFE, higher=True) is (seen == 3)
        assert (there.scan_at == late + HABITS.confirm_up) is (seen < 3)


@pytest.mark.parametrize("higher", [False, True])
def test_a_gain_never_counts_right_after_a_join(higher: bool) -> None:
    there = stay()
    rest = HABITS.min_stay_up if higher else HABITS.min_stay
    for _ in range(3):
        there.seen_gains([CAFE])
    assert not there.confirmed(BEGUN + rest - 0.1, CAFE, higher=higher)
    assert there.confirmed(BEGUN + rest, CAFE, higher=higher)


def test_a_scan_that_is_due_sooner_is_not_put_off() -> None:
    there = stay()
    there.scan_at = 1001.0
    assert not there.confirmed(1000.0, CAFE, higher=False)
    assert there.scan_at == 1001.0
    there.gains[CAFE] = 1
    assert not there.confirmed(1e6, (Ssid.of("Bar"), "radio0"), higher=False)


def test_on_a_bridge_it_is_looked_for_by_other_habits() -> None:
    assert habits_for("nat", HABITS) == habits_for("relayd", HABITS) == HABITS
    blind = replace(HABITS, look=HABITS.blind_look, check=HABITS.blind_check)
    assert habits_for("wds", HABITS) == blind != HABITS
