# SPDX-License-Identifier: GPL-2.0-or-later
"""What a trial should bring about, and what its steps found out."""

from dataclasses import dataclass, field

from wifirelay.core.known import PortalLogin
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.station import Association
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.values import Security, Ssid


@dataclass(frozen=True, slots=True)
class Expected:
    """What the trial should bring about, and what was so before it."""

    trial: str
    section: str
    ssid: Ssid
    security: Security | None
    signal: int | None  # dBm at the scan
    interface: str  # logical: wwan, or one for such networks
    on_air: tuple[tuple[str, str], ...]  # own access points before: (section, radio)
    portal_login: PortalLogin | None = None
    address: str = ""  # its own, with prefix length; empty: by DHCP
    ipv6_only: bool = False  # IPv4 comes over IPv6
    vpn: str = ""  # that goes up over the uplink: its subnet is no clash
    bridged: bool = False  # the station is in the own network's bridge (relay.kind wds)
    encrypted: bool = False  # OWE: wpa_supplicant takes an open one in its place, unless pinned


@dataclass
class Found:
    """What the steps found out."""

    ifname: str = ""
    internet: Internet = field(default_factory=lambda: Internet(Verdict.ONLINE, ""))
    link: Association = field(default_factory=lambda: Association("", None))
    logical: LogicalInterface = field(
        default_factory=lambda: LogicalInterface(
            "", False, False, False, None, None, "none", (), False, None, ()
        )
    )
    all_interfaces: dict[str, LogicalInterface] = field(default_factory=dict)
