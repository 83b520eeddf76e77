# SPDX-License-Identifier: GPL-2.0-or-later
"""The service's budgets: own waiting in a failover, a quiet day, memory. All in virtual time."""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.far import Far, prelude
from tests.unattended import mast
from wifirelay.service.events import Kind
from wifirelay.sim.neighbourhoods import HOME_KEY, PHONE_KEY
from wifirelay.sim.timings import LAB, Timings
from wifirelay.sim.worlds import World, make_world

OWN_WAITING = 0.5  # seconds
PER_MINUTE = 4  # processes on the router, its sentry's included

FAST = replace(  # a quick driver on a quick router
    LAB,
    reload=0.1,
    scan_idle=1.0,
    scan_connected=2.0,
    join_removed=0.3,
    join_glimpse=0.5,
    join_scan=0.6,
    join_found=0.5,
    join_lease=1.0,
    switch_removed=0.3,
    switch_scan=0.7,
    switch_ap_off=0.8,
    switch_found=0.5,
    switch_lease=1.0,
    back_station_removed=0.2,
    back_ap_off=0.3,
    back_ap_on=0.5,
    rescan=1.0,
    upstream_lost=0.3,
    lease=1.0,
)
SLOW = replace(LAB, scan_idle=6.0, join_scan=12.0, join_found=4.0, join_lease=9.0)


@pytest.mark.parametrize("timings", [LAB, FAST, SLOW], ids=["lab", "fast", "slow"])
def test_from_loss_to_the_next_uplink_little_is_added_to_the_routers_own_times(
    timings: Timings,
) -> None:
    with mast(timings=timings) as bench:
        bench.run(300)
        begun = bench.now
        bench.world.air.switch_off("HomeNet")
        joined = bench.until(Kind.JOINED, 100)
        assert bench.uplink == "Phone"
        routers_own = (
            timings.upstream_lost
            + 2 * timings.scan_idle  # two radios; the station is gone with the first event
            + timings.join_scan
            + timings.join_found
            + timings.join_lease
        )
        assert joined.at - begun - routers_own <= OWN_WAITING


def test_a_quiet_day_costs_next_to_nothing() -> None:
    with mast() as bench:
        bench.run(1800)  # joined, proved, kept
        router = bench.world.router
        router.processes.clear()
        router.flash_writes.clear()
        router.argvs.clear()
        told = bench.run(86400)
        assert [event.kind for event in told] == [Kind.STARTED, Kind.STOPPED]
        assert router.flash_writes == []
        assert not [argv for argv in router.argvs if "scan" in argv]
        minutes = 86400 / 60
        started = Counter(router.processes)
        assert sum(started.values()) / minutes <= PER_MINUTE, started


def come_and_go(world: World, name: str, moment: float) -> None:
    world.router.at(moment, lambda: world.air.switch_off(name))
    world.router.at(moment + 600, lambda: world.air.switch_on(name))


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the budget is CPython 3.11's")
def test_its_memory_after_an_hour_of_work(tmp_path: Path) -> None:
    """Access points come and go all the time; then two more hours, which must not add."""
    networks = [{"ssid": "HomeNet", "key": HOME_KEY}, {"ssid": "Phone", "key": PHONE_KEY}]
    for state in ("compiles", "counts"):
        with make_world("home") as world:
            far = Far(world, networks, prelude(str(tmp_path / "package")), str(tmp_path))
            for number in range(12):
                come_and_go(world, ("HomeNet", "Phone")[number % 2], 400.0 + number * 900)
            hour, three = far.play([1, 2], state)
    assert sum("lost" in line for line in far.said) >= 2
    assert hour <= 16 * 1024
    assert three <= hour + 256
