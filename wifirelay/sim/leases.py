# SPDX-License-Identifier: GPL-2.0-or-later
"""Addresses that interfaces have in other people's networks, and what is reached through them."""

import ipaddress
from dataclasses import dataclass, replace

from wifirelay.sim.air import AccessPoint, Internet

_HOST = 176  # the last byte of every lease, as in the lab

NOWHERE = AccessPoint(b"", "", internet=Internet.NONE)  # behind a link that is none
WIRED = AccessPoint(ssid=b"wired", bssid="02:00:00:00:FF:FF", subnet="10.64.0.0/24")


@dataclass(slots=True)
class Lease:
    """An address in somebody's network, and what lies behind it: from a DHCP server, or one that
    the interface has by itself."""

    point: AccessPoint
    own: ipaddress.IPv4Interface | None = None
    via: str = ""  # the own one's gateway
    servers: tuple[str, ...] = ()  # ... and its name servers

    @property
    def gateway(self) -> str:
        return self.via if self.own is not None else self.point.gateway

    @property
    def dns(self) -> tuple[str, ...]:
        return self.servers if self.own is not None else (self.point.gateway,)

    @property
    def address(self) -> str:
        return str(self.own.ip if self.own is not None else self.network.network_address + _HOST)

    @property
    def network(self) -> ipaddress.IPv4Network:
        if self.own is not None:
            return self.own.network
        return ipaddress.IPv4Network(self.point.subnet)

    @property
    def behind(self) -> AccessPoint:
        """What is reached through it: nothing where the own address or gateway is none there."""
        fits = self.own is None or (
            self.own.ip in ipaddress.IPv4Network(self.point.subnet)
            and self.gateway == self.point.gateway
        )
        return self.point if fits else replace(self.point, internet=Internet.NONE)
