# SPDX-License-Identifier: GPL-2.0-or-later
"""A schedule: which scenario, which seed, and what happens where. As a value and as one line.

    join/17 c12.before:kill c14.middle:cut=25 s103:power t42.5:luci

A place is the n-th command of the controller (`c`, before it, in its middle, after it), the
n-th process that something starts on the router (`s`), or a moment in seconds (`t`).
"""

import re
from dataclasses import dataclass, replace

WHENS = ("before", "middle", "after")
_EVENT = re.compile(r"(?:c(\d+)\.(before|middle|after)|s(\d+)|t([\d.]+)):([a-z-]+)(?:=([\d.]+))?")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens. `axis`: "c", "s" or "t"; `number`: tenths of a second for "t"."""

    axis: str
    number: int
    when: str  # of "c"
    name: str
    seconds: float = 0.0

    def __str__(self) -> str:
        place = f"c{self.number}.{self.when}" if self.axis == "c" else f"s{self.number}"
        if self.axis == "t":
            place = f"t{self.number / 10:g}"
        return f"{place}:{self.name}" + (f"={self.seconds:g}" if self.seconds else "")


@dataclass(frozen=True, slots=True)
class Schedule:
    """One experiment, in every detail."""

    scenario: str
    seed: int
    events: tuple[Event, ...] = ()
    defect: str = ""  # of `defects.py`, put in on purpose

    def __str__(self) -> str:
        defect = f"!{self.defect}" if self.defect else ""
        return " ".join([f"{self.scenario}{defect}/{self.seed}", *map(str, self.events)])

    def without(self, number: int) -> "Schedule":
        """The same without one of its events."""
        return replace(self, events=self.events[:number] + self.events[number + 1 :])


def parse(line: str) -> Schedule:
    """The schedule that a line names. Raises ValueError."""
    head, *words = line.split()
    name, _, seed = head.partition("/")
    scenario, _, defect = name.partition("!")
    return Schedule(scenario, int(seed or 0), tuple(map(_event, words)), defect)


def _event(word: str) -> Event:
    match = _EVENT.fullmatch(word)
    if match is None:
        raise ValueError(f"no event: {word!r}")
    command, when, step, moment, name, seconds = match.groups()
    last = float(seconds or 0.0)
    if command is not None:
        return Event("c", int(command), when, name, last)
    if step is not None:
        return Event("s", int(step), "", name, last)
    return Event("t", round(float(moment) * 10), "", name, last)
