# SPDX-License-Identifier: GPL-2.0-or-later
"""One command over one open SSH channel: feed it, drain it, know how it ended.

Knows the channel's few methods (paramiko's) and no connection. What was measured: both
streams share one window and must be drained together; the exit status comes last, and
waiting for it first blocks for good; a lost link looks like exit status -1.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from wifirelay.clock import readable
from wifirelay.errors import LinkLost
from wifirelay.transport.base import MOST, Completed, lines_of

CHUNK = 32768  # bytes a read; above dropbear's window of 24 KiB
WRITE_WAIT = 0.02  # seconds between looks at the window: only reads wake the poll
STATUS_WAIT = 0.02  # seconds between looks for the exit status, which no poll tells
# Seconds. paramiko 5.1's pipe behind `fileno` can lose a wake-up: its OrPipe.clear and
# OrPipe.set run in two threads without a common lock. So no poll waits longer.
TICK = 0.25
NO_STATUS = -1  # paramiko's: the link died, or a signal killed the command


class Channel(Protocol):
    """What is used of paramiko.Channel."""

    closed: bool
    status_event: threading.Event

    @property
    def eof_received(self) -> int: ...

    def fileno(self) -> int: ...
    def recv_ready(self) -> bool: ...
    def recv(self, nbytes: int) -> bytes: ...
    def recv_stderr_ready(self) -> bool: ...
    def recv_stderr(self, nbytes: int) -> bytes: ...
    def send_ready(self) -> bool: ...
    def send(self, s: bytes) -> int: ...
    def shutdown_write(self) -> None: ...
    def recv_exit_status(self) -> int: ...
    def close(self) -> None: ...


class NoExitStatus(Exception):
    """The channel ended and told no exit status."""


class Overflow(Exception):
    """The command wrote more than it may."""


def converse(channel: Channel, stdin: bytes, deadline: float, most: int = MOST) -> Completed:
    """Feed the command that this channel runs and wait for its end.

    `deadline` is in seconds for the whole command, `most` in bytes for both streams. Raises
    TimeoutError when it passed, Overflow, NoExitStatus, and what the channel raises.
    """
    until = time.monotonic() + deadline
    out: list[bytes] = []
    err: list[bytes] = []
    rest: memoryview | None = memoryview(stdin)
    number = channel.fileno()
    while True:
        ended = channel.eof_received or channel.closed  # before the drain: nothing comes after
        while channel.recv_ready():
            most -= _kept(out, channel.recv(CHUNK), most)
        while channel.recv_stderr_ready():
            most -= _kept(err, channel.recv_stderr(CHUNK), most)
        if ended:
            break
        if rest is not None:
            rest = _feed(channel, rest)
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        readable(min(left, TICK if rest is None else WRITE_WAIT), number)
    if not channel.status_event.wait(max(0.0, until - time.monotonic())):
        raise TimeoutError  # both streams closed, and the command goes on
    status = channel.recv_exit_status()
    if status == NO_STATUS:
        raise NoExitStatus
    return Completed(status, b"".join(out), b"".join(err))


def _kept(parts: list[bytes], data: bytes, most: int) -> int:
    """Keep this too; how long it is. Here, and not later, for a flood never ends the drain."""
    if len(data) > most:
        raise Overflow
    parts.append(data)
    return len(data)


def _feed(channel: Channel, rest: memoryview) -> memoryview | None:
    """Send what the window takes now; None when all is sent or nobody reads any more."""
    try:
        while rest and channel.send_ready():
            rest = rest[channel.send(bytes(rest[:CHUNK])) :]
        if rest:
            return rest
        channel.shutdown_write()  # always: a command that reads would wait for ever
    except OSError:
        if not channel.closed:
            raise
    return None


class Lines:
    """The lines that a channel's command writes: a `Following`; `close` ends the channel.

    `fail` makes the error to raise when the link dies under it. `close` may come from
    another thread: `lines` returns then, within `TICK`.
    """

    def __init__(self, channel: Channel, fail: Callable[[], Exception]) -> None:
        self._channel = channel
        self._fail = fail
        self._closed = False
        self._rest = b""  # a line that has begun

    @property
    def ended(self) -> bool:
        return self._closed

    def lines(self, seconds: float, wake: int | None = None) -> list[bytes]:
        channel, until = self._channel, time.monotonic() + seconds
        number = None if self._closed else channel.fileno()
        while not self._closed:
            eof = bool(channel.eof_received or channel.closed)  # before the look: nothing after
            told = eof and channel.status_event.is_set()
            if channel.recv_ready():
                try:
                    lines, self._rest = lines_of(self._rest, channel.recv(CHUNK))
                except LinkLost:
                    self.close()
                    raise
                if lines:
                    return lines
            elif told:
                return self._end()
            left = until - time.monotonic()
            # at its end the channel is readable for good: do not spin until the exit status comes
            ready = readable(min(left, STATUS_WAIT if eof else TICK), None if eof else number, wake)
            if wake in ready or left <= 0:
                break
        return []

    def _end(self) -> list[bytes]:
        lost = self._channel.recv_exit_status() == NO_STATUS and not self._closed
        self.close()
        if lost:  # what is left may be half a line
            raise self._fail()
        lines, self._rest = [self._rest] if self._rest else [], b""
        return lines

    def close(self) -> None:
        self._closed = True
        shut(self._channel)

    def __del__(self) -> None:
        self.close()


def shut(channel: Channel) -> None:
    """Close a channel, on a link that may be dead."""
    with suppress(EOFError, OSError):
        channel.close()
