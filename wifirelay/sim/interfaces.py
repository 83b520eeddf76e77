# SPDX-License-Identifier: GPL-2.0-or-later
"""netifd's logical interfaces: loopback, lan, wan, and the one that the uplink feeds.

Knows links and leases, and when a tunnel comes up. Refuses to know radios.
"""

import ipaddress
from collections.abc import Callable

from wifirelay.sim.air import AccessPoint, Internet
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.bridge import Bridge
from wifirelay.sim.captive import option
from wifirelay.sim.leases import NOWHERE, WIRED, Lease
from wifirelay.sim.logical import DNS6, Interface
from wifirelay.sim.station import Options, text_option
from wifirelay.sim.syslog import Log
from wifirelay.sim.timeline import Plans, Timeline
from wifirelay.sim.timings import Timings
from wifirelay.sim.translation import Translation
from wifirelay.sim.tunnel import AGAIN, SETUP, Peers, Server


class Interfaces:
    """All logical interfaces."""

    def __init__(
        self,
        *,
        log: Log,
        timeline: Timeline,
        timings: Timings,
        uptime: Callable[[], float],
        event: Callable[[str, dict[str, Json]], None],
        hotplug: Callable[[dict[str, str]], None] = lambda _: None,
        client: Callable[[str, dict[str, str]], None] = lambda _, __: None,
    ) -> None:
        self._log, self._timeline, self._timings = log, timeline, timings
        self._uptime, self._event, self._hotplug, self._client = uptime, event, hotplug, client
        self.wired = False
        self.bridge = Bridge(timings, self._say)
        self.all: dict[str, Interface] = {}
        self.translation = Translation(self.all, timeline, self._up, self._down, self._say)
        self.server = Server()

    def load(self, sections: dict[str, Options], peers: dict[str, Peers] | None = None) -> None:
        """Take the `config interface` sections; those that stay the same stay up. `peers` are
        those of tunnels."""
        gone = [name for name, i in self.all.items() if name not in sections and not i.dynamic]
        for name in gone:
            if name in self.all:  # one that netifd made for another goes with that
                self._down(self.all.pop(name))
        for name, options in sections.items():
            known = self.all.get(name)
            if known is None:
                known = self.all[name] = Interface(name, options, plans=Plans(self._timeline))
            changed, known.options = known.options != options, options
            if self.bridge.rewire(known, self._down):
                self._ask(known)
            if known.tunnel:
                self._load_tunnel(known, (peers or {}).get(name, Peers()))
                continue
            device = text_option(options, "device")
            if known.static and not device:
                if changed:
                    self._changed(known)
            elif known.static and not known.up:
                known.device, known.link, known.up = device, True, True
                known.since = self._uptime()
            elif known.proto == "dhcp" and device == "eth0":
                known.device = device
                if self.wired and not known.up:
                    known.link, known.lease = True, Lease(WIRED)
                    self._up(known)

    def stop(self) -> None:
        """Power is gone."""
        for interface in self.all.values():
            if interface.plans is not None:
                interface.plans.call_off()
        self.all.clear()

    def added(self, network: str, ifname: str) -> None:
        """A wireless interface is there. While another one carries the network it is not
        taken: netifd's interface_add_link knows one device only, other than for bridges."""
        interface = self.all.get(network)
        if interface is not None and interface.device in (None, ifname):
            interface.device = ifname
            self._aliases(interface)
            if interface.static and not interface.waits_for_link:
                self._own(interface, NOWHERE)

    def removed(self, network: str, ifname: str) -> None:
        interface = self.all.get(network)
        if interface is not None and interface.device == ifname:
            self._down(interface)
            interface.device = None
            self._aliases(interface)

    def link_up(self, network: str, ifname: str) -> None:
        self._say(f"Network device '{ifname}' link is up")
        interface = self.all.get(network)
        if interface is not None and interface.device == ifname:
            interface.link = True
            self._say(f"Interface '{network}' has link connectivity")
            self._say(f"Interface '{network}' is setting up now")
            if interface.static:
                self._own(interface, NOWHERE)
                return
            if interface.asks_ipv6:
                return
            self._say(f"{network} (2929): udhcpc: started, v1.36.1")
            self._discover(interface)

    def link_down(self, network: str, ifname: str) -> None:
        self._say(f"Network device '{ifname}' link is down")
        interface = self.all.get(network)
        if interface is not None and interface.device == ifname:
            self._say(f"Interface '{network}' has link connectivity loss")
            if interface.static and not interface.waits_for_link:
                self._own(interface, NOWHERE)
                return
            self._down(interface)

    def coming(self, network: str, ifname: str, point: AccessPoint, delay: float) -> None:
        """Its DHCP server, or its router of IPv6, will answer after `delay` seconds."""
        interface = self.all.get(network)
        if interface is None or interface.plans is None or interface.device != ifname:
            return
        if interface.static:
            self._own(interface, point)
            return
        if not (point.ipv6 if interface.asks_ipv6 else point.dhcp):
            return
        found: Interface = interface

        def arrive() -> None:
            if found.asks_ipv6:
                found.ipv6, found.beneath = point.ipv6, point
            else:
                found.lease = Lease(point)
            self._up(found)

        interface.plans.at(delay, arrive)

    def bring(self, name: str, *, up: bool) -> None:
        """`ubus call network.interface.NAME up`, or `down`: of tunnels, and through the bridge."""
        interface = self.all[name]
        if interface.bridged:
            interface.autostart = up
            if up:
                self._ask(interface)
            else:
                self._down(interface)
            return
        if not interface.tunnel or interface.plans is None:
            return
        self.server.asked.append(f"{'up' if up else 'down'} {name}")
        interface.autostart = up
        if not up:
            interface.plans.call_off()
            self._down(interface)
            interface.device = None
        elif not interface.link:
            interface.link = True
            interface.plans.at(SETUP, lambda: self._dig(interface))

    def _ask(self, interface: Interface) -> None:
        """Through the bridge, whose link is always there."""
        if interface.up or interface.link or interface.plans is None:
            return
        interface.link = True
        self._say(f"Interface '{interface.name}' is setting up now")
        interface.plans.at(
            self._timings.discover, lambda: self.bridge.discover(interface, self._up)
        )

    def veiled(self) -> bool:
        """Whether a tunnel has the default route."""
        return any(i.up and i.tunnel and i.peers.everything for i in self.all.values())

    def _load_tunnel(self, interface: Interface, peers: Peers) -> None:
        interface.peers = peers
        if interface.device is None and not interface.link and interface.autostart:
            auto = text_option(interface.options, "auto") != "0"
            interface.autostart = auto
            if auto:
                self.bring(interface.name, up=True)

    def _dig(self, interface: Interface) -> None:
        """One try of WireGuard's script."""
        if interface.peers.reached(self.behind()):
            interface.device = interface.name
            self._up(interface)
        elif interface.plans is not None:
            self._say(f"{interface.name} (3111): Could not sync WireGuard configuration")
            interface.plans.at(AGAIN, lambda: self._dig(interface))

    def behind(self, device: str = "", *, ipv4: bool = False) -> AccessPoint | None:
        """What the default route leads to beneath all tunnels, by the lowest metric, or that of
        one device; None without one. `ipv4`: that of IPv4, else IPv6 will do."""
        up = [i for i in self.all.values() if i.up and device in ("", i.device)]
        routed = [i for i in up if i.lease is not None]
        if not routed:
            six = [i for i in up if i.translates or (i.asks_ipv6 and not (ipv4 or device))]
            return six[0].beneath if six else None
        best = min(routed, key=lambda i: int(text_option(i.options, "metric") or 0))
        lease = best.lease
        if lease is None:
            return None
        if best.bridged and not self.bridge.leads_to(lease):
            return AccessPoint(b"", "", internet=Internet.NONE, subnet=lease.point.subnet)
        # the default route names the uplink's device: a tunnel's own subnet does not take it
        there = [i for i in self.all.values() if i is not best and not i.tunnel]
        others = [net for i in there for net in i.networks()]
        if any(net.network.overlaps(lease.network) for net in others):
            return AccessPoint(b"", "", internet=Internet.NONE, subnet=lease.point.subnet)
        return lease.behind

    def resolv(self) -> str:
        """The text of /tmp/resolv.conf.d/resolv.conf.auto."""
        return "".join(
            f"# Interface {i.name}\n" + "".join(f"nameserver {each}\n" for each in i.lease.dns)
            for i in self.all.values()
            if i.up and i.lease is not None
        ) + "".join(
            f"# Interface {i.name}\nnameserver {DNS6}%{i.device}\n"
            for i in self.all.values()
            if i.up and i.asks_ipv6
        )

    def _own(self, interface: Interface, point: AccessPoint) -> None:
        """A static address, in front of `point`."""
        address, mask = (text_option(interface.options, name) for name in ("ipaddr", "netmask"))
        via = text_option(interface.options, "gateway")
        servers = tuple(text_option(interface.options, "dns").split())
        own = ipaddress.IPv4Interface(f"{address}/{mask}" if mask else address)
        interface.lease = Lease(point, own, via, servers)
        if not interface.up:
            self._up(interface)

    def _changed(self, interface: Interface) -> None:
        """A static address of a device that others bring may be another one now."""
        if interface.lease is not None:
            point = interface.lease.point
            self._down(interface)
            interface.link = True
            self._own(interface, point)

    def _discover(self, interface: Interface) -> None:
        if interface.link and not interface.up and interface.plans is not None:
            self._say(f"{interface.name} (2929): udhcpc: broadcasting discover")
            interface.plans.at(self._timings.discover, lambda: self._discover(interface))

    def _up(self, interface: Interface) -> None:
        if interface.plans is not None:
            interface.plans.call_off()
        interface.up, interface.since = True, self._uptime()
        if interface.lease is not None:
            asked = text_option(interface.options, "reqopts")
            told = option(interface.lease.point, asked)
            self._client("bound", {"INTERFACE": interface.name, **told})
        self._aliases(interface)
        self.translation.follow(interface)
        self._say(f"Interface '{interface.name}' is now up")
        self._event("network.interface", {"action": "ifup", "interface": interface.name})
        device = {"DEVICE": interface.device} if interface.device is not None else {}
        self._hotplug({"ACTION": "ifup", "INTERFACE": interface.name, **device})

    def _down(self, interface: Interface) -> None:
        if interface.plans is not None:
            interface.plans.call_off()
        was_up, interface.up, interface.link = interface.up, False, False
        if interface.lease is not None:
            self._client("deconfig", {"INTERFACE": interface.name})
        interface.lease = None
        if interface.asks_ipv6:
            interface.ipv6, interface.beneath = "", None
        if was_up:
            self._say(f"Interface '{interface.name}' is now down")
            self._event("network.interface", {"action": "ifdown", "interface": interface.name})
            self._hotplug({"ACTION": "ifdown", "INTERFACE": interface.name})
        self._aliases(interface)
        self.translation.follow(interface)

    def _aliases(self, interface: Interface) -> None:
        """Interfaces on `@name`, such as wwan6, have the other one's device while it is up."""
        for other in list(self.all.values()):
            if text_option(other.options, "device") == f"@{interface.name}":
                other.device = interface.device if interface.up else None
                other.link = other.device is not None
                upstream = interface.lease.point if interface.lease is not None else None
                other.ipv6 = upstream.ipv6 if upstream is not None and other.link else ""
                other.up, other.since = bool(other.ipv6), self._uptime()
                other.beneath = upstream
                self.translation.follow(other)

    def _say(self, text: str) -> None:
        self._log.write("daemon.notice netifd", text)
