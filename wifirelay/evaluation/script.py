# SPDX-License-Identifier: GPL-2.0-or-later
"""A policy written as one story: a generator that yields moves and is sent their answers."""

from collections.abc import Generator, Sequence

from wifirelay.core.candidates import Candidate, find
from wifirelay.core.causes import Cause
from wifirelay.core.known import KnownNetwork
from wifirelay.core.moves import Do, Move, Situation
from wifirelay.evaluation.manner import TRIAL, Manner
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict

Answer = tuple[Bss, ...] | Cause | Verdict | int | bool | None
Story = Generator[Move, Answer, None]

CHECK_EVERY = 60.0  # seconds between two looks at a working uplink's internet
SCAN_EVERY = 10.0  # ... and between two scans without an uplink


class Script:
    """The seam of `core.moves` for policies that are told as a story.

    A JOIN is answered with None, or with the cause of its failure.
    """

    manner: Manner = TRIAL

    def __init__(self, known: Sequence[KnownNetwork]) -> None:
        # As an owner would list them: the preferred first, what costs money last.
        self.known = sorted(known, key=lambda each: (-each.priority, each.metered))
        self.now = 0.0
        self.situation = Situation(None)
        self._answer: Answer = None
        self._story: Story | None = None
        self._names = {network.ssid for network in known}

    def story(self) -> Story:
        """What this policy does, without an end."""
        raise NotImplementedError

    def next(self, now: float, situation: Situation) -> Move:
        self.now, self.situation = now, situation
        if self._story is None:
            self._story = self.story()
            return next(self._story)
        answer, self._answer = self._answer, None
        return self._story.send(answer)

    def heard(self, now: float, bss: tuple[Bss, ...]) -> None:
        self.now, self._answer = now, bss

    def joined(self, now: float, candidate: Candidate) -> None:
        del candidate
        self.now, self._answer = now, None

    def failed(self, now: float, candidate: Candidate, cause: Cause) -> None:
        del candidate
        self.now, self._answer = now, cause

    def lost(self, now: float) -> None:
        self.now = now

    def found(self, now: float) -> None:
        self.now = now

    def looked(self, now: float, signal: int | None, bssid: str | None) -> None:
        del bssid
        self.now, self._answer = now, signal

    def checked(self, now: float, verdict: Verdict) -> None:
        self.now, self._answer = now, verdict

    def kept(self, now: float, *, flash: bool) -> None:
        self.now, self._answer = now, flash

    def eligible(self, answer: Answer) -> list[Candidate]:
        """What of a scan could be joined, by the rules that wifirelay has as well."""
        heard = answer if isinstance(answer, tuple) else ()
        ours = [bss for bss in heard if bss.ssid in self._names]
        candidates, _ = find(ours, self.known, self.situation.radios, current=self.situation.uplink)
        return [each for each in candidates if each.eligible]

    def wait(self, seconds: float) -> Move:
        return Move(Do.WAIT, until=self.now + seconds)


def join(candidate: Candidate) -> Move:
    return Move(Do.JOIN, candidate=candidate)
