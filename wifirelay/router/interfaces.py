# SPDX-License-Identifier: GPL-2.0-or-later
"""Logical interfaces (lan, wan, wwan): `ubus call network.interface dump`."""

import ipaddress
from dataclasses import dataclass
from typing import Any

from wifirelay.router.ubus import Fact, as_dict, as_int, as_list, as_str, as_word, call, ubus_fact

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LAN = "lan"  # that of the own network
_ANYWHERE = (str(ipaddress.IPv4Address(0)), str(ipaddress.IPv6Address(0)))


@dataclass(frozen=True, slots=True)
class LogicalInterface:
    """One interface of `network`. For DHCP, `up` means that there is a lease."""

    name: str
    up: bool
    pending: bool
    available: bool
    l3_device: str | None
    device: str | None
    proto: str
    addresses: tuple[str, ...]  # "10.10.1.176/24"
    default_route: bool
    gateway: str | None
    dns: tuple[str, ...]
    metric: int = 0
    routes: tuple[str, ...] = ()  # "192.168.1.0/25", the default routes left out
    delegated: bool = False  # an IPv6 prefix for the router's clients
    uptime: int = 0  # seconds
    autostart: bool = True  # netifd keeps it up: not after `ifdown`, nor with `auto 0`

    @property
    def ifname(self) -> str:
        """The network device that its packets go through; empty without one."""
        return self.l3_device or self.device or ""

    def subnets(self) -> tuple[Network, ...]:
        """The subnets that this interface routes, by its addresses; link-local left out."""
        found = []
        for address in self.addresses:
            network = ipaddress.ip_interface(address).network
            if not network.is_link_local:
                found.append(network)
        return tuple(found)

    def claims(self) -> tuple[Network, ...]:
        """All that goes out by this interface for sure: its subnets, and what else it has routes
        for. An upstream may give those by DHCP (RFC 3442), for addresses that are not its own.
        Half of the world (`0.0.0.0/1`, as VPNs have two) is a default route, and none."""
        routes = map(ipaddress.ip_network, self.routes)
        return (*self.subnets(), *(each for each in routes if each.prefixlen > 1))


def interfaces() -> Fact[dict[str, LogicalInterface]]:
    """All logical interfaces by name."""
    return ubus_fact(call("network.interface", "dump"), parse_interfaces)


def parse_interfaces(answer: object) -> dict[str, LogicalInterface]:
    rows = as_list(as_dict(answer, "list of interfaces").get("interface"))
    found = {}
    for raw in rows:
        if isinstance(raw, dict) and isinstance(raw.get("interface"), str):
            found[raw["interface"]] = _interface(raw)
    return found


def _interface(raw: dict[str, Any]) -> LogicalInterface:
    default = next(
        (
            route
            for route in as_list(raw.get("route"))
            if isinstance(route, dict)
            and route.get("mask") == 0
            and route.get("target") in _ANYWHERE
        ),
        None,
    )
    addresses = [*as_list(raw.get("ipv4-address")), *as_list(raw.get("ipv6-address"))]
    return LogicalInterface(
        name=raw["interface"],
        up=raw.get("up") is True,
        pending=raw.get("pending") is True,
        available=raw.get("available") is True,
        l3_device=as_word(raw.get("l3_device")),
        device=as_word(raw.get("device")),
        proto=as_str(raw.get("proto")) or "none",
        addresses=tuple(text for each in addresses if (text := _address(each)) is not None),
        default_route=default is not None,
        gateway=as_str(default.get("nexthop")) if default else None,
        dns=tuple(text for each in as_list(raw.get("dns-server")) if (text := _server(each))),
        metric=_metric(raw, default),
        routes=tuple(
            text for each in as_list(raw.get("route")) if (text := _route(each)) is not None
        ),
        delegated=bool(as_list(raw.get("ipv6-prefix"))),
        uptime=as_int(raw.get("uptime")) or 0,
        autostart=raw.get("autostart") is not False,
    )


def _metric(raw: dict[str, Any], default: dict[str, Any] | None) -> int:
    """Of the interface; where its default route of IPv4 has another one (464XLAT's), that."""
    own = default.get("metric") if default and default.get("target") == _ANYWHERE[0] else None
    return as_int(own) or as_int(raw.get("metric")) or 0


