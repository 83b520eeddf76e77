# SPDX-License-Identifier: GPL-2.0-or-later
"""Which BSSs could be joined as which known network, and why the others cannot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from wifirelay.core.known import KnownNetwork
from wifirelay.core.rank import Term, score, terms
from wifirelay.core.refusals import UsableRadio, why_not, why_not_blind
from wifirelay.core.transition import pinned, with_names
from wifirelay.core.twins import POINTS, Past
from wifirelay.router.scan import Bss
from wifirelay.values import Ssid

# What an open network that nobody listed has in its score, to say so.
_STRANGER = Term("open", 0.0, "allowed by open.names: after all that is known")


@dataclass(frozen=True, slots=True)
class Current:
    """The uplink that works now: associated, with a lease."""

    ssid: Ssid
    radio: str
    bssid: str | None
    secured: bool = True  # by the own section: joined with a key or a login


@dataclass(frozen=True, slots=True)
class Candidate:
    """A BSS of a known network, eligible or not. `bss` is None for a hidden one tried blind."""

    network: KnownNetwork
    radio: str
    bss: Bss | None
    terms: tuple[Term, ...] = ()
    why_not: str | None = None
    suspect: str | None = None  # why it may be an evil twin, whether it is eligible or not

    @property
    def eligible(self) -> bool:
        return self.why_not is None

    @property
    def score(self) -> float | None:
        return score(self.terms) if self.eligible else None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A BSS that is of no known network."""

    bss: Bss
    why: str


class Record(Protocol):
    """What is remembered of networks, at one moment."""

    def why_not(self, network: KnownNetwork, bss: Bss | None) -> str | None:
        """Why it has to wait now, or None."""

    def term(self, ssid: Ssid, bss: Bss | None) -> Term | None:
        """What its failures cost in its score."""


def sort_key(candidate: Candidate) -> tuple[object, ...]:
    """Best first: eligible, known, heard before blind, priority, metered last in its group, score.

    Ties are settled by band, signal, radio and BSSID, so that the order is total and the
    same each time.
    """
    bss = candidate.bss
    return (
        not candidate.eligible,
        candidate.network.stranger,
        bss is None,
        -candidate.network.priority,
        candidate.network.metered,
        -(candidate.score or 0.0),
        -(bss.signal if bss is not None and bss.signal is not None else -999),
        candidate.network.ssid,
        candidate.radio,
        (bss.bssid or "") if bss is not None else "",
    )


def why_stranger(name: Ssid, *, chosen: bool = False) -> str:
    """Why one is joined that nobody listed; `chosen`: its owner named it."""
    asked = f"{name} was asked for; it" if chosen else f"no known network can be joined; {name}"
    return f"{asked} is open, and allowed by open.names"


def find(
    heard: Iterable[Bss],
    known: Iterable[KnownNetwork],
    radios: Mapping[str, UsableRadio],
    *,
    current: Current | None = None,
    chosen: Ssid | None = None,
    own_macs: frozenset[str] = frozenset(),
    record: Record | None = None,
    past: Past | None = None,
    lenient: int = 0,
) -> tuple[tuple[Candidate, ...], tuple[Ignored, ...]]:
    """Every BSS as a candidate (best first) or ignored (in the order heard).

    `chosen` is the network that the owner asked for by name: then the others are not
    eligible, and its signal may be below the level that joining by itself needs. `record`
    may let others wait, but never the current one. `past` tells suspects, and what worked here.
    The level to join at is `lenient` dB lower.
    """
    heard, past = tuple(heard), past if past is not None else Past()
    networks = tuple(past.guarded(network, heard) for network in known)
    by_ssid = {network.ssid: network for network in networks}
    hidden = tuple(network for network in networks if network.hidden)
    candidates: list[Candidate] = []
    ignored: list[Ignored] = []
    seen: set[Ssid] = set()
    for bss, named in zip(heard, with_names(heard), strict=True):
        if bss.bssid in own_macs:
            ignored.append(Ignored(bss, "this router's own access point"))
            continue
        matches: dict[Ssid, Bss] = {}
        if bss.ssid is None:
            matches = {each.ssid: bss for each in hidden if each.fits(bss.security)}
            unknown = "hidden, and no known network marked `hidden` fits it"
        if named.ssid is not None:  # a guess, beside what it may be, for one that is hidden
            matches |= {named.ssid: named} if named.ssid in by_ssid else {}
            unknown = "not a known network"
        if named.ssid is not None and (reason := named.ssid.unjoinable()) and not matches:
            unknown = f"not a known network, and could not be one: {reason}"
        if not matches:
            ignored.append(Ignored(named, unknown))
        for ssid, one in matches.items():
            network, radio = by_ssid[ssid], radios.get(bss.radio)
            candidate = _candidate(network, one, radio, current, chosen, record, past, lenient)
            candidates.append(candidate)
            if candidate.eligible:
                seen.add(network.ssid)
    candidates = _encrypted_first(candidates, current)
    candidates += _blind(hidden, seen, radios, chosen, record)
    return tuple(sorted(candidates, key=sort_key)), tuple(ignored)


