# SPDX-License-Identifier: GPL-2.0-or-later
"""What the policy remembers beyond one uplink: troubles, losses, commits, the owner's choice."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from wifirelay.core.causes import Cause
from wifirelay.core.habits import Habits
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.rank import Term
from wifirelay.core.samples import Taken
from wifirelay.core.stay import Stay
from wifirelay.core.troubles import SHORT_STAY, Troubles
from wifirelay.core.twins import Past
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.values import Ssid

DAY = 86400.0
LOSSES = 8  # of one network, at most remembered
_DEAD = {Verdict.PORTAL: Cause.PORTAL, Verdict.NO_DNS: Cause.NO_DNS}


@dataclass(frozen=True, slots=True)
class Remembered:
    """The troubles at one moment, as `find` asks for them.

    A station is not told which access point of a network to join, and takes the strongest:
    what is held against that one keeps the network's others waiting too, on that radio.
    """

    memory: "Memory"
    now: float
    taken: Taken
    forgiven: Collection[Cause] = ()
    impatient: bool = False

    def why_not(self, network: KnownNetwork, bss: Bss | None) -> str | None:
        ssid, memory = network.ssid, self.memory
        if network.stranger and (used_up := memory.used_up(self.now, ssid)) is not None:
            return used_up
        first = self.taken.of(network, bss.radio, bss) if bss is not None else None
        bssid, signal = (first.bssid, first.signal) if first is not None else (None, None)
        return memory.troubles.waiting(
            self.now, ssid, bssid, signal, forgiven=self.forgiven, impatient=self.impatient
        )

    def term(self, ssid: Ssid, bss: Bss | None) -> Term | None:
        return self.memory.troubles.term(self.now, ssid, bss.bssid if bss is not None else None)


class Memory:
    """Moments are seconds of the policy's clock. Lives in RAM, and is bounded."""

    def __init__(self, habits: Habits) -> None:
        self.troubles = Troubles()
        self.past = Past()
        self.commits: list[float] = []
        self.allowed = Relay().allowed  # what may be joined that is not known
        self.strangers: dict[str, float] = {}  # such SSIDs' hex: when each was first tried
        self._losses: dict[Ssid, list[float]] = {}
        self._chosen: tuple[Ssid, float] | None = None
        self._habits = habits

    def at(
        self,
        now: float,
        heard: Iterable[Bss],
        forgiven: Collection[Cause] = (),
        *,
        impatient: bool = False,
    ) -> Remembered:
        """What is remembered, for what is heard now, but for the `forgiven` causes."""
        return Remembered(self, now, Taken(heard), forgiven, impatient)

    def choose(self, now: float, ssid: Ssid | None) -> None:
        self._chosen = None if ssid is None else (ssid, now + self._habits.chosen_for)
        if ssid is not None:
            self.troubles.lasted(ssid)  # the owner wants it tried now

    def chosen(self, now: float) -> Ssid | None:
        """The owner's explicit choice, while it counts."""
        return self._chosen[0] if self._chosen is not None and now < self._chosen[1] else None

    def failed(self, now: float, ssid: Ssid, bss: Bss | None, cause: Cause) -> None:
        bssid, signal = (bss.bssid, bss.signal) if bss is not None else (None, None)
        self.troubles.note(now, ssid, bssid, cause, signal)

    def lost(self, now: float, stay: Stay) -> None:
        """An uplink went away. After a short stay it is left alone for a moment; and one that
        keeps going away is trusted less and less."""
        lasted = now - stay.since
        if lasted < self._habits.long_stay:
            weight = 1 if lasted >= self._habits.middling_stay else 2
            recent = self._recent(now, stay.ssid)
            self._losses[stay.ssid] = [*recent, *[now] * weight][-LOSSES:]
        if lasted < SHORT_STAY:
            self.troubles.note(now, stay.ssid, stay.bssid, Cause.LOST, stay.signal)

    def tried(self, now: float, network: KnownNetwork) -> None:
        """A trial of it has ended: of one that is not known, that counts."""
        if network.stranger and self.allowed is not None:
            self.allowed.note(self.strangers, now, network.ssid)

    def used_up(self, now: float, ssid: Ssid) -> str | None:
        """Why one that is not known may not be used now."""
        if self.allowed is None or not self.allowed.admits(ssid):
            return "not allowed by open.names any more"
        return self.allowed.why_not(self.strangers, now, ssid)

    def trusted(self, now: float, ssid: Ssid) -> bool:
        """Whether a working uplink may be left for this one, by how often it was lost."""
        recent = self._recent(now, ssid)
        if not recent:
            return True
        habits = self._habits
        pause = min(habits.longest_shaky, habits.shaky * 2.0 ** (len(recent) - 1))
        return now - recent[-1] >= pause

    def _recent(self, now: float, ssid: Ssid) -> list[float]:
        longest = self._habits.shaky_memory
        return [at for at in self._losses.get(ssid, []) if now - at < longest]

    def dead(self, now: float, stay: Stay) -> None:
        """Its internet has gone."""
        cause = _DEAD.get(stay.verdict, Cause.NO_INTERNET)
        self.troubles.note(now, stay.ssid, stay.bssid, cause, stay.signal)

    def good(self, now: float, stay: Stay) -> None:
        """Its internet works."""
        if now - stay.good_since >= self._habits.lasted_after:
            self.troubles.lasted(stay.ssid)

    def keep_at(self, now: float, stay: Stay) -> float:
        """When the uplink may be committed: good for long, and not too often a day."""
        self.commits = [at for at in self.commits if now - at < DAY]
        due = stay.good_since + self._habits.keep_after
        if stay.tried_to_keep is not None:
            due = max(due, stay.tried_to_keep + self._habits.lasted_after)
        if len(self.commits) >= self._habits.commits_a_day:
            due = max(due, self.commits[-self._habits.commits_a_day] + DAY)
        return due

    def as_json(self) -> dict[str, Any]:
        """For a file in RAM, so that a restart of the service forgets nothing."""
        chosen = None
        if self._chosen is not None:
            chosen = {"ssid_hex": self._chosen[0].hex, "until": round(self._chosen[1], 1)}
        return {
            **self.troubles.as_json(),
            **self.past.as_json(),
            "commits": [round(at, 1) for at in self.commits],
            "chosen": chosen,
            "losses": [
                {"ssid_hex": ssid.hex, "at": [round(at, 1) for at in times]}
                for ssid, times in self._losses.items()
            ],
            "open": dict(self.strangers),
        }

    def load(self, stored: Any, now: float) -> None:
        """Take up what `as_json` gave. Raises ValueError, KeyError or TypeError for anything
        else, such as what is yet to come, and is then unchanged."""
        commits = [float(at) for at in stored["commits"]]
        raw = stored["chosen"]
        chosen = (
            None if raw is None else (Ssid(bytes.fromhex(raw["ssid_hex"])), float(raw["until"]))
        )
        losses = {
            Ssid(bytes.fromhex(each["ssid_hex"])): [float(at) for at in each["at"]][-LOSSES:]
            for each in stored["losses"]
        }
        strangers = dict(stored.get("open", {}))  # a version before this one wrote none
        moments = (at for times in losses.values() for at in times)
        if max((*commits, *moments, *strangers.values()), default=now) > now + 1.0:
            raise ValueError("of another clock")
        past = Past(self.past.twins)
        past.load(stored, now)
        self.troubles.load(stored, now)
        self.past = past
        self.commits, self._chosen, self._losses = commits, chosen, losses
        self.strangers = strangers
