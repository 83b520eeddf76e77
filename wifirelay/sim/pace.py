# SPDX-License-Identifier: GPL-2.0-or-later
"""Real time: a thread that lets the simulated router's time follow this machine's."""

import threading
import time
from collections.abc import Callable

STEP = 0.02  # seconds of this machine between two looks at the clock


class Pacer:
    """Calls `advance` with the seconds of router time that are due."""

    def __init__(
        self, speed: float, now: Callable[[], float], advance: Callable[[float], None]
    ) -> None:
        self._speed, self._now, self._advance = speed, now, advance
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sim-time", daemon=True)

    def start(self) -> None:
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def _run(self) -> None:
        start, origin = time.monotonic(), self._now()
        while not self._stopping.wait(STEP):
            due = origin + (time.monotonic() - start) * self._speed - self._now()
            if due > 0:
                self._advance(due)
