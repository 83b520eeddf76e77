# SPDX-License-Identifier: GPL-2.0-or-later
"""`relay.kind: wds` on a router that lives: joined, proved, lost, left and taken back."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shapes import Run, Say, home, run, say

from wifirelay.change.scripts import Exit, script
from wifirelay.cli import open as opening
from wifirelay.cli.open import Opened
from wifirelay.sim.daemons import install_service
from wifirelay.sim.leases import Lease
from wifirelay.sim.neighbourhood_wds import FARM_KEY, farm
from wifirelay.sim.router import SimRouter
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.ubus import TIMEOUT, UbusError
from wifirelay.sim.worlds import World, build_world, make_world
from wifirelay.transport.target import Kind, Target

__all__ = ["home", "run", "say"]

NETWORKS = "".join(
    f"  - {{ssid: {name}, key: {FARM_KEY}}}\n" for name in ("House", "Barn", "Village", "Same")
)
TEXT = (
    f"networks:\n{NETWORKS}  - {{ssid: Visitors}}\n  - {{ssid: Yard, security: open}}\n"
    "relay: {kind: KIND}\n"
)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A stock router on a farm, which outlives one command."""
    with build_world(farm(), set_up=False) as world:
        transport = SimTransport(world.router)
        opened = Opened(
            Target(Kind.SIM, world="wds"), transport, world.clock, lambda: None, world.known
        )
        monkeypatch.setattr(opening, "_simulated", lambda _: opened)
        install_service(world.router.root, "relayd", 80)
        for name in ("wireless", "network", "firewall", "dhcp"):  # as `uci` itself writes it
            for word in (f"set {name}.touched=nothing", f"delete {name}.touched"):
                world.router.execute(["uci", *word.split()])
                world.router.execute(["uci", "commit", name])
        yield world


def files(router: SimRouter) -> dict[str, str]:
    folder = Path(router.root.here("/etc/config"))
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}


class Owner:
    """Who types commands, with a configuration of one kind."""

    def __init__(self, run: Run, folder: Path, kind: str = "wds") -> None:
        self._run, self._folder, self.kind = run, folder, kind

    def __call__(self, *words: str, kind: str = "") -> tuple[int, dict[str, Any]]:
        path = self._folder / "config.yaml"
        path.write_text(TEXT.replace("KIND", kind or self.kind))
        path.chmod(0o600)
        return self._run("--router", "sim:wds", "--config", os.fspath(path), *words)

    def good(self, *words: str, kind: str = "") -> dict[str, Any]:
        code, shape = self(*words, kind=kind)
        assert code == 0, shape
        return shape

    def uplink(self) -> tuple[str, str, list[str]]:
        """The first uplink: its state, its network, its addresses."""
        first = self.good("status")["uplinks"][0]
        return first["state"], first["network"] or "", first["addresses"]


@pytest.fixture
def owner(run: Run, tmp_path: Path, world: World) -> Owner:
    owner = Owner(run, tmp_path)
    owner.good("setup", "--yes")
    return owner


def lease(world: World) -> str:
    """The address that the uplink's interface has now."""
    interface = world.router.interfaces.all["wwan"]
    return str(interface.networks()[0].ip) if interface.up else ""


def test_from_setup_to_undo(run: Run, tmp_path: Path, world: World) -> None:
    owner, router = Owner(run, tmp_path), world.router
    before = files(router)
    shown = owner.good("setup", "--show")
    assert "set network.wwan.device='@lan'" in shown["edits"]
    assert any("makes a loop" in remark for remark in shown["remarks"])
    assert files(router) == before
    owner.good("setup", "--yes")
    assert router.clients.answering() == set()
    assert not router.clients.bridged()
    assert owner.good("setup", "--yes")["edits"] == []
    plan = owner.good("plan")
    assert plan["decision"]["action"] == "join"
    owner.good("join", "House")
    assert owner.uplink() == ("connected", "House", ["10.10.1.176/24"])
    assert owner.good("status")["internet"]["verdict"] == "online"
    assert router.clients.bridged()
    router.advance(30.0)
    assert owner.good("plan")["decision"]["action"] == "stay"
    owner.good("leave")
    assert lease(world) == ""
    assert owner.uplink()[0] == "disabled"
    assert not router.clients.bridged()
    owner.good("setup", "--undo", "--yes")
    assert files(router) == before
    assert router.clients.answering() == {"dhcp", "ra", "dhcpv6"}


