# SPDX-License-Identifier: GPL-2.0-or-later
"""iwd's rank and its rules (2.22), with wifirelay's trial instead of its own connection.

A BSS ranks by the rate that its signal allows, times 0.8 or 1.2 for a poor or a great
signal-to-noise ratio (it weighs load as well, of which a scan here says nothing), a known
network that was used before by that rank times 1/n^0.3, n its place in the order of last use. A
failed BSS is left alone for 60 s, then 30 times as long, up to a day. Without an uplink it scans
after 10 s, doubling to 300 s. A connected network is left for another of the same name only, when
its signal is below -70 dBm (5 GHz: -76), at most every 60 s; and only on the other radio, because
on its own radio wpa_supplicant picks the BSS and no trial changes that.

iwd does not look for the internet; as the other rules it is given a check every 60 s here.
"""

from collections.abc import Generator, Sequence

from wifirelay.core.candidates import Candidate
from wifirelay.core.causes import Cause
from wifirelay.core.known import KnownNetwork
from wifirelay.core.moves import Do, Move
from wifirelay.core.rank import NOISE, expected_rate
from wifirelay.evaluation.script import CHECK_EVERY, Answer, Script, Story, join
from wifirelay.evaluation.world import RADIOS
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.values import Band, Security, Ssid

ROAM = {Band.GHZ2: -70, Band.GHZ5: -76, Band.GHZ6: -76}  # dBm
ROAM_RETRY = 60.0
LEAVE_ALONE, GROWTH, LONGEST = 60.0, 30.0, 86400.0
SCAN_FIRST, SCAN_LAST = 10.0, 300.0
_MOST = 9607.8  # Mb/s, its highest rate
_CLASS = 65535.0

Tried = Generator[Move, Answer, bool]


def rank(bss: Bss) -> float:
    """`scan_bss_compute_rank`, without the load."""
    band = bss.band or Band.GHZ2
    snr = (bss.signal if bss.signal is not None else -90) - NOISE[band]
    rate = expected_rate(snr, bss.width, high_throughput=bss.high_throughput)
    factor = 0.8 if snr <= 15 else 1.2 if snr >= 30 else 1.0
    return rate / _MOST * _CLASS * factor


class Iwd(Script):
    """See above."""

    def __init__(self, known: Sequence[KnownNetwork]) -> None:
        super().__init__(known)
        self.used: list[Ssid] = []  # last used first
        self.alone: dict[str | None, tuple[float, float]] = {}  # BSSID: until, for how long

    def story(self) -> Story:
        pause, roamed = SCAN_FIRST, -ROAM_RETRY
        while True:
            if self.situation.uplink is None:
                yield from self._round(None)
                if self.situation.uplink is not None:
                    pause = SCAN_FIRST
                    continue
                if self.situation.enabled:
                    yield Move(Do.REST)
                yield self.wait(pause)
                pause = min(SCAN_LAST, 2 * pause)
                continue
            yield self.wait(CHECK_EVERY)
            if self.situation.uplink is None:
                continue
            verdict = yield Move(Do.CHECK)
            uplink = self.situation.uplink
            if uplink is not None and verdict is not Verdict.ONLINE:
                yield from self._round(uplink.ssid)
                continue
            signal = yield Move(Do.LOOK)
            weak = isinstance(signal, int) and signal < self._roam_level()
            if weak and self.now >= roamed + ROAM_RETRY:
                roamed = self.now
                yield from self._roam()

    def network_rank(self, candidate: Candidate) -> float:
        """`network_rank_update` of a network, of which this is the best BSS."""
        bss = candidate.bss
        if bss is None:
            return -_CLASS  # not heard
        found = rank(bss)
        ssid = candidate.network.ssid
        if ssid in self.used:
            found = _CLASS + found / (self.used.index(ssid) + 1) ** 0.3
        unencrypted = bss.security in (Security.OPEN, Security.OWE)
        return found * (0.5 if unencrypted else 1.2)

    def _round(self, without: Ssid | None) -> Story:
        """One scan, and the trials that follow from it, until one is confirmed."""
        heard = yield Move(Do.SCAN)
        if without is None and self.situation.uplink is not None:
            return
        tried: set[tuple[Ssid, str]] = set()
        for candidate in self._choices(heard):
            what = (candidate.network.ssid, candidate.radio)
            if what in tried or candidate.network.ssid == without:
                continue
            tried.add(what)
            confirmed = yield from self._try(candidate)
            if confirmed:
                return

    def _choices(self, answer: Answer) -> list[Candidate]:
        allowed = [
            each
            for each in self.eligible(answer)
            if each.bss is not None and self.alone.get(each.bss.bssid, (0.0,))[0] <= self.now
        ]
        return sorted(allowed, key=self.network_rank, reverse=True)

    def _roam(self) -> Story:
        heard = yield Move(Do.SCAN)
        uplink = self.situation.uplink
        choices = self._choices(heard)
        if uplink is None:
            return
        same = [each for each in choices if each.network.ssid == uplink.ssid and each.bss]
        here = [rank(each.bss) for each in same if each.radio == uplink.radio and each.bss]
        mine = max(here, default=0.0)
        for candidate in same:
            if candidate.radio != uplink.radio and candidate.bss and rank(candidate.bss) > mine:
                yield from self._try(candidate)
                return

    def _roam_level(self) -> int:
        uplink = self.situation.uplink
        return ROAM[Band.GHZ2 if uplink is not None and uplink.radio == RADIOS[0] else Band.GHZ5]

    def _try(self, candidate: Candidate) -> Tried:
        """One trial; whether it was confirmed."""
        cause = yield join(candidate)
        bssid, ssid = candidate.bss.bssid if candidate.bss else None, candidate.network.ssid
        if cause is None:
            self.alone.pop(bssid, None)
            self.used = [ssid, *(each for each in self.used if each != ssid)]
            return True
        if cause is not Cause.BUSY:  # a busy one is only passed over this time
            _, before = self.alone.get(bssid, (0.0, 0.0))
            pause = min(LONGEST, before * GROWTH) if before else LEAVE_ALONE
            self.alone[bssid] = (self.now + pause, pause)
        return False
