# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of the VPN that the configuration names, and of its kill-switch."""

from dataclasses import replace
from typing import Any

import pytest
from healthy import BROKEN, GOOD, firewall, says
from known import logical

from wifirelay.core.doctor.facts import Facts
from wifirelay.core.doctor.finding import Finding
from wifirelay.core.known import VPN_RULE, Relay, Vpn
from wifirelay.core.vpn_only import vpn_only_edits
from wifirelay.uci.model import Package, Section


def checked_up(verdict: str, *texts: str, vpn: Vpn | None = None, **changes: Any) -> Finding:
    """Of a router with a WireGuard that is as it should be, but for `changes` of its sections."""
    options = {"proto": "wireguard", "auto": "0", **changes.get("wg0", {})}
    peer = {"route_allowed_ips": "1", "allowed_ips": ("0.0.0.0/0",), **changes.get("peer", {})}
    sections = [Section("wwan", "interface", {"proto": "dhcp"})]
    sections += [Section("wg0", "interface", options)] if changes.get("there", True) else []
    sections += [Section("cfg0", "wireguard_wg0", peer)] if changes.get("peers", True) else []
    zone = Section("cfg1", "zone", {"name": "vpn", "network": ("wg0",), "masq": "1"})
    way = Section("cfg2", "forwarding", {"src": "lan", "dest": "vpn"})
    walls = firewall(*(changes.get("walls", (zone, way))))
    relay = replace(GOOD.relay, vpn=vpn or Vpn("wg0"))
    network = Package("network", tuple(sections))
    there = changes.get("interfaces", GOOD.interfaces)
    given = {"network": network, "firewall": walls, "relay": relay, "interfaces": there}
    return says("vpn", verdict, *texts, **given)


def test_the_check_up_of_one() -> None:
    says("vpn", "ok", "none is named")
    checked_up("ok", "wg0 goes up and down with the internet")
    checked_up("problem", "wg0 is missing in /etc/config/network", there=False)
    checked_up(
        "problem", "wg0 is disabled", "uci delete network.wg0.disabled", wg0={"disabled": "1"}
    )
    checked_up("warning", "netifd brings wg0 up at boot", "network.wg0.auto=0", wg0={"auto": "1"})
    checked_up("warning", "wg0 has no protocol", "OpenVPN", wg0={"proto": "none"})
    checked_up("warning", "netifd brings wg0 up at boot", wg0={"auto": "yes"})
    both = {"disabled": "1", "auto": "1"}  # what is disabled does not come up at boot either
    assert "boot" not in checked_up("problem", "wg0 is disabled", wg0=both).evidence
    checked_up("ok", wg0={"proto": "openvpn"}, peers=False)
    checked_up("problem", "wg0 has no peer", "add a `wireguard_wg0`", peers=False)
    checked_up("problem", "wg0 has no peer", peer={"disabled": "1"})
    checked_up("ok", peer={"allowed_ips": ("::/0", "0.0.0.0/1", "128.0.0.0/1")})
    allowed = ("10.0.0.0/8", "fd00::/8")
    checked_up("warning", "(allowed_ips 10.0.0.0/8, fd00::/8)", peer={"allowed_ips": allowed})
    checked_up("warning", "(allowed_ips none)", peer={"allowed_ips": ()})
    checked_up("warning", "no peer of wg0 routes", peer={"route_allowed_ips": "0"})
    checked_up("warning", "in no zone", "docs/vpn.md", walls=())


@pytest.mark.parametrize("word", ["0", "false", "no", "off", "disabled"])
def test_one_that_waits_for_the_service_is_as_it_should_be(word: str) -> None:
    checked_up("ok", wg0={"auto": word})


def test_one_that_says_nothing_of_auto_comes_up_at_boot() -> None:
    wg0 = Package("network", (Section("wg0", "interface", {"proto": "none"}),))
    relay = replace(GOOD.relay, vpn=Vpn("wg0"))
    one = says("vpn", "warning", "netifd brings wg0 up", "no protocol", network=wg0, relay=relay)
    assert "no protocol" in one.evidence
    vlan = Package("network", (Section("wg0", "device", {}),))
    says("vpn", "problem", "wg0 is missing", "`vpn.interface`", network=vlan, relay=relay)


def test_the_check_up_of_a_subnet_that_is_the_uplinks_too() -> None:
    here = {"wwan": logical("wwan", "phy0-sta0", "10.66.0.7/24"), "wg0": logical("wg0", "wg0")}
    with_subnet = {**here, "wg0": logical("wg0", "wg0", "10.66.0.2/24")}
    checked_up("ok", interfaces=here)
    checked_up("warning", "its 10.66.0.0/24 overlaps the uplink's", "/32", interfaces=with_subnet)
    down = replace(here["wwan"], up=False)
    for interfaces in (
        {**with_subnet, "wwan": down},
        {"wg0": with_subnet["wg0"]},
        {"wwan": with_subnet["wwan"]},
        Facts().interfaces,
    ):
        checked_up("ok", interfaces=interfaces)


def test_the_check_up_of_the_kill_switch() -> None:
    only = Vpn("wg0", only=True)
    checked_up("problem", "the LAN goes past it", "`wifirelay setup` again", vpn=only)
    checked_up("problem", "wg0 is in no zone", "uci add firewall zone", vpn=only, walls=())
    zone = Section("cfg1", "zone", {"name": "vpn", "network": ("wg0",), "masq": "1"})
    way = Section("cfg2", "forwarding", {"src": "lan", "dest": "vpn"})
    wg0 = Package("network", (Section("wg0", "interface", {}),))
    edits = vpn_only_edits(wg0, firewall(zone, way), only)
    rule = Section(VPN_RULE, "rule", {e.option: e.value for e in edits if e.option and e.value})
    checked_up("ok", "internet, and nothing goes past it", vpn=only, walls=(zone, way, rule))
    one = checked_up("ok", walls=(zone, way))
    assert one.evidence == "wg0 goes up and down with the internet"
    checked_up("problem", "that is not wanted", walls=(zone, way, rule))
    bare = Section("cfg1", "zone", {"name": "vpn", "network": ("wg0",)})
    one = checked_up("warning", "does not masquerade", vpn=only, walls=(bare, way, rule))
    assert one.remedy.startswith("Set its `masq` to 1")


def test_the_check_up_of_what_cannot_be_read() -> None:
    says("vpn", "unknown", "logread", network=BROKEN, relay=Relay(vpn=Vpn("wg0")))
    says("vpn", "unknown", "logread", firewall=BROKEN, relay=Relay(vpn=Vpn("wg0")))
