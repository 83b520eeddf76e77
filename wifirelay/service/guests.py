# SPDX-License-Identifier: GPL-2.0-or-later
"""The networks that a service plans with: those that are listed, and at most one guest.

A guest is joined without being known, or with another key. It counts as known while it is the
guest, so that the policy stays with it; it never goes to flash. How one comes is in invited.py.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from wifirelay.config.model import Settings
from wifirelay.core.known import KnownNetwork
from wifirelay.values import Ssid

if TYPE_CHECKING:
    from wifirelay.service.loop import Service


class Guests:
    """Of one service. Tells its policy what is known."""

    def __init__(self, service: "Service") -> None:
        self.guest: KnownNetwork | None = None
        self._service = service

    @property
    def known(self) -> tuple[KnownNetwork, ...]:
        """What the service plans with: the guest stands for a known one of the same name."""
        networks, guest = self._service.settings.networks, self.guest
        if guest is None:
            return networks
        return (*(each for each in networks if each.ssid != guest.ssid), guest)

    @property
    def listed(self) -> frozenset[Ssid]:
        """What the owner has listed, in use or not: no guest's name is there."""
        settings = self._service.settings
        return frozenset((*(each.ssid for each in settings.networks), *settings.off))

    def take_in(self, guest: KnownNetwork | None) -> None:
        """This is the guest now, or nobody is."""
        self.guest = guest
        ssid = guest.ssid if guest is not None else None
        self._service.acts.known = self.known
        self._service.policy.reconfigure(self.known, self._service.settings.relay, ssid)

    def configured(self, before: Settings) -> None:
        """Another configuration holds than before. The guest stays, unless it is known by now."""
        guest = self.guest
        if guest is not None and (new := _of(self._service.settings, guest.ssid)) is not None:
            old = _of(before, guest.ssid)
            if old is None or (new.key, new.security) != (old.key, old.security):
                guest = None
            else:
                guest = replace(new, key=guest.key, security=guest.security)
        self.take_in(guest)


def _of(settings: Settings, ssid: Ssid) -> KnownNetwork | None:
    return next((each for each in settings.networks if each.ssid == ssid), None)
