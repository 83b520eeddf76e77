# SPDX-License-Identifier: GPL-2.0-or-later
"""A world as values: who is on the air when, how strong, and what is behind it.

Knows nothing of routers or policies. Times are seconds from the world's beginning, signals
dBm. What a scan hears has noise that depends on the seed, the BSSID and the moment only, so
that every policy that listens at one moment hears the same.
"""

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from statistics import NormalDist

from wifirelay.core.known import KnownNetwork
from wifirelay.router.scan import Bss
from wifirelay.sim.radio import RADIO0, RADIO1
from wifirelay.values import Band, Security, Ssid

USABLE = -88  # dBm; below, a station loses its link and finds no new one
NOISE = 2.0  # dB, standard deviation of one reading
HOUR = 3600.0
SLOT = 600.0  # seconds; a whole part of an hour
FOREVER = float("inf")

_RADIO = {Band.GHZ2: RADIO0.name, Band.GHZ5: RADIO1.name}
RADIOS = tuple(_RADIO.values())
_MASK = (1 << 64) - 1
# Quantiles of the noise in dB: one of these, picked by hash.
_NOISES = tuple(NormalDist(0.0, NOISE).inv_cdf((number + 0.5) / 1024) for number in range(1024))


class Behind(str, Enum):
    """What a station that joins finds behind the access point."""

    OK = "ok"
    NO_INTERNET = "no-internet"
    PORTAL = "portal"
    DEAD_DHCP = "dead-dhcp"
    WRONG_KEY = "wrong-key"
    BUSY = "busy"  # it takes no more stations

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on, until the next step. A signal of None is not heard at all."""

    at: float
    signal: int | None
    behind: Behind = Behind.OK

    @property
    def usable(self) -> bool:
        return self.signal is not None and self.signal >= USABLE

    @property
    def online(self) -> bool:
        """Whether a station that is joined has internet."""
        return self.usable and self.behind is Behind.OK


_SILENT = Step(0.0, None)


@dataclass(frozen=True)
class Track:
    """One BSS through time. Before its first step it is not heard."""

    bssid: str
    ssid: Ssid
    channel: int
    security: Security
    steps: tuple[Step, ...]
    width: int = 20  # MHz
    band: Band = field(init=False)
    radio: str = field(init=False)  # by which it is heard
    _starts: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _salt: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        band = Band.GHZ2 if self.channel <= 14 else Band.GHZ5
        object.__setattr__(self, "band", band)
        object.__setattr__(self, "radio", _RADIO[band])
        object.__setattr__(self, "_starts", tuple(step.at for step in self.steps))
        object.__setattr__(self, "_salt", zlib.crc32(self.bssid.encode()) << 32)

    def at(self, moment: float) -> Step:
        number = bisect_right(self._starts, moment)
        return self.steps[number - 1] if number else _SILENT

    def next_change(self, moment: float) -> float:
        """The next step after `moment`; FOREVER when there is none."""
        number = bisect_right(self._starts, moment)
        return self._starts[number] if number < len(self._starts) else FOREVER

    def spans(self, end: float) -> Iterator[tuple[float, float, Step]]:
        """Each step with its beginning and end, up to `end`."""
        for number, step in enumerate(self.steps):
            last = self._starts[number + 1] if number + 1 < len(self.steps) else end
            if step.at < min(last, end):
                yield step.at, min(last, end), step

    def reading(self, signal: int, seed: int, moment: float) -> int:
        """What a receiver reads at `moment` when `signal` comes in, dBm."""
        mixed = (self._salt ^ (seed * 0x9E3779B97F4A7C15) ^ int(moment * 1000)) & _MASK
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = ((mixed ^ (mixed >> shift)) * factor) & _MASK
        return max(-120, min(-1, signal + round(_NOISES[(mixed >> 40) & 1023])))

    def bss(self, signal: int) -> Bss:
        """As a scan shows it; the same objects again, for speed."""
        return _bss(self.bssid, self.ssid, self.channel, self.security, self.width, signal)


@lru_cache(maxsize=20_000)
def _bss(bssid: str, ssid: Ssid, channel: int, security: Security, width: int, signal: int) -> Bss:
    band = Band.GHZ2 if channel <= 14 else Band.GHZ5
    return Bss(
        radio=_RADIO[band],
        bssid=bssid,
        ssid=ssid,
        channel=channel,
        band=band,
        signal=signal,
        security=security,
        width=width,
        high_throughput=True,
    )


class World:
    """All tracks, what the owner knows of them, and how long it lasts."""

    def __init__(
        self,
        name: str,
        seed: int,
        seconds: float,
        tracks: Iterable[Track],
        known: Iterable[KnownNetwork],
    ) -> None:
        self.name, self.seed, self.seconds = name, seed, seconds
        self.tracks, self.known = tuple(tracks), tuple(known)
        self.by_ssid = {network.ssid: network for network in self.known}
        # By radio and hour, so that a scan of a long journey does not ask every track.
        self._ours: dict[tuple[str, int], list[Track]] = {}
        self._others: dict[tuple[str, int], list[Track]] = {}
        for track in self.tracks:
            index = self._ours if track.ssid in self.by_ssid else self._others
            for hour in sorted(_hours(track, seconds)):
                index.setdefault((track.radio, hour), []).append(track)
        self._background: dict[str, tuple[int, tuple[Bss, ...]]] = {}

    def heard(self, radio: str, moment: float) -> tuple[Bss, ...]:
        """A scan of one radio at one moment."""
        found = []
        for track in self._ours.get((radio, int(moment // HOUR)), ()):
            signal = track.at(moment).signal
            if signal is not None:
                found.append(track.bss(track.reading(signal, self.seed, moment)))
        return (*found, *self._strangers(radio, moment))

    def named(self, ssid: Ssid, radio: str, moment: float) -> Iterator[tuple[Track, Step]]:
        """The BSSs of a known network that this radio could join at this moment."""
        for track in self._ours.get((radio, int(moment // HOUR)), ()):
            if track.ssid == ssid:
                step = track.at(moment)
                if step.usable:
                    yield track, step

    def next_named(self, ssid: Ssid, radio: str, moment: float) -> float:
        """When `named` may change next; FOREVER, or the next hour's begin at the latest."""
        hour = int(moment // HOUR)
        changes = [
            track.next_change(moment)
            for track in self._ours.get((radio, hour), ())
            if track.ssid == ssid
        ]
        return min([*changes, (hour + 1) * HOUR])

    def fits(self, track: Track) -> bool:
        """Whether this BSS is of a known network and has a security that it may have."""
        network = self.by_ssid.get(track.ssid)
        return network is not None and network.fits(track.security)

    def _strangers(self, radio: str, moment: float) -> tuple[Bss, ...]:
        """BSSs of networks that nobody knows: for speed, as they were when `SLOT` began."""
        slot = int(moment // SLOT)
        of, found = self._background.get(radio, (-1, ()))
        if slot != of:
            tracks = self._others.get((radio, int(moment // HOUR)), ())
            heard = [(track, track.at(slot * SLOT).signal) for track in tracks]
            found = tuple(
                track.bss(track.reading(signal, self.seed, slot * SLOT))
                for track, signal in heard
                if signal is not None
            )
            self._background[radio] = (slot, found)
        return found


def _hours(track: Track, end: float) -> set[int]:
    """The hours in which this track is heard at some moment."""
    hours: set[int] = set()
    for begins, ends, step in track.spans(end):
        if step.signal is not None:
            hours.update(range(int(begins // HOUR), int(ends // HOUR) + 1))
    return hours
