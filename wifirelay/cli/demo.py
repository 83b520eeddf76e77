# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay simulate --demo`: the main job on a simulated router, in virtual time.

Runs the very commands that an owner would type, in their order. Nothing here decides or
makes up a result; it switches access points off, and counts.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from wifirelay.change.onair import AccessPoints, missing, own_access_points
from wifirelay.change.onrouter import on_router
from wifirelay.change.outcome import Progress
from wifirelay.change.status import read_status
from wifirelay.cli import join, plan, scan, setup
from wifirelay.cli.context import Context, Result
from wifirelay.cli.open import Opened
from wifirelay.config.model import Settings
from wifirelay.errors import NothingToJoin, TrialFailed, WifirelayError
from wifirelay.router.devices import devices
from wifirelay.router.observe import observe, read_all
from wifirelay.router.wireless import wireless_status
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.transport.target import Kind, Target
from wifirelay.values import Ssid, printable
from wifirelay.view.demo import demo_lines, demo_object
from wifirelay.view.error import error_object
from wifirelay.view.plan import plan_lines, plan_object
from wifirelay.view.status import status_line, status_object

DARK_LIMIT = 20.0  # seconds of router time until own access points go off the air, if ever
BACK_LIMIT = 120.0  # ... and until they are back: the sentry acts after 45 s
LOOK = 1.0  # between two looks


@dataclass
class Act:
    """One part of the demonstration: how long it took, what came out."""

    name: str
    title: str
    seconds: float = 0.0  # of router time
    result: dict[str, Any] = field(default_factory=dict)


class Stage(Context):
    """A command's context that tells everything on standard output, with the router's time."""

    def __init__(self, args: argparse.Namespace, opened: Opened) -> None:
        super().__init__(args, Settings(), opened)
        self._clock = opened.clock
        self.begun = self._clock.monotonic()

    def tell(self, line: str = "") -> None:
        if not self.args.json:
            print(line, flush=True)

    def show(self, lines: list[str]) -> None:
        """A result's lines, set in and made harmless."""
        for line in lines:
            self.tell(printable(f"  {line}".rstrip()))

    def timed(self, text: str) -> None:
        """A line with the seconds since this act began."""
        self.tell(printable(f"  {self._clock.monotonic() - self.begun:6.1f} s  {text}"))

    def say(self, text: str) -> None:
        self.timed(text)

    def doing(self, text: str) -> None:
        """Nothing takes long here."""

    def progress(self, event: Progress) -> None:
        if event.done:
            mark = "ok" if event.good else "FAILED"
            self.timed(f"{event.step.value:<11} {mark:<7} {event.text}")