def _address(raw: object) -> str | None:
    """ "ADDRESS/MASK" when it is a proper one; a router's oddity is no reason to stop."""
    if not isinstance(raw, dict):
        return None
    try:
        return str(ipaddress.ip_interface(f"{raw.get('address')}/{raw.get('mask')}"))
    except ValueError:
        return None


def _route(raw: object) -> str | None:
    """ "NETWORK/MASK" of a route that is no default route."""
    if not isinstance(raw, dict):
        return None
    try:
        network = ipaddress.ip_network(f"{raw.get('target')}/{raw.get('mask')}", strict=False)
    except ValueError:
        return None
    return str(network) if network.prefixlen else None


def _server(raw: object) -> str | None:
    """The address of a name server, which is a word of a command later."""
    try:
        return str(ipaddress.ip_address(raw)) if isinstance(raw, str) else None
    except ValueError:
        return None


def _beside(
    other: LogicalInterface, uplink: LogicalInterface, others: dict[str, LogicalInterface]
) -> bool:
    """Whether it only shares the uplink's device, as its companions do. In the bridge of `lan` that
    and what else is static are networks of the router's own."""
    if other.l3_device != uplink.l3_device:
        return False
    lan = others.get(LAN)
    bridged = lan is not None and lan.l3_device == uplink.l3_device
    return not (bridged and (other.name == LAN or other.proto == "static"))


def overlapping(
    uplink: LogicalInterface, others: dict[str, LogicalInterface], vpn: str = ""
) -> tuple[LogicalInterface, Network] | None:
    """The first other interface whose subnet really overlaps what the uplink claims (one of its
    own, or a route but the default one), and that subnet.

    The router's own loopback, the uplink's companions on the same device and `vpn`, the interface
    that goes up over the uplink, do not count; `lan` does, also where the uplink is in its bridge,
    and so do other static ones there.
    """
    for other in others.values():
        if other.name in (uplink.name, vpn) or not other.up or _beside(other, uplink, others):
            continue
        for mine in uplink.claims():
            for theirs in other.subnets():
                if mine.version == theirs.version and mine.overlaps(theirs):
                    return other, theirs
    return None


def preferred_route(
    uplink: LogicalInterface, others: dict[str, LogicalInterface], vpn: str = ""
) -> str | None:
    """The name of another interface whose default route goes before the uplink's, if any.

    Two halves of the world (`0.0.0.0/1`) do, whatever their metric. Of a `vpn` without a protocol
    netifd knows no routes: it is taken to have one.
    """
    for other in others.values():
        if other.name == uplink.name or not other.up or _beside(other, uplink, others):
            continue
        halves = any(route.endswith("/1") for route in other.routes)
        unknown = other.name == vpn and other.proto == "none"
        if halves or unknown or (other.default_route and other.metric <= uplink.metric):
            return other.name
    return None


# A default route through a tunnel is no way out of its own: it needs one beneath it.
_TUNNELS = (
    "464xlat",
    "wireguard",
    "amneziawg",
    "openvpn",
    "vpnc",
    "openconnect",
    "pptp",
    "l2tp",
    "sstp",
)
_TUNNEL_DEVICES = ("tun", "tap", "wg", "awg", "zt", "tailscale", "ipsec", "vti", "gre", "vpn")


def other_uplink(
    relay: str, all_interfaces: dict[str, LogicalInterface], vpn: str = ""
) -> str | None:
    """The name of another interface with a default route of its own, such as a cable or a
    modem; neither the relay's (`wwan`, and what shares its device) nor a tunnel, such as `vpn`."""
    mine = all_interfaces.get(relay)
    device = mine.l3_device if mine is not None else None
    for other in all_interfaces.values():
        name = other.ifname
        if (
            other.up
            and other.default_route
            and other.name not in (relay, vpn)
            and not (device is not None and other.l3_device == device)
            and other.proto not in _TUNNELS
            and not name.startswith(_TUNNEL_DEVICES)
        ):
            return other.name
    return None
