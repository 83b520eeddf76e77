# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests ask a simulated router that no real one tells, and do to its sentry."""

import os
from contextlib import AbstractContextManager
from dataclasses import replace

from wifirelay.sim.air import AccessPoint, Air, Internet
from wifirelay.sim.hotplug import Hotplug
from wifirelay.sim.interfaces import Interfaces
from wifirelay.sim.netifd import Netifd, Outage
from wifirelay.sim.procd import SENTRY, Procd
from wifirelay.sim.resources import Resources
from wifirelay.sim.shell import Shell
from wifirelay.sim.tunnel import through
from wifirelay.transport.base import Completed


class Questions:
    """The part of a simulated router that is for tests and evaluations."""

    lock: AbstractContextManager[bool]
    netifd: Netifd
    procd: Procd
    shell: Shell
    resources: Resources
    hotplugs: Hotplug
    interfaces: Interfaces
    air: Air
    mute = False  # no upstream lets pings through

    def behind(
        self, device: str = "", *, beneath: bool = False, ipv4: bool = False
    ) -> AccessPoint | None:
        """What is behind the uplink, or that device, for this router: a login page lets through
        whom it knows. A tunnel with the default route hides it, but for who looks `beneath`."""
        point = self.interfaces.behind(device, ipv4=ipv4)
        if point is not None and point.ssid in self.air.passed:
            point = replace(point, internet=Internet.OK)
        if not (device or beneath) and self.interfaces.veiled():
            return through(point, self.interfaces.server)
        return point

    @property
    def now(self) -> float:
        """Seconds since the simulation began."""
        raise NotImplementedError

    def on_air(self, section: str) -> bool:
        """Whether that own access point is on the air now."""
        return self.netifd.outages.get(section, Outage()).on

    def off_air_since(self, section: str) -> float | None:
        """Since which `now` that own access point has been off the air; None: it is on."""
        outage = self.netifd.outages.get(section)
        return None if outage is None or outage.on else outage.since

    def outage_seconds(self, section: str) -> float:
        """How long it was off the air since it was first on the air."""
        outage = self.netifd.outages.get(section)
        return 0.0 if outage is None else outage.seconds(self.now)

    @property
    def flash_free_kib(self) -> int:
        """What is free on flash: as it was last set, less what was written since."""
        return self.resources.flash_free_kib

    @flash_free_kib.setter
    def flash_free_kib(self, kib: int) -> None:
        self.resources.flash_free_kib = kib

    @property
    def memory_free_kib(self) -> int:
        """What /proc/meminfo calls MemAvailable."""
        return self.resources.memory_free_kib

    @memory_free_kib.setter
    def memory_free_kib(self, kib: int) -> None:
        self.resources.memory_free_kib = kib

    def hotplug(self, subsystem: str, **variables: str) -> Completed:
        """A hotplug event: its scripts run, one by one, to their end."""
        return self.hotplugs.call(subsystem, **variables)

    def button(self, name: str, *, seen: int) -> None:
        """Somebody held a button for so many seconds (which do not pass)."""
        self.hotplug("button", BUTTON=name, ACTION="pressed", SEEN="0")
        self.hotplug("button", BUTTON=name, ACTION="released", SEEN=str(seen))

    @property
    def sentry_absent(self) -> bool:
        """Whether the sentry is dead and nobody starts it again."""
        return self.procd.absent

    @sentry_absent.setter
    def sentry_absent(self, absent: bool) -> None:
        with self.lock:
            self.procd.absent = absent
            if absent:
                self.procd.stop(SENTRY)

    def kill_sentry(self) -> None:
        """Let the sentry's process die; procd starts it again after 5 s."""
        with self.lock:
            self.procd.kill(SENTRY)

    def hang_sentry(self) -> None:
        """Let the sentry hang for good: alive, and doing nothing."""
        with self.lock:
            self.procd.hang(SENTRY)

    def errors(self) -> str:
        """What services wrote to their standard output and error."""
        path = os.path.join(self.shell.shims, ".errors")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
