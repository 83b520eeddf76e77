# SPDX-License-Identifier: GPL-2.0-or-later
"""How many schedules the laboratory needs to find a defect that was put in on purpose."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from tests.laboratory import draw
from tests.laboratory.campaign import guarded
from tests.laboratory.defects import DEFECTS, Defect
from tests.laboratory.schedule import Schedule

SINGLES = 400  # single faults, drawn
MOST = 100000  # random schedules


@dataclass(frozen=True, slots=True)
class Found:
    """So many schedules were needed; the last one is `schedule`."""

    defect: str
    schedules: int
    schedule: Schedule
    broken: str


def find(name: str, most: int) -> Found | None:
    """Try one schedule after another until the defect's own promise breaks."""
    defect = DEFECTS[name]
    for number, schedule in enumerate(_tried(defect), 1):
        broken = guarded(replace(schedule, defect=name)).broken
        if broken.startswith(f"{defect.promise}:"):
            return Found(name, number, schedule, broken)
        if number == most:
            break
    return None


def _tried(defect: Defect) -> Iterator[Schedule]:
    """Single faults near the defect, then others and random schedules in turn."""
    every = [each for each in draw.singles() if each.scenario == defect.scenario]
    yield from (each for each in every if each.events[0].name in defect.near)
    singles = Random("singles").sample(every, min(SINGLES, len(every)))
    if defect.scenario == "service":  # singles of long runs take long
        singles.clear()
    for seed in range(MOST):
        if seed < len(singles):
            yield singles[seed]
        yield draw.random(seed, defect.scenario)
