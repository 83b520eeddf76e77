# SPDX-License-Identifier: GPL-2.0-or-later
"""The controller's clock, passed in wherever something waits, so that time can be virtual."""

import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic seconds. Never the time of day: routers boot in the wrong year."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""


class SystemClock:
    """The clock of this machine."""

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