def _encrypted_first(candidates: list[Candidate], current: Current | None) -> list[Candidate]:
    """Of a network that may be open, the access points that encrypt, where one can be joined.
    What the working uplink is on stays as it is."""
    sealed = {each.network.ssid for each in candidates if each.eligible and _owe(each)}
    if current is not None:
        sealed.discard(current.ssid)
    return [
        replace(each, terms=(), why_not="open, and one that encrypts is heard beside it")
        if each.eligible and each.network.ssid in sealed and not _owe(each)
        else each
        for each in candidates
    ]


def _owe(candidate: Candidate) -> bool:
    return candidate.bss is not None and pinned(candidate.bss)


def _candidate(
    network: KnownNetwork,
    bss: Bss,
    radio: UsableRadio | None,
    current: Current | None,
    chosen: Ssid | None,
    record: Record | None,
    past: Past,
    lenient: int,
) -> Candidate:
    suspect = past.suspect(network, bss)
    is_current = current is not None and current.ssid == network.ssid and current.radio == bss.radio
    reason = why_not(network, bss, radio, is_current=is_current, chosen=chosen, lenient=lenient)
    if reason is None and record is not None and not is_current:
        reason = record.why_not(network, bss)
    if suspect is not None and network.fits(bss.security) and past.refuses(network):
        reason = f"possibly an evil twin: {suspect} (`wifirelay join --twin` accepts it)"
    if reason is not None:
        return Candidate(network, bss.radio, bss, why_not=reason, suspect=suspect)
    parts = [*terms(bss, current=is_current), *([_STRANGER] if network.stranger else [])]
    if suspect is not None:
        parts.append(Term("twin", POINTS, f"possibly an evil twin: {suspect}"))
    remembered = record.term(network.ssid, bss) if record is not None else None
    parts += [each for each in (past.places.term(network.ssid), remembered) if each is not None]
    return Candidate(network, bss.radio, bss, tuple(parts), suspect=suspect)


def _blind(
    hidden: tuple[KnownNetwork, ...],
    seen: set[Ssid],
    radios: Mapping[str, UsableRadio],
    chosen: Ssid | None,
    record: Record | None,
) -> list[Candidate]:
    """Hidden networks that nothing heard fits, on the first radio that they allow: last resort."""
    found = []
    for network in hidden:
        if (
            network.ssid in seen
            or chosen not in (None, network.ssid)
            or network.ssid.unjoinable() is not None
            or network.bssids
        ):
            continue
        for radio in radios.values():
            if (
                radio.why_not is None
                and (not network.radios or radio.name in network.radios)
                and (not network.bands or radio.band in (None, *network.bands))
            ):
                reason = why_not_blind(network, radio)
                if reason is None and record is not None:
                    reason = record.why_not(network, None)
                found.append(Candidate(network, radio.name, None, why_not=reason))
                break
    return found