class Demo:
    """One world, act by act."""

    def __init__(self, args: argparse.Namespace, world: World) -> None:
        self.world = world
        self.router = world.router
        self.transport = SimTransport(world.router)
        target = Target(Kind.SIM, world=world.name)
        opened = Opened(
            target, self.transport, world.clock, self.transport.close, world.known, world.relay
        )
        self.stage = Stage(args, opened)
        self.acts: list[Act] = []
        self._chosen: Ssid | None = None  # the last plan's decision
        self._order: list[Ssid] = []  # its networks, best first, that no trial has failed on
        self._failures: set[Ssid] = set()

    def run(self) -> Result:
        started, begun = time.monotonic(), self.router.now
        self.stage.tell(f"world {self.world.name}: {self.world.description}")
        if self.stage.args.fresh:
            self._run("setup", "prepare the router, once", setup.run, undo=False, yes=True)
        self._run("scan", "what is in the air", scan.run)
        self._plan("what would be joined, and why")
        name = self._join("join the best")
        self._status()
        if name is not None:
            self._lose(name)
            self._plan("scan again")
            if self._join("join the next best") is not None:
                self._status()
        summary = self._summary(self.router.now - begun, time.monotonic() - started)
        shape = demo_object(self.world.name, [vars(act) for act in self.acts], summary)
        return Result(shape, demo_lines(shape))

    def _run(
        self,
        name: str,
        title: str,
        command: Callable[[Context, argparse.Namespace], Result],
        **args: object,
    ) -> None:
        """One real command, as an act."""
        with self._act(name, title, f"wifirelay {name}") as act:
            result = command(self.stage, self._args(**args))
            act.result = result.object
            self.stage.show(result.lines)

    def _join(self, title: str) -> str | None:
        """Join; when that fails, the next best that was not tried. The SSID's text, or None."""
        wanted = self._best()
        while True:
            words = "wifirelay join" if wanted is None else f"wifirelay join '{Ssid.of(wanted)}'"
            with self._act("join", title, words) as act:
                try:
                    result = join.run(self.stage, self._args(ssid=wanted, login=False))
                except NothingToJoin as error:
                    act.result = self._failed(error)
                    return None
                except TrialFailed as error:
                    act.result = self._failed(error)
                    self._failures.add(self._order.pop(0))
                else:
                    act.result = result.object
                    for line in result.lines:
                        self.stage.timed(line)
                    return str(result.object["network"])
            if not self._order:
                self.stage.tell("\nnothing else is left to try")
                return None
            wanted, title = self._order[0].text, "try the next best"

    def _failed(self, error: WifirelayError) -> dict[str, Any]:
        self.stage.timed(error.message)
        return error_object(error)

    def _plan(self, title: str) -> None:
        with self._act("plan", title, "wifirelay plan") as act:
            _, made = plan.look(self.stage, None)
            act.result = plan_object(made)
            self.stage.show(plan_lines(made, verbose=False))
        first = made.decision.candidate
        self._chosen = first.network.ssid if first is not None else None
        eligible = [each.network.ssid for each in made.candidates if each.eligible]
        self._order = [ssid for ssid in dict.fromkeys(eligible) if ssid not in self._failures]

    def _best(self) -> str | None:
        """What to name to `join`; None: its own choice is the best that has not failed."""
        if not self._order or self._order[0] == self._chosen:
            return None
        return self._order[0].text

    def _status(self) -> None:
        with self._act("status", "where the router stands", "wifirelay status") as act:
            status = read_status(self.transport)
            act.result = status_object(status)
            self.stage.timed(status_line(status))

    def _lose(self, name: str) -> None:
        """Switch a network off, and watch the own access points, as anybody could."""
        ssid = Ssid.of(name)
        with self._act("loss", f"{ssid} disappears, and nobody does anything", "") as act:
            self.world.air.switch_off(ssid.raw)
            self.stage.timed(f"all access points of {ssid} are switched off")
            start = self.router.now
            meant = own_access_points(observe(self.transport))
            off = self._watch(DARK_LIMIT, meant, dark=True)
            off_after, back_after = self.router.now - start, None
            held: tuple[str, ...] = ()
            if not off:
                self.stage.timed("own access points stay on the air")
            else:
                self.stage.timed(f"off the air: {', '.join(off)} (the uplink searches)")
                still = self._watch(BACK_LIMIT, meant, dark=False)
                back_after = None if still else self.router.now - start
                held = on_router().read(self.transport).held
                text = f"still off the air: {', '.join(still)}" if still else "back on the air"
                by = f": the sentry holds {', '.join(held)}" if held else ""
                self.stage.timed(text + by)
            act.result = {
                "ssid": ssid.text,
                "ssid_hex": ssid.hex,
                "off_air": list(off),
                "off_air_after": round(off_after, 1) if off else None,
                "back_after": round(back_after, 1) if back_after is not None else None,
                "held_by_sentry": list(held),
            }

    def _watch(self, limit: float, meant: AccessPoints, *, dark: bool) -> tuple[str, ...]:
        """Look every second until some of these access points are dark, or none is any more;
        the sections that are dark at the end."""
        end = self.router.now + limit
        while True:
            off = missing(meant, *read_all(self.transport, [wireless_status(), devices()]))
            if bool(off) is dark or self.router.now >= end:
                return off
            self.world.clock.sleep(LOOK)

    @contextmanager
    def _act(self, name: str, title: str, words: str) -> Iterator[Act]:
        act = Act(name, title)
        self.acts.append(act)
        typed = f"  [{words}]" if words else ""
        self.stage.tell(f"\n== {len(self.acts)}. {title}{printable(typed)}")
        self.stage.begun = self.router.now
        yield act
        act.seconds = round(self.router.now - self.stage.begun, 1)

    def _args(self, **more: object) -> argparse.Namespace:
        common = {"json": self.stage.args.json, "verbose": False, "show": False, "twin": False}
        return argparse.Namespace(**{**common, **more})

    def _summary(self, seconds: float, real: float) -> dict[str, Any]:
        points = read_status(self.transport, probing=False).access_points
        return {
            "router_seconds": round(seconds, 1),
            "real_seconds": round(real, 1),
            "own_ap_outage_seconds": {
                each.section: round(self.router.outage_seconds(each.section), 1) for each in points
            },
            "flash_writes": len(self.router.flash_writes),
            "processes": self.router.processes["controller"],
        }


def demonstrate(args: argparse.Namespace, name: str) -> Result:
    """Play the whole demonstration in the world of this name."""
    with make_world(name, set_up=not args.fresh, sentry=not args.fresh) as world:
        return Demo(args, world).run()
