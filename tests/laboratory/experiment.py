# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one schedule: the scenario, its faults at their places, the promises after every step."""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Any

from tests.lab import RETURN
from tests.laboratory.defects import DEFECTS
from tests.laboratory.faults import FAULTS
from tests.laboratory.hands import HANDS
from tests.laboratory.lab import BOOT, Controller, Lab, lab
from tests.laboratory.promises import ENDS, Broken, Lost, Promises
from tests.laboratory.router import LabRouter
from tests.laboratory.scenarios import SCENARIOS, Scenario
from tests.laboratory.schedule import Event, Schedule
from tests.laboratory.truth import Truth
from wifirelay.sim.leases import Lease
from wifirelay.transport.base import Command

EVENTS = FAULTS | HANDS
LOOK = 5.0  # seconds between looks at the promises where nothing happens
REST = 240.0  # seconds for everything to come to rest: a sentry's and a second controller's time
HEALED = 300.0  # seconds after which the faults that last are over
SCANS = 65.0  # seconds: the lease of the sentry's lock
AGAIN = 300.0  # seconds for the next start to end what there is, and leave


@dataclass
class Outcome:
    """What became of one schedule."""

    schedule: Schedule
    broken: str = ""  # the promise, and how; empty: all kept
    ended: str = ""  # how the controller's work ended
    happened: int = 0  # events whose place was reached
    journal: list[str] = field(default_factory=list)
    work: tuple[int, int, float] = (0, 0, 0.0)  # commands, processes, seconds of the scenario
    seconds: float = 0.0  # of the simulation, all in all


