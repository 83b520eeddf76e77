# SPDX-License-Identifier: GPL-2.0-or-later
"""Own access points that go off the air and on again, as events of the service's history."""

from dataclasses import replace

from tests.lab import ACCESS_POINTS
from tests.unattended import Mast, Told, mast
from wifirelay.router.state import Router
from wifirelay.service.events import Kind
from wifirelay.service.outages import Outages
from wifirelay.service.report import Teller
from wifirelay.service.seen import look
from wifirelay.sim.transport import SimTransport
from wifirelay.uci.model import Section


def router_of(bench: Mast) -> Router:
    bench.run(60)
    return look(SimTransport(bench.world.router), {}, None).router


def off(router: Router, *sections: str) -> Router:
    """The same with these access points off the air."""
    names = {each.ifname for each in router.status.access_points() if each.section in sections}
    found = {
        name: replace(device, carrier=device.carrier and name not in names)
        for name, device in router.devices.items()
    }
    return replace(router, devices=found)


def switched_off(router: Router, *names: str) -> Router:
    """The same with these sections disabled by their owner."""

    def changed(section: Section) -> Section:
        if section.name not in names:
            return section
        return replace(section, options={**section.options, "disabled": "1"})

    wireless = router.wireless
    return replace(router, wireless=replace(wireless, sections=tuple(map(changed, wireless))))


def test_off_and_on_again_once_each_with_names_and_seconds() -> None:
    with mast() as bench:
        router, told = router_of(bench), Told()
        outages = Outages(Teller(told, bench.world.clock))
        one = ACCESS_POINTS[0]
        for now, seen in (
            (0.0, router),
            (10.0, off(router, one)),
            (20.0, off(router, one)),
            (55.0, router),
            (60.0, router),
        ):
            outages.look(now, seen)
        assert [each.kind for each in told.events] == [Kind.DARK, Kind.LIT]
        name = router.wireless.section(one).get("ssid")  # type: ignore[union-attr]
        assert all(name in each.text for each in told.events)
        assert told.events[0].ssid is not None
        assert "after 45 s" in told.events[1].text


def test_what_its_owner_has_switched_off_is_no_outage() -> None:
    with mast() as bench:
        router, told = router_of(bench), Told()
        radio = router.wireless.section(ACCESS_POINTS[0]).get("device")  # type: ignore[union-attr]
        for name in (ACCESS_POINTS[0], radio):
            outages = Outages(Teller(told, bench.world.clock))
            outages.look(0.0, router)
            outages.look(5.0, switched_off(off(router, ACCESS_POINTS[0]), name))
            outages.look(9.0, router)
        assert told.events == []


def test_switched_off_during_an_outage_it_is_not_said_to_be_back() -> None:
    with mast() as bench:
        router, told = router_of(bench), Told()
        outages = Outages(Teller(told, bench.world.clock))
        one = ACCESS_POINTS[0]
        for now, seen in (
            (0.0, router),
            (5.0, off(router, one)),
            (9.0, switched_off(off(router, one), one)),
            (20.0, router),
        ):
            outages.look(now, seen)
        assert [each.kind for each in told.events] == [Kind.DARK]


def test_one_that_never_was_on_the_air_is_not_missed() -> None:
    with mast() as bench:
        router, told = router_of(bench), Told()
        outages = Outages(Teller(told, bench.world.clock))
        outages.look(0.0, off(router, *ACCESS_POINTS))
        outages.look(5.0, router)
        assert told.events == []


def own(bench: Mast) -> list[Kind]:
    return [each for each in bench.kinds() if each in (Kind.DARK, Kind.LIT)]


def put(bench: Mast, *, on: bool) -> None:
    """All own access points on or off the air, and the service looks."""
    for radio in bench.world.router.netifd.radios.values():
        for point in radio.aps:
            point.on_air = on
    bench.service.observer.stale = True


def test_the_service_tells_what_it_sees_after_a_reboot_too() -> None:
    with mast() as bench:
        bench.run(100)
        assert own(bench) == []
        put(bench, on=False)
        bench.until(Kind.DARK, 60)
        bench.run(30)
        put(bench, on=True)
        assert " s: " in bench.until(Kind.LIT, 60).text
        bench.world.router.power_cut(20)
        bench.run(900)
        assert "the router has rebooted" in [each.text for each in bench.told.events]
        seen = len(own(bench))
        put(bench, on=False)
        bench.until(Kind.DARK, 60)
        put(bench, on=True)
        bench.until(Kind.LIT, 60)
        assert own(bench)[seen:] == [Kind.DARK, Kind.LIT]


def test_it_costs_the_router_no_command() -> None:
    with mast() as bench:
        router = router_of(bench)
        before = len(bench.world.router.argvs)
        Outages(Teller(Told(), bench.world.clock)).look(0.0, off(router, *ACCESS_POINTS))
        assert len(bench.world.router.argvs) == before
