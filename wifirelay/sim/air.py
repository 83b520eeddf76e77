# SPDX-License-Identifier: GPL-2.0-or-later
"""The radio neighbourhood: access points that come and go, and what lies behind each.

Knows nothing of the router. Signals are in dBm, times in seconds of the simulation.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum

from wifirelay.sim.radio import mhz
from wifirelay.values import Band, Security


class Internet(str, Enum):
    """What is behind an access point."""

    OK = "ok"
    NONE = "none"  # nothing answers
    PORTAL = "portal"  # HTTP is redirected to a login page
    DNS_FILTERED = "dns-filtered"  # its resolver gives 0.0.0.0 for every name
    DNS_DEAD = "dns-dead"  # addresses can be reached, but no name is resolved
    TRICKLE = "trickle"  # a hostile one: answers HTTP byte by byte, for as long as anybody reads
    FLOOD = "flood"  # a hostile one: its HTTP answers do not end


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One BSS in the neighbourhood."""

    ssid: bytes
    bssid: str  # upper case
    band: Band = Band.GHZ2
    channel: int = 6
    signal: int = -50  # dBm at the router
    security: Security = Security.PSK2
    key: str | None = None  # passphrase, or an enterprise network's password
    hidden: bool = False
    width: int = 20  # MHz; more than 40 means VHT
    ht: bool = True
    dhcp: bool = True  # False: its DHCP server is dead
    subnet: str = "10.10.1.0/24"
    routes: tuple[str, ...] = ()  # networks that its DHCP gives routes for (option 121)
    ipv6: str = ""  # "address": it advertises a /64 and no more; "prefix": it delegates one too
    nat64: bool = False  # its name servers know a way from IPv6 to IPv4
    internet: Internet = Internet.OK
    portal: str = ""  # the name of its login page's host; none: its gateway's address
    login: str = ""  # the form that its login page lets through
    api: str = ""  # its login page's own API, which its DHCP names (RFC 8910)
    api_says: str = ""  # what that answers, where it is not what it should be
    session: int = 0  # seconds that a login is good for, as the API says; 0: it does not
    admits: tuple[str, ...] = ()  # MACs that have logged in to its portal, upper case
    wds: bool = False  # it takes stations with four addresses
    on: bool = True
    schedule: tuple[tuple[float, bool], ...] = ()  # (seconds from the start, on or off)
    noise: float = 0.0  # dB, standard deviation of what scans show

    @property
    def mhz(self) -> int:
        return mhz(self.band, self.channel)

    @property
    def gateway(self) -> str:
        return self.subnet.rpartition(".")[0] + ".1"

    def behind(self, mac: str) -> "AccessPoint":
        """The same as a station with this MAC finds it."""
        return replace(self, internet=Internet.OK) if mac in self.admits else self

    @property
    def text(self) -> str:
        """The SSID as C strings carry it: cut at NUL, bytes by surrogateescape."""
        return self.ssid.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


@dataclass(slots=True)
class Air:
    """All access points around the router, and who wants to know when they change."""

    points: list[AccessPoint] = field(default_factory=list)
    seed: int = 0
    watchers: list[Callable[[AccessPoint, bool], None]] = field(default_factory=list)
    passed: set[bytes] = field(default_factory=set)  # SSIDs whose login page lets us through
    _on: dict[str, bool] = field(default_factory=dict)
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - worlds must be repeatable
        self._on = {point.bssid: point.on for point in self.points}
        if len(self._on) != len(self.points):
            raise ValueError("two access points share a BSSID")

    def add(self, point: AccessPoint) -> None:
        """One more access point."""
        if point.bssid in self._on:
            raise ValueError(f"{point.bssid} is in the air already")
        self.points.append(point)
        self._on[point.bssid] = point.on
        self._tell(point)

    def is_on(self, point: AccessPoint) -> bool:
        return self._on[point.bssid]

    def switch_on(self, name: str | bytes) -> None:
        """Switch on by BSSID, or all that have this SSID."""
        self._switch(name, on=True)

    def switch_off(self, name: str | bytes) -> None:
        """Switch off by BSSID, or all that have this SSID."""
        self._switch(name, on=False)

    def heard(self, bands: Iterable[Band]) -> list[AccessPoint]:
        """Who is on the air in these bands, strongest first."""
        wanted = frozenset(bands)
        points = [p for p in self.points if self._on[p.bssid] and p.band in wanted]
        return sorted(points, key=lambda p: -p.signal)

    def signal(self, point: AccessPoint) -> int:
        """What a scan shows now, in dBm."""
        if not point.noise:
            return point.signal
        return min(-10, max(-95, round(self._random.gauss(point.signal, point.noise))))

    def _switch(self, name: str | bytes, *, on: bool) -> None:
        ssid = name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name
        named = [p for p in self.points if p.ssid == ssid or p.bssid == name]
        if not named:
            raise LookupError(f"no access point {name!r} in the air")
        for point in named:
            if self._on[point.bssid] != on:
                self._on[point.bssid] = on
                self._tell(point)

    def _tell(self, point: AccessPoint) -> None:
        for watcher in self.watchers:
            watcher(point, self._on[point.bssid])
