# SPDX-License-Identifier: GPL-2.0-or-later
"""Parsers of a router's answers, on what the lab's recordings do not have."""

from typing import Any

import pytest
from known import logical

from wifirelay.errors import Refused
from wifirelay.router.board import parse_board
from wifirelay.router.channels import Channels, channels, parse_channels
from wifirelay.router.interfaces import overlapping, parse_interfaces
from wifirelay.router.services import parse_services
from wifirelay.router.wireless import parse_wireless_status, wireless_status
from wifirelay.transport.base import Completed
from wifirelay.uci.staged import Change, foreign, parse_changes
from wifirelay.values import Band, Ssid


@pytest.mark.parametrize(
    ("distribution", "version", "supported"),
    [
        ("OpenWrt", "22.03.7", True),
        ("OpenWrt", "24.10.0-rc1", True),
        ("OpenWrt", "SNAPSHOT", True),
        ("OpenWrt", "21.02.7", False),
        ("OpenWrt", "19.07", False),
        ("Debian", "12.1", False),
        ("", "", False),
    ],
)
def test_old_and_other_systems_are_refused(
    distribution: str, version: str, supported: bool
) -> None:
    found = parse_board({"release": {"distribution": distribution, "version": version}})
    if supported:
        found.check_supported()
    else:
        with pytest.raises(Refused):
            found.check_supported()


def freqlist(*rows: dict[str, Any]) -> Channels:
    return parse_channels({"results": list(rows)})


def test_channel_flags() -> None:
    found = freqlist(
        {"channel": 36, "mhz": 5180, "restricted": False, "flags": []},
        {"channel": 40, "mhz": 5200, "flags": ["no_ir"]},
        {"channel": 44, "mhz": 5220, "restricted": True, "flags": []},
        {"channel": 48, "mhz": 5240, "flags": ["disabled"]},
        {"channel": 52, "mhz": 5260},
        {"channel": 2, "mhz": 60480},
        {"mhz": 5300},
    )
    assert found.listed == {(Band.GHZ5, 36), (Band.GHZ5, 40), (Band.GHZ5, 44), (Band.GHZ5, 52)}
    assert found.silent == {(Band.GHZ5, 40), (Band.GHZ5, 44)}


@pytest.mark.parametrize("rc", [4, 252, 249])
def test_a_driver_without_a_list_limits_nothing(rc: int) -> None:
    assert channels("radio0").parse(Completed(rc)) == Channels()
    assert freqlist() == Channels()


def test_staged_edits_of_every_kind() -> None:
    changes = parse_changes(
        {
            "changes": {
                "wireless": [
                    ["set", "wifirelay", "ssid", "ssid"],
                    ["remove", "wifirelay", "key"],
                    ["remove", "default_radio0"],
                    ["add", "cfg043579", "wifi-iface"],
                    ["set", "guest", "wifi-iface"],
                    ["order", "relay", 0],
                ],
                "network": [
                    ["set", "wifirelay", "proto", "none"],
                    ["list-add", "wg0", "private_key", "hunter2"],
                ],
                "dhcp": [["rename", "wifirelay", "other"]],
            }
        }
    )
    assert changes[:6] == (
        Change("wireless", "set", "wifirelay", "ssid", "ssid"),
        Change("wireless", "remove", "wifirelay", "key"),
        Change("wireless", "remove", "default_radio0"),
        Change("wireless", "add", "cfg043579", None, "wifi-iface"),
        Change("wireless", "set", "guest", None, "wifi-iface"),
        Change("wireless", "order", "relay", None, "0"),
    )
    others = foreign(changes, packages=["wireless", "network"])
    assert [each.section for each in others] == [
        "default_radio0",
        "cfg043579",
        "guest",
        "relay",
        "wifirelay",  # a name of ours, but in another package
        "wg0",
    ]
    assert others[-1].shown() == "list-add network.wg0.private_key=***"


def test_netifd_repeats_keys_and_the_last_one_counts() -> None:
    out = (
        b'{"radio0":{"interfaces":[{"section":"wifirelay","config":'
        b'{"mode":"ap","mode":"sta","ssid":"caf\xe9"}}]}}'
    )
    interface = wireless_status().parse(Completed(0, out)).interface("wifirelay")
    assert interface is not None
    assert (interface.mode, interface.ssid, interface.ifname) == ("sta", Ssid(b"caf\xe9"), None)
    assert parse_wireless_status({}).interfaces == ()


def test_overlaps_are_real_ones() -> None:
    uplink = logical("wwan", "sta", "192.168.1.50/24", "fe80::1/64")

    def clash(*others: Any) -> str | None:
        found = overlapping(uplink, {each.name: each for each in (uplink, *others)})
        return found[0].name if found else None

    assert clash(logical("lan", "br-lan", "192.168.0.1/16")) == "lan"
    assert clash(logical("lan", "br-lan", "192.168.1.129/25")) == "lan"
    assert clash(logical("lan", "br-lan", "192.168.2.1/24")) is None
    assert clash(logical("lan", "br-lan", "192.168.1.1/24", up=False)) is None
    assert clash(logical("wwan6", "sta", "192.168.1.50/24")) is None
    assert clash(logical("lan", "br-lan", "fe80::2/64")) is None  # every link has that one


@pytest.mark.parametrize(
    ("route", "clashes"),
    [
        (("192.168.1.0", 25), True),  # inside, so it goes before the LAN's own
        (("192.168.1.7", 32), True),
        (("192.168.0.0", 16), True),
        (("0.0.0.0", 0), False),
        (("192.168.2.0", 24), False),
        (("192.0.0.0", 2), True),
        (("128.0.0.0", 1), False),  # a default route in two halves
        (("10.9.9.1", 32), False),
        (("fd00::", 8), False),
        (("nonsense", 24), False),
        (("192.168.1.0", None), False),
    ],
)
def test_a_route_into_another_subnet_is_an_overlap(route: tuple[str, Any], clashes: bool) -> None:
    """An upstream's DHCP may give routes (option 121), for parts of the LAN too."""
    target, mask = route
    wwan = {
        "interface": "wwan",
        "up": True,
        "l3_device": "sta",
        "ipv4-address": [{"address": "10.9.9.7", "mask": 24}],
        "route": [3, {"target": "0.0.0.0", "mask": 0}, {"target": target, "mask": mask}],
    }
    found = parse_interfaces({"interface": [wwan]})
    found["lan"] = logical("lan", "br-lan", "192.168.1.1/24")
    clash = overlapping(found["wwan"], found)
    assert (clash is not None) is clashes
    assert found["wwan"].default_route


def test_a_broken_address_is_passed_over() -> None:
    row = {
        "interface": "wwan",
        "up": True,
        "ipv4-address": [{"address": "nonsense", "mask": 24}, {"address": "10.0.0.2", "mask": 24}],
        "route": [{"target": "0.0.0.0", "mask": 0, "nexthop": "10.0.0.1"}],
    }
    found = parse_interfaces({"interface": [row]})["wwan"]
    assert found.addresses == ("10.0.0.2/24",)
    assert (found.default_route, found.gateway) == (True, "10.0.0.1")


def test_services_that_run() -> None:
    answer = {"travelmate": {"running": True}, "cron": {"running": False}, "odd": 3, "boot": {}}
    assert parse_services(answer).running == {"travelmate"}
