# SPDX-License-Identifier: GPL-2.0-or-later
"""The VPN of a configuration: in both kinds of file, by commands, and over SSH."""

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from known import logical, router
from laptop import Laptop
from shapes import Run, Say, home, run, say
from test_cli import config, files
from test_web_object import WHEN, Desk

from tests.served import Served, checked
from tests.unattended import network
from wifirelay.change.vpn import VpnState, vpn_state
from wifirelay.cli import open as opening
from wifirelay.cli.open import Opened
from wifirelay.config.entry import entry_of
from wifirelay.config.model import Settings, from_mapping
from wifirelay.config.uci_file import settings_from
from wifirelay.core.known import VPN_RULE, Relay, Vpn
from wifirelay.core.plan import working_uplink
from wifirelay.errors import ConfigError
from wifirelay.router.interfaces import other_uplink, overlapping, parse_interfaces, preferred_route
from wifirelay.sim.air import Internet
from wifirelay.sim.router import SimRouter
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world
from wifirelay.transport.target import Kind, Target
from wifirelay.uci.model import Package, Section
from wifirelay.view.status import _vpn_text
from wifirelay.web.direct import Direct

__all__ = ["home", "run", "say"]

HOME_NET = "networks: [{ssid: HomeNet, key: 'correct horse battery'}]\n"


# --- the configuration ---


def yaml(vpn: object, **more: Any) -> Settings:
    return from_mapping({"vpn": vpn, **more}, "config.yaml")


def uci(**options: str) -> Settings:
    main = Section("main", "wifirelay", {f"vpn_{key}": value for key, value in options.items()})
    return settings_from(Package("wifirelay", (main,)))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"interface": "wg0"}, Vpn("wg0")),
        ({"interface": "wg0", "only": True}, Vpn("wg0", only=True)),
        ({"interface": "wg0", "everywhere": False}, Vpn("wg0", everywhere=False)),
    ],
)
def test_it_means_the_same_in_both_files(given: dict[str, Any], meant: Vpn) -> None:
    assert yaml(given).relay.vpn == meant
    texts = {
        name: str(value) if name == "interface" else str(int(value))
        for name, value in given.items()
    }
    assert uci(**texts).relay.vpn == meant
    assert from_mapping({}, "config.yaml").relay.vpn is None
    assert from_mapping({}, "config.yaml").relay.tunnel == ""


@pytest.mark.parametrize(
    ("given", "place", "hint"),
    [
        (None, "vpn: has no value", "leave"),
        ("wg0", "vpn: is text, not a mapping", "interface, only, everywhere"),
        ({}, "vpn.interface: is missing", "wg0"),
        ({"only": True}, "vpn.interface: is missing", "wg0"),
        ({"interface": "wg-0"}, "vpn.interface: 'wg-0'", "such as wg0"),
        ({"interface": "wwan"}, "vpn.interface: wwan is the uplink's", "wg0"),
        ({"interface": "wwan6"}, "vpn.interface: wwan6 is the uplink's", "wg0"),
        ({"interface": "wwan6_4"}, "vpn.interface: wwan6_4 is the uplink's", "wg0"),
        ({"interface": "wwan_6"}, "vpn.interface: wwan_6 is the uplink's", "wg0"),
        ({"interface": "wwan_0a1b2c3d"}, "wwan_0a1b2c3d is the uplink's", "wg0"),
        ({"interface": "wg0", "only": 1}, "vpn.only: is a number", "true or false"),
        ({"interface": "wg0", "kill": True}, "vpn.kill: is not a known key", "only"),
    ],
)
def test_what_is_wrong_with_it(given: object, place: str, hint: str) -> None:
    with pytest.raises(ConfigError) as refused:
        yaml(given)
    assert place in refused.value.message
    assert hint in refused.value.hint


def test_the_kill_switch_does_not_go_with_relayd() -> None:
    """Its clients go out through a zone of its own, which the rule says nothing of."""
    with pytest.raises(ConfigError, match="does not go with kind relayd") as refused:
        yaml({"interface": "wg0", "only": True}, relay={"kind": "relayd"})
    assert "vpn.only" in refused.value.message
    assert yaml({"interface": "wg0"}, relay={"kind": "relayd"}).relay.kind == "relayd"
    with pytest.raises(ConfigError, match="does not go with kind relayd"):
        main = {"kind": "relayd", "vpn_interface": "wg0", "vpn_only": "1"}
        settings_from(Package("wifirelay", (Section("main", "wifirelay", main),)))


