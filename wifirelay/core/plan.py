# SPDX-License-Identifier: GPL-2.0-or-later
"""What to do now, why, and with which edits. Pure: a router's state in, a plan out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from wifirelay.core.candidates import Candidate, Current, Ignored, find
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.radios import usable_radios
from wifirelay.core.sections import join_edits, joined, leave_edits, own_sections
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


def make_plan(
    router: Router,
    heard: Iterable[Bss],
    known: Iterable[KnownNetwork],
    relay: Relay,
    *,
    chosen: Ssid | None = None,
) -> Plan:
    """Plan for this router. `chosen` is the owner's explicit choice.

    Raises ConfigError when the configuration names a radio that the router does not have.
    """
    radios = usable_radios(router.wireless, relay, router.channels)
    current = working_uplink(router, relay)
    candidates, ignored = find(
        heard, known, radios, current=current, chosen=chosen, own_macs=router.own_macs
    )
    decision = _decide(router, candidates, current, chosen)
    return Plan(decision, candidates, ignored, _edits(router, relay, decision))


def enabled_uplinks(router: Router) -> tuple[Section, ...]:
    """The own sections that are enabled, whether they work or not."""
    return tuple(section for section in own_sections(router.wireless).values() if section.enabled)


def working_uplink(router: Router, relay: Relay) -> Current | None:
    """The uplink that has a lease now, by the own section's interface."""
    logical = router.interfaces.get(relay.interface)
    if logical is None or not logical.up:
        return None
    for section in enabled_uplinks(router):
        interface = router.status.interface(section.name)
        if interface and interface.ssid and interface.ifname in (logical.l3_device, logical.device):
            return Current(interface.ssid, interface.radio, None)
    return None


def _decide(
    router: Router,
    candidates: tuple[Candidate, ...],
    current: Current | None,
    chosen: Ssid | None,
) -> Decision:
    best = next((candidate for candidate in candidates if candidate.eligible), None)
    searching = enabled_uplinks(router) if current is None else ()
    if current is not None and chosen in (None, current.ssid):
        mine = next(
            (
                candidate
                for candidate in candidates
                if candidate.eligible
                and candidate.network.ssid == current.ssid
                and candidate.radio == current.radio
            ),
            None,
        )
        if best is mine:
            heard = "" if mine else " (it was not heard in this one scan)"
            return Decision(Action.STAY, f"{current.ssid} works{heard}", mine)
        if mine is None and best is not None and not _above(best, candidates, current):
            why = f"{current.ssid} works; it was not heard in this one scan, which proves nothing"
            return Decision(Action.STAY, why)
    if best is not None:
        return Decision(Action.JOIN, _why_join(best, candidates, current, chosen), best)
    reason = _why_nothing(candidates, chosen)
    if searching:
        name = searching[0].get("ssid")
        return Decision(
            Action.LEAVE,
            f"the uplink searches for {Ssid.of(name)} in vain, which keeps own access points "
            f"off the air, and {reason}",
        )
    return Decision(Action.NOTHING, reason)


def _above(best: Candidate, candidates: tuple[Candidate, ...], current: Current) -> bool:
    """Whether `best` is in a higher class than the current network, as far as that is known."""
    mine = next((each.network for each in candidates if each.network.ssid == current.ssid), None)
    return mine is None or (best.network.priority, not best.network.metered) > (
        mine.priority,
        not mine.metered,
    )


def _why_join(
    best: Candidate,
    candidates: tuple[Candidate, ...],
    current: Current | None,
    chosen: Ssid | None,
) -> str:
    name = best.network.ssid
    if best.bss is None:
        why = f"{name} is hidden and nothing else is to be had: tried blind"
    elif chosen is not None:
        why = f"{name} was asked for"
    else:
        rivals = [c for c in candidates[1:] if c.eligible and c.network.ssid != name]
        if not rivals:
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


def _why_nothing(candidates: tuple[Candidate, ...], chosen: Ssid | None) -> str:
    if chosen is not None:
        mine = [candidate for candidate in candidates if candidate.network.ssid == chosen]
        if not mine:
            return f"{chosen} is not heard"
        return f"{chosen} cannot be joined: {mine[0].why_not}"
    if not candidates:
        return "no known network is heard"
    first = candidates[0]
    return f"no known network can be joined ({first.network.ssid}: {first.why_not})"


def _edits(router: Router, relay: Relay, decision: Decision) -> tuple[Edit, ...]:
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
        bss.bssid if bss is not None and candidate.network.bssids else None,
    )
    return join_edits(router.wireless, candidate.radio, options)
