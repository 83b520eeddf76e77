# SPDX-License-Identifier: GPL-2.0-or-later
"""Which schedules there are: every single fault, every pair within a trial, random ones by seed."""

from collections.abc import Iterator
from functools import cache
from random import Random

from tests.laboratory.experiment import EVENTS, run
from tests.laboratory.fault import Fault
from tests.laboratory.faults import FAULTS
from tests.laboratory.hands import HANDS
from tests.laboratory.scenarios import SCENARIOS
from tests.laboratory.schedule import WHENS, Event, Schedule

# What happens to the controller's link only matters where the controller is; what happens to
# a script also in its middle, process by process.
_IN_SCRIPTS = ("power", "oom", "kill", "sentry-killed", "commits-all", "netifd", "ram-full")
_LINK = ("kill", "cut", "silence", "half", "late")  # whether the answer has come makes a difference
# The others begin in the same way and differ in their ends: they are left to chance.
ENUMERATED = ("join", "wrong-key", "switch", "leave", "service", "move", "move-alone")
# Commands before these only look, or do what another scenario does before them.
_BEGINS = {"move": 9, "move-alone": 12}
_MOVING = 15  # processes until a move's own scripts begin
# Random schedules of smaller seeds than that mean what they meant before these scenarios came.
NEWER = (
    *("fixed", "service-portal", "service-vpn"),
    *("move", "move-alone", "move-elsewhere", "move-online"),
)
_NEWER_HANDS = ("second-moves",)
SINCE = 1_000_000
SERVICE_STEP = 60  # seconds
# Of each kind of thing one: pairs of all would be a million.
PAIRED = (
    *("kill", "crash", "hang", "cut", "silence", "half", "again", "power", "oom", "rpcd", "netifd"),
    *("reload-fails", "radio-gone", "scan-busy", "ram-full", "flash-full", "clock"),
    *("sentry-killed", "upstream-gone", "luci", "commits-all", "deletes-own", "reverts"),
)
_WEIGHTS = {
    **dict.fromkeys(("service", "service-vpn", "service-portal"), 1),
    **dict.fromkeys(("move", "move-alone", "move-elsewhere", "move-online"), 2),
    "join": 6,
    "session": 3,
    "wrong-key": 4,
    "switch": 5,
}


@cache
def size(scenario: str) -> tuple[int, int, float]:
    """Commands, processes and seconds of an undisturbed run."""
    undisturbed = run(Schedule(scenario, 0))
    if undisturbed.broken:
        raise AssertionError(f"{scenario} alone: {undisturbed.broken}")
    return undisturbed.work


def singles() -> Iterator[Schedule]:
    """Every fault and every hand at every command of each scenario, before it and (what is no
    hand) in its middle, what hits the link after it as well; what hits scripts at each of their
    processes. Durations other than the first are left to chance."""
    for scenario in ENUMERATED:
        commands, steps, seconds = size(scenario)
        if scenario == "service":  # by time: it does the same again and again
            for tenths in range(0, int(seconds * 10), 10 * SERVICE_STEP):
                for fault in EVENTS.values():
                    yield _single(scenario, "t", tenths, "", fault)
            continue
        begins = _BEGINS.get(scenario, 0)
        for number in range(begins, commands, 2 if scenario == "move-alone" else 1):
            for fault in EVENTS.values():
                yield _single(scenario, "c", number, "before", fault)
                if fault.name in FAULTS:
                    yield _single(scenario, "c", number, "middle", fault)
                if fault.name in _LINK:
                    yield _single(scenario, "c", number, "after", fault)
        for number in range(_MOVING if begins else 0, steps):
            for name in _IN_SCRIPTS:
                yield _single(scenario, "s", number, "", EVENTS[name])


def _single(scenario: str, axis: str, number: int, when: str, fault: Fault) -> Schedule:
    return Schedule(scenario, 0, (Event(axis, number, when, fault.name, fault.lasts[0]),))


def pairs(scenario: str = "join") -> Iterator[Schedule]:
    """Two things within one trial: every pair of kinds, at every pair of every third command
    (the scripts, and one look between each two of them); of a move that is kept at every pair of
    its few ones."""
    commands, _, _ = size(scenario)
    places = range(_BEGINS.get(scenario, 0), commands, 1 if scenario == "move" else 3)
    for first in places:
        for second in (place for place in places if place >= first):
            for one in PAIRED:
                for other in PAIRED:
                    events = (
                        Event("c", first, "middle", one, EVENTS[one].lasts[0]),
                        Event("c", second, "middle", other, EVENTS[other].lasts[-1]),
                    )
                    yield Schedule(scenario, 0, events)


def random(seed: int, scenario: str | None = None) -> Schedule:
    """One to five things anywhere, by seed; in that scenario, else in any."""
    chance = Random(f"schedule {seed}")
    names = sorted(name for name in SCENARIOS if seed >= SINCE or name not in NEWER)
    weights = [_WEIGHTS.get(name, 3) for name in names]
    any_one = chance.choices(names, weights)[0]
    scenario = scenario or any_one
    commands, steps, seconds = size(scenario)
    events = []
    for _ in range(chance.choices((1, 2, 3, 4, 5), (2, 4, 4, 2, 1))[0]):
        pool = FAULTS if chance.random() < 0.75 else HANDS
        fault = pool[
            chance.choice(sorted(n for n in pool if seed >= SINCE or n not in _NEWER_HANDS))
        ]
        last = chance.choice(fault.lasts)
        axis = chance.choice("cst")
        if axis == "c":
            event = Event(
                "c", chance.randrange(commands + 3), chance.choice(WHENS), fault.name, last
            )
        elif axis == "s":
            event = Event("s", chance.randrange(steps + 10), "", fault.name, last)
        else:
            event = Event("t", chance.randrange(int(seconds * 10) + 600), "", fault.name, last)
        events.append(event)
    return Schedule(scenario, seed + 1, tuple(events))
