# SPDX-License-Identifier: GPL-2.0-or-later
"""Gives the real sentry its ticks, so that it lives in simulated time.

The sentry blocks on its fifo ROOT/var/run/wifirelay/poke and counts its loops in the
file `alive` beside it ("UPTIME COUNT"). A tick is a line in the fifo; then the simulator
waits until the count has grown and the sentry sleeps again. Times here are seconds of
this machine.
"""

import fcntl
import os
import struct
import termios
import time
from collections.abc import Callable

TICK = 5.0  # seconds of router time between two ticks: the sentry's own time-out
LIMIT = 10.0  # a loop that takes longer hangs
_POLL = 0.0003
_SLEEPS = 3  # so often may the sentry sleep in one loop before it counts as waiting


class Sentry:
    """The simulator's end of the sentry's fifo."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.pid: int | None = None  # set by procd
        self.calls = 0  # shims of the sentry that are being answered now
        self.sleeps = 0  # how often it called `sleep` at all
        self._before: tuple[int, int] | None = None  # the alive file at its start
        self._starting = False

    def started(self, pid: int) -> None:
        """procd has just started it: its first loop is still to come."""
        self.pid, self._before, self._starting = pid, self._stamp(), True

    def tick(self) -> bool:
        """One tick, and wait for its loop; False when there was nobody to give it to."""
        if not self.settle():
            return False
        before = self.count()
        if not self._poke():
            return False
        self._wait(lambda: self.count() != before)
        return self.settle()

    def poke_only(self) -> None:
        """One tick without waiting, unless one lies in the fifo already (real time)."""
        if self.calls == 0 and self._unread() == 0:
            self._poke()

    def settle(self) -> bool:
        """Wait until the sentry sleeps with nothing to read; False when it is not alive."""
        sleeps = self.sleeps
        if self._starting:
            self._wait(lambda: self._stamp() != self._before or self.sleeps - sleeps >= _SLEEPS)
            self._starting = False
        self._wait(lambda: self._idle() or self.sleeps - sleeps >= _SLEEPS)
        return self._state() in ("S", "R", "D")

    def count(self) -> int | None:
        """How many loops it has done, by its own file."""
        try:
            with open(os.path.join(self._folder, "alive"), encoding="ascii") as file:
                words = file.read().split()
            return int(words[1])
        except (OSError, ValueError, IndexError):
            return None

    def _stamp(self) -> tuple[int, int] | None:
        try:
            stat = os.stat(os.path.join(self._folder, "alive"))
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def _wait(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + LIMIT
        while not done() and time.monotonic() < end and self._state() in ("S", "R", "D"):
            time.sleep(_POLL)

    def _idle(self) -> bool:
        return (
            self.calls == 0
            and self._state() == "S"
            and not self._children()
            and self._unread() == 0
            and self._state() == "S"
        )

    def _state(self) -> str:
        """The process's state by Linux's letter; empty when there is none."""
        pid = self.pid
        if pid is None:
            return ""
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                return file.read().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            return ""

    def _children(self) -> bool:
        pid = self.pid
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                return bool(file.read().strip())
        except OSError:
            return False

    def _open(self) -> int | None:
        try:
            return os.open(os.path.join(self._folder, "poke"), os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None

    def _poke(self) -> bool:
        link = self._open()
        if link is None:
            return False
        try:
            os.write(link, b"tick\n")
        except OSError:
            return False
        finally:
            os.close(link)
        return True

    def _unread(self) -> int:
        link = self._open()
        if link is None:
            return 0
        try:
            size: int = struct.unpack("i", fcntl.ioctl(link, termios.FIONREAD, b"\0\0\0\0"))[0]
        except OSError:
            return 0
        finally:
            os.close(link)
        return size
