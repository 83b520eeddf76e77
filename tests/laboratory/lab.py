# SPDX-License-Identifier: GPL-2.0-or-later
"""One experiment's bench: a router where its owner lives, and the controllers that work on it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest.mock import patch

from tests.lab import ACCESS_POINTS, look
from tests.laboratory.hub import Process
from tests.laboratory.link import Link
from tests.laboratory.router import LabRouter
from tests.laboratory.services import install
from wifirelay.change.files import sentry_files
from wifirelay.change.leave import Left, leave
from wifirelay.change.move_lan import Moving, look_around
from wifirelay.change.onrouter import OnRouter, parse_on_router
from wifirelay.change.outcome import Joined, Progress
from wifirelay.change.restore import controller_name, settle
from wifirelay.change.scripts import read_state_script
from wifirelay.change.trial import Trial
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.lan import plan_move
from wifirelay.core.plan import Action
from wifirelay.service.loop import Service
from wifirelay.sim.air import Air
from wifirelay.sim.configs import texts
from wifirelay.sim.neighbourhoods import Neighbourhood
from wifirelay.sim.timeline import VirtualClock
from wifirelay.sim.worlds import WORLDS
from wifirelay.transport.base import Transport
from wifirelay.view.air import scan_lines

POLL = 2.0  # seconds between a trial's looks, instead of 0.25: fewer boundaries of the same kind
DEADLINE = 60.0  # seconds; the shortest that all steps of a join fit into
LAN_WAIT = 60  # seconds until a move of lan is taken back
LAN_POLL = 8.0  # seconds between two tries to reach the router, instead of 2
LIVES = 40.0  # seconds since the sentry's last round
BOOT = 30.0  # seconds until everything is up and on the air


@dataclass(frozen=True, slots=True)
class Moved:
    """lan has this address for good."""

    address: str


@dataclass
class Controller:
    """One controller: a process somewhere else, with a link to the router."""

    lab: "Lab"
    name: str
    link: Link
    clock: VirtualClock
    process: Process | None = None
    told: list[str] = field(default_factory=list)  # all that it showed to people
    ended: str = ""  # how: a result's or an error's name
    result: Any = None
    text: str = ""  # of the error
    thrown: BaseException | None = None  # a bug that the experiment put in
    endless: bool = False  # a service: it has no end of its own
    stopped_until: float = 0.0  # SIGSTOP
    service: Service | None = None  # the one that it runs

    def report(self, progress: Progress) -> None:
        self.told.append(progress.text)

    def run(self, work: Callable[["Controller"], Any]) -> Process:
        """Begin to work, in a process of its own."""

        def body() -> None:
            try:
                self.result = work(self)
                self.ended = type(self.result).__name__
            except Exception as error:
                self.ended, self.text = type(error).__name__, str(error)
                self.told.append(f"{error} {getattr(error, 'hint', '')}")
                if not hasattr(error, "hint") and error is not self.thrown:
                    raise  # no error that a person could be told: a bug
            except KeyboardInterrupt:
                self.ended = "interrupted"

        self.process = self.lab.router.hub.start(body, self.name, "controller")
        return self.process

    @property
    def alive(self) -> bool:
        return self.process is not None and not self.process.ended

    def fail(self, error: BaseException) -> None:
        """An exception comes up in it, wherever it is."""
        self.thrown = error
        if self.process is not None:
            self.lab.router.hub.throw(self.process, error)

    def die(self) -> None:
        """SIGKILL. For the hub, or another process."""
        self.link.dead = True
        if self.process is not None:
            self.lab.router.hub.kill(self.process)

    # what controllers do

    def join(self, ssid: str | None = None) -> Joined | None:
        """As `wifirelay join` does; None when there is nothing better to join."""
        lab = self.lab
        settle(self.link, self.clock, self.report)
        router, heard, plan = look(self.link, lab.known, lab.relay, ssid)
        self.told += scan_lines(heard, lab.known)
        if plan.decision.action is not Action.JOIN:
            return None
        trial = Trial(
            self.link, self.clock, lab.relay, router, plan, self.report, self.name, poll=POLL
        )
        return trial.run()

    def move_lan(
        self, address: str, reach: Callable[[str], Transport] | None = None
    ) -> Moved | None:
        """As `wifirelay move-lan ADDRESS --yes --wait 60` does over SSH; without `reach` nobody
        gets an address of the new subnet. None when lan is there already."""
        settle(self.link, self.clock, self.report)
        planned = plan_move(look_around(self.link, self.lab.known), address)
        if not planned.edits:
            return None
        Moving(self.link, self.clock, planned, LAN_WAIT, reach, self.report, self.name).run()
        return Moved(str(planned.new.ip))

    def leave(self) -> Left:
        self.lab.leaves += 1
        return leave(self.link, self.clock, self.lab.relay, self.report, self.name)


@dataclass
class Lab:
    """A world, its router, its controllers."""

    router: LabRouter
    known: tuple[KnownNetwork, ...]
    relay: Relay
    controllers: list[Controller] = field(default_factory=list)
    leaves: int = 0  # how often somebody asked to leave
    on_reached: Callable[[str], None] = lambda _: None  # somebody came to that address of lan

    def controller(self, name: str | None = None) -> Controller:
        """One more; without a name it is the owner's own machine."""
        made = Controller(
            self, name or controller_name(), Link(self.router), VirtualClock(self.router)
        )
        made.link.on_reached = lambda address: self.on_reached(address)
        self.controllers.append(made)
        return made

    @property
    def now(self) -> float:
        return self.router.now

    def advance(self, seconds: float) -> None:
        """Let time pass. Not for processes."""
        self.router.timeline.run_to(self.now + seconds)

    def run(self, controller: Controller, work: Callable[[Controller], Any], limit: float) -> bool:
        """Let a controller work to its end, or for so many seconds; whether it ended."""
        process = controller.run(work)
        return self.router.hub.run(process, self.now + limit)

    def state(self) -> OnRouter | None:
        """wifirelay's own state on the router; None while that is off."""
        router = self.router
        if not router.powered:
            return None
        script = read_state_script()
        process, answer = router.start(script.argv, None, "hands")
        router.hub.run(process, self.now + 5.0)
        return parse_on_router(answer[0])

    def sentry_lives(self) -> bool:
        """Whether it has given a sign of life lately, or is not wanted."""
        alive = "/tmp/run/wifirelay/alive"
        if not self.router.services.wanted:
            return True
        if not self.router.disk.isfile(alive):
            return False
        words = self.router.disk.read(alive).split()
        return bool(words) and self.router.uptime - float(words[0]) < LIVES

    def on_air(self) -> bool:
        return all(self.router.on_air(section) for section in ACCESS_POINTS)


@contextmanager
def lab(
    world: str | Neighbourhood = "home", seed: int = 0, *, relay: Relay | None = None
) -> Iterator[Lab]:
    """A bench whose router is up, set up, and on the air. The seed decides everything."""
    around = WORLDS[world](0) if isinstance(world, str) else world
    chance = Random(f"router {seed}")
    urandom = Random(f"urandom {seed}")
    vpn = relay is not None and relay.vpn is not None
    router = LabRouter(Air(list(around.points), 0), texts(set_up=True, vpn=vpn), chance=chance)
    files = [(file.path, file.content, int(file.mode, 8)) for file in sentry_files()]
    install(router, files)
    router.power_on()
    # a wireless status says "mode" twice, which nobody here minds: printing goes ten times faster
    with (
        patch.object(os, "urandom", urandom.randbytes),
        patch("wifirelay.sim.netifd.Pairs", dict),
        patch("wifirelay.change.onair.POLL", POLL),
        patch("wifirelay.change.move_lan.POLL", LAN_POLL),
    ):
        try:
            router.timeline.run_to(BOOT)
            yield Lab(router, around.known, relay or Relay(deadline=DEADLINE))
        finally:
            router.hub.close()
