# SPDX-License-Identifier: GPL-2.0-or-later
"""The link dies for a while at every command of a trial, before it or after it.

The controller goes on from what it finds: it joins, or it rolls back; never anything
between, and the own access points are on the air.
"""

from functools import cache

import pytest

from tests.lab import RETURN, Lab, commands_of, lab
from wifirelay.core.known import Relay
from wifirelay.errors import LinkLost, TransportError, TrialFailed
from wifirelay.transport.base import Command

PARTS = 4
DEADLINE = 60  # seconds
RELAY = Relay(deadline=DEADLINE)


@cache
def boundaries() -> int:
    return len(commands_of("home", None, RELAY))


def cut(bench: Lab, number: int, when_cut: str, seconds: float) -> None:
    """At this boundary the link dies, and stays dead for some seconds."""
    clock = bench.world.clock
    until = [-1.0]

    def fault(boundary: int, command: Command, when: str) -> None:
        if boundary == number and when == when_cut:
            until[0] = clock.monotonic() + seconds
        if clock.monotonic() < until[0]:
            raise LinkLost("cut by the test")

    bench.transport.fault = fault


def cut_at(number: int, when: str, seconds: float) -> str:
    with lab(relay=RELAY) as bench:
        before = bench.wireless()
        cut(bench, number, when, seconds)
        try:
            joined = bench.join()
            end = "joined" if joined is not None else "nothing"
        except TrialFailed:
            end = "rolled back"
        except TransportError:
            end = "lost"
            bench.wait_for_the_sentry(DEADLINE + RETURN)
        bench.transport.fault = None
        state = bench.state()
        if end != "lost" or state.unfinished is not None:
            assert state.unfinished is None, (number, when, state)
        bench.wait_on_air(RETURN)
        bench.check_hands_off(before)
        token = state.token
        confirmed = token is not None and token.result.startswith("confirmed")
        assert end != "joined" or confirmed
        if confirmed:  # it may be that only the answer to the confirmation was lost
            assert bench.wireless()["wifirelay_radio1"]["disabled"] == "0"
            assert state.lock is None
        else:
            bench.check_baseline(before)
        return end


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_link_cut_for_six_seconds(when: str, part: int) -> None:
    ends = [cut_at(number, when, 6.0) for number in range(part, boundaries(), PARTS)]
    # Only the reads before arming give up at once: nothing has been begun by then.
    assert ends.count("joined") >= len(ends) * 0.6


@pytest.mark.parametrize("part", range(PARTS))
def test_a_link_cut_for_longer_than_the_trial(part: int) -> None:
    for number in range(part, boundaries(), PARTS):
        assert cut_at(number, "after", DEADLINE + RETURN + 60.0) in {"lost", "joined"}


def test_a_link_over_the_radio_that_is_changed() -> None:
    """The laptop hangs on the access point that the join takes off the air for a while."""
    with lab() as bench:
        bench.transport._via = "default_radio1"
        joined = bench.join()
        assert joined is not None
        assert joined.radio == "radio1"
        assert bench.world.router.outage_seconds("default_radio1") > 0
