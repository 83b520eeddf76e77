# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes in virtual time: greenlets, of which one runs at a time, in an order that never varies.

The timeline decides who is next; whoever waits gives way. The hub itself runs in the
greenlet that made it, and everything else in processes that it starts.
"""

from collections.abc import Callable
from typing import Any

from greenlet import getcurrent, greenlet

from wifirelay.sim.timeline import Plan, Timeline


class Died(BaseException):
    """Thrown into a process that is killed: nothing of it happens any more."""


class Process:
    """One process. `origin` says who it belongs to."""

    __slots__ = (
        "dying",
        "ended",
        "error",
        "greenlet",
        "kept",
        "missed",
        "name",
        "origin",
        "plan",
        "watchers",
    )

    def __init__(self, name: str, origin: str) -> None:
        self.name, self.origin = name, origin
        self.greenlet: greenlet | None = None
        self.plan: Plan | None = None  # when it goes on
        self.ended = False
        self.dying = False  # nothing that it still does may wait
        self.kept = 0  # times that it was stopped, as by SIGSTOP: it goes on when all let it
        self.missed = False  # something woke it meanwhile
        self.error: BaseException | None = None
        self.watchers: list[Callable[[], None]] = []  # told at its end


class Hub:
    """The scheduler of one laboratory."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self._main = getcurrent()
        self._processes: dict[greenlet, Process] = {}
        self.errors: list[Process] = []  # that ended in a way that nobody expected

    @property
    def now(self) -> float:
        return self.timeline.now

    @property
    def current(self) -> Process | None:
        """Who runs now; None for the hub itself."""
        return self._processes.get(getcurrent())

    def start(self, run: Callable[[], Any], name: str, origin: str) -> Process:
        """A process that begins at once, when the one that runs now gives way."""
        process = Process(name, origin)

        def body() -> None:
            try:
                run()
            except Died:
                pass
            except BaseException as error:
                process.error = error
                self.errors.append(process)
            finally:
                process.ended = True
                self._processes.pop(getcurrent(), None)
            for watcher in process.watchers:
                watcher()

        process.greenlet = greenlet(body, self._main)
        self._processes[process.greenlet] = process
        process.plan = self.timeline.at(0.0, lambda: self._go_on(process))
        return process

    def sleep(self, seconds: float) -> None:
        """The current process waits so long. The hub itself must not."""
        process = self.current
        if process is None:
            raise RuntimeError("the hub does not wait")
        process.plan = self.timeline.at(seconds, lambda: self._go_on(process))
        self._give_way(process)

    def wait(self, wakers: Callable[[Callable[[], None]], None], seconds: float | None) -> bool:
        """The current process waits until it is woken; False when the time ran out before.

        `wakers` is given what wakes it, and keeps that where it is needed.
        """
        process = self.current
        if process is None:
            raise RuntimeError("the hub does not wait")
        woken = [False]
        done = [False]

        def wake() -> None:
            if done[0] or woken[0]:
                return
            woken[0] = True
            if process.plan is not None:
                process.plan.call_off()
            process.plan = self.timeline.at(0.0, lambda: self._go_on(process))

        wakers(wake)
        if seconds is None:
            process.plan = None
        else:
            process.plan = self.timeline.at(seconds, lambda: self._go_on(process))
        try:
            self._give_way(process)
        finally:
            done[0] = True
        return woken[0]

    def join(self, process: Process, seconds: float | None) -> bool:
        """Wait for the end of another process; False when it takes longer."""
        if process.ended:
            return True
        return self.wait(process.watchers.append, seconds)

    def kill(self, process: Process) -> None:
        """It ends here and now, wherever it is; itself included."""
        if process.ended:
            return
        if process.plan is not None:
            process.plan.call_off()
        if process is self.current:
            process.dying = True
            raise Died
        if self.current is not None:  # only the hub throws: order stays what it is
            process.kept = 0
            process.plan = self.timeline.at(0.0, lambda: self._throw(process))
            return
        self._throw(process)

    def stop(self, process: Process) -> None:
        """It does not go on until `let`; what wakes it meanwhile is kept."""
        process.kept += 1

    def let(self, process: Process) -> None:
        process.kept = max(process.kept - 1, 0)
        if not process.kept and process.missed and not process.ended:
            process.missed = False
            process.plan = self.timeline.at(0.0, lambda: self._go_on(process))

    def run(self, process: Process, until: float) -> bool:
        """Let time pass until this process has ended, or to that moment; True when it ended."""
        while not process.ended:
            due = self.timeline.next()
            if due is None or due > until:
                break
            self.timeline.run_to(due)
        if not process.ended:
            self.timeline.run_to(until)
        return process.ended

    def kill_all(self, which: Callable[[Process], bool] = lambda _: True) -> None:
        """Kill many, in the order in which they began. For the hub, not for a process."""
        for process in list(self._processes.values()):
            if which(process):
                self.kill(process)

    def close(self) -> None:
        """Kill all that still runs."""
        self.kill_all()

    def _give_way(self, process: Process) -> None:
        if process.dying:
            raise Died
        self._main.switch()
        process.plan = None

    def _go_on(self, process: Process) -> None:
        if process.ended or process.greenlet is None:
            return
        if process.kept:
            process.missed = True
            return
        if self.current is not None:
            raise RuntimeError("a process was woken outside the hub")
        process.greenlet.switch()

    def throw(self, process: Process, error: BaseException) -> None:
        """An exception comes up in a process that waits. For the hub."""
        if process.ended or process.greenlet is None or not process.greenlet:
            return
        if process.plan is not None:
            process.plan.call_off()
        process.greenlet.throw(error)

    def _throw(self, process: Process) -> None:
        if process.ended or process.greenlet is None:
            return
        if not process.greenlet:  # it never began: there is nobody to throw at
            process.ended = True
            self._processes.pop(process.greenlet, None)
            for watcher in process.watchers:
                watcher()
            return
        process.dying = True
        process.greenlet.throw(Died)
