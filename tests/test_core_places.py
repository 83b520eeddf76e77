# SPDX-License-Identifier: GPL-2.0-or-later
"""Places: known again by what stands there, bounded, forgotten after a while."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import bss, network, router

from wifirelay.core.candidates import find
from wifirelay.core.habits import gain_needed
from wifirelay.core.known import Relay
from wifirelay.core.places import (
    DAY,
    DEVICES,
    FRESH,
    KEPT,
    MOST,
    POINTS,
    Places,
    checked_moment,
    devices,
    made_up,
)
from wifirelay.core.plan import make_plan
from wifirelay.core.refusals import UsableRadio
from wifirelay.core.twins import Past
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.values import Band, Ssid
from wifirelay.view.plan import plan_lines

HOME, CAFE = Ssid.of("HomeNet"), Ssid.of("Cafe")
RADIOS = {"radio0": UsableRadio("radio0", Band.GHZ2, Channels(), has_access_point=True)}


def point(device: int, signal: int = -60, last: int = 1, first: int = 0xAC) -> Bss:
    high, low = divmod(device, 256)
    return bss("x", bssid=f"{first:02X}:DE:48:{high:02X}:{low:02X}:{last:02X}", signal=signal)


def air(*numbers: int) -> list[Bss]:
    return [point(number) for number in numbers]


def told(places: Places, now: float, *numbers: int) -> int | None:
    places.hear(now, air(*numbers))
    return places.here


def term(places: Places, ssid: Ssid = HOME) -> bool:
    return places.term(ssid) is not None


def test_what_worked_last_at_a_place_has_a_term_there_and_nowhere_else() -> None:
    places = Places()
    assert told(places, 10.0, 1, 2, 3) == 0
    assert not term(places)
    home = places.worked(10.0, HOME)
    assert home > 0
    assert term(places)
    assert not term(places, CAFE)
    assert told(places, 20.0, 7, 8, 9) == 0
    assert not term(places)
    cafe = places.worked(20.0, CAFE)
    assert cafe not in (0, home)
    assert told(places, 30.0, 2, 3, 4) == home
    assert term(places)
    places.worked(40.0, CAFE)  # worked here later
    assert term(places, CAFE)
    assert not term(places)


@pytest.mark.parametrize("numbers", [(), (1,)])
def test_too_little_tells_nothing(numbers: tuple[int, ...]) -> None:
    """One device may travel along."""
    places = Places()
    assert told(places, 0.0, *numbers) is None
    assert places.worked(0.0, HOME) == 0
    assert places.known == []
    assert not term(places)


def test_one_device_is_one_whatever_it_shows() -> None:
    many = [point(1, last=1), point(1, last=2), point(1, first=0xAC ^ 0x04, last=9)]
    assert devices(many) == ("DE:48:00:01",)
    assert devices([point(2, -80), point(1, -40)]) == ("DE:48:00:01", "DE:48:00:02")


def test_made_up_addresses_and_what_is_no_access_point_stand_nowhere() -> None:
    hotspots = [point(number, first=0xAE) for number in range(5)]
    assert all(made_up(each.bssid or "") for each in hotspots)
    assert (
        devices([*hotspots, bss(bssid=None), bss(bssid="AC:DE:48:00:00:01", mode="Ad-Hoc")]) == ()
    )


@pytest.mark.parametrize(
    ("bssid", "local"),
    [("00:11:22:33:44:55", False), ("02:11:22:33:44:55", True), ("AC:00:00:00:00:00", False)]
    + [(f"{first:02X}:00:00:00:00:00", bool(first & 2)) for first in range(0, 256, 2)],
)
def test_the_local_bit(bssid: str, local: bool) -> None:
    assert made_up(bssid) is local


def test_an_old_scan_does_not_tell_where_the_router_is_now() -> None:
    places = Places()
    told(places, 0.0, 1, 2, 3)
    assert places.worked(FRESH + 1, HOME) == 0
    assert places.known == []
    home = places.worked(FRESH, HOME)
    assert places.worked(10 * FRESH, CAFE) == home  # it has moved, or not: nothing new is noted
    assert term(places)


def test_a_quiet_day_changes_nothing_that_is_stored() -> None:
    places = Places()
    told(places, 0.0, 1, 2, 3)
    places.worked(0.0, HOME)
    before = list(places.known)
    for at in range(1, 24):
        told(places, 3600.0 * at, 1, 2, 3)
        places.worked(3600.0 * at, HOME)
    assert places.known == before
    told(places, DAY, 1, 2, 3)
    places.worked(DAY, HOME)
    assert places.known != before


def test_a_place_is_forgotten_after_a_while_and_its_number_does_not_come_again() -> None:
    places = Places()
    told(places, 0.0, 1, 2, 3)
    first = places.worked(0.0, HOME)
    told(places, KEPT + 1, 7, 8, 9)
    second = places.worked(KEPT + 1, CAFE)
    assert second != first
    assert [each[0] for each in places.known] == [second]
    assert told(places, KEPT + 2, 1, 2, 3) == 0


def test_only_so_many_places_and_devices() -> None:
    places = Places()
    for number in range(MOST + 5):
        told(places, 10.0 * number, *range(100 * number, 100 * number + 40))
        places.worked(10.0 * number, HOME)
    stored = places.known
    assert len(stored) == MOST
    assert {len(each) - 3 for each in stored} == {DEVICES}
    assert told(places, 1000.0, *range(40)) == 0  # the oldest is gone
    assert len(json.dumps(stored)) < 9000


NUMBERS = st.sets(st.integers(0, 400), min_size=2, max_size=30)


@given(NUMBERS, st.data())
def test_half_of_it_and_any_number_of_strangers_is_the_same_place(
    there: set[int], data: st.DataObject
) -> None:
    places = Places()
    told(places, 0.0, *sorted(there))
    home = places.worked(0.0, HOME)
    kept = sorted(there)[:DEVICES]  # equally strong: in the order heard
    least = max(2, (len(kept) + 1) // 2)
    again = data.draw(st.sets(st.sampled_from(kept), min_size=least))
    strangers = data.draw(st.sets(st.integers(1000, 2000), max_size=60))
    assert told(places, 1.0, *sorted(again | strangers)) == home


@given(NUMBERS, NUMBERS)
def test_what_shares_one_device_at_most_is_another_place(one: set[int], other: set[int]) -> None:
    if len(one & other) > 1:
        other = {number + 1000 for number in other} | set(list(one)[:1])
    places = Places()
    told(places, 0.0, *sorted(one))
    places.worked(0.0, HOME)
    assert told(places, 1.0, *sorted(other)) == 0


@given(st.lists(st.tuples(NUMBERS, st.sampled_from((HOME, CAFE))), max_size=40))
def test_what_is_stored_is_taken_up_as_it_was(visits: list[tuple[set[int], Ssid]]) -> None:
    places = Places()
    for number, (there, ssid) in enumerate(visits):
        told(places, 1000.0 * number, *sorted(there))
        places.worked(1000.0 * number, ssid)
    past = Past()
    past.load(json.loads(json.dumps({"places": places.known})), 1000.0 * len(visits))
    again = past.places
    assert again.known == places.known
    assert len(again.known) <= MOST
    for there, _ in visits:
        assert told(again, 1e6, *sorted(there)) == told(places, 1e6, *sorted(there))
        assert (again.term(HOME), again.term(CAFE)) == (places.term(HOME), places.term(CAFE))


@given(NUMBERS, st.sets(st.integers(0, 50)))
def test_hotspots_change_nothing(there: set[int], phones: set[int]) -> None:
    places, quiet = Places(), Places()
    quiet.hear(0.0, air(*sorted(there)))
    places.hear(0.0, [*air(*sorted(there)), *(point(each, -20, first=0xDA) for each in phones)])
    assert places.worked(0.0, HOME) == quiet.worked(0.0, HOME)
    assert places.known == quiet.known


# --- what follows from it ---


def here_worked(ssid: Ssid) -> Past:
    past = Past()
    past.places.hear(0.0, air(1, 2, 3))
    past.places.worked(0.0, ssid)
    return past


def test_what_worked_here_is_tried_first_inside_its_group_alone() -> None:
    heard = [bss("HomeNet", signal=-72), bss("Cafe", bssid="02:00:00:00:02:09", signal=-70)]
    both = [network(), network("Cafe")]

    def first(past: Past | None, *known: object) -> str:
        return find(heard, known, RADIOS, past=past)[0][0].network.ssid.text  # type: ignore[arg-type]

    assert first(None, *both) == "Cafe"
    assert first(here_worked(HOME), *both) == "HomeNet"
    assert first(here_worked(CAFE), *both) == "Cafe"
    assert first(here_worked(HOME), network(), network("Cafe", priority=1)) == "Cafe"
    assert first(here_worked(HOME), network(metered=True), network("Cafe")) == "Cafe"


def test_it_is_no_reason_to_leave_a_good_uplink() -> None:
    assert gain_needed(None) > POINTS
    assert gain_needed(-60) > POINTS


def test_plan_says_so_in_words() -> None:
    plan = make_plan(router(), [bss()], [network()], Relay(), past=here_worked(HOME))
    (candidate,) = plan.candidates
    assert [each.points for each in candidate.terms if each.name == "place"] == [POINTS]
    lines = plan_lines(plan, verbose=False)
    assert "HomeNet at 02:00:00:00:02:00: worked last at this place" in lines
    assert any("place +4.0" in line for line in lines)
    quiet = plan_lines(make_plan(router(), [bss()], [network()], Relay()), verbose=False)
    assert not any("place" in line for line in quiet)


# --- at the edges ---


def test_the_strongest_come_first_and_what_tells_no_signal_last() -> None:
    heard = [point(1, signal=-90), point(2, signal=-40), replace(point(3), signal=None)]
    assert [each[-2:] for each in devices(heard)] == ["02", "01", "03"]


def test_a_place_takes_up_the_devices_that_are_new_in_it() -> None:
    places = Places()
    told(places, 10.0, 1, 2, 3)
    here = places.worked(10.0, HOME)
    assert told(places, 20.0, 2, 3, 4) == here
    assert places.worked(20.0, CAFE) == here
    (place,) = places.known
    assert place[:3] == [here, CAFE.hex, 20]
    assert sorted(each[-2:] for each in place[3:]) == ["01", "02", "03", "04"]
    assert told(places, 30.0, 7, 8) == 0
    assert places.worked(30.0, HOME) == max(here + 1, 31)


def test_less_than_half_of_the_smaller_set_is_another_place() -> None:
    places = Places()
    told(places, 10.0, 1, 2, 3, 4, 5)
    here = places.worked(10.0, HOME)
    assert told(places, 20.0, 1, 2, 11, 12, 13) == 0
    assert told(places, 30.0, 1, 2, 3, 11, 12) == here


def test_a_moment_of_another_clock_is_refused() -> None:
    assert checked_moment(10.0, 11) == 11
    assert checked_moment(10.0, 2.6) == 3
    for at in (11.5, -1e12):
        with pytest.raises(ValueError, match=r"^of another clock$"):
            checked_moment(10.0, at)


def test_years_on_a_clock_are_no_age() -> None:
    places, late = Places(), 1000 * DAY
    told(places, late, 1, 2, 3, 4)
    places.worked(late, HOME)
    before = [list(each) for each in places.known]
    told(places, late + DAY - 1, 1, 2, 3, 4)
    places.worked(late + DAY - 1, HOME)
    assert places.known == before
    told(places, late + KEPT, 11, 12, 13, 14)
    places.worked(late + KEPT, HOME)
    assert len(places.known) == 2
