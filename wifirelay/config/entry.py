# SPDX-License-Identifier: GPL-2.0-or-later
"""A known network as an entry of the YAML file's shape, and what putting several in would do.

Pure. The entry's values are secrets in clear: it goes to the writer and nowhere else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum

from wifirelay.config.network import PHASE2
from wifirelay.config.portal_login import login_entry
from wifirelay.core.known import DEVICE, Eap, KnownNetwork, Wanted
from wifirelay.values import Secret, Ssid


class Put(str, Enum):
    """What becomes of a network that is put into a configuration; `writes` is whether it does."""

    ADDED = "added"
    REPLACED = "replaced"
    KNOWN = "known"  # it is there, the same
    DIFFERS = "differs"  # it is there with other settings, and stays as it is

    __str__ = str.__str__

    @property
    def writes(self) -> bool:
        return self in (Put.ADDED, Put.REPLACED)


def planned(
    networks: Iterable[KnownNetwork],
    there: Mapping[Ssid, KnownNetwork | None],
    *,
    replacing: bool,
) -> tuple[Put, ...]:
    """What becomes of each; `there` is what the configuration has (None: it cannot be told)."""
    outcomes = []
    for network in networks:
        if network.ssid not in there:
            outcomes.append(Put.ADDED)
        elif with_limits_of(network, there[network.ssid]) == there[network.ssid]:
            outcomes.append(Put.KNOWN)
        else:
            outcomes.append(Put.REPLACED if replacing else Put.DIFFERS)
    return tuple(outcomes)


def with_limits_of(network: KnownNetwork, old: KnownNetwork | None) -> KnownNetwork:
    """The network with what the owner limited before: another program's file cannot say it."""
    if old is None:
        return network
    signal = old.min_signal if network.min_signal is None else network.min_signal
    return replace(
        network,
        min_signal=signal,
        metered=network.metered or old.metered,
        portal_login=network.portal_login or old.portal_login,
        not_bssids=tuple(each for each in old.not_bssids if each not in network.bssids),
        bands=old.bands,
        radios=old.radios,
        mac=old.mac,
        fixed=old.fixed,
        ipv6_only=old.ipv6_only,
        twins=old.twins,
        vpn=old.vpn,
    )


def entry_of(network: KnownNetwork) -> dict[str, object]:
    """What the entry says: all that differs from the default, secrets in clear."""
    entry: dict[str, object] = {"ssid": network.ssid.text}
    try:
        network.ssid.raw.decode("utf-8")
    except UnicodeDecodeError:
        entry = {"ssid_hex": network.ssid.hex}
    if network.key is not None:
        entry["key"] = network.key.reveal()
    if network.security is not Wanted.AUTO:
        entry["security"] = network.security.value
    if network.priority:
        entry["priority"] = network.priority
    for name, items in (
        ("bssid", network.bssids),
        ("not_bssid", network.not_bssids),
        ("band", network.bands),
        ("radio", network.radios),
    ):
        if items:
            entry[name] = list(map(str, items))
    if network.mac != DEVICE:
        entry["mac"] = network.mac
    for name in ("min_signal", "hidden", "metered", "ipv6_only", "twins"):
        if getattr(network, name):
            entry[name] = getattr(network, name)
    if network.fixed is not None:
        entry |= {"address": network.fixed.address, "gateway": network.fixed.gateway}
        entry |= {"dns": list(network.fixed.dns)} if network.fixed.dns else {}
    if network.vpn is not None:
        entry["vpn"] = network.vpn
    if network.eap is not None:
        entry["eap"] = _eap(network.eap)
    if network.portal_login is not None:
        entry |= login_entry(network.portal_login)
    return entry


def _eap(eap: Eap) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in eap.__slots__:
        value = getattr(eap, name)
        if value is None or (name == "phase2" and value == PHASE2):
            continue
        found[name] = value.reveal() if isinstance(value, Secret) else value
    return found
