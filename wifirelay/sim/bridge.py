# SPDX-License-Identifier: GPL-2.0-or-later
"""The own network's bridge with a station in it, and who asks for an address through it: netifd's
`device '@lan'` (alias.c). Knows that a bridge is up whatever becomes of its ports."""

from collections.abc import Callable

from wifirelay.sim.air import AccessPoint
from wifirelay.sim.leases import Lease
from wifirelay.sim.logical import Interface
from wifirelay.sim.station import Options, text_option
from wifirelay.sim.timings import Timings

LAN = "lan"
DEVICE = "br-lan"
ALIAS = f"@{LAN}"


def is_port(options: Options) -> bool:
    """Whether a station with these options is to be a port of the bridge."""
    return LAN in text_option(options, "network").split()


def refused(options: Options, *, able: bool) -> str:
    """Why netifd's scripts do not set such a station up; empty: they do. `able`: so is the radio's
    driver."""
    if not is_port(options):
        return ""
    if text_option(options, "wds") != "1":
        return "BRIDGE_NOT_ALLOWED"
    return "" if able else "command failed: Operation not supported (-95)"


class Bridge:
    """Of one router."""

    def __init__(self, timings: Timings, say: Callable[[str], None]) -> None:
        self._timings, self._say = timings, say
        self.points: dict[str, AccessPoint] = {}  # what each port leads to, by its station's name

    @property
    def upstream(self) -> AccessPoint | None:
        """What the bridge leads to."""
        return next(iter(self.points.values()), None)

    def joined(self, ifname: str, point: AccessPoint) -> None:
        """The station is associated. Without WDS there nothing passes."""
        self.points.pop(ifname, None)
        if point.wds:
            self.points[ifname] = point

    def left(self, ifname: str) -> None:
        self.points.pop(ifname, None)

    def rewire(self, interface: Interface, down: Callable[[Interface], None]) -> bool:
        """The interface's section was read: whether it now asks through the bridge, anew."""
        aliased = text_option(interface.options, "device") == ALIAS and interface.proto == "dhcp"
        if aliased == interface.bridged:
            return False
        down(interface)
        interface.bridged, interface.device = aliased, DEVICE if aliased else None
        return aliased

    def discover(self, interface: Interface, up: Callable[[Interface], None]) -> None:
        """The DHCP client asks until somebody answers."""
        if interface.up or interface.plans is None or not interface.bridged:
            return
        point = self.upstream
        if point is not None and point.dhcp:
            interface.lease = Lease(point)
            up(interface)
            return
        self._say(f"{interface.name} (2929): udhcpc: broadcasting discover")
        interface.plans.at(self._timings.discover, lambda: self.discover(interface, up))

    def leads_to(self, lease: Lease) -> bool:
        """Whether the network that gave this lease is still there."""
        return lease.point == self.upstream
