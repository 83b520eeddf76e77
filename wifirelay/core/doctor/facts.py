# SPDX-License-Identifier: GPL-2.0-or-later
"""All that a check-up looks at, as one value; what was not to be had is Unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wifirelay.core.doctor.finding import Unknown
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.router.board import Board, SystemInfo
from wifirelay.router.channels import Channels
from wifirelay.router.devices import Device
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.phy import Phy
from wifirelay.router.radio import RadioInfo
from wifirelay.router.services import Services
from wifirelay.router.wireless import WirelessStatus
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import Change

NOT_ASKED = Unknown("was not looked at")


@dataclass(frozen=True, slots=True)
class Sentry:
    """What the sentry's own state says."""

    installed: bool
    lives: bool
    held: tuple[str, ...] = ()  # sections that it keeps disabled


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Others that look after uplinks: what `setup` would refuse, and what it would tell."""

    refusal: str = ""
    hint: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """One router at one moment, and what its owner wants of it."""

    board: Board | Unknown = NOT_ASKED
    system: SystemInfo | Unknown = NOT_ASKED
    objects: frozenset[str] | Unknown = NOT_ASKED  # of ubus
    login_api: str | Unknown = NOT_ASKED  # why a login page's API cannot be asked; nothing: it can
    features: Mapping[str, bool | None] | Unknown = NOT_ASKED  # of wpa_supplicant
    raw_psk: bool | Unknown | None = NOT_ASKED  # its scripts know a key of 64 digits
    phys: Mapping[str, Phy] | Unknown = NOT_ASKED
    wireless: Package | Unknown = NOT_ASKED
    network: Package | Unknown = NOT_ASKED
    firewall: Package | Unknown = NOT_ASKED
    dhcp: Package | Unknown = NOT_ASKED
    changes: tuple[Change, ...] | Unknown = NOT_ASKED
    status: WirelessStatus | Unknown = NOT_ASKED
    devices: Mapping[str, Device] | Unknown = NOT_ASKED
    interfaces: Mapping[str, LogicalInterface] | Unknown = NOT_ASKED
    services: Services | Unknown = NOT_ASKED
    protocols: frozenset[str] | Unknown = NOT_ASKED  # that netifd knows
    sentry: Sentry | Unknown = NOT_ASKED
    neighbours: Neighbours | Unknown = NOT_ASKED
    open_zone: str = ""  # what `setup` says of a `wan` zone that takes all input
    radios: Mapping[str, RadioInfo | Unknown] = field(default_factory=dict)
    channels: Mapping[str, Channels | Unknown] = field(default_factory=dict)
    relay: Relay = field(default_factory=Relay)
    known: tuple[KnownNetwork, ...] = ()
    now: float | None = None  # Unix time of a clock that is right; None: there is none


def used_radios(wireless: Package, relay: Relay) -> tuple[Section, ...]:
    """The radios that the uplink may use: the named ones that are there, else all enabled."""
    devices = {section.name: section for section in wireless.of_kind("wifi-device")}
    if relay.radios:
        return tuple(devices[name] for name in relay.radios if name in devices)
    return tuple(section for section in devices.values() if section.enabled)
