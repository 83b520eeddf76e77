# SPDX-License-Identifier: GPL-2.0-or-later
"""travelmate's rules (2.4.8, its defaults), as read from its shell scripts and seen in a run.

A cycle every 60 s, and 5 s after a link goes down while it idles; `proactive` off, `netcheck`
off, quality gate 35 %, three tries of 30 s, five seconds of settling after each reload. An
uplink that fails three times is disabled for good, in flash. Every join and every drop is
committed. A signal is one reading; the order of the list decides, and the radio before it.

Generous where its owner has a choice: every known network is listed on both radios, in the
order of preference. Left out: its probe of a working uplink changes nothing without
`netcheck`, and a portal has no login script here; so both are only asked, and stayed with.
"""

from collections.abc import Sequence
from dataclasses import replace

from wifirelay.core.candidates import Candidate
from wifirelay.core.known import KnownNetwork
from wifirelay.core.moves import Do, Move
from wifirelay.evaluation.manner import Manner
from wifirelay.evaluation.script import Script, Story, join
from wifirelay.evaluation.world import RADIOS
from wifirelay.router.scan import Bss
from wifirelay.values import Security, Ssid

CYCLE = 60.0
TRIGGER = 5.0  # from the loss of the link to the cycle that it starts
POLL = 30.0  # `maxwait`: until a station without signal is given up
SETTLE = 10.0  # a reload and what follows before the scan: 5 s twice
TRIES = 3
GATE = 35  # % quality

# A try: reload, settle 5 s, interface down and up 1 s, poll 30 s; its revert: 5 s and more.
MANNER = Manner(
    verify=False, returns=False, commits=True, before=0.2, after=7.0, associate=37.0, together=37.0
)


def quality(signal: int) -> int:
    """Its percentage of a signal in dBm."""
    return max(0, min(100, 2 * (signal + 100)))


class Travelmate(Script):
    """See above."""

    manner = MANNER

    def __init__(self, known: Sequence[KnownNetwork]) -> None:
        super().__init__(known)
        self.listed = [(radio, network) for radio in RADIOS for network in self.known]
        self._lost_at: float | None = None
        self._idle = False

    def lost(self, now: float) -> None:
        super().lost(now)
        # What happens during a cycle starts none: only the idle sleep is woken.
        self._lost_at = now if self._idle else None

    def story(self) -> Story:
        while True:
            yield from self._cycle()
            end = self.now + CYCLE
            self._lost_at = None
            self._idle = True
            while self.now < end:
                if self._lost_at is not None:
                    end = min(end, self._lost_at + TRIGGER)
                yield Move(Do.WAIT, until=end)
            self._idle = False

    def _cycle(self) -> Story:
        if self.situation.enabled:
            end = self.now + POLL
            while self.situation.uplink is None and self.now < end:
                yield Move(Do.WAIT, until=end)
            if self.situation.uplink is not None:
                signal = yield Move(Do.LOOK)
                if isinstance(signal, int) and quality(signal) >= GATE:
                    yield Move(Do.CHECK)
                    return
            yield Move(Do.REST)  # the station is disabled, and that is committed
        yield self.wait(SETTLE)
        heard = yield Move(Do.SCAN)
        for radio, network in tuple(self.listed):
            candidate = self._match(radio, network, heard if isinstance(heard, tuple) else ())
            if candidate is None:
                continue
            for _ in range(TRIES):
                cause = yield join(candidate)
                if cause is None:
                    return
            self.listed.remove((radio, network))
            yield Move(Do.KEEP)  # `enabled=0`, on flash: for good

    def _match(
        self, radio: str, network: KnownNetwork, heard: tuple[object, ...]
    ) -> Candidate | None:
        """By name alone, as it does; the section's encryption then says what can be joined."""
        named = [
            bss
            for bss in heard
            if isinstance(bss, Bss)
            and (bss.radio, bss.ssid) == (radio, network.ssid)
            and bss.signal is not None
            and quality(bss.signal) >= GATE
        ]
        if not named:
            return None
        fitting = [bss for bss in named if network.fits(bss.security)] or named
        best = max(fitting, key=lambda bss: (bss.signal or -120, bss.bssid or ""))
        if not network.fits(best.security):
            # Only the twin is heard: its station looks for the real one, and finds nothing.
            best = _as_known(best, network)
        return Candidate(network, radio, best)

    def disabled(self) -> set[tuple[str, Ssid]]:
        """What is off for good."""
        there = {(radio, network.ssid) for radio, network in self.listed}
        every = {(radio, network.ssid) for radio in RADIOS for network in self.known}
        return every - there


def _as_known(bss: Bss, network: KnownNetwork) -> Bss:
    for security in (Security.PSK2, Security.SAE, Security.WPA2_EAP, Security.OPEN):
        if network.fits(security):
            return replace(bss, security=security)
    return bss
