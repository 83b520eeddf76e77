# SPDX-License-Identifier: GPL-2.0-or-later
"""Another subnet for the router's own clients: the edits of `lan`, and what else names it. Pure.

Knows the forms in which netifd takes an address: `ipaddr` with `netmask`, or with a prefix length,
as an option or as a list of one. What else there may be is refused, with the reason.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, ip_interface

from wifirelay.core.common_subnets import is_common
from wifirelay.core.known import KnownNetwork
from wifirelay.core.subnets import free_subnet
from wifirelay.errors import Refused, UsageError
from wifirelay.router.interfaces import LAN, LogicalInterface, Network
from wifirelay.uci.edits import Edit, Verb, batch
from wifirelay.uci.model import Package, Section
from wifirelay.values import shown

OPTIONS = ("ipaddr", "netmask")  # nothing else is written
_PREFIX = (16, 29)


@dataclass(frozen=True, slots=True)
class Move:
    """From one address to another; without edits it is there already."""

    old: IPv4Interface
    new: IPv4Interface
    edits: tuple[Edit, ...]
    remarks: tuple[str, ...]  # what has the old subnet too, and stays as it is
    back: tuple[Edit, ...] = ()  # stage nothing, unless somebody has committed the edits
    spare: str = ""  # where no DHCP server gives clients one: an address that is free for one

    @property
    def stays(self) -> bool:
        """Whether the addresses of clients are as good as before."""
        return self.old.network == self.new.network

    @property
    def advice(self) -> str:
        """What to do at a client, so that it reaches the router again."""
        if self.stays:
            what = f"go on with the address that this machine has, unless it is {self.new.ip}"
        elif self.spare:
            what = f"give this machine {self.spare}/{self.new.netmask} by hand"
        else:
            return f"get an address of {self.new.network} (Wi-Fi off and on, or cable out and in)"
        return f"{what}: the router gives none" if self.spare else what

    def undo(self) -> bytes:
        """For the script `arm`: no own section is touched, and these edits are taken back."""
        reverts = b"".join(b"revert network.lan.%s\n" % o.encode() for o in OPTIONS)
        return b"\n\n\n" + reverts + batch(self.back)

    def batch(self) -> bytes:
        """For `uci batch`."""
        return batch(self.edits)


@dataclass(frozen=True, slots=True)
class Around:
    """What a move has to fit in with."""

    network: Package
    dhcp: Package
    firewall: Package
    interfaces: Mapping[str, LogicalInterface]
    known: tuple[KnownNetwork, ...] = ()


def plan_move(around: Around, wanted: str | None) -> Move:
    """The move to `wanted` (192.168.77.1/24, without a prefix length the old one's), or to a free
    subnet. Raises UsageError for what is no such address, Refused for what does not fit."""
    section = around.network.section(LAN)
    if section is None or section.kind != "interface":
        raise Refused("the router has no interface called lan", hint="it is moved by hand")
    old = _address(section)
    taken = list(_taken(around))
    new = _proposed(taken) if wanted is None else _parsed(wanted, old)
    if new == old:
        return Move(old, new, (), ())
    for net, whose in taken:
        if net.version == 4 and net.overlaps(new.network):
            raise Refused(
                f"{new.network} overlaps {whose} ({net})", hint="name another one, or none at all"
            )
    _check_pool(around.dhcp, new)
    edits, remarks = tuple(_edits(section, new)), (*_common(new), *_remarks(around, old, new))
    return Move(old, new, edits, remarks, tuple(_back(section)), _spare(around.dhcp, new))


def _address(section: Section) -> IPv4Interface:
    """The one address of lan. Raises Refused."""

    def refused(why: str) -> Refused:
        return Refused(f"lan {why}", hint="this is moved by hand: `uci show network.lan`")

    if section.get("proto") != "static":
        raise refused(f"has no address of its own (proto {shown(section.get('proto')) or 'none'})")
    for option in ("gateway", "broadcast"):
        if section.get(option):
            raise refused(f"has an option {option}: it is part of another network")
    texts = section.items("ipaddr")
    if len(texts) != 1:
        raise refused("has several IPv4 addresses" if texts else "has no IPv4 address")
    (text,) = texts
    try:
        if "/" in text:
            return IPv4Interface(text)
        return IPv4Interface(f"{text}/{section.get('netmask') or 'none'}")
    except ValueError:
        both = shown(" ".join((text, *section.items("netmask"))))
        raise refused(f"has an address that is not understood: {both}") from None


def _taken(around: Around) -> Iterable[tuple[Network, str]]:
    for each in around.interfaces.values():
        if each.up and each.name != LAN:
            yield from ((net, each.name) for net in each.claims())
    for section in around.network.of_kind("interface"):
        if section.get("proto") == "static" and section.name != LAN:
            yield from ((net, section.name) for net in _written(section))
    for network in around.known:
        if network.fixed is not None:
            yield ip_interface(network.fixed.address).network, str(network.ssid)


def _written(section: Section) -> Iterable[Network]:
    """The subnets of an interface's IPv4 addresses as they are configured, up or not."""
    mask = section.get("netmask") or "32"
    for text in section.items("ipaddr"):
        with suppress(ValueError):
            yield IPv4Interface(text if "/" in text else f"{text}/{mask}").network


def _proposed(taken: Iterable[tuple[Network, str]]) -> IPv4Interface:
    free = free_subnet(net for net, _ in taken)
    if free is None:
        raise Refused("all private subnets are taken", hint="name one that you can do without")
    return IPv4Interface((free[1], free.prefixlen))


def _parsed(text: str, old: IPv4Interface) -> IPv4Interface:
    hint = "such as 192.168.77.1/24"
    host, slash, prefix = text.partition("/")
    try:
        address = IPv4Address(host)
    except ValueError:
        raise UsageError(f"{shown(text)!r} is not an IPv4 address", hint=hint) from None
    length = prefix if slash else str(old.network.prefixlen)
    low, high = _PREFIX
    if not (length.isascii() and length.isdigit() and low <= int(length[:4]) <= high):
        raise UsageError(f"{shown(text)!r} has no prefix length from {low} to {high}", hint=hint)
    new = IPv4Interface((address, int(length)))
    if not any(new.network.subnet_of(IPv4Network(each)) for each in _PRIVATE):
        raise UsageError(f"{new} is no private address (RFC 1918)", hint=hint)
    if new.ip in (new.network.network_address, new.network.broadcast_address):
        raise UsageError(f"{new.ip} is that of {new.network} itself, or of all in it", hint=hint)
    return new


_PRIVATE = ("192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8")


def _common(new: IPv4Interface) -> Iterable[str]:
    if is_common(new.network):
        yield f"many upstream networks have {new.network} too: such a one is not joined"


def _spare(dhcp: Package, new: IPv4Interface) -> str:
    """For who has to give a client one by hand; empty where lan has a DHCP server."""
    pools = [each for each in dhcp.of_kind("dhcp") if each.get("interface") == LAN]
    if any(not each.true("ignore") for each in pools):
        return ""
    taken = {item for each in dhcp.of_kind("host") for item in each.items("ip")} | {str(new.ip)}
    return next((str(each) for each in new.network.hosts() if str(each) not in taken), "")


def _check_pool(dhcp: Package, new: IPv4Interface) -> None:
    """The pool is relative to the subnet's first address, so it moves along where it fits."""
    for section in dhcp.of_kind("dhcp"):
        if section.get("interface") != LAN or section.true("ignore"):
            continue
        start, limit = section.get("start", "100"), section.get("limit", "150")
        if not (start.isdigit() and limit.isdigit()):
            raise Refused(
                f"the addresses that dhcp.{section.name} gives are not understood: start "
                f"{shown(start)}, limit {shown(limit)}",
                hint="this is moved by hand",
            )
        most = new.network.num_addresses - 2
        if int(start) + int(limit) - 1 > most:
            raise Refused(
                f"{new.network} is too small for the addresses that dhcp.{section.name} gives: "
                f"start {start}, limit {limit}",
                hint="name a larger one, or change start and limit first",
            )


def _edits(section: Section, new: IPv4Interface) -> Iterable[Edit]:
    """In the form that is there."""
    value = section.options.get("ipaddr")
    (text,) = section.items("ipaddr")
    with_prefix = "/" in text
    address = str(new) if with_prefix else str(new.ip)
    if isinstance(value, tuple):
        yield Edit(Verb.DELETE, "network", LAN, "ipaddr")
        yield Edit(Verb.ADD_LIST, "network", LAN, "ipaddr", address)
    else:
        yield Edit(Verb.SET, "network", LAN, "ipaddr", address)
    if not with_prefix and section.get("netmask") != str(new.netmask):
        yield Edit(Verb.SET, "network", LAN, "netmask", str(new.netmask))


def _back(section: Section) -> Iterable[Edit]:
    """What is there, set again. Not for a list: that would be staged, needed or not."""
    if not isinstance(section.options.get("ipaddr"), tuple):
        for option in OPTIONS:
            if text := section.get(option):
                yield Edit(Verb.SET, "network", LAN, option, text)


def _remarks(around: Around, old: IPv4Interface, new: IPv4Interface) -> Iterable[str]:
    """What names an address of the old subnet, and is the owner's."""
    if old.network == new.network:
        return
    theirs = f"{old.network}: they stay as they are, and need an edit of yours"

    def inside(text: str) -> bool:
        try:
            return IPv4Address(text.partition("/")[0]) in old.network
        except ValueError:
            return False

    fixed = [each for each in around.dhcp.of_kind("host") if any(map(inside, each.items("ip")))]
    if fixed:
        names = ", ".join(shown(each.get("name") or each.get("ip")) for each in fixed[:3])
        yield f"{len(fixed)} fixed leases (dhcp host: {names}) have addresses of {theirs}"
    rules = [
        each
        for each in around.firewall
        if any(inside(item) for option in ("dest_ip", "src_ip") for item in each.items(option))
    ]
    if rules:
        names = ", ".join(shown(each.get("name") or each.kind) for each in rules[:3])
        yield f"{len(rules)} rules of the firewall ({names}) name addresses of {theirs}"
