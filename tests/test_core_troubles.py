# SPDX-License-Identifier: GPL-2.0-or-later
"""Back-off at its edges: what is in a row, what is forgotten, what is said of it. Promise G7."""

import pytest

from wifirelay.core.causes import Cause
from wifirelay.core.rank import Term
from wifirelay.core.troubles import (
    BLIND,
    IMPATIENT,
    MOST,
    PROVED,
    REMEMBERED,
    ROUTERS,
    RULES,
    STRONGER,
    USABLE,
    Trouble,
    Troubles,
)
from wifirelay.values import Ssid

HOME, CAFE = Ssid.of("HomeNet"), Ssid.of("Cafe")
ONE, TWO = "02:00:00:00:00:01", "02:00:00:00:00:02"


def times(troubles: Troubles, now: float, bssid: str | None = ONE) -> list[int]:
    return [each.times for each in troubles.of(now, HOME, bssid)]


# --- in a row ---


@pytest.mark.parametrize("cause", [Cause.PORTAL, Cause.OFF_AIR])
def test_failures_far_apart_are_not_in_a_row(cause: Cause) -> None:
    longest = max(REMEMBERED, 2 * RULES[cause].longest)
    troubles = Troubles()
    troubles.note(0.0, HOME, ONE, cause, -50)
    assert troubles.note(longest, HOME, ONE, cause, -50).times == 2
    assert troubles.note(2 * longest + 1, HOME, ONE, cause, -50).times == 1


def test_how_long_a_row_lasts_is_that_of_its_own_rule() -> None:
    troubles = Troubles()
    troubles.note(0.0, HOME, None, Cause.VANISHED, None)  # tried blind: pauses of up to 4 hours
    assert troubles.note(2 * BLIND.longest, HOME, None, Cause.VANISHED, None).times == 2
    troubles.note(0.0, CAFE, ONE, Cause.VANISHED, -50)
    assert troubles.note(REMEMBERED + 1, CAFE, ONE, Cause.VANISHED, -50).times == 1


def test_a_key_that_waits_for_the_owner_does_so_for_ever() -> None:
    troubles = Troubles()
    for _ in range(3):
        troubles.note(0.0, HOME, ONE, Cause.WRONG_KEY, -50)
    troubles.note(1e9, CAFE, ONE, Cause.PORTAL, -50)  # others are forgotten meanwhile
    assert troubles.waiting(1e9, HOME, ONE, -50) == (
        "it rejected the key 11574 days ago, 3 times: correct its key, then it is tried again"
    )
    assert Trouble(HOME, ONE, Cause.WRONG_KEY, 3, 0.0, None, -50).waits(1e9)


def test_a_weak_rejection_does_not_count_towards_the_three() -> None:
    troubles = Troubles()
    assert troubles.note(0.0, HOME, ONE, Cause.WRONG_KEY, USABLE - 1).times == 0
    assert troubles.note(1.0, HOME, ONE, Cause.WRONG_KEY, USABLE).times == 1
    assert troubles.note(2.0, HOME, ONE, Cause.WRONG_KEY, None).times == 2
    assert troubles.note(3.0, HOME, ONE, Cause.WRONG_KEY, USABLE - 1).times == 2
    assert troubles.note(4.0, HOME, ONE, Cause.WRONG_KEY, USABLE).until is None


def test_a_new_key_is_another_one() -> None:
    troubles = Troubles()
    troubles.worked(HOME)
    assert troubles.note(0.0, HOME, ONE, Cause.WRONG_KEY, -50).until == PROVED.first
    troubles.changed(HOME)
    assert times(troubles, 0.0) == []
    first = RULES[Cause.WRONG_KEY].first
    assert troubles.note(0.0, HOME, ONE, Cause.WRONG_KEY, -50).until == first


# --- whose ---


@pytest.mark.parametrize("cause", sorted(RULES))
def test_a_trouble_is_the_networks_or_its_access_points(cause: Cause) -> None:
    troubles = Troubles()
    trouble = troubles.note(0.0, HOME, ONE, cause, -50)
    assert trouble.bssid == (None if RULES[cause].whole else ONE)
    assert (troubles.waiting(1.0, HOME, TWO, -50) is not None) is RULES[cause].whole


