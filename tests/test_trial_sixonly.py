# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks of IPv6 alone on a simulated router: setup, joins, failures, the service, the program,
and once over SSH."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from lab import Lab, lab
from laptop import Laptop, new_home
from served import Served, checked
from shapes import Run, Say, home, run, say
from unattended import Mast, mast

from wifirelay.change.setup import look, prepare, set_up, withdraw
from wifirelay.change.status import State, read_status
from wifirelay.cli import open as opening
from wifirelay.cli.open import Opened
from wifirelay.core.known import KnownNetwork, Relay, Vpn
from wifirelay.errors import TrialFailed
from wifirelay.router.verdict import Verdict
from wifirelay.service.events import Kind
from wifirelay.sim.router import SimRouter
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.transport.base import Command
from wifirelay.transport.target import Kind as TargetKind
from wifirelay.transport.target import Target

__all__ = ["home", "run", "say"]

RELAY = Relay()
ADDRESS = "2001:db8:1::176/64"
OVER = "wwan_6_4"


def plain(world: World, ssid: str) -> None:
    """This network is known without the key."""
    world.known = tuple(
        replace(each, ipv6_only=False) if each.ssid.text == ssid else each for each in world.known
    )


def setup(
    bench: Lab | Mast, known: tuple[KnownNetwork, ...] | None = None, relay: Relay = RELAY
) -> None:
    """As `wifirelay setup`, run again."""
    networks = bench.world.known if known is None else known
    found = look(bench.transport, relay, networks)
    _, edits = prepare(found, relay, networks, "", tidy=True)
    set_up(bench.transport, bench.world.clock, edits, lambda _: None, "tests")


def test_it_is_joined_left_and_joined_again() -> None:
    with lab("sixonly") as bench:
        baseline = bench.wireless()
        joined = bench.join("Phone6")
        assert joined is not None
        assert (joined.address, joined.internet, joined.kept) == (ADDRESS, Verdict.ONLINE, "flash")
        assert bench.wireless()["wifirelay"]["network"] == "wwan_6"
        assert [path for _, path in bench.world.router.flash_writes] == ["/etc/config/wireless"]
        status = read_status(bench.transport)
        up = status.uplinks[0]
        assert (up.state, up.addresses, up.translated) == (State.CONNECTED, (ADDRESS,), True)
        assert up.dns == ("fe80::1%phy0-sta0",)
        assert status.internet is not None
        assert status.internet.verdict is Verdict.ONLINE
        assert any("-4" in argv for argv in bench.world.router.argvs)
        bench.leave()
        assert bench.wireless() == baseline
        assert bench.on_air()
        assert OVER not in bench.world.router.interfaces.all
        assert bench.join("Phone6") is not None


def test_to_one_with_ipv4_and_back() -> None:
    with lab("sixonly") as bench:
        plain(bench.world, "OnlyFour")
        assert bench.join("Phone6") is not None
        joined = bench.join("OnlyFour")
        assert joined is not None
        assert joined.address.endswith(".176/24")
        assert bench.wireless()["wifirelay"]["network"] == "wwan"
        assert OVER not in bench.world.router.interfaces.all
        joined = bench.join("Phone6")
        assert joined is not None
        assert joined.address == ADDRESS


@pytest.mark.parametrize(
    ("ssid", "cause", "why", "hint"),
    [
        ("NoNat64", "ipv6-only", f"NoNat64 gave {ADDRESS}, and no IPv4 over it", "`logread"),
        ("NoInternet6", "no-internet", "nor does an address beyond it", "try again later"),
        ("OnlyFour", "dead-dhcp", "OnlyFour gave no IPv6 address", "take `ipv6_only` out"),
    ],
)
def test_each_way_to_fail_is_taken_back_and_told(
    ssid: str, cause: str, why: str, hint: str
) -> None:
    with lab("sixonly") as bench:
        before = bench.wireless()
        with pytest.raises(TrialFailed, match=why) as failed:
            bench.join(ssid)
        assert failed.value.cause == cause
        assert hint in failed.value.hint
        bench.check_baseline(before)
        assert OVER not in bench.world.router.interfaces.all


