# SPDX-License-Identifier: GPL-2.0-or-later
"""A VPN's interface of the simulated router, as netifd and WireGuard's script bring it up.

Knows what `wireguard.sh` of OpenWrt needs (the endpoint's name has to resolve, or it tries again)
and what netifd tells of it. Encrypts nothing: what is behind it is told by the uplink beneath.
"""

import ipaddress
from dataclasses import dataclass, field, replace

from wifirelay.sim.air import AccessPoint, Internet
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.station import Options, text_option

PROTO = "wireguard"
SETUP = 0.3  # seconds from `up` to the interface
AGAIN = 5.3  # seconds from a name that does not resolve to the next try


@dataclass(slots=True)
class Peers:
    """What the sections of a WireGuard's peers say."""

    hosts: tuple[str, ...] = ()  # their endpoints
    routes: tuple[str, ...] = ()  # of those with route_allowed_ips

    @property
    def everything(self) -> bool:
        """Whether all that has no other way goes through it."""
        halves = {"0.0.0.0/1", "128.0.0.0/1"}
        return "0.0.0.0/0" in self.routes or halves <= set(self.routes)

    def reached(self, beneath: AccessPoint | None) -> bool:
        """Whether each endpoint's address can be told."""
        if all(_is_address(host) for host in self.hosts):
            return True
        dead = (Internet.NONE, Internet.DNS_DEAD)
        return beneath is not None and beneath.internet not in dead


@dataclass(slots=True)
class Server:
    """The other end of all tunnels."""

    alive: bool = True
    asked: list[str] = field(default_factory=list)  # "up wg0", "down wg0": what netifd was asked


def peers(name: str, sections: dict[str, tuple[str, Options]]) -> Peers:
    """Those of one interface."""
    hosts, routes = [], []
    for kind, options in sections.values():
        if kind != f"{PROTO}_{name}":
            continue
        hosts.append(text_option(options, "endpoint_host"))
        if text_option(options, "route_allowed_ips") == "1":
            allowed = options.get("allowed_ips", [])
            routes += allowed.split() if isinstance(allowed, str) else allowed
    return Peers(tuple(hosts), tuple(routes))


def route_list(found: Peers) -> list[Json]:
    """As `network.interface dump` has them."""
    return [
        {"target": str(net.network_address), "mask": net.prefixlen, "nexthop": "0.0.0.0"}  # noqa: S104
        for net in map(ipaddress.ip_network, found.routes)
    ]


def addresses(options: Options) -> list[ipaddress.IPv4Interface]:
    """The IPv4 addresses of its section."""
    given = options.get("addresses", [])
    words = given.split() if isinstance(given, str) else given
    return [ipaddress.IPv4Interface(word) for word in words if ":" not in word]


def through(beneath: AccessPoint | None, server: Server) -> AccessPoint:
    """What is at a tunnel's other end: the internet, or silence."""
    passes = (Internet.OK, Internet.DNS_FILTERED)
    if beneath is None or beneath.internet not in passes or not server.alive:
        return AccessPoint(b"", "", internet=Internet.NONE)
    return replace(beneath, internet=Internet.OK)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return not host
    return True
