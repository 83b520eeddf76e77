# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of what the relay stands on: setup, firewall, sentry, subnets, other hands."""

from collections.abc import Iterator

from wifirelay.core.common_subnets import is_common
from wifirelay.core.doctor.facts import Facts, used_radios
from wifirelay.core.doctor.finding import (
    Finding,
    Unknown,
    ok,
    problem,
    together,
    unknown,
    warning,
    word,
)
from wifirelay.core.feeds import interface_for, is_made, is_own, why_not
from wifirelay.core.feeds_setup import GET_XLAT, XLAT, zoned
from wifirelay.core.hostname import hostname_in_vain
from wifirelay.core.in_use import FLASH, in_use, ways_out
from wifirelay.core.known import NAT
from wifirelay.core.sections import own_sections
from wifirelay.core.wanzone import wan_zone
from wifirelay.router.interfaces import LogicalInterface, overlapping
from wifirelay.uci.model import Package
from wifirelay.uci.staged import foreign
from wifirelay.values import shown

PACKAGES = ("wireless", "network", "firewall")  # what setup and joins write
SENTRY = "wifirelay-sentry"
AGAIN = "`wifirelay setup` adds what is missing"


def configuration(facts: Facts) -> Finding:
    """One syntax error makes a whole file unreadable for uci, while netifd skips the line."""
    wrong = []
    missing = None
    for name, fact in zip(PACKAGES, (facts.wireless, facts.network, facts.firewall), strict=True):
        if not isinstance(fact, Unknown):
            continue
        if fact.broken:
            evidence = f"/etc/config/{name} cannot be read: {fact.why}"
            wrong.append(
                problem(
                    "configuration", evidence, f"`uci show {name}` on the router names the line"
                )
            )
        else:
            missing = fact
    if missing is not None and not wrong:
        return unknown("configuration", missing)
    return together(wrong, ok("configuration", f"{', '.join(PACKAGES)} can be read"))


def setup(facts: Facts) -> Finding:
    """Own sections and the uplink's interface."""
    if isinstance(facts.wireless, Unknown):
        return unknown("setup", facts.wireless)
    wireless = facts.wireless
    own = own_sections(wireless)
    if not own:
        return warning("setup", "this router is not set up for wifirelay", "`wifirelay setup`")
    used = used_radios(facts.wireless, facts.relay)
    without = ", ".join(shown(radio.name) for radio in used if radio.name not in own)

    def wrong() -> Iterator[Finding]:
        if without:
            yield warning("setup", f"{without} has no own section: it is not used", AGAIN)
        if not isinstance(facts.network, Unknown):
            yield from list(_interface(facts.network, facts.relay.interface)) or _down(facts)
            vain = hostname_in_vain(facts.network, wireless, facts.relay)
            if vain is not None:
                yield warning("setup", *vain)
            yield from _feeds(facts.network, facts)

    bad = list(wrong())
    if not bad and isinstance(facts.network, Unknown):
        return unknown("setup", facts.network)
    return together(bad, ok("setup", f"done for {', '.join(map(shown, own))}"))


def _interface(network: Package, name: str) -> Iterator[Finding]:
    found = network.section(name)
    if found is None:
        yield problem("setup", f"the interface {name} is missing in /etc/config/network", AGAIN)
    elif not found.enabled or found.get("auto", "1") in ("0", "false", "no", "off", "disabled"):
        yield problem(
            "setup",
            f"the interface {name} is switched off: netifd does not run its station either",
            f"`uci delete network.{name}.auto; uci delete network.{name}.disabled`, "
            "`uci commit network`, `/etc/init.d/network reload`",
        )


def _down(facts: Facts) -> Iterator[Finding]:
    """Somebody's `ifdown`, or our own script that asks for a lease anew and was cut short."""
    there = {} if isinstance(facts.interfaces, Unknown) else facts.interfaces
    found = there.get(facts.relay.interface)
    if found is not None and not found.up and not found.autostart:
        name = word(found.name)
        evidence = f"{name} is down, and netifd does not bring it up by itself"
        yield warning("setup", evidence, f"`ifup {name}` on the router")


