# SPDX-License-Identifier: GPL-2.0-or-later
"""Which format a text is in, and the networks of several texts as one list.

Files of /etc/config are read together: a key stands in another one than its uplink. One SSID
comes out once: access points of one network are joined, another network of the name is left out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from wifirelay.core.known import KnownNetwork
from wifirelay.errors import ConfigError
from wifirelay.imports import keyfile, qr, supplicant, travelmate, uci_words
from wifirelay.imports.found import Found
from wifirelay.values import Ssid, shown


class Kind(str, Enum):
    """A format, by its word on the command line."""

    TRAVELMATE = "travelmate"
    NETWORKMANAGER = "networkmanager"
    WPA_SUPPLICANT = "wpa_supplicant"
    QR = "qr"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Source:
    """One text, and what it is called in errors and answers."""

    where: str
    text: str = field(repr=False)  # may hold keys


@dataclass(frozen=True, slots=True)
class Imported:
    """What all sources hold together. Each item begins with its source's name."""

    networks: tuple[tuple[str, KnownNetwork], ...]
    left_out: tuple[tuple[str, str, str], ...]  # source, name, reason
    remarks: tuple[tuple[str, str, str], ...]  # source, name, remark


_SIGNS = re.compile(
    r"^[ \t]*(?:"
    r"(?P<qr>(?:QR-Code:)?WIFI:)"
    r"|(?P<networkmanager>\[(?:connection|wifi|802-11-wireless)\])"
    r"|(?P<wpa_supplicant>(?:network[ \t]*=[ \t]*\{|ctrl_interface=|update_config=))"
    r"|(?P<travelmate>config[ \t]+['\"]?(?:uplink|travelmate|wifi-iface|wifi-device)\b)"
    r")",
    re.MULTILINE | re.IGNORECASE,
)


def recognised(text: str) -> Kind | None:
    """The format of a text, by the first line that is typical for one."""
    sign = _SIGNS.search(text.removeprefix("\ufeff"))
    return None if sign is None or sign.lastgroup is None else Kind(sign.lastgroup)


def read(sources: Sequence[Source], kind: Kind | None = None, *, disabled: bool) -> Imported:
    """The networks of these sources, in their order; all are of this kind, if one is said.

    Raises ConfigError for a text that is of no kind, or broken.
    """
    found: list[tuple[str, Found]] = []
    packages: list[Source] = []
    for source in sources:
        its = kind or recognised(source.text)
        text, where = source.text, source.where
        if its is None and not text.strip():
            raise ConfigError(f"{shown(where)}: is empty", hint="name a file with networks")
        if its is None:
            kinds = ", ".join(each.value for each in Kind)
            raise ConfigError(
                f"{shown(where)}: is not in a format that is known",
                hint=f"--from says which it is: {kinds}",
            )
        if its is Kind.TRAVELMATE:
            packages.append(source)
        elif its is Kind.QR:
            found.append((where, qr.parse(text, where)))
        else:
            parse = keyfile.parse if its is Kind.NETWORKMANAGER else supplicant.parse
            found.append((where, parse(text, where, disabled=disabled)))
    if packages:
        where = ", ".join(source.where for source in packages)
        sections = [
            replace(section, name=f"{number}.{section.name}")
            for number, source in enumerate(packages)
            for section in uci_words.sections(source.text.removeprefix("\ufeff"), source.where)
        ]
        found.append((where, travelmate.parse(sections, where, disabled=disabled)))
    return _together(found)


def _together(found: Iterable[tuple[str, Found]]) -> Imported:
    kept: dict[Ssid, tuple[str, KnownNetwork]] = {}
    left_out, remarks = [], []
    for source, its in found:
        left_out += [(source, *item) for item in its.left_out]
        remarks += [(source, *item) for item in its.remarks]
        for network in its.networks:
            first, before = kept.get(network.ssid, (source, network))
            if _bare(before) != _bare(network):
                why = f"another one of this name, with other settings, is taken from {shown(first)}"
                left_out.append((source, network.ssid.text, why))
                continue
            kept[network.ssid] = first, _joined(before, network)
    return Imported(tuple(kept.values()), tuple(left_out), tuple(dict.fromkeys(remarks)))


def _bare(network: KnownNetwork) -> KnownNetwork:
    """What makes it this network: its name and how to log in."""
    return KnownNetwork(network.ssid, network.key, network.security, eap=network.eap)


def _joined(one: KnownNetwork, other: KnownNetwork) -> KnownNetwork:
    anywhere = not one.bssids or not other.bssids
    return replace(
        one,
        bssids=() if anywhere else tuple(dict.fromkeys((*one.bssids, *other.bssids))),
        priority=max(one.priority, other.priority),
        hidden=one.hidden or other.hidden,
        metered=one.metered or other.metered,
    )
