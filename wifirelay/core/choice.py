# SPDX-License-Identifier: GPL-2.0-or-later
"""Which of the candidates is best, in classes that never mix, and which is worth a move."""

from collections.abc import Iterable, Sequence

from wifirelay.core.candidates import Candidate, why_stranger
from wifirelay.core.habits import SUFFICIENT, gain_needed
from wifirelay.core.known import KnownNetwork
from wifirelay.core.rank import CURRENT_BONUS
from wifirelay.core.refusals import DROP_LEVEL, JOIN_LEVEL
from wifirelay.core.samples import CLOSE
from wifirelay.core.stay import Stay
from wifirelay.values import Band, Ssid

CLIENTS = 3.0  # points more, for a move that cuts clients of the own access points off

Class = tuple[bool, bool, int, bool]


def class_of(network: KnownNetwork, chosen: Ssid | None) -> Class:
    """The owner's explicit choice, then what is known, priority, what is not metered."""
    return network.ssid == chosen, not network.stranger, network.priority, not network.metered


def ordered(candidates: Iterable[Candidate], chosen: Ssid | None) -> tuple[Candidate, ...]:
    """Best first, the owner's explicit choice before all."""
    return tuple(
        sorted(
            candidates,
            key=lambda each: (
                not each.eligible,
                each.network.stranger,
                each.bss is None,
                each.network.ssid != chosen,
            ),
        )
    )


def sure(candidate: Candidate, samples: int, lenient: int = 0) -> bool:
    """Whether it is strong enough beyond doubt: close to the level to join at, one sample is
    not. A limit that the owner set, and a driver that tells no signal, are taken as they are."""
    bss = candidate.bss
    if bss is None or bss.signal is None or candidate.network.min_signal is not None:
        return True
    return samples >= 2 or bss.signal >= JOIN_LEVEL[bss.band or Band.GHZ2] - lenient + CLOSE


def worth_moving(
    stay: Stay,
    mine: Class,
    candidates: Sequence[Candidate],
    chosen: Ssid | None,
    *,
    clients: int | None,
) -> list[tuple[Candidate, str]]:
    """The candidates that are worth leaving a working uplink for, best first, with the reason.

    A higher class; in the same class a real gain over an uplink that is weak; a lower one
    only where the uplink is below the level to keep it at, and the other is good.
    """
    signal, band = stay.signal, stay.band or Band.GHZ2
    present = next((each for each in candidates if _is(each, stay) and each.eligible), None)
    found = []
    for each in candidates:
        bss = each.bss
        if not each.eligible or bss is None or _is(each, stay):
            continue
        theirs = class_of(each.network, chosen)
        if theirs > mine:
            asked = each.network.ssid == chosen
            good = bss.signal is None or (
                bss.signal >= SUFFICIENT[bss.band or Band.GHZ2] + stay.habits.up_margin
            )
            if asked or good or stay.weak:
                text = f"{each.network.ssid} is of a higher class than {stay.ssid}"
                found.append((each, text))
            continue
        if not stay.weak or signal is None:
            continue
        dropping = signal < DROP_LEVEL[band]
        if theirs < mine:
            good = bss.signal is not None and bss.signal >= SUFFICIENT[bss.band or Band.GHZ2]
            if dropping and good:
                found.append((each, f"{stay.ssid} is hardly heard any more ({signal} dBm)"))
            continue
        needed = gain_needed(signal) + (0.0 if clients == 0 else CLIENTS)
        have = (present.score or 0.0) - CURRENT_BONUS if present is not None else None
        if (have is None and dropping) or (
            have is not None and (each.score or 0.0) >= have + needed
        ):
            found.append((each, f"{each.network.ssid} is better than {stay.ssid} ({signal} dBm)"))
    return found


def _is(candidate: Candidate, stay: Stay) -> bool:
    return (candidate.network.ssid, candidate.radio) == (stay.ssid, stay.radio)


def why_join(best: Candidate, candidates: Iterable[Candidate]) -> str:
    """Why this one of all."""
    name = best.network.ssid
    if best.network.stranger:
        return why_stranger(name)
    if best.bss is None:
        return f"{name} is hidden and nothing else is to be had: tried blind"
    others = [each for each in candidates if each.eligible and each.network.ssid != name]
    if not others or others[0].network.stranger:
        return f"{name} is the only known network that can be joined"
    second = others[0]
    if second.network.priority < best.network.priority:
        return f"{name} has the highest priority ({best.network.priority}) of what is heard"
    return f"{name} is the best ({best.score}), before {second.network.ssid} ({second.score})"


def why_nothing(candidates: Sequence[Candidate]) -> str:
    """Why none of them can be joined."""
    if not candidates:
        return "no known network is heard"
    first = candidates[0]
    why = first.why_not or "the next scan decides"
    return f"no known network can be joined now ({first.network.ssid}: {why})"
