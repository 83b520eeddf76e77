# SPDX-License-Identifier: GPL-2.0-or-later
"""Which logical interface of the router's a station feeds: the relay's, or one for its network.

`setup` makes those interfaces, and a join names one in the own section, so that a trial stays
within `wireless`. A network that gives no address has its own, whose name is made of all that it
holds: where the configuration has changed since, there is none of that name, and everybody who
looks at the router sees it. Networks of IPv6 alone share one, and netifd makes another one by
itself then, which translates IPv4 (464XLAT).
"""

from binascii import crc32
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_interface

from wifirelay.core.known import KnownNetwork
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.uci.model import Section

_HEX = "0123456789abcdef"
_DIGITS = 8
DHCPV6 = "dhcpv6"  # the protocol, of an interface of IPv6 alone
CLAT = "_4"  # what odhcp6c's script adds to the name, for the one that translates (dhcpv6.script)


def interface_for(network: KnownNetwork, uplink: str) -> str:
    """The logical interface that a station in this network feeds; `uplink` is the relay's, which
    asks for an address. At most 15 characters."""
    if network.ipv6_only:
        return ipv6_interface(uplink)
    fixed = network.fixed
    if fixed is None:
        return uplink
    held = " ".join((network.ssid.hex, fixed.address, fixed.gateway, *fixed.dns))
    return f"{_begin(uplink)}{crc32(held.encode()):0{_DIGITS}x}"


def ipv6_interface(uplink: str) -> str:
    """That of all networks of IPv6 alone. At most 8 characters: `464-NAME_4` is a device then,
    and no device's name has more than 15."""
    return _begin(uplink) + "6"


def is_made(name: str, uplink: str) -> bool:
    """Whether this is the name of one that `setup` makes for networks."""
    begin = _begin(uplink)
    digits = name[len(begin) :]
    fixed = name.startswith(begin) and len(digits) == _DIGITS and not digits.strip(_HEX)
    return fixed or name == ipv6_interface(uplink)


def is_own(name: str, uplink: str) -> bool:
    """Whether an uplink is fed into it, by whatever network, or netifd makes it for one."""
    six = uplink + "6"
    translating = (six + CLAT, ipv6_interface(uplink) + CLAT)
    return name in (uplink, six, *translating) or is_made(name, uplink)


def _begin(uplink: str) -> str:
    return uplink[:6] + "_"


def interface_of(section: Section, uplink: str) -> str:
    """The one that an own section feeds. What else an owner may have written there does not
    count: it could be `lan`."""
    name = section.get("network")
    return name if is_made(name, uplink) else uplink


def fed(name: str, interfaces: Mapping[str, LogicalInterface]) -> LogicalInterface | None:
    """The interface of this name as one uplink; None: it is not there.

    One of IPv6 alone is up when there is IPv4 over it too: its addresses and name servers, behind
    the device and the default route of what translates. Of a name server on the link (a phone's)
    netifd tells no device; it is added.
    """
    there = interfaces.get(name)
    if there is None or there.proto != DHCPV6:
        return there
    clat = interfaces.get(name + CLAT)
    if clat is None or not (there.up and there.addresses and clat.up and clat.default_route):
        return replace(there, up=False)
    link = f"%{there.device}"
    return replace(
        there,
        l3_device=clat.ifname,
        metric=clat.metric,
        dns=tuple(each + link if each.startswith("fe80:") else each for each in there.dns),
    )


def feeding(interfaces: Mapping[str, LogicalInterface], uplink: str) -> LogicalInterface | None:
    """Of the interfaces that an uplink may feed the one that is up; else the relay's."""
    for name in interfaces:
        if is_made(name, uplink) and (found := fed(name, interfaces)) is not None and found.up:
            return found
    return interfaces.get(uplink)


def why_not(
    network: KnownNetwork,
    uplink: str,
    interfaces: Mapping[str, LogicalInterface],
    vpn: str = "",
    *,
    kind: str = "",
) -> str | None:
    """Why this router cannot join a network that needs an interface of its own, or None. An empty
    `uplink`: its interfaces are not known. `vpn` goes up over the uplink: it is no clash.
    `kind`: the relay's kind, where clients get their addresses from the network: this one has
    none."""
    fixed = network.fixed
    if not uplink or (fixed is None and not network.ipv6_only):
        return None
    what = "IPv6 alone" if fixed is None else f"its address {fixed.address}"
    if kind and fixed is None:
        return f"it has IPv6 alone, and relay.kind {kind} is proved by an IPv4 lease"
    if kind:
        return f"it has an address of its own, and clients would get none (relay.kind {kind})"
    if interface_for(network, uplink) not in interfaces:
        return f"the router has no interface for {what} yet: `wifirelay setup`"
    if fixed is None:
        return None
    subnet = ip_interface(fixed.address).network
    for other in interfaces.values():
        if not other.up or other.name == vpn or is_own(other.name, uplink):
            continue
        for theirs in other.subnets():
            if theirs.version == subnet.version and theirs.overlaps(subnet):
                return f"its address {fixed.address} overlaps {other.name} ({theirs})"
    return None
