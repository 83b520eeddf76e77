# SPDX-License-Identifier: GPL-2.0-or-later
"""What to do now, why, and with which edits. Pure: a router's state in, a plan out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from wifirelay.core.candidates import Candidate, Current, Ignored, find, why_stranger
from wifirelay.core.feeds import fed, interface_of
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.mac import mac_options
from wifirelay.core.radios import usable_radios
from wifirelay.core.sections import all_own, join_edits, joined, leave_edits
from wifirelay.core.transition import pinned
from wifirelay.core.twins import Past
from wifirelay.core.wds import carries
from wifirelay.router.interfaces import overlapping
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.uci.edits import Edit
from wifirelay.uci.model import Section
from wifirelay.values import Ssid


class Action(str, Enum):
    JOIN = "join"
    STAY = "stay"
    LEAVE = "leave"
    NOTHING = "nothing"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do. `candidate` is what to join, or what the uplink is on."""

    action: Action
    why: str
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A decision with all that led to it; `edits` are empty unless it is to join or leave."""

    decision: Decision
    candidates: tuple[Candidate, ...]
    ignored: tuple[Ignored, ...]
    edits: tuple[Edit, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the owner should know of a network before it is joined."""
        candidate = self.decision.candidate
        if candidate is None:
            return ()
        name, eap = candidate.network.ssid, candidate.network.eap
        found = [
            f"{name} at {each.bss.bssid}: {term.why}"
            for each in self.candidates
            for term in each.terms
            if each.bss is not None and term.name == "twin" and each.network.ssid == name
        ]
        if eap is not None and eap.ca_cert is None:
            found.append(f"{name} has no ca_cert: any access point can pose as it")
        return tuple(found)


def make_plan(
    router: Router,
    heard: Iterable[Bss],
    known: Iterable[KnownNetwork],
    relay: Relay,
    *,
    chosen: Ssid | None = None,
    past: Past | None = None,
    chance: bytes = b"",
) -> Plan:
    """Plan for this router. `chosen` is the owner's explicit choice; `past` what is remembered of
    places and access points; `chance` are random bytes (mac.CHANCE), for a network that wants them.

    Raises ConfigError when the configuration names a radio that the router does not have.
    """
    networks, heard = tuple(known), tuple(heard)
    more = relay.allowed.among(heard) if relay.allowed is not None else ()
    radios = usable_radios(
        router.wireless, relay, router.channels, router.abilities, router.interfaces
    )
    current = working_uplink(router, relay)
    candidates, ignored = find(
        heard,
        (*more, *networks),
        radios,
        current=current,
        chosen=chosen,
        own_macs=router.own_macs,
        past=past,
    )
    decision = None
    if current is not None and chosen in (None, current.ssid):
        joined_to = next((each for each in networks if _is(each, current)), None)
        decision = _stay(candidates, current, joined_to)
    if decision is None:
        decision = _move(router, candidates, current, chosen, ignored)
    return Plan(decision, candidates, ignored, _edits(router, relay, decision, chance))


def plan_join(
    router: Router, relay: Relay, candidate: Candidate, why: str, chance: bytes = b""
) -> Plan:
    """The plan of joining this candidate, whoever decided on it; `chance` as for make_plan."""
    decision = Decision(Action.JOIN, why, candidate)
    return Plan(decision, (candidate,), (), _edits(router, relay, decision, chance))


def enabled_uplinks(router: Router) -> tuple[Section, ...]:
    """The own sections that are enabled, whether they work or not."""
    return tuple(section for section in all_own(router.wireless) if section.enabled)


def interface_in_use(router: Router, relay: Relay) -> str:
    """The logical interface of the uplink that is up; else of the one that is to come up."""
    names = [interface_of(each, relay.interface) for each in enabled_uplinks(router)]
    for name in names:
        logical = fed(name, router.interfaces)
        if logical is not None and logical.up:
            return name
    return names[0] if names else relay.interface


def working_uplink(router: Router, relay: Relay) -> Current | None:
    """The uplink that has a lease now, by the own section's interface.

    One whose lease lies in a subnet of the router's own does not work.
    """
    for section in enabled_uplinks(router):
        logical = fed(interface_of(section, relay.interface), router.interfaces)
        if logical is None or not logical.up:
            continue
        if overlapping(logical, router.interfaces, relay.tunnel):
            continue
        interface = router.status.interface(section.name)
        if interface is None or interface.ssid is None or interface.ifname is None:
            continue
        if carries(router, section, interface.ifname, logical):
            secured = section.get("encryption", "none") not in ("none", "owe")
            return Current(interface.ssid, interface.radio, None, secured)
    return None


