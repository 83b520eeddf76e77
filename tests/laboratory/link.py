# SPDX-License-Identifier: GPL-2.0-or-later
"""A controller's link to the laboratory's router: a `Transport` that can fail in every way.

Commands run as processes of the router; the controller waits for their answers, and may
wait in vain. What was begun goes on when the link is cut, as over SSH.
"""

from collections.abc import Callable, Sequence

from tests.laboratory.hub import Died
from tests.laboratory.router import LabRouter
from wifirelay.errors import ConnectError, DeadlineExceeded, LinkLost
from wifirelay.sim.events import Listening
from wifirelay.sim.ubus import listening
from wifirelay.transport.base import AllThere, Command, Completed, Following

CONNECT = 10.0  # seconds until a router that says nothing counts as out of reach
LATENCY = 0.01  # seconds of one round trip


class Link:
    """Implements `transport.base.Transport`."""

    def __init__(self, router: LabRouter) -> None:
        self.router = router
        self.at: str | None = None  # the address of lan that it goes to; None: it comes another way
        self.dead = False  # its controller is gone
        self.cut_until = -1.0  # nothing gets through until then
        self.silent_until = -1.0  # connected, and no answer comes
        self.half = 0  # so many answers come with their second half missing
        self.late = 0.0  # seconds that the next answer is late
        self.boundaries = 0
        self.on_boundary: Callable[[int, str, Command], None] | None = None
        self.going: str | None = None  # the address that the last command went to
        self.on_reached: Callable[[str], None] = lambda _: None
        self._generation = 0  # of connections: a new one after each loss

    def run(self, command: Command) -> Completed:
        return self.run_at(command, self.at)

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        return tuple(self.run(command) for command in commands)

    def to(self, address: str | None) -> "Other":
        """The same machine's way to another address of lan; None: by the uplink, or a tunnel."""
        return Other(self, address)

    def follow(self, command: Command) -> Following:
        wanted = listening(command.argv[1:]) if command.argv[0] == "ubus" else None
        if wanted is None:
            return AllThere(self.run(command).out.splitlines())
        self._check()
        generation, boots = self._generation, self.router.boots
        return Listening(
            self.router,  # type: ignore[arg-type]
            wanted,
            lambda: self._lost(generation, boots),
        )

    def close(self) -> None:
        self._generation += 1

    def _lost(self, generation: int, boots: int, at: str | None = None) -> str | None:
        """Why a connection that began then is dead."""
        router = self.router
        if self.dead:
            return "its controller is gone"
        if self._generation != generation:
            return "the link was cut"
        if router.boots != boots or not router.powered:
            return "the router rebooted"
        if router.now < self.cut_until:
            return "the link is cut"
        if at not in (None, router.lan):
            return f"lan is not {at} any more"
        return None

    def cut(self, seconds: float) -> None:
        """Nothing gets through for so long; what is connected is cut off."""
        self.cut_until = max(self.cut_until, self.router.now + seconds)
        self._generation += 1

    def run_at(self, command: Command, at: str | None) -> Completed:
        """One command over a connection to that address."""
        router, hub = self.router, self.router.hub
        number, self.boundaries = self.boundaries, self.boundaries + 1
        self._tell(number, "before", command)
        hub.sleep(LATENCY)
        self._check(at)
        generation, boots = self._generation, router.boots
        end = router.now + command.deadline
        self.going = at
        if at is not None:
            self.on_reached(at)
        process, answer = router.start(command.argv, command.stdin, "command", at)
        self._tell(number, "middle", command)
        while not hub.join(process, min(1.0, max(end - router.now, 0.0))):
            if (why := self._lost(generation, boots, at)) is not None:
                raise LinkLost(f"{why} during {command.shown()}")
            if router.now >= end:
                raise DeadlineExceeded(f"{command.shown()}: no answer within {command.deadline} s")
        self._tell(number, "after", command)
        hub.sleep(0.0)
        if self.late:
            late, self.late = self.late, 0.0
            hub.sleep(min(late, max(end - router.now, 0.0)))
        while router.now < self.silent_until and router.now < end:
            hub.sleep(min(self.silent_until, end) - router.now)
        if router.now < self.silent_until:
            raise DeadlineExceeded(f"{command.shown()}: no answer within {command.deadline} s")
        if (why := self._lost(generation, boots, at)) is not None:
            raise LinkLost(f"{why} during {command.shown()}")
        if not answer:  # killed on the router: no exit status comes
            raise LinkLost(f"{command.shown()} ended without an exit status")
        if self.half:
            self.half -= 1
            done = answer[0]
            return Completed(done.rc, done.out[: len(done.out) // 2], done.err)
        return answer[0]

    def _tell(self, number: int, when: str, command: Command) -> None:
        if self.dead:
            raise Died
        if self.on_boundary is not None:
            self.on_boundary(number, when, command)

    def _check(self, at: str | None = None) -> None:
        router, hub = self.router, self.router.hub
        if self.dead:
            raise Died
        if router.now < self.silent_until:
            hub.sleep(min(CONNECT, self.silent_until - router.now))
        out = router.now < self.cut_until or router.now < self.silent_until
        away = at not in (None, router.lan)
        if out or away or not router.reachable or router.table_full:
            raise ConnectError("the router does not answer")


class Other:
    """A link's machine at another address of lan: what happens to the link happens here too."""

    def __init__(self, link: Link, address: str | None) -> None:
        self._link, self._address = link, address

    def run(self, command: Command) -> Completed:
        return self._link.run_at(command, self._address)

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        return tuple(self.run(command) for command in commands)

    def follow(self, command: Command) -> Following:
        return AllThere(self.run(command).out.splitlines())

    def close(self) -> None:
        """Nothing of its own is open."""
