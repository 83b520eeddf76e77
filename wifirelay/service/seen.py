# SPDX-License-Identifier: GPL-2.0-or-later
"""The router as the service saw it last, and what that means for the policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wifirelay.change.onrouter import OnRouter, on_router
from wifirelay.core.known import Relay
from wifirelay.core.moves import Situation
from wifirelay.core.plan import enabled_uplinks, interface_in_use, working_uplink
from wifirelay.core.radios import usable_radios
from wifirelay.router.board import Board, board
from wifirelay.router.channels import Channels
from wifirelay.router.config import package, staged_changes
from wifirelay.router.devices import devices
from wifirelay.router.interfaces import interfaces, other_uplink
from wifirelay.router.observe import read_all
from wifirelay.router.programs import NOT_ASKED, Abilities
from wifirelay.router.state import Router
from wifirelay.router.wireless import wireless_status
from wifirelay.transport.base import Transport
from wifirelay.values import Ssid


@dataclass(frozen=True, slots=True)
class Seen:
    """One look."""

    router: Router
    state: OnRouter
    wireless_at: float  # when its configuration was read; a moment of the controller's clock
    channels: Mapping[str, Channels] = field(default_factory=dict)
    board: Board | None = None

    def situation(
        self,
        relay: Relay,
        *,
        wired: str | None,
        clients: int | None,
        abilities: Abilities = NOT_ASKED,
    ) -> Situation:
        """For the policy. Raises ConfigError for a configured radio that is not there."""
        router = self.router
        uplink = working_uplink(router, relay)
        enabled = enabled_uplinks(router)
        searching = None
        if enabled and uplink is None and (text := enabled[0].get("ssid")):
            searching = (Ssid.of(text), enabled[0].get("device"))
        return Situation(
            uplink=uplink,
            enabled=bool(enabled),
            searching=searching,
            wired=wired,
            clients=clients,
            radios=usable_radios(
                router.wireless, relay, self.channels, abilities, router.interfaces
            ),
            own_macs=router.own_macs,
            committed=not any(
                change.own and change.package == "wireless" for change in router.changes
            ),
        )

    def other_uplink(self, relay: Relay) -> str | None:
        """The interface of another default route (a cable, a modem), if there is one."""
        name = interface_in_use(self.router, relay)
        return other_uplink(name, self.router.interfaces, relay.tunnel)


def look(transport: Transport, channels: Mapping[str, Channels], device: Board | None) -> Seen:
    """The router and wifirelay's own state on it, in one round trip. Its `device` is asked for
    once."""
    if device is None:
        device = board().read(transport)
    wireless, changes, status, found, logical, state = read_all(
        transport,
        [
            package("wireless"),
            staged_changes(),
            wireless_status(),
            devices(),
            interfaces(),
            on_router(),
        ],
    )
    return Seen(Router(wireless, changes, status, found, logical), state, 0.0, channels, device)
