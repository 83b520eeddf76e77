# SPDX-License-Identifier: GPL-2.0-or-later
"""`ubus listen` on a simulated router, as a transport follows it.

In virtual time whoever waits lets the time pass, up to the very moment of the event.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from wifirelay.clock import readable
from wifirelay.errors import LinkLost

if TYPE_CHECKING:
    from wifirelay.sim.router import SimRouter

REAL_STEP = 0.01  # seconds of this machine between two looks, in real time


class Listening:
    """A `transport.base.Following` of a router's events.

    `wanted` says of an event's name whether it is listened for; `lost` why the link is
    dead, or nothing.
    """

    def __init__(
        self,
        router: "SimRouter",
        wanted: Callable[[str], bool],
        lost: Callable[[], str | None],
    ) -> None:
        self._router, self._wanted, self._lost = router, wanted, lost
        self._lines: deque[bytes] = deque()
        self._why: str | None = None  # the link died
        self._stop: Callable[[], None] | None = router.watch_events(self._heard)

    @property
    def ended(self) -> bool:
        return self._stop is None

    def lines(self, seconds: float, wake: int | None = None) -> list[bytes]:
        """`seconds` of router time."""
        router = self._router
        end, speed = router.now + seconds, router.speed
        until = time.monotonic() + seconds / (speed or 1.0)
        while not self.ended:
            lost = self._dead()
            if lines := self._taken():
                return lines
            if lost is not None:
                self.close()
                raise LinkLost(lost, hint="the next command connects anew")
            if readable(0.0, wake):
                break
            if speed is None:
                if router.now >= end:
                    break
                router.step(end)
            else:
                left = until - time.monotonic()
                if left <= 0:
                    break
                readable(min(left, REAL_STEP), wake)
        return []

    def close(self) -> None:
        stop, self._stop = self._stop, None
        if stop is not None:
            stop()

    def _heard(self, name: str, text: str) -> None:
        if self._wanted(name) and self._dead() is None:
            self._lines.append(text.encode("utf-8", "surrogateescape"))

    def _dead(self) -> str | None:
        """Why the link is dead; it does not come back to life."""
        if self._why is None:
            self._why = self._lost()
        return self._why

    def _taken(self) -> list[bytes]:
        lines = []
        while self._lines:
            lines.append(self._lines.popleft())
        return lines
