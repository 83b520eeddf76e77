# SPDX-License-Identifier: GPL-2.0-or-later
"""The firewall's zone `wan`, which the uplink's interfaces belong to: into it, and out of it. Pure.

A note `zone:NAME` says that setup put NAME there.
"""

from collections.abc import Container, Iterable

from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section

ZONE = "zone:"  # how such a note begins


def wan_zone(firewall: Package) -> tuple[str, Section] | None:
    """The zone named `wan` with its place for `uci`, found by name: its id moves."""
    for number, zone in enumerate(firewall.of_kind("zone")):
        if zone.get("name") == "wan":
            return (zone.name if not zone.anonymous else f"@zone[{number}]"), zone
    return None


def join_zone(firewall: Package, names: Iterable[str]) -> tuple[list[Edit], list[str]]:
    """What puts `names` into the zone `wan`, and which of them are not in it yet."""
    found = wan_zone(firewall)
    if found is None:
        raise Refused(
            "the router's firewall has no zone named `wan`",
            hint="add one (OpenWrt's default has it): the uplink's interface belongs there",
        )
    place, zone = found
    have = zone.items("network")
    missing = [name for name in names if name not in have]
    edits = []
    if missing and isinstance(zone.options.get("network"), str):
        # One plain option "wan wan6": made a list, with the same items, before adding.
        edits.append(Edit(Verb.DELETE, "firewall", place, "network"))
        edits += [Edit(Verb.ADD_LIST, "firewall", place, "network", name) for name in have]
    edits += [Edit(Verb.ADD_LIST, "firewall", place, "network", name) for name in missing]
    return edits, missing


def leave_zone(
    firewall: Package, notes: Iterable[str], names: Container[str] | None = None
) -> tuple[list[Edit], list[str]]:
    """What takes setup's interfaces (of `names`; None: all) out of the zone `wan`, and the notes
    that end with it."""
    zone, edits, gone = wan_zone(firewall), [], []
    for note in notes:
        name = note.removeprefix(ZONE)
        if name == note or (names is not None and name not in names):
            continue
        gone.append(note)
        if zone is not None and name in zone[1].items("network"):
            edits.append(Edit(Verb.DEL_LIST, "firewall", zone[0], "network", name))
    return edits, gone


def check_left(firewall: Package, outside: Iterable[str], gone: Container[str]) -> None:
    """Raises Refused for one of `outside` that the owner has put there himself."""
    zone = wan_zone(firewall)
    for name in sorted(outside):
        if zone is not None and name in zone[1].items("network") and ZONE + name not in gone:
            raise Refused(
                f"{name} is in the firewall's zone `wan`, and not put there by setup",
                hint="it does not belong there with `relay.kind` relayd or wds: take it out",
            )
