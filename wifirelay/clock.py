# SPDX-License-Identifier: GPL-2.0-or-later
"""The controller's clock, passed in wherever something waits, so that time can be virtual."""

import select
import time
from typing import Protocol

_LONGEST = 1e6  # seconds, 11 days; `poll` counts milliseconds in 31 bits


class Clock(Protocol):
    """Monotonic seconds. Never the time of day: routers boot in the wrong year."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""

    def wait(self, seconds: float, wake: int | None = None) -> None:
        """Let at most `seconds` pass; return early when the file descriptor `wake` is readable."""


class SystemClock:
    """The clock of this machine."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def wait(self, seconds: float, wake: int | None = None) -> None:
        readable(seconds, wake)


def readable(seconds: float, *numbers: int | None) -> list[int]:
    """Which of these file descriptors can be read, or are at their end; waits at most `seconds`
    of this machine until one is. None stands for no descriptor."""
    poll = select.poll()  # not `select`, which takes no descriptor above 1023
    for number in numbers:
        if number is not None:
            poll.register(number, select.POLLIN)
    return [number for number, _ in poll.poll(min(max(seconds, 0.0), _LONGEST) * 1000)]
