# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs wifirelay itself for many routers at once: a process for each, so many side by side.

A process of its own for each router shares nothing with the others: no link, no lock, no output.
Knows processes, limits and signals, and nothing of what the answers mean.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum

import wifirelay

# SIGINT may be ignored where a script started us in the background; ours is the one that ends it.
_START = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.append(sys.argv.pop(1))
from wifirelay.__main__ import main
sys.exit(main())
"""
TICK = 0.5  # seconds between two looks at what was asked meanwhile
_FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(wifirelay.__file__)))
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Task:
    """A command line (without the program), and how many seconds it has."""

    words: tuple[str, ...]
    limit: float
    grace: float  # seconds to end by itself, once interrupted; then it is killed


class Cut(str, Enum):
    """Why a process did not end by itself."""

    LIMIT = "limit"
    INTERRUPTED = "interrupted"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended. `code` is None where it was never begun, negative for a signal."""

    code: int | None
    out: bytes
    err: bytes
    seconds: float
    cut: Cut | None


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Somebody wants an end: Ctrl-C, SIGTERM, or the terminal has gone."""


class Crew:
    """Does tasks in their order, at most `jobs` at a time, and tells of each end.

    Inside of `with`, signals do not raise: `next` returns them. What still runs at the end of the
    `with` is killed.
    """

    def __init__(self, tasks: Sequence[Task], jobs: int) -> None:
        self._todo = deque(enumerate(tasks))
        self._jobs = min(jobs, len(tasks))
        self._told: queue.SimpleQueue[tuple[int, Ended] | Interrupt] = queue.SimpleQueue()
        self._lock = threading.Lock()  # of what follows
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopping = False

    def __enter__(self) -> "Crew":
        self._signals = _told_to(self._told)
        self._signals.__enter__()
        for _ in range(self._jobs):
            threading.Thread(target=self._work, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._end(signal.SIGKILL)
        self._signals.__exit__(None, None, None)

    def next(self) -> tuple[int, Ended] | Interrupt:
        """Waits for the next end (the task's index with it), or an interrupt."""
        while True:
            # A signal that comes just before the wait does not end it: CPython heeds it after.
            with suppress(queue.Empty):
                return self._told.get(timeout=TICK)

    def interrupt(self) -> None:
        """End all as Ctrl-C does: each takes back what it has begun. Nothing more is begun."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End all at once."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        with self._lock:
            self._stopping = True
            for process in self._running:
                process.send_signal(number)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._todo:
                    return
                index, task = self._todo.popleft()
                process, failed = None, Ended(None, b"", b"", 0.0, Cut.INTERRUPTED)
                if not self._stopping:
                    try:
                        process = _started(task)
                        self._running.add(process)
                    except OSError as error:  # no more processes, no memory
                        failed = Ended(1, b"", str(error.strerror).encode(), 0.0, None)
            if process is None:
                self._told.put((index, failed))
                continue
            begun = time.monotonic()
            out, err, cut = self._watched(process, task, begun)
            seconds = time.monotonic() - begun
            self._told.put((index, Ended(process.returncode, out, err, seconds, cut)))

    def _watched(
        self, process: subprocess.Popen[bytes], task: Task, begun: float
    ) -> tuple[bytes, bytes, Cut | None]:
        """What it says until its end, which comes: by itself, by its limit, or by force."""
        cut = None
        end = begun + task.limit
        while True:
            try:
                out, err = process.communicate(timeout=min(TICK, max(0.0, end - time.monotonic())))
                break
            except subprocess.TimeoutExpired:
                now = time.monotonic()
                if cut is None and self._stopping:
                    cut, end = Cut.INTERRUPTED, now + task.grace
                elif cut is None and now >= end:
                    cut, end = Cut.LIMIT, now + task.grace
                    process.send_signal(signal.SIGINT)
                elif now >= end:
                    process.kill()
        with self._lock:
            self._running.discard(process)
            stopping = self._stopping
        if cut is None and stopping:
            cut = Cut.INTERRUPTED
        return out, err, cut


def _started(task: Task) -> "subprocess.Popen[bytes]":
    """In a session of its own: no terminal to ask on, and no Ctrl-C but ours."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, _FOLDER, *task.words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@contextmanager
def _told_to(told: "queue.SimpleQueue[tuple[int, Ended] | Interrupt]") -> Iterator[None]:
    """Signals become entries of the queue, whose `put` may be called from a handler."""
    before = {}
    with suppress(ValueError):  # not the main thread: signals are somebody else's
        for each in _SIGNALS:
            if signal.getsignal(each) is not signal.SIG_IGN:
                before[each] = signal.signal(each, lambda _number, _frame: told.put(Interrupt()))
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
