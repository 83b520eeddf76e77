# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that gives no address, on a simulated router: setup, joins, failures, the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from lab import Lab, lab, swap
from unattended import Mast, mast

from wifirelay.change.setup import look, prepare, set_up, withdraw
from wifirelay.change.status import State, read_status
from wifirelay.core.feeds import interface_for
from wifirelay.core.known import FixedAddress, KnownNetwork, Relay
from wifirelay.errors import Refused, TrialFailed
from wifirelay.router.observe import observe
from wifirelay.router.verdict import Verdict
from wifirelay.service.events import Kind
from wifirelay.sim.air import Internet
from wifirelay.sim.worlds import World
from wifirelay.transport.base import Command

GOOD = FixedAddress("10.10.1.20/24", "10.10.1.1", ("10.10.1.1",))  # in front of DeadDhcp
RELAY = Relay()


def with_address(world: World, fixed: FixedAddress | None, ssid: str = "DeadDhcp") -> KnownNetwork:
    world.known = tuple(
        replace(each, fixed=fixed) if each.ssid.text == ssid else each for each in world.known
    )
    return next(each for each in world.known if each.ssid.text == ssid)


def setup(bench: Lab | Mast) -> None:
    """As `wifirelay setup`, run again."""
    found = look(bench.transport, RELAY)
    _, edits = prepare(found, RELAY, bench.world.known, "", tidy=True)
    set_up(bench.transport, bench.world.clock, edits, lambda _: None, "tests")


@contextmanager
def marina(fixed: FixedAddress = GOOD, relay: Relay = RELAY) -> Iterator[tuple[Lab, str]]:
    """Set up for it, and the interface's name."""
    with lab("broken", relay=relay) as bench:
        known = with_address(bench.world, fixed)
        setup(bench)
        bench.world.router.flash_writes.clear()
        bench.flash = bench.files()
        yield bench, interface_for(known, "wwan")


def test_it_is_joined_left_and_joined_again() -> None:
    with marina() as (bench, name):
        baseline = bench.wireless()
        joined = bench.join("DeadDhcp")
        assert joined is not None
        assert (joined.address, joined.internet, joined.kept) == (
            GOOD.address,
            Verdict.ONLINE,
            "flash",
        )
        assert bench.wireless()["wifirelay"]["network"] == name
        assert [path for _, path in bench.world.router.flash_writes] == ["/etc/config/wireless"]
        status = read_status(bench.transport)
        up = status.uplinks[0]
        assert (up.state, up.addresses, up.gateway) == (
            State.CONNECTED,
            (GOOD.address,),
            "10.10.1.1",
        )
        assert up.dns == GOOD.dns
        assert status.internet is not None
        assert status.internet.verdict is Verdict.ONLINE
        bench.leave()
        assert bench.wireless() == baseline
        assert bench.on_air()
        assert bench.join("DeadDhcp") is not None


def test_a_network_with_dhcp_takes_the_relay_s_interface_back() -> None:
    with marina() as (bench, _):
        assert bench.join("DeadDhcp") is not None
        joined = bench.join("Works")
        assert joined is not None
        assert bench.wireless()["wifirelay"]["network"] == "wwan"
        assert joined.address.endswith(".176/24")


def test_before_setup_nothing_is_tried() -> None:
    with lab("broken") as bench:
        with_address(bench.world, GOOD)
        before = bench.wireless()
        assert bench.join("DeadDhcp") is None
        _, plan = bench.look("DeadDhcp")
        assert "`wifirelay setup`" in plan.decision.why
        bench.check_baseline(before)


@pytest.mark.parametrize(
    "fixed",
    [
        FixedAddress("10.10.1.20/24", "10.10.1.9", ("10.10.1.1",)),
        FixedAddress("10.99.1.20/24", "10.99.1.1"),
    ],
)
def test_a_wrong_gateway_or_address_is_taken_back_and_says_where_to_look(
    fixed: FixedAddress,
) -> None:
    with marina(fixed) as (bench, _):
        before = bench.wireless()
        with pytest.raises(TrialFailed) as failed:
            bench.join("DeadDhcp")
        assert failed.value.cause == "no-internet"
        assert (
            f"are {fixed.address}, gateway and dns of the configuration right?" in failed.value.hint
        )
        bench.check_baseline(before)


def test_an_interface_that_somebody_changed_fails_by_name() -> None:
    with marina() as (bench, name):
        for argv in (
            ("uci", "set", f"network.{name}.ipaddr=10.10.1.99"),
            ("uci", "commit", "network"),
        ):
            assert bench.transport.run(Command(argv)).rc == 0
        bench.world.router.flash_writes.clear()
        bench.flash = bench.files()
        before = bench.wireless()
        with pytest.raises(TrialFailed, match=f"{name} did not get 10.10.1.20/24") as failed:
            bench.join("DeadDhcp")
        assert "`wifirelay setup` puts it right" in failed.value.hint
        bench.check_baseline(before)