class Experiment:
    """One schedule at work."""

    def __init__(self, bench: Lab, schedule: Schedule, scenario: Scenario) -> None:
        self.lab, self.schedule, self.scenario = bench, schedule, scenario
        router = bench.router
        self.truth = Truth(router, scenario.secrets(bench.known))
        self.promises = Promises(bench, self.truth, canaries=("reboot", "touch"))
        bench.on_reached = self.truth.lan.was_reached
        self.controller: Controller = bench.controller()
        self.last_script: tuple[Command, str | None] | None = None  # and the address it went to
        self.journal: list[str] = []
        self.happened = 0
        self.lasting = 0.0  # until then some fault lasts
        self._points = list(bench.router.air.points)
        self.work = (0, 0, 0.0)
        self._broken: Broken | Lost | None = None
        self._at: dict[tuple[str, int, str], list[Event]] = {}

    @property
    def router(self) -> LabRouter:
        return self.lab.router

    def run(self) -> None:
        """To its end. Raises Broken."""
        router = self.router
        self.scenario.prepare(self)
        self.truth.begins()
        self._arm()
        self._watch()
        began = router.now
        limit = began + ENDS + self.scenario.lasts
        process = self.controller.run(self.scenario.work)
        while not process.ended and router.now < limit:
            router.hub.run(process, min(router.now + 60.0, limit))
            limit = max(limit, self.controller.stopped_until + ENDS)  # a laptop that sleeps
            self._raise()
        if not process.ended:
            raise Broken(f"G8: {self.controller.name} goes on after {limit:.0f} s")
        self.work = (self.controller.link.boundaries, router.steps, router.now - began)
        self._come_to_rest()
        self._start_again()

    def forget_networks(self) -> None:
        """The owner's list is empty from now on."""
        self.lab.known = ()
        if (service := self.controller.service) is not None:
            service.settings = replace(service.settings, networks=())
            service.policy.reconfigure((), service.settings.relay)

    # inside

    def _arm(self) -> None:
        router, link = self.router, self.controller.link
        router.steps, link.boundaries = 0, 0
        for event in self.schedule.events:
            if event.axis == "t":
                moment = event.number / 10
                self.lasting = max(self.lasting, router.now + moment + event.seconds)
                router.timeline.at(moment, lambda e=event: self._happen(e))  # type: ignore[misc]
            else:
                self._at.setdefault((event.axis, event.number, event.when), []).append(event)
        router.on_step = self._step
        link.on_boundary = self._boundary

    def _step(self, number: int, origin: str, name: str) -> None:
        del name
        if origin != "hands":
            self._look()
        for event in self._at.pop(("s", number, ""), ()):
            self.router.timeline.at(0.0, lambda e=event: self._happen(e))  # type: ignore[misc]

    def _boundary(self, number: int, when: str, command: Command) -> None:
        if when == "middle" and command.stdin is not None:
            self.last_script = command, self.controller.link.going
        self._look()
        for event in self._at.pop(("c", number, when), ()):
            delay = self.router.timings.quick / 2 if when == "middle" else 0.0
            self.router.timeline.at(delay, lambda e=event: self._happen(e))  # type: ignore[misc]

    def _happen(self, event: Event) -> None:
        self.happened += 1
        # a reboot begins a second after it was asked for
        self.lasting = max(self.lasting, self.router.now + event.seconds + 2.0)
        self.journal.append(f"{self.router.now:.2f} {event.name}")
        with suppress(OSError):  # other hands fail as well on a flash that is full or read-only
            EVENTS[event.name].apply(self, event.seconds)

    def _watch(self) -> None:
        """A look at the promises every few seconds, whatever happens."""
        self._look()
        self.router.timeline.at(LOOK, self._watch)

    def _look(self) -> None:
        if self._broken is None:
            try:
                self.promises.look()
            except (Broken, Lost) as broken:
                self._broken = broken
                self.journal.append(f"{self.router.now:.2f} {broken}")

    def _raise(self) -> None:
        if self._broken is not None:
            raise self._broken
        for process in self.router.hub.errors:
            if process.origin == "controller":
                raise Broken(f"G8: a bug in {process.name}: {process.error!r}") from process.error
            raise RuntimeError(f"{process.name}: {process.error!r}") from process.error

    def _come_to_rest(self) -> None:
        router = self.router
        end = router.now + HEALED + REST
        while router.now < max(end, self.lasting + REST):
            self.lab.advance(LOOK)
            self._raise()
            if self._quiet():
                break
        self._look()
        self._raise()
        router.on_step = self.controller.link.on_boundary = None
        self._at_rest()
        if why := self.scenario.untrue(self):
            raise Broken(f"G2: {why}")

    def _at_rest(self) -> None:
        """Reloads run their course; then nothing is left half done."""
        router = self.router
        end = router.now + RETURN
        while router.now < end and (self._busy() or not self.lab.on_air()):
            self.lab.advance(LOOK)
            self._raise()
        self.promises.at_rest()

    def _busy(self) -> bool:
        return any(wireless.busy for wireless in self.router.netifd.radios.values())

    def _quiet(self) -> bool:
        """Whether nothing is under way any more, and no fault lasts."""
        router = self.router
        busy = any(each.alive for each in self.lab.controllers)
        lasting = router.faults or router.disk.full or router.disk.read_only or router.table_full
        busy = busy or self._busy()
        if busy or lasting or not router.reachable or not self.lab.on_air():
            return False
        if router.now < max(self.promises.excused, self.lasting):
            return False
        if not self.lab.sentry_lives():
            return False
        folder = "/tmp/run/wifirelay"
        names = ("armed", "confirming", "rolling", "resting")
        return not any(router.disk.exists(f"{folder}/{name}") for name in names)

    def _start_again(self) -> None:
        """The next start of the owner's controller ends what there is, and works."""
        self._heal()
        self.lab.advance(2 * LOOK)  # an address that was on its way has come
        self._heal()
        state = self.lab.state()
        if state is not None and state.locked is not None:
            self.lab.advance(state.locked.lease - state.uptime + 1.0)
        if self.scenario.broken_for_good(self):
            return
        if self.schedule.seed % 2 == 0:  # of random ones every other, to save time
            self._again(self.scenario.afterwards, ("Joined", "Moved", "NoneType"), "G7")
        if self.schedule.seed % 2 == 1 or self.schedule.seed == 0:
            self._again(lambda controller: controller.leave(), ("Left",), "G2")
        self._at_rest()

    def _heal(self) -> None:
        """What lies behind the access points is as it was at the beginning, leases too."""
        router = self.router
        router.air.points[:] = self._points
        now = {point.bssid: point for point in self._points}
        for wireless in router.netifd.radios.values():
            if (station := wireless.station) is not None and station.point is not None:
                station.point = now.get(station.point.bssid)
        for interface in router.interfaces.all.values():
            if (lease := interface.lease) is not None and lease.point.bssid in now:
                interface.lease = Lease(now[lease.point.bssid], lease.own)

    def _next(self, name: str | None = None) -> Controller:
        """Another start of the owner's, who comes to the address that lan has by then."""
        again = self.lab.controller(name)
        if self.controller.link.at is not None:
            again.link.at = self.router.lan
        return again

    def _again(
        self, work: Callable[[Controller], Any], good: tuple[str, ...], promise: str
    ) -> None:
        # the same machine knows its own dead; to another one the lock's lease has to end
        again = self._next("another-laptop pid 9" if self.schedule.seed % 4 > 1 else None)
        self.lab.run(again, work, AGAIN)
        if again.ended == "Refused" and "the sentry" in again.text:  # it scans just now
            self.lab.advance(SCANS)
            again = self._next()
            self.lab.run(again, work, AGAIN)
        self._look()
        self._raise()
        if again.alive:
            raise Broken(f"G8: the next start goes on after {AGAIN:.0f} s")
        if again.ended not in good and not self.scenario.excuses(self, again.text):
            if "another controller" in again.text:
                promise = "G8"  # whoever that was has had its time
            raise Broken(f"{promise}: the next start ends with {again.ended}: {again.text}")


def run(schedule: Schedule) -> Outcome:
    """One schedule from its beginning to its end."""
    scenario = SCENARIOS[schedule.scenario]
    outcome = Outcome(schedule)
    with ExitStack() as stack:
        if schedule.defect:
            stack.enter_context(DEFECTS[schedule.defect].put_in())
        bench = stack.enter_context(lab(scenario.world, schedule.seed, relay=scenario.relay))
        experiment = Experiment(bench, schedule, scenario)
        bench.router.jitter = scenario.jitter(schedule.seed)
        try:
            experiment.run()
        except Broken as broken:
            outcome.broken = str(broken)
        except Lost as lost:
            experiment.journal.append(str(lost))
            experiment.controller.ended = "lost to other hands"
        outcome.ended = experiment.controller.ended or "died"
        outcome.happened = experiment.happened
        outcome.journal = experiment.journal
        outcome.work = experiment.work
        outcome.seconds = bench.now - BOOT
    return outcome
