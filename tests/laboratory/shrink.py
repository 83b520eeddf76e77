# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a schedule that fails as short as it can be: fewer events, rounder places, no chance."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.laboratory.schedule import Schedule

Fails = Callable[[Schedule], bool]


def shrink(schedule: Schedule, fails: Fails, *, most: int = 200) -> Schedule:
    """A shorter schedule that still fails; `most` tries."""
    tries = 0
    found = True
    while found and tries < most:
        found = False
        for simpler in _simpler(schedule):
            tries += 1
            if tries > most:
                break
            if fails(simpler):
                schedule, found = simpler, True
                break
    return schedule


def _simpler(schedule: Schedule) -> Iterator[Schedule]:
    """What might do as well, the shortest first."""
    for number in range(len(schedule.events)):
        yield schedule.without(number)
    if schedule.seed:
        yield replace(schedule, seed=0)
    for number, event in enumerate(schedule.events):
        for place in sorted({event.number // 2, event.number - 10, event.number - 1}):
            if 0 <= place < event.number:
                changed = replace(event, number=place)
                events = (*schedule.events[:number], changed, *schedule.events[number + 1 :])
                yield replace(schedule, events=events)
