# SPDX-License-Identifier: GPL-2.0-or-later
"""What `setup` adds to a router, and what `setup --undo` takes out again. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from wifirelay.core.fixed_setup import fixed_interfaces, outdated
from wifirelay.core.hostname import CREATED, hostname_edits
from wifirelay.core.known import STABLE, KnownNetwork, Relay
from wifirelay.core.mac import SECRET, secret_of
from wifirelay.core.radios import radio_names
from wifirelay.core.reqopts import asks_for_login_page
from wifirelay.core.sections import KIND, all_own, baseline, own_sections
from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import OWN_PREFIX

_INTERFACE = "interface:"  # how such a note begins
METRIC = "20"  # a wired uplink (metric 0) goes before the relay's


@dataclass(frozen=True, slots=True)
class Owned:
    """The three packages that setup looks at and edits."""

    wireless: Package
    network: Package
    firewall: Package


def setup_edits(
    owned: Owned,
    relay: Relay,
    known: Iterable[KnownNetwork] = (),
    secret: str = "",
    *,
    tidy: bool = False,
) -> tuple[Edit, ...]:
    """What is missing of the baseline; empty on a router that is set up. `secret` is for stable
    addresses (mac.py), where the router has none yet and a known network wants one. `tidy`: the
    known networks are all that there are, and what setup has made for others goes.

    Raises Refused without a firewall zone `wan` or a radio to use, ConfigError for an unknown
    radio.
    """
    known = tuple(known)
    v4, v6 = relay.interface, relay.interface + "6"
    network, created = _interfaces(owned.network, v4, v6)
    network += hostname_edits(owned.network, owned.wireless, relay, created)
    noted = [(each.name, item) for each in all_own(owned.wireless) for item in each.items(CREATED)]
    made = [item.removeprefix(_INTERFACE) for _, item in noted if item.startswith(_INTERFACE)]
    if v4 in made or f"{_INTERFACE}{v4}" in created:
        network += asks_for_login_page(owned.network, v4)
    fixed, wanted = fixed_interfaces(owned.network, made, relay.interface, known, METRIC)
    network += fixed
    created += [_INTERFACE + name for name, new in wanted.items() if new]
    firewall, joined = _join_zone(owned.firewall, [v4, v6, *wanted])
    created += [f"zone:{name}" for name in joined]
    used = {each.get("network") for each in all_own(owned.wireless)}
    gone = outdated(owned.network, made, wanted, used) if tidy else []
    old = [each for each in noted if each[1].partition(":")[2] in gone]
    removed = _taken_out(owned, [item for _, item in old])
    wireless = _uplinks(owned.wireless, relay)
    keepers = [section.name for section in own_sections(owned.wireless).values()]
    keepers += [edit.section for edit in wireless if edit.option is None]
    if not keepers:  # what was created could not be noted, nor taken out again
        raise Refused(
            "no radio of this router is enabled",
            hint="enable one there first, or name one in the configuration, such as "
            "`relay: {radios: [radio0]}`",
        )
    wireless += [Edit(Verb.ADD_LIST, "wireless", keepers[0], CREATED, item) for item in created]
    wireless += [Edit(Verb.DEL_LIST, "wireless", section, CREATED, item) for section, item in old]
    for each in known:
        if each.mac == STABLE and not secret_of(all_own(owned.wireless)):
            wireless.append(Edit(Verb.SET, "wireless", keepers[0], SECRET, secret))
            break
    return (*network, *firewall, *removed, *wireless)


def undo_edits(owned: Owned) -> tuple[Edit, ...]:
    """What takes setup's work out again."""
    own = all_own(owned.wireless)
    created = [item for section in own for item in section.items(CREATED)]
    edits = [Edit(Verb.DELETE, "wireless", section.name) for section in own]
    return (*edits, *_taken_out(owned, created))


def _taken_out(owned: Owned, created: Collection[str]) -> list[Edit]:
    """What takes these out of `firewall` and `network`, as far as they are there."""
    edits: list[Edit] = []
    zone = wan_zone(owned.firewall)
    if zone is not None:
        edits += [
            Edit(Verb.DEL_LIST, "firewall", zone[0], "network", item.removeprefix("zone:"))
            for item in created
            if item.startswith("zone:") and item.removeprefix("zone:") in zone[1].items("network")
        ]
    edits += [
        Edit(Verb.DELETE, "network", item.removeprefix(_INTERFACE))
        for item in created
        if item.startswith(_INTERFACE)
        and owned.network.section(item.removeprefix(_INTERFACE)) is not None
    ]
    return edits


def wan_zone(firewall: Package) -> tuple[str, Section] | None:
    """The zone named `wan` with its place for `uci`, found by name: its id moves."""
    for number, zone in enumerate(firewall.of_kind("zone")):
        if zone.get("name") == "wan":
            return (zone.name if not zone.anonymous else f"@zone[{number}]"), zone
    return None


def _interfaces(network: Package, v4: str, v6: str) -> tuple[list[Edit], list[str]]:
    edits: list[Edit] = []
    created = []
    wanted: Mapping[str, Mapping[str, str]] = {
        v4: {"proto": "dhcp", "metric": METRIC},
        v6: {"proto": "dhcpv6", "device": f"@{v4}", "metric": METRIC},
    }
    for name, options in wanted.items():
        there = network.section(name)
        if (
            there is not None
            and there.get("proto") == options["proto"]
            and (there.get("device") == options.get("device", ""))
        ):
            continue  # the owner's, of the right kind: used as it is
        if there is not None:
            raise Refused(
                f"the router has another interface called {name} "
                f"(proto {there.get('proto') or 'none'})",
                hint="name one for the relay that is free, such as "
                "`relay: {interface: wlanwan}` in the configuration",
            )
        edits.append(Edit(Verb.SET, "network", name, None, "interface"))
        edits += [
            Edit(Verb.SET, "network", name, option, value) for option, value in options.items()
        ]
        created.append(f"interface:{name}")
    return edits, created


def _join_zone(firewall: Package, names: Iterable[str]) -> tuple[list[Edit], list[str]]:
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


def _uplinks(wireless: Package, relay: Relay) -> list[Edit]:
    edits: list[Edit] = []
    own = own_sections(wireless)
    first = not own and wireless.section(OWN_PREFIX) is None
    for radio in radio_names(wireless, relay):
        if radio in own:
            continue
        name = OWN_PREFIX if first else f"{OWN_PREFIX}_{radio}"
        first = False
        edits.append(Edit(Verb.SET, "wireless", name, None, KIND))
        edits += [
            Edit(Verb.SET, "wireless", name, option, value)
            for option, value in baseline(radio, relay).items()
        ]
    return edits
