# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks that give no address: the router's interface that each one's own address is on.

`setup` makes those interfaces, and a join names one in the own section, so that a trial stays
within `wireless`. The name of one is made of all that it holds: where the configuration has
changed since, there is none of that name, and everybody who looks at the router sees it.
"""

from binascii import crc32
from collections.abc import Mapping
from ipaddress import ip_interface

from wifirelay.core.known import KnownNetwork
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.uci.model import Section

_HEX = "0123456789abcdef"
_DIGITS = 8


def interface_for(network: KnownNetwork, uplink: str) -> str:
    """The logical interface that a station in this network feeds; `uplink` is the relay's, which
    asks for an address. At most 15 characters."""
    fixed = network.fixed
    if fixed is None:
        return uplink
    held = " ".join((network.ssid.hex, fixed.address, fixed.gateway, *fixed.dns))
    return f"{_begin(uplink)}{crc32(held.encode()):0{_DIGITS}x}"


def is_fixed(name: str, uplink: str) -> bool:
    """Whether this is the name of such an interface."""
    begin = _begin(uplink)
    digits = name[len(begin) :]
    return name.startswith(begin) and len(digits) == _DIGITS and not digits.strip(_HEX)


def is_own(name: str, uplink: str) -> bool:
    """Whether an uplink is fed into it, by whatever network."""
    return name in (uplink, uplink + "6") or is_fixed(name, uplink)


def _begin(uplink: str) -> str:
    return uplink[:6] + "_"


def interface_of(section: Section, uplink: str) -> str:
    """The one that an own section feeds. What else an owner may have written there does not
    count: it could be `lan`."""
    name = section.get("network")
    return name if is_fixed(name, uplink) else uplink


def feeding(interfaces: Mapping[str, LogicalInterface], uplink: str) -> LogicalInterface | None:
    """Of the interfaces that an uplink may feed the one that is up; else the relay's."""
    for each in interfaces.values():
        if each.up and is_fixed(each.name, uplink):
            return each
    return interfaces.get(uplink)


def why_not(
    network: KnownNetwork,
    uplink: str,
    interfaces: Mapping[str, LogicalInterface],
    vpn: str = "",
    *,
    bridged: str = "",
) -> str | None:
    """Why this router cannot join a network with an address of its own, or None. An empty
    `uplink`: its interfaces are not known. `vpn` goes up over the uplink: it is no clash.
    `bridged`: the relay's kind, where clients get their addresses from the network: this one has
    none."""
    fixed = network.fixed
    if fixed is None or not uplink:
        return None
    if bridged:
        return f"it has an address of its own, and clients would get none (relay.kind {bridged})"
    if interface_for(network, uplink) not in interfaces:
        return f"the router has no interface for its address {fixed.address} yet: `wifirelay setup`"
    subnet = ip_interface(fixed.address).network
    for other in interfaces.values():
        if not other.up or other.name == vpn or is_own(other.name, uplink):
            continue
        for theirs in other.subnets():
            if theirs.version == subnet.version and theirs.overlaps(subnet):
                return f"its address {fixed.address} overlaps {other.name} ({theirs})"
    return None
