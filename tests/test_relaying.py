# SPDX-License-Identifier: GPL-2.0-or-later
"""`relay.kind` and `relay.ipv6`: shown, written, of use to clients, and taken back exactly."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from known import Uci
from shapes import Run, Say, home, run, say

from tests.laptop import Laptop, new_home
from tests.served import Served, checked
from wifirelay.cli import open as opening
from wifirelay.cli.open import Opened
from wifirelay.core.baseline import held_back, setup_edits
from wifirelay.core.known import IPV6, KINDS, Relay
from wifirelay.core.owned import CREATED, Owned
from wifirelay.errors import Refused
from wifirelay.sim import neighbourhoods
from wifirelay.sim.configs import texts
from wifirelay.sim.daemons import install_service
from wifirelay.sim.router import SimRouter
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import build_world
from wifirelay.transport.target import Kind, Target
from wifirelay.uci.model import Package, Section

__all__ = ["home", "run", "say"]

WISHES = {
    "delegated": "{}",
    "relay": "{ipv6: relay}",
    "nat66": "{ipv6: nat66}",
    "relayd": "{kind: relayd}",
    "wds": "{kind: wds}",
}


@contextmanager
def at_home(monkeypatch: pytest.MonkeyPatch, ipv6: str = "address") -> Iterator[SimRouter]:
    """A stock router beside upstreams with such IPv6, which outlives one command."""
    around = neighbourhoods.home(0)
    around = replace(around, points=tuple(replace(each, ipv6=ipv6) for each in around.points))
    with build_world(around, set_up=False) as world:
        transport = SimTransport(world.router)
        target = Target(Kind.SIM, world="home")
        opened = Opened(target, transport, world.clock, lambda: None, world.known)
        monkeypatch.setattr(opening, "_simulated", lambda _: opened)
        install_service(world.router.root, "relayd", 80)
        for name in ("wireless", "network", "firewall", "dhcp"):  # as `uci` itself writes it
            for word in (f"set {name}.touched=nothing", f"delete {name}.touched"):
                world.router.execute(["uci", *word.split()])
                world.router.execute(["uci", "commit", name])
        yield world.router


def files(router: SimRouter) -> dict[str, str]:
    folder = Path(router.root.here("/etc/config"))
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}


def words(folder: Path, wish: str) -> list[str]:
    path = folder / f"{wish}.yaml"
    path.write_text(f"relay: {WISHES[wish]}\n")
    path.chmod(0o600)
    return ["--router", "sim:home", "--config", os.fspath(path)]


# --- what is written ---


def owned(**more: Any) -> Owned:
    lan = Section("lan", "interface", {"proto": "static", "ip6assign": "60"})
    ula = Section("globals", "globals", {"ula_prefix": "fd4a:7d5c:1b2e::/48"})
    zones = [
        Section(f"cfg0{n}", "zone", {"name": name}, True) for n, name in enumerate(("lan", "wan"))
    ]
    server = Section("lan", "dhcp", {"interface": "lan", "ra": "server"})
    radio = Section("radio0", "wifi-device", {})
    found: dict[str, Any] = {
        "wireless": Package("wireless", (radio,)),
        "network": Package("network", (ula, lan)),
        "firewall": Package("firewall", tuple(zones)),
        "dhcp": Package("dhcp", (server,)),
        "services": frozenset({"odhcpd", "relayd"}),
    }
    return Owned(**(found | more))


def lines(relay: Relay, there: Owned | None = None) -> list[str]:
    """The edits beyond those of every setup, without the notes."""
    there = there or owned()
    usual = {edit.shown() for edit in setup_edits(there, Relay())}
    edits = [edit for edit in setup_edits(there, relay) if edit.option != CREATED]
    return [edit.shown() for edit in edits if edit.shown() not in usual]


def test_the_edits_of_relay() -> None:
    assert lines(Relay(ipv6="relay")) == [
        "set dhcp.lan.ra='hybrid'",
        "set dhcp.lan.dhcpv6='hybrid'",
        "set dhcp.lan.ndp='hybrid'",
        "set dhcp.wifirelay=dhcp",
        "set dhcp.wifirelay.interface='wwan6'",
        "set dhcp.wifirelay.ignore='1'",
        "set dhcp.wifirelay.master='1'",
        "set dhcp.wifirelay.ra='hybrid'",
        "set dhcp.wifirelay.dhcpv6='hybrid'",
        "set dhcp.wifirelay.ndp='hybrid'",
    ]


def test_the_edits_of_nat66() -> None:
    assert lines(Relay(ipv6="nat66")) == [
        "set network.wwan6.sourcefilter='0'",
        "set dhcp.lan.ra_default='1'",
        "set firewall.wifirelay_nat66=nat",
        "set firewall.wifirelay_nat66.name='wifirelay NAT66'",
        "set firewall.wifirelay_nat66.src='wan'",
        "set firewall.wifirelay_nat66.family='ipv6'",
        "set firewall.wifirelay_nat66.proto='all'",
        "set firewall.wifirelay_nat66.src_ip='fc00::/7'",
        "set firewall.wifirelay_nat66.target='MASQUERADE'",
    ]
    bare = Package(
        "network",
        (
            Section("globals", "globals", {"ula_prefix": "fd00::/48"}),
            Section("lan", "interface", {}),
        ),
    )
    assert "set network.lan.ip6assign='64'" in lines(Relay(ipv6="nat66"), owned(network=bare))


def test_the_edits_of_relayd() -> None:
    assert lines(Relay(kind="relayd")) == [
        "set dhcp.lan.ignore='1'",
        "set network.wifirelay=interface",
        "set network.wifirelay.proto='relay'",
        "add_list network.wifirelay.network='lan'",
        "add_list network.wifirelay.network='wwan'",
        "set firewall.wifirelay=zone",
        "set firewall.wifirelay.name='wifirelay'",
        "set firewall.wifirelay.input='REJECT'",
        "set firewall.wifirelay.output='ACCEPT'",
        "set firewall.wifirelay.forward='REJECT'",
        "add_list firewall.wifirelay.network='wwan'",
        "set firewall.wifirelay.mtu_fix='1'",
        "set firewall.wifirelay_out=forwarding",
        "set firewall.wifirelay_out.src='lan'",
        "set firewall.wifirelay_out.dest='wifirelay'",
        "set firewall.wifirelay_out.family='ipv4'",
        "set firewall.wifirelay_in=forwarding",
        "set firewall.wifirelay_in.src='wifirelay'",
        "set firewall.wifirelay_in.dest='lan'",
        "set firewall.wifirelay_in.family='ipv4'",
        "set firewall.wifirelay_renew=rule",
        "set firewall.wifirelay_renew.name='wifirelay DHCP'",
        "set firewall.wifirelay_renew.src='wifirelay'",
        "set firewall.wifirelay_renew.proto='udp'",
        "set firewall.wifirelay_renew.dest_port='68'",
        "set firewall.wifirelay_renew.family='ipv4'",
        "set firewall.wifirelay_renew.target='ACCEPT'",
    ]
    edits = [edit.shown() for edit in setup_edits(owned(), Relay(kind="relayd"))]
    assert not [edit for edit in edits if "@zone" in edit]


def test_by_default_nothing_of_this_is_written_or_asked_for() -> None:
    assert (KINDS[0], IPV6[0]) == (Relay().kind, Relay().ipv6)
    assert lines(Relay(), owned(dhcp=Package("dhcp"), services=frozenset())) == []


@pytest.mark.parametrize(
    ("relay", "there", "said", "hint"),
    [
        (Relay(ipv6="relay"), {"services": frozenset()}, "needs odhcpd", "opkg install odhcpd"),
        (Relay(ipv6="nat66"), {"services": frozenset()}, "needs odhcpd", "enable"),
        (Relay(kind="relayd"), {"services": frozenset()}, "needs relayd", "apk add relayd"),
        (Relay(kind="relayd"), {"dhcp": Package("dhcp")}, "no section for lan", "relay.kind"),
        (Relay(ipv6="relay"), {"dhcp": Package("dhcp")}, "no section for lan", "relay.ipv6"),
        (Relay(ipv6="nat66"), {"network": Package("network")}, "(ULA)", "ula_prefix"),
        (
            Relay(kind="relayd"),
            {
                "firewall": Package(
                    "firewall", (Section("w", "zone", {"name": "wan", "network": "wan wwan"}),)
                )
            },
            "wwan is in the firewall's zone `wan`",
            "take it out",
        ),
        (
            Relay(ipv6="relay"),
            {
                "dhcp": Package(
                    "dhcp",
                    (
                        Section("lan", "dhcp", {"interface": "lan"}),
                        Section("mine", "dhcp", {"interface": "wwan6"}),
                    ),
                )
            },
            "section for wwan6 already (mine)",
            "take it out there",
        ),
        (
            Relay(ipv6="nat66"),
            {
                "firewall": Package(
                    "firewall",
                    (Section("w", "zone", {"name": "wan"}), Section("wifirelay_nat66", "rule", {})),
                )
            },
            "another section firewall.wifirelay_nat66",
            "rename",
        ),
    ],
)
def test_where_it_cannot_be_done(relay: Relay, there: dict[str, Any], said: str, hint: str) -> None:
    with pytest.raises(Refused) as caught:
        setup_edits(owned(**there), relay)
    assert said in caught.value.message
    assert hint in caught.value.hint


WAYS = [Relay(), Relay(ipv6="relay"), Relay(ipv6="nat66"), Relay(kind="relayd")]


@pytest.mark.parametrize("first", WAYS)
@pytest.mark.parametrize("second", WAYS)
def test_the_way_that_the_router_s_own_configuration_has_stays(
    uci: Uci, first: Relay, second: Relay
) -> None:
    found = texts(set_up=False)
    uci.put(**{name: found[name] for name in ("wireless", "network", "firewall", "dhcp")})

    def read(*, others: bool) -> Owned:
        packages = [uci.read(name) for name in ("wireless", "network", "firewall", "dhcp")]
        return Owned(*packages, frozenset({"odhcpd", "relayd"}), others)

    uci.apply(setup_edits(read(others=False), first))
    uci.commit()
    edits = setup_edits(read(others=True), second)
    if first == Relay() and second.kind == "nat":  # nothing goes, so all of it is done
        assert edits == setup_edits(read(others=False), second)
        assert held_back(read(others=True), second, (), tidy=True) == ()
        return
    assert edits == ()
    held = held_back(read(others=True), second, (), tidy=True)
    assert bool(held) is (first != second)


# --- on a living router ---


@pytest.mark.parametrize(
    ("wish", "ipv6", "have"),
    [
        ("delegated", "address", ""),
        ("delegated", "prefix", "delegated"),
        ("relay", "address", "relayed"),
        ("relay", "prefix", "delegated"),
        ("nat66", "address", "nat66"),
        ("nat66", "prefix", "delegated"),
        ("nat66", "", ""),
        ("relayd", "prefix", ""),
    ],
)
def test_what_clients_have_of_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wish: str, ipv6: str, have: str
) -> None:
    with at_home(monkeypatch, ipv6) as router:
        before = files(router)
        assert run(*words(tmp_path, wish), "setup", "--yes")[0] == 0
        assert run(*words(tmp_path, wish), "setup", "--yes")[1]["edits"] == []
        assert run("--router", "sim:home", "join", "HomeNet")[0] == 0
        router.advance(5.0)
        assert router.clients.ipv6() == have
        assert router.clients.bridged() is (wish == "relayd")
        assert router.clients.served() is (wish != "relayd")
        assert run("--router", "sim:home", "setup", "--undo", "--yes")[0] == 0
        assert files(router) == before
        assert router.clients.served()
        assert not router.clients.bridged()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("delegated", "relayd"),
        ("relay", "nat66"),
        ("nat66", "relayd"),
        ("relayd", "relay"),
        ("relayd", "delegated"),
        ("delegated", "wds"),
        ("wds", "relayd"),
        ("relayd", "wds"),
        ("wds", "delegated"),
    ],
)
def test_from_one_to_another_and_back(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, first: str, second: str
) -> None:
    with at_home(monkeypatch) as router:
        before = files(router)
        assert run(*words(tmp_path, second), "setup", "--yes")[0] == 0
        wanted = files(router)
        assert run("--router", "sim:home", "setup", "--undo", "--yes")[0] == 0
        assert files(router) == before
        for wish in (first, second):
            assert run(*words(tmp_path, wish), "setup", "--yes")[0] == 0
        assert sorted(files(router)["firewall"].split()) == sorted(wanted["firewall"].split())
        assert sorted(files(router)["dhcp"].split()) == sorted(wanted["dhcp"].split())
        assert sorted(files(router)["network"].split()) == sorted(wanted["network"].split())
        assert run("--router", "sim:home", "setup", "--undo", "--yes")[0] == 0
        assert files(router) == before


@pytest.mark.parametrize("ipv6", ["", "address", "prefix"])
def test_what_status_and_doctor_say_of_ipv6(
    run: Run, say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ipv6: str
) -> None:
    with at_home(monkeypatch, ipv6):
        assert run(*words(tmp_path, "delegated"), "setup", "--yes")[0] == 0
        assert run("--router", "sim:home", "join", "HomeNet")[0] == 0
        status = run("--router", "sim:home", "status")[1]["uplinks"][0].get("ipv6")
        findings = run("--router", "sim:home", "doctor")[1]["findings"]
        (found,) = (each for each in findings if each["check"] == "ipv6")
        text = say("--router", "sim:home", "status")[1]
        if not ipv6:
            assert (status, found["verdict"]) == (None, "ok")
            assert "for clients" not in text
            return
        delegated = ipv6 == "prefix"
        assert status == {"addresses": ["2001:db8:1::176/64"], "delegated": delegated}
        assert found["verdict"] == ("ok" if delegated else "warning")
        assert f"2001:db8:1::176/64, {'a' if delegated else 'no'} prefix for clients" in text


def test_it_is_shown_before_it_is_written(
    run: Run, say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with at_home(monkeypatch) as router:
        before = files(router)
        for wish, text in (
            ("relay", "its own /64"),
            ("nat66", "they take IPv4"),
            ("relayd", "an address beside 192.168.1.1 by hand"),
            ("wds", "makes a loop"),
        ):
            out = say(*words(tmp_path, wish), "setup", "--show")[2]
            assert "set dhcp.lan." in out
            assert text in out
            _, shape = run(*words(tmp_path, wish), "setup", "--show")
            assert any(text in remark for remark in shape["remarks"])
        assert run(*words(tmp_path, "delegated"), "setup", "--show")[1]["remarks"] == []
        assert files(router) == before


def test_what_its_owner_changed_since_stays_and_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with at_home(monkeypatch) as router:
        assert run(*words(tmp_path, "relay"), "setup", "--yes")[0] == 0
        router.execute(["uci", "set", "dhcp.lan.ra=disabled"])
        router.execute(["uci", "commit", "dhcp"])
        _, undone = run("--router", "sim:home", "setup", "--undo", "--yes")
        assert undone["remarks"] == [
            "dhcp.lan.ra is not what setup made it any more: it stays as it is"
        ]
        dhcp = files(router)["dhcp"]
        assert "option ra 'disabled'" in dhcp
        assert "hybrid" not in dhcp


def test_edits_of_dhcp_that_others_staged_are_not_taken_along(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with at_home(monkeypatch) as router:
        before = files(router)
        router.execute(["uci", "set", "dhcp.lan.limit=20"])
        code, shape = run(*words(tmp_path, "relay"), "setup", "--yes")
        assert code == 6
        assert "dhcp.lan.limit" in shape["error"]
        assert files(router) == before


def test_a_router_without_odhcpd(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with at_home(monkeypatch) as router:
        for path in ("/etc/init.d/odhcpd", "/etc/rc.d/S35odhcpd"):
            os.unlink(router.root.here(path))
        before = files(router)
        code, shape = run(*words(tmp_path, "nat66"), "setup", "--yes")
        assert (code, "needs odhcpd" in shape["error"]) == (6, True)
        assert files(router) == before


# --- over SSH ---


@pytest.mark.dropbear
@pytest.mark.parametrize("wish", ["nat66", "relayd", "wds"])
def test_over_ssh(tmp_path: Path, wish: str) -> None:
    with checked(Served(tmp_path, set_up=False, sentry=False)) as served:
        install_service(served.router.root, "relayd", 80)
        laptop = Laptop(new_home(tmp_path), served)
        server = served.ssh()
        laptop.configure(server.port)
        path = laptop.home / ".config/wifirelay/config.yaml"
        text = path.read_text()
        path.write_text(text.replace("relay:\n", f"relay:\n  {WISHES[wish].strip('{}')}\n"))
        laptop.trust()
        before = {name: "".join(text.split()) for name, text in files(served.router).items()}
        done = laptop.run("setup", "--yes", "--json").object
        assert any(edit.startswith("set dhcp.lan.") for edit in done["edits"])
        assert done["remarks"]
        assert ("wifirelay" in files(served.router)["firewall"]) is (wish != "wds")
        assert laptop.run("setup", "--yes", "--json").object["edits"] == []
        laptop.run("setup", "--undo", "--yes")
        after = {name: "".join(text.split()) for name, text in files(served.router).items()}
        assert after == before
