# SPDX-License-Identifier: GPL-2.0-or-later
"""A light of the router that shows from afar how its uplink is. The kernel does the blinking:
no process wakes for it (`/sys/class/leds`, Documentation/leds/leds-class.rst of Linux)."""

import os
from contextlib import suppress
from enum import Enum

from wifirelay.core.moves import Do
from wifirelay.rooted import rooted
from wifirelay.service.events import Standing

BLINK = 250  # ms on, and as long off


class Shine(Enum):
    """What a light can tell."""

    OFFLINE = "off"
    TRYING = "blinks"
    ONLINE = "on"


def shine(standing: Standing) -> Shine:
    """What is to be shown of a service that stands there."""
    if standing.online_since is not None and not standing.unreachable:
        return Shine.ONLINE
    busy = standing.move.do in (Do.SCAN, Do.JOIN) and not standing.paused
    return Shine.TRYING if busy else Shine.OFFLINE


class Light:
    """One LED. A board that takes it away, or refuses, is no reason to stop."""

    def __init__(self, name: str) -> None:
        """`name` as in /sys/class/leds, such as `green:wlan`."""
        self._folder = rooted(f"/sys/class/leds/{name}")
        self._shown: Shine | None = None

    @property
    def there(self) -> bool:
        return os.path.isdir(self._folder)

    def show(self, what: Shine) -> None:
        """Nothing is written while it shows that already."""
        if what is self._shown:
            return
        self._shown = what
        with suppress(OSError):
            if what is Shine.TRYING:  # the trigger makes the two files
                self._write("trigger", "timer")
                self._write("delay_on", str(BLINK))
                self._write("delay_off", str(BLINK))
            else:
                self._write("trigger", "none")
                self._write("brightness", self._brightest() if what is Shine.ONLINE else "0")

    def off(self) -> None:
        """It is not ours any more."""
        self.show(Shine.OFFLINE)

    def _brightest(self) -> str:
        with open(os.path.join(self._folder, "max_brightness"), encoding="ascii") as file:
            return file.read().strip()

    def _write(self, name: str, text: str) -> None:
        with open(os.path.join(self._folder, name), "w", encoding="ascii") as file:
            file.write(text)
