# SPDX-License-Identifier: GPL-2.0-or-later
"""Open networks that nobody listed, and that the owner's `open` allows all the same.

Knows which those are, and for how long one may be used. Loaded only where there is such a rule:
on a router memory is short.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from wifirelay.core.known import KnownNetwork
from wifirelay.router.scan import Bss
from wifirelay.values import Ssid, span

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Allowed:
    """The `open` part of the configuration. Nothing secured is ever meant."""

    names: tuple[str, ...]  # patterns of their SSIDs ...
    but: tuple[str, ...]  # ... and of those that are not meant
    limit: int  # different ones that are tried within a day
    stay: float  # seconds that one may be used for, from when it was first tried
    off: frozenset[Ssid] = frozenset()  # names that are listed, and switched off

    def among(self, heard: Iterable[Bss]) -> list[KnownNetwork]:
        """What it allows of these. Of two networks with one name the last counts: put those that
        are known behind them."""
        found = []
        for bss in heard:
            if bss.ssid is not None and self.admits(bss.ssid):
                network = KnownNetwork(bss.ssid, stranger=True)
                if network.fits(bss.security):
                    found.append(network)
        return found

    def admits(self, ssid: Ssid) -> bool:
        """Whether its patterns allow this name, in whatever case it is written."""
        text, admitted = ssid.text.casefold(), False
        for each in self.names:
            admitted |= fnmatchcase(text, each.casefold())
        for each in self.but:
            admitted &= not fnmatchcase(text, each.casefold())
        return admitted and ssid not in self.off

    def note(self, tried: dict[str, float], now: float, ssid: Ssid) -> None:
        """It is tried now: that counts from its first try on, and by its owner's hand anew."""
        if now - tried.get(ssid.hex, now - DAY) < self.stay:
            return
        tried.pop(ssid.hex, None)
        if len(tried) >= self.limit:
            del tried[next(iter(tried))]  # the oldest
        tried[ssid.hex] = round(now, 1)

    def why_not(self, tried: dict[str, float], now: float, ssid: Ssid) -> str | None:
        """Why it may not be used now. `tried`: when each was first tried, by its SSID's `hex`."""
        used = now - tried.get(ssid.hex, now - DAY)
        if used < DAY:
            left = f"its hours (open.stay) are over: left alone for {span(DAY - used)} more"
            return left if used >= self.stay else None
        full = len(tried) >= self.limit and now - min(tried.values()) < DAY
        return f"{self.limit} others were tried within a day (open.limit)" if full else None
