# SPDX-License-Identifier: GPL-2.0-or-later
"""Several looks at one signal: a single reading is off by several dB."""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import replace

from wifirelay.core.known import KnownNetwork
from wifirelay.core.transition import pinned
from wifirelay.router.scan import Bss
from wifirelay.values import Ssid

KEPT = 3  # samples of one access point
WINDOW = 150.0  # seconds; what is older says nothing any more
CLOSE = 3  # dB above the level to join: nearer, one sample is not enough


class Samples:
    """The last signals of each access point, by radio and BSSID."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], deque[tuple[float, int]]] = {}

    def note(self, now: float, heard: tuple[Bss, ...]) -> None:
        """One scan's answer."""
        for bss in heard:
            if bss.bssid is not None and bss.signal is not None:
                key = (bss.radio, bss.bssid)
                self._all.setdefault(key, deque(maxlen=KEPT)).append((now, bss.signal))
        for key in [key for key, taken in self._all.items() if now - taken[-1][0] > WINDOW]:
            del self._all[key]

    def of(self, now: float, bss: Bss) -> tuple[int, ...]:
        """The signals of this access point that count now, dBm, oldest first."""
        taken = self._all.get((bss.radio, bss.bssid or ""), ())
        return tuple(signal for at, signal in taken if now - at <= WINDOW)

    def steadied(self, now: float, heard: tuple[Bss, ...]) -> tuple[Bss, ...]:
        """The same access points with the median of their signals."""
        return tuple(self._steady(now, bss) for bss in heard)

    def _steady(self, now: float, bss: Bss) -> Bss:
        taken = self.of(now, bss)
        if len(taken) < 2:
            return bss
        middle = sorted(taken)[(len(taken) - 1) // 2]  # of two the weaker
        return bss if middle == bss.signal else replace(bss, signal=middle)


def strongest(heard: Iterable[Bss], denied: Collection[str] = ()) -> dict[tuple[Ssid, str], Bss]:
    """The access point that a station would take, by network and radio: of equal ones the first.
    It takes none of those BSSIDs that it is `denied`; one with OWE is joined by its BSSID alone."""
    found: dict[tuple[Ssid, str], Bss] = {}
    for bss in heard:
        if bss.ssid is not None and bss.bssid not in denied and not pinned(bss):
            best = found.setdefault((bss.ssid, bss.radio), bss)
            if (bss.signal or -999) > (best.signal or -999):
                found[bss.ssid, bss.radio] = bss
    return found


class Taken:
    """Which access point a station would take, of those that are heard."""

    def __init__(self, heard: Iterable[Bss]) -> None:
        self._heard = tuple(heard)
        self._by_denied: dict[tuple[str, ...], dict[tuple[Ssid, str], Bss]] = {}

    def of(self, network: KnownNetwork, radio: str, meant: Bss | None) -> Bss | None:
        """The one that it takes on this radio where `meant` is what it was chosen for."""
        if meant is not None and pinned(meant):
            return meant
        denied = network.not_bssids
        if denied not in self._by_denied:
            self._by_denied[denied] = strongest(self._heard, denied)
        return self._by_denied[denied].get((network.ssid, radio), meant)
