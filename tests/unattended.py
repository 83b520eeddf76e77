# SPDX-License-Identifier: GPL-2.0-or-later
"""The service on a simulated router, in virtual time: what its tests share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.lab import ACCESS_POINTS
from wifirelay.change.asking import ask, serving
from wifirelay.change.outcome import Progress
from wifirelay.config.model import Settings
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.service.events import Air, Event, Kind, Standing
from wifirelay.service.loop import Service
from wifirelay.service.signals import Wishes
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.values import Secret, Ssid


@dataclass
class Told:
    """Everything that a service tells, and remembers."""

    events: list[Event] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    steps: list[Progress] = field(default_factory=list)
    airs: list[Air] = field(default_factory=list)
    memory: Any = None

    def event(self, event: Event) -> None:
        self.events.append(event)

    def standing(self, standing: Standing) -> None:
        self.standings.append(standing)

    def progress(self, progress: Progress) -> None:
        self.steps.append(progress)

    def air(self, air: Air) -> None:
        self.airs.append(air)

    def known(self, settings: Settings) -> None:
        pass

    def load(self) -> object:
        return self.memory

    def save(self, memory: dict[str, Any]) -> None:
        self.memory = memory


@dataclass
class Mast:
    """One router that a service looks after."""

    world: World
    settings: Settings
    told: Told = field(default_factory=Told)
    wishes: Wishes = field(default_factory=Wishes)
    controller: str = "mast (boot 12345678) pid 1"

    def __post_init__(self) -> None:
        self.transport = SimTransport(self.world.router)
        self.service = self.new_service()

    def new_service(self, *, keep_pause: bool = False) -> Service:
        return Service(
            self.transport,
            self.world.clock,
            lambda: self.settings,
            self.wishes,
            self.told,
            self.controller,
            self.told,
            keep_pause=keep_pause,
        )

    def run(self, seconds: float) -> list[Event]:
        """Let the service work for so long; what it told meanwhile."""
        before = len(self.told.events)
        self.service.run(seconds)
        return self.told.events[before:]

    def until(self, kind: Kind, limit: float = 300.0) -> Event:
        """Let the service work until it has told this; fails after `limit` seconds."""
        end = self.now + limit
        before = len(self.told.events)

        class Enough(Exception):
            pass

        tell = self.told.event
        found: list[Event] = []

        def listen(event: Event) -> None:
            tell(event)
            if event.kind is kind and not found:
                found.append(event)
                raise Enough

        self.told.event = listen  # type: ignore[method-assign]
        try:
            self.service.run(end - self.now)
        except Enough:
            return found[0]
        finally:
            self.told.event = tell  # type: ignore[method-assign]
        kinds = [(round(each.at, 1), each.kind, each.text) for each in self.told.events[before:]]
        raise AssertionError(f"no {kind} within {limit:.0f} s: {kinds}")

    def kinds(self) -> list[Kind]:
        return [event.kind for event in self.told.events]

    @property
    def now(self) -> float:
        return self.world.clock.monotonic()

    @property
    def uplink(self) -> str | None:
        """The network that the service believes to be on."""
        uplink = self.service.observer.uplink
        return uplink.ssid.text if uplink is not None else None

    def on_air(self) -> bool:
        return all(self.world.router.on_air(section) for section in ACCESS_POINTS)

    def outage(self) -> float:
        """Seconds that the own access points were off the air, all together."""
        return sum(self.world.router.outage_seconds(each) for each in ACCESS_POINTS)

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        """Let something happen in the world, so many seconds from now."""
        self.world.router.at(seconds, lambda: (what(), None)[1])

    def know(self, *names: str, **changes: Any) -> None:
        """The configuration from now on: only these networks, changed so."""
        self.settings = replace(
            self.settings,
            networks=tuple(
                replace(each, **changes)
                for each in self.world.known
                if not names or each.ssid.text in names
            ),
        )


@contextmanager
def mast(name: str = "home", *, relay: Relay | None = None, **options: Any) -> Iterator[Mast]:
    with make_world(name, **options) as world:
        settings = Settings(relay=relay or Relay(), networks=world.known)
        bench = Mast(world, settings)
        try:
            yield bench
        finally:
            bench.wishes.close()


def network(name: str, key: str | None = None, **more: Any) -> KnownNetwork:
    return KnownNetwork(Ssid.of(name), Secret(key) if key is not None else None, **more)


def asked(bench: Mast, request: dict[str, object], key: str | None = None) -> dict[str, object]:
    """A person's command while the service works: both in turn, in one thread."""
    answer: list[dict[str, object] | Exception] = []

    class Patient:
        """The command's clock: while it waits, the service works."""

        def monotonic(self) -> float:
            return bench.now

        def sleep(self, seconds: float) -> None:
            bench.service.turn(bench.now + seconds)

        def wait(self, seconds: float, wake: int | None = None) -> None:
            self.sleep(seconds)

    bench.service._connect()
    transport = SimTransport(bench.world.router)
    service = serving(transport)
    assert service is not None
    secret = Secret(key) if key is not None else None
    answer.append(ask(transport, Patient(), service, request, lambda event: None, key=secret))
    return answer[0]  # type: ignore[return-value]
