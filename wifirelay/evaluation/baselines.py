# SPDX-License-Identifier: GPL-2.0-or-later
"""Simple rules to compare with: the strongest signal, and the owner's order.

Both use wifirelay's trial and its rules of what may be joined, look for the internet every
60 s while they are connected and do not scan then, and scan every 10 s, at rest, while they
are not. A working uplink is never left. One without internet is treated as lost: the others
of a fresh scan are tried by the same rule, and while none works it is kept, for its internet
may come back.
"""

from collections.abc import Iterator, Sequence

from wifirelay.core.candidates import Candidate
from wifirelay.core.known import KnownNetwork
from wifirelay.core.moves import Do, Move
from wifirelay.evaluation.script import CHECK_EVERY, SCAN_EVERY, Script, Story, join
from wifirelay.router.verdict import Verdict
from wifirelay.values import Ssid


class Rule(Script):
    """What the simple rules have in common: all but the order, and who is left alone."""

    def order(self, candidates: list[Candidate]) -> list[Candidate]:
        raise NotImplementedError

    def after_failure(self, candidate: Candidate) -> None:
        """A trial of this one has failed."""

    def after_success(self, candidate: Candidate) -> None:
        """A trial of this one was confirmed."""

    def story(self) -> Story:
        while True:
            if self.situation.uplink is not None:
                yield self.wait(CHECK_EVERY)
                if self.situation.uplink is None:
                    continue  # lost: look for another at once
                verdict = yield Move(Do.CHECK)
                if verdict is Verdict.ONLINE or self.situation.uplink is None:
                    continue
                yield from self.round(without=self.situation.uplink.ssid)
                continue
            yield from self.round()
            if self.situation.uplink is None:
                if self.situation.enabled:
                    yield Move(Do.REST)
                yield self.wait(SCAN_EVERY)

    def round(self, without: Ssid | None = None) -> Story:
        """One scan, and the trials that follow from it, until one is confirmed."""
        heard = yield Move(Do.SCAN)
        if without is None and self.situation.uplink is not None:
            return  # its station was faster
        tried: set[tuple[Ssid, str]] = set()
        for candidate in self.order(self.eligible(heard)):
            # One section takes every BSS of its name on its radio: one trial for all.
            what = (candidate.network.ssid, candidate.radio)
            if what in tried or candidate.network.ssid == without:
                continue
            tried.add(what)
            cause = yield join(candidate)
            if cause is None:
                self.after_success(candidate)
                return
            self.after_failure(candidate)


class Strongest(Rule):
    """The strongest signal of all that may be joined; what failed is left alone for a minute.

    As wwanHotspot (2021) does, which leaves a BSSID alone for longer.
    """

    ALONE = 60.0

    def __init__(self, known: Sequence[KnownNetwork]) -> None:
        super().__init__(known)
        self._until: dict[str | None, float] = {}

    def order(self, candidates: list[Candidate]) -> list[Candidate]:
        allowed = [each for each in candidates if self._until.get(_bssid(each), 0.0) <= self.now]
        return sorted(allowed, key=lambda each: (-_signal(each), _bssid(each) or ""))

    def after_failure(self, candidate: Candidate) -> None:
        self._until[_bssid(candidate)] = self.now + self.ALONE

    def after_success(self, candidate: Candidate) -> None:
        self._until.pop(_bssid(candidate), None)


class FixedOrder(Rule):
    """The owner's order, as NetworkManager goes by priority; inside a network the strongest.

    Its pause as well: a network that has failed four times is left alone for 300 s.
    """

    TRIES, ALONE = 4, 300.0

    def __init__(self, known: Sequence[KnownNetwork]) -> None:
        super().__init__(known)
        self._place = {network.ssid: place for place, network in enumerate(self.known)}
        self._failures: dict[Ssid, int] = {}
        self._until: dict[Ssid, float] = {}

    def order(self, candidates: list[Candidate]) -> list[Candidate]:
        return sorted(
            self._allowed(candidates),
            key=lambda each: (
                self._place[each.network.ssid],
                -_signal(each),
                _bssid(each) or "",
            ),
        )

    def _allowed(self, candidates: list[Candidate]) -> Iterator[Candidate]:
        return (e for e in candidates if self._until.get(e.network.ssid, 0.0) <= self.now)

    def after_failure(self, candidate: Candidate) -> None:
        ssid = candidate.network.ssid
        self._failures[ssid] = self._failures.get(ssid, 0) + 1
        if self._failures[ssid] >= self.TRIES:
            self._failures[ssid] = 0
            self._until[ssid] = self.now + self.ALONE

    def after_success(self, candidate: Candidate) -> None:
        self._failures.pop(candidate.network.ssid, None)


def _signal(candidate: Candidate) -> int:
    signal = candidate.bss.signal if candidate.bss is not None else None
    return signal if signal is not None else -120


def _bssid(candidate: Candidate) -> str | None:
    return candidate.bss.bssid if candidate.bss is not None else None
