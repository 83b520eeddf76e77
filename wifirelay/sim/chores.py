# SPDX-License-Identifier: GPL-2.0-or-later
"""What a router's daemons start on their own: one at a time, never while others wait for it.

Scripts may call simulated programs, so they cannot run while the router's lock is held,
as it is when something happens on the timeline. In virtual time `work` does what is
waiting, before time goes on; in real time a thread does.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from wifirelay.errors import WifirelayError

Chore = Callable[[], object]


class Chores:
    """A queue of things to do. `real` says whether time is real now."""

    def __init__(self, real: Callable[[], bool]) -> None:
        self.real = real
        self._waiting: deque[Chore] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def __bool__(self) -> bool:
        """Whether there is something for `work`."""
        return bool(self._waiting) and self._thread is None

    def add(self, chore: Chore) -> None:
        with self._lock:
            self._waiting.append(chore)
            if self.real() and self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="sim-chores", daemon=True)
                self._thread.start()

    def clear(self) -> None:
        """Power is gone."""
        with self._lock:
            self._waiting.clear()

    def work(self) -> None:
        """Do what waits, in this thread."""
        while (chore := self._next()) is not None:
            chore()

    def close(self) -> None:
        self._closed = True
        self.clear()
        if (thread := self._thread) is not None and thread is not threading.current_thread():
            thread.join(5)

    def _next(self) -> Chore | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                chore = self._waiting.popleft()
            with suppress(WifirelayError, OSError):  # the router is gone, or its script hangs
                chore()
