# SPDX-License-Identifier: GPL-2.0-or-later
"""Open networks that nobody listed, and that the owner's `open` allows all the same.

Knows which those are, and for how long one may be used. Loaded only where there is such a rule:
on a router memory is short.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from wifirelay.core.candidates import Current
from wifirelay.core.known import DAY, HOUR, Allowed, KnownNetwork
from wifirelay.router.scan import Bss
from wifirelay.values import Ssid, span


def network_of(allowed: Allowed, bss: Bss, current: Current | None) -> KnownNetwork | None:
    """What this BSS, whose name nobody listed, would be joined as; None: it may not be."""
    if bss.ssid is None or bss.ssid.unjoinable() or not admits(allowed, bss.ssid):
        return None
    if current is not None and current.secured and current.ssid == bss.ssid:
        return None  # an open twin of the uplink, whose key only the router knows
    network = KnownNetwork(bss.ssid, security=allowed.security, stranger=True)
    return network if network.fits(bss.security) else None


def admits(allowed: Allowed, ssid: Ssid) -> bool:
    """Whether its patterns allow this name, in whatever case it is written."""
    text = ssid.text.casefold()
    return ssid not in allowed.off and _any(allowed.names, text) and not _any(allowed.but, text)


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(fnmatchcase(text, each.casefold()) for each in patterns)


def why_not(allowed: Allowed, tried: Mapping[Ssid, float], now: float, ssid: Ssid) -> str | None:
    """Why it may not be joined any more today. `tried`: when each was tried first."""
    today = {each: at for each, at in tried.items() if now - at < DAY}
    at = today.get(ssid)
    if at is None:
        if len(today) < allowed.limit:
            return None
        return f"{len(today)} open networks were tried within a day: open.limit allows no more"
    if now < at + allowed.stay * HOUR:
        return None
    return f"used up the {allowed.stay} h of open.stay: left alone for {span(at + DAY - now)} more"


def until(allowed: Allowed | None, ssid: Ssid, since: float) -> tuple[float, str]:
    """When the uplink to it is left, and why."""
    if allowed is None or not admits(allowed, ssid):
        return since, f"{ssid} is open, and not allowed any more"
    end = since + allowed.stay * HOUR
    return end, f"{ssid} is open, and was used for the {allowed.stay} h of open.stay"
