# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of what clients have of the uplink: IPv6, and a bridge in place of NAT."""

from wifirelay.core.borrowed import changes
from wifirelay.core.bridging import check_alias
from wifirelay.core.doctor.facts import Facts
from wifirelay.core.doctor.finding import Finding, Unknown, ok, problem, unknown, warning
from wifirelay.core.feeds import DHCPV6, feeding
from wifirelay.core.known import NAT, RELAYD, WDS, Relay
from wifirelay.core.owned import Owned
from wifirelay.core.relaying import NAME, needed
from wifirelay.core.sections import all_own, own_sections
from wifirelay.core.wanzone import wan_zone
from wifirelay.core.wds import ALIAS, is_bridged
from wifirelay.errors import Refused
from wifirelay.values import shown

AGAIN = "`wifirelay setup` writes it, and shows it before"
NAT66, THEN = "`relay: {ipv6: nat66}`", " in the configuration, then `wifirelay setup`"
CHOOSE = f"{NAT66} or `relay: {{ipv6: relay}}`{THEN}"


def ipv6(facts: Facts) -> Finding:
    """Whether clients have IPv6, by what the upstream gives and what the owner wants."""
    wrong = _not_as_wished("ipv6", facts) if facts.relay.ipv6 != "delegated" else None
    if wrong is not None:
        return wrong
    if facts.relay.kind == WDS:
        return ok("ipv6", "clients have what the upstream's network gives them")
    if isinstance(facts.interfaces, Unknown):
        return unknown("ipv6", facts.interfaces)
    uplink = feeding(facts.interfaces, facts.relay.interface)
    other = facts.interfaces.get(facts.relay.interface + "6")
    if uplink is None or not uplink.up:
        return ok("ipv6", f"{_WISH[facts.relay.ipv6]}; no uplink works now")
    alone = uplink.proto == DHCPV6
    other = uplink if alone else other
    if other is None or not other.up or not other.addresses:
        return ok("ipv6", "this network gives none: clients have IPv4 alone")
    if other.delegated:
        return ok("ipv6", "this network delegates a prefix: clients have addresses of it")
    if facts.relay.kind == RELAYD:
        return ok("ipv6", "for this router alone: relayd passes IPv4")
    if facts.relay.ipv6 == "delegated":
        evidence = "this network gives the router IPv6 and delegates no prefix: clients have none"
        return warning("ipv6", evidence, f"{NAT66}{THEN}" if alone else CHOOSE)
    if facts.relay.ipv6 == "relay" and alone:
        evidence = "this network has IPv6 alone, and delegates no prefix: clients have IPv4 over it"
        return warning("ipv6", evidence, f"{NAT66} gives them IPv6 here too")
    return ok("ipv6", _WISH[facts.relay.ipv6])


_WISH = {
    "delegated": "clients have it where an upstream delegates a prefix",
    "relay": "where no prefix is delegated, clients have addresses of the upstream's own",
    "nat66": "where no prefix is delegated, clients go out behind the router's address (NAT66)",
}


def bridge(facts: Facts) -> Finding:
    """Whether it is set up as it is wanted: by relayd, or by a station in the bridge."""
    if facts.relay.kind == NAT:
        return _left_bridged(facts) or ok("bridge", "not wanted: clients go out by NAT")
    wrong = _not_as_wished("bridge", facts)
    if wrong is not None:
        return wrong
    own = [] if isinstance(facts.interfaces, Unknown) else [facts.interfaces.get("lan")]
    subnets = [str(net) for each in own if each is not None for net in each.subnets()]
    lan = f" in {subnets[0]}" if subnets else ""
    who = "relayd" if facts.relay.kind == RELAYD else "a station in its bridge (WDS)"
    evidence = f"{who} joins lan to the upstream; to reach this router, take an address{lan}"
    return ok("bridge", evidence + " by hand")


def _left_bridged(facts: Facts) -> Finding | None:
    """A kind that the router is still set up for, and the configuration does not name."""
    wireless, network = facts.wireless, facts.network
    there = None if isinstance(network, Unknown) else network.section(NAME)
    if not isinstance(wireless, Unknown) and any(map(is_bridged, all_own(wireless))):
        kind = WDS
    elif there is not None and there.get("proto") == "relay":
        kind = RELAYD
    else:
        return None
    return problem(
        "bridge",
        f"still set up for {kind}: this router gives no addresses; the configuration says {NAT}",
        f"`wifirelay setup`, or `relay: {{kind: {kind}}}` in the configuration",
    )


def _not_as_wished(check: str, facts: Facts) -> Finding | None:
    """What is missing of the owner's wish; None: all is there."""
    wireless, network, firewall = facts.wireless, facts.network, facts.firewall
    dhcp, services = facts.dhcp, facts.services
    if isinstance(wireless, Unknown):
        return unknown(check, wireless)
    if isinstance(network, Unknown):
        return unknown(check, network)
    if isinstance(firewall, Unknown):
        return unknown(check, firewall)
    if isinstance(dhcp, Unknown):
        return unknown(check, dhcp)
    if isinstance(services, Unknown):
        return unknown(check, services)
    if not own_sections(wireless):
        return warning(check, "this router is not set up for wifirelay", "`wifirelay setup`")
    there = services.running | services.enabled
    owned = Owned(wireless, network, firewall, dhcp, there)
    packages = owned.by_name()
    try:
        wanted = needed(facts.relay, packages, there)
        check_alias(network, facts.relay, owned.notes())
        left = changes(packages, owned.notes(), wanted.loans, wanted.made)
    except Refused as refused:
        return problem(check, refused.message, refused.hint)
    if facts.relay.kind == WDS and (text := _not_bridged(owned, facts.relay)):
        return problem(check, text, AGAIN)
    if left.edits:
        places = dict.fromkeys(f"{edit.package}.{edit.section}" for edit in left.edits)
        names = ", ".join(map(shown, places))
        return problem(check, f"not all of it is there: {names}", AGAIN)
    return None


def _not_bridged(owned: Owned, relay: Relay) -> str:
    """What keeps the uplink from asking through the bridge, or its station from being a port."""
    name = relay.interface
    there, zone = owned.network.section(name), wan_zone(owned.firewall)
    if there is None or there.get("device") != ALIAS:
        return f"{name} does not ask through the bridge of lan (device '{ALIAS}')"
    inside = [each for each in (name, name + "6") if zone and each in zone[1].items("network")]
    if inside:
        return f"{' and '.join(inside)} is in the zone `wan`, and the own network's bridge with it"
    apart = [each.name for each in all_own(owned.wireless) if not is_bridged(each)]
    return f"not in the bridge of lan: {', '.join(map(shown, apart))}" if apart else ""
