# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells the owner's hooks what the service does, beside it: none of them can hold it up.

Each hook has a queue with an end and, while it has something to do, a thread of its own that only
waits for a process; so a hook gets its events in order, and one that hangs is in nobody's way.
Loaded only where there is a hook. Reads no configuration, and knows no router.
"""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from wifirelay.clock import readable
from wifirelay.config.hooks import Hook, unfit
from wifirelay.service.events import Event, Kind

WAITING = 8  # events that wait for one hook; beyond, the oldest is dropped
QUIET = 3600.0  # seconds between two complaints about one hook
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"  # where we have none ourselves
PORTAL = "portal"  # the cause of a failed trial, and the verdict of a look at the internet
MOST = 300  # bytes of a complaint

_WORDS = {
    Kind.JOINED: "joined",
    Kind.RETURNED: "returned",
    Kind.LOST: "lost",
    Kind.FAILED: "failed",
    Kind.OFFLINE: "offline",
    Kind.ONLINE: "online",
    Kind.DARK: "own-ap-off",
    Kind.LIT: "own-ap-on",
    Kind.TROUBLE: "trouble",
}


def words(event: Event) -> frozenset[str]:
    """The words of a hook's `on` that mean this event."""
    word = _WORDS.get(event.kind)
    if word is None:
        return frozenset()
    return frozenset((word, PORTAL) if event.cause == PORTAL else (word,))


class Hooks:
    """All of one service."""

    def __init__(self) -> None:
        self._runners: dict[Hook, Runner] = {}

    def configured(self, hooks: Iterable[Hook]) -> None:
        """These hold from now on; what is not there any more is ended."""
        before = self._runners
        self._runners = {hook: before.get(hook) or Runner(hook) for hook in hooks}
        for hook, runner in before.items():
            if hook not in self._runners:
                runner.end()

    def tell(self, event: Event, line: str) -> None:
        """Those that want to know this; `line` is what they get. Returns at once."""
        found = words(event)
        for hook, runner in self._runners.items():
            if found & hook.on:
                runner.add(line)

    def complaints(self) -> list[str]:
        """What went wrong since the last time, at most one of each hook within an hour."""
        found = [runner.complaint() for runner in self._runners.values()]
        return [text for text in found if text]

    def finish(self, seconds: float) -> None:
        """Wait until all are told, at most so long."""
        until = time.monotonic() + seconds
        for runner in self._runners.values():
            runner.join(until - time.monotonic())

    def end(self) -> None:
        """No process runs on."""
        for runner in self._runners.values():
            runner.end()


class Runner:
    """Of one hook. Its thread is there while something waits."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        self._lock = threading.Lock()  # for all below
        self._lines: deque[str] = deque()
        self._thread: threading.Thread | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._dropped = 0
        self._wrong = ""
        self._said_at: float | None = None

    def add(self, line: str) -> None:
        """Tell it this, after what waits already."""
        with self._lock:
            if self._ended:
                return
            self._lines.append(line)
            if len(self._lines) > WAITING:
                self._lines.popleft()
                self._dropped += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                try:
                    self._thread.start()
                except RuntimeError:  # no memory for its stack
                    self._thread, self._wrong = None, "was not told: no thread can be started"

    def complaint(self) -> str:
        """What the owner should know, seldom."""
        with self._lock:
            parts = [self._wrong] if self._wrong else []
            if self._dropped:
                parts.append(f"{self._dropped} events were dropped: it is too slow for them")
            now = time.monotonic()
            if not parts or (self._said_at is not None and now - self._said_at < QUIET):
                self._wrong = ""
                return ""
            self._said_at, self._wrong, self._dropped = now, "", 0
        return f"hook {self._hook}: {'; '.join(parts)}"

    def join(self, seconds: float) -> None:
        thread = self._thread
        if thread is not None:
            thread.join(max(0.0, seconds))

    def end(self) -> None:
        with self._lock:
            self._ended = True
            self._lines.clear()
            if self._child is not None:
                _kill(self._child)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._lines:
                    self._thread = None
                    return
                line = self._lines.popleft()
            try:
                wrong = self._deliver(line)
            except OSError as error:  # no file numbers, an old kernel
                wrong = f"was not told: {error.strerror}"
            with self._lock:
                self._wrong = wrong or self._wrong

    def _deliver(self, line: str) -> str:
        """What went wrong; empty when nothing did."""
        hook = self._hook
        if why := unfit(hook):
            return f"was not told: {why}"
        url = hook.url is not None
        try:
            child = subprocess.Popen(
                _argv(hook),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if url else subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", PATH)},
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            return f"was not told: {error.strerror}"
        with self._lock:
            self._child = child
            if self._ended:
                _kill(child)
        try:
            _feed(child, _given(hook, line))
            in_time = _ends(child, hook.timeout)
        finally:
            with self._lock:  # then its number may be another's
                self._child = None
            _kill(child)
            said = _said(child)
            child.wait()
        if not in_time:
            return f"did not end within {hook.timeout:g} s, and was killed"
        code = child.returncode
        if code == 0:
            return ""
        return said or (
            f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        )


def _argv(hook: Hook) -> list[str]:
    """Nothing of the event, and no secret."""
    if hook.url is not None:
        folder, name = os.path.split(__file__)
        program = os.path.join(folder, "post" + os.path.splitext(name)[1])
        return [sys.executable, "-IS", program]
    # A process that begins holds the whole service until its `exec` is done, which may be never
    # on a dead disk or network drive: so it is a shell's.
    return ["/bin/sh", "-c", 'exec "$0"', hook.run]


def _given(hook: Hook, line: str) -> bytes:
    text = f"{line}\n"
    if hook.url is not None:
        token = hook.token.reveal() if hook.token is not None else ""
        text = f"{hook.url.reveal()}\n{token}\n{text}"
    return text.encode("utf-8", "surrogateescape")


def _feed(child: "subprocess.Popen[bytes]", data: bytes) -> None:
    """Give it all, at once: a pipe holds 64 KiB, and nobody waits for a reader."""
    if child.stdin is not None:
        with child.stdin, suppress(BrokenPipeError):  # it does not want to know
            os.set_blocking(child.stdin.fileno(), False)
            if os.write(child.stdin.fileno(), data) < len(data):
                raise OSError(errno.EMSGSIZE, "the event is too long for a pipe")


def _ends(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether it ended by itself within so long. It is not reaped: its number is its own still."""
    number = os.pidfd_open(child.pid)
    try:
        return bool(readable(seconds, number))
    finally:
        os.close(number)


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """With all that it has started; not reaped yet, so that the group's number is its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _said(child: "subprocess.Popen[bytes]") -> str:
    """What the program that sends has to say: all who could write to it are dead."""
    if child.stdout is None:
        return ""
    with child.stdout:
        os.set_blocking(child.stdout.fileno(), False)
        with suppress(BlockingIOError):
            return os.read(child.stdout.fileno(), MOST).decode("utf-8", "replace").strip()
    return ""