def _feeds(network: Package, facts: Facts) -> Iterator[Finding]:
    """Networks that need an interface of their own, and have none; or nothing to translate with."""
    known = facts.known if facts.relay.kind == NAT else ()  # by another kind they are not joined
    if any(each.ipv6_only for each in known):
        there = facts.protocols
        if not isinstance(there, Unknown) and XLAT not in there:
            yield warning(
                "setup",
                f"networks of IPv6 alone are known, and netifd does not know {XLAT}: they give no "
                "IPv4",
                f"{GET_XLAT}; then `wifirelay setup`",
            )
    for each in known:
        name = interface_for(each, facts.relay.interface)
        if name == facts.relay.interface or network.section(name) is not None:
            continue
        what = f"the address {each.fixed.address}" if each.fixed is not None else "IPv6 alone"
        yield warning(
            "setup", f"{each.ssid} has {what}, and no interface for it: it is not joined", AGAIN
        )


def firewall(facts: Facts) -> Finding:
    """The zone `wan`: it lets the own network out, and strangers not in."""
    package = facts.firewall
    if isinstance(package, Unknown):
        return unknown("firewall", package)
    found, names = wan_zone(package), _fed(facts)
    if found is None:
        return problem(
            "firewall",
            "there is no zone named `wan`, which the uplink belongs to",
            "add one, as OpenWrt delivers it",
        )
    place, zone = found
    done = not isinstance(facts.wireless, Unknown) and bool(own_sections(facts.wireless))

    def wrong() -> Iterator[Finding]:
        missing = [name for name in names if name not in zone.items("network")]
        if done and missing:
            yield problem("firewall", f"{', '.join(missing)} is not in the zone `wan`", AGAIN)
        if not zone.true("masq"):
            yield warning(
                "firewall",
                "the zone `wan` does not masquerade: an upstream knows no way back to the own "
                "network",
                f"`uci set firewall.{place}.masq=1; uci commit firewall`, "
                "`/etc/init.d/firewall reload`",
            )
        if not any(
            each.get("dest") == "wan" and each.get("enabled", "1") != "0"
            for each in package.of_kind("forwarding")
        ):
            yield warning(
                "firewall",
                "nothing is forwarded to the zone `wan`: the own network does not get out",
                "add a forwarding from `lan` to `wan`, as OpenWrt delivers it",
            )
        if facts.open_zone:
            text, _, remedy = facts.open_zone.partition(". ")
            yield warning("firewall", text, remedy)

    return together(wrong(), ok("firewall", "the zone `wan` is as it should be"))


def _fed(facts: Facts) -> list[str]:
    """The interfaces that belong into the zone `wan`: the relay's, unless it is in a zone of its
    own, and those that `setup` makes for networks."""
    uplink = facts.relay.interface
    there = [] if isinstance(facts.network, Unknown) else facts.network.of_kind("interface")
    bare = [uplink] if facts.relay.kind == NAT else []
    return [*bare, *zoned(each.name for each in there if is_made(each.name, uplink))]


def sentry(facts: Facts) -> Finding:
    """Without it nothing is tried, and nobody ends a trial that is left alone."""
    done = isinstance(facts.wireless, Unknown) or bool(own_sections(facts.wireless))
    if isinstance(facts.sentry, Unknown):
        if done:
            return unknown("sentry", facts.sentry)
        return ok("sentry", "comes with `wifirelay setup`")
    if not facts.sentry.installed:
        if not done:
            return ok("sentry", "comes with `wifirelay setup`")
        return problem(
            "sentry", "it is not installed (a new firmware takes it off): nothing is tried", AGAIN
        )
    if not facts.sentry.lives:
        return problem(
            "sentry",
            "it does not live: nothing is tried",
            f"`/etc/init.d/{SENTRY} restart` on the router",
        )
    if not isinstance(facts.services, Unknown) and SENTRY not in facts.services.enabled:
        return problem(
            "sentry",
            "it lives, and will not start at the next boot",
            f"`/etc/init.d/{SENTRY} enable` on the router",
        )
    if facts.sentry.held:
        return warning(
            "sentry",
            f"it holds {', '.join(map(shown, facts.sentry.held))}: the network was lost while "
            "own access points were off the air",
            "it lets go once that network is heard; `wifirelay leave` ends it",
        )
    return ok("sentry", "it lives")


