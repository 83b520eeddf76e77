# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs many schedules, over several processes, resumably; and tells what they came to."""

import gc
import itertools
import json
import multiprocessing
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tests.laboratory import draw
from tests.laboratory.experiment import Outcome, run
from tests.laboratory.schedule import Schedule, parse
from tests.laboratory.shrink import shrink

CHUNK = 50  # schedules a worker takes at once
HANGS = 60  # seconds of a processor for one schedule
KINDS = ("singles", "pairs", "random")


@dataclass
class Tally:
    """What some schedules came to."""

    schedules: int = 0
    events: int = 0  # that happened
    seconds: float = 0.0  # of simulated time
    spent: float = 0.0  # of this machine's
    ended: Counter[str] = field(default_factory=Counter)  # how controllers ended
    broken: dict[str, str] = field(default_factory=dict)  # schedule -> what broke

    def add(self, outcome: Outcome) -> None:
        self.schedules += 1
        self.events += outcome.happened
        self.seconds += outcome.seconds
        self.ended[outcome.ended] += 1
        if outcome.broken:
            self.broken[str(outcome.schedule)] = outcome.broken

    def merge(self, other: "Tally") -> None:
        self.schedules += other.schedules
        self.events += other.events
        self.seconds += other.seconds
        self.spent += other.spent
        self.ended.update(other.ended)
        self.broken.update(other.broken)

    def lines(self) -> list[str]:
        """For people."""
        promises = Counter(text.partition(":")[0] for text in self.broken.values())
        days = self.seconds / 86400
        return [
            f"{self.schedules} schedules, {self.events} faults and hands that happened, "
            f"{days:.0f} simulated days, {self.spent:.0f} s of one core",
            "ended: " + ", ".join(f"{name} {n}" for name, n in self.ended.most_common()),
            "broken: "
            + (", ".join(f"{name} {n}" for name, n in sorted(promises.items())) or "nothing"),
        ]


def guarded(schedule: Schedule) -> Outcome:
    """`run`, where whatever goes wrong in the laboratory itself is an outcome as well."""

    def give_up(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise TimeoutError(f"more than {HANGS} s of a processor")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, HANGS)
    try:
        return run(schedule)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        return Outcome(schedule, broken=f"laboratory: {error!r} at {place}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def chunks(kind: str, first: int, count: int | None) -> Iterator[tuple[str, int, int]]:
    """(kind, first, count) for the workers; `count` None: all that there are."""
    if not kind.startswith("random"):
        total = sum(1 for _ in schedules(kind, 0, None))
        count = total - first if count is None else min(count, total - first)
    for start in range(first, first + (count or 0), CHUNK):
        yield kind, start, min(CHUNK, first + (count or 0) - start)


def schedules(kind: str, first: int, count: int | None) -> Iterable[Schedule]:
    """The schedules of a kind, in their order; "KIND SCENARIO" has those of one scenario."""
    kind, _, scenario = kind.partition(" ")
    if kind == "random":
        seeds = range(first, first + (count or 0))
        return (draw.random(seed, scenario or None) for seed in seeds)
    every = draw.singles() if kind == "singles" else draw.pairs(scenario or "join")
    if kind == "singles" and scenario:
        every = (each for each in every if each.scenario == scenario)
    return itertools.islice(every, first, None if count is None else first + count)


def work(chunk: tuple[str, int, int]) -> tuple[tuple[str, int, int], Tally]:
    return chunk, judge(schedules(*chunk))


def judge(some: Iterable[Schedule]) -> Tally:
    """What they come to, one after another."""
    tally, begun = Tally(), time.process_time()
    gc.disable()  # a tenth of the time
    for schedule in some:
        tally.add(guarded(schedule))
    gc.enable()
    gc.collect()
    tally.spent = time.process_time() - begun
    return tally


def campaign(
    kind: str, first: int, count: int | None, *, jobs: int, state: Path | None
) -> Iterator[Tally]:
    """What it has come to so far, after each chunk. With `state` (a file of JSON lines) what
    was done before is not done again."""
    total, done = Tally(), set()
    if state is not None and state.exists():
        for line in state.read_text().splitlines():
            row = json.loads(line)
            if row["chunk"][0] == kind:
                done.add(tuple(row["chunk"]))
                row["tally"]["ended"] = Counter(row["tally"]["ended"])
                total.merge(Tally(**row["tally"]))
    todo = [chunk for chunk in chunks(kind, first, count) if chunk not in done]
    yield total
    if not todo:
        return
    context = multiprocessing.get_context("fork")
    with context.Pool(jobs) as pool:
        for chunk, tally in pool.imap_unordered(work, todo):
            total.merge(tally)
            if state is not None:
                with state.open("a") as file:
                    file.write(json.dumps({"chunk": chunk, "tally": vars(tally)}) + "\n")
            yield total


def shortest(line: str) -> Schedule:
    """The shortest schedule that breaks the same promise as this one."""
    schedule = parse(line)
    promise = guarded(schedule).broken.partition(":")[0]

    def fails(other: Schedule) -> bool:
        return bool(promise) and guarded(other).broken.partition(":")[0] == promise

    return shrink(schedule, fails)
