# SPDX-License-Identifier: GPL-2.0-or-later
"""When to scan, join, stay, move and give way: wifirelay's own policy.

It has no clock, does nothing by itself and never waits: `next` says what to do, the answers
come back through the other methods. The same object serves a real router and the
evaluation. Each decision has its reason in words.
"""

from collections.abc import Sequence

from wifirelay.core.candidates import Candidate, Ignored
from wifirelay.core.causes import Cause
from wifirelay.core.choice import why_join, why_nothing
from wifirelay.core.habits import HABITS, Habits, habits_for
from wifirelay.core.hearing import Hearing
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.memory import Memory
from wifirelay.core.moves import FOREVER, Do, Move, Situation
from wifirelay.core.settled import Settled
from wifirelay.core.stay import Stay
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.values import Band, Ssid

SETTLING = 5.0  # seconds at least between two scans


class Steady:
    """Joins the best, stays while it is good, moves for a real gain, never gives up."""

    def __init__(
        self, known: Sequence[KnownNetwork], relay: Relay, habits: Habits = HABITS
    ) -> None:
        self.memory = Memory(habits)
        self._relay = relay
        self._habits = habits
        self._hearing = Hearing(known, habits)
        self._settled = Settled(self._hearing, self.memory, habits)
        self.memory.allowed, self.memory.past.twins = relay.allowed, relay.twins
        self._stay: Stay | None = None
        self._left: Stay | None = None  # the uplink that was lost
        self._lost_at: float | None = None
        self._scan_at: float | None = None  # offline; None: at once
        self._pause = habits.first_scan
        self._offline_since: float | None = None
        self._unproved = False  # the trial that runs may end without internet
        self._guest: Ssid | None = None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Those of the last decision, best first, eligible or not."""
        return self._hearing.candidates

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        """What else was in the air at the last decision, and why it is left alone."""
        return self._hearing.ignored

    def network(self, ssid: Ssid) -> KnownNetwork | None:
        """The known network, or the guest, of this name."""
        return next((each for each in self._hearing.known if each.ssid == ssid), None)

    # what the owner says

    def reconfigure(
        self, known: Sequence[KnownNetwork], relay: Relay, guest: Ssid | None = None
    ) -> None:
        """Other known networks: what was held against those that changed is forgotten. `guest`
        is the one of them that nobody has said to keep: it never goes to flash."""
        before = {network.ssid: network for network in self._hearing.known}
        for network in known:
            if network.ssid in before and before[network.ssid] != network:
                self.memory.troubles.changed(network.ssid)
        self.memory.past.rekeyed(before.values(), known)
        self._hearing.known, self._relay, self._guest = tuple(known), relay, guest
        self.memory.allowed, self.memory.past.twins = relay.allowed, relay.twins
        self.scan_now()

    def choose(self, now: float, ssid: Ssid | None) -> None:
        """The owner's explicit choice, before all others for some hours; None ends it."""
        self.memory.choose(now, ssid)
        self.scan_now()

    def scan_now(self) -> None:
        """Look around anew, whatever was planned."""
        self._scan_at, self._pause = None, self._habits.first_scan
        self._hearing.at = None
        if self._stay is not None:
            self._stay.searching_for = ""
            self._stay.want_scans(0.0, "asked for", 0.0, self._habits.weak_scan)

    # deciding

    def next(self, now: float, situation: Situation) -> Move:
        uplink = situation.uplink
        if uplink is None:
            self._stay = None
            if self._offline_since is None:
                self._offline_since = now
        elif self._stay is None or (self._stay.ssid, self._stay.radio) != (
            uplink.ssid,
            uplink.radio,
        ):
            radio = situation.radios.get(uplink.radio)
            band = radio.band if radio is not None else None
            self._begin(now, uplink.ssid, uplink.radio, uplink.bssid, band)
        if uplink is not None and uplink.ssid.hex in self.memory.strangers:
            over = self.memory.used_up(now, uplink.ssid)
            if over is not None and not (uplink.secured or self.network(uplink.ssid)):
                self._stay = None  # left on purpose: nothing is held against it
                return Move(Do.REST, f"{uplink.ssid}, an open network: {over}")
        there = self._hearing.joined_to(self._stay)
        if there is not None and (why := self.memory.past.refused(*there)) is not None:
            self._stay, (network, bss) = None, there
            self.memory.failed(now, network.ssid, None, Cause.LOST)  # no scan may show that one
            return Move(Do.REST, f"{network.ssid} at {bss.bssid}, possibly an evil twin: {why}")
        if situation.wired is not None:
            return self._beside(now, situation)
        if self._stay is None:
            return self._offline(now, situation)
        keep = self._relay.keep_on_flash and self._is_kept(self._stay.ssid)
        return self._settled.next(now, situation, self._stay, keep=keep)

    def _is_kept(self, ssid: Ssid) -> bool:
        """Whether the owner wants this network on flash: it is known, and no guest."""
        return ssid != self._guest and self.network(ssid) is not None

    def _beside(self, now: float, situation: Situation) -> Move:
        wired = situation.wired
        if situation.enabled and situation.uplink is None:
            return Move(Do.REST, f"{wired} gives the internet: no Wi-Fi is needed")
        return Move(Do.WAIT, f"{wired} gives the internet", now + FOREVER)

    def _offline(self, now: float, situation: Situation) -> Move:
        troubles = self.memory.troubles
        if (trouble := troubles.router_waits(now)) is not None and trouble.until is not None:
            if situation.enabled:
                return Move(Do.REST, "nothing can be joined for now")
            return Move(Do.WAIT, f"after a failure of the router ({trouble.cause})", trouble.until)
        if not self._hearing.known and self.memory.allowed is None:
            if situation.enabled and self._costs_air(situation):
                return Move(Do.REST, "no network is known: own Wi-Fi goes before")
            return Move(
                Do.WAIT, "no network is known: `wifirelay networks add SSID`", now + FOREVER
            )
        fresh = self._hearing.fresh(now)
        self._hearing.want(now, self._offline_since)
        best = self._hearing.best(now, situation, self.memory) if fresh else None
        if best is not None and (back := self._coming_back(now, situation)) is not None:
            return back
        if best is not None and not self._overtaken(best):
            others = (c for c in self.candidates if c.eligible and c.network != best.network)
            # One that is not known is of no use without internet.
            proved = best.network.stranger or any(others)
            return self._join(best, why_join(best, self.candidates), proved=proved)
        if fresh and best is None:
            poor = self._hearing.poor(now, situation, self.memory)
            if poor is not None:
                why = f"{poor.network.ssid} is all there is, though it had no internet"
                return self._join(poor, why, proved=False)
            if situation.enabled and self._costs_air(situation):
                return Move(Do.REST, "its network is not there: own Wi-Fi goes before")
        due = now if best is not None else self._scan_due(now)
        if now >= due:
            return Move(Do.SCAN, "looking for a known network")
        return Move(Do.WAIT, why_nothing(self.candidates), due)

    # what came of it

    def heard(self, now: float, bss: tuple[Bss, ...]) -> None:
        self.memory.past.places.hear(now, bss)
        if self._hearing.note(now, bss):
            self._pause = self._habits.first_scan
        self._settled.judged = False
        self._scan_at = now + self._pause
        tired = self._offline_since is not None and (
            now - self._offline_since > self._habits.tired_after
        )
        longest = self._habits.tired_scan if tired else self._habits.longest_scan
        self._pause = min(longest, 2 * self._pause)

    def joined(self, now: float, candidate: Candidate) -> None:
        self.memory.troubles.worked(candidate.network.ssid)
        self.memory.tried(now, candidate.network)
        bss = candidate.bss
        bssid, band = (bss.bssid, bss.band) if bss is not None else (None, None)
        stay = self._begin(now, candidate.network.ssid, candidate.radio, bssid, band)
        if self._unproved:
            stay.check_at = now

    def waits_for_login(self, now: float) -> None:
        """The uplink was joined for its login page: its owner gets the time to log in."""
        if self._stay is not None:
            self._stay.login_until = now + self._habits.login

    def failed(self, now: float, candidate: Candidate, cause: Cause) -> None:
        bss = self._hearing.strongest(candidate)
        self.memory.tried(now, candidate.network)
        if cause is Cause.OVERTAKEN:  # the sentry wanted own Wi-Fi back before it answered
            cause = Cause.VANISHED
        self.memory.failed(now, candidate.network.ssid, bss, cause)
        if self._stay is not None:
            self._stay.gains.clear()

    def lost(self, now: float) -> None:
        stay, self._stay = self._stay, None
        self._lost_at = now
        self._scan_at, self._pause = None, self._habits.first_scan
        self._offline_since = now
        if stay is not None:
            self._left = stay
            self.memory.lost(now, stay)

    def gone(self, now: float) -> None:
        """The uplink went by no fault of its network: a reboot, or somebody's wish."""
        self._stay, self._offline_since = None, now
        self.scan_now()

    def found(self, now: float) -> None:
        left = self._left
        if left is not None:
            stay = self._begin(now, left.ssid, left.radio, left.bssid, left.band)
            if left.login_until is not None:
                stay.login_until, stay.verdict = left.login_until, left.verdict

    def looked(self, now: float, signal: int | None, bssid: str | None) -> None:
        if self._stay is not None:
            self._stay.looked(now, signal)
            self._stay.bssid, self._stay.where = bssid or self._stay.bssid, bssid

    def checked(self, now: float, verdict: Verdict) -> None:
        stay = self._stay
        if stay is None:
            return
        was_dead = stay.dead
        doubtful = bool(self.memory.troubles.of(now, stay.ssid, stay.bssid))
        stay.checked(now, verdict, doubtful=doubtful)
        if stay.dead and not was_dead:
            self.memory.dead(now, stay)
            self._settled.judged = False
        elif verdict is Verdict.ONLINE:
            self.memory.good(now, stay)
            self.proved(now, stay.where)

    def proved(self, now: float, bssid: str | None, *, accepted: bool = False) -> None:
        """The internet works with the station here. `accepted`: its owner wants it here."""
        if self._stay is not None and bssid is not None:
            self._stay.bssid = self._stay.where = bssid
            there, past = self._hearing.joined_to(self._stay), self.memory.past
            if there is not None and (accepted or not past.refused(*there)):
                past.proved(now, *there)

    def session_ends(self, at: float) -> None:
        """The network says when its login page comes back: the internet is looked at then."""
        if self._stay is not None:
            self._stay.check_at = min(self._stay.check_at, at + 1)

    def kept(self, now: float, *, flash: bool) -> None:
        if self._stay is not None:
            self._stay.tried_to_keep = now
        if flash:
            self.memory.commits.append(now)

    # inside

    def _begin(
        self, now: float, ssid: Ssid, radio: str, bssid: str | None, band: Band | None
    ) -> Stay:
        habits = habits_for(self._relay.kind, self._habits)
        stay = self._stay = Stay(ssid, radio, bssid, band, now, habits)
        self._lost_at = self._left = self._offline_since = None
        self._scan_at, self._pause = None, self._habits.first_scan
        return stay

    def _join(self, candidate: Candidate, why: str, *, proved: bool) -> Move:
        """A trial; not `proved`: kept without internet too, where it is the last one there is.
        An uplink that waits for its internet costs nothing, and has it the moment it is back."""
        self._unproved = not proved
        return Move(Do.JOIN, why, candidate=candidate, needs_internet=proved)

    def _overtaken(self, best: Candidate) -> bool:
        """Whether the scan is from before the loss of the very network that it shows."""
        left, at, lost = self._left, self._hearing.at, self._lost_at
        if left is None or at is None or lost is None:
            return False
        return (best.network.ssid, best.radio) == (left.ssid, left.radio) and at <= lost

    def _coming_back(self, now: float, situation: Situation) -> Move | None:
        """Waits a moment where the station may join its own network again by itself: that is
        quicker than any trial."""
        at, lost = self._hearing.at, self._lost_at
        if not situation.enabled or at is None or (lost is not None and at <= lost):
            return None
        searching = self._searching(situation)
        heard = any(
            each.eligible and (each.network.ssid, each.radio) == searching
            for each in self.candidates
        )
        until = at + self._habits.rejoin_grace
        if searching is None or not heard or now >= until:
            return None
        return Move(Do.WAIT, f"{searching[0]} may come back by itself", until)

    def _searching(self, situation: Situation) -> tuple[Ssid, str] | None:
        left = self._left
        return situation.searching or ((left.ssid, left.radio) if left is not None else None)

    def _costs_air(self, situation: Situation) -> bool:
        """Whether the searching station may keep an own access point off the air."""
        searching = self._searching(situation)
        radio = situation.radios.get(searching[1]) if searching is not None else None
        return radio is None or radio.has_access_point

    def _scan_due(self, now: float) -> float:
        """At once, then after growing pauses; earlier when somebody's pause is over."""
        at, due = self._hearing.at, self._scan_at
        if due is None or at is None:
            return now
        over = self.memory.troubles.next_end(at)
        return due if over is None else min(due, max(over, at + SETTLING))
