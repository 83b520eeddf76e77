# SPDX-License-Identifier: GPL-2.0-or-later
"""What to do with an uplink that works: look after it, keep it, leave it for a real gain.

Every scan costs clients packets, and every move cuts them off for seconds: both need a reason.
"""

from wifirelay.core.candidates import Candidate
from wifirelay.core.choice import Class, class_of, worth_moving
from wifirelay.core.habits import Habits
from wifirelay.core.hearing import Hearing
from wifirelay.core.memory import Memory
from wifirelay.core.moves import FOREVER, Do, Move, Situation
from wifirelay.core.stay import Stay
from wifirelay.router.verdict import Verdict
from wifirelay.values import Ssid


class Settled:
    """The part of the policy that begins with a join and ends with a loss."""

    def __init__(self, hearing: Hearing, memory: Memory, habits: Habits) -> None:
        self.judged = True  # the last scan has been weighed against the uplink
        self._hearing, self._memory, self._habits = hearing, memory, habits

    def next(self, now: float, situation: Situation, stay: Stay, *, keep: bool) -> Move:
        """`keep`: the owner wants proved uplinks on flash."""
        self._hearing.want(now, stay.dead_since)
        better = self._better(now, situation, stay)
        if better is not None:
            return better
        if now >= stay.check_at:
            return Move(Do.CHECK, "is there internet still?")
        if now >= stay.look_at:
            return Move(Do.LOOK, "how strong is it?")
        keep_at = self._keep_at(now, situation, stay) if keep else None
        if keep_at is not None and now >= keep_at:
            return Move(Do.KEEP, f"{stay.ssid} has been good for {now - stay.good_since:.0f} s")
        self._plan_scans(now, stay)
        if stay.searching_for and now >= stay.scan_at:
            return Move(Do.SCAN, stay.searching_for)
        dues = [stay.check_at, stay.look_at, now + FOREVER]
        dues += [stay.scan_at] if stay.searching_for else []
        dues += [keep_at] if keep_at is not None else []
        how = " (open, allowed by open.names)" if stay.ssid.hex in self._memory.strangers else ""
        why = f"{stay.ssid} works{how}"
        if stay.waits(now):
            why = f"{stay.ssid} is not left while its owner may be logging in"
        return Move(Do.WAIT, why, min(dues))

    def _better(self, now: float, situation: Situation, stay: Stay) -> Move | None:
        """A move away from a working uplink, when the last scan shows one worth it."""
        if self.judged or not self._hearing.fresh(now):
            return None
        self.judged = True
        stay.scanned(now, self._longest(stay))
        if stay.waits(now):
            return None
        candidates = self._hearing.sure_ones(now, situation, self._memory)
        if stay.dead:
            return self._leave_dead(stay, candidates)
        chosen = self._memory.chosen(now)
        mine = self._class(stay.ssid, chosen)
        worth = [
            (each, why)
            for each, why in worth_moving(stay, mine, candidates, chosen, clients=situation.clients)
            if each.network.ssid == chosen or self._memory.trusted(now, each.network.ssid)
        ]
        stay.seen_gains({(each.network.ssid, each.radio) for each, _ in worth})
        for each, why in worth:
            higher = class_of(each.network, chosen) > mine
            if each.network.ssid == chosen or stay.confirmed(
                now, (each.network.ssid, each.radio), higher=higher
            ):
                return Move(Do.JOIN, why, candidate=each)
        return None

    def _leave_dead(self, stay: Stay, candidates: tuple[Candidate, ...]) -> Move | None:
        """Whatever else can be had goes before an uplink without internet."""
        why = f"{stay.ssid} has no internet ({stay.verdict})"
        heard = [each for each in candidates if each.eligible and each.bss is not None]
        if stay.verdict is Verdict.PORTAL:  # one login counts at all of its access points
            heard = [each for each in heard if each.network.ssid != stay.ssid]
        # its other access points mostly share its line
        for each in sorted(heard, key=lambda each: each.network.ssid == stay.ssid):
            if (each.network.ssid, each.radio) != (stay.ssid, stay.radio):
                return Move(Do.JOIN, f"{why}: trying {each.network.ssid}", candidate=each)
            strongest = self._hearing.strongest(each)
            other = strongest.bssid if strongest is not None else None
            if other not in (None, stay.bssid) and not self._memory.troubles.waiting(
                self._hearing.at or 0.0, stay.ssid, other, None
            ):  # its station does not move there by itself
                return Move(Do.REST, f"{why}: another access point of it may")
        return None

    def _plan_scans(self, now: float, stay: Stay) -> None:
        """Scans while connected cost clients packets: each needs a reason."""
        habits = self._habits
        if stay.dead:
            stay.want_scans(now, f"{stay.ssid} has no internet", 0.0, habits.dead_check)
        elif stay.searching_for == "asked for" and self._hearing.at is None:
            pass
        elif stay.weak:
            stay.want_scans(now, f"{stay.ssid} is weak", 0.0, habits.weak_scan)
        elif self._higher_known(now, stay):
            text = "a network of a higher class may be there"
            stay.want_scans(now, text, habits.confirm_scan * 3, habits.lower_scan)
        else:
            stay.searching_for = ""

    def _longest(self, stay: Stay) -> float:
        if stay.dead:
            return self._habits.longest_dead_scan
        if stay.weak:
            return self._habits.longest_weak_scan
        return self._habits.longest_lower_scan

    def _class(self, ssid: Ssid, chosen: Ssid | None) -> Class:
        network = next((each for each in self._hearing.known if each.ssid == ssid), None)
        if network is not None:
            return class_of(network, chosen)
        # not known (any more): whatever is known goes before it, but for the owner's choice
        return ssid == chosen, False, 0, True  # as what `open` allows

    def _higher_known(self, now: float, stay: Stay) -> bool:
        chosen = self._memory.chosen(now)
        mine = self._class(stay.ssid, chosen)
        return any(class_of(network, chosen) > mine for network in self._hearing.known)

    def _keep_at(self, now: float, situation: Situation, stay: Stay) -> float | None:
        """When the uplink is to be committed; None: it is, or is not worth it now."""
        if situation.committed or stay.dead:
            return None
        return self._memory.keep_at(now, stay)
