# SPDX-License-Identifier: GPL-2.0-or-later
"""Places: devices that were heard together where a network worked.

A place is known again by what stands there, never by names. Knows no coordinates, and what it
knows is for this machine's memory alone.
"""

from collections.abc import Iterable
from typing import Any

from wifirelay.core.rank import Term
from wifirelay.router.scan import Bss
from wifirelay.values import Ssid

MOST = 32  # places; of more, what worked longest ago is forgotten
DEVICES = 16  # of one place: the strongest
LEAST = 2  # devices that two hearings share: one may travel along
KEPT = 180 * 86400.0  # seconds since something worked there
DAY = 86400.0
FRESH = 150.0  # seconds for which a scan tells where the router is
POINTS = 4.0  # less than it takes to leave a good uplink (habits.gain_needed)

Place = list[Any]  # its number, what worked there last (SSID's hex), when, its devices


def made_up(bssid: str) -> bool:
    """Whether no maker gave this address: the local bit of its first byte (IEEE 802-2014, 8.4)."""
    return bssid[1] in "2367ABEF"


def devices(heard: Iterable[Bss]) -> tuple[str, ...]:
    """What stands here, strongest first: the middle four bytes of each address that a maker gave.
    A device's networks and bands differ in the others; phones' hotspots have made-up addresses."""
    found: dict[str, None] = {}
    for bss in sorted(heard, key=lambda bss: -(bss.signal or -999)):
        if bss.bssid is not None and bss.mode == "Master" and not made_up(bss.bssid):
            found[bss.bssid[3:14]] = None
    return tuple(found)


class Places:
    """Moments are seconds of the policy's clock."""

    def __init__(self) -> None:
        self.here: int | None = None  # None: too little is heard to tell; 0: a place not seen yet
        self.known: list[Place] = []  # what worked longest ago first
        self._around: tuple[str, ...] = ()
        self._heard_at = 0.0

    def hear(self, now: float, heard: Iterable[Bss]) -> None:
        """A scan's answer. It is of a known place that shares at least two devices with it, and
        half of the smaller set: half, since one scan misses many; of the smaller, since a crowd
        outnumbers what is kept (by Jaccard's measure two scans of one crowd are strangers)."""
        self._around = around = devices(heard)
        self._heard_at = now
        self.here, most = None if len(around) < LEAST else 0, LEAST
        for number, _, _, *there in self.known:
            common = len(set(around).intersection(there))
            if common >= most and 2 * common >= min(len(around), len(there)):
                self.here, most = number, common

    def worked(self, now: float, ssid: Ssid) -> int:
        """The internet works through this network. Returns the place's number, 0 for none."""
        here: int = self.here or 0
        if self.here is None or now - self._heard_at > FRESH:
            return here
        number, near = int(now), dict.fromkeys(self._around)
        kept: list[Place] = []
        for each in self.known:
            number = max(number, int(each[0]))
            if each[0] != here:
                kept += [each] if now - each[2] <= KEPT else []
            elif each[1] == ssid.hex and now - each[2] < DAY:
                return here
            else:
                near |= dict.fromkeys(each[3:])
        self.here = here = here or number + 1  # the clock never goes back: none comes twice
        self.known = [*kept, [here, ssid.hex, round(now), *list(near)[:DEVICES]]][-MOST:]
        return here

    def term(self, ssid: Ssid) -> Term | None:
        """What it is worth that this network worked here last."""
        for each in self.known:
            if each[:2] == [self.here, ssid.hex]:
                return Term("place", POINTS, "worked last at this place")
        return None


def checked_moment(now: float, at: Any) -> int:
    """A moment of this clock that has passed. Raises ValueError, TypeError or OverflowError."""
    if not -1e12 < at <= now + 1.0:  # rounded
        raise ValueError("of another clock")
    return round(float(at))