def test_the_routers_trouble_says_when_with_what_and_why() -> None:
    troubles = Troubles()
    assert troubles.note(5.0, HOME, ONE, Cause.FLASH, -61) == Trouble(
        HOME, None, Cause.FLASH, 1, 5.0, 5.0 + ROUTERS.first, -61
    )
    second = troubles.note(6.0, CAFE, TWO, Cause.STOPPED, None)
    assert (second.times, second.until) == (2, 6.0 + 2 * ROUTERS.first)
    assert troubles.router_waits(6.0) is second
    troubles.router_recovered()
    assert troubles.router_waits(6.0) is None
    assert troubles.note(7.0, HOME, ONE, Cause.FLASH, -50).times == 1


# --- what is remembered ---


def test_a_failure_counts_for_six_hours() -> None:
    troubles = Troubles()
    troubles.note(0.0, HOME, ONE, Cause.BUSY, -50)
    assert times(troubles, REMEMBERED - 1) == [1]
    assert times(troubles, REMEMBERED) == []
    assert times(troubles, 1.0, TWO) == []
    troubles.note(REMEMBERED, HOME, TWO, Cause.BUSY, -50)
    assert times(troubles, REMEMBERED + 100, TWO) == [1]


def test_of_too_many_the_oldest_are_dropped() -> None:
    troubles = Troubles()
    for number in range(MOST):  # the newest first
        troubles.note(1000.0 - number, HOME, f"02:00:00:00:00:{number:02X}", Cause.BUSY, -50)
    assert len(troubles.as_json()["troubles"]) == MOST
    troubles.note(1000.0, CAFE, ONE, Cause.BUSY, -50)
    kept = troubles.as_json()["troubles"]
    assert len(kept) == MOST
    assert kept[-1]["ssid_hex"] == CAFE.hex
    assert min(each["at"] for each in kept) == 1000.0 - (MOST - 2)


def test_what_counts_no_more_is_dropped_from_memory() -> None:
    troubles = Troubles()
    troubles.note(0.0, HOME, ONE, Cause.BUSY, -50)
    troubles.note(REMEMBERED + 1, CAFE, ONE, Cause.BUSY, -50)
    assert [each["ssid_hex"] for each in troubles.as_json()["troubles"]] == [CAFE.hex]


# --- waiting, in words and in time ---


def test_the_longest_pause_is_what_is_told() -> None:
    troubles = Troubles()
    troubles.note(0.0, HOME, ONE, Cause.BUSY, -50)
    troubles.note(0.0, HOME, ONE, Cause.DEAD_DHCP, -50)
    assert troubles.waiting(10.0, HOME, ONE, -50) == (
        "it gave no address 10 s ago: left alone for 50 s more"
    )
    troubles.note(100.0, CAFE, ONE, Cause.VANISHED, -50)
    assert troubles.waiting(110.0, CAFE, ONE, -50) == (
        "it did not answer 10 s ago: left alone for 20 s more"
    )
    for _ in range(3):
        troubles.note(100.0, CAFE, ONE, Cause.WRONG_KEY, -50)
    assert "correct its key" in (troubles.waiting(110.0, CAFE, ONE, -50) or "")
    troubles.note(0.0, HOME, None, Cause.VANISHED, None)
    assert troubles.waiting(10.0, HOME, None, None) == (
        "hidden, and did not answer when it was tried blind 10 s ago: left alone for 10 min more"
    )


def test_without_internet_patience_ends_ten_minutes_after_the_failure() -> None:
    troubles = Troubles()
    troubles.note(5000.0, HOME, ONE, Cause.PORTAL, -50)
    assert troubles.waiting(5000.0 + IMPATIENT - 1, HOME, ONE, -50, impatient=True) is not None
    assert troubles.waiting(5000.0 + IMPATIENT, HOME, ONE, -50, impatient=True) is None
    troubles.note(5000.0, CAFE, ONE, Cause.SUBNET_CLASH, -50)
    troubles.note(5000.0, CAFE, ONE, Cause.SUBNET_CLASH, -50)
    assert troubles.waiting(5000.0 + IMPATIENT, CAFE, ONE, -50, impatient=True) is not None


