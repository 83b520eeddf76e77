# SPDX-License-Identifier: GPL-2.0-or-later
"""`setup` of a router of one radio, for networks that have interfaces of their own: what the tests
of those share."""

from known import Uci

from wifirelay.core.baseline import setup_edits
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.owned import Owned

RELAY = Relay()
DEVICES = "config wifi-device 'radio0'\n\toption band '2g'\n"
FIREWALL = "config zone\n\toption name 'wan'\n\tlist network 'wan'\n"
KNOWS = frozenset({"dhcp", "dhcpv6", "static", "464xlat"})  # protocols


def put(uci: Uci, text: str = "") -> Uci:
    """A router that is not set up, with this in `network`."""
    return uci.put(wireless=DEVICES, firewall=FIREWALL, network=text, dhcp="")


def read(uci: Uci, knows: frozenset[str] | None = KNOWS) -> Owned:
    packages = [uci.read(name) for name in ("wireless", "network", "firewall", "dhcp")]
    return Owned(*packages, protocols=knows)


def set_up(uci: Uci, *known: KnownNetwork, relay: Relay = RELAY, tidy: bool = True) -> list[str]:
    """Once, and once more: then there is nothing to do."""
    edits = setup_edits(read(uci), relay, known, tidy=tidy)
    uci.apply(edits)
    uci.commit()
    assert setup_edits(read(uci), relay, known, tidy=tidy) == ()
    return [edit.shown() for edit in edits]
