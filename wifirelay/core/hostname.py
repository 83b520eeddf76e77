# SPDX-License-Identifier: GPL-2.0-or-later
"""`relay.hostname`: what keeps the router's name from the upstream's DHCP, and where that is the
owner's own matter: in interfaces that setup did not make."""

from collections.abc import Iterable, Iterator

from wifirelay.core.known import Relay
from wifirelay.core.owned import INTERFACE, notes_in
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package


def hostname_edits(
    network: Package, wireless: Package, relay: Relay, created: Iterable[str]
) -> list[Edit]:
    """The edits of the interfaces that setup has made, or makes now (`created`)."""
    return [edit for edit, ours in _wanted(network, wireless, relay, created) if ours]


def hostname_in_vain(network: Package, wireless: Package, relay: Relay) -> tuple[str, str] | None:
    """That it has no effect in the owner's own interfaces, and the remedy; None where it has."""
    theirs = [
        edit
        for edit, ours in _wanted(network, wireless, relay, ())
        if not ours and network.section(edit.section) is not None
    ]
    if not theirs:
        return None
    names = " and ".join(edit.section for edit in theirs)
    return (
        f"`hostname: {relay.hostname}` has no effect in {names}, which setup did not make",
        f"`uci {'; uci '.join(edit.shown() for edit in theirs)}; uci commit network`, then "
        "`/etc/init.d/network reload`, if you want that there",
    )


def _wanted(
    network: Package, wireless: Package, relay: Relay, created: Iterable[str]
) -> Iterator[tuple[Edit, bool]]:
    """Each edit that it would take, and whether setup may make it."""
    made = {*created, *notes_in(wireless)}
    for name, option, value in (
        (relay.interface, "hostname", "*"),  # udhcpc sends none (dhcp.sh)
        (relay.interface + "6", "noclientfqdn", "1"),  # odhcp6c sends none (dhcpv6.sh)
    ):
        there = network.section(name)
        kept = there is not None and there.get(option) == value
        if relay.hostname == "none" and not kept:
            yield Edit(Verb.SET, "network", name, option, value), INTERFACE + name in made
        elif relay.hostname == "sent" and kept:
            yield Edit(Verb.DELETE, "network", name, option), INTERFACE + name in made
