# SPDX-License-Identifier: GPL-2.0-or-later
"""The login page's API of the service's uplink: asked when it matters, remembered in between.

Loaded with the first network that names one.
"""

from dataclasses import replace

from wifirelay.change.captive import session_of
from wifirelay.clock import Clock
from wifirelay.router.captive import judged
from wifirelay.router.verdict import Internet, Session, Verdict
from wifirelay.transport.base import Transport

SHORTEST = 30  # seconds; the end of a shorter session is not looked at more often than all else
# Seconds until one is asked again that did not answer, made no sense, or wants a login where there
# is internet.
AGAIN = 300.0


class Captive:
    """It is asked once for a lease; while there is no internet; after that; and when its session
    should have ended. A quiet uplink costs nothing."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self.ends: float | None = None  # when the session should end; a moment of the clock
        self._transport, self._clock = transport, clock
        self._about = ("", "")  # digits and device that the answer is of
        self._session: Session | None = None
        self._at = 0.0
        self._good = False

    def look(self, internet: Internet, digits: str, device: str) -> Internet:
        """The internet as the API sees it too. Raises what transports raise."""
        now, online = self._clock.monotonic(), internet.verdict is Verdict.ONLINE
        if (digits, device) != self._about or self._due(now, online=online):
            self._about, self._at, self.ends = (digits, device), now, None
            self._session = session_of(self._transport, digits, device)
        session = self._session
        if session is None:
            return internet
        if session.seconds is not None:
            if now == self._at and session.seconds >= SHORTEST:
                self.ends = now + session.seconds
            session = replace(session, seconds=max(0, session.seconds - round(now - self._at)))
        found = judged(internet, session)
        self._good = found.verdict is Verdict.ONLINE
        return found

    def _due(self, now: float, *, online: bool) -> bool:
        session = self._session
        if session is None:
            return False
        if session.why or (session.captive and online and self._good):
            return now - self._at >= AGAIN
        if not online or not self._good:
            return True
        return session.seconds is not None and now - self._at >= session.seconds
