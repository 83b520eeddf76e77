# SPDX-License-Identifier: GPL-2.0-or-later
"""A station in the own network's bridge (`relay.kind: wds`): what tells it from one on an interface
of its own, and which lease it carries. Pure.

Its lease is that of an alias on `lan`, whose device is up while any port of the bridge has a
carrier: that says nothing of the station, whose own carrier does (netifd's alias.c).
"""

from collections.abc import Mapping

from wifirelay.core.known import NAT, WDS
from wifirelay.router.interfaces import LAN, LogicalInterface
from wifirelay.router.state import Router
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import OWN_PREFIX

ALIAS = f"@{LAN}"  # the device of the uplink's interface
# Together: netifd refuses a station in a bridge without `wds` (BRIDGE_NOT_ALLOWED).
BRIDGED = {"network": LAN, "wds": "1"}
# What silences this router's servers there: dnsmasq's is `ignore`, odhcpd's are each by itself.
SILENT = {"ignore": "1", **dict.fromkeys(("dhcpv4", "ra", "dhcpv6", "ndp"), "disabled")}


def server_of(section: Section) -> str | None:
    """The option by which a server of this router's answers for this section of `dhcp`."""
    if not section.true("ignore"):
        return "ignore"
    off = ("", "disabled")
    return next(
        (each for each in SILENT if each != "ignore" and section.get(each) not in off), None
    )


def is_bridged(section: Section) -> bool:
    """Whether this own section's station is a port of the bridge."""
    return all(section.get(option) == value for option, value in BRIDGED.items())


def lease_names(section: Section, interfaces: Mapping[str, LogicalInterface]) -> tuple[str, ...]:
    """The interfaces whose lease may come through this section's station."""
    if not is_bridged(section):
        return section.items("network")
    return tuple(
        each.name
        for each in interfaces.values()
        if each.name != LAN and each.proto == "dhcp" and through_bridge(each, interfaces)
    )


def through_bridge(logical: LogicalInterface, interfaces: Mapping[str, LogicalInterface]) -> bool:
    """Whether its packets go through the bridge of the own network, which is up."""
    lan = interfaces.get(LAN)
    return lan is not None and lan.up and logical.ifname == lan.ifname != ""


def carries(router: Router, section: Section, ifname: str, logical: LogicalInterface) -> bool:
    """Whether the packets of `logical`, which is up, go through this section's station."""
    if not is_bridged(section):
        return ifname in (logical.l3_device, logical.device)
    port = router.devices.get(ifname)
    return port is not None and port.carrier and through_bridge(logical, router.interfaces)


def is_aliased(name: str, interfaces: Mapping[str, LogicalInterface]) -> bool | None:
    """Whether the uplink's interface is an alias on `lan`; None: not to be seen, as an alias has
    no device while `lan` is down."""
    there, lan = interfaces.get(name), interfaces.get(LAN)
    if lan is None or not lan.up:
        return None
    return there is not None and through_bridge(there, interfaces)


def otherwise(wireless: Package, radio: str, kind: str, aliased: bool | None = None) -> str | None:
    """Why nothing is joined by this radio while its own section, or the uplink's interface, is set
    up for another kind: our own DHCP server may answer in the upstream's network. `aliased`: as of
    is_aliased."""
    for section in wireless.of_kind("wifi-iface"):
        if section.name.startswith(OWN_PREFIX) and section.get("device") == radio:
            if (kind != WDS) in (is_bridged(section), aliased):
                if kind == WDS:
                    return f"{radio} is not set up for relay.kind wds: `wifirelay setup`"
                says = f"{kind} (the default)" if kind == NAT else kind
                return (
                    f"{radio} is set up for relay.kind wds, the configuration says {says}: "
                    "`wifirelay setup`"
                )
            break
    return None