def test_a_trial_from_it_that_fails_comes_back_to_it() -> None:
    with lab("sixonly", relay=Relay(keep_on_flash=False)) as bench:
        assert bench.join("Phone6") is not None
        before = bench.wireless()
        with pytest.raises(TrialFailed):
            bench.join("NoNat64")
        assert bench.wireless() == before
        bench.world.clock.sleep(30.0)
        assert read_status(bench.transport).uplinks[0].addresses == (ADDRESS,)


def test_a_power_cut_brings_the_kept_one_back() -> None:
    with lab("sixonly") as bench:
        assert bench.join("Phone6") is not None
        bench.world.router.power_cut()
        bench.world.clock.sleep(90.0)
        up = read_status(bench.transport).uplinks[0]
        assert (up.addresses, up.translated) == ((ADDRESS,), True)


def test_a_reload_of_the_network_leaves_it_up() -> None:
    with lab("sixonly") as bench:
        assert bench.join("Phone6") is not None
        setup(bench)
        bench.transport.run(Command(("ubus", "call", "network", "reload")))
        assert read_status(bench.transport).uplinks[0].addresses == (ADDRESS,)


def test_beside_a_cable_it_is_proved_by_what_is_bound_to_it() -> None:
    with lab("sixonly", wired=True) as bench:
        joined = bench.join("Phone6")
        assert joined is not None
        assert joined.internet is Verdict.ONLINE
        told = [each.text for each in bench.events if each.step == "internet"]
        assert "wan has the default route" in told[-1]
        assert any("464-wwan_6_4" in argv for argv in bench.world.router.argvs)
    with lab("sixonly", wired=True) as bench, pytest.raises(TrialFailed, match="beyond it"):
        bench.join("NoInternet6")


# --- setup ---


@contextmanager
def bare(*, xlat: bool = True) -> Iterator[tuple[Lab, dict[str, bytes]]]:
    """A router that was never set up, and its files."""
    with lab("sixonly", set_up=False, xlat=xlat) as bench:
        yield bench, bench.files()


def test_setup_makes_the_interface_and_its_undoing_takes_it() -> None:
    with bare() as (bench, files):
        setup(bench)
        assert b"wwan_6" in bench.files()["network"]
        assert bench.join("Phone6") is not None
        withdraw(bench.transport, bench.world.clock, RELAY, bench.events.append, "tests")
        after = bench.files()
        assert b"wwan" not in after["network"] + after["firewall"] + after["wireless"]
        assert after["dhcp"] == files["dhcp"]


@pytest.mark.parametrize(
    ("wish", "given", "have"),
    [
        ("delegated", "address", ""),
        ("delegated", "prefix", "delegated"),
        ("relay", "address", ""),
        ("relay", "prefix", "delegated"),
        ("nat66", "address", "nat66"),
    ],
)
def test_clients_have_ipv6_as_the_page_says(wish: str, given: str, have: str) -> None:
    with bare() as (bench, _):
        air = bench.world.air
        air.points = [replace(each, ipv6=given) for each in air.points]
        setup(bench, relay=Relay(ipv6=wish))
        assert bench.join("Phone6") is not None
        assert bench.world.router.clients.ipv6() == have


def test_before_setup_nothing_is_tried() -> None:
    with bare() as (bench, _):
        setup(bench, ())
        before = bench.wireless()
        assert bench.join("Phone6") is None
        _, plan = bench.look("Phone6")
        assert "no interface for IPv6 alone yet: `wifirelay setup`" in plan.decision.why
        bench.check_hands_off(before)


def test_without_the_package_setup_does_all_else() -> None:
    with bare(xlat=False) as (bench, _):
        setup(bench)
        assert b"wwan_6" not in bench.files()["network"]
        assert b"'wwan6'" in bench.files()["network"]
        _, plan = bench.look("Phone6")
        assert "no interface for IPv6 alone yet: `wifirelay setup`" in plan.decision.why


def test_a_package_that_is_gone_since_setup_fails_by_its_name() -> None:
    with lab("sixonly") as bench:
        bench.world.router.interfaces.translation.installed = False
        before = bench.wireless()
        with pytest.raises(TrialFailed, match="nothing on the router makes IPv4") as failed:
            bench.join("Phone6")
        assert "464xlat" in failed.value.hint
        bench.check_baseline(before)


# --- the service ---


