# SPDX-License-Identifier: GPL-2.0-or-later
"""One uplink from its beginning to its end: what was seen of it, and what is due."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from wifirelay.core.habits import SUFFICIENT, Habits
from wifirelay.router.verdict import Verdict
from wifirelay.values import Band, Ssid

SIGNALS = 3  # samples that decide whether it is weak


@dataclass(slots=True)
class Stay:
    """Moments are seconds of the policy's clock."""

    ssid: Ssid
    radio: str
    bssid: str | None
    band: Band | None
    since: float
    habits: Habits
    where: str | None = None  # the BSSID that its station was last seen at
    signals: deque[int] = field(default_factory=lambda: deque(maxlen=SIGNALS))
    look_at: float = 0.0
    check_at: float = 0.0
    verdict: Verdict = Verdict.ONLINE
    good_since: float = 0.0
    dead_since: float | None = None
    login_until: float | None = None  # so long its owner has time to log in
    tried_to_keep: float | None = None
    searching_for: str = ""  # why there are scans while connected
    scan_at: float = 0.0
    scan_pause: float = 0.0
    gains: dict[tuple[Ssid, str], int] = field(default_factory=dict)  # scans in a row

    def __post_init__(self) -> None:
        self.look_at = self.since + self.habits.weak_look
        self.check_at = self.since + self.habits.check
        self.good_since = self.since

    @property
    def signal(self) -> int | None:
        """The median of the last looks, dBm; of two the weaker."""
        taken = sorted(self.signals)
        return taken[(len(taken) - 1) // 2] if taken else None

    @property
    def weak(self) -> bool:
        """Whether several looks show a signal worth improving on."""
        signal = self.signal
        enough = len(self.signals) >= SIGNALS
        return enough and signal is not None and signal < SUFFICIENT[self.band or Band.GHZ2]

    @property
    def dead(self) -> bool:
        """Whether its internet is gone, by the last check: it asks several providers."""
        return self.dead_since is not None

    def waits(self, now: float) -> bool:
        """Whether somebody may be logging in at its login page just now: it is not left."""
        until = self.login_until
        return until is not None and now < until and self.verdict is Verdict.PORTAL

    def looked(self, now: float, signal: int | None) -> None:
        habits = self.habits
        if signal is not None:
            self.signals.append(signal)
        sure = len(self.signals) >= SIGNALS or signal is None
        worth = self.weak or (signal is not None and signal < SUFFICIENT[self.band or Band.GHZ2])
        self.look_at = now + (habits.weak_look if worth or not sure else habits.look)

    def checked(self, now: float, verdict: Verdict, *, doubtful: bool) -> None:
        """`doubtful`: there was trouble with it lately, so that it is looked at more often."""
        habits, before = self.habits, self.verdict
        self.verdict = verdict
        if verdict is Verdict.ONLINE:
            if before is not Verdict.ONLINE:
                self.good_since = now
            self.dead_since = None
            self.check_at = now + (habits.doubtful_check if doubtful else habits.check)
            return
        if self.waits(now):
            self.good_since, self.dead_since = now, None
        elif self.dead_since is None:
            self.dead_since = now
        self.check_at = now + habits.dead_check

    def want_scans(self, now: float, why: str, first: float, pause: float) -> None:
        """Scan for this reason, `first` seconds from now and then after `pause`, doubling.
        An ongoing reason goes on with its own pauses."""
        if self.searching_for != why:
            self.searching_for, self.scan_pause = why, pause
            self.scan_at = now + first

    def scanned(self, now: float, longest: float) -> None:
        """The next scan for the same reason comes later each time ..."""
        self.scan_at = now + self.scan_pause
        self.scan_pause = min(longest, 2 * self.scan_pause)

    def seen_gains(self, keys: Collection[tuple[Ssid, str]]) -> None:
        """What the last scan showed as better; a gain that one scan does not show is none."""
        self.gains = {key: self.gains.get(key, 0) + 1 for key in keys}

    def confirmed(self, now: float, key: tuple[Ssid, str], *, higher: bool) -> bool:
        """Whether a gain has lasted; if not, the next scan is planned that may confirm it."""
        habits = self.habits
        needed, pause = (3, habits.confirm_up) if higher else (2, habits.confirm_scan)
        stayed = now - self.since >= (habits.min_stay_up if higher else habits.min_stay)
        if self.gains.get(key, 0) >= needed:
            return stayed
        self.scan_at = min(self.scan_at, now + pause)
        return False