def test_undo_leaves_what_is_up(run: Run, tmp_path: Path, world: World) -> None:
    owner, before = Owner(run, tmp_path), files(world.router)
    owner.good("setup", "--yes")
    owner.good("join", "House")
    assert world.router.clients.bridged()
    owner.good("setup", "--undo", "--yes")
    assert files(world.router) == before
    assert "wwan" not in world.router.interfaces.all
    assert not world.router.clients.bridged()
    assert world.router.clients.answering() == {"dhcp", "ra", "dhcpv6"}


def test_an_upstream_without_wds(owner: Owner, world: World) -> None:
    code, shape = owner("join", "Village")
    assert code == 5
    assert "does not do WDS?" in shape["error"]
    assert "option wds" in shape["hint"]
    assert owner.uplink()[0] == "disabled"
    assert not world.router.clients.bridged()
    assert world.router.netifd.outages["default_radio0"].on


def test_a_radio_that_refuses_four_addresses(owner: Owner, world: World) -> None:
    radio = world.router.netifd.radios["radio0"]
    radio.radio = replace(radio.radio, wds=False)
    code, shape = owner("join", "House")
    assert code == 5
    assert "its radio cannot do WDS" in shape["error"]
    assert owner.uplink()[0] == "disabled"
    assert world.router.netifd.outages["default_radio0"].on


def test_the_own_subnet_behind_the_bridge(owner: Owner) -> None:
    code, shape = owner("join", "Same")
    assert code == 5
    assert "overlaps lan (192.168.1.0/24)" in shape["error"]
    assert "move-lan" in shape["hint"]


def test_an_old_upstream_s_lease_is_not_taken_for_the_new_one_s(owner: Owner, world: World) -> None:
    owner.good("join", "House")
    assert lease(world) == "10.10.1.176"
    code, shape = owner("join", "Village")
    assert (code, "does not do WDS?" in shape["error"]) == (5, True)
    world.router.advance(60.0)  # back in House, by its own lease
    assert owner.uplink() == ("connected", "House", ["10.10.1.176/24"])
    assert owner.good("status")["internet"]["verdict"] == "online"
    owner.good("join", "Barn")
    assert lease(world) == "10.10.2.176"


def test_after_a_failure_elsewhere_the_old_uplink_has_its_own_lease(
    owner: Owner, world: World
) -> None:
    owner.good("join", "House")
    assert owner("join", "Same")[0] == 5
    assert lease(world) != "192.168.1.176"
    world.router.advance(60.0)
    assert owner.uplink() == ("connected", "House", ["10.10.1.176/24"])


def renewed(world: World) -> int:
    """The exit code of the script without an ID, as after an uplink was left."""
    return SimTransport(world.router).run(script("renew", "wwan")).rc


def test_another_controller_s_trial_keeps_its_lease(owner: Owner, world: World) -> None:
    owner.good("join", "House")
    run = Path(world.router.root.here("/var/run/wifirelay"))
    for token in ("armed", "confirming", "rolling"):
        (run / token).write_text("0123 b007 1050\n")
        assert renewed(world) == Exit.UNFINISHED
        (run / token).unlink()
        assert lease(world) == "10.10.1.176"
    assert renewed(world) == Exit.DONE
    assert lease(world) == ""


