# SPDX-License-Identifier: GPL-2.0-or-later
"""Which candidate is worth a move from a working uplink, which is sure enough, and why."""

from typing import Any

import pytest
from known import bss, network

from wifirelay.core.candidates import Candidate
from wifirelay.core.choice import (
    CLIENTS,
    class_of,
    ordered,
    sure,
    why_join,
    why_nothing,
    worth_moving,
)
from wifirelay.core.habits import HABITS, SUFFICIENT, gain_needed
from wifirelay.core.rank import CURRENT_BONUS, Term
from wifirelay.core.refusals import DROP_LEVEL, JOIN_LEVEL
from wifirelay.core.samples import CLOSE
from wifirelay.core.stay import SIGNALS, Stay
from wifirelay.values import Band, Ssid

HOME, CAFE = Ssid.of("HomeNet"), Ssid.of("Cafe")
WEAK = SUFFICIENT[Band.GHZ2] - 1
DROPPING = DROP_LEVEL[Band.GHZ2] - 1


def candidate(
    ssid: str = "Cafe",
    signal: int | None = -60,
    score: float | None = None,
    *,
    band: Band | None = Band.GHZ2,
    radio: str = "radio0",
    why_not: str | None = None,
    **more: Any,
) -> Candidate:
    """Of a network by that name; `more` is of the network."""
    parts = () if score is None else (Term("signal", score, ""),)
    heard = bss(ssid, signal=signal, band=band, radio=radio)
    return Candidate(network(ssid, **more), radio, heard, parts, why_not)


def stay(*signals: int, band: Band | None = Band.GHZ2) -> Stay:
    """On HomeNet, with these looks at its signal."""
    there = Stay(HOME, "radio0", None, band, 0.0, HABITS)
    there.signals.extend(signals)
    return there


def weak(signal: int = WEAK, band: Band | None = Band.GHZ2) -> Stay:
    return stay(*[signal] * SIGNALS, band=band)


def moves(
    there: Stay, *candidates: Candidate, chosen: Ssid | None = None, clients: int | None = 0
) -> list[tuple[str, str]]:
    """The networks worth moving to, from HomeNet of priority 0, and the reasons."""
    mine = class_of(network(), chosen)
    found = worth_moving(there, mine, candidates, chosen, clients=clients)
    return [(each.network.ssid.text, why) for each, why in found]


def names(*args: Any, **more: Any) -> list[str]:
    return [name for name, _ in moves(*args, **more)]


# --- order ---


def test_classes_go_by_choice_then_priority_then_what_is_not_metered() -> None:
    plain, metered = network("A"), network("B", metered=True)
    high = network("C", priority=1, metered=True)
    by_class = sorted([metered, high, plain], key=lambda each: class_of(each, None))
    assert by_class == [metered, plain, high]
    assert class_of(metered, metered.ssid) > class_of(high, metered.ssid)


def test_order_is_eligible_then_heard_then_the_owners_choice() -> None:
    refused = candidate("Home", why_not="too weak")
    blind = Candidate(network("Hidden"), "radio0", None)
    home, cafe = candidate("Home"), candidate("Cafe")
    given = [refused, blind, home, cafe]
    assert ordered(given, None) == (home, cafe, blind, refused)
    assert ordered(given, CAFE) == (cafe, home, blind, refused)
    assert ordered([blind, home], Ssid.of("Hidden")) == (home, blind)


# --- sure ---


@pytest.mark.parametrize("band", list(Band))
def test_close_to_the_level_to_join_one_sample_is_not_enough(band: Band) -> None:
    near = candidate(signal=JOIN_LEVEL[band] + CLOSE - 1, band=band)
    assert not sure(near, 1)
    assert sure(near, 2)
    assert sure(candidate(signal=JOIN_LEVEL[band] + CLOSE, band=band), 1)