def test_what_is_wrong_with_it_in_uci() -> None:
    with pytest.raises(ConfigError, match=r"main\.vpn_interface: is missing"):
        uci(only="1")
    with pytest.raises(ConfigError, match=r"main\.vpn_only: is text, not 1 or 0"):
        uci(interface="wg0", only="maybe")


def test_a_network_may_say_that_it_wants_it_or_not() -> None:
    listed = [{"ssid": "A", "vpn": True}, {"ssid": "B", "vpn": False}, {"ssid": "C"}]
    found = from_mapping({"networks": listed}, "config.yaml").networks
    assert [each.vpn for each in found] == [True, False, None]
    assert [entry_of(each) for each in found] == listed
    one = Section("cafe", "network", {"ssid": "A", "vpn": "0"})
    assert settings_from(Package("wifirelay", (one,))).networks[0].vpn is False
    for vpn, wanted in (
        (Vpn("w"), [True, False, True]),
        (Vpn("w", everywhere=False), [True, False, False]),
    ):
        assert [vpn.over(each) for each in found] == wanted
        assert vpn.over(None) is wanted[2]


# --- what the router says ---


def dump(**more: Any) -> dict[str, Any]:
    return {"interface": [{"interface": "wg0", "up": True, "proto": "wireguard", **more}]}


def test_what_netifd_says_of_it() -> None:
    wg0 = parse_interfaces(dump(uptime=7, autostart=False))["wg0"]
    assert (wg0.uptime, wg0.autostart) == (7, False)
    odd = parse_interfaces(dump(uptime="7", autostart=None))["wg0"]
    assert (odd.uptime, odd.autostart) == (0, True)
    for state, there in (
        ("up", {"wg0": wg0}),
        ("pending", {"wg0": replace(wg0, up=False, pending=True)}),
        ("down", {"wg0": replace(wg0, up=False)}),
        ("missing", {}),
    ):
        assert vpn_state(Vpn("wg0"), there, guarded=False) == VpnState("wg0", state)


def test_whose_route_goes_first() -> None:
    wwan = replace(logical("wwan", "phy0-sta0", "10.10.1.2/24"), metric=20)
    wg0 = replace(logical("wg0", "wg0", "10.66.0.2/32"), proto="wireguard", default_route=False)
    for routes, first in (
        ((), None),
        (("192.168.9.0/24",), None),
        (("0.0.0.0/1", "128.0.0.0/1"), "wg0"),
        (("::/1",), "wg0"),
    ):
        others = {"wwan": wwan, "wg0": replace(wg0, routes=routes, metric=99)}
        assert preferred_route(wwan, others) == first
    nobody = {"wwan": wwan, "tun0": replace(wg0, name="tun0", proto="none")}
    assert preferred_route(wwan, nobody) is None
    assert preferred_route(wwan, nobody, "tun0") == "tun0"


def test_a_device_of_any_name_is_no_cable_where_it_is_the_vpn() -> None:
    wwan, odd = logical("wwan", "phy0-sta0"), logical("mullvad", "mv0")
    assert other_uplink("wwan", {"wwan": wwan, "mullvad": odd}) == "mullvad"
    assert other_uplink("wwan", {"wwan": wwan, "mullvad": odd}, "mullvad") is None


def test_its_own_subnet_is_no_clash() -> None:
    here = router(uplink="HomeNet")
    here.interfaces["wg0"] = logical("wg0", "wg0", "10.10.1.9/24")
    assert working_uplink(here, Relay()) is None
    assert working_uplink(here, Relay(vpn=Vpn("wg0"))) is not None
    assert overlapping(here.interfaces["wwan"], here.interfaces, "wg0") is None


# --- commands ---


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimRouter]:
    """A router with a WireGuard, not set up yet, that outlives one command."""
    with make_world("vpn", set_up=False) as world:
        transport = SimTransport(world.router)
        target = Target(Kind.SIM, world="vpn")
        opened = Opened(target, transport, world.clock, lambda: None, world.known)
        monkeypatch.setattr(opening, "_simulated", lambda target: opened)
        yield world.router


def words(tmp_path: Path, vpn: str) -> tuple[str, ...]:
    return ("--router", "sim:vpn", "--config", config(tmp_path, f"vpn: {vpn}\n{HOME_NET}"))


