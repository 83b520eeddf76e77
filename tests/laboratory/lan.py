# SPDX-License-Identifier: GPL-2.0-or-later
"""Which address of lan its owner knows: that of the beginning, or one at which somebody has reached
the router before it was kept.
"""

from dataclasses import dataclass, field

from tests.laboratory.router import LabRouter

OPTIONS = ("ipaddr", "netmask")  # what a move of lan writes
MOVING = "/tmp/run/wifirelay/moving"
_STAGED = "/tmp/.uci/network"
_REACHED = 60.0  # seconds for which it counts that somebody reached the router at an address


@dataclass
class Lan:
    """One router's, told by `Truth` what is on flash."""

    router: LabRouter
    home: str = ""
    flash: str = ""
    by_hands: bool = False  # other hands' commit has put another one on flash than `home`
    either: str = ""  # ... and lan may have that one as well
    overtaken: bool = False  # what somebody was told of lan was true before a restart
    nobodys: str = ""  # what flash has, and nobody has reached
    _reached: dict[str, float] = field(default_factory=dict)

    def was_reached(self, address: str) -> None:
        """Somebody has come to the router by it."""
        self._reached[address] = self.router.now
        if self.by_hands and address == self.flash:
            self.either = address

    def on_flash(self, address: str, *, hands: bool) -> None:
        """Flash has this one now; `hands`: others have put it there."""
        self.flash, self.nobodys = address, ""
        if address == self.home:
            self._is_home(address)
        elif hands:
            self.by_hands = True
        elif self.router.now - self._reached.get(address, -1e9) < _REACHED:
            self._is_home(address)
        elif not self.by_hands:
            self.nobodys = address

    def ram_lost(self) -> None:
        """What is staged against others' commit is gone."""
        if self.by_hands:
            self.overtaken = True
            self._is_home(self.flash)

    def ram_full(self) -> None:
        """Nothing can be staged against others' commit."""
        if self.by_hands:
            self.either = self.flash

    @property
    def known(self) -> bool:
        """Whether lan has an address now that its owner knows."""
        return self.router.lan in {self.home, self.either or self.home}

    def staged(self) -> list[str]:
        """Edits of lan's address."""
        if not self.router.disk.isfile(_STAGED):
            return []
        lines = self.router.disk.read(_STAGED).decode("utf-8", "replace").splitlines()
        names = tuple(f"network.lan.{option}" for option in OPTIONS)
        return [line for line in lines if line.lstrip("-+@|~^").startswith(names)]

    def _is_home(self, address: str) -> None:
        self.home, self.by_hands, self.either = address, False, ""
