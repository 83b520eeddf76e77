# SPDX-License-Identifier: GPL-2.0-or-later
"""What one run came to: counted while it is played, read when it is over."""

from dataclasses import dataclass, field

from wifirelay.core.known import KnownNetwork
from wifirelay.evaluation.chance import Chance


@dataclass(frozen=True, slots=True)
class Account:
    """One policy in one world. Durations in seconds.

    `gaps` has one duration for each time that the internet was lost: how much of the time until
    it was back some known network could have been used. A loss during which there was nothing
    to use is not in it; one that lasts to the world's end is.
    """

    seconds: float
    online: float = 0.0
    below: float = 0.0  # of those: though a network that the owner prefers could be used
    dark: float = 0.0  # at least one own access point was off the air
    switches: int = 0  # tries that were confirmed
    trials: int = 0
    failed: int = 0
    writes: int = 0  # to flash
    scans: int = 0
    gaps: tuple[float, ...] = ()


@dataclass(slots=True)
class Ledger:
    """Adds up the times in which something was so."""

    chance: Chance
    online: float = 0.0
    below: float = 0.0
    dark: float = 0.0
    switches: int = 0
    trials: int = 0
    failed: int = 0
    writes: int = 0
    scans: int = 0
    gaps: list[float] = field(default_factory=list)
    _through: KnownNetwork | None = None
    _online_since: float = 0.0
    _dark_since: float | None = None
    _lost_at: float | None = None

    def set_online(self, now: float, through: KnownNetwork | None) -> None:
        """Through which network there is internet from `now` on; None: there is none."""
        before = self._through
        if through is before:
            return
        if before is not None:
            self.online += now - self._online_since
            self.below += self.chance.above(before, self._online_since, now)
        self._through, self._online_since = through, now
        if through is None:
            self._lost_at = now
        elif before is None:
            self._end_gap(now)

    def set_dark(self, now: float, *, dark: bool) -> None:
        """Whether some own access point is off the air from `now` on."""
        if dark and self._dark_since is None:
            self._dark_since = now
        elif not dark and self._dark_since is not None:
            self.dark += now - self._dark_since
            self._dark_since = None

    def close(self, now: float) -> Account:
        """The account, at the world's end."""
        self._end_gap(now)
        self.set_online(now, None)
        self.set_dark(now, dark=False)
        return Account(
            seconds=now,
            online=round(self.online, 3),
            below=round(self.below, 3),
            dark=round(self.dark, 3),
            switches=self.switches,
            trials=self.trials,
            failed=self.failed,
            writes=self.writes,
            scans=self.scans,
            gaps=tuple(self.gaps),
        )

    def _end_gap(self, now: float) -> None:
        if self._lost_at is not None:
            seconds = round(self.chance.seconds(self._lost_at, now), 3)
            if seconds > 0:
                self.gaps.append(seconds)
            self._lost_at = None
