# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's own address in a network that gives none, out of the network's mapping."""

from ipaddress import IPv4Address, IPv4Interface

from wifirelay.config.fields import Fields
from wifirelay.core.known import FixedAddress
from wifirelay.values import shown

_PREFIX = (8, 30)


def fixed_address(fields: Fields) -> FixedAddress:
    """What the owner says of it, where anything. Raises ConfigError."""
    text = fields.line("address")
    if text is None:
        raise fields.error(
            "gateway" if fields.has("gateway") else "dns",
            "is there without address",
            "add the router's own in that network, such as 192.168.5.20/24; without one all of it "
            "comes by DHCP",
        )
    if fields.truth("ipv6_only"):
        raise fields.error(
            "ipv6_only",
            "stands beside address, which is one of IPv4",
            "keep the one that is so: a network of IPv6 alone gives its addresses by itself",
        )
    address = _own(fields, text)
    text = fields.line("gateway")
    if text is None:
        raise fields.error(
            "gateway",
            "is missing: with an address of one's own nobody tells the way to the internet",
            "the address of that network's router",
        )
    gateway, net = _address(fields, "gateway", text), address.network
    if gateway not in net:
        raise fields.error(
            "gateway", f"{gateway} is not in {net}, the address's subnet", "check both"
        )
    if gateway == address.ip:
        raise fields.error("gateway", f"{gateway} is the router's own address", "check both")
    if gateway in (net.network_address, net.broadcast_address):
        raise fields.error("gateway", f"{gateway} is no station's in {net}", "check it")
    servers = fields.lines("dns", str(gateway), alone=True)
    dns = []
    for index, server in enumerate(servers):
        key = "dns" if len(servers) == 1 else f"dns[{index}]"
        found = _address(fields, key, server)
        if found.is_unspecified or found.is_multicast:
            raise fields.error(key, f"{found} is no name server's", "check it")
        dns.append(str(found))
    return FixedAddress(str(address), str(gateway), tuple(dict.fromkeys(dns)))


def _own(fields: Fields, text: str) -> IPv4Interface:
    host, slash, prefix = text.partition("/")
    low, high = _PREFIX
    if not slash:
        raise fields.error(
            "address", f"{shown(text)!r} has no prefix length", "such as 192.168.5.20/24"
        )
    ip = _address(fields, "address", host)
    digits = prefix.isascii() and prefix.isdigit() and len(prefix) < 3
    if not digits or not low <= int(prefix) <= high:
        raise fields.error(
            "address",
            f"{shown(prefix)!r} is no possible prefix length",
            f"a number from {low} to {high}; 24 is 255.255.255.0",
        )
    address = IPv4Interface(f"{ip}/{int(prefix)}")
    net = address.network
    if ip.is_loopback or ip.is_multicast or ip.is_link_local or ip.is_reserved or not int(ip) >> 24:
        raise fields.error("address", f"{ip} cannot be a station's", "check it")
    if ip in (net.network_address, net.broadcast_address):
        raise fields.error(
            "address",
            f"{ip} is that of {net} itself, or of all in it",
            f"one from {net.network_address + 1} to {net.broadcast_address - 1}",
        )
    return address


def _address(fields: Fields, key: str, text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError:
        raise fields.error(
            key, f"{shown(text)!r} is not an IPv4 address", "four numbers, such as 192.168.5.1"
        ) from None
