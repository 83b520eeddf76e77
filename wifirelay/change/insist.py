# SPDX-License-Identifier: GPL-2.0-or-later
"""Run a script until its answer is here, over as many links as that takes."""

from wifirelay.clock import Clock
from wifirelay.errors import HostKeyRefused, LoginRefused, TransportError
from wifirelay.transport.base import Command, Completed, Transport

RETRY = 1.0  # seconds between two tries to reach the router again


def insist(transport: Transport, clock: Clock, command: Command, end: float) -> Completed:
    """Run a script, and again after a lost link: each does its work once, however often asked.

    Raises the last TransportError when `end` (of the clock) is over; a refused login or
    host key at once.
    """
    while True:
        try:
            return transport.run(command)
        except (HostKeyRefused, LoginRefused):
            raise
        except TransportError:
            if clock.monotonic() >= end:
                raise
            clock.sleep(RETRY)
