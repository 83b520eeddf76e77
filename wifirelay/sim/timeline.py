# SPDX-License-Identifier: GPL-2.0-or-later
"""Simulated time: a queue of things to happen, and a clock for the controller.

Knows nothing of routers. Time is in seconds since the simulation began and never
goes back; a router's uptime is counted from its last boot by the router.
"""

import heapq
import itertools
from collections.abc import Callable
from typing import Protocol

Happening = Callable[[], None]


class Timeline:
    """What will happen when."""

    def __init__(self) -> None:
        self.now = 0.0
        self._queue: list[tuple[float, int, Plan]] = []
        self._order = itertools.count()

    def at(self, delay: float, happening: Happening) -> "Plan":
        """Let something happen `delay` seconds from now."""
        plan = Plan(happening)
        heapq.heappush(self._queue, (self.now + max(delay, 0.0), next(self._order), plan))
        return plan

    def next(self) -> float | None:
        """When the next thing happens, or None."""
        while self._queue and self._queue[0][2].happening is None:
            heapq.heappop(self._queue)
        return self._queue[0][0] if self._queue else None

    def run_to(self, moment: float) -> None:
        """Let everything happen that is due until `moment`, in order."""
        while (due := self.next()) is not None and due <= moment:
            _, _, plan = heapq.heappop(self._queue)
            self.now = max(self.now, due)
            happening, plan.happening = plan.happening, None
            if happening is not None:
                happening()
        self.now = max(self.now, moment)


class Plan:
    """Something that will happen unless it is called off."""

    __slots__ = ("happening",)

    def __init__(self, happening: Happening) -> None:
        self.happening: Happening | None = happening

    def call_off(self) -> None:
        self.happening = None


class Plans:
    """Plans that are called off together."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._plans: list[Plan] = []

    def at(self, delay: float, happening: Happening) -> Plan:
        plan = self._timeline.at(delay, happening)
        self._plans = [old for old in self._plans if old.happening is not None]
        self._plans.append(plan)
        return plan

    def call_off(self) -> None:
        for plan in self._plans:
            plan.call_off()
        self._plans.clear()


class Passing(Protocol):
    """Whatever lets simulated time pass."""

    def pass_time(self, seconds: float, wake: int | None = None) -> None: ...

    @property
    def now(self) -> float: ...


class VirtualClock:
    """The controller's clock in virtual time: sleeping lets the router live on."""

    def __init__(self, router: Passing) -> None:
        self._router = router

    def monotonic(self) -> float:
        return self._router.now

    def sleep(self, seconds: float) -> None:
        self._router.pass_time(seconds)

    def wait(self, seconds: float, wake: int | None = None) -> None:
        """Goes from one thing that happens to the next, and looks at `wake` after each."""
        self._router.pass_time(seconds, wake)
