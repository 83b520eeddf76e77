# SPDX-License-Identifier: GPL-2.0-or-later
"""The interfaces of 464XLAT that netifd makes by itself beside those of IPv6 (dhcpv6.script)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from wifirelay.sim import clat
from wifirelay.sim.logical import Interface
from wifirelay.sim.timeline import Plans, Timeline


@dataclass(slots=True)
class Translation:
    """Of one router."""

    all: dict[str, Interface]
    timeline: Timeline
    up: Callable[[Interface], None]
    down: Callable[[Interface], None]
    say: Callable[[str], None]
    installed: bool = False  # the package 464xlat

    def follow(self, interface: Interface) -> None:
        """What odhcp6c's script asks netifd for beside each interface with IPv6, and what is gone
        with that one."""
        name = interface.name + clat.SUFFIX
        if interface.proto != "dhcpv6":
            return
        if not interface.up:
            if (gone := self.all.pop(name, None)) is not None:
                self.down(gone)
        elif self.installed and name not in self.all:
            self.all[name] = Interface(
                name,
                {"proto": clat.PROTO, "tunlink": interface.name},
                link=True,
                plans=Plans(self.timeline),
                beneath=interface.beneath,
                dynamic=True,
            )
            self._later(self.all[name], clat.SETUP)

    def anew(self, name: str, *, nat64: bool) -> None:
        """The upstream's addresses have changed, say: the script runs once more beside this
        interface of IPv6, and finds a way to IPv4, or none."""
        made = self.all[name + clat.SUFFIX]
        self.down(made)
        if made.beneath is not None:
            made.beneath = replace(made.beneath, nat64=nat64)
        made.device, made.link = None, True
        self._later(made, clat.SETUP)

    def _later(self, made: Interface, seconds: float) -> None:
        if made.plans is not None:
            made.plans.at(seconds, lambda: self._attempt(made))

    def _attempt(self, made: Interface) -> None:
        """One try of 464XLAT's script."""
        made.failed = made.beneath is None or not made.beneath.nat64
        device = clat.device_of(made.name)
        if not made.failed and device:
            made.device = device
            self.up(made)
            return
        self.say(f"Interface '{made.name}' is now down")
        self.say(f"Interface '{made.name}' is setting up now")
        self._later(made, clat.AGAIN)
