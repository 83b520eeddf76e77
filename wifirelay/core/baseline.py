# SPDX-License-Identifier: GPL-2.0-or-later
"""What `setup` adds to a router, and what `setup --undo` takes out again. Pure."""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace

from wifirelay.core.borrowed import Changes, changes, packages_in
from wifirelay.core.bridging import check_alias, device_of, moved, ours
from wifirelay.core.feeds_setup import made_interfaces, outdated, zoned
from wifirelay.core.hostname import hostname_edits
from wifirelay.core.known import NAT, STABLE, WDS, KnownNetwork, Relay
from wifirelay.core.mac import SECRET, secret_of
from wifirelay.core.owned import CREATED, INTERFACE, Owned, notes_in
from wifirelay.core.radios import radio_names
from wifirelay.core.relaying import needed
from wifirelay.core.reqopts import asks_for_login_page
from wifirelay.core.sections import KIND, all_own, baseline, own_sections
from wifirelay.core.vpn_only import vpn_only_edits
from wifirelay.core.wanzone import ZONE, check_left, join_zone, leave_zone
from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import OWN_PREFIX

METRIC = "20"  # a wired uplink (metric 0) goes before the relay's


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
    known networks are all that there are, and what setup has made for others goes. Where the router
    has a configuration of its own (`owned.others`), nothing goes; `held_back` tells what.

    Raises Refused without a firewall zone `wan` or a radio to use, and where the VPN's kill-switch
    cannot work; ConfigError for an unknown radio.
    """
    known = tuple(known)
    v4, v6 = relay.interface, relay.interface + "6"
    packages, notes = owned.by_name(), owned.notes()
    wanted = needed(relay, packages, owned.services)
    rewired = moved(owned, relay, notes)
    goes_on = keeps_its_way(owned, relay)
    as_it_is = relay  # what is new is of the kind that the router has
    if goes_on and any(rewired):
        as_it_is = replace(relay, kind=NAT if relay.kind == WDS else WDS)
    check_alias(owned.network, as_it_is, notes)
    network, created = _interfaces(owned.network, v4, v6, notes, device_of(as_it_is))
    hostname = hostname_edits(owned.network, owned.wireless, relay, created)
    network += [edit for edit in hostname if not owned.others or edit.verb is not Verb.DELETE]
    if INTERFACE + v4 in (*created, *notes):
        network += asks_for_login_page(owned.network, v4)
    made = [item.removeprefix(INTERFACE) for item in notes if item.startswith(INTERFACE)]
    edits, feeds = made_interfaces(owned, made, relay, known, METRIC)
    network += edits
    created += [INTERFACE + name for name, new in feeds.items() if new]
    for item in created:  # they are there when their options are set
        fresh = Section(item.removeprefix(INTERFACE), "interface", {})
        packages["network"] = Package("network", (*packages["network"], fresh))
    other = changes(packages, notes, wanted.loans, wanted.made)
    members: tuple[str, ...] = wanted.members
    outside = {v4, v6} - {*members}
    left, gone = leave_zone(owned.firewall, notes, outside)
    if goes_on:
        other, members, outside, left, gone = Changes(), (), set(), [], []
        rewired = [], []
    firewall, joined = join_zone(owned.firewall, (*members, *zoned(feeds)))
    if not owned.others or (relay.vpn is not None and relay.vpn.only):
        firewall += vpn_only_edits(owned.network, owned.firewall, relay.vpn)
    check_left(owned.firewall, outside, gone)
    created += [*(ZONE + name for name in joined), *other.noted]
    used = {each.get("network") for each in all_own(owned.wireless)}
    old = outdated(owned.network, made, {v4, v6, *feeds}, used) if tidy and not owned.others else []
    ended = [item for item in notes if item.partition(":")[2] in zoned(old)]
    removed = _taken_out(owned, ended)
    network += rewired[0]
    wireless = rewired[1] + _uplinks(owned.wireless, as_it_is)
    keepers = [section.name for section in own_sections(owned.wireless).values()]
    keepers += [edit.section for edit in wireless if edit.option is None]
    if not keepers:  # what was created could not be noted, nor taken out again
        raise Refused(
            "no radio of this router is enabled",
            hint="enable one there first, or name one in the configuration, such as "
            "`relay: {radios: [radio0]}`",
        )
    wireless += _unnoted(owned.wireless, (*other.dropped, *gone, *ended))
    wireless += [Edit(Verb.ADD_LIST, "wireless", keepers[0], CREATED, item) for item in created]
    for each in known:
        if each.mac == STABLE and not secret_of(all_own(owned.wireless)):
            wireless.append(Edit(Verb.SET, "wireless", keepers[0], SECRET, secret))
            break
    return (*network, *firewall, *left, *removed, *other.edits, *wireless)


def keeps_its_way(owned: Owned, relay: Relay) -> bool:
    """Whether the router relays in another way, and goes on so: a configuration of its own may
    want that. Raises Refused as `setup_edits` does."""
    if not owned.others:
        return False
    packages, notes = owned.by_name(), owned.notes()
    wanted = needed(relay, packages, owned.services)
    outside = {relay.interface, relay.interface + "6"} - {*wanted.members}
    return bool(
        changes(packages, notes, wanted.loans, wanted.made).dropped
        or leave_zone(owned.firewall, notes, outside)[1]
        or any(moved(owned, relay, notes))
    )


def held_back(
    owned: Owned, relay: Relay, known: Iterable[KnownNetwork], *, tidy: bool
) -> tuple[Edit, ...]:
    """What setup would do besides, did the router not have a configuration of its own."""
    known = tuple(known)
    alone = setup_edits(replace(owned, others=False), relay, known, tidy=tidy)
    done = setup_edits(owned, relay, known, tidy=tidy)
    return tuple(edit for edit in alone if edit not in done and edit.package != "wireless")


def undo_edits(owned: Owned) -> tuple[Edit, ...]:
    """What takes setup's work out again: what was borrowed before what it was borrowed for."""
    edits = [Edit(Verb.DELETE, "wireless", section.name) for section in all_own(owned.wireless)]
    edits += vpn_only_edits(owned.network, owned.firewall, None)
    return (*edits, *given_back(owned).edits, *_taken_out(owned, owned.notes()))