def test_the_service_joins_it_keeps_it_and_takes_it_for_no_cable() -> None:
    with mast("sixonly") as bench:
        bench.know("Phone6")
        bench.service = bench.new_service()
        bench.until(Kind.JOINED, 120.0)
        assert bench.uplink == "Phone6"
        router = bench.world.router
        router.argvs.clear()
        bench.run(700.0)
        fetches = [each for each in router.argvs if each[0] == "uclient-fetch"]
        assert fetches
        assert all("-4" in each for each in fetches)
        assert Kind.KEPT in bench.kinds()
        standing = bench.told.standings[-1]
        assert standing.internet is not None
        assert standing.internet.verdict is Verdict.ONLINE
        assert {Kind.WAITING, Kind.OFFLINE, Kind.LOST}.isdisjoint(bench.kinds())


def test_the_service_misses_its_ipv4_when_that_is_gone_and_finds_it_again() -> None:
    with mast("sixonly") as bench:
        bench.know("Phone6")
        bench.service = bench.new_service()
        bench.until(Kind.JOINED, 120.0)
        bench.run(60.0)
        translation = bench.world.router.interfaces.translation
        translation.anew("wwan_6", nat64=False)
        bench.until(Kind.LOST, 60.0)
        bench.run(1.0)
        assert bench.uplink is None
        assert bench.world.router.interfaces.all["wwan_6"].up  # only half of it is gone
        up = read_status(bench.transport).uplinks[0]
        assert (up.state, up.translated) == (State.ASSOCIATED, False)
        assert up.ipv6 is not None
        translation.anew("wwan_6", nat64=True)
        bench.run(120.0)
        assert bench.uplink == "Phone6"


def test_the_service_misses_it_when_it_is_gone_and_finds_it_again() -> None:
    with mast("sixonly") as bench:
        bench.know("Phone6")
        bench.service = bench.new_service()
        bench.until(Kind.JOINED, 120.0)
        bench.run(60.0)
        bench.world.air.switch_off(b"Phone6")
        bench.until(Kind.LOST, 60.0)
        bench.later(60.0, lambda: bench.world.air.switch_on(b"Phone6"))
        bench.run(400.0)
        assert bench.uplink == "Phone6"


def test_a_vpn_goes_up_over_it_and_hides_no_loss() -> None:
    with mast("sixonly", vpn=True, relay=Relay(vpn=Vpn("wg0"))) as bench:
        bench.know("Phone6")
        bench.service = bench.new_service()
        bench.until(Kind.VPN_UP, 200.0)
        router = bench.world.router
        router.interfaces.server.alive = False  # the check goes past it
        events = bench.run(1800.0)
        assert [each.kind for each in events if each.kind in (Kind.OFFLINE, Kind.LOST)] == []
        router.mute = True  # ... and cannot any more: it is taken down for a look
        events = bench.run(3600.0)
        assert [each.kind for each in events if each.kind in (Kind.OFFLINE, Kind.LOST)] == []
        assert any("wg0 lets nothing through here" in each.text for each in events)
        assert bench.uplink == "Phone6"


def test_the_service_never_guesses() -> None:
    with mast("sixonly") as bench:
        bench.know("Phone6", ipv6_only=False)
        bench.service = bench.new_service()
        event = bench.until(Kind.FAILED, 120.0)
        assert event.cause == "ipv6-only"
        assert bench.uplink is None
        assert Kind.JOINED not in bench.kinds()


def test_what_translates_beside_an_uplink_with_ipv4_changes_nothing() -> None:
    with mast("sixonly") as bench:
        plain(bench.world, "OnlyFour")
        air = bench.world.air
        air.points = [
            replace(each, ipv6="address", nat64=True) if each.ssid == b"OnlyFour" else each
            for each in air.points
        ]
        bench.know("OnlyFour")
        bench.service = bench.new_service()
        bench.until(Kind.JOINED, 120.0)
        bench.run(700.0)
        assert bench.world.router.interfaces.all["wwan6_4"].up
        assert bench.uplink == "OnlyFour"
        assert Kind.WAITING not in bench.kinds()
        up = read_status(bench.transport).uplinks[0]
        assert (up.addresses[0].endswith(".176/24"), up.translated) == (True, False)


# --- the program ---


