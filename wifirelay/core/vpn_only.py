# SPDX-License-Identifier: GPL-2.0-or-later
"""The kill-switch: the firewall's rule that keeps the LAN from going past the VPN. Pure.

firewall4 puts a rule with `src *` and a `dest` first into the chain `forward`, before the chains of
the zones and so before every forwarding and every rule of theirs (fw4.uc, `parse_rule`).
"""

from wifirelay.core.known import VPN_RULE, Vpn
from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit, Verb, section_edits
from wifirelay.uci.model import Package, Section

_OPTIONS = {
    "name": "wifirelay: the LAN goes through the VPN alone",
    "src": "*",
    "dest": "wan",
    "proto": "all",
    "target": "REJECT",
}
_DONE = "`uci commit firewall; service firewall reload`, then `wifirelay setup`"


def vpn_only_edits(network: Package, firewall: Package, vpn: Vpn | None) -> tuple[Edit, ...]:
    """What makes the rule be there as `vpn.only` wants it, or not be there.

    Raises Refused where the LAN would have no way out at all, or still one past the VPN.
    """
    there = firewall.section(VPN_RULE)
    if vpn is None or not vpn.only:
        return (Edit(Verb.DELETE, "firewall", VPN_RULE),) if there is not None else ()
    _check(network, firewall, vpn.interface)
    made: tuple[Edit, ...] = ()
    if there is None or there.kind != "rule":
        made = (Edit(Verb.SET, "firewall", VPN_RULE, None, "rule"),)
        there = Section(VPN_RULE, "rule", there.options if there is not None else {})
    return (*made, *section_edits("firewall", VPN_RULE, there, _OPTIONS, [*there.options]))


def _check(network: Package, firewall: Package, name: str) -> None:
    section = network.section(name)
    if section is None or section.kind != "interface":
        raise Refused(
            f"the router has no interface {name}, the VPN of `vpn.only`",
            hint=f"`uci show network.{name}` on the router; the interface of a WireGuard is one of "
            "proto wireguard in /etc/config/network",
        )
    zone = zone_of(firewall, section)
    ways = [
        each.get("src")
        for each in firewall.of_kind("forwarding")
        if each.get("dest") == "wan" and _on(each)
    ]
    sources = [each for each in dict.fromkeys(ways) if each not in ("", "*", zone)] or ["lan"]
    own = (
        "uci add firewall zone; uci set firewall.@zone[-1].name=vpn; "
        f"uci add_list firewall.@zone[-1].network={name}; "
        "uci set firewall.@zone[-1].input=REJECT; uci set firewall.@zone[-1].output=ACCEPT; "
        "uci set firewall.@zone[-1].forward=REJECT; uci set firewall.@zone[-1].masq=1; "
        "uci set firewall.@zone[-1].mtu_fix=1"
    )
    if zone == "wan":
        number = [each.get("name") for each in firewall.of_kind("zone")].index("wan")
        raise Refused(
            f"{name} is in the firewall's zone `wan`, where nothing would be let out to",
            hint="give it a zone of its own: "
            f"`uci del_list firewall.@zone[{number}].network={name}; {own}; "
            f"{_forwardings(sources, 'vpn')}`, {_DONE}",
        )
    if zone is None:
        raise Refused(
            f"{name} is in no zone of the firewall: nothing could go out through it",
            hint=f"give it one: `{own}; {_forwardings(sources, 'vpn')}`, {_DONE}",
        )
    if not any(
        each.get("dest") in (zone, "*") and each.get("src") not in ("", "wan", zone) and _on(each)
        for each in firewall.of_kind("forwarding")
    ):
        raise Refused(
            f"the firewall forwards nothing to the zone `{zone}`, where {name} is: nothing could "
            "go out at all",
            hint=f"`{_forwardings(sources, zone)}`, {_DONE}",
        )


def vpn_only_remarks(network: Package, firewall: Package, vpn: Vpn | None) -> tuple[str, ...]:
    """What an owner of the kill-switch should know of the router's own rules."""
    section = network.section(vpn.interface) if vpn is not None and vpn.only else None
    if section is None:
        return ()
    told = []
    name = zone_of(firewall, section)
    zone = next((each for each in firewall.of_kind("zone") if each.get("name") == name), None)
    if zone is not None and not zone.true("masq"):
        told.append(
            f"the firewall's zone `{name}` does not masquerade: connections that run when the VPN "
            "goes down may go on past it. Set its `masq` to 1, and `masq6` where the VPN has IPv6"
        )
    before = []
    for each in firewall.of_kind("rule"):
        if each.name == VPN_RULE:
            break
        past = each.get("src") == "*" and each.get("dest") in ("wan", "*")
        if past and each.get("target").upper() == "ACCEPT" and _on(each):
            before.append(each.get("name") or each.name)
    if before:
        told.append(
            f"rules of yours for `src *` come before the kill-switch and let traffic past the VPN: "
            f"{', '.join(before)}. Name their source zone instead"
        )
    return tuple(told)


def zone_of(firewall: Package, interface: Section) -> str | None:
    """The zone that an interface is in, by its name or by its device; None: in none."""
    devices = {interface.name, interface.get("device") or interface.name}
    for zone in firewall.of_kind("zone"):
        if _on(zone) and (
            interface.name in zone.items("network") or devices.intersection(zone.items("device"))
        ):
            return zone.get("name")
    return None


def _on(section: Section) -> bool:
    return section.get("enabled", "1") not in ("0", "no", "off", "false", "disabled")


def _forwardings(sources: list[str], zone: str) -> str:
    return "; ".join(
        f"uci add firewall forwarding; uci set firewall.@forwarding[-1].src={source}; "
        f"uci set firewall.@forwarding[-1].dest={zone}"
        for source in sources
    )