def test_a_lower_level_to_join_is_sure_of_less() -> None:
    level = JOIN_LEVEL[Band.GHZ2] - 5 + CLOSE
    assert sure(candidate(signal=level), 1, lenient=5)
    assert not sure(candidate(signal=level - 1), 1, lenient=5)
    assert not sure(candidate(signal=level), 1)


def test_without_a_band_the_level_is_that_of_2_4_ghz() -> None:
    level = JOIN_LEVEL[Band.GHZ2] + CLOSE
    assert sure(candidate(signal=level, band=None), 1)
    assert not sure(candidate(signal=level - 1, band=None), 1)


def test_what_the_owner_limits_and_what_has_no_signal_is_taken_as_it_is() -> None:
    assert sure(candidate(signal=-85, min_signal=-90), 0)
    assert sure(candidate(signal=None), 0)
    assert sure(Candidate(network("Hidden"), "radio0", None), 0)


# --- worth moving: classes ---


def test_a_higher_class_needs_to_be_good_or_the_uplink_weak() -> None:
    good = SUFFICIENT[Band.GHZ2] + HABITS.up_margin
    best = candidate(signal=good, priority=1)
    middling = candidate(signal=good - 1, priority=1)
    assert moves(stay(-50), best) == [("Cafe", "Cafe is of a higher class than HomeNet")]
    assert names(stay(-50), middling) == []
    assert names(weak(), middling) == ["Cafe"]
    assert names(stay(-50), candidate(signal=None, priority=1)) == ["Cafe"]
    five = candidate(
        signal=SUFFICIENT[Band.GHZ5] + HABITS.up_margin - 1, band=Band.GHZ5, priority=1
    )
    assert names(stay(-50), five) == []
    assert names(stay(-50), candidate(signal=good, band=None, priority=1)) == ["Cafe"]


def test_the_owners_choice_is_moved_to_however_weak() -> None:
    assert names(stay(-50), candidate(signal=-85), chosen=CAFE) == ["Cafe"]
    assert names(stay(-50), candidate(signal=-85, priority=1), chosen=Ssid.of("Else")) == []


def test_a_lower_class_only_when_the_uplink_is_nearly_gone() -> None:
    lower = candidate(signal=SUFFICIENT[Band.GHZ2], priority=-1)
    assert moves(weak(DROPPING), lower) == [
        ("Cafe", f"HomeNet is hardly heard any more ({DROPPING} dBm)")
    ]
    assert names(weak(DROPPING + 1), lower) == []
    assert names(weak(DROPPING), candidate(signal=SUFFICIENT[Band.GHZ2] - 1, priority=-1)) == []
    assert names(weak(DROPPING), candidate(signal=None, priority=-1)) == []
    bandless = candidate(signal=SUFFICIENT[Band.GHZ2], band=None, priority=-1)
    assert names(weak(DROPPING), bandless) == ["Cafe"]
    five = DROP_LEVEL[Band.GHZ5] - 1  # its own level, not that of 2.4 GHz
    assert names(weak(five, Band.GHZ5), lower) == ["Cafe"]
    assert names(weak(five, None), lower) == []


# --- worth moving: in one class ---


def test_in_the_same_class_a_weak_uplink_is_left_for_a_real_gain() -> None:
    mine = candidate("HomeNet", WEAK, CURRENT_BONUS + 10.0)
    needed = 10.0 + gain_needed(WEAK)
    assert moves(weak(), mine, candidate(score=needed)) == [
        ("Cafe", f"Cafe is better than HomeNet ({WEAK} dBm)")
    ]
    assert names(weak(), mine, candidate(score=needed - 0.1)) == []
    nothing = candidate("HomeNet", WEAK, 0.0)  # a score of 0 is one too
    least = gain_needed(WEAK) - CURRENT_BONUS
    assert names(weak(), nothing, candidate(score=least)) == ["Cafe"]
    close = candidate("HomeNet", WEAK, 0.5 - least)
    assert names(weak(), close, candidate(score=0.0)) == []
    assert names(stay(WEAK, WEAK), mine, candidate(score=90.0)) == []  # two looks are too few
    assert names(stay(-50, -50, -50), mine, candidate(score=90.0)) == []


