# SPDX-License-Identifier: GPL-2.0-or-later
"""What the service is told while it works: by signals, and in tests by hand."""

import os
import signal
from contextlib import suppress
from types import FrameType, TracebackType

_HANDLED = (signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
LEAVE_LIMIT = 3.0  # seconds after TERM for the last words to a router that may not answer


class Terminated(BaseException):
    """The service shall end now. Not an Exception: nothing may swallow it on its way."""


class Wishes:
    """What was asked for and not done yet. `fd` becomes readable with each new wish."""

    def __init__(self) -> None:
        self.reload = False
        self.scan = False
        self.fd, self._write = os.pipe()
        for end in (self.fd, self._write):
            os.set_blocking(end, False)

    def wish(self, *, reload: bool = False, scan: bool = False) -> None:
        self.reload, self.scan = self.reload or reload, self.scan or scan
        with suppress(OSError):  # full: it is readable, and that is all it is for
            os.write(self._write, b"!")

    def clear(self) -> None:
        """They are being looked at: wait for new ones."""
        with suppress(BlockingIOError):
            while os.read(self.fd, 512):
                pass

    def close(self) -> None:
        for end in (self.fd, self._write):
            os.close(end)


class Signals:
    """In a `with` block: HUP reloads the configuration, USR1 scans now, TERM and INT end.

    TERM raises Terminated wherever the service is, and once more after LEAVE_LIMIT if it has
    not ended; a second TERM does nothing. Nothing that is cut so can harm the router: its sentry
    ends what was begun.
    """

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._before: dict[int, object] = {}
        self._ending = False

    def __enter__(self) -> "Signals":
        for number in _HANDLED:
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type] # as it was given to us

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del frame
        if number == signal.SIGHUP:
            self._wishes.wish(reload=True)
        elif number == signal.SIGUSR1:
            self._wishes.wish(scan=True)
        elif number == signal.SIGALRM:
            raise Terminated
        elif not self._ending:
            self._ending = True
            signal.setitimer(signal.ITIMER_REAL, LEAVE_LIMIT)
            raise Terminated
