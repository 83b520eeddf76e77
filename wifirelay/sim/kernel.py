# SPDX-License-Identifier: GPL-2.0-or-later
"""What the simulated router's kernel and netifd show in files: /proc, /sys, resolv.conf."""

from collections.abc import Callable

from wifirelay.sim.devices import operstates
from wifirelay.sim.files import Root
from wifirelay.sim.netifd import Netifd
from wifirelay.sim.resources import Resources

LEDS = ("green:wlan", "blue:power")
_LED_FILES = {
    "brightness": "0\n",
    "max_brightness": "255\n",
    "trigger": "[none] timer default-on\n",
    "delay_on": "500\n",
    "delay_off": "500\n",
}


class Kernel:
    """The files of one router that no one writes; but for its LEDs, which anybody may set."""

    def __init__(
        self, root: Root, netifd: Netifd, resources: Resources, *, uptime: Callable[[], float]
    ) -> None:
        self._root, self._netifd, self._resources = root, netifd, resources
        self._uptime = uptime
        self._meminfo = (-1, "")

    def power_on(self) -> None:
        """RAM is empty, and the LEDs are as their drivers leave them."""
        self._root.power_on()
        for led in LEDS:
            for name, text in _LED_FILES.items():
                self._root.write(f"/sys/class/leds/{led}/{name}", text)

    def sync(self, boot_id: str, *, alone: bool) -> None:
        """Rewrite what changed; `alone`: nobody reads it at the same time."""
        uptime = self._uptime()
        files = {
            "/proc/uptime": f"{uptime:.2f} {uptime * 1.9:.2f}\n",
            "/proc/sys/kernel/random/boot_id": f"{boot_id}\n",
            "/proc/meminfo": self._memory(),
        }
        for ifname, state in operstates(self._netifd).items():
            files[f"/sys/class/net/{ifname}/operstate"] = f"{state}\n"
        if self._netifd.running:
            resolv = self._netifd.interfaces.resolv()
            files["/tmp/resolv.conf.d/resolv.conf.auto"] = resolv  # noqa: S108
        self._root.kernel(files, alone=alone)

    def _memory(self) -> str:
        free = self._resources.memory_free_kib
        if self._meminfo[0] != free:
            self._meminfo = (free, self._resources.meminfo())
        return self._meminfo[1]
