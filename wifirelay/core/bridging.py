# SPDX-License-Identifier: GPL-2.0-or-later
"""What `setup` writes for `relay.kind: wds`, and takes back for any other. Pure.

Sources: netifd (alias.c, wireless.c), odhcpd (README: each service is switched by itself, `ignore`
is dnsmasq's), dnsmasq.init, firewall4 (`parse_zone`: zones match devices, and the first wins).
"""

from collections.abc import Collection, Iterable

from wifirelay.core.borrowed import Loan
from wifirelay.core.known import WDS, Relay
from wifirelay.core.owned import INTERFACE, Owned
from wifirelay.core.sections import all_own
from wifirelay.core.wds import ALIAS, BRIDGED, SILENT, is_bridged, server_of
from wifirelay.errors import Refused
from wifirelay.router.interfaces import LAN
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section


def bridging(network: Package, servers: Package, dhcp: str) -> tuple[Loan, ...]:
    """What is borrowed, so that no server of this router's answers in the upstream's network.
    `dhcp` is the section of its own network's in `servers`. Raises Refused where that network is
    no bridge, has a way out of its own, or others with servers are in it."""
    _check_bridge(network)
    _check_gateway(network)
    _check_servers(network, servers)
    return tuple(Loan("dhcp", dhcp, option, value) for option, value in SILENT.items())


def _check_bridge(network: Package) -> None:
    lan = network.section(LAN)
    name = lan.get("device") if lan is not None else ""
    bridges = {
        each.get("name") for each in network.of_kind("device") if each.get("type") == "bridge"
    }
    bridges |= {
        f"{each.get('device')}.{each.get('vlan')}"
        for each in network.of_kind("bridge-vlan")
        if each.get("device") in bridges
    }
    if name in bridges or (lan is not None and lan.get("type") == "bridge"):
        return
    port = name or "eth0"
    raise Refused(
        f"`relay: {{kind: wds}}` needs a bridge, and {LAN} is none (its device is "
        f"{name or 'not named'})",
        hint="make it one: `uci set network.br_lan=device; uci set network.br_lan.name=br-lan; "
        f"uci set network.br_lan.type=bridge; uci add_list network.br_lan.ports={port}; "
        "uci set network.lan.device=br-lan; uci commit network; service network restart`",
    )


def _check_gateway(network: Package) -> None:
    lan = network.section(LAN)
    if lan is None or not (lan.get("proto") == "dhcp" or lan.get("gateway")):
        return
    way = f"the gateway {lan.get('gateway')}" if lan.get("gateway") else "an address by DHCP"
    fixed = "uci delete network.lan.gateway"
    if lan.get("proto") == "dhcp":
        fixed = "uci set network.lan.proto=static; uci set network.lan.ipaddr=192.168.77.1/24"
    raise Refused(
        f"{LAN} has a way out of its own ({way}), which would go before the uplink's in its bridge "
        "(relay.kind wds)",
        hint=f"take it out: `{fixed}; uci commit network; service network reload`",
    )


def _check_servers(network: Package, servers: Package) -> None:
    """Another own network on the device of `lan` is in the upstream's as well."""
    lan = network.section(LAN)
    inside = {ALIAS, (lan.get("device") if lan is not None else "") or f"br-{LAN}"}
    for number, section in enumerate(servers.of_kind("dhcp")):
        there = network.section(section.get("interface"))
        if there is None or there.name == LAN or there.get("device") not in inside:
            continue
        if server_of(section) is None:
            continue
        at = f"dhcp.@dhcp[{number}]" if section.anonymous else f"dhcp.{section.name}"
        off = "; ".join(f"uci set {at}.{option}={value}" for option, value in SILENT.items())
        raise Refused(
            f"{there.name} is in the bridge of {LAN} too, and this router's servers for it would "
            "answer in the upstream's network (relay.kind wds)",
            hint=f"give it a device of its own, or switch them off: `{off}; uci commit dhcp; "
            "service dnsmasq reload; service odhcpd reload`",
        )


def device_of(relay: Relay) -> str:
    """The device of the uplink's interface; empty: its station's."""
    return ALIAS if relay.kind == WDS else ""


def ours(interface: Section, notes: Collection[str]) -> bool:
    """Whether setup has made this one, with whatever device a kind wants of it."""
    return INTERFACE + interface.name in notes and interface.get("device") in ("", ALIAS)


def check_alias(network: Package, relay: Relay, notes: Collection[str]) -> None:
    """Raises Refused where an interface of the owner's would have to ask through the bridge."""
    name = relay.interface
    there = network.section(name)
    if relay.kind != WDS or there is None or there.get("proto") != "dhcp":
        return
    if there.get("device") != ALIAS and not ours(there, notes):
        raise Refused(
            f"the router has another interface called {name}, without `device '{ALIAS}'`, which "
            "`kind: wds` needs in it: setup did not make it so, and leaves it as it is",
            hint=f"`uci delete network.{name}; uci commit network`, then `wifirelay setup`; or "
            "name another for the relay, such as `relay: {interface: wlanwan}`",
        )


def check_moved(wireless: Package, edits: Iterable[Edit]) -> None:
    """Raises Refused where an uplink that is on would be joined in another way by that: no trial
    would stand behind it."""
    rewired = {edit.section for edit in edits if edit.option in BRIDGED}
    for section in all_own(wireless):
        if section.enabled and section.name in rewired:
            raise Refused(
                f"{section.name} is enabled, and would be joined in another way (relay.kind) "
                "without a trial",
                hint="`wifirelay leave`, then `wifirelay setup`, then join again",
            )


def moved(owned: Owned, relay: Relay, notes: Collection[str]) -> tuple[list[Edit], list[Edit]]:
    """What brings the uplink's interface, as far as setup has made it, and the own sections from
    one kind to another: edits of `network` and of `wireless`."""
    network: list[Edit] = []
    there = owned.network.section(relay.interface)
    device = device_of(relay)
    if there is not None and ours(there, notes):
        at = "network", there.name, "device"
        if there.get("device") != device:
            network.append(Edit(Verb.SET, *at, device) if device else Edit(Verb.DELETE, *at))
    wireless: list[Edit] = []
    for section in all_own(owned.wireless):
        if is_bridged(section) == (relay.kind == WDS):
            continue
        wanted = BRIDGED if relay.kind == WDS else {"network": relay.interface, "wds": None}
        for option, value in wanted.items():
            verb = Verb.SET if value else Verb.DELETE
            if value or option in section.options:
                wireless.append(Edit(verb, "wireless", section.name, option, value))
    return network, wireless


def what_it_means(own: str) -> tuple[str, ...]:
    """For the owner, before it is written. `own` is the router's address in its own network."""
    address = own or "its own"
    return (
        "the own network and the upstream's become one: clients get their addresses from there, "
        "are seen there, and have none while no uplink works; everybody there reaches your "
        "devices, and this router's login and page as well. Let it join your own networks alone",
        "this router does not give addresses any more: to reach it, by cable or own Wi-Fi, "
        f"give your computer an address beside {address} by hand",
        "a cable from this router's own network to the same upstream makes a loop, which stops "
        "both: take it out before anything is joined",
        f"this router answers for {address} in the upstream's network too, from the first try on: "
        "where another device there has that address (often the upstream's own router), it is "
        "disturbed. `wifirelay move-lan` gives this one a rare one",
        "whether its radio and an upstream can do WDS, a trial finds out",
    )