ONLY, BESIDE = "{interface: wg0, only: true}", "{interface: wg0}"


def is_up(router: SimRouter) -> bool:
    return router.interfaces.all["wg0"].up


def test_join_and_leave_take_it_along(run: Run, stock: SimRouter, tmp_path: Path) -> None:
    vpn = words(tmp_path, BESIDE)
    assert run(*vpn, "setup", "--yes")[0] == 0
    assert run(*vpn, "status")[1]["vpn"] == {
        "interface": "wg0",
        "state": "down",
        "only": False,
        "guarded": False,
        "unread": None,
    }
    assert run(*vpn, "join")[0] == 0
    stock.advance(2.0)
    assert is_up(stock)
    assert run(*vpn, "status")[1]["vpn"]["state"] == "up"
    assert run(*vpn, "status")[1]["internet"]["verdict"] == "online"
    assert run("--router", "sim:vpn", "status")[1]["vpn"] is None
    assert run(*vpn, "leave")[0] == 0
    stock.advance(2.0)
    assert not is_up(stock)


def test_join_without_one_in_the_configuration_leaves_it(
    run: Run, stock: SimRouter, tmp_path: Path
) -> None:
    plain = ("--router", "sim:vpn", "--config", config(tmp_path, HOME_NET))
    for command in (["setup", "--yes"], ["join"], ["leave"]):
        assert run(*plain, *command)[0] == 0
    assert stock.interfaces.server.asked == []


def test_a_join_in_vain_leaves_it_as_it_was(run: Run, stock: SimRouter, tmp_path: Path) -> None:
    vpn = words(tmp_path, BESIDE)
    assert run(*vpn, "setup", "--yes")[0] == 0
    for place, each in enumerate(stock.air.points):
        stock.air.points[place] = replace(each, internet=Internet.NONE)
    assert run(*vpn, "join")[0] != 0
    stock.advance(5.0)
    assert (is_up(stock), stock.interfaces.server.asked) == (False, ["down wg0"])


def test_the_page_takes_it_along_and_shows_it() -> None:
    with make_world("vpn") as world:
        desk = Desk(world, world.known)
        relay = Relay(vpn=Vpn("wg0"))
        desk.made = Direct(desk.transport, world.clock, relay, desk.book, "test", lambda: WHEN)
        assert desk.do("join")["exit"] == 0
        world.router.advance(2.0)
        assert is_up(world.router)
        assert desk.ask("status")["vpn"]["interface"] == "wg0"
        assert desk.do("leave")["exit"] == 0
        world.router.advance(2.0)
        assert not is_up(world.router)


def test_setup_writes_the_kill_switch_and_takes_it_out(
    run: Run, say: Say, stock: SimRouter, tmp_path: Path
) -> None:
    for line in ("set firewall.x=nothing", "delete firewall.x"):
        stock.execute(["uci", *line.split()])
        stock.execute(["uci", "commit", "firewall"])
    before = files(stock)["firewall"]
    only = words(tmp_path, ONLY)
    code, _, told = say(*only, "setup", "--show")
    assert code == 0
    assert f"set firewall.{VPN_RULE}.target='REJECT'" in told
    assert run(*only, "setup", "--yes")[0] == 0
    assert f"config rule '{VPN_RULE}'" in files(stock)["firewall"]
    assert run(*only, "setup", "--yes")[1]["edits"] == []
    assert run(*only, "status")[1]["vpn"]["guarded"] is True
    assert "wg0 down; the LAN goes out through nothing else" in say(*only, "status")[1]
    _, done = run(*words(tmp_path, BESIDE), "setup", "--yes")
    assert done["edits"] == [f"delete firewall.{VPN_RULE}"]
    assert VPN_RULE not in files(stock)["firewall"]
    assert run(*words(tmp_path, ONLY), "setup", "--yes")[0] == 0
    assert run(*only, "setup", "--undo", "--yes")[0] == 0
    assert files(stock)["firewall"] == before


def test_setup_refuses_what_could_not_work(run: Run, stock: SimRouter, tmp_path: Path) -> None:
    before = files(stock)
    code, shape = run(*words(tmp_path, "{interface: wg7, only: true}"), "setup", "--yes")
    assert code == 6
    assert shape["error"] == "the router has no interface wg7, the VPN of `vpn.only`"
    assert files(stock) == before


