# SPDX-License-Identifier: GPL-2.0-or-later
"""A service that reads its router's own configuration and may change it: what its tests share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.lab import Lab
from tests.unattended import Mast, asked
from wifirelay.config.model import Settings
from wifirelay.config.uci_file import PATH, load_uci
from wifirelay.service.book import UciBook
from wifirelay.service.loop import Service
from wifirelay.sim.neighbourhoods import HOME_KEY, PHONE_KEY
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world

PHONE, HOME = b"Phone".hex(), b"HomeNet".hex()
KEYS = "/var/run/wifirelay/keys"
LISTED = f"""
config wifirelay 'main'
	option enabled '1'

config network 'home'
	option ssid 'HomeNet'
	option key '{HOME_KEY}'
"""
WITH_PHONE = LISTED + "\nconfig network 'phone'\n\toption ssid 'Phone'\n"


@dataclass
class Listed(Mast):
    """One router, its known networks in its own configuration."""

    def new_service(self, *, keep_pause: bool = False) -> Service:
        transport = SimTransport(self.world.router)
        return Service(
            self.transport,
            self.world.clock,
            lambda: load_uci(transport, here=False),
            self.wishes,
            self.told,
            self.controller,
            self.told,
            keep_pause=keep_pause,
            book=lambda: UciBook(transport),
        )

    @property
    def config(self) -> str:
        return self.world.router.root.read(PATH).decode()

    def flash(self) -> bytes:
        """What a reboot would leave of the uplinks."""
        return Lab(self.world).files()["wireless"]

    def known(self) -> list[str]:
        return [each.ssid.text for each in load_uci(self.transport, here=False).networks]

    def guest(self) -> str | None:
        guest = self.service.guests.guest
        return guest.ssid.text if guest is not None else None

    def keys(self) -> list[str]:
        """The requests whose keys lie on the router."""
        folder = self.world.router.root.here(KEYS)
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


@contextmanager
def listed(text: str = LISTED, world: str = "home") -> Iterator[Listed]:
    with make_world(world) as made:
        made.router.root.write(PATH, text)
        bench = Listed(made, Settings())
        try:
            yield bench
        finally:
            bench.wishes.close()


def join(bench: Listed, key: str | None = PHONE_KEY, name: str = PHONE) -> dict[str, object]:
    """Somebody asks the service to join a network, with its key."""
    return asked(bench, {"do": "join", "ssid_hex": name}, key)
