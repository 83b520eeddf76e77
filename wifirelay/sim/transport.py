# SPDX-License-Identifier: GPL-2.0-or-later
"""A transport to a simulated router in the same process, with faults at every command.

Virtual time: commands take router time, not the time of this machine.
"""

import queue
from collections.abc import Callable, Iterator, Sequence

from wifirelay.errors import ConnectError, LinkLost
from wifirelay.sim.router import SimRouter
from wifirelay.sim.ubus import parse
from wifirelay.transport.base import Command, Completed

Fault = Callable[[int, Command, str], None]  # (boundary, command, "before" or "after")

Events = queue.SimpleQueue[tuple[str, str]]


class SimTransport:
    """Implements `transport.base.Transport`.

    `fault` is called around every command with a count from 0, and may raise; when
    `dead` is set nothing gets through any more. `via`: the section of the own access
    point that the link runs over; while it is off the air the link is down. With
    `follow_drives_time` (for tests of one thread) `follow` lets time pass by itself.
    """

    def __init__(
        self,
        router: SimRouter,
        fault: Fault | None = None,
        *,
        via: str | None = None,
        follow_drives_time: bool = False,
    ) -> None:
        self.router = router
        self.fault = fault
        self.dead = False
        self.round_trips = 0
        self.boundaries = 0
        self._via = via
        self._drives = follow_drives_time
        self._closed = False

    def run(self, command: Command) -> Completed:
        self.round_trips += 1
        return self._run(command)

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        self.round_trips += 1
        return tuple(self._run(command) for command in commands)

    def follow(self, command: Command) -> Iterator[bytes]:
        """`ubus listen [EVENT...]`; other commands give their lines and end."""
        line = parse(command.argv[1:]) if command.argv[0] == "ubus" else None
        if line is None or line.words[0] not in ("listen", "subscribe"):
            return iter(self.run(command).out.splitlines())
        self._closed = False
        self._check()
        events: Events = queue.SimpleQueue()
        stop = self.router.watch_events(lambda *event: events.put(event))
        return self._lines(set(line.words[1:]), events, stop)

    def _lines(self, wanted: set[str], events: Events, stop: Callable[[], None]) -> Iterator[bytes]:
        boots = self.router.boots
        try:
            while not self._closed and not self.dead:
                if self.router.boots != boots:
                    raise LinkLost("the router rebooted")
                try:
                    name, text = events.get(block=not self._drives, timeout=0.05)
                except queue.Empty:
                    if self._drives:
                        self.router.pass_time(0.5)
                    continue
                if not wanted or name in wanted:
                    yield text.encode("utf-8", "surrogateescape")
        finally:
            stop()

    def close(self) -> None:
        self._closed = True

    def _run(self, command: Command) -> Completed:
        self._closed = False
        boundary, self.boundaries = self.boundaries, self.boundaries + 1
        self._check()
        if self.fault is not None:
            self.fault(boundary, command, "before")
            self._check()
        boots = self.router.boots
        completed = self.router.execute(command.argv, command.stdin, deadline=command.deadline)
        if self.router.boots != boots or not self.router.powered:
            raise LinkLost(f"the router rebooted during {command.shown()}")
        if self._via is not None and not self.router.on_air(self._via):
            raise LinkLost(f"the access point went away during {command.shown()}")
        if self.fault is not None:
            self.fault(boundary, command, "after")
            if self.dead:
                raise LinkLost("the link is dead")
        return completed

    def _check(self) -> None:
        if self.dead:
            raise LinkLost("the link is dead")
        if not self.router.reachable:
            raise ConnectError("the simulated router does not answer: it is booting or off")
        if self._via is not None and not self.router.on_air(self._via):
            raise ConnectError("the access point that the link runs over is off the air")
