# SPDX-License-Identifier: GPL-2.0-or-later
"""Two controllers that know nothing of each other work on one router, for a simulated day.

One is a service. The other is somebody with a second laptop: joins, leaves, runs a service
for a while, is closed in the middle of it all. Looked at at every step: never two trials at
once, never a lock that nobody can take.
"""

from dataclasses import dataclass, field
from random import Random

from tests.laboratory.lab import Lab, lab
from tests.laboratory.promises import Promises
from tests.laboratory.scenarios import SCENARIOS, serve
from tests.laboratory.truth import Truth

HOUR = 3600.0
LEASE = 200.0  # seconds: the longest lease of a lock, with the sentry's time to notice
_FOLDER = "/tmp/run/wifirelay"
_TOKENS = ("armed", "confirming", "rolling")


@dataclass
class Day:
    """What a day came to."""

    trials: list[str] = field(default_factory=list)  # ids, in their order
    overlapping: list[str] = field(default_factory=list)  # those that began beside another
    orphaned: list[str] = field(default_factory=list)  # owners of locks that stayed
    ends: dict[str, int] = field(default_factory=dict)  # how the second one's work ended
    killed: int = 0


class _Observer:
    """Looks at token and lock after every step."""

    def __init__(self, bench: Lab, promises: Promises, day: Day) -> None:
        self._router, self._promises, self._day = bench.router, promises, day
        self._open: str | None = None  # the trial that has begun and not ended
        self._lock: tuple[str, float] = ("", 0.0)

    def look(self) -> None:
        self._promises.look()
        disk, day = self._router.disk, self._day
        ids = {
            disk.read(f"{_FOLDER}/{name}").split(b" ")[0].decode()
            for name in _TOKENS
            if disk.isfile(f"{_FOLDER}/{name}")
        } - {""}
        if len(ids) > 1:
            day.overlapping.append(" ".join(sorted(ids)))
        for trial in ids - {self._open}:
            day.trials.append(trial)
            self._open = trial
        if not ids:
            self._open = None
        path = f"{_FOLDER}/lock/owner"
        owner = disk.read(path).decode() if disk.isfile(path) else ""
        if owner != self._lock[0]:
            self._lock = (owner, self._router.now)
        if owner and self._router.now - self._lock[1] > LEASE:
            day.orphaned.append(owner)


def a_day(seed: int = 0, hours: float = 24.0) -> Day:
    """One day. Raises Broken where a promise is broken."""
    chance, day = Random(f"rivals {seed}"), Day()
    with lab("home", seed) as bench:
        router = bench.router
        truth = Truth(router, SCENARIOS["service"].secrets(bench.known))
        promises = Promises(bench, truth, writes_a_day=1000)
        observer = _Observer(bench, promises, day)
        router.on_step = lambda number, origin, name: observer.look()
        service = bench.controller("mast pid 1")
        service.endless = True
        service.run(lambda controller: serve(controller, hours * HOUR))
        on = True
        while router.now < hours * HOUR:
            if chance.random() < 0.2:
                on = not on
                (router.air.switch_on if on else router.air.switch_off)("HomeNet")
            rival = bench.controller(f"laptop pid {len(bench.controllers)}")
            work, limit = _work(chance)
            rival.endless = limit > 400.0
            if chance.random() < 0.25:
                limit = chance.uniform(0.0, 60.0)  # the laptop is closed in the middle of it
            rival.run(work)
            router.hub.run(rival.process, router.now + limit)  # type: ignore[arg-type]
            if rival.alive:
                rival.die()
                day.killed += 1
            day.ends[rival.ended or "killed"] = day.ends.get(rival.ended or "killed", 0) + 1
            bench.controllers.remove(rival)
            bench.advance(chance.uniform(30.0, 1500.0))
            observer.look()
        service.die()
        bench.advance(LEASE + 100.0)
        router.on_step = None
        promises.at_rest()
        observer.look()
    return day


def _work(chance: Random):  # type: ignore[no-untyped-def]
    """What the second one does, and for how many seconds at most."""
    kind = chance.randrange(4)
    if kind == 0:
        return (lambda controller: controller.leave()), 400.0
    if kind == 1:
        return (lambda controller: serve(controller, 600.0)), 700.0
    name = chance.choice((None, "HomeNet", "Phone"))
    return (lambda controller: controller.join(name)), 400.0
