# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells the owner's hooks what the service does, beside it: none of them can hold it up.

Each hook has a queue with an end, and a thread that only waits for a process; so a hook gets its
events in order, and one that hangs is in nobody's way. Loaded only where there is a hook, and
short: it is on the router. Reads no configuration, and knows no router.
"""

import os
import signal
import subprocess
import sys
from collections import deque
from contextlib import suppress
from threading import Semaphore, Thread
from time import monotonic

from wifirelay.clock import readable
from wifirelay.config.hooks import Hook, unfit
from wifirelay.service.events import Event

WAITING = 8  # events that wait for one hook; beyond, the oldest is dropped
QUIET = 3600.0  # seconds between two complaints about one hook
TICK = 0.25  # seconds between looks whether the service ends, while a process runs
HOOK = "hook"  # the cause of trouble with one
FOREVER = float("inf")


class Told:
    """One hook. Whatever goes wrong becomes a text in `wrong`, at most one an hour."""

    def __init__(self, hook: Hook, wrong: list[str]) -> None:
        self.hook, self._wrong = hook, wrong
        self._quiet_until, self._until = 0.0, FOREVER
        self._lines: deque[str] = deque(maxlen=WAITING)
        self._news = Semaphore(0)
        self._thread: Thread | None = None

    def tell(self, event: Event, line: str) -> None:
        """Of this, if it wants to know, after what waits already; `line` is what it gets. Returns
        at once."""
        if event.kind.value not in self.hook.on or event.cause == HOOK:  # that would never end
            return
        if len(self._lines) == WAITING:
            self._complain("too slow, events were dropped")
        self._lines.append(line)
        self._news.release()
        if self._thread is None:
            thread = Thread(target=self._work, daemon=True)
            try:
                thread.start()
                self._thread = thread
            except RuntimeError as error:  # no memory for its stack
                self._complain(str(error))

    def end(self, until: float) -> None:
        """Its process ends at this moment, and nothing begins after it. Waits for that, and a
        little longer."""
        self._until = until
        self._news.release()
        if self._thread is not None:
            self._thread.join(max(0.0, until - monotonic()) + 4 * TICK)

    def _work(self) -> None:
        while self._lines or self._until == FOREVER:
            self._news.acquire()
            if self._lines:
                try:
                    wrong = self._deliver(self._lines.popleft())
                except (OSError, AttributeError) as error:  # nothing is left; this is no Linux
                    wrong = str(error)
                if wrong and monotonic() < self._until:
                    self._complain(wrong)

    def _complain(self, text: str) -> None:
        if monotonic() >= self._quiet_until:
            self._quiet_until = monotonic() + QUIET
            self._wrong.append(f"hook {self.hook}: {text.removeprefix(f'{self.hook} ')}")

    def _deliver(self, line: str) -> str:
        """What went wrong. No argument has anything of the event, or of a secret."""
        hook, ended = self.hook, False
        until = min(monotonic() + hook.timeout, self._until)
        if (why := unfit(hook)) or monotonic() >= until:
            return why
        # A process that begins holds the whole service until its `exec` is done, which may be never
        # on a dead disk or network drive: so that is left to a shell.
        argv = ["/bin/sh", "-c", 'exec "$0"', hook.run]
        if not hook.run:
            argv = [sys.executable, "-IS", __file__.replace("hooks.py", "post.py")]
            line = f"{hook.url.reveal()}\n{hook.token.reveal()}\n{line}"
        with subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL if hook.run else subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath)},
            cwd="/",
            start_new_session=True,
        ) as child:
            try:
                number = os.pidfd_open(child.pid)
                given, said = child.stdin, child.stdout
                if given is not None:
                    os.set_blocking(given.fileno(), False)  # a pipe holds 64 KiB
                    with suppress(BrokenPipeError), given:  # it does not want to know
                        os.write(given.fileno(), f"{line}\n".encode())
                while not ended and monotonic() < min(until, self._until):
                    ended = bool(readable(TICK, number))
                os.close(number)
            finally:
                # All that it has started as well; not reaped yet, so that its number is its own.
                os.killpg(child.pid, signal.SIGKILL)
            text = said.read().decode() if said is not None else ""
        if not ended:
            return f"killed after {hook.timeout:g} s"
        return text or (f"exit code {child.returncode}" if child.returncode else "")