@pytest.fixture
def phone(tmp_path: Path) -> list[str]:
    config = tmp_path / "config.yaml"
    config.write_text(
        "networks:\n"
        "  - {ssid: Phone6, key: phone in my pocket, ipv6_only: true}\n"
        "  - {ssid: NoNat64, key: phone in my pocket, ipv6_only: true}\n"
    )
    config.chmod(0o600)
    return ["--router", "sim:sixonly", "--config", os.fspath(config)]


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimRouter]:
    """A router that outlives one command, never set up."""
    with make_world("sixonly", set_up=False) as world:
        transport = SimTransport(world.router)
        target = Target(TargetKind.SIM, world="sixonly")
        opened = Opened(target, transport, world.clock, lambda: None, world.known)
        monkeypatch.setattr(opening, "_simulated", lambda _: opened)
        yield world.router


def test_setup_plan_join_status_leave(
    run: Run, say: Say, phone: list[str], lasting: SimRouter
) -> None:
    shown = run(*phone, "setup", "--yes")[1]["edits"]
    assert "set network.wwan_6.proto='dhcpv6'" in shown
    assert run(*phone, "setup", "--yes")[1]["edits"] == []
    plan = run(*phone, "plan")[1]
    assert plan["decision"]["network"] == "Phone6"
    assert "set wireless.wifirelay.network='wwan_6'" in plan["edits"]
    code, joined = run(*phone, "join")
    assert (code, joined["uplink"]["address"]) == (0, ADDRESS)
    uplink = run(*phone, "status")[1]["uplinks"][0]
    assert (uplink["state"], uplink["addresses"]) == ("connected", [ADDRESS])
    assert uplink["ipv4_over_ipv6"] == "464xlat"
    assert uplink["ipv6"] == {"addresses": [ADDRESS], "delegated": False}
    out = say(*phone, "status")[1]
    assert f"{ADDRESS}, gateway fe80::1, name server fe80::1%phy0-sta0" in out
    assert "IPv4 by 464XLAT, no prefix for clients" in out
    lasting.interfaces.translation.anew("wwan_6", nat64=False)
    out = say(*phone, "status")[1]
    assert f"{ADDRESS}, no IPv4 over it, no prefix for clients" in out
    assert "ipv4_over_ipv6" not in run(*phone, "status")[1]["uplinks"][0]
    assert run(*phone, "leave")[0] == 0
    assert run(*phone, "setup", "--undo", "--yes")[0] == 0
    assert "wwan" not in lasting.root.read("/etc/config/network").decode()


def test_a_router_without_the_package_is_told_what_to_install(
    run: Run, phone: list[str], lasting: SimRouter
) -> None:
    lasting.interfaces.translation.installed = False
    code, done = run(*phone, "setup", "--yes")
    assert code == 0
    assert [each for each in done["remarks"] if "opkg install 464xlat" in each]
    assert "wwan_6" not in lasting.root.read("/etc/config/network").decode()
    lasting.interfaces.translation.installed = True
    assert run(*phone, "setup", "--yes")[0] == 0
    lasting.interfaces.translation.installed = False
    findings = run(*phone, "doctor")[1]["findings"]
    (found,) = (each for each in findings if each["check"] == "setup")
    assert found["verdict"] == "warning"
    assert "does not know 464xlat" in found["evidence"]


def test_join_says_what_is_wrong_with_the_network(run: Run, phone: list[str]) -> None:
    code, error = run(*phone, "join", "NoNat64")
    assert code == 5
    assert "the network has no NAT64" in error["error"]


def test_networks_list_shows_it(run: Run, say: Say, phone: list[str]) -> None:
    networks = run(*phone, "networks", "list")[1]["networks"]
    assert [each["ipv6_only"] for each in networks] == [True, True]
    assert "ipv6 only" in say(*phone, "networks", "list")[1]


@pytest.mark.dropbear
def test_over_ssh(tmp_path: Path) -> None:
    with checked(Served(tmp_path, "sixonly")) as served:
        laptop = Laptop(new_home(tmp_path), served)
        server = served.ssh()
        laptop.configure(server.port)
        laptop.trust()
        assert laptop.run("--json", "join").object["uplink"]["address"] == ADDRESS
        uplink = laptop.run("--json", "status").object["uplinks"][0]
        assert uplink["ipv4_over_ipv6"] == "464xlat"
        laptop.run("--json", "leave")
        served.on_air()
        assert served.lab.wireless() == served.before