def given_back(owned: Owned) -> Changes:
    """What ends all that was borrowed, and whose owner has changed it since."""
    return changes(owned.by_name(), owned.notes())


def noted_packages(wireless: Package) -> frozenset[str]:
    """The packages beside those of every setup that earlier ones changed."""
    return packages_in(notes_in(wireless)) - {"wireless", "network", "firewall"}


def _interfaces(
    network: Package, v4: str, v6: str, notes: Collection[str], device: str
) -> tuple[list[Edit], list[str]]:
    edits: list[Edit] = []
    created = []
    wanted: Mapping[str, Mapping[str, str]] = {
        v4: {"proto": "dhcp", **({"device": device} if device else {}), "metric": METRIC},
        v6: {"proto": "dhcpv6", "device": f"@{v4}", "metric": METRIC},
    }
    for name, options in wanted.items():
        there = network.section(name)
        if (
            there is not None
            and there.get("proto") == options["proto"]
            and (
                there.get("device") == options.get("device", "")
                or (name == v4 and ours(there, notes))  # bridging.py changes that
            )
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
        created.append(INTERFACE + name)
    return edits, created


def _taken_out(owned: Owned, notes: Iterable[str]) -> list[Edit]:
    """What takes interfaces that setup made out of the zone and of `network`, as far as they are
    there."""
    notes = [*notes]
    edits, _ = leave_zone(owned.firewall, notes)
    names = [item.removeprefix(INTERFACE) for item in notes if item.startswith(INTERFACE)]
    return edits + [
        Edit(Verb.DELETE, "network", name)
        for name in names
        if owned.network.section(name) is not None
    ]


def _unnoted(wireless: Package, items: Container[str]) -> list[Edit]:
    return [
        Edit(Verb.DEL_LIST, "wireless", section.name, CREATED, item)
        for section in all_own(wireless)
        for item in section.items(CREATED)
        if item in items
    ]


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
