# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests ask a simulated router that no real one tells, and do to its sentry."""

import os
from contextlib import AbstractContextManager

from wifirelay.sim.netifd import Netifd, Outage
from wifirelay.sim.procd import SENTRY, Procd
from wifirelay.sim.shell import Shell


class Questions:
    """The part of a simulated router that is for tests and evaluations."""

    lock: AbstractContextManager[bool]
    netifd: Netifd
    procd: Procd
    shell: Shell

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
