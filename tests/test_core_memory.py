# SPDX-License-Identifier: GPL-2.0-or-later
"""What the policy remembers: losses and trust, the owner's choice, commits."""

import pytest
from known import bss, network

from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS
from wifirelay.core.memory import DAY, LOSSES, Memory
from wifirelay.core.stay import Stay
from wifirelay.core.troubles import SHORT_STAY
from wifirelay.router.verdict import Verdict
from wifirelay.values import Band, Ssid

HOME, CAFE = Ssid.of("HomeNet"), Ssid.of("Cafe")
ONE, TWO = "02:00:00:00:00:01", "02:00:00:00:00:02"


def stay(since: float = 0.0, ssid: Ssid = HOME, *, signal: int = -60) -> Stay:
    there = Stay(ssid, "radio0", ONE, Band.GHZ2, since, HABITS)
    there.signals.append(signal)
    return there


def causes(memory: Memory, now: float, ssid: Ssid = HOME, bssid: str | None = ONE) -> list[Cause]:
    return [each.cause for each in memory.troubles.of(now, ssid, bssid)]


# --- the owner's choice ---


def test_a_choice_counts_for_eight_hours_and_forgives_that_network() -> None:
    memory = Memory(HABITS)
    memory.failed(0.0, HOME, None, Cause.DEAD_DHCP)
    memory.failed(0.0, CAFE, None, Cause.DEAD_DHCP)
    assert memory.chosen(0.0) is None
    memory.choose(100.0, HOME)
    assert memory.chosen(100.0 + 8 * 3600 - 1) == HOME
    assert memory.chosen(100.0 + 8 * 3600) is None
    assert causes(memory, 100.0) == []
    assert causes(memory, 100.0, CAFE) == [Cause.DEAD_DHCP]
    memory.choose(200.0, None)
    assert memory.chosen(200.0) is None
    assert memory.as_json()["chosen"] is None
    assert causes(memory, 200.0, CAFE) == [Cause.DEAD_DHCP]


# --- failures ---


def test_a_failure_is_held_against_its_access_point_with_its_signal() -> None:
    memory = Memory(HABITS)
    memory.failed(0.0, HOME, bss(bssid=ONE, signal=-71), Cause.PORTAL)
    (trouble,) = memory.troubles.of(0.0, HOME, ONE)
    assert (trouble.ssid, trouble.bssid, trouble.cause) == (HOME, ONE, Cause.PORTAL)
    assert trouble.signal == -71
    assert causes(memory, 0.0, HOME, TWO) == []
    memory.failed(0.0, CAFE, None, Cause.VANISHED)  # tried blind
    (blind,) = memory.troubles.of(0.0, CAFE, None)
    assert (blind.bssid, blind.signal) == (None, None)


@pytest.mark.parametrize(
    ("verdict", "cause"),
    [
        (Verdict.PORTAL, Cause.PORTAL),
        (Verdict.NO_DNS, Cause.NO_DNS),
        (Verdict.OFFLINE, Cause.NO_INTERNET),
    ],
)
def test_an_uplink_without_internet_has_the_cause_that_was_found(
    verdict: Verdict, cause: Cause
) -> None:
    memory, there = Memory(HABITS), stay()
    there.verdict = verdict
    memory.dead(50.0, there)
    (trouble,) = memory.troubles.of(50.0, HOME, ONE)
    assert (trouble.cause, trouble.bssid, trouble.signal) == (cause, ONE, -60)


def test_what_has_been_good_for_long_is_forgiven() -> None:
    memory, there = Memory(HABITS), stay(1000.0)
    memory.failed(900.0, HOME, None, Cause.DEAD_DHCP)
    memory.good(1000.0 + HABITS.lasted_after - 1, there)
    assert causes(memory, 1000.0) == [Cause.DEAD_DHCP]
    memory.good(1000.0 + HABITS.lasted_after, there)
    assert causes(memory, 1000.0) == []


def test_the_strongest_access_point_speaks_for_its_network_on_that_radio() -> None:
    memory = Memory(HABITS)
    near, far = bss(bssid=ONE, signal=-50), bss(bssid=TWO, signal=-70)
    elsewhere = bss(bssid=TWO, radio="radio1", signal=-70)
    memory.failed(0.0, HOME, near, Cause.PORTAL)
    record = memory.at(1.0, [near, far, elsewhere])
    waits = record.why_not(network(), near)
    assert waits == "it wants a login 1 s ago: left alone for 15 min more"
    assert record.why_not(network(), far) == waits
    assert record.why_not(network(), elsewhere) is None
    assert record.why_not(network(), None) is None
    assert memory.at(1.0, [far]).why_not(network(), far) is None
    assert memory.at(1.0, [near], [Cause.PORTAL]).why_not(network(), near) is None
    assert memory.at(700.0, [near], impatient=True).why_not(network(), near) is None
    assert memory.at(700.0, [near]).why_not(network(), near) is not None


def test_a_stronger_signal_and_a_nameless_access_point_are_told_apart() -> None:
    memory = Memory(HABITS)
    memory.failed(0.0, HOME, bss(bssid=ONE, signal=-80), Cause.VANISHED)
    closer = bss(bssid=ONE, signal=-60)
    assert memory.at(1.0, [closer]).why_not(network(), closer) is None
    hidden = bss(None, bssid=TWO)  # it shows no name, and none is the strongest of its network
    memory.failed(0.0, HOME, hidden, Cause.PORTAL)
    assert memory.at(1.0, [hidden]).why_not(network(), hidden) is not None