def test_a_trial_from_it_that_fails_comes_back_to_it() -> None:
    with marina(relay=Relay(keep_on_flash=False)) as (bench, _):
        assert bench.join("DeadDhcp") is not None
        before = bench.wireless()
        with pytest.raises(TrialFailed):
            bench.join("NoInternet")
        assert bench.wireless() == before
        bench.world.clock.sleep(30.0)
        status = read_status(bench.transport)
        assert status.uplinks[0].addresses == (GOOD.address,)


def test_a_power_cut_brings_the_kept_one_back() -> None:
    with marina() as (bench, _):
        assert bench.join("DeadDhcp") is not None
        bench.world.router.power_cut()
        bench.world.clock.sleep(90.0)
        assert read_status(bench.transport).uplinks[0].addresses == (GOOD.address,)


def test_setup_taken_back_takes_the_interface_too() -> None:
    with lab("broken", set_up=False) as bench:
        files = bench.files()
        known = with_address(bench.world, GOOD)
        setup(bench)
        assert interface_for(known, "wwan").encode() in bench.files()["network"]
        assert bench.join("DeadDhcp") is not None
        withdraw(bench.transport, bench.world.clock, RELAY, bench.events.append, "tests")
        after = bench.files()
        assert b"wwan" not in after["network"] + after["firewall"] + after["wireless"]
        assert after["dhcp"] == files["dhcp"]


def test_setup_in_the_middle_of_an_uplink_leaves_it_and_other_values_come_with_the_next_join() -> (
    None
):
    with marina() as (bench, name):
        assert bench.join("DeadDhcp") is not None
        moved = with_address(bench.world, replace(GOOD, address="10.10.1.21/24"))
        setup(bench)
        assert name.encode() in bench.files()["network"]  # in use
        assert read_status(bench.transport).uplinks[0].addresses == (GOOD.address,)
        bench.leave()
        setup(bench)
        assert name.encode() not in bench.files()["network"]
        joined = bench.join("DeadDhcp")
        assert joined is not None
        assert joined.address == "10.10.1.21/24"
        assert bench.wireless()["wifirelay"]["network"] == interface_for(moved, "wwan")


def test_an_uplink_of_a_session_is_not_put_on_flash_by_setup() -> None:
    with lab("broken", relay=Relay(keep_on_flash=False)) as bench:
        assert bench.join("Works") is not None
        staged = observe(bench.transport).changes
        assert staged
        setup(bench)  # has nothing to write
        flash = bench.files()
        with_address(bench.world, GOOD)
        with pytest.raises(Refused, match=r"edits of wifirelay.* are staged") as refused:
            setup(bench)
        assert "`wifirelay leave`" in refused.value.hint
        assert bench.files() == flash
        assert observe(bench.transport).changes == staged
        bench.leave()
        setup(bench)
        assert b"Works" not in bench.files()["wireless"]
        assert bench.files()["network"] != flash["network"]
        assert bench.join("DeadDhcp") is not None


# --- the service ---


def test_the_service_joins_it_when_setup_has_made_its_interface_and_stays() -> None:
    with mast("broken") as bench:
        with_address(bench.world, GOOD)
        bench.know("DeadDhcp")
        bench.service = bench.new_service()
        bench.run(120.0)
        assert bench.uplink is None
        setup(bench)
        bench.until(Kind.JOINED, 120.0)
        assert bench.uplink == "DeadDhcp"
        bench.run(700.0)
        assert Kind.KEPT in bench.kinds()
        assert bench.told.standings[-1].internet is not None
        assert Kind.WAITING not in bench.kinds()  # it is no cable


def test_the_service_misses_it_when_it_is_gone_and_finds_it_again() -> None:
    with mast("broken") as bench:
        with_address(bench.world, GOOD)
        setup(bench)
        bench.know("DeadDhcp")
        bench.service = bench.new_service()
        bench.until(Kind.JOINED, 120.0)
        bench.run(60.0)
        bench.world.air.switch_off(b"DeadDhcp")
        bench.until(Kind.LOST, 60.0)
        bench.run(5.0)
        assert bench.uplink is None
        bench.later(60.0, lambda: bench.world.air.switch_on(b"DeadDhcp"))
        bench.run(400.0)
        assert bench.uplink == "DeadDhcp"


def test_a_login_page_behind_it_is_met_there_and_clients_reach_it() -> None:
    with mast("broken") as bench:
        with_address(bench.world, GOOD)
        setup(bench)
        bench.know("DeadDhcp")
        bench.service = bench.new_service()
        bench.until(Kind.JOINED, 120.0)
        points = [
            replace(each, internet=Internet.PORTAL, portal="login.marina.example")
            for each in bench.world.air.points
            if each.ssid == b"DeadDhcp"
        ]
        swap(bench.world, points)
        bench.until(Kind.PORTAL, 3600.0)
        router = bench.world.router
        host = router.names.for_clients("login.marina.example", router.interfaces.behind())
        assert host == "10.10.1.1"