def test_status_says_where_the_kill_switch_is_not_and_what_it_does_to_a_login_page(
    run: Run, say: Say, stock: SimRouter, tmp_path: Path
) -> None:
    assert run(*words(tmp_path, BESIDE), "setup", "--yes")[0] == 0
    only = words(tmp_path, ONLY)
    assert (
        "wg0 down; no kill-switch yet: the LAN goes past it (`wifirelay setup`)"
        in say(*only, "status")[1]
    )
    for place, each in enumerate(stock.air.points):
        stock.air.points[place] = replace(each, internet=Internet.PORTAL)
    assert run(*only, "setup", "--yes")[0] == 0
    assert run(*only, "join", "--login")[0] == 0
    assert "; vpn.only keeps clients from it: `login_form`" in say(*only, "status")[1]
    assert not is_up(stock)


def test_status_shows_all_else_where_the_firewalls_file_is_broken(
    run: Run, say: Say, stock: SimRouter, tmp_path: Path
) -> None:
    assert run(*words(tmp_path, BESIDE), "setup", "--yes")[0] == 0
    with Path(stock.folders.config, "firewall").open("a") as broken:
        broken.write("config rule 'half\n")
    only = words(tmp_path, ONLY)
    code, shape = run(*only, "status")
    assert code == 0
    assert shape["uplinks"]
    assert (shape["vpn"]["state"], shape["vpn"]["guarded"]) == ("down", None)
    assert "could not answer `ubus" in shape["vpn"]["unread"]
    code, told, _ = say(*only, "status")
    assert code == 0
    assert "wg0 down; whether its kill-switch is there is not known: the router could not" in told


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (VpnState("wg0", "up"), "wg0 up"),
        (
            VpnState("wg0", "up", True),
            "wg0 up; no kill-switch yet: the LAN goes past it (`wifirelay setup`)",
        ),
        (VpnState("wg0", "up", True, None), "wg0 up"),  # a recording: nobody looked
        (
            VpnState("wg0", "up", True, None, "no"),
            "wg0 up; whether its kill-switch is there is not known: no",
        ),
        (
            VpnState("wg9", "missing"),
            "wg9 missing: `uci show network.wg9` (is it there, and not disabled?)",
        ),
        (
            VpnState("wg0", "pending", True, True),
            "wg0 pending; the LAN goes out through nothing else",
        ),
    ],
)
def test_the_line_of_status(state: VpnState, text: str) -> None:
    assert _vpn_text(state) == text


# --- the service, as an owner runs it ---


@pytest.mark.dropbear
def test_over_ssh_it_follows_the_uplink_and_a_service_that_was_killed_is_settled(
    tmp_path: Path,
) -> None:
    with checked(Served(tmp_path, "vpn")) as served:
        laptop = Laptop(tmp_path / "home", served)
        laptop.home.mkdir(mode=0o700)
        server, router = served.ssh(), served.router
        laptop.configure(server.port)
        path = laptop.home / ".config/wifirelay/config.yaml"
        path.write_text(path.read_text() + "vpn: {interface: wg0, only: true}\n")
        laptop.trust()
        assert laptop.run("--json", "setup", "--yes").object["edits"]
        service = laptop.start("run")
        served.wait("the VPN", lambda: is_up(router), 60.0)
        service.process.send_signal(signal.SIGKILL)
        service.process.wait()
        with router.lock:
            for each in ("HomeNet", "Phone"):
                router.air.switch_off(each)
        served.wait("no uplink", lambda: router.interfaces.behind() is None)
        assert is_up(router)  # nobody is there
        again = laptop.start("run")
        served.wait("the stale VPN down", lambda: not is_up(router), 60.0)
        with router.lock:
            for each in ("HomeNet", "Phone"):
                router.air.switch_on(each)
        served.wait("the VPN again", lambda: is_up(router), 60.0)
        status = json.loads(laptop.run("--json", "status").out)
        assert status["vpn"] == {
            "interface": "wg0",
            "state": "up",
            "only": True,
            "guarded": True,
            "unread": None,
        }
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(20) == 0
        history = laptop.run("--json", "status", "--history").object["history"]
        kinds = [each["kind"] for each in history if each["kind"].startswith("vpn-")]
        assert kinds[-2:] == ["vpn-down", "vpn-up"]
        served.on_air()


def test_an_entry_of_a_known_network_keeps_what_was_said() -> None:
    assert entry_of(network("A", "correct horse", vpn=False))["vpn"] is False
