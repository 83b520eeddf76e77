# SPDX-License-Identifier: GPL-2.0-or-later
"""What `relay.kind` and `relay.ipv6` need beside the interfaces of every setup: sections of its
own, and options that it borrows. What each means for the clients. Pure.

Sources: odhcpd (README; `hybrid` in config.c, the default route in router.c), firewall4
(`parse_nat`), odhcp6c's dhcpv6.sh (`sourcefilter`), relayd's init script.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from wifirelay.core.borrowed import Loan, Made
from wifirelay.core.bridging import bridging, what_it_means
from wifirelay.core.known import NAT, RELAYD, WDS, Relay
from wifirelay.errors import Refused
from wifirelay.router.interfaces import LAN
from wifirelay.uci.model import Package, Section, Value

DHCP = f"dhcp:interface={LAN}"  # the section of the own network's DHCP server
NAME = "wifirelay"  # of sections in other packages, and of the zone of `relayd`
ULA = "fc00::/7"


@dataclass(frozen=True, slots=True)
class Needed:
    """What is to be there. `members`: the interfaces that belong into the zone `wan`."""

    loans: tuple[Loan, ...] = ()
    made: tuple[Made, ...] = ()
    members: tuple[str, ...] = ()


def packages_for(relay: Relay) -> frozenset[str]:
    """The packages that it changes beside those of every setup."""
    return frozenset() if (relay.kind, relay.ipv6) == (NAT, "delegated") else frozenset({"dhcp"})


def needed(
    relay: Relay, packages: Mapping[str, Package], services: Collection[str] | None = None
) -> Needed:
    """What this way of relaying needs on such a router. `services`: those that it has; None:
    nobody looked. Raises Refused where it cannot be done there, with the remedy."""
    v4, v6 = relay.interface, relay.interface + "6"
    if relay.kind == WDS:
        dhcp = _dhcp_of_lan(packages)
        return Needed(bridging(packages["network"], packages["dhcp"], dhcp))
    if relay.kind == RELAYD:
        _need_service(services, "relayd", "relay: {kind: relayd}")
        return Needed(
            (Loan("dhcp", _dhcp_of_lan(packages), "ignore", "1"),), tuple(_relayd(v4)), ()
        )
    if relay.ipv6 == "delegated":
        return Needed(members=(v4, v6))
    _need_service(services, "odhcpd", f"relay: {{ipv6: {relay.ipv6}}}")
    dhcp = _dhcp_of_lan(packages)
    if relay.ipv6 == "relay":
        hybrid = dict.fromkeys(("ra", "dhcpv6", "ndp"), "hybrid")
        loans = [Loan("dhcp", dhcp, option, value) for option, value in hybrid.items()]
        for section in packages["dhcp"].of_kind("dhcp"):
            if section.get("interface") == v6 and section.name != NAME:
                raise Refused(
                    f"/etc/config/dhcp has a section for {v6} already ({section.name})",
                    hint="take it out there, or leave `relay.ipv6` as it is by default",
                )
        # dnsmasq keeps off it (ignore); odhcpd takes it for the one to relay from (master)
        options: dict[str, Value] = {"interface": v6, "ignore": "1", "master": "1", **hybrid}
        return Needed(tuple(loans), (Made("dhcp", NAME, "dhcp", options),), (v4, v6))
    if not _globals(packages).get("ula_prefix"):
        raise Refused(
            "this router's own network has no IPv6 addresses of its own (ULA), which NAT66 needs",
            hint="give it a prefix of your own, such as `uci set network.globals.ula_prefix="
            "'fd4a:7d5c:1b2e::/48'; uci commit network`",
        )
    loans = [
        # without it a default route is for addresses of the upstream's prefix alone
        Loan("network", v6, "sourcefilter", "0"),
        Loan("dhcp", dhcp, "ra", "server"),
        Loan("dhcp", dhcp, "ra_default", "1"),  # else none is announced beside ULAs alone
    ]
    lan = packages["network"].section(LAN)
    if lan is not None and not lan.get("ip6assign"):
        loans.append(Loan("network", LAN, "ip6assign", "64"))
    options = {
        "name": "wifirelay NAT66",
        "src": "wan",
        "family": "ipv6",
        "proto": "all",
        "src_ip": ULA,  # what has a delegated prefix goes out as it is
        "target": "MASQUERADE",
    }
    return Needed(tuple(loans), (Made("firewall", f"{NAME}_nat66", "nat", options),), (v4, v6))


def meaning(relay: Relay, network: Package) -> tuple[str, ...]:
    """What the owner should know before it is written."""
    lan = network.section(LAN)
    own = lan.get("ipaddr").partition("/")[0] if lan is not None else ""
    if relay.kind == WDS:
        return what_it_means(own)
    if relay.kind == RELAYD:
        return (
            "relayd joins the own network to the upstream's: clients get their addresses from "
            "there, are seen there, and have none while no uplink works",
            "this router does not give addresses any more: to reach it, by cable or own Wi-Fi, "
            f"give your computer an address beside {own or 'its own'} by hand",
            "clients get no IPv6: relayd passes IPv4 alone",
        )
    if relay.ipv6 == "relay":
        return (
            "where an upstream delegates no prefix, clients get addresses of its own /64: it sees "
            "each of them; what it gave stays with them for a while after a switch",
        )
    if relay.ipv6 == "nat66":
        return (
            "clients have IPv6 addresses of their own (ULA) behind the router's: they take IPv4 "
            "where a server has both",
        )
    return ()


def _dhcp_of_lan(packages: Mapping[str, Package]) -> str:
    dhcp = packages.get("dhcp", Package("dhcp"))
    if not any(section.get("interface") == LAN for section in dhcp.of_kind("dhcp")):
        raise Refused(
            f"/etc/config/dhcp has no section for {LAN}: this router gives no addresses itself",
            hint="add one, as OpenWrt delivers it, or leave `relay.kind` and `relay.ipv6` out",
        )
    return DHCP


def _need_service(services: Collection[str] | None, name: str, wish: str) -> None:
    if services is not None and name not in services:
        raise Refused(
            f"{wish} needs {name}, which this router does not have, or which is disabled",
            hint=f"`opkg update; opkg install {name}` (25.12: `apk update; apk add {name}`), and "
            f"`/etc/init.d/{name} enable`",
        )


def _globals(packages: Mapping[str, Package]) -> Section:
    found = packages["network"].of_kind("globals")
    return found[0] if found else Section("", "globals", {})


def _relayd(v4: str) -> list[Made]:
    """A zone of its own: strangers do not reach the router, and what is forwarded keeps its
    address. IPv4 alone, which is what relayd passes."""
    v4_only = {"family": "ipv4"}
    zone = {"name": NAME, "input": "REJECT", "output": "ACCEPT", "forward": "REJECT"}
    renew = {
        "name": "wifirelay DHCP",
        "src": NAME,
        "proto": "udp",
        "dest_port": "68",
        **v4_only,
        "target": "ACCEPT",
    }
    return [
        Made("network", NAME, "interface", {"proto": "relay", "network": (LAN, v4)}),
        Made("firewall", NAME, "zone", {**zone, "network": (v4,), "mtu_fix": "1"}),
        Made("firewall", f"{NAME}_out", "forwarding", {"src": LAN, "dest": NAME, **v4_only}),
        Made("firewall", f"{NAME}_in", "forwarding", {"src": NAME, "dest": LAN, **v4_only}),
        Made("firewall", f"{NAME}_renew", "rule", renew),
    ]