@pytest.mark.parametrize("cause", sorted(RULES))
def test_more_signal_helps_where_its_want_may_have_been_the_reason(cause: Cause) -> None:
    helps = cause in (Cause.VANISHED, Cause.LOST, Cause.DEAD_DHCP, Cause.IPV6_ONLY)
    troubles = Troubles()
    troubles.note(0.0, HOME, ONE, cause, -80)
    assert (troubles.waiting(1.0, HOME, ONE, -80 + STRONGER) is None) is helps
    assert troubles.waiting(1.0, HOME, ONE, None) is not None
    troubles.note(0.0, HOME, ONE, cause, None)
    assert troubles.waiting(1.0, HOME, ONE, -30) is not None


def test_points_for_each_failure_down_to_a_limit() -> None:
    troubles = Troubles()
    points = []
    for _ in range(6):
        troubles.note(0.0, HOME, ONE, Cause.BUSY, -50)
        term = troubles.term(0.0, HOME, ONE)
        assert term is not None
        points.append(term.points)
    assert points == [-2.0, -4.0, -6.0, -8.0, -8.0, -8.0]
    assert troubles.term(0.0, HOME, ONE) == Term(
        "history", -8.0, "failed 6 times in the last hours"
    )


def test_the_next_end_is_the_soonest_that_is_yet_to_come() -> None:
    troubles = Troubles()
    assert troubles.next_end(0.0) is None
    troubles.note(0.0, HOME, ONE, Cause.BUSY, -50)  # until 30
    troubles.note(0.0, HOME, ONE, Cause.DEAD_DHCP, -50)  # until 60
    assert [troubles.next_end(now) for now in (0.0, 29.0, 30.0, 60.0)] == [30.0, 30.0, 60.0, None]
    for _ in range(3):
        troubles.note(0.0, CAFE, ONE, Cause.WRONG_KEY, -50)  # ends by the owner only
    assert troubles.next_end(60.0) is None
    troubles.note(55.0, HOME, ONE, Cause.FLASH, -50)
    assert troubles.next_end(0.0) == 30.0
    assert troubles.next_end(60.0) == 55.0 + ROUTERS.first
    assert troubles.next_end(55.0 + ROUTERS.first) is None


def test_a_pause_never_overflows() -> None:
    troubles = Troubles()
    for _ in range(2000):
        trouble = troubles.note(0.0, HOME, ONE, Cause.WRONG_KEY, USABLE - 1)
        trouble = troubles.note(0.0, HOME, ONE, Cause.PORTAL, -50)
    assert trouble.until == RULES[Cause.PORTAL].longest


# --- in JSON ---


def test_what_is_stored_and_taken_up() -> None:
    troubles = Troubles()
    troubles.worked(CAFE)
    troubles.worked(HOME)
    troubles.note(10.16, CAFE, ONE, Cause.DEAD_DHCP, None)
    for _ in range(3):
        troubles.note(20.06, Ssid(b"\xff"), TWO, Cause.WRONG_KEY, -50)
    stored = {
        "proved": sorted([CAFE.hex, HOME.hex]),
        "troubles": [
            {
                "ssid_hex": CAFE.hex,
                "bssid": None,
                "cause": "dead-dhcp",
                "times": 1,
                "at": 10.2,
                "until": 70.2,
                "signal": None,
            },
            {
                "ssid_hex": "ff",
                "bssid": TWO,
                "cause": "wrong-key",
                "times": 3,
                "at": 20.1,
                "until": None,
                "signal": -50,
            },
        ],
    }
    assert troubles.as_json() == stored
    again = Troubles()
    again.load(stored, 20.0)
    assert again.as_json() == stored
    assert again.waiting(1e6, Ssid(b"\xff"), TWO, -50) is not None
    with pytest.raises(ValueError, match=r"^of another clock$"):
        again.load(stored, 19.0)
    again.load(stored, 19.1)  # rounding may be so much ahead
    with pytest.raises(ValueError, match=r"^of another clock$"):
        again.load(stored, 18.5)
    assert again.as_json() == stored


def test_a_cause_that_is_the_routers_is_not_taken_up_as_a_networks() -> None:
    raw = {
        "ssid_hex": HOME.hex,
        "bssid": None,
        "cause": "flash-not-written",
        "times": 1,
        "at": 0.0,
        "until": 1e9,
        "signal": None,
    }
    troubles = Troubles()
    troubles.load({"proved": [], "troubles": [raw]}, 1.0)
    assert troubles.as_json()["troubles"] == []
