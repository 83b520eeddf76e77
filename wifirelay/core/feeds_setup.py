# SPDX-License-Identifier: GPL-2.0-or-later
"""The interfaces that networks have beside the relay's, as `setup` makes and removes them. Pure.

Knows `network` alone; the firewall's zone and the notes of what was made are baseline.py's.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from ipaddress import ip_interface

from wifirelay.core.feeds import CLAT, DHCPV6, interface_for, ipv6_interface
from wifirelay.core.known import NAT, FixedAddress, KnownNetwork, Relay
from wifirelay.core.owned import INTERFACE, Owned
from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit, Verb, section_edits
from wifirelay.uci.model import Package, Section, Value

# Of any relay's interface: its name may have been another one at the last setup.
_NAME = re.compile(r"[A-Za-z0-9_]{1,6}_(6|[0-9a-f]{8})\Z")
XLAT = "464xlat"  # netifd's protocol, and the package that brings it
# netifd looks for protocols when it starts.
GET_XLAT = (
    f"`opkg update; opkg install {XLAT}` (25.12: `apk update; apk add {XLAT}`), and "
    "`/etc/init.d/network restart`, which cuts all links for a moment"
)
# What would keep one from going up, or is of the other kind's. `dynamic`, `iface_464xlat`: whether
# odhcp6c's script adds what translates.
_AWAY = ("dns", "auto", "disabled", "device", "iface_464xlat", "dynamic", "sourcefilter")


def options_of(fixed: FixedAddress, metric: str) -> dict[str, Value]:
    """What the interface of an address holds. netifd calls a static one up whether there is a link
    or not, unless `force_link` says no (proto-static.c): an uplink that is lost would never be
    missed."""
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


def ipv6_options(relay: Relay, metric: str) -> dict[str, Value]:
    """What the interface of networks of IPv6 alone holds; no device: a station feeds it."""
    unfiltered = {"sourcefilter": "0"} if relay.ipv6 == "nat66" else {}  # as relaying.py has it
    return {"proto": DHCPV6, "metric": metric, **unfiltered}


def made_interfaces(
    owned: Owned,
    noted: Collection[str],
    relay: Relay,
    known: Iterable[KnownNetwork],
    metric: str,
) -> tuple[list[Edit], dict[str, bool]]:
    """The edits, and the names of all that are wanted, each with whether it is new. `noted` are
    the interfaces that setup has made before. Where nothing translates IPv4, none is made for
    networks of IPv6 alone, and one that is there stays (`untranslated`). Raises Refused where
    somebody else's is called so."""
    edits: list[Edit] = []
    wanted: dict[str, bool] = {}
    for name, options in _wanted(relay, known, metric):
        if name in wanted or (_is_ipv6(name) and name not in noted and _lacks_xlat(owned)):
            continue
        there = owned.network.section(name)
        wanted[name] = there is None
        if there is None:
            edits.append(Edit(Verb.SET, "network", name, None, "interface"))
            there = Section(name, "interface", {})
        changed = section_edits("network", name, there, options, _AWAY)
        if changed and there.options and name not in noted:
            raise Refused(
                f"the router has another interface called {name}",
                hint=f"it is not from here: `uci delete network.{name}; uci commit network`",
            )
        edits += changed
    return edits, wanted


def _wanted(
    relay: Relay, known: Iterable[KnownNetwork], metric: str
) -> Iterator[tuple[str, dict[str, Value]]]:
    for each in known if relay.kind == NAT else ():  # by another kind they are not joined
        name = interface_for(each, relay.interface)
        if each.fixed is not None:
            yield name, options_of(each.fixed, metric)
        elif each.ipv6_only:
            yield name, ipv6_options(relay, metric)


def _is_ipv6(name: str) -> bool:
    """Whether it is for networks of IPv6 alone: one of an address ends in eight digits."""
    return name.endswith("_6")


def _lacks_xlat(owned: Owned) -> bool:
    return owned.protocols is not None and XLAT not in owned.protocols


def untranslated(owned: Owned, relay: Relay, known: Iterable[KnownNetwork]) -> tuple[str, ...]:
    """What the owner should know of networks of IPv6 alone, where nothing translates IPv4."""
    if relay.kind != NAT or not _lacks_xlat(owned):
        return ()
    name = ipv6_interface(relay.interface)
    there = INTERFACE + name in owned.notes()
    done = f"{name}, made before, stays, and is no use" if there else "no interface is made for it"
    names = ", ".join(str(each.ssid) for each in known if each.ipv6_only)
    told = (
        f"{names}: IPv6 alone (ipv6_only), and this router's netifd does not know {XLAT}, which "
        f"gives clients IPv4 over it: {done}. {GET_XLAT}; then `wifirelay setup` again"
    )
    return (told,) if names else ()


def zoned(names: Iterable[str]) -> list[str]:
    """The same, with what netifd makes beside one of IPv6: when that comes up, firewall4 reloads
    only where a zone names it (20-firewall)."""
    return [each + end for each in names for end in (["", CLAT] if _is_ipv6(each) else [""])]


def outdated(
    network: Package, noted: Iterable[str], wanted: Collection[str], used: Collection[str]
) -> list[str]:
    """Those of the `noted` interfaces that no known network wants any more. What an own section
    names is `used`: that uplink would go down, so it stays until the next setup."""

    def as_made(name: str) -> bool:
        there = network.section(name)
        proto = DHCPV6 if _is_ipv6(name) else "static"
        return there is None or there.get("proto") == proto

    return [
        name
        for name in dict.fromkeys(noted)
        if _NAME.match(name) and as_made(name) and name not in wanted and name not in used
    ]