def staged(facts: Facts) -> Finding:
    """Somebody else's edits that are not committed: a commit of ours would take them along."""
    if isinstance(facts.changes, Unknown):
        return unknown("staged", facts.changes)
    theirs = foreign(facts.changes, packages=PACKAGES)
    elsewhere = sorted({each.package for each in facts.changes if each.package not in PACKAGES})
    own = sum(change.own for change in facts.changes)
    if theirs:
        names = "; ".join(shown(change.shown()) for change in theirs[:5])
        more = f" and {len(theirs) - 5} more" if len(theirs) > 5 else ""
        there = {} if isinstance(facts.interfaces, Unknown) else facts.interfaces
        kept = in_use(theirs, there)
        says = warning if len(kept) == len(theirs) else problem
        evidence = f"somebody else's edits are staged: {names}{more}"
        return says("staged", evidence + (f"; {FLASH}" if kept else ""), ways_out(theirs, kept))
    if elsewhere:
        names = ", ".join(map(shown, elsewhere))
        return warning(
            "staged",
            f"edits of {names} are staged: the next package that is installed commits them",
            "commit or revert them with `uci`",
        )
    return ok("staged", f"{own} own edits, not on flash" if own else "nothing")


def subnets(facts: Facts) -> Finding:
    """An upstream in a subnet of the router's own cuts both off."""
    if isinstance(facts.interfaces, Unknown):
        return unknown("subnets", facts.interfaces)
    interfaces = dict(facts.interfaces)
    relay = facts.relay.interface
    for uplink in interfaces.values():
        if not uplink.up or not (uplink.name == relay or is_made(uplink.name, relay)):
            continue
        clash = overlapping(uplink, interfaces, facts.relay.tunnel)
        if clash is not None:
            other, subnet = clash
            return problem(
                "subnets",
                f"the uplink has {shown(', '.join(uplink.addresses))}, and {shown(other.name)} "
                f"has {subnet}",
                f"`wifirelay leave`; then give {shown(other.name)} another subnet",
            )
    own = [
        (each.name, subnet)
        for each in interfaces.values()
        if _own(each, facts.relay.interface) and each.name != (facts.relay.tunnel or None)
        for subnet in each.subnets()
        if subnet.version == 4 and not subnet.is_loopback
    ]
    usual = [
        warning(
            "subnets",
            f"{shown(name)} has {subnet}, which many upstream networks have too: such a one is "
            "not joined",
            "`wifirelay move-lan` gives it a rare one; if the new address is not confirmed, the "
            "router takes it back by itself"
            if name == "lan"
            else f"give {shown(name)} a rare one, such as 192.168.77.1/24 (`uci set "
            f"network.{word(name)}.ipaddr=...`)",
        )
        for name, subnet in own
        if is_common(subnet)
    ]
    names = ", ".join(f"{shown(name)} {subnet}" for name, subnet in own)
    fixed = [
        warning("subnets", f"{each.ssid}: {why}", "give that another subnet, or do without it")
        for each in facts.known
        if each.fixed is not None
        and interface_for(each, relay) in interfaces
        and (why := why_not(each, relay, interfaces, facts.relay.tunnel)) is not None
    ]
    return together([*fixed, *usual], ok("subnets", names or "the router has none of its own"))


def _own(interface: LogicalInterface, relay: str) -> bool:
    return interface.up and not interface.default_route and not is_own(interface.name, relay)


def neighbours(facts: Facts) -> Finding:
    """Others that look after uplinks, by the rules of `setup`."""
    found = facts.neighbours
    if isinstance(found, Unknown):
        return unknown("neighbours", found)
    wrong = []
    if found.refusal:
        wrong.append(problem("neighbours", found.refusal, found.hint))
    for remark in found.remarks:
        text, _, remedy = remark.partition(": ")
        wrong.append(warning("neighbours", text, remedy))
    return together(wrong, ok("neighbours", "nobody else looks after uplinks"))
