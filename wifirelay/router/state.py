# SPDX-License-Identifier: GPL-2.0-or-later
"""A router at one moment, as a value."""

from dataclasses import dataclass, field

from wifirelay.router.channels import Channels
from wifirelay.router.devices import Device
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.programs import Abilities
from wifirelay.router.wireless import WirelessStatus
from wifirelay.uci.model import Package
from wifirelay.uci.staged import Change


@dataclass(frozen=True, slots=True)
class Router:
    """What the router says of itself at one moment."""

    wireless: Package
    changes: tuple[Change, ...]
    status: WirelessStatus
    devices: dict[str, Device] = field(repr=False)
    interfaces: dict[str, LogicalInterface] = field(repr=False)
    channels: dict[str, Channels] = field(repr=False, default_factory=dict)
    abilities: Abilities = field(default_factory=dict)

    def on_air(self, section: str) -> bool:
        """Whether an own access point is really on the air (its carrier tells)."""
        interface = self.status.interface(section)
        device = self.devices.get(interface.ifname or "") if interface else None
        return device is not None and device.carrier

    @property
    def own_macs(self) -> frozenset[str]:
        return frozenset(device.mac for device in self.devices.values() if device.mac)