def test_a_failure_costs_points_at_its_own_access_point_only() -> None:
    memory = Memory(HABITS)
    near, far = bss(bssid=ONE, signal=-50), bss(bssid=TWO, signal=-70)
    memory.failed(0.0, HOME, near, Cause.PORTAL)
    record = memory.at(1.0, [near, far])
    term = record.term(HOME, near)
    assert term is not None and (term.name, term.points) == ("history", -2.0)
    assert term.why == "failed 1 times in the last hours"
    assert record.term(HOME, far) is None
    assert record.term(HOME, None) is None
    assert record.term(CAFE, near) is None


# --- losses ---


def lose(memory: Memory, at: float, lasted: float) -> float:
    memory.lost(at, stay(at - lasted))
    return at


def pause_after(memory: Memory, lost: float) -> float:
    """Seconds until it is trusted again, in steps of an hour's quarter."""
    waited = 0.0
    while not memory.trusted(lost + waited, HOME):
        waited += 900.0
    return waited


def test_what_was_never_lost_is_trusted() -> None:
    memory = Memory(HABITS)
    lose(memory, 1e5, 1.0)
    assert not memory.trusted(1e5, HOME)
    assert memory.trusted(1e5, CAFE)


@pytest.mark.parametrize(
    ("lasted", "factor"),
    [
        (HABITS.middling_stay - 1, 2),  # counts twice
        (HABITS.middling_stay, 1),
        (HABITS.long_stay - 1, 1),
        (HABITS.long_stay, 0),  # not at all
    ],
)
def test_the_sooner_it_is_lost_the_longer_it_is_not_trusted(lasted: float, factor: int) -> None:
    memory = Memory(HABITS)
    assert pause_after(memory, lose(memory, 1e5, lasted)) == HABITS.shaky * factor


def test_trust_comes_back_later_each_time_and_always_does() -> None:
    memory, at, pauses = Memory(HABITS), 1e5, []
    for _ in range(LOSSES):
        pauses.append(pause_after(memory, lose(memory, at, 3600.0)))
        at += 3600.0
    doubling = [HABITS.shaky * 2**times for times in range(LOSSES)]
    assert pauses == [min(HABITS.longest_shaky, each) for each in doubling]
    assert memory.trusted(at - 3600.0 + HABITS.longest_shaky, HOME)
    assert [len(each["at"]) for each in memory.as_json()["losses"]] == [LOSSES]
    lose(memory, at, 3600.0)
    (kept,) = memory.as_json()["losses"]
    assert len(kept["at"]) == LOSSES and kept["at"][-1] == at


def test_old_losses_count_no_more() -> None:
    memory = Memory(HABITS)
    first = lose(memory, 1e5, 3600.0)
    second = lose(memory, first + HABITS.shaky_memory, 3600.0)
    assert pause_after(memory, second) == HABITS.shaky
    assert memory.as_json()["losses"] == [{"ssid_hex": HOME.hex, "at": [second]}]


def test_only_a_short_stay_leaves_it_alone_for_a_moment() -> None:
    memory = Memory(HABITS)
    lose(memory, 1000.0, SHORT_STAY)
    assert causes(memory, 1000.0) == []
    lose(memory, 1000.0, SHORT_STAY - 1)
    (trouble,) = memory.troubles.of(1000.0, HOME, ONE)
    assert (trouble.cause, trouble.bssid, trouble.signal) == (Cause.LOST, ONE, -60)


# --- commits ---


def test_an_uplink_is_kept_once_it_has_been_good_for_long() -> None:
    memory, there = Memory(HABITS), stay(1000.0)
    assert memory.keep_at(1000.0, there) == 1000.0 + HABITS.keep_after
    there.good_since = 2000.0
    assert memory.keep_at(2000.0, there) == 2000.0 + HABITS.keep_after


def test_after_a_commit_that_failed_it_is_tried_again_much_later() -> None:
    memory, there = Memory(HABITS), stay(1000.0)
    there.tried_to_keep = 1700.0
    assert memory.keep_at(1700.0, there) == 1700.0 + HABITS.lasted_after
    there.good_since = 9000.0
    assert memory.keep_at(9000.0, there) == 9000.0 + HABITS.keep_after


def test_flash_is_written_twelve_times_a_day_at_most() -> None:
    memory, there = Memory(HABITS), stay(2000.0)
    memory.commits = [100.0 * number for number in range(HABITS.commits_a_day)]
    assert memory.keep_at(2000.0, there) == 0.0 + DAY
    memory.commits.append(1900.0)
    assert memory.keep_at(2000.0, there) == 100.0 + DAY
    assert memory.keep_at(DAY + 100.0, there) == 2000.0 + HABITS.keep_after
    assert memory.commits[0] == 200.0  # what is a day old is forgotten
    late = stay(DAY)
    memory.commits = [100.0 * number for number in range(HABITS.commits_a_day)]
    assert memory.keep_at(DAY - 1, late) == DAY + HABITS.keep_after  # the later of both
