# SPDX-License-Identifier: GPL-2.0-or-later
"""The station's link: is it associated, with which access point, how strong.

`iwinfo info` shows the station's own MAC address as "bssid" (seen on OpenWrt of
2025-02); the list of associated peers has the access point's.
"""

from dataclasses import dataclass

from wifirelay.router.ubus import Fact, answer, as_dict, as_int, as_list, as_str, call
from wifirelay.transport.base import Completed
from wifirelay.values import Ssid, parse_bssid


@dataclass(frozen=True, slots=True)
class Association:
    """The access point that the station is connected to, keys agreed."""

    bssid: str
    signal: int | None  # dBm


def association(ifname: str) -> Fact[Association | None]:
    """None while the station searches, authenticates, or does not exist."""
    command = call("iwinfo", "assoclist", {"device": ifname})

    def parse(completed: Completed) -> Association | None:
        return parse_assoclist(answer(command, completed)) if completed.rc == 0 else None

    return Fact(command, parse)


def connection(ifname: str) -> Fact[tuple[Ssid, bool] | None]:
    """The network that the driver says the station is in, and whether it says that the link is not
    encrypted; None while it is in none.

    After a reload netifd shows the new section at once, while the old association stays for
    5 s more (OpenWrt of 2025-02): an association alone may be the one from before.
    """
    command = call("iwinfo", "info", {"device": ifname})

    def parse(completed: Completed) -> tuple[Ssid, bool] | None:
        if completed.rc != 0:
            return None
        raw = as_dict(answer(command, completed), "interface")
        ssid = as_str(raw.get("ssid"))
        return (Ssid.of(ssid), raw.get("encryption") == {"enabled": False}) if ssid else None

    return Fact(command, parse)


def stations(ifname: str) -> Fact[int | None]:
    """How many stations an own access point has; None when that cannot be had."""
    command = call("iwinfo", "assoclist", {"device": ifname})

    def parse(completed: Completed) -> int | None:
        if completed.rc != 0:
            return None
        return len(as_list(as_dict(answer(command, completed), "list of peers").get("results")))

    return Fact(command, parse)


def parse_assoclist(answered: object) -> Association | None:
    for raw in as_list(as_dict(answered, "list of peers").get("results")):
        if not isinstance(raw, dict) or raw.get("authorized") is not True:
            continue
        try:
            return Association(parse_bssid(as_str(raw.get("mac")) or ""), as_int(raw.get("signal")))
        except ValueError:
            continue
    return None
