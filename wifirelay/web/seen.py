# SPDX-License-Identifier: GPL-2.0-or-later
"""What a page has seen of its router, as the events of a service's history: for its timeline.

Only while somebody looks: who wants it whole lets a service look after the router.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from wifirelay.change.outcome import Joined
from wifirelay.change.status import State, Status
from wifirelay.clock import Clock
from wifirelay.router.verdict import Verdict
from wifirelay.service.events import Event, Kind
from wifirelay.values import Ssid
from wifirelay.view.service import event_object

KEPT = 200  # events


class Timeline:
    """Of one router. For any thread."""

    def __init__(self, clock: Clock, when: Callable[[], str]) -> None:
        self._clock, self._when = clock, when
        self._events: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._before: Status | None = None

    def events(self) -> list[dict[str, Any]]:
        """As `wifirelay.run/1`, oldest first."""
        with self._lock:
            return list(self._events)

    def look(self, status: Status) -> None:
        """The router as it is now: what is new is an event."""
        with self._lock:
            before, self._before = self._before, status
            was, now = _connected(before or status), _connected(status)
            if was != now and was is not None:
                self._say(Kind.LOST, f"the uplink to {was} is gone", was)
            if was != now and now is not None:
                self._say(Kind.RETURNED, f"the uplink to {now} works", now)
            worked, works = _works(before or status), _works(status)
            if now is not None and now == was and works is not worked:
                why = status.internet.why if status.internet is not None else ""
                kind = Kind.ONLINE if works else Kind.OFFLINE
                self._say(kind, "the internet is back" if works else f"no internet: {why}", now)
            for ssid, on_air in _points(status).items():
                if on_air is not _points(before).get(ssid, True):
                    text = "is on the air again" if on_air else "is off the air"
                    self._say(Kind.LIT if on_air else Kind.DARK, f"{ssid} {text}", ssid)

    def joined(self, joined: Joined | None, ssid: Ssid) -> None:
        """A trial from here was confirmed."""
        if joined is not None:
            with self._lock:
                text = f"joined {ssid}, {joined.address}, after {joined.seconds:.0f} s"
                self._say(Kind.JOINED, text, ssid)

    def failed(self, ssid: Ssid | None, text: str, cause: str) -> None:
        """A trial from here was taken back."""
        with self._lock:
            self._say(Kind.FAILED, text, ssid, cause)

    def _say(self, kind: Kind, text: str, ssid: Ssid | None, cause: str = "") -> None:
        event = Event(self._clock.monotonic(), kind, text, ssid, cause)
        self._events.append(event_object(event, self._when()))


def _connected(status: Status) -> Ssid | None:
    return next((each.ssid for each in status.uplinks if each.state is State.CONNECTED), None)


def _works(status: Status) -> bool:
    internet = status.internet
    return internet is not None and internet.verdict is Verdict.ONLINE


def _points(status: Status | None) -> dict[Ssid, bool]:
    points = status.access_points if status is not None else ()
    return {each.ssid: each.on_air for each in points if each.ssid is not None}
