# SPDX-License-Identifier: GPL-2.0-or-later
"""What was heard last, and what of it could be joined now."""

from collections.abc import Collection, Sequence

from wifirelay.core.candidates import Candidate, Ignored, find
from wifirelay.core.causes import Cause
from wifirelay.core.choice import ordered, sure
from wifirelay.core.habits import Habits
from wifirelay.core.known import Allowed, KnownNetwork
from wifirelay.core.memory import Memory
from wifirelay.core.moves import Situation
from wifirelay.core.samples import Samples, strongest
from wifirelay.core.troubles import WITHOUT_INTERNET
from wifirelay.router.scan import Bss

MOVED = 0.5  # of what was heard is new: the router itself is moving


Candidates = tuple[Candidate, ...]


class Hearing:
    """Moments are seconds of the policy's clock."""

    def __init__(
        self, known: Sequence[KnownNetwork], habits: Habits, allowed: Allowed | None = None
    ) -> None:
        self.known = tuple(known)
        self.allowed = allowed  # what else may be joined
        self.at: float | None = None  # the last scan; None: what it heard does not count
        self.lenient = 0  # dB that the level to join at is lower by
        self.impatient = False  # there is no internet now anyhow
        self.candidates: tuple[Candidate, ...] = ()  # at the last decision, best first
        self.ignored: tuple[Ignored, ...] = ()  # what else was in the air then
        self._habits = habits
        self._heard: tuple[Bss, ...] = ()
        self._samples = Samples()

    def note(self, now: float, heard: tuple[Bss, ...]) -> bool:
        """A scan's answer. Returns whether most of it is new: then the router is moving."""
        before = {bss.bssid for bss in self._heard}
        new = {bss.bssid for bss in heard}
        self._heard, self.at = heard, now
        self._samples.note(now, heard)
        return bool(before and new) and len(new - before) > MOVED * len(new)

    def fresh(self, now: float) -> bool:
        """Whether the last scan is young enough to act on."""
        return self.at is not None and now - self.at <= self._habits.young_scan

    def want(self, now: float, since: float | None) -> None:
        """How much a network must offer now: less after a while without internet."""
        desperate = since is not None and now - since >= self._habits.desperate_after
        self.lenient = self._habits.lenient if desperate else 0
        self.impatient = since is not None

    def sure_ones(self, now: float, situation: Situation, memory: Memory) -> Candidates:
        """All candidates, best first, without those that are too weak to be sure of; without
        those not known while one that is may turn out to be strong enough."""
        self.candidates = self._found(now, situation, memory)
        sure = tuple(each for each in self.candidates if self._sure(now, each))
        unsure = (each for each in self.candidates if each.eligible and each not in sure)
        if self.allowed is None or all(each.network.stranger for each in unsure):
            return sure
        return tuple(each for each in sure if not each.network.stranger)

    def poor(self, now: float, situation: Situation, memory: Memory) -> Candidate | None:
        """The best of those known that only their internet is held against."""
        found = self._found(now, situation, memory, forgiven=WITHOUT_INTERNET)
        known = (c for c in found if c.eligible and c.bss and not c.network.stranger)
        return next((c for c in known if self._sure(now, c)), None)

    def _found(
        self, now: float, situation: Situation, memory: Memory, forgiven: Collection[Cause] = ()
    ) -> Candidates:
        steadied = self._samples.steadied(now, self._heard)
        found, self.ignored = find(
            steadied,
            self.known,
            situation.radios,
            current=situation.uplink,
            own_macs=situation.own_macs,
            record=memory.at(
                now, steadied, forgiven, impatient=self.impatient, allowed=self.allowed
            ),
            lenient=self.lenient,
            allowed=self.allowed,
        )
        return ordered(found, memory.chosen(now))

    def strongest(self, candidate: Candidate) -> Bss | None:
        """The access point of its network that its station would take: what a trial proves."""
        key = (candidate.network.ssid, candidate.radio)
        return strongest(self._heard).get(key, candidate.bss)

    def best(self, now: float, situation: Situation, memory: Memory) -> Candidate | None:
        """The best that can be joined now: one that keeps going away only where no other is to
        be had, one tried blind after those, and one that is not known last of all, when a
        weaker signal would do too."""
        found = [c for c in self.sure_ones(now, situation, memory) if c.eligible]
        known = [c for c in found if not c.network.stranger]
        found = known or (found if self.lenient else [])
        steady = (c for c in found if c.bss and memory.trusted(now, c.network.ssid))
        return next(steady, found[0] if found else None)

    def _sure(self, now: float, candidate: Candidate) -> bool:
        bss = candidate.bss
        samples = len(self._samples.of(now, bss)) if bss is not None else 0
        return sure(candidate, samples, self.lenient)
