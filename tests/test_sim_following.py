# SPDX-License-Identifier: GPL-2.0-or-later
"""Waiting for a simulated router's events, in virtual time and in real."""

import json
import os
import threading
import time
from collections.abc import Iterator

import pytest

from wifirelay.errors import ConnectError, LinkLost
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.transport.base import Command


@pytest.fixture
def world() -> Iterator[World]:
    with make_world("home") as world:
        yield world


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A descriptor to wait for, and the one that wakes it."""
    ends = os.pipe()
    yield ends
    for number in ends:
        os.close(number)


def stage_home(world: World) -> None:
    batch = b"set wireless.wifirelay.ssid=HomeNet\nset wireless.wifirelay.encryption=psk2\n"
    batch += b"set wireless.wifirelay.key='correct horse battery'\n"
    batch += b"set wireless.wifirelay.disabled=0\n"
    world.router.execute(["uci", "batch"], batch)


def test_follow_tells_events(world: World) -> None:
    transport = SimTransport(world.router)
    stage_home(world)
    lines = transport.follow(Command(("ubus", "listen", "network.interface")))
    transport.run(Command(("wifi", "reload")))
    world.router.at(30, lambda: world.air.switch_off("HomeNet"))
    begun = world.clock.monotonic()
    assert lines.lines(60.0) == [b'{ "network.interface": {"action":"ifup","interface":"wwan"} }']
    assert world.clock.monotonic() - begun < 25.0
    (down,) = lines.lines(60.0)
    assert json.loads(down)["network.interface"]["action"] == "ifdown"
    assert not lines.ended
    lines.close()
    assert lines.ended
    assert lines.lines(1000.0) == []
    lines.close()


def test_followed_events_come_at_their_very_moment(world: World, pipe: tuple[int, int]) -> None:
    router, clock = world.router, world.clock
    lines = SimTransport(router).follow(Command(("ubus", "listen", "a", "b*")))
    begun = clock.monotonic()
    for delay, name in ((7.123, "a"), (7.123, "bc"), (8.0, "c"), (9.875, "b")):
        router.at(delay, lambda n=name: router.send_event(n, {"x": 1}))  # type: ignore[misc]
    assert lines.lines(60.0) == [b'{ "a": {"x":1} }', b'{ "bc": {"x":1} }']
    assert clock.monotonic() == begun + 7.123
    assert lines.lines(60.0) == [b'{ "b": {"x":1} }']
    assert clock.monotonic() == pytest.approx(begun + 9.875)
    assert lines.lines(2.25) == []
    assert clock.monotonic() == pytest.approx(begun + 12.125)
    assert lines.lines(0.0) == []
    assert clock.monotonic() == pytest.approx(begun + 12.125)
    router.at(6.5, lambda: os.write(pipe[1], b"x"))
    assert lines.lines(1000.0, pipe[0]) == []
    assert clock.monotonic() == pytest.approx(begun + 18.625)
    assert lines.lines(1000.0, pipe[0]) == []
    assert clock.monotonic() == pytest.approx(begun + 18.625)
    lines.close()


def test_followed_events_end_with_the_link(world: World) -> None:
    router, clock = world.router, world.clock
    listen = Command(("ubus", "listen"))
    transport = SimTransport(router)
    lines = transport.follow(listen)
    router.at(3.5, router.power_cut)
    begun = clock.monotonic()
    with pytest.raises(LinkLost, match="rebooted"):
        lines.lines(60.0)
    assert clock.monotonic() == begun + 3.5
    assert lines.ended
    clock.sleep(60.0)
    lines = transport.follow(listen)
    router.at(2.0, lambda: router.power_cut(off=30.0))
    with pytest.raises(LinkLost):
        lines.lines(10.0)
    with pytest.raises(ConnectError):
        transport.follow(listen)
    clock.sleep(90.0)
    lines, others = transport.follow(listen), transport.follow(listen)
    transport.close()
    with pytest.raises(LinkLost):
        lines.lines(10.0)
    transport.dead = True
    with pytest.raises(LinkLost):
        others.lines(10.0)


def test_followed_events_end_with_the_own_access_point(world: World) -> None:
    near, far = SimTransport(world.router), SimTransport(world.router, via="default_radio0")
    stage_home(world)
    lines = far.follow(Command(("ubus", "listen", "network.interface")))
    near.run(Command(("wifi", "reload")))
    begun = world.clock.monotonic()
    with pytest.raises(LinkLost, match="access point"):
        lines.lines(60.0)
    assert world.router.off_air_since("default_radio0") == world.clock.monotonic() < begun + 10.0


def test_followed_events_in_real_time(world: World, pipe: tuple[int, int]) -> None:
    router = world.router
    router.speed = 10.0
    lines = SimTransport(router).follow(Command(("ubus", "listen")))
    start = time.monotonic()
    assert lines.lines(3.0) == []
    assert 0.29 < time.monotonic() - start < 2
    threading.Timer(0.1, router.send_event, ["a", {}]).start()
    assert lines.lines(1000.0) == [b'{ "a": {} }']
    threading.Timer(0.1, os.write, [pipe[1], b"x"]).start()
    assert lines.lines(1000.0, pipe[0]) == []
    threading.Timer(0.1, router.power_cut).start()
    with pytest.raises(LinkLost):
        lines.lines(1000.0)
    assert time.monotonic() - start < 5


def test_other_followed_commands_end(world: World) -> None:
    lines = SimTransport(world.router).follow(Command(("uci", "get", "wireless.radio0.band")))
    assert lines.lines(1000.0) == [b"2g"]
    assert lines.ended


def test_the_virtual_clock_waits_and_is_woken(world: World, pipe: tuple[int, int]) -> None:
    clock = world.clock
    begun = clock.monotonic()
    clock.wait(12.5)
    clock.wait(7.25, pipe[0])
    assert clock.monotonic() == pytest.approx(begun + 19.75)
    world.router.at(33.0, lambda: os.write(pipe[1], b"x"))
    clock.wait(1000.0, pipe[0])
    clock.wait(1000.0, pipe[0])
    assert clock.monotonic() == pytest.approx(begun + 52.75)
    world.router.speed = 100.0
    start = time.monotonic()
    clock.wait(1000.0, pipe[0])
    clock.wait(20.0)
    assert 0.19 < time.monotonic() - start < 2


def test_anybody_can_send_events(world: World) -> None:
    transport = SimTransport(world.router)
    lines = transport.follow(Command(("ubus", "listen", "wifirelay")))
    one, both = '{ "action": "plan", "n": [1] }', transport.follow(Command(("ubus", "listen")))
    assert transport.run(Command(("ubus", "send", "wifirelay", one))).rc == 0
    assert transport.run(Command(("ubus", "-S", "send", "other"))).rc == 0
    assert lines.lines(0.0) == [b'{ "wifirelay": {"action":"plan","n":[1]} }']
    assert len(both.lines(0.0)) == 2
    for bad in ("{", "[1]", "word"):
        failed = transport.run(Command(("ubus", "send", "wifirelay", bad)))
        assert (failed.rc, b"Invalid argument" in failed.err) == (254, True)
        assert transport.run(Command(("ubus", "-S", "send", "wifirelay", bad))).rc == 2
    assert transport.run(Command(("ubus", "send"))).rc == 254
    assert transport.run(Command(("ubus", "send", "a", "{}", "{}"))).rc == 254
    assert lines.lines(1.0) == []
    lines.close()
    both.close()
