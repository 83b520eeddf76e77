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
_SPIN = 0.002  # a loop that starts no process takes a quarter of this: no sleep is so short
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

    @property
    def resting(self) -> bool:
        """Whether it has nothing to do before its next tick, as far as can be told at no cost."""
        return not self._starting and self.calls == 0

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
            return int(_read(os.path.join(self._folder, "alive")).split()[1])
        except (OSError, ValueError, IndexError):
            return None

    def _stamp(self) -> tuple[int, int] | None:
        try:
            stat = os.stat(os.path.join(self._folder, "alive"))
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def _wait(self, done: Callable[[], bool]) -> None:
        begun = time.monotonic()
        while not done() and (spent := time.monotonic() - begun) < LIMIT:
            if spent < _SPIN and self.calls == 0:
                os.sched_yield()
            elif self._state() in ("S", "R", "D"):
                time.sleep(_POLL)
            else:
                break

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
            return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0].decode("ascii")
        except (OSError, IndexError):
            return ""

    def _children(self) -> bool:
        pid = self.pid
        try:
            return bool(_read(f"/proc/{pid}/task/{pid}/children").strip())
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


def _read(path: str) -> bytes:
    """A short file: without the layers of `open`, which cost more than the reading."""
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, 1024)
    finally:
        os.close(file)
