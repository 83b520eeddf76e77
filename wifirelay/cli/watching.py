# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks at a router again and again in a thread of its own: whoever shows it is never held up."""

import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from wifirelay.cli.looking import Looking, Seen
from wifirelay.clock import Clock
from wifirelay.errors import HostKeyRefused, LoginRefused, RouterAnswer, TransportError
from wifirelay.view.picture import Picture, Source, number, part, text, uplink

KEPT = 500  # strengths: as many as the widest screen shows
_LEAVE = 3.0  # seconds for a look to end when nobody wants it any more


@dataclass(frozen=True, slots=True)
class _State:
    """What is known, with moments of the clock where a picture has ages."""

    seen: Seen | None = None
    seen_at: float = 0.0
    heard_at: float | None = None
    online_since: float | None = None
    signals: tuple[float | None, ...] = ()
    trouble: str = ""
    busy: str = "asking the router"
    looks: int = 0


class Watching:
    """A `with` block. `fd` can be read when there is something new; `clear` it then."""

    def __init__(
        self,
        opening: Callable[[Callable[[str], None]], Looking],
        router: str,
        interval: float,
        clock: Clock,
        source: Source,
        *,
        airing: bool,
    ) -> None:
        """`opening` makes what looks, given what is told when something takes long. `interval`
        in seconds; `source` is what is said before the first look. `airing`: the air is shown,
        so one scan is made after the first look."""
        self._opening, self._router, self._interval = opening, router, interval
        self._clock, self._source, self._airing = clock, source, airing
        self._state = _State()
        self._signals: deque[float | None] = deque(maxlen=KEPT)
        self._wanted = threading.Event()  # wakes the thread
        self._scan = self._ending = False
        self._failed: BaseException | None = None
        self.fd, self._wake = os.pipe()
        for each in (self.fd, self._wake):
            os.set_blocking(each, False)
        self._thread = threading.Thread(target=self._run, name="looking", daemon=True)

    def __enter__(self) -> "Watching":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending = True
        self._wanted.set()
        self._thread.join(_LEAVE)
        if not self._thread.is_alive():  # else it goes with the program, and writes there yet
            os.close(self.fd)
            os.close(self._wake)

    def clear(self) -> None:
        """What was new is known. Raises what ended the thread."""
        with suppress(BlockingIOError):
            os.read(self.fd, 4096)
        if self._failed is not None:
            raise self._failed

    def rescan(self) -> None:
        """Listen to the air as soon as may be."""
        self._scan = True
        self._wanted.set()

    @property
    def looks(self) -> int:
        """How many looks have ended, well or not."""
        return self._state.looks

    def picture(self) -> Picture:
        """What is known, now."""
        state, now = self._state, self._clock.monotonic()
        seen, since = state.seen, state.online_since
        shown = Picture(self._router, self._source, self._interval, trouble=state.trouble)
        shown = replace(shown, busy=state.busy, signals=state.signals)
        if seen is None:
            return shown
        return replace(
            shown,
            source=seen.source,
            status=seen.status,
            scan=seen.scan,
            plan=seen.plan,
            events=seen.events,
            age=now - state.seen_at,
            heard_age=None if state.heard_at is None else now - state.heard_at,
            online_for=None if since is None else now - since,
        )

    def _run(self) -> None:
        try:
            looking = self._opening(lambda words: self._tell(busy=words))
            while not self._ending:
                self._wanted.clear()
                self._look(looking)
                self._wanted.wait(self._interval)
        except BaseException as failed:  # told by `clear`
            self._failed = failed
            self._tell(busy="")

    def _look(self, looking: Looking) -> None:
        scan, self._scan = self._scan, False
        looks = self._state.looks + 1
        try:
            seen = looking.look(scan=scan)
        except (HostKeyRefused, LoginRefused) as refused:
            if self._state.seen is None:
                raise
            self._tell(trouble=refused.message, busy="", looks=looks)
        except TransportError as lost:
            self._scan = scan or self._scan
            self._tell(trouble=f"out of reach: {lost.message}", busy="", looks=looks)
        except RouterAnswer as strange:
            if self._source is Source.RECORDING:
                raise
            self._tell(trouble=strange.message, busy="", looks=looks)
        else:
            self._take(seen, looks)

    def _take(self, seen: Seen, looks: int) -> None:
        before, now = self._state, self._clock.monotonic()
        status = seen.status or {}
        service = part(status, "service")
        self._signals.append(number(uplink(status), "signal_dbm"))
        heard_at = before.heard_at
        if seen.scanned or (before.seen is not None and seen.scan != before.seen.scan):
            heard_at = now
        online = part(status, "internet").get("verdict") == "online"
        since = before.online_since if before.online_since is not None else now
        if self._airing and seen.source in (Source.ROUTER, Source.RECORDING) and seen.scan is None:
            self.rescan()
        self._airing = False
        told = number(service, "online_seconds")
        away = text(service, "unreachable")
        self._tell(
            seen=seen,
            seen_at=before.seen_at if away and before.seen is not None else now,
            heard_at=heard_at,
            online_since=now - told if told is not None else since if online else None,
            signals=tuple(self._signals),
            trouble=f"out of reach of its service: {away}" if away else "",
            busy="",
            looks=looks,
        )

    def _tell(self, **changes: object) -> None:
        self._state = replace(self._state, **changes)  # type: ignore[arg-type]
        with suppress(BlockingIOError):  # it is readable already
            os.write(self._wake, b".")
