# SPDX-License-Identifier: GPL-2.0-or-later
"""When the sentry gets its ticks: every 5 s of router time.

For simulations of months it can get fewer while nothing happens that it could act on;
then its own counts (a look at the configuration every 60 ticks) take longer too.
"""

import os

from wifirelay.sim.files import Root
from wifirelay.sim.netifd import Netifd
from wifirelay.sim.sentry import TICK, Sentry

RUN = "/tmp/run/wifirelay"  # noqa: S108 - on the router
_CONFIG = ("/etc/config/wireless", "/tmp/.uci/wireless")  # noqa: S108
_AT_WORK = ("armed", "confirming", "rolling", "lock")
_ROUNDING = 1e-6  # seconds


class Ticks:
    """The moments at which one router's sentry looks around."""

    def __init__(self, root: Root, sentry: Sentry, netifd: Netifd) -> None:
        self._root, self._sentry, self._netifd = root, sentry, netifd
        self.next = 0.0  # seconds of the simulation
        self._last = 0.0
        self._seen: object = None  # after the last tick; None: there was something to do

    def begin(self, now: float) -> None:
        """Power is on."""
        self.next, self._last, self._seen = now + TICK, now, None

    def due(self, now: float, idle: float) -> bool:
        """Whether a tick is due; `idle`: seconds between two while nothing happens."""
        if now < self.next:
            return False
        self.next = now + TICK
        resting = self._seen is not None and now < self._last + idle - _ROUNDING
        return not (resting and self._seen == self._state())

    def done(self, now: float, idle: float) -> None:
        """The sentry has looked around."""
        self.next, self._last = now + TICK, now
        self._seen = self._state() if idle > TICK else None

    def _state(self) -> object:
        """All that the sentry goes by; None while it has, or may soon have, something to do."""
        outages = self._netifd.outages.values()
        if not self._sentry.resting or not all(outage.on for outage in outages):
            return None
        files = [_stamp(self._root.here(path)) for path in _CONFIG]
        folder = self._root.here(RUN)
        try:
            names = sorted(set(os.listdir(folder)) - {"alive"})
        except FileNotFoundError:  # not yet there, or the power is off
            return None
        if not set(names).isdisjoint(_AT_WORK) or any(_held(folder, name) for name in names):
            return None
        files += [_stamp(os.path.join(folder, name)) for name in names]
        return self._sentry.pid, [outage.since for outage in outages], names, files


def _held(folder: str, name: str) -> bool:
    """Whether that is an uplink held off; "-" there: it is allowed again."""
    if not name.startswith("held."):
        return False
    try:
        with open(os.path.join(folder, name), "rb") as file:
            return not file.read(2).startswith(b"- ")
    except FileNotFoundError:
        return False


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
