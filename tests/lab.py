# SPDX-License-Identifier: GPL-2.0-or-later
"""A trial on a simulated router, with the promises' checks: what the trial tests share.

The sentry is the real script under busybox ash, `uci` the emulation that reproduces the
real program's answers, time is virtual.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from wifirelay.change.leave import Left, leave
from wifirelay.change.onrouter import OnRouter, on_router
from wifirelay.change.outcome import Joined, Progress
from wifirelay.change.restore import controller_name, settle
from wifirelay.change.trial import Trial
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.mac import CHANCE
from wifirelay.core.plan import Action, Plan, make_plan
from wifirelay.core.radios import radio_names
from wifirelay.errors import TrialFailed
from wifirelay.router.config import package
from wifirelay.router.observe import listen, observe
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.sim.air import AccessPoint
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.transport.base import Command, Transport
from wifirelay.values import Ssid

POLL = 2.0  # seconds between looks, instead of 0.25: fewer boundaries of the same kind
ACCESS_POINTS = ("default_radio0", "default_radio1")
CONFIG = ("wireless", "network", "firewall", "dhcp", "system")
RETURN = 90  # seconds within which G1 wants the own access points back


def look(
    transport: Transport, known: tuple[KnownNetwork, ...], relay: Relay, ssid: str | None
) -> tuple[Router, tuple[Bss, ...], Plan]:
    """The router, what it hears, and what would be joined: the best, or the named one."""
    router = observe(transport)
    router, heard = listen(transport, router, radio_names(router.wireless, relay))
    chosen = Ssid.of(ssid) if ssid is not None else None
    return (
        router,
        heard,
        make_plan(router, heard, known, relay, chosen=chosen, chance=os.urandom(CHANCE)),
    )


def swap(world: World, points: list[AccessPoint]) -> None:
    """Other access points under the same BSSIDs, without a moment's loss of the link."""
    new = {point.bssid: point for point in points}
    air, router = world.air, world.router
    air.points = [new.get(point.bssid, point) for point in air.points]
    for wireless in router.netifd.radios.values():
        station = wireless.station
        if station is not None and station.point is not None:
            station.point = new.get(station.point.bssid, station.point)
    for interface in router.interfaces.all.values():
        if interface.lease is not None:
            point = interface.lease.point
            interface.lease.point = new.get(point.bssid, point)


class Killed(BaseException):
    """The controller is gone: nothing that it would do after this happens."""


@dataclass
class Lab:
    """One world and one controller's link to it."""

    world: World
    relay: Relay = field(default_factory=Relay)
    events: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.transport = SimTransport(self.world.router)
        self.flash = self.files()

    def files(self) -> dict[str, bytes]:
        folder = os.path.join(self.world.router.root.path, "etc", "config")
        return {name: _read(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}

    def look(self, ssid: str | None = None) -> tuple[Router, Plan]:
        router, _, plan = look(self.transport, self.known, self.relay, ssid)
        return router, plan

    @property
    def known(self) -> tuple[KnownNetwork, ...]:
        return self.world.known

    def join(self, ssid: str | None = None) -> Joined | None:
        """Settle, look, plan, try; None when the plan is not to join."""
        settle(self.transport, self.world.clock, self.events.append)
        router, plan = self.look(ssid)
        if plan.decision.action is not Action.JOIN:
            return None
        return self.trial(router, plan).run()

    def trial(self, router: Router, plan: Plan) -> Trial:
        trial = Trial(
            self.transport,
            self.world.clock,
            self.relay,
            router,
            plan,
            self.events.append,
            controller_name(),
        )
        trial.poll = POLL
        return trial

    def leave(self) -> Left:
        return leave(self.transport, self.world.clock, self.relay, self.events.append, "tests")

    def restarted(self) -> "Lab":
        """Another controller of the same owner, later, on the same router."""
        return Lab(self.world, self.relay)

    def state(self) -> OnRouter:
        return on_router().read(SimTransport(self.world.router))

    def wireless(self) -> dict[str, dict[str, object]]:
        """The effective wireless configuration: flash with staged edits."""
        read = package("wireless").read(SimTransport(self.world.router))
        return {section.name: dict(section.options) for section in read}

    def on_air(self) -> bool:
        return all(self.world.router.on_air(section) for section in ACCESS_POINTS)

    def wait_for_the_sentry(self, limit: float) -> None:
        """Until no trial is unfinished and the access points are on the air, and stay so for
        three of the sentry's ticks; fails after `limit` seconds."""
        begun = self.world.clock.monotonic()
        steady = 0
        while steady < 3:
            waited = self.world.clock.monotonic() - begun
            assert waited < limit, f"not back after {waited:.0f} s: {self.state()}"
            self.world.clock.sleep(5.0)
            done = self.on_air() and self.state().unfinished is None
            steady = steady + 1 if done else 0

    def wait_on_air(self, limit: float) -> float:
        """Seconds until all own access points are on the air; fails after `limit`."""
        begun = self.world.clock.monotonic()
        while not self.on_air():
            waited = self.world.clock.monotonic() - begun
            assert waited < limit, f"own access points off the air for {waited:.0f} s"
            self.world.clock.sleep(1.0)
        return self.world.clock.monotonic() - begun

    def check_hands_off(self, before: dict[str, dict[str, object]]) -> None:
        """G3: every section that is not own has every option and value as before."""
        now = self.wireless()
        for name, options in before.items():
            if not name.startswith("wifirelay"):
                assert now.get(name) == options, name
        assert {name for name in now if not name.startswith("wifirelay")} == {
            name for name in before if not name.startswith("wifirelay")
        }

    def check_baseline(self, before: dict[str, dict[str, object]]) -> None:
        """As it was: every option of every section, own ones too; nothing written to flash."""
        assert self.wireless() == before
        assert self.files() == self.flash
        assert self.world.router.flash_writes == []
        assert self.on_air()


@contextmanager
def lab(name: str = "home", **options: object) -> Iterator[Lab]:
    relay = options.pop("relay", None)
    with make_world(name, **options) as world:  # type: ignore[arg-type]
        yield Lab(world, relay if isinstance(relay, Relay) else Relay())


def killer(number: int, bench: Lab) -> None:
    """From command `number` on nothing of this controller reaches the router any more."""

    def fault(boundary: int, command: Command, when: str) -> None:
        if boundary == number and when == "before":
            bench.transport.dead = True
            raise Killed

    bench.transport.fault = fault


def commands_of(name: str, ssid: str | None, relay: Relay | None = None) -> list[str]:
    """The commands of one whole join that nothing disturbs, failing or not, in order."""
    seen: list[str] = []
    with lab(name, relay=relay) as bench:

        def fault(boundary: int, command: Command, when: str) -> None:
            if when == "before":
                seen.append(command.shown())

        bench.transport.fault = fault
        with suppress(TrialFailed):  # a failing join is a join as well
            bench.join(ssid)
    return seen


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
