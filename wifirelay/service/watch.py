# SPDX-License-Identifier: GPL-2.0-or-later
"""Waits for something to happen on the router, or for time to pass.

Events come from one `ubus listen` that goes on; where there are none to be had, the caller
is woken to look for itself.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from wifirelay.change.onrouter import EVENT, POKE
from wifirelay.clock import Clock
from wifirelay.errors import TransportError
from wifirelay.transport.base import Command, Following, Transport

INTERFACE = "network.interface"  # netifd: an interface went up or down
LISTEN = Command(("ubus", "listen", INTERFACE, EVENT, POKE))
POLL = 10.0  # seconds between looks where there are no events
REOPEN = 60.0  # seconds until events are tried again


@dataclass(frozen=True, slots=True)
class Happened:
    """What woke the service."""

    interfaces: bool = False  # some went up or down
    anything: bool = False  # a hotplug script, or the reset button, says: look at everything
    requests: tuple[dict[str, object], ...] = ()
    blind: bool = False  # there are no events: look


class Watch:
    """One router's events."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        wake: int | None = None,
        noted: Callable[[dict[str, object]], None] | None = None,
    ) -> None:
        """`noted` is told of a request that comes in the middle of something else."""
        self.noted = noted
        self._transport, self._clock, self._wake = transport, clock, wake
        self._following: Following | None = None
        self._retry_at = 0.0
        self._kept: list[bytes] = []  # lines that came during a nap

    @property
    def blind(self) -> bool:
        """Whether there are no events for now."""
        return self._following is None

    def open(self) -> None:
        """Listen from now on. Raises TransportError."""
        self.close()
        self._following = self._transport.follow(LISTEN)

    def close(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            with suppress(OSError):  # TransportError is one: the link may be dead
                following.close()

    def wait(self, until: float) -> Happened:
        """Wait until that moment of the clock, for an event, or for a wish. Raises
        TransportError when the link died."""
        seconds = max(0.0, until - self._clock.monotonic())
        following = self._following
        if following is None:
            if self._clock.monotonic() >= self._retry_at:
                self.open()
                return Happened(blind=True)
            self._clock.wait(min(seconds, POLL), self._wake)
            return Happened(blind=True)
        lines = self._kept or following.lines(seconds, self._wake)
        self._kept = []
        if following.ended and not lines:  # no ubus, or it was restarted
            self.close()
            self._retry_at = self._clock.monotonic() + REOPEN
            return Happened(blind=True)
        return _understood(lines)

    def nap(self, seconds: float) -> None:
        """Wait in the middle of something else, less when an event comes: it is kept."""
        following = self._following
        if following is None or following.ended:
            self._clock.sleep(seconds)
            return
        try:
            lines = following.lines(seconds)
            for request in _understood(lines).requests:
                if self.noted is not None:
                    self.noted(request)
        except TransportError:
            self.close()
            return
        self._kept += lines


def _understood(lines: list[bytes]) -> Happened:
    interfaces, anything, requests = False, False, []
    for line in lines:
        try:
            event = json.loads(line.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError):
            continue
        if not isinstance(event, dict):
            continue
        poke = event.get(POKE)
        about_one = isinstance(poke, dict) and "interface" in poke
        interfaces = interfaces or INTERFACE in event or about_one
        anything = anything or (POKE in event and not about_one)
        if isinstance(request := event.get(EVENT), dict):
            requests.append(request)
    return Happened(interfaces, anything, tuple(requests))
