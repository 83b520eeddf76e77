# SPDX-License-Identifier: GPL-2.0-or-later
"""Staged edits that say of lan's address what it has anyway: a reload changes nothing by them.

Such are left where somebody committed a move of lan that nobody confirmed: the old address is
staged against flash. Pure.
"""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Interface, ip_interface

from wifirelay.router.interfaces import LAN, LogicalInterface
from wifirelay.uci.staged import Change

FLASH = "flash has another address of lan: `uci commit network` keeps the present one"


def in_use(
    changes: Iterable[Change], interfaces: Mapping[str, LogicalInterface]
) -> tuple[Change, ...]:
    """Those of `changes`."""
    lan = interfaces.get(LAN)
    if lan is None or not lan.up:
        return ()
    have: set[tuple[str, str]] = set()
    for each in map(ip_interface, lan.addresses):
        if isinstance(each, IPv4Interface):
            texts = (str(each), str(each.ip))
            have |= {*(("ipaddr", text) for text in texts), ("netmask", str(each.netmask))}
    return tuple(
        each
        for each in changes
        if (each.package, each.section, each.verb) == ("network", LAN, "set")
        and (each.option, each.value) in have
    )


def ways_out(changes: Iterable[Change], kept: tuple[Change, ...]) -> str:
    """What ends staged edits, of which `kept` are in use: a revert would take that away."""
    packages = sorted({each.package for each in changes})
    return ", ".join(
        f"`uci commit {p}`" + ("" if kept and p == "network" else f" or `uci revert {p}`")
        for p in packages
    )
