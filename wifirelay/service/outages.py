# SPDX-License-Identifier: GPL-2.0-or-later
"""Own access points that go off the air, and on again: for the history.

Told from looks that are made anyway: an outage between two looks is not seen, and the seconds of
one are those between the looks that saw its beginning and its end.
"""

from collections.abc import Iterable

from wifirelay.core.radios import access_points
from wifirelay.router.state import Router
from wifirelay.service.events import Kind
from wifirelay.service.report import Teller
from wifirelay.values import Ssid


class Outages:
    """Of one router."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._on: set[str] = set()  # sections that were on the air at the last look
        self._off: dict[str, float] = {}  # those that were before, and since when they are not

    def look(self, now: float, router: Router) -> None:
        """The router as it is now. What its owner has switched off is no outage."""
        wanted = _wanted(router)
        self._off = {section: at for section, at in self._off.items() if section in wanted}
        on = {section for section in wanted if router.on_air(section)}
        gone = [each for each in wanted if each in self._on and each not in on]
        back = [each for each in wanted if each in self._off and each in on]
        self._on = on
        if back:
            seconds = now - min(self._off.pop(each) for each in back)
            self._say(Kind.LIT, f"on the air again after {seconds:.0f} s", wanted, back)
        if gone:
            self._off |= dict.fromkeys(gone, now)
            self._say(Kind.DARK, "off the air", wanted, gone)

    def _say(
        self, kind: Kind, what: str, wanted: dict[str, Ssid | None], sections: Iterable[str]
    ) -> None:
        names = list(dict.fromkeys(wanted[each] for each in sections))
        shown = ", ".join(str(name) if name is not None else "(no name)" for name in names)
        text = f"own Wi-Fi is {what}: {shown}"
        self._teller.say(kind, text, names[0] if len(names) == 1 else None)


def _wanted(router: Router) -> dict[str, Ssid | None]:
    """The access points that its configuration has on, on radios that are on."""
    return {
        point.name: Ssid.of(text) if (text := point.get("ssid")) else None
        for device in router.wireless.of_kind("wifi-device")
        if device.enabled
        for point in access_points(router.wireless, device.name)
    }
