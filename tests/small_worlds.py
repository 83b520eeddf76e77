# SPDX-License-Identifier: GPL-2.0-or-later
"""Worlds of one or two BSSs and policies of a few moves, for the evaluation's tests."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from wifirelay.core.candidates import Candidate, find
from wifirelay.core.causes import Cause
from wifirelay.core.known import KnownNetwork
from wifirelay.core.moves import Do, Move, Situation
from wifirelay.evaluation.draw import network
from wifirelay.evaluation.world import Behind, Step, Track, World
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.values import Security, Ssid

OK = Behind.OK
Plain = tuple[float, int | None] | tuple[float, int | None, Behind]


def track(
    number: int,
    name: str,
    *steps: Plain,
    channel: int = 6,
    security: Security = Security.PSK2,
    width: int = 20,
) -> Track:
    """A BSS by its steps: from when on, dBm, what is behind it."""
    made = tuple(Step(*step) for step in steps)
    return Track(f"02:00:00:00:00:{number:02X}", Ssid.of(name), channel, security, made, width)


def world(
    *tracks: Track, seconds: float = 3600.0, known: Sequence[KnownNetwork] | None = None
) -> World:
    """With every name known, in the order of the tracks, unless told otherwise."""
    if known is None:
        first = {each.ssid: each for each in reversed(tracks)}
        names = dict.fromkeys(each.ssid for each in tracks)
        known = [network(ssid.text, first[ssid].security) for ssid in names]
    return World("small", 1, seconds, tracks, known)


class Told:
    """Plays a list of moves, then waits for ever; JOIN is given by BSSID. Notes all it is told."""

    def __init__(self, known: Sequence[KnownNetwork], *moves: Do | float | str) -> None:
        self.known, self.moves = known, list(moves)
        self.told: list[tuple[Any, ...]] = []
        self.asked: list[tuple[float, Situation]] = []
        self._heard: tuple[Bss, ...] = ()

    def next(self, now: float, situation: Situation) -> Move:
        self.asked.append((now, situation))
        if not self.moves:
            return Move(Do.WAIT, until=now + 1e9)
        move = self.moves.pop(0)
        if isinstance(move, Do):
            return Move(move)
        if isinstance(move, float):
            return Move(Do.WAIT, until=move)
        found, _ = find(self._heard, self.known, situation.radios)
        (candidate,) = [each for each in found if each.bss and each.bss.bssid == move]
        return Move(Do.JOIN, candidate=candidate)

    def heard(self, now: float, bss: tuple[Bss, ...]) -> None:
        self._heard = bss
        self.told.append(("heard", round(now, 3), len(bss)))

    def joined(self, now: float, candidate: Candidate) -> None:
        self.told.append(("joined", round(now, 3)))

    def failed(self, now: float, candidate: Candidate, cause: Cause) -> None:
        self.told.append(("failed", round(now, 3), cause))

    def lost(self, now: float) -> None:
        self.told.append(("lost", round(now, 3)))

    def found(self, now: float) -> None:
        self.told.append(("found", round(now, 3)))

    def looked(self, now: float, signal: int | None, bssid: str | None) -> None:
        self.told.append(("looked", round(now, 3), signal))

    def checked(self, now: float, verdict: Verdict) -> None:
        self.told.append(("checked", round(now, 3), verdict))

    def kept(self, now: float, *, flash: bool) -> None:
        self.told.append(("kept", round(now, 3)))


# --- hypothesis ---

_SIGNALS = st.one_of(st.none(), st.integers(-95, -30))
_BEHIND = st.one_of(st.just(OK), st.sampled_from(Behind))


@st.composite
def worlds(draw: st.DrawFn, *, seconds: float = 4000.0, secure: bool = False) -> World:
    """A handful of BSSs of few names that change at any time."""
    tracks = []
    for number in range(draw(st.integers(1, 5))):
        moments = draw(st.lists(st.integers(0, int(seconds) - 1), max_size=8, unique=True))
        steps = [(float(at), draw(_SIGNALS), draw(_BEHIND)) for at in sorted(moments)]
        name = draw(st.sampled_from(("A", "B", "C")))
        channel = draw(st.sampled_from((1, 6, 36, 149)))
        kinds = (Security.PSK2,) if secure else (Security.PSK2, Security.PSK2, Security.OPEN)
        if steps:
            tracks.append(
                track(number, name, *steps, channel=channel, security=draw(st.sampled_from(kinds)))
            )
    known = [
        network(name, Security.PSK2, priority=draw(st.integers(-1, 1)), metered=name == "C")
        for name in sorted({each.ssid.text for each in tracks})
    ]
    return World("drawn", draw(st.integers(0, 99)), seconds, tracks, known)
