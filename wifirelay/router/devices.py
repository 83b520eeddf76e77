# SPDX-License-Identifier: GPL-2.0-or-later
"""Network devices: which have a carrier, and their MAC addresses.

An access point that is off the air keeps `up: true` and hostapd says ENABLED; what tells
the truth is its carrier (the kernel's operstate), seen on OpenWrt of 2025-02.
"""

from dataclasses import dataclass

from wifirelay.router.ubus import Fact, as_dict, as_str, call, ubus_fact
from wifirelay.values import parse_bssid


@dataclass(frozen=True, slots=True)
class Device:
    """A network device."""

    name: str
    carrier: bool
    mac: str | None


def devices() -> Fact[dict[str, Device]]:
    """All devices by name."""
    return ubus_fact(call("network.device", "status"), parse_devices)


def parse_devices(answer: object) -> dict[str, Device]:
    found = {}
    for name, raw in as_dict(answer, "list of devices").items():
        if not isinstance(raw, dict):
            continue
        mac = as_str(raw.get("macaddr"))
        try:
            mac = parse_bssid(mac) if mac else None
        except ValueError:
            mac = None
        found[name] = Device(name, raw.get("carrier") is True, mac)
    return found
