# SPDX-License-Identifier: GPL-2.0-or-later
"""A transport to a simulated router in the same process, with faults at every command.

Virtual time: commands take router time, not the time of this machine.
"""

from collections.abc import Callable, Sequence

from wifirelay.errors import ConnectError, LinkLost
from wifirelay.sim.events import Listening
from wifirelay.sim.router import SimRouter
from wifirelay.sim.ubus import listening
from wifirelay.transport.base import AllThere, Command, Completed, Following

Fault = Callable[[int, Command, str], None]  # (boundary, command, "before" or "after")


class SimTransport:
    """Implements `transport.base.Transport`.

    `fault` is called around every command with a count from 0, and may raise; when
    `dead` is set nothing gets through any more. `via`: the section of the own access
    point that the link runs over; while it is off the air the link is down. `at`: the address
    of `lan` that the link goes to; while lan has another one it is down.
    """

    def __init__(
        self,
        router: SimRouter,
        fault: Fault | None = None,
        *,
        via: str | None = None,
        at: str | None = None,
    ) -> None:
        self.router = router
        self.fault = fault
        self.dead = False
        self.round_trips = 0
        self.boundaries = 0
        self._via = via
        self._at = at
        self._closings = 0

    def run(self, command: Command) -> Completed:
        self.round_trips += 1
        return self._run(command)

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        self.round_trips += 1
        return tuple(self._run(command) for command in commands)

    def follow(self, command: Command) -> Following:
        """`ubus listen [EVENT...]`; other commands give their lines and end."""
        wanted = listening(command.argv[1:]) if command.argv[0] == "ubus" else None
        if wanted is None:
            return AllThere(self.run(command).out.splitlines())
        self._check()
        return Listening(self.router, wanted, self._link())

    def _link(self) -> Callable[[], str | None]:
        """Tells why the link as it is now is dead, or nothing while it lives."""
        router, via = self.router, self._via
        boots, closings = router.boots, self._closings
        since = None if via is None else router.netifd.outages[via].since

        def lost() -> str | None:
            if self.dead or self._closings != closings:
                return "the link is dead"
            if router.boots != boots or not router.powered:
                return "the router rebooted"
            if via is not None and router.netifd.outages[via].since != since:
                return "the access point went away"
            return None

        return lost

    def close(self) -> None:
        self._closings += 1

    def _run(self, command: Command) -> Completed:
        boundary, self.boundaries = self.boundaries, self.boundaries + 1
        self._check()
        if self.fault is not None:
            self.fault(boundary, command, "before")
            self._check()
        boots = self.router.boots
        at = self._at
        more = {} if at is None else {"SSH_CONNECTION": f"{at} 50000 {at} 22"}
        completed = self.router.execute(
            command.argv, command.stdin, deadline=command.deadline, more=more
        )
        if not self._there():
            raise LinkLost(f"lan got another address during {command.shown()}")
        if self.router.boots != boots or not self.router.powered:
            raise LinkLost(f"the router rebooted during {command.shown()}")
        if self._via is not None and not self.router.on_air(self._via):
            raise LinkLost(f"the access point went away during {command.shown()}")
        if self.fault is not None:
            self.fault(boundary, command, "after")
            if self.dead:
                raise LinkLost("the link is dead")
        return completed.fitting(command)

    def _check(self) -> None:
        if self.dead:
            raise LinkLost("the link is dead")
        if not self.router.reachable:
            raise ConnectError("the simulated router does not answer: it is booting or off")
        if self._via is not None and not self.router.on_air(self._via):
            raise ConnectError("the access point that the link runs over is off the air")
        if not self._there():
            raise ConnectError(f"no answer from {self._at}")

    def _there(self) -> bool:
        """Whether lan has the address that the link goes to."""
        lan = self.router.interfaces.all.get("lan")
        return self._at is None or (
            lan is not None and self._at in [str(each.ip) for each in lan.networks()]
        )
