# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a router stands, as one value, read in at most three round trips. Changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from wifirelay.change.ahead import Ahead, first_probes, internet_through
from wifirelay.change.onrouter import OnRouter, on_router, read_if_known
from wifirelay.change.vpn import VpnState, guard, vpn_state
from wifirelay.core.feeds import DHCPV6, fed
from wifirelay.core.in_use import in_use
from wifirelay.core.known import Vpn
from wifirelay.core.mac import MAC
from wifirelay.core.radios import access_points
from wifirelay.core.sections import all_own
from wifirelay.core.wds import carries, lease_names
from wifirelay.errors import NotRecorded
from wifirelay.router.board import Board, board
from wifirelay.router.config import package, staged_changes
from wifirelay.router.devices import devices
from wifirelay.router.interfaces import LogicalInterface, interfaces
from wifirelay.router.observe import read_all
from wifirelay.router.state import Router
from wifirelay.router.station import Association, association
from wifirelay.router.ubus import Fact
from wifirelay.router.verdict import Internet
from wifirelay.router.wireless import wireless_status
from wifirelay.transport.base import Transport
from wifirelay.uci.model import Section
from wifirelay.uci.staged import Change
from wifirelay.values import Ssid


class State(str, Enum):
    """How far an uplink is, best first."""

    CONNECTED = "connected"  # associated, with an address
    ASSOCIATED = "associated"
    SEARCHING = "searching"  # which keeps the access points on its radio off the air
    STOPPED = "stopped"  # enabled, but the router does not run it
    HELD = "held"  # disabled by the sentry for a while
    DISABLED = "disabled"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One of the owner's access points."""

    section: str
    radio: str
    ssid: Ssid | None
    on_air: bool


@dataclass(frozen=True, slots=True)
class Uplink:
    """One own section, and what has become of it."""

    section: str
    radio: str
    ssid: Ssid | None
    state: State
    kept: str | None = None  # "flash" or "session"; None while it is disabled
    bssid: str | None = None
    signal: int | None = None  # dBm
    addresses: tuple[str, ...] = ()
    gateway: str | None = None
    dns: tuple[str, ...] = ()
    mac: str | None = None  # what the station shows; None: there is no station
    given: bool = False  # it is a `macaddr` of the section, not the radio's own
    ipv6: LogicalInterface | None = None  # the interface beside the lease's, or that of IPv6 alone
    translated: bool = False  # IPv4 comes over that (464XLAT), whose addresses are those above


@dataclass(frozen=True, slots=True)
class Status:
    """A router at one moment. `internet` is None when it was not looked at."""

    board: Board
    access_points: tuple[AccessPoint, ...]
    uplinks: tuple[Uplink, ...]  # of each radio that was set up; the one that counts is first
    internet: Internet | None
    on_router: OnRouter | None  # None: a recording does not tell
    changes: tuple[Change, ...]  # staged and not committed, anybody's
    idle: tuple[Change, ...] = ()  # of these, what is so already
    vpn: VpnState | None = None  # where the configuration names one


def read_status(
    transport: Transport,
    *,
    probing: bool = True,
    recorded: bool = False,
    vpn: Vpn | None = None,
) -> Status:
    """Look at a router. `recorded`: at a recording, which may not know wifirelay's own state.
    `vpn` is that of the configuration.

    Raises RouterAnswer when something that every router tells cannot be had.
    """
    facts: list[Fact[Any]] = [
        board(),
        package("wireless"),
        staged_changes(),
        wireless_status(),
        devices(),
        interfaces(),
        *([] if recorded else [on_router()]),
    ]
    if vpn is not None and vpn.only and not recorded:
        facts.append(guard())
    device, wireless, changes, status, found, logical, *own_state = read_all(transport, facts)
    router = Router(wireless, changes, status, found, logical)
    state: OnRouter | None = own_state[0] if own_state else read_if_known(transport)
    stations = _stations(router)
    up = next((lease for _, lease in _leases(router)), None)
    digits = state.api(up.name) if state is not None and up is not None else ""
    guarded = None if recorded else len(own_state) > 1 and own_state[1]
    ahead = Ahead(transport)
    links = [association(ifname) for ifname in stations.values()]
    if links and not recorded:
        first = first_probes(router, up, digits) if probing and up is not None else []
        ahead.ask([link.command for link in links] + first)
    joined: dict[str, Association | None] = {}
    for section, link in zip(stations, links, strict=True):
        try:
            joined[section] = link.parse(ahead.run(link.command))
        except NotRecorded:
            joined[section] = None
    internet = None
    if probing and not recorded and up is not None:
        internet = internet_through(ahead, router, up, digits)
    return Status(
        board=device,
        access_points=tuple(_access_points(router)),
        uplinks=describe_uplinks(router, joined, state.held if state is not None else ()),
        internet=internet,
        on_router=state,
        changes=changes,
        idle=in_use(changes, logical),
        vpn=vpn_state(vpn, logical, guarded=guarded) if vpn is not None else None,
    )


