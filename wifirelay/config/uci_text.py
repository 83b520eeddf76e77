# SPDX-License-Identifier: GPL-2.0-or-later
"""Known networks as edits of the UCI package `wifirelay`: one more, one less, or these too.

Pure: a package and networks in, edits out. Whoever writes them proves first, with the reader,
that the package they make is a configuration. Keys are in the edits' values: `Edit.shown` masks
them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from wifirelay.config.entry import entry_of
from wifirelay.config.fields import near
from wifirelay.config.network import NETWORK_OPTIONS, network_from
from wifirelay.config.secrets import unread
from wifirelay.config.uci_file import MAIN, NETWORK, PACKAGE, PATH, placed, ssid_of
from wifirelay.config.writing import UCI, Place
from wifirelay.core.known import KnownNetwork
from wifirelay.errors import ConfigError
from wifirelay.uci.edits import Edit, Verb, section_edits
from wifirelay.uci.model import Package, Section, Value
from wifirelay.values import Ssid

_ODD = re.compile(r"[^a-z0-9]+")
_MANAGED = tuple(name for name in NETWORK_OPTIONS if name != "enabled")  # `enabled` is the router's


def uci_edits(networks: Iterable[KnownNetwork], existing: Package | None) -> tuple[Edit, ...]:
    """What makes the package hold these networks as they are here, their keys included.

    Found by SSID: one that is not there gets a section, one that differs the options that do;
    one that is the same, and all others, stay as they are.
    """
    there = existing or Package(PACKAGE)
    edits: list[Edit] = []
    for network in networks:
        current = next((each for each in _networks(there) if ssid_of(each) == network.ssid), None)
        wanted = options_of(network)
        if current is None:
            there, more = _with_section(there, wanted)
            edits += more
        elif _read(current) != network:
            edits += section_edits(PACKAGE, current.name, current, wanted, _MANAGED)
    return tuple(edits)


def networks_there(existing: Package) -> dict[Ssid, KnownNetwork | None]:
    """Each network's section as a network, also where it is not in use; None for one that cannot
    be told, such as one whose key is in a file of the router."""
    return {
        ssid: _read(section)
        for section in _networks(existing)
        if (ssid := ssid_of(section)) is not None
    }


def options_of(network: KnownNetwork) -> dict[str, Value]:
    """A network as a section's options, without those that say what holds anyway."""
    return as_options(entry_of(network))


def named(ssid: Ssid) -> dict[str, Value]:
    """The option that names a network: its bytes in hexadecimal where they are not UTF-8, which
    UCI could hold and a web page could not show."""
    try:
        ssid.raw.decode("utf-8")
    except UnicodeDecodeError:
        return {"ssid_hex": ssid.hex}
    return {"ssid": ssid.text}


def as_options(entry: Mapping[str, object]) -> dict[str, Value]:
    """A network of the YAML file's shape as a section's options."""
    options: dict[str, Value] = {}
    for name, value in entry.items():
        if isinstance(value, list | tuple):
            options[name] = tuple(map(str, value))
        elif isinstance(value, dict):  # eap
            options |= {f"{name}_{inner}": str(each) for inner, each in value.items()}
        elif name == "ssid":
            options |= named(Ssid.of(str(value)))
        else:
            options[name] = str(int(value)) if isinstance(value, bool) else str(value)
    return options


def with_network(there: Package, options: Mapping[str, Value]) -> tuple[Package, tuple[Edit, ...]]:
    """The package with one network more, and the edits that make it so. Raises ConfigError when
    its SSID is there already."""
    ssid = ssid_of(Section("", NETWORK, options))
    for section, place in placed(there):
        if section.kind == NETWORK and ssid is not None and ssid_of(section) == ssid:
            raise ConfigError(
                f"{PATH}: {place.path}: {ssid} is already there",
                hint="edit that section, or remove it first: wifirelay networks remove SSID",
            )
    return _with_section(there, options)


def without_network(there: Package, ssid: Ssid) -> tuple[Package, tuple[Edit, ...]]:
    """The package without that network, and the edits that make it so. Raises ConfigError."""
    gone = _named(there, ssid)
    rest = tuple(section for section in there if section not in gone)
    edits = tuple(Edit(Verb.DELETE, PACKAGE, section.name) for section in gone)
    return replace(there, sections=rest), edits


def with_priority(there: Package, ssid: Ssid, priority: int) -> tuple[Package, tuple[Edit, ...]]:
    """The package in which that network has this priority, and the edits that make it so; none
    where it has it. Raises ConfigError."""
    text = str(priority)
    old = [each for each in _named(there, ssid) if each.get("priority", "0") != text]
    edits = tuple(Edit(Verb.SET, PACKAGE, each.name, "priority", text) for each in old)
    after = tuple(
        replace(each, options={**each.options, "priority": text}) if each in old else each
        for each in there
    )
    return replace(there, sections=after), edits


def _named(there: Package, ssid: Ssid) -> list[Section]:
    """The sections of that network. Raises ConfigError when there is none."""
    networks = _networks(there)
    found = [section for section in networks if ssid_of(section) == ssid]
    if not found:
        names = [str(name) for each in networks if (name := ssid_of(each)) is not None]
        meant = near(str(ssid), names)
        hint = "`wifirelay networks list` shows them" if names else "no network is there at all"
        raise ConfigError(
            f"{PATH}: there is no network {ssid}",
            hint=f"did you mean {meant}?" if meant else hint,
        )
    return found


def _with_section(there: Package, options: Mapping[str, Value]) -> tuple[Package, tuple[Edit, ...]]:
    number = max((each.index for each in there), default=-1) + 1
    name = _section_name(there, ssid_of(Section("", NETWORK, options)))
    bare = Section(name, NETWORK, {}, index=number)
    edits = section_edits(PACKAGE, name, bare, options, ())
    after = replace(there, sections=(*there.sections, replace(bare, options=dict(options))))
    return after, (Edit(Verb.SET, PACKAGE, name, None, NETWORK), *edits)


def _networks(there: Package) -> tuple[Section, ...]:
    return there.of_kind(NETWORK)


def _section_name(there: Package, ssid: Ssid | None) -> str:
    """After the SSID where that makes a name; not one that an anonymous section could have."""
    taken = {MAIN, *(section.name for section in there)}
    word = "" if ssid is None else _ODD.sub("_", ssid.text.lower()).strip("_")
    if word and word not in taken and not word.startswith("cfg"):
        return word
    number = 1
    while f"{NETWORK}{number}" in taken:
        number += 1
    return f"{NETWORK}{number}"


def _read(section: Section) -> KnownNetwork | None:
    """What a section says now; None when that is nothing that holds, or has a secret in a file
    of the router: that is not read, and differs from a key that is here."""
    if any(option.endswith("_file") for option in section.options):
        return None
    try:
        return network_from(dict(section.options), Place(PATH, "", UCI), unread, [])
    except ConfigError:
        return None
