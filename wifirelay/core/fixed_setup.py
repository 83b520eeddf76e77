# SPDX-License-Identifier: GPL-2.0-or-later
"""The interfaces of networks that give no address, as `setup` makes and removes them. Pure.

Knows `network` alone; the firewall's zone and the notes of what was made are baseline.py's.
"""

import re
from collections.abc import Collection, Iterable
from ipaddress import ip_interface

from wifirelay.core.fixed import interface_for
from wifirelay.core.known import FixedAddress, KnownNetwork
from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit, Verb, section_edits
from wifirelay.uci.model import Package, Section, Value

# Of any relay's interface: its name may have been another one at the last setup.
_NAME = re.compile(r"[A-Za-z0-9_]{1,6}_[0-9a-f]{8}\Z")


def options_of(fixed: FixedAddress, metric: str) -> dict[str, Value]:
    """What the interface holds. netifd calls a static one up whether there is a link or not, unless
    `force_link` says no (proto-static.c): an uplink that is lost would never be missed."""
    address = ip_interface(fixed.address)
    options: dict[str, Value] = {
        "proto": "static",
        "ipaddr": str(address.ip),
        "netmask": str(address.netmask),
        "gateway": fixed.gateway,
        "force_link": "0",
        "metric": metric,
    }
    if fixed.dns:
        options["dns"] = fixed.dns
    return options


def fixed_interfaces(
    network: Package,
    noted: Collection[str],
    uplink: str,
    known: Iterable[KnownNetwork],
    metric: str,
) -> tuple[list[Edit], dict[str, bool]]:
    """The edits, and the names of all that are wanted, each with whether it is new. `noted` are
    the interfaces that setup has made before. Raises Refused where somebody else's is called so."""
    edits: list[Edit] = []
    wanted: dict[str, bool] = {}
    for each in known:
        if each.fixed is None:
            continue
        name, options = interface_for(each, uplink), options_of(each.fixed, metric)
        there = network.section(name)
        wanted[name] = there is None
        if there is None:
            edits.append(Edit(Verb.SET, "network", name, None, "interface"))
            there = Section(name, "interface", {})
        changed = section_edits("network", name, there, options, ("dns", "auto", "disabled"))
        if changed and there.options and name not in noted:
            raise Refused(
                f"the router has another interface called {name}",
                hint=f"it is not from here: `uci delete network.{name}; uci commit network`",
            )
        edits += changed
    return edits, wanted


def outdated(
    network: Package, noted: Iterable[str], wanted: Collection[str], used: Collection[str]
) -> list[str]:
    """Those of the `noted` interfaces that no known network wants any more. What an own section
    names is `used`: that uplink would go down, so it stays until the next setup."""

    def static(name: str) -> bool:
        there = network.section(name)
        return there is None or there.get("proto") == "static"

    return [
        name
        for name in dict.fromkeys(noted)
        if _NAME.match(name) and static(name) and name not in wanted and name not in used
    ]
