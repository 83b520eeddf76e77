# SPDX-License-Identifier: GPL-2.0-or-later
"""A router made up around one answer of `ubus call iwinfo scan`.

One radio, `radio0`, enabled, without a band limit, set up; its access point is on the air.
The shapes are those of OpenWrt 24.10, as far as wifirelay reads them.
"""

import json

RADIO = "radio0"
AP = "phy0-ap0"
MODEL = "a scan without its router"

# ubus -S, and the status when a driver has no such list: NOT_FOUND
NOT_FOUND = 4

Answer = tuple[tuple[str, ...], int, str]  # argv, exit code, standard output


def answers(scan: str) -> tuple[Answer, ...]:
    """What this router answers to each command that is read from it."""

    def ubus(path: str, method: str, reply: object, args: object = None) -> Answer:
        argv = ("ubus", "call", path, method, *([json.dumps(args)] if args is not None else []))
        return argv, 0, json.dumps(reply) + "\n"

    def scanned(device: str) -> Answer:
        return ("ubus", "call", "iwinfo", "scan", json.dumps({"device": device})), 0, scan

    def freqlist(device: str) -> Answer:
        argv = ("ubus", "call", "iwinfo", "freqlist", json.dumps({"device": device}))
        return argv, NOT_FOUND, ""

    return (
        ubus("system", "board", _BOARD),
        ubus("system", "info", {"localtime": 0, "uptime": 600}),
        *(ubus("uci", "get", _package(name), {"config": name}) for name in _CONFIG),
        ubus("uci", "changes", {"changes": {}}, {}),
        ubus("network.wireless", "status", {RADIO: _RADIO_STATUS}),
        ubus("network.interface", "dump", {"interface": [_LAN, _LOOPBACK, _WWAN]}),
        ubus("network.device", "status", {AP: _device("Network device"), "br-lan": _BRIDGE}),
        ubus("network.device", "status", _device("Network device"), {"name": AP}),
        ubus("iwinfo", "devices", {"devices": [AP]}),
        freqlist(RADIO),
        freqlist(AP),
        scanned(RADIO),
        scanned(AP),
    )


_BOARD = {
    "hostname": "OpenWrt",
    "model": MODEL,
    "board_name": "wifirelay,scan",
    "release": {
        "distribution": "OpenWrt",
        "version": "24.10.0",
        "description": "OpenWrt 24.10.0",
    },
}

_CONFIG: dict[str, dict[str, tuple[str, dict[str, object]]]] = {
    "wireless": {
        RADIO: ("wifi-device", {"type": "mac80211", "channel": "auto"}),
        "default_radio0": (
            "wifi-iface",
            {"device": RADIO, "network": "lan", "mode": "ap", "ssid": "OpenWrt"},
        ),
        "wifirelay": (
            "wifi-iface",
            {"device": RADIO, "network": "wwan", "mode": "sta", "disabled": "1"},
        ),
    },
    "network": {
        "loopback": (
            "interface",
            {"device": "lo", "proto": "static", "ipaddr": "127.0.0.1", "netmask": "255.0.0.0"},
        ),
        "lan": (
            "interface",
            {
                "device": "br-lan",
                "proto": "static",
                "ipaddr": "192.168.1.1",
                "netmask": "255.255.255.0",
            },
        ),
        "wwan": ("interface", {"proto": "dhcp"}),
        "wwan6": ("interface", {"proto": "dhcpv6", "device": "@wwan"}),
    },
    "firewall": {
        "cfg01dc81": ("zone", {"name": "lan", "network": ["lan"], "input": "ACCEPT"}),
        "cfg02dc81": (
            "zone",
            {
                "name": "wan",
                "network": ["wan", "wan6", "wwan", "wwan6"],
                "input": "REJECT",
                "masq": "1",
            },
        ),
        "cfg03ad58": ("forwarding", {"src": "lan", "dest": "wan"}),
    },
}


def _package(name: str) -> dict[str, object]:
    """rpcd's `uci get` of a whole package."""
    return {
        "values": {
            section: {
                ".anonymous": section.startswith("cfg"),
                ".type": kind,
                ".name": section,
                ".index": index,
                **options,
            }
            for index, (section, (kind, options)) in enumerate(_CONFIG[name].items())
        }
    }


_RADIO_STATUS = {
    "up": True,
    "pending": False,
    "autostart": True,
    "disabled": False,
    "retry_setup_failed": False,
    "config": {"channel": "auto"},
    "interfaces": [
        {
            "section": "default_radio0",
            "ifname": AP,
            "config": {"mode": "ap", "ssid": "OpenWrt", "network": ["lan"]},
            "vlans": [],
            "stations": [],
        }
    ],
}


def _device(kind: str) -> dict[str, object]:
    return {"external": True, "present": True, "type": kind, "up": True, "carrier": True}


_BRIDGE = {**_device("bridge"), "bridge-members": [AP]}


def _interface(name: str, device: str, address: str, mask: int) -> dict[str, object]:
    return {
        "interface": name,
        "up": True,
        "pending": False,
        "available": True,
        "autostart": True,
        "dynamic": False,
        "uptime": 590,
        "l3_device": device,
        "proto": "static",
        "device": device,
        "metric": 0,
        "ipv4-address": [{"address": address, "mask": mask}],
        "ipv6-address": [],
        "ipv6-prefix": [],
        "route": [],
        "dns-server": [],
    }


_LAN = _interface("lan", "br-lan", "192.168.1.1", 24)
_LOOPBACK = _interface("loopback", "lo", "127.0.0.1", 8)
_WWAN = {
    "interface": "wwan",
    "up": False,
    "pending": False,
    "available": False,
    "autostart": True,
    "dynamic": False,
    "proto": "dhcp",
    "data": {},
    "errors": [{"subsystem": "interface", "code": "NO_DEVICE"}],
}
