# SPDX-License-Identifier: GPL-2.0-or-later
"""What the own network's clients have, by what odhcpd, firewall4 and relayd read when they were
last started or reloaded: a model of their sources, which knows nothing of `setup`."""

from wifirelay.sim.interfaces import Interfaces
from wifirelay.sim.logical import Interface
from wifirelay.sim.station import Options, text_option
from wifirelay.sim.uci import UciError, UciFolders, load

Sections = list[tuple[str, str, Options]]  # name, type, options


class Clients:
    """Of one router; `lan` is where they are."""

    def __init__(self, folders: UciFolders, interfaces: Interfaces) -> None:
        self._folders, self._interfaces = folders, interfaces
        self._seen: dict[str, Sections] = {}

    def read(self, package: str) -> None:
        """Its program reads this configuration now."""
        try:
            loaded = load(package, self._folders)
        except UciError:
            return
        self._seen[package] = [(s.name, s.type, dict(s.options)) for s in loaded.sections]

    def ipv6(self) -> str:
        """How they reach the IPv6 internet: "delegated", "relayed", "nat66", or "" not at all."""
        upstream = next((i for i in self._interfaces.all.values() if i.ipv6 and i.up), None)
        lan = self._interfaces.all.get("lan")
        if upstream is None or lan is None or not self._forwarded(upstream.name):
            return ""
        server = self._dhcp("lan")
        modes = [self._mode(server, name, upstream) for name in ("ra", "dhcpv6", "ndp")]
        assigned = bool(text_option(lan.options, "ip6assign"))
        if modes[0] == "server" and assigned and upstream.ipv6 == "prefix":
            return "delegated"
        if modes == ["relay", "relay", "relay"]:
            return "relayed"
        announced = modes[0] == "server" and text_option(server, "ra_default") in ("1", "2")
        unfiltered = text_option(upstream.options, "sourcefilter") == "0"
        if announced and unfiltered and assigned and self._ula() and self._masked(upstream.name):
            return "nat66"
        return ""

    def bridged(self) -> bool:
        """Whether they are in the upstream's network: by the bridge, or as relayd passes IPv4."""
        if self._interfaces.bridge.upstream is not None:
            return True
        for _, kind, options in self._seen.get("network", []):
            if kind == "interface" and text_option(options, "proto") == "relay":
                names = text_option(options, "network").split()
                parts = [self._interfaces.all.get(name) for name in names]
                if "lan" in names and all(part is not None and part.up for part in parts):
                    (other,) = (name for name in names if name != "lan")
                    zone = self._zone(other)
                    return (
                        self._forwards("lan", zone)
                        and self._forwards(zone, "lan")
                        and not self._masquerades(zone)
                    )
        return False

    def served(self) -> bool:
        """Whether the router itself gives them IPv4 addresses."""
        return text_option(self._dhcp("lan"), "ignore") != "1"

    def answering(self) -> set[str]:
        """The services for addresses that this router runs in the own network, and with it in
        that of an upstream in the same bridge: odhcpd's are switched one by one."""
        server = self._dhcp("lan")
        on = {name for name in ("ra", "dhcpv6") if text_option(server, name) == "server"}
        return on | ({"dhcp"} if self.served() else set())

    def _mode(self, server: Options, name: str, upstream: Interface) -> str:
        """odhcpd's `hybrid`: the master relays where no prefix was delegated to it; the others
        relay where their master does."""
        mode = text_option(server, name)
        master = self._dhcp(upstream.name)
        theirs = text_option(master, name) if text_option(master, "master") == "1" else ""
        if theirs == "hybrid":
            theirs = "" if upstream.ipv6 == "prefix" else "relay"
        if mode == "hybrid":
            return "relay" if theirs == "relay" else "server"
        return mode if mode != "relay" or theirs == "relay" else ""

    def _dhcp(self, interface: str) -> Options:
        for _, kind, options in self._seen.get("dhcp", []):
            if kind == "dhcp" and text_option(options, "interface") == interface:
                return options
        return {}

    def _ula(self) -> bool:
        try:
            sections = load("network", self._folders).sections
        except UciError:
            return False
        return any(s.type == "globals" and "ula_prefix" in s.options for s in sections)

    def _firewall(self, kind: str) -> list[Options]:
        return [options for _, what, options in self._seen.get("firewall", []) if what == kind]

    def _zone(self, interface: str) -> str:
        for zone in self._firewall("zone"):
            if interface in text_option(zone, "network").split():
                return text_option(zone, "name")
        return ""

    def _forwarded(self, interface: str) -> bool:
        return self._forwards("lan", self._zone(interface), "ipv6")

    def _forwards(self, source: str, target: str, family: str = "ipv4") -> bool:
        return any(
            (text_option(each, "src"), text_option(each, "dest")) == (source, target)
            and text_option(each, "family") in ("", "any", family)
            for each in self._firewall("forwarding")
        )

    def _masquerades(self, zone: str) -> bool:
        return any(
            text_option(each, "name") == zone and text_option(each, "masq") == "1"
            for each in self._firewall("zone")
        )

    def _masked(self, interface: str) -> bool:
        return any(
            text_option(each, "src") == self._zone(interface)
            and text_option(each, "family") == "ipv6"
            and text_option(each, "target") == "MASQUERADE"
            for each in self._firewall("nat")
        )