def _stay(
    candidates: tuple[Candidate, ...], current: Current, joined_to: KnownNetwork | None
) -> Decision | None:
    """The decision to stay on a working uplink; None when there is something better.

    `joined_to` is None when its network is not known (any more).
    """
    best = _best(candidates)
    heard = [
        each
        for each in candidates
        if each.bss is not None
        and (each.network.ssid, each.radio) == (current.ssid, current.radio)
        and each.network.fits(each.bss.security)  # not its evil twin
    ]
    mine = _best(heard)
    if mine is not None:
        return Decision(Action.STAY, f"{current.ssid} works", mine) if best is mine else None
    if heard:
        why = f"{current.ssid} works, and nothing else that is heard can be joined"
        weak = Decision(Action.STAY, f"{why} ({heard[0].why_not})", heard[0])
        poorer = best is None or best.bss is None or best.network.stranger
        return weak if poorer else None
    if best is None or not _above(best, joined_to):
        why = f"{current.ssid} works; it was not heard in this one scan, which proves nothing"
        silent = Candidate(joined_to, current.radio, None) if joined_to is not None else None
        return Decision(Action.STAY, why, silent)
    return None


def _is(network: KnownNetwork, current: Current) -> bool:
    """Whether the uplink is this network: one known as secured is not joined open."""
    return network.ssid == current.ssid and (current.secured or not network.protected)


def _best(candidates: Iterable[Candidate]) -> Candidate | None:
    return next((candidate for candidate in candidates if candidate.eligible), None)


def _above(best: Candidate, joined_to: KnownNetwork | None) -> bool:
    """Whether `best` was heard, and is of a higher class than the network joined to."""
    if best.bss is None or best.network.stranger:
        return False
    return joined_to is None or (best.network.priority, not best.network.metered) > (
        joined_to.priority,
        not joined_to.metered,
    )


def _move(
    router: Router,
    candidates: tuple[Candidate, ...],
    current: Current | None,
    chosen: Ssid | None,
    ignored: tuple[Ignored, ...],
) -> Decision:
    best = _best(candidates)
    searching = enabled_uplinks(router) if current is None else ()
    if best is not None:
        return Decision(Action.JOIN, _why_join(best, candidates, current, chosen), best)
    reason = _why_nothing(candidates, chosen, ignored)
    if searching:
        why = f"the uplink to {Ssid.of(searching[0].get('ssid'))} does not work"
        if any(not router.on_air(each.section) for each in router.status.access_points()):
            why += " and keeps own access points off the air"
        return Decision(Action.LEAVE, f"{why}; {reason}")
    return Decision(Action.NOTHING, reason)


def _why_join(
    best: Candidate,
    candidates: tuple[Candidate, ...],
    current: Current | None,
    chosen: Ssid | None,
) -> str:
    name = best.network.ssid
    if best.network.stranger:
        why = why_stranger(name, chosen=name == chosen)
    elif best.bss is None:
        why = f"{name} is hidden and nothing else is to be had: tried blind"
    elif chosen is not None:
        why = f"{name} was asked for"
    else:
        rivals = [c for c in candidates[1:] if c.eligible and c.network.ssid != name]
        if not rivals or rivals[0].network.stranger:
            why = f"{name} is the only known network that can be joined"
        elif rivals[0].network.priority < best.network.priority:
            why = f"{name} has the highest priority ({best.network.priority}) of what is heard"
        elif rivals[0].network.metered and not best.network.metered:
            why = f"{name} is not metered, {rivals[0].network.ssid} is"
        else:
            why = (
                f"{name} has the best score ({best.score}), "
                f"before {rivals[0].network.ssid} ({rivals[0].score})"
            )
    if current is not None:
        why += f"; it is worth leaving {current.ssid}"
    return why


def _why_nothing(
    candidates: tuple[Candidate, ...], chosen: Ssid | None, ignored: tuple[Ignored, ...]
) -> str:
    if chosen is not None:
        mine = [candidate for candidate in candidates if candidate.network.ssid == chosen]
        if not mine and any(each.bss.ssid == chosen for each in ignored):  # by `open` alone
            return f"{chosen} is not a known network, and what is heard of it is not open"
        if not mine:
            return f"{chosen} is not heard"
        return f"{chosen} cannot be joined: {mine[0].why_not}"
    if not candidates:
        return "no known network is heard"
    first = candidates[0]
    return f"no known network can be joined ({first.network.ssid}: {first.why_not})"


def _edits(router: Router, relay: Relay, decision: Decision, chance: bytes) -> tuple[Edit, ...]:
    if decision.action is Action.LEAVE:
        return leave_edits(router.wireless, relay)
    candidate = decision.candidate
    if decision.action is not Action.JOIN or candidate is None:
        return ()
    bss = candidate.bss
    options = joined(
        candidate.network,
        candidate.radio,
        relay,
        bss.security if bss is not None else None,
        bss.bssid if bss is not None and (candidate.network.bssids or pinned(bss)) else None,
        router.abilities,
    )
    options |= mac_options(candidate.network, all_own(router.wireless), chance)
    return join_edits(router.wireless, candidate.radio, options)
