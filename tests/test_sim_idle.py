# SPDX-License-Identifier: GPL-2.0-or-later
"""Fewer ticks for the sentry while nothing happens: nothing that it does is lost by that."""

import os

import pytest

from tests.lab import RETURN, Lab, lab

SENTRY = "wifirelay_radio1"


def loops(bench: Lab, seconds: float) -> int:
    """How often the sentry looks around meanwhile."""
    sentry = bench.world.router.sentry
    before = sentry.count()
    bench.world.clock.sleep(seconds)
    after = sentry.count()
    assert before is not None
    assert after is not None
    return after - before


@pytest.mark.parametrize(("idle", "expected"), [(5.0, 120), (50.0, 12)])
def test_its_looks_while_all_is_quiet(idle: float, expected: int) -> None:
    with lab() as bench:
        bench.join()
        bench.world.router.idle_ticks = idle
        bench.world.clock.sleep(120.0)
        assert abs(loops(bench, 600.0) - expected) <= 1


def test_a_change_of_a_file_is_seen_at_once() -> None:
    with lab() as bench:
        bench.join()
        router = bench.world.router
        router.idle_ticks = 50.0
        bench.world.clock.sleep(120.0)
        router.execute(("uci", "set", "wireless.wifirelay.ssid=Other"))
        assert loops(bench, 6.0) >= 1
        router.execute(("sh", "-c", "echo 1 >$WIFIRELAY_ROOT/var/run/wifirelay/lease"))
        assert loops(bench, 6.0) >= 1
        router.kill_sentry()
        bench.world.clock.sleep(10.0)
        assert bench.state().sentry_lives


@pytest.mark.parametrize("idle", [5.0, 50.0])
def test_an_upstream_that_goes_and_comes_is_held_off_and_allowed_again(idle: float) -> None:
    with lab() as bench:
        clock, air, router = bench.world.clock, bench.world.air, bench.world.router
        bench.join()
        router.idle_ticks = idle
        clock.sleep(1000.0)
        air.switch_off("HomeNet")
        clock.sleep(3.0)
        assert not bench.on_air()
        assert bench.wait_on_air(RETURN) <= 60.0
        assert bench.state().held == (SENTRY,)
        air.switch_on("HomeNet")
        clock.sleep(120.0)
        assert bench.wireless()[SENTRY]["disabled"] == "0"
        bench.wait_on_air(1.0)
        clock.sleep(120.0)
        assert loops(bench, 500.0) == pytest.approx(500 / idle, abs=3)


def test_a_router_without_power_gets_none() -> None:
    with lab() as bench:
        router = bench.world.router
        router.idle_ticks = 50.0
        bench.world.clock.sleep(120.0)
        router.power_cut(off=60.0)
        bench.world.clock.sleep(120.0)
        assert bench.state().sentry_lives
        assert bench.on_air()


def test_files_that_come_in_one_moment_are_all_seen() -> None:
    """File systems tell times in steps: no listing that is too fresh is trusted."""
    with lab() as bench:
        root = bench.world.router.root
        root.look()
        for number in range(200):
            path = f"/etc/config/x{number}"
            with open(os.open(root.here(path), os.O_WRONLY | os.O_CREAT), "w") as file:
                file.write("x")
            assert root.look() == [path]
            with open(root.here(path), "a") as file:
                file.write("y")
            assert root.look() == [path]
