# SPDX-License-Identifier: GPL-2.0-or-later
"""The service far from its router: links that die, reboots, ends at any moment."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.lab import RETURN, Lab
from tests.unattended import Mast, mast
from wifirelay.core.known import Relay
from wifirelay.core.moves import Move
from wifirelay.errors import ConfigError, ConnectError, HostKeyRefused, LinkLost, TrialFailed
from wifirelay.service.events import Kind
from wifirelay.service.signals import Terminated
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Command


def cut(bench: Mast, seconds: float, error: type[Exception] = ConnectError) -> None:
    """From now on no command gets through for so long."""
    end = bench.now + seconds

    def fault(boundary: int, command: Command, when: str) -> None:
        if bench.now < end:
            bench.world.router.advance(0.5)  # a try takes time
            raise error("no route to host")

    bench.transport.fault = fault
    bench.transport.close()  # what it followed is dead as well


@pytest.mark.parametrize("error", [ConnectError, LinkLost, HostKeyRefused])
def test_hours_without_a_link_are_survived_and_said_once(error: type[Exception]) -> None:
    with mast() as bench:
        bench.run(100)
        bench.later(50, lambda: cut(bench, 3 * 3600, error))
        told = bench.run(4 * 3600)
        kinds = [event.kind for event in told]
        assert kinds.count(Kind.UNREACHABLE) == 1
        assert kinds.count(Kind.REACHED) == 1
        assert bench.uplink == "HomeNet"
        assert bench.told.standings[-1].unreachable == ""


def test_a_router_that_was_never_reached_by_its_right_key_is_an_error() -> None:
    with mast() as bench:
        cut(bench, 1e9, HostKeyRefused)
        with pytest.raises(HostKeyRefused):
            bench.service.run(100)


def test_the_router_reboots_and_the_service_goes_on() -> None:
    with mast() as bench:
        bench.run(100)
        bench.later(30, lambda: bench.world.router.power_cut(20))
        bench.run(200)
        assert bench.uplink == "HomeNet"
        assert bench.on_air()
        kinds = bench.kinds()
        assert Kind.UNREACHABLE in kinds and kinds.count(Kind.JOINED) == 2


def test_without_events_it_looks_for_itself() -> None:
    with mast() as bench:
        follow = bench.transport.follow
        bench.transport.follow = lambda command: follow(Command(("false",)))  # type: ignore[method-assign]
        bench.run(200)
        assert bench.uplink == "HomeNet"
        bench.world.air.switch_off("HomeNet")
        lost = bench.until(Kind.LOST, 60)
        assert lost.at - 200 < 30 + 60
        bench.until(Kind.JOINED, 60)
        assert bench.uplink == "Phone"


def ended_at(bench: Mast, number: int) -> None:
    """SIGTERM comes when this command is about to run."""

    def fault(boundary: int, command: Command, when: str) -> None:
        if boundary == number and when == "before":
            bench.transport.fault = None
            raise Terminated

    bench.transport.fault = fault


@given(st.integers(0, 130))
@settings(max_examples=25, deadline=None)
def test_ended_at_any_moment_it_leaves_within_four_seconds_and_own_wifi_is_safe(
    number: int,
) -> None:
    with mast() as bench:
        bench.later(60, lambda: bench.world.air.switch_off("HomeNet"))
        before = Lab(bench.world).wireless()
        ended_at(bench, number)
        asked_at = 0.0
        try:
            bench.service.run(200)
        except Terminated:
            asked_at = bench.now
        if asked_at:
            assert bench.now - asked_at < 4
            assert bench.kinds()[-1] is Kind.STOPPED
        lab = Lab(bench.world)
        lab.wait_for_the_sentry(RETURN + 125)
        lab.check_hands_off(before)
        assert bench.world.router.flash_writes == []
        assert lab.state().service is None or asked_at


@given(st.integers(0, 130), st.sampled_from([3.0, 40.0, 400.0]))
@example(111, 40.0)  # the sentry disables the uplink between two reads of one look
@settings(max_examples=25, deadline=None)
def test_a_link_that_dies_at_any_command_is_taken_up_again(number: int, seconds: float) -> None:
    with mast() as bench:
        bench.later(60, lambda: bench.world.air.switch_off("HomeNet"))

        def fault(boundary: int, command: Command, when: str) -> None:
            if boundary == number:
                cut(bench, seconds, LinkLost)
                raise LinkLost("cut")

        bench.transport.fault = fault
        bench.run(1200)
        assert bench.uplink == "Phone"
        assert bench.on_air()
        assert Lab(bench.world).state().unfinished is None


def test_memory_is_taken_up_by_the_next_process() -> None:
    with mast("broken") as bench:
        bench.know("DeadDhcp")
        bench.service = bench.new_service()
        bench.until(Kind.FAILED, 120)
        bench.service = bench.new_service()  # it was restarted
        bench.run(25)
        assert bench.kinds().count(Kind.TRYING) == 1
        assert "left alone" in (bench.service.policy.candidates[0].why_not or "")


@pytest.mark.parametrize("stored", [{}, [], 5, {"troubles": 1}, {"troubles": [{}], "proved": []}])
def test_a_memory_that_makes_no_sense_is_none(stored: object) -> None:
    with mast() as bench:
        bench.told.memory = stored
        bench.service = bench.new_service()
        bench.run(100)
        assert bench.uplink == "HomeNet"


def test_a_radio_that_vanishes_is_told_and_waited_for() -> None:
    with mast(relay=Relay(radios=("radio0", "radio1"))) as bench:
        bench.run(100)
        cat = SimTransport(bench.world.router)
        for words in (("delete", "wireless.radio1"), ("commit", "wireless")):
            assert cat.run(Command(("uci", *words))).rc == 0
        bench.run(700)
        assert any("no radio radio1" in event.text for event in bench.told.events)
        assert bench.kinds()[-1] is Kind.STOPPED  # it did not end by itself


def test_a_radio_that_was_never_there_is_an_error() -> None:
    with (
        mast(relay=Relay(radios=("radio7",))) as bench,
        pytest.raises(ConfigError, match="no radio radio7"),
    ):
        bench.service.run(100)


def test_wishes_do_not_make_it_hurry_while_the_router_is_away() -> None:
    with mast() as bench:
        bench.run(100)
        cut(bench, 1e9)
        bench.wishes.wish(reload=True, scan=True)
        before = bench.transport.boundaries
        bench.run(600)
        assert bench.transport.boundaries - before < 100


def test_killed_inside_the_script_that_disables_the_uplink() -> None:
    """Between its edits and its reload: netifd runs the station on, and nothing shows it."""
    with mast() as bench:
        bench.world.air.switch_off("Phone")
        bench.run(100)
        bench.world.air.switch_off("HomeNet")
        script = bench.world.router
        root = script.root.here("/tmp/run/wifirelay")
        with open(f"{root}/resting", "w"):
            pass
        for section in ("wifirelay", "wifirelay_radio1"):
            words = ("uci", "set", f"wireless.{section}.disabled=1")
            SimTransport(script).run(Command(words))
        script.advance(60)  # nobody reloads, and the sentry sees nothing enabled
        lab = Lab(bench.world)
        lab.wait_on_air(RETURN)  # its sentry does, though
        assert not lab.state().resting


def test_the_next_service_ends_what_a_killed_one_began() -> None:
    with mast() as bench:
        bench.world.router.sentry_absent = True
        bench.world.air.switch_off("Phone")
        bench.run(100)
        bench.world.air.switch_off("HomeNet")
        bench.world.router.advance(5)
        root = bench.world.router.root.here("/tmp/run/wifirelay")
        with open(f"{root}/resting", "w"):
            pass
        for section in ("wifirelay", "wifirelay_radio1"):
            words = ("uci", "set", f"wireless.{section}.disabled=1")
            SimTransport(bench.world.router).run(Command(words))
        bench.service = bench.new_service()
        bench.run(60)
        assert bench.on_air()


def test_once_remembers_what_failed() -> None:
    with mast("broken") as bench:
        bench.know("DeadDhcp")
        bench.service = bench.new_service()
        with pytest.raises(TrialFailed):
            bench.service.once()
        bench.service = bench.new_service()
        assert isinstance(bench.service.once(), Move)
        assert bench.kinds().count(Kind.TRYING) == 1
