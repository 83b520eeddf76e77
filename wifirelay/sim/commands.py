# SPDX-License-Identifier: GPL-2.0-or-later
"""How commands run on a simulated router, and the time that they take.

A simulated program is answered at once, in this process or through a shim; anything
else runs for real in ash. Every command line and every started process is noted.
"""

import os
import queue
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from wifirelay.errors import DeadlineExceeded
from wifirelay.sim.programs import DIRECT, RC_COMMON, Program
from wifirelay.sim.shims import Printer, Reader
from wifirelay.sim.ubus import listening
from wifirelay.transport.base import Completed

if TYPE_CHECKING:
    from wifirelay.sim.router import SimRouter

SENTRY_ORIGIN = "sentry"


class Commands:
    """Runs the commands of one router."""

    def __init__(self, router: "SimRouter") -> None:
        self._router = router

    def execute(
        self,
        argv: Sequence[str],
        stdin: bytes | None,
        origin: str,
        deadline: float | None,
        more: Mapping[str, str] | None = None,
    ) -> Completed:
        """One command of a controller."""
        router = self._router
        name = argv[0].rpartition("/")[2]
        if argv[0].startswith("/etc/init.d/"):
            argv = [RC_COMMON, name, *argv[1:]]
            name = RC_COMMON
        self._note(argv, origin)
        if self._simulated(name) and (not argv[0].startswith("/") or name == "cat"):
            completed = self._program(DIRECT[name], argv[1:], stdin or b"", origin, deadline)
            if name == RC_COMMON or (name == "ubus" and "rc" in argv):
                router.settle()
            return completed
        started = router.now
        words = list(argv)
        if words[0] in ("sh", "ash", "/bin/sh"):
            words = router.shell.script_argv(words)
        else:
            router.shell.launch.look()
            if words[0].startswith("/"):
                words.insert(0, router.shell.launch.exec)
            if not os.path.exists(router.root.here(argv[0])):  # its paths are the router's
                words[1:] = [router.root.here(w) if w.startswith("/") else w for w in words[1:]]
        self._spend(router.timings.quick, origin)
        completed = router.shell.run(words, stdin, origin=origin, more=more)
        router.settle()
        router.look()
        if deadline is not None and router.now - started > deadline:
            raise DeadlineExceeded(f"{argv[0]} took {router.now - started:.1f} s")
        return completed

    def shim(
        self, origin: str, argv: Sequence[str], read: Reader, write: Printer
    ) -> tuple[int, bytes, bytes]:
        """Answer one shim."""
        program, sentry = DIRECT[argv[0]], self._router.sentry
        if origin == SENTRY_ORIGIN:
            sentry.calls += 1
        try:
            self._note(argv, origin)
            wanted = listening(argv[1:]) if argv[0] == "ubus" else None
            if wanted is not None:
                return self._listen(wanted, write)
            stdin = read() if program.reads(argv[1:]) else b""
            completed = self._program(program, argv[1:], stdin, origin)
            if origin == SENTRY_ORIGIN and argv[0] in ("sleep", "usleep"):
                sentry.sleeps += 1
        finally:
            if origin == SENTRY_ORIGIN:
                sentry.calls -= 1
        return completed.rc, completed.out, completed.err

    def _program(
        self,
        program: Program,
        argv: Sequence[str],
        stdin: bytes,
        origin: str,
        deadline: float | None = None,
    ) -> Completed:
        router = self._router
        with router.lock:
            before = program.before(router, argv)
        self._spend(before if deadline is None else min(before, deadline), origin)
        if deadline is not None and before > deadline:
            raise DeadlineExceeded(f"no answer within {deadline:g} s")
        apart = program.apart(router, argv)
        if apart:
            answer = program.run(router, argv, stdin)
        with router.lock:
            if not apart:
                answer = program.run(router, argv, stdin)
            router.sync()
            if program.flash:
                router.look()
        if answer.after:
            after = answer.after if deadline is None else min(answer.after, deadline)
            self._spend(after, origin)
            if deadline is not None and answer.after > deadline:
                raise DeadlineExceeded(f"no answer within {deadline:g} s")
        return answer.completed

    def _listen(self, wanted: Callable[[str], bool], write: Printer) -> tuple[int, bytes, bytes]:
        """`ubus listen` for a shim: until it, or the router, is gone."""
        router = self._router
        events: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        stop, boots = router.watch_events(lambda *event: events.put(event)), router.boots
        try:
            while not router.closed and router.boots == boots:
                try:
                    name, text = events.get(timeout=0.1)
                except queue.Empty:
                    write(b"")  # fails when the shim is gone
                    continue
                if wanted(name):
                    write(f"{text}\n".encode("utf-8", "surrogateescape"))
        finally:
            stop()
        return 0, b"", b""

    def _spend(self, seconds: float, origin: str) -> None:
        router = self._router
        if router.speed is not None:
            time.sleep(seconds / router.speed)
            return
        if origin != SENTRY_ORIGIN:
            router.settle()
        elif seconds <= router.timings.quick:
            return  # it runs beside the controller, and takes none of its time
        router.advance(seconds, ticks=origin != SENTRY_ORIGIN)

    def _simulated(self, name: str) -> bool:
        """Whether a program of that name is simulated, and there."""
        return name in DIRECT and name != self._router.packages.absent

    def _note(self, argv: Sequence[str], origin: str) -> None:
        with self._router.lock:
            self._router.argvs.append(tuple(argv))
            self._router.processes[origin] += 1
