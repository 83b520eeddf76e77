# SPDX-License-Identifier: GPL-2.0-or-later
"""One command over one open SSH channel: feed it, drain it, know how it ended.

Knows the channel's few methods (paramiko's) and no connection. What was measured: both
streams share one window and must be drained together; the exit status comes last, and
waiting for it first blocks for good; a lost link looks like exit status -1.
"""

import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

from wifirelay.transport.base import Completed

CHUNK = 32768  # bytes a read; above dropbear's window of 24 KiB
WRITE_WAIT = 0.02  # seconds between looks at the window: only reads wake the poll
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


def converse(channel: Channel, stdin: bytes, deadline: float) -> Completed:
    """Feed the command that this channel runs and wait for its end.

    `deadline` is in seconds for the whole command. Raises TimeoutError when it passed,
    NoExitStatus, and what the channel raises.
    """
    until = time.monotonic() + deadline
    out: list[bytes] = []
    err: list[bytes] = []
    rest: memoryview | None = memoryview(stdin)
    poll = _poll(channel)
    while True:
        ended = channel.eof_received or channel.closed  # before the drain: nothing comes after
        while channel.recv_ready():
            out.append(channel.recv(CHUNK))
        while channel.recv_stderr_ready():
            err.append(channel.recv_stderr(CHUNK))
        if ended:
            break
        if rest is not None:
            rest = _feed(channel, rest)
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        poll(min(left, TICK if rest is None else WRITE_WAIT))
    if not channel.status_event.wait(max(0.0, until - time.monotonic())):
        raise TimeoutError  # both streams closed, and the command goes on
    status = channel.recv_exit_status()
    if status == NO_STATUS:
        raise NoExitStatus
    return Completed(status, b"".join(out), b"".join(err))


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


class Lines(Iterator[bytes]):
    """The lines that a channel's command writes; `close` ends the channel.

    `fail` makes the error to raise when the link dies under it.
    """

    def __init__(self, channel: Channel, fail: Callable[[], Exception]) -> None:
        self._channel = channel
        self._fail = fail
        self._poll = _poll(channel)
        self._closed = False
        self._rest = b""
        self._lines: list[bytes] = []  # complete ones, the next one last

    def __next__(self) -> bytes:
        while not self._lines:
            if self._closed:
                raise StopIteration
            ended = self._channel.eof_received or self._channel.closed
            if self._channel.recv_ready():
                *lines, self._rest = (self._rest + self._channel.recv(CHUNK)).split(b"\n")
                self._lines = lines[::-1]
            elif not ended:
                self._poll(TICK)
            elif self._rest:
                self._lines, self._rest = [self._rest], b""
            else:
                raise self._end()
        return self._lines.pop()

    def _end(self) -> Exception:
        lost = self._channel.recv_exit_status() == NO_STATUS and not self._closed
        self.close()
        return self._fail() if lost else StopIteration()

    def close(self) -> None:
        self._closed = True
        shut(self._channel)

    def __del__(self) -> None:
        self.close()


def shut(channel: Channel) -> None:
    """Close a channel, on a link that may be dead."""
    with suppress(EOFError, OSError):
        channel.close()


def _poll(channel: Channel) -> Callable[[float], object]:
    """A wait of at most so many seconds until the channel has news: output, its end, its loss."""
    poll = select.poll()
    poll.register(channel.fileno(), select.POLLIN)
    return lambda seconds: poll.poll(seconds * 1000)
