# SPDX-License-Identifier: GPL-2.0-or-later
"""What was heard last, and what of it could be joined now."""

from collections.abc import Collection, Sequence

from wifirelay.core.candidates import Candidate, Ignored, find
from wifirelay.core.causes import Cause
from wifirelay.core.choice import ordered, sure
from wifirelay.core.habits import Habits
from wifirelay.core.known import KnownNetwork
from wifirelay.core.memory import Memory
from wifirelay.core.moves import Situation
from wifirelay.core.samples import Samples, Taken
from wifirelay.core.stay import Stay
from wifirelay.core.troubles import WITHOUT_INTERNET
from wifirelay.router.scan import Bss
from wifirelay.values import Security

MOVED = 0.5  # of what was heard is new: the router itself is moving


Candidates = tuple[Candidate, ...]


class Hearing:
    """Moments are seconds of the policy's clock."""

    def __init__(self, known: Sequence[KnownNetwork], habits: Habits) -> None:
        self.known = tuple(known)
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
        """All candidates, best first, without those that are too weak to be sure of."""
        self.candidates = self._found(now, situation, memory)
        return tuple(each for each in self.candidates if self._sure(now, each))

    def poor(self, now: float, situation: Situation, memory: Memory) -> Candidate | None:
        """The best known of those that only their internet is held against."""
        found = self._found(now, situation, memory, forgiven=WITHOUT_INTERNET)
        for each in found:
            if each.eligible and each.bss and not each.network.stranger and self._sure(now, each):
                return each
        return None

    def _found(
        self, now: float, situation: Situation, memory: Memory, forgiven: Collection[Cause] = ()
    ) -> Candidates:
        steadied = self._samples.steadied(now, self._heard)
        found, self.ignored = find(
            steadied,
            self.known
            if memory.allowed is None
            else (*memory.allowed.among(steadied), *self.known),
            situation.radios,
            current=situation.uplink,
            own_macs=situation.own_macs,
            record=memory.at(now, steadied, forgiven, impatient=self.impatient),
            past=memory.past,
            lenient=self.lenient,
        )
        return ordered(found, memory.chosen(now))

    def joined_to(self, stay: Stay | None) -> tuple[KnownNetwork, Bss] | None:
        """The known network that the uplink is of, and the access point that it was last seen at;
        of unknown security where the last scan did not hear it."""
        if stay is None or stay.where is None:
            return None
        unheard = Bss(stay.radio, stay.where, stay.ssid, 0, None, None, Security.UNKNOWN)
        bss = next((each for each in self._heard if each.bssid == stay.where), unheard)
        return next(((each, bss) for each in self.known if each.ssid == stay.ssid), None)

    def strongest(self, candidate: Candidate) -> Bss | None:
        """The access point of its network that its station would take: what a trial proves."""
        return Taken(self._heard).of(candidate.network, candidate.radio, candidate.bss)

    def best(self, now: float, situation: Situation, memory: Memory) -> Candidate | None:
        """The best that can be joined now: one that keeps going away only where no other is to
        be had, and one tried blind last of all. One that is not known only where, after a while,
        none that is will do."""
        sure = self.sure_ones(now, situation, memory)
        stranger = bool(self.lenient and sure and self.candidates[0].network.stranger)
        found = [c for c in sure if c.eligible and c.network.stranger is stranger]
        steady = (c for c in found if c.bss and memory.trusted(now, c.network.ssid))
        return next(steady, found[0] if found else None)

    def _sure(self, now: float, candidate: Candidate) -> bool:
        bss = candidate.bss
        samples = len(self._samples.of(now, bss)) if bss is not None else 0
        return sure(candidate, samples, self.lenient)
