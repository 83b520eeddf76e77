# SPDX-License-Identifier: GPL-2.0-or-later
"""dnsmasq as clients of the simulated router see it: what a name is for them.

It reads its folder of additions when it starts, and not before; and with OpenWrt's rebind
protection it passes no private address on that an upstream names.
"""

import ipaddress
import os

from wifirelay.sim.air import AccessPoint
from wifirelay.sim.files import Root
from wifirelay.sim.internet import named


class Names:
    """Of one router. `release` decides where its additions are."""

    def __init__(self, root: Root, release: str) -> None:
        self._root = root
        several = release.startswith(("25", "SNAPSHOT"))  # one folder for each instance
        self.folder = "/tmp/dnsmasq.cfg01411c.d" if several else "/tmp/dnsmasq.d"  # noqa: S108
        self.starts = 0
        self._records: dict[str, str] = {}

    def start(self) -> None:
        """It starts, or starts again."""
        folder = self._root.here(self.folder)
        os.makedirs(folder, exist_ok=True)
        self.starts += 1
        self._records = {}
        for file in sorted(os.listdir(folder)):
            for line in self._root.read(f"{self.folder}/{file}").decode().splitlines():
                kind, _, value = line.partition("=")
                host, _, address = value.partition(",")
                if kind == "host-record":
                    self._records[host.lower()] = address

    def for_clients(self, host: str, behind: AccessPoint | None) -> str | None:
        """The address that a client gets for a name; None: none."""
        if host.lower() in self._records:
            return self._records[host.lower()]
        answer = named(host, behind)
        if answer is None or (ipaddress.ip_address(answer).is_private and answer != WORLD):
            return None
        return answer


WORLD = "198.51.100.7"  # RFC 5737: Python counts documentation as private