def test_what_ends_in_between_is_brought_up_by_the_next(owner: Owner, world: World) -> None:
    owner.good("join", "House")
    world.router.execute(["ubus", "call", "network.interface.wwan", "down"])
    findings = owner("doctor")[1]["findings"]
    (found,) = (each for each in findings if each["check"] == "setup")
    assert (found["verdict"], "wwan is down" in found["evidence"]) == ("warning", True)
    assert found["remedy"] == "`ifup wwan` on the router"
    owner.good("leave")
    assert world.router.interfaces.all["wwan"].autostart


def test_an_interface_that_does_not_go_down_in_time_comes_up_all_the_same(
    owner: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.good("join", "House")
    bring = world.router.interfaces.bring

    def slow(name: str, *, up: bool) -> None:
        bring(name, up=up)
        if not up:
            raise UbusError(TIMEOUT)  # timed out, though it was done

    monkeypatch.setattr(world.router.interfaces, "bring", slow)
    assert renewed(world) == Exit.DONE
    assert world.router.interfaces.all["wwan"].autostart


def test_who_may_not_be_joined(owner: Owner) -> None:
    code, shape = owner("join", "Visitors")
    assert (code, "security: open" in shape["error"]) == (4, True)
    owner.good("join", "Yard")
    assert owner.uplink()[1] == "Yard"


def test_a_lost_link_shows_though_the_interface_stays_up(owner: Owner, world: World) -> None:
    owner.good("join", "House")
    world.air.switch_off("House")
    world.router.advance(10.0)
    assert lease(world) == "10.10.1.176"
    assert owner.uplink()[0] == "searching"
    assert owner.good("status")["internet"] is None
    world.air.switch_on("House")
    world.router.advance(20.0)
    assert owner.uplink()[0] == "connected"
    assert owner.good("status")["internet"]["verdict"] == "online"


def test_the_service_goes_from_one_to_the_other(
    owner: Owner, world: World, say: Say, tmp_path: Path
) -> None:
    words = ("--router", "sim:wds", "--config", os.fspath(tmp_path / "config.yaml"))
    world.router.at(200.0, lambda: world.air.switch_off("House"))
    world.router.at(200.0, lambda: world.air.switch_off("Village"))
    _, out, err = say(*words, "run", "--seconds", "900")
    told = out + err
    assert "online through House" in told
    assert "the uplink to House is gone" in told
    assert "online through Barn" in told
    assert lease(world) == "10.10.2.176"


def test_a_power_cut_comes_back_into_the_bridge(owner: Owner, world: World) -> None:
    owner.good("join", "House")
    world.router.power_cut(5.0)
    world.router.advance(90.0)
    assert owner.uplink() == ("connected", "House", ["10.10.1.176/24"])
    assert owner.good("status")["internet"]["verdict"] == "online"


def test_the_service_gets_over_a_lease_that_the_sentry_left_behind(
    owner: Owner, world: World, say: Say, tmp_path: Path
) -> None:
    """A trial of Barn whose controller died: the sentry took it back, and asked for no lease."""
    owner.good("join", "House")
    barn = next(point for point in world.air.points if point.ssid == b"Barn")
    world.router.interfaces.all["wwan"].lease = Lease(barn)
    assert owner.good("status")["internet"]["verdict"] == "offline"
    words = ("--router", "sim:wds", "--config", os.fspath(tmp_path / "config.yaml"))
    _, out, err = say(*words, "run", "--seconds", "900")
    assert "no internet through House" in out + err
    assert owner.good("status")["internet"]["verdict"] == "online"


def test_own_wifi_is_back_soon_after_a_loss_that_no_event_tells(
    owner: Owner, world: World, say: Say, tmp_path: Path
) -> None:
    words = ("--router", "sim:wds", "--config", os.fspath(tmp_path / "config.yaml"))
    outage = world.router.netifd.outages["default_radio0"]
    before: list[float] = []

    def all_gone() -> None:
        before.append(outage.seconds(world.router.now))
        for point in world.air.points:
            world.air.switch_off(point.bssid)

    for moment in (300.0, 331.0):  # whatever the looks' moments are
        world.router.at(moment, all_gone)
        _, out, err = say(*words, "run", "--seconds", "900")
        assert "the uplink to House is gone" in out + err
        assert outage.on
        assert outage.seconds(world.router.now) - before[-1] < 90.0
        assert lease(world) == ""  # no dead default route stays
        for point in world.air.points:
            world.air.switch_on(point.bssid)


def test_a_quiet_uplink_starts_few_processes(
    owner: Owner, world: World, say: Say, tmp_path: Path
) -> None:
    words = ("--router", "sim:wds", "--config", os.fspath(tmp_path / "config.yaml"))
    counts = []
    for moment in (1800.0, 3600.0):
        world.router.at(moment, lambda: counts.append(world.router.processes.total()))
    say(*words, "run", "--seconds", "3700")
    assert (counts[1] - counts[0]) / 30 <= 4.0


def test_another_kind_is_not_written_under_an_uplink_that_is_on(owner: Owner, world: World) -> None:
    owner.good("join", "House")
    before = files(world.router)
    code, shape = owner("setup", "--yes", kind="nat")
    assert (code, "without a trial" in shape["error"]) == (6, True)
    assert files(world.router) == before
    assert owner.uplink()[0] == "connected"
    owner.good("leave", kind="nat")
    owner.good("setup", "--yes", kind="nat")
    assert world.router.clients.answering() == {"dhcp", "ra", "dhcpv6"}
    owner.good("join", "Village", kind="nat")  # which wants no WDS
    assert world.router.interfaces.all["wwan"].device == "phy0-sta0"
    code, shape = owner("setup", "--yes", kind="wds")
    assert (code, "without a trial" in shape["error"]) == (6, True)


def test_a_configuration_that_setup_has_not_written_yet_joins_nothing(owner: Owner) -> None:
    code, shape = owner("join", "House", kind="nat")
    why = "is set up for relay.kind wds, the configuration says nat (the default)"
    assert (code, why in shape["error"]) == (4, True)
    assert owner.good("plan", kind="relayd")["decision"]["action"] == "nothing"


@pytest.mark.parametrize("change", ["ignore=0", "dhcpv4=server", "ra=server", "dhcpv6=relay"])
def test_no_server_of_this_router_s_gets_into_the_upstream_s_network(
    owner: Owner, world: World, change: str
) -> None:
    before = owner.uplink()
    world.router.execute(["uci", "set", f"dhcp.lan.{change}"])
    world.router.execute(["uci", "commit", "dhcp"])
    code, shape = owner("join", "House")
    assert (code, f"option {change.partition('=')[0]};" in shape["error"]) == (6, True)
    assert "wifirelay setup" in shape["hint"]
    assert owner.uplink() == before
    owner.good("setup", "--yes")
    owner.good("join", "House")


def test_an_own_network_that_is_no_bridge(run: Run, tmp_path: Path, world: World) -> None:
    owner, router = Owner(run, tmp_path), world.router
    for word in ("set network.lan.device=eth1", "commit network"):
        router.execute(["uci", *word.split()])
    before = files(router)
    code, shape = owner("setup", "--yes")
    assert (code, "lan is none (its device is eth1)" in shape["error"]) == (6, True)
    assert "ports=eth1" in shape["hint"]
    assert files(router) == before


def test_what_the_doctor_says(owner: Owner, world: World) -> None:
    def bridge() -> dict[str, Any]:
        findings = owner("doctor")[1]["findings"]
        (found,) = (each for each in findings if each["check"] == "bridge")
        return dict(found)

    assert bridge()["verdict"] == "ok"
    assert "a station in its bridge (WDS)" in bridge()["evidence"]
    for change, back, words in (
        ("delete network.wwan.device", "set network.wwan.device=@lan", "device '@lan'"),
        ("add_list firewall.@zone[1].network=wwan6", "", "wwan6 is in the zone `wan`"),
        ("delete wireless.wifirelay.wds", "set wireless.wifirelay.wds=1", "not in the bridge"),
        ("set dhcp.lan.ra=server", "set dhcp.lan.ra=disabled", "dhcp."),
    ):
        world.router.execute(["uci", *change.split()])
        for name in ("network", "firewall", "wireless", "dhcp"):
            world.router.execute(["uci", "commit", name])
        found = bridge()
        assert (found["verdict"], words in found["evidence"]) == ("problem", True), found
        undo = back or "del_list firewall.@zone[1].network=wwan6"
        world.router.execute(["uci", *undo.split()])
    findings = owner("doctor")[1]["findings"]
    assert [each["verdict"] for each in findings if each["check"] == "ipv6"] == ["ok"]


def test_the_doctor_names_the_kind_that_is_still_set_up(owner: Owner, world: World) -> None:
    def bridge(kind: str) -> tuple[str, str, str]:
        findings = owner("doctor", kind=kind)[1]["findings"]
        (found,) = (each for each in findings if each["check"] == "bridge")
        return found["verdict"], found["evidence"], found.get("remedy", "")

    verdict, evidence, remedy = bridge("nat")
    assert verdict == "problem"
    assert evidence.startswith("still set up for wds: this router gives no addresses")
    assert "`wifirelay setup`" in remedy
    assert "`relay: {kind: wds}`" in remedy
    assert bridge("relayd")[0] == "problem"
    owner.good("setup", "--yes", kind="nat")
    assert bridge("nat")[0] == "ok"
    assert bridge("wds")[0] == "problem"
    owner.good("setup", "--yes", kind="relayd")
    assert "still set up for relayd" in bridge("nat")[1]


def test_an_interface_of_the_owner_s_is_told_as_such(owner: Owner, world: World) -> None:
    owner.good("setup", "--undo", "--yes")
    for word in ("set network.wwan=interface", "set network.wwan.proto=dhcp", "commit network"):
        world.router.execute(["uci", *word.split()])
    owner.good("setup", "--yes", kind="nat")
    before = files(world.router)
    code, shape = owner("setup", "--yes")
    assert (code, "without `device '@lan'`" in shape["error"]) == (6, True)
    assert "`uci delete network.wwan; uci commit network`" in shape["hint"]
    assert files(world.router) == before
    findings = owner("doctor")[1]["findings"]
    (found,) = (each for each in findings if each["check"] == "bridge")
    assert (found["verdict"], found["remedy"]) == ("problem", shape["hint"])
    for word in ("delete network.wwan", "commit network"):  # as it says
        world.router.execute(["uci", *word.split()])
    owner.good("setup", "--yes")
    owner.good("join", "House")


def test_a_station_in_the_bridge_without_wds_is_refused_by_netifd(world: World) -> None:
    for word in (
        *("set wireless.wifirelay=wifi-iface", "set wireless.wifirelay.device=radio0"),
        *("set wireless.wifirelay.mode=sta", "set wireless.wifirelay.network=lan"),
        *("set wireless.wifirelay.ssid=House", "set wireless.wifirelay.encryption=psk2"),
        f"set wireless.wifirelay.key={FARM_KEY.replace(' ', '_')}",
    ):
        world.router.execute(["uci", *word.split()])
    world.router.execute(["wifi", "reload"])
    world.router.advance(30.0)
    assert world.router.netifd.radios["radio0"].station is None
    assert any("BRIDGE_NOT_ALLOWED" in line for line in map(str, world.router.log.lines))


def test_the_ready_made_world(run: Run, tmp_path: Path) -> None:
    owner = Owner(run, tmp_path)
    assert owner.good("setup", "--show")["edits"] == []
    assert owner.good("join", "House")["uplink"]["address"] == "10.10.1.176/24"
    assert "delete network.wwan" in owner.good("setup", "--undo", "--yes")["edits"]
    with make_world("wds") as world:
        assert world.router.clients.answering() == set()
