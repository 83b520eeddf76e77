# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory's router against the simulated one, whose scripts run under busybox ash.

The same controller does the same on both, and dies at the same commands: both routers, with
the real sentry, come to the same end.
"""

import itertools
from contextlib import suppress

import pytest

from tests.lab import Killed, commands_of, killer
from tests.lab import lab as simulated
from tests.laboratory.lab import lab as laboratory
from wifirelay.change.onrouter import on_router
from wifirelay.core.known import Relay
from wifirelay.errors import TrialFailed
from wifirelay.router.config import package
from wifirelay.transport.base import Command

DEADLINE = 60
RELAY = Relay(deadline=DEADLINE)
CASES = [("home", None), ("home", "Phone"), ("broken", "WrongKey"), ("broken", "DeadDhcp")]


def _end(state: object) -> str:
    token = getattr(state, "token", None)
    return "none" if token is None else f"{token.state} {token.result}".strip()


def _simulated(world: str, ssid: str | None, number: int | None) -> tuple[str, object]:
    """How a trial ended whose controller died at that command, and the own sections then."""
    with simulated(world, relay=RELAY) as bench:
        if number is not None:
            killer(number, bench)
        with suppress(Killed, TrialFailed):
            bench.join(ssid)
        bench.wait_for_the_sentry(DEADLINE + 90)
        own = {k: v for k, v in bench.wireless().items() if k.startswith("wifirelay")}
        return _end(bench.state()), own


def _laboratory(world: str, ssid: str | None, number: int | None) -> tuple[str, object]:
    with laboratory(world, relay=RELAY) as bench:
        controller = bench.controller()

        def die(boundary: int, when: str, command: Command) -> None:
            if boundary == number and when == "before":
                bench.router.timeline.at(0.0, controller.die)

        controller.link.on_boundary = die
        bench.run(controller, lambda each: each.join(ssid), 300.0)
        bench.advance(DEADLINE + 90.0)
        reader = bench.controller()
        bench.run(reader, lambda each: package("wireless").read(each.link), 10.0)
        own = {
            section.name: dict(section.options)
            for section in reader.result
            if section.name.startswith("wifirelay")
        }
        return _end(bench.state()), own


@pytest.mark.parametrize(("world", "ssid"), CASES)
def test_the_same_end_without_a_fault(world: str, ssid: str | None) -> None:
    assert _laboratory(world, ssid, None) == _simulated(world, ssid, None)


@pytest.mark.parametrize("number", range(8, 34, 2))
def test_the_same_end_when_the_controller_dies(number: int) -> None:
    assert _laboratory("home", None, number) == _simulated("home", None, number)


def test_the_same_commands_in_the_same_order() -> None:
    real = commands_of("home", None, RELAY)
    mine: list[str] = []
    with laboratory("home", relay=RELAY) as bench:
        controller = bench.controller()

        def note(boundary: int, when: str, command: Command) -> None:
            if when == "before":
                mine.append(command.shown())

        controller.link.on_boundary = note
        bench.run(controller, lambda each: each.join(), 300.0)

    def steps(commands: list[str]) -> list[str]:
        """Without what waiting repeats."""
        return [command.split("wifirelay ")[0] for command, _ in itertools.groupby(commands)]

    assert set(steps(mine)) == set(steps(real))
    assert steps(mine)[:13] == steps(real)[:13]


def test_both_are_read_by_the_same_script() -> None:
    with laboratory("home") as bench:
        state = bench.state()
        assert state is not None
        assert state.sentry_lives
        assert on_router().command.argv[0] == "sh"
