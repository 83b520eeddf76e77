# SPDX-License-Identifier: GPL-2.0-or-later
"""Others on the router that look after uplinks: refused, understood, or told about."""

import os
from dataclasses import replace

import pytest
from known import logical

from tests.lab import Lab, lab
from tests.shapes import Run, home, run, say
from wifirelay.change.neighbours import TRAVELMATE, VENDORS, check_neighbours, remarks
from wifirelay.change.setup import look
from wifirelay.core.known import Relay
from wifirelay.errors import Refused
from wifirelay.router.interfaces import other_uplink
from wifirelay.router.services import Services
from wifirelay.uci.model import Package

__all__ = ["home", "run", "say"]

SCRIPT = "#!/bin/sh /etc/rc.common\nSTART=25\nUSE_PROCD=1\nstart_service() { :; }\n"


def add(bench: Lab, name: str, *, enabled: bool = True) -> None:
    """An init script of somebody else's."""
    root = bench.world.router.root
    root.write(f"/etc/init.d/{name}", SCRIPT, 0o755)
    if enabled:
        os.symlink(f"../init.d/{name}", root.here(f"/etc/rc.d/S25{name}"))


def wants(bench: Lab, enabled: str) -> None:
    """travelmate's own switch."""
    text = f"config travelmate 'global'\n\toption trm_enabled '{enabled}'\n"
    bench.world.router.root.write("/etc/config/travelmate", text)


@pytest.mark.parametrize("name", [TRAVELMATE, *VENDORS])
def test_one_that_runs_is_refused_with_what_to_do(name: str) -> None:
    with lab() as bench:
        found = Services(running=frozenset({name, "cron"}), enabled=frozenset())
        with pytest.raises(Refused, match=f"{name} runs on this router") as refused:
            check_neighbours(bench.transport, found)
        assert f"/etc/init.d/{name} stop" in refused.value.hint


@pytest.mark.parametrize("name", VENDORS)
def test_a_vendors_that_will_start_at_boot_is_refused(name: str) -> None:
    with lab() as bench:
        add(bench, name)
        with pytest.raises(Refused, match="starts at the next boot"):
            look(bench.transport, bench.relay)


def test_a_travelmate_that_is_enabled_is_refused_though_it_does_not_run_now() -> None:
    with lab() as bench:
        add(bench, TRAVELMATE)
        wants(bench, "1")
        with pytest.raises(Refused, match="travelmate is enabled"):
            look(bench.transport, bench.relay)


def test_a_travelmate_that_is_only_installed_is_not() -> None:
    """Its package enables the init script in any case."""
    with lab() as bench:
        add(bench, TRAVELMATE)
        wants(bench, "0")
        assert look(bench.transport, bench.relay).remarks == ()
    with lab() as bench:
        add(bench, TRAVELMATE, enabled=False)
        wants(bench, "1")
        assert look(bench.transport, bench.relay).remarks == ()


def test_whoever_leaves_is_let_go_beside_anybody() -> None:
    with lab() as bench:
        add(bench, "repeater")
        assert look(bench.transport, bench.relay, leaving=True).owned


def test_mwan3_is_told_about() -> None:
    with lab() as bench:
        add(bench, "mwan3")
        (remark,) = look(bench.transport, bench.relay).remarks
        assert "add wwan to /etc/config/mwan3" in remark
    firewall = Package("firewall")
    relay = Relay(interface="wlanwan")
    assert remarks(Services(frozenset({"mwan3"}), frozenset()), relay, firewall)
    assert remarks(Services(frozenset({"cron"}), frozenset()), Relay(), firewall) == ()


def test_setup_says_it_to_programs_too(run: Run) -> None:
    _, shape = run("--router", "sim:home", "setup", "--show")
    assert shape["remarks"] == []


@pytest.mark.parametrize(
    ("proto", "device"),
    [("wireguard", "wg0"), ("openvpn", "tun0"), ("none", "tun1"), ("dhcp", "tailscale0")],
)
def test_a_vpn_is_no_wired_uplink(proto: str, device: str) -> None:
    vpn = replace(logical("vpn", device), proto=proto)
    wwan, wan = logical("wwan", "phy0-sta0"), logical("wan", "eth1")
    assert other_uplink("wwan", {"vpn": vpn, "wwan": wwan}) is None
    assert other_uplink("wwan", {"vpn": vpn, "wwan": wwan, "wan": wan}) == "wan"