@pytest.mark.parametrize("clients", [1, 2, None])
def test_a_move_that_cuts_clients_off_needs_more(clients: int | None) -> None:
    mine = candidate("HomeNet", WEAK, CURRENT_BONUS)
    needed = gain_needed(WEAK) + CLIENTS
    assert names(weak(), mine, candidate(score=needed - 0.1), clients=clients) == []
    assert names(weak(), mine, candidate(score=needed), clients=clients) == ["Cafe"]
    assert names(weak(), mine, candidate(score=gain_needed(WEAK)), clients=0) == ["Cafe"]


def test_an_uplink_that_the_scan_did_not_show_is_left_only_when_nearly_gone() -> None:
    assert names(weak(WEAK), candidate(score=40.0)) == []
    assert names(weak(DROPPING), candidate(score=0.0)) == ["Cafe"]
    unfit = candidate("HomeNet", DROPPING, why_not="too weak")  # and one that is not eligible
    assert names(weak(DROPPING), unfit, candidate(score=0.0)) == ["Cafe"]
    shown = candidate("HomeNet", DROPPING, 40.0)
    assert names(weak(DROPPING), shown, candidate(score=0.0)) == []


def test_only_what_can_be_joined_and_is_not_the_uplink_itself() -> None:
    there = weak(DROPPING)
    itself = candidate("HomeNet", score=90.0)
    refused = candidate("Bar", score=90.0, why_not="waits", priority=1)
    blind = Candidate(network("Hidden", priority=1), "radio0", None)
    other_radio = candidate("HomeNet", -50, 90.0, radio="radio1")
    cafe = candidate(score=95.0)
    assert names(there, refused, blind, itself, other_radio, cafe) == ["HomeNet", "Cafe"]


def test_each_of_them_is_looked_at_in_its_order() -> None:
    lower = candidate("Low", -85, priority=-1)
    high, more = candidate("High", priority=2), candidate("More", priority=1)
    same = candidate("Same", score=90.0)
    assert names(stay(-50), same, high, more) == ["High", "More"]
    assert names(weak(DROPPING), lower, same, high, more) == ["Same", "High", "More"]


@pytest.mark.parametrize(
    ("signal", "points"),
    [
        *((None, 8.0), (-60, 8.0), (-70, 8.0), (-71, 5.0), (-75, 5.0)),
        *((-76, 4.0), (-80, 4.0), (-81, 2.0), (-95, 2.0)),
    ],
)
def test_the_gain_that_is_needed(signal: int | None, points: float) -> None:
    assert gain_needed(signal) == points


# --- in words ---


def test_why_it_is_joined() -> None:
    best = candidate("Home", score=20.0)
    refused = candidate("Bar", why_not="too weak")
    twin = candidate("Home", score=10.0)
    blind = Candidate(network("Hidden"), "radio0", None)
    only = "Home is the only known network that can be joined"
    assert why_join(best, [best]) == why_join(best, [best, twin, refused]) == only
    second = candidate("Cafe", score=15.0)
    assert why_join(best, [best, second]) == "Home is the best (20.0), before Cafe (15.0)"
    high = candidate("Home", score=20.0, priority=7)
    assert why_join(high, [high, twin, second]) == (
        "Home has the highest priority (7) of what is heard"
    )
    assert why_join(blind, [blind]) == (
        "Hidden is hidden and nothing else is to be had: tried blind"
    )


def test_why_nothing_is_joined() -> None:
    assert why_nothing([]) == "no known network is heard"
    refused = candidate("Bar", why_not="too weak: -90 dBm")
    assert why_nothing([refused, candidate("Foo", why_not="else")]) == (
        "no known network can be joined now (Bar: too weak: -90 dBm)"
    )
