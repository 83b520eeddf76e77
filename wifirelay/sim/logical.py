# SPDX-License-Identifier: GPL-2.0-or-later
"""One logical interface of netifd's, and how its status looks in each state (OpenWrt 24.10 lab)."""

import ipaddress
from dataclasses import dataclass, field
from functools import lru_cache

from wifirelay.sim import clat
from wifirelay.sim.air import AccessPoint
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.leases import Lease
from wifirelay.sim.station import Options, text_option
from wifirelay.sim.timeline import Plans
from wifirelay.sim.tunnel import PROTO, Peers, addresses, route_list

_LISTS = (
    "ipv4-address",
    "ipv6-address",
    "ipv6-prefix",
    "ipv6-prefix-assignment",
    "route",
    "dns-server",
    "dns-search",
    "neighbors",
)
DNS6 = "fe80::1"  # the upstream's router itself, as phones have it
_INACTIVE = tuple(name for name in _LISTS if not name.startswith("ipv6-prefix"))


@lru_cache(64)
def _network(text: str) -> ipaddress.IPv4Interface:
    return ipaddress.IPv4Interface(text)


@dataclass(slots=True)
class Interface:
    """One `config interface` section, as loaded."""

    name: str
    options: Options
    device: str | None = None  # what carries it now
    link: bool = False
    up: bool = False
    since: float = 0.0  # uptime at which it came up
    lease: Lease | None = None
    ipv6: str = ""  # what an upstream gives to it, as AccessPoint.ipv6 says
    plans: Plans | None = field(default=None, repr=False)
    autostart: bool = True
    bridged: bool = False  # it asks through the own network's bridge
    peers: Peers = field(default_factory=Peers)
    beneath: AccessPoint | None = None  # of IPv6, and of what translates IPv4 over it
    dynamic: bool = False  # netifd's own, of no section
    failed: bool = False  # the last try to set it up

    @property
    def asks_ipv6(self) -> bool:
        """Whether it asks for IPv6 on a device of its own, as no alias does."""
        return self.proto == "dhcpv6" and not text_option(self.options, "device")

    @property
    def translates(self) -> bool:
        return self.proto == clat.PROTO

    @property
    def tunnel(self) -> bool:
        return self.proto == PROTO

    @property
    def proto(self) -> str:
        return text_option(self.options, "proto") or "none"

    @property
    def static(self) -> bool:
        return self.proto == "static"

    @property
    def waits_for_link(self) -> bool:
        """Whether an address of its own comes with the link alone: not by default."""
        return text_option(self.options, "force_link") == "0"

    def status(self, uptime: float) -> dict[str, Json]:
        """What `network.interface.X status` answers."""
        out: dict[str, Json] = {
            "up": self.up,
            "pending": self.link and not self.up,
            "available": self.device is not None or self.tunnel or self.translates,
            "autostart": self.autostart,
            "dynamic": self.dynamic,
        }
        if self.up:
            out |= {"uptime": int(uptime - self.since), "l3_device": self.device}
        out["proto"] = self.proto
        if self.device is not None:
            out["device"] = self.device
        if self.up:
            updated = (
                ["addresses"]
                if self.static and self.lease is None
                else ["addresses", "routes", "data"]
            )
            out |= {"updated": updated, "metric": self._metric(), "dns_metric": 0}
            out |= {"delegation": True, **{name: [] for name in _LISTS}}
            out |= self._addresses()
            out["inactive"] = {name: [] for name in _INACTIVE}
        out["data"] = {}
        if self.lease is not None and self.lease.own is None and self.up:
            server = self.lease.gateway
            out["data"] = {"dhcpserver": server, "hostname": "OpenWrt", "leasetime": 600}
        if self.device is None and not (self.tunnel or self.translates):
            out["errors"] = [{"subsystem": "interface", "code": "NO_DEVICE"}]
        if self.failed and not self.up:
            out["errors"] = clat.NO_NAT64
        return out

    def networks(self) -> list[ipaddress.IPv4Interface]:
        """The IPv4 addresses that it has now."""
        if not self.up:
            return []
        if self.lease is not None:
            return [_network(f"{self.lease.address}/{self.lease.network.prefixlen}")]
        if self.tunnel:
            return addresses(self.options)
        address, mask = text_option(self.options, "ipaddr"), text_option(self.options, "netmask")
        return [_network(f"{address}/{mask or 32}")] if address else []

    def _metric(self) -> int:
        return int(text_option(self.options, "metric") or 0)

    def _addresses(self) -> dict[str, Json]:
        out: dict[str, Json] = {
            "ipv4-address": [
                {"address": str(net.ip), "mask": net.network.prefixlen} for net in self.networks()
            ]
        }
        if self.lease is not None:
            gateway, source = self.lease.gateway, f"{self.lease.address}/32"
            out["route"] = [
                {"target": "0.0.0.0", "mask": 0, "nexthop": gateway, "source": source}  # noqa: S104
            ]
            out["route"] += [
                {"target": str(net.network_address), "mask": net.prefixlen, "nexthop": gateway}
                for net in map(ipaddress.IPv4Network, self.lease.point.routes)
            ]
            out["dns-server"] = list(self.lease.dns)
        if self.ipv6:
            out["ipv6-address"] = [{"address": "2001:db8:1::176", "mask": 64}]
            if self.ipv6 == "prefix":
                out["ipv6-prefix"] = [{"address": "2001:db8:2::", "mask": 56, "class": self.name}]
            out["route"] = [{"target": "::", "mask": 0, "nexthop": "fe80::1"}]
            if self.asks_ipv6:
                out["dns-server"] = [DNS6]
        elif self.translates:
            out["route"] = clat.routes()
        elif self.tunnel:
            out["route"] = route_list(self.peers)
        elif self.static and text_option(self.options, "ip6assign"):
            prefix = {"address": "fd4a:7d5c:1b2e::", "mask": 60}
            local = {"address": "fd4a:7d5c:1b2e::1", "mask": 60}
            out["ipv6-prefix-assignment"] = [{**prefix, "local-address": local}]
        return out
