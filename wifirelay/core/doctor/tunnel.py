# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of the VPN that the configuration names, and of its kill-switch."""

from collections.abc import Iterator

from wifirelay.core.doctor.facts import Facts
from wifirelay.core.doctor.finding import Finding, Unknown, ok, problem, together, unknown, warning
from wifirelay.core.feeds import feeding
from wifirelay.core.vpn_only import vpn_only_edits, vpn_only_remarks, zone_of
from wifirelay.errors import Refused
from wifirelay.router.interfaces import overlapping
from wifirelay.uci.model import Package, Section
from wifirelay.values import shown

WORLD = frozenset({"0.0.0.0/0", "0.0.0.0/1"})
_RELOAD = "`uci commit network`, `/etc/init.d/network reload`"


def vpn(facts: Facts) -> Finding:
    """Its interface, what it routes, its zone; never a key of it."""
    named, network, firewall = facts.relay.vpn, facts.network, facts.firewall
    if named is None:
        return ok("vpn", "none is named")
    if isinstance(network, Unknown):
        return unknown("vpn", network)
    if isinstance(firewall, Unknown):
        return unknown("vpn", firewall)
    name, section = named.interface, network.section(named.interface)
    if section is None or section.kind != "interface":
        return problem(
            "vpn",
            f"the interface {name} is missing in /etc/config/network",
            "name that of a WireGuard, or of another VPN that netifd runs, as `vpn.interface`",
        )

    def wrong() -> Iterator[Finding]:
        yield from _interface(section)
        yield from _routes(network, section)
        yield from _subnet(facts, name)
        try:
            todo = vpn_only_edits(network, firewall, named)
        except Refused as refused:
            yield problem("vpn", refused.message, refused.hint)
            return
        if todo and named.only:
            yield problem("vpn", "the LAN goes past it: the kill-switch is not set up", _AGAIN)
        elif todo:
            yield problem("vpn", "the firewall still has a kill-switch that is not wanted", _AGAIN)
        elif zone_of(firewall, section) is None:
            yield warning(
                "vpn",
                f"{name} is in no zone of the firewall: nothing goes out through it",
                "give it a zone of its own, and a forwarding from `lan` to that (docs/vpn.md)",
            )
        for remark in vpn_only_remarks(network, firewall, named):
            text, _, remedy = remark.partition(". ")
            yield warning("vpn", text, remedy)

    only = ", and nothing goes past it" if named.only else ""
    return together(wrong(), ok("vpn", f"{name} goes up and down with the internet{only}"))


_AGAIN = "`wifirelay setup` again"


def _interface(section: Section) -> Iterator[Finding]:
    name = section.name
    if not section.enabled:
        yield problem(
            "vpn",
            f"{name} is disabled: nobody can bring it up",
            f"`uci delete network.{name}.disabled`, {_RELOAD}",
        )
    elif section.get("auto", "1") not in ("0", "false", "no", "off", "disabled"):
        yield warning(
            "vpn",
            f"netifd brings {name} up at boot, before there is an uplink",
            f"`uci set network.{name}.auto=0`, {_RELOAD}; the service brings it up",
        )
    if section.get("proto") == "none":
        yield warning(
            "vpn",
            f"{name} has no protocol: the program behind it runs whatever netifd does",
            "docs/vpn.md tells what that means for an OpenVPN",
        )


def _routes(network: Package, section: Section) -> Iterator[Finding]:
    """Whether a WireGuard takes what has no other way."""
    if section.get("proto") != "wireguard":
        return
    peers = [
        each for each in network.of_kind(f"wireguard_{section.name}") if not each.true("disabled")
    ]
    if not peers:
        yield problem("vpn", f"{section.name} has no peer", f"add a `wireguard_{section.name}`")
    elif not any(
        each.true("route_allowed_ips") and WORLD.intersection(each.items("allowed_ips"))
        for each in peers
    ):
        allowed = ", ".join(shown(net) for each in peers for net in each.items("allowed_ips"))
        yield warning(
            "vpn",
            f"no peer of {section.name} routes the internet (allowed_ips {allowed or 'none'}): "
            "only that goes through it",
            "0.0.0.0/0 in a peer's allowed_ips, and its route_allowed_ips 1; or it is meant so",
        )


def _subnet(facts: Facts, name: str) -> Iterator[Finding]:
    """Its own subnet, where it takes the uplink's name servers and login page too."""
    if isinstance(facts.interfaces, Unknown):
        return
    uplink, tunnel = feeding(facts.interfaces, facts.relay.interface), facts.interfaces.get(name)
    if uplink is not None and tunnel is not None and uplink.up:
        clash = overlapping(uplink, {name: tunnel})
        if clash is not None:
            yield warning(
                "vpn",
                f"its {clash[1]} overlaps the uplink's subnet: the uplink's name servers and login "
                "page may not be reached while it is up",
                "a single address (/32) in the VPN's `addresses`, where its server allows that",
            )