def status_of(
    device: Board,
    router: Router,
    state: OnRouter,
    link: Association | None,
    internet: Internet | None,
    vpn: VpnState | None = None,
) -> Status:
    """The status of a router that was looked at already; `link` is that of its uplink, None: not
    asked for yet. netifd takes the lease away from a station that has lost its access point."""
    stations = _stations(router)
    joined = dict.fromkeys(
        (section for section, _ in _leases(router)), link or Association("", None)
    )
    return Status(
        board=device,
        access_points=tuple(_access_points(router)),
        uplinks=describe_uplinks(router, {**dict.fromkeys(stations), **joined}, state.held),
        internet=internet,
        on_router=state,
        changes=router.changes,
        idle=in_use(router.changes, router.interfaces),
        vpn=vpn,
    )


def describe_uplinks(
    router: Router, joined: dict[str, Association | None], held: Sequence[str]
) -> tuple[Uplink, ...]:
    """The own sections as they are; `joined` has each one's access point, `held` those that
    the sentry keeps disabled."""
    leases = dict(_leases(router))
    order = list(State)
    found = [
        _uplink(router, section, joined.get(section.name), leases.get(section.name), held)
        for section in all_own(router.wireless)
    ]
    return tuple(sorted(found, key=lambda uplink: order.index(uplink.state)))


def _uplink(
    router: Router,
    section: Section,
    link: Association | None,
    lease: LogicalInterface | None,
    held: Sequence[str],
) -> Uplink:
    text = section.get("ssid")
    interface = router.status.interface(section.name)
    state = State.SEARCHING
    if not section.enabled:
        state = State.HELD if section.name in held else State.DISABLED
    elif interface is None or interface.ifname is None:
        state = State.STOPPED
    elif link is not None:
        state = State.CONNECTED if lease is not None else State.ASSOCIATED
    lease = lease if state is State.CONNECTED else None
    ifname = interface.ifname if interface is not None and section.enabled else None
    station = router.devices.get(ifname or "")
    translated = lease is not None and lease.proto == DHCPV6
    beside = router.interfaces.get(f"{lease.name}6") if lease is not None else None
    if translated or state is State.ASSOCIATED:  # of IPv6 alone, with IPv4 over it or without
        alone = router.interfaces.get(section.get("network"))
        beside = alone if alone is not None and alone.proto == DHCPV6 else None
    return Uplink(
        section=section.name,
        radio=section.get("device"),
        ssid=Ssid.of(text) if text else None,
        state=state,
        kept=None if state is State.DISABLED else _kept(router, section.name, state),
        bssid=(link.bssid or None) if link is not None else None,
        signal=link.signal if link is not None else None,
        addresses=lease.addresses if lease is not None else (),
        gateway=lease.gateway if lease is not None else None,
        dns=lease.dns if lease is not None else (),
        mac=station.mac if station is not None else None,
        given=MAC in section.options,
        ipv6=beside if beside is not None and beside.up and beside.addresses else None,
        translated=translated,
    )


def _kept(router: Router, section: str, state: State) -> str:
    """Whether flash has this uplink. What holds it, a staged `disabled`, says nothing of that."""
    staged = {
        change.option
        for change in router.changes
        if change.package == "wireless" and change.section == section
    }
    if state is State.HELD:
        staged.discard("disabled")
    return "session" if staged else "flash"


def _stations(router: Router) -> dict[str, str]:
    """The network interfaces of the own sections that run."""
    found = {}
    for section in all_own(router.wireless):
        interface = router.status.interface(section.name)
        if section.enabled and interface is not None and interface.ifname is not None:
            found[section.name] = interface.ifname
    return found


def _leases(router: Router) -> Iterator[tuple[str, LogicalInterface]]:
    """The own sections whose logical interface is up on their very station."""
    stations = _stations(router)
    for section in all_own(router.wireless):
        station = stations.get(section.name)
        for name in lease_names(section, router.interfaces):
            logical = fed(name, router.interfaces)
            if station is None or logical is None or not logical.up:
                continue
            if carries(router, section, station, logical):
                yield section.name, logical


def _access_points(router: Router) -> Iterator[AccessPoint]:
    """The owner's access points that are meant to be on the air, and those that are besides."""
    radios = router.wireless.of_kind("wifi-device")
    named = {
        section.name: (radio.name, section.get("ssid"))
        for radio in radios
        if radio.enabled
        for section in access_points(router.wireless, radio.name)
    }
    for interface in router.status.access_points():
        text = interface.ssid.text if interface.ssid is not None else ""
        named.setdefault(interface.section, (interface.radio, text))
    for section, (radio_name, text) in named.items():
        ssid = Ssid.of(text) if text else None
        yield AccessPoint(section, radio_name, ssid, router.on_air(section))
