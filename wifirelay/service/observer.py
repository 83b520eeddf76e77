# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks at the router and tells the policy what has become of the uplink."""

from dataclasses import replace

from wifirelay.change.onair import AccessPoints, own_access_points
from wifirelay.change.onrouter import SENTRY_OWNER, on_router
from wifirelay.change.rest import pause
from wifirelay.clock import Clock
from wifirelay.core.candidates import Current
from wifirelay.core.known import Relay
from wifirelay.core.moves import Situation
from wifirelay.core.plan import enabled_uplinks, working_uplink
from wifirelay.core.policy import Steady
from wifirelay.core.sections import own_options
from wifirelay.errors import Refused
from wifirelay.router.config import package
from wifirelay.router.interfaces import LogicalInterface, interfaces
from wifirelay.router.verdict import Verdict
from wifirelay.service.acts import Acts
from wifirelay.service.events import Kind
from wifirelay.service.hands import Expected, StagedByOthers, expected, meddled
from wifirelay.service.outages import Outages
from wifirelay.service.report import Teller
from wifirelay.service.seen import Seen

SOON = 45.0  # seconds to the next one after a loss
OBSERVE = 600.0  # seconds between two whole looks while nothing happens
WIRED_CHECK = (120.0, 30.0)  # seconds between looks at another uplink that works, or does not


Options = dict[str, dict[str, object]]


class Observer:
    """What is known of one router, and since when."""

    def __init__(self, acts: Acts, policy: Steady, teller: Teller, clock: Clock) -> None:
        self.uplink: Current | None = None
        self.others = StagedByOthers()
        self.proved: Options | None = None  # the own sections as a trial, or a look, proved them
        self.on_air: AccessPoints = ()  # own access points, when no station searched
        self.clients: int | None = None  # of the own access points, when last counted
        self.stale = True  # everything has to be looked at anew
        self.event = False  # an interface went up or down
        self.due = 0.0  # the next whole look; a moment of the clock
        self._acts, self._policy, self._teller, self._clock = acts, policy, teller, clock
        self._outages = Outages(teller)
        self._seen: Seen | None = None
        self._expected: Expected | None = None
        self._boot = ""
        self._wired: tuple[str, Verdict] | None = None
        self._wired_at = 0.0

    def seen(self) -> Seen:
        """The last look, or a new one where something has happened since."""
        if self._seen is None or self.stale or self._clock.monotonic() >= self.due:
            self._seen = self._look()
        elif self.event:
            self._seen = self._look_at_interfaces(self._seen)
        self.event = False
        return self._seen

    def before_a_trial(self, seen: Seen) -> Seen:
        """The same with the configuration as it is now: what a trial would undo to.

        Raises Refused when somebody has just switched the uplink off.
        """
        if seen.wireless_at == self._clock.monotonic():
            return seen
        wireless = package("wireless").read(self._acts.transport)
        seen = replace(seen, router=replace(seen.router, wireless=wireless))
        what, switched_off = self._meddled(seen)
        if switched_off:
            self.stale = True
            self._switched_off(what)
            raise Refused(what)
        return seen

    def situation(self, seen: Seen, relay: Relay) -> Situation:
        """For the policy."""
        if relay.beside_wired:
            self.forget_wired()
        wired = None if relay.beside_wired else self._wired_works(seen, relay)
        abilities = self._acts.abilities
        return seen.situation(relay, wired=wired, clients=self.clients, abilities=abilities)

    @property
    def wired(self) -> str | None:
        """Another uplink that gives the internet, if one was asked for and does."""
        works = self._wired is not None and self._wired[1] is Verdict.ONLINE
        return self._wired[0] if self._wired is not None and works else None

    def forget_wired(self) -> None:
        """Nobody asks for another uplink now: it is not looked at."""
        self._wired = None

    def next_due(self) -> float:
        """When there is something to look at again."""
        return self.due if self._wired is None else min(self.due, self._wired_at)

    def look_without_events(self) -> None:
        """Whether an interface went up or down: then everything is looked at anew."""
        if self._seen is None or self.stale:
            return
        found = interfaces().read(self._acts.transport)
        self.event = _ups(found) != _ups(self._seen.router.interfaces)

    def joined(self, uplink: Current) -> None:
        """A trial was confirmed: this is the uplink now."""
        self.uplink, self.stale, self._expected, self.proved = uplink, True, None, None

    def left(self) -> None:
        """The uplink was left on purpose."""
        self._policy.gone(self._clock.monotonic())
        self.uplink, self.stale, self._expected = None, True, None

    def rested(self) -> None:
        """The own sections were disabled by us."""
        self.stale, self._expected = True, None

    def kept_by_us(self) -> None:
        """What is on flash now was committed by us."""
        self.stale, self._expected = True, None

    def _look_at_interfaces(self, seen: Seen) -> Seen:
        """After an event: a lost uplink shows in one answer, and its failover begins at once.
        Anything else is looked at as a whole."""
        now = self._clock.monotonic()
        found = interfaces().read(self._acts.transport)
        new = replace(seen, router=replace(seen.router, interfaces=found))
        relay = self._acts.relay
        if self.uplink is not None and working_uplink(new.router, relay) is None:
            self._lost(now, self.uplink)
            self.uplink, self.due = None, now + SOON
            self._teller.stand(seen=new)
            return new
        if self.uplink is None and _ups(found) == _ups(seen.router.interfaces):
            return new
        return self._look()

    def _rebooted(self, now: float) -> None:
        self._policy.gone(now)
        self._expected = None
        self._teller.stand(online_since=None, link=None, internet=None, paused="")
        self._teller.say(Kind.OTHERS, "the router has rebooted")

    def _lost(self, now: float, before: Current) -> None:
        self._policy.lost(now)
        self._teller.stand(online_since=None, link=None, internet=None)
        self._teller.say(Kind.LOST, f"the uplink to {before.ssid} is gone", before.ssid)

    def _look(self) -> Seen:
        now = self._clock.monotonic()
        seen = self._acts.look()
        self.stale, self.due = False, now + OBSERVE
        uplink = working_uplink(seen.router, self._acts.relay)
        before, self.uplink = self.uplink, uplink
        self._teller.stand(seen=seen)
        if self._boot not in ("", seen.state.boot):
            self._rebooted(now)
            before = None
        self._boot = seen.state.boot
        paused = self._teller.standing.paused
        if seen.state.paused and not paused:  # by the button, or before us
            self.pause(seen.state.paused)
            self._teller.say(Kind.OTHERS, seen.state.paused)
        elif paused and not seen.state.paused:  # by `/etc/init.d/wifirelay start`
            self._teller.stand(paused="")
            self._teller.say(Kind.OTHERS, "somebody has ended the pause")
        if uplink is not None or not enabled_uplinks(seen.router):
            self.on_air = own_access_points(seen.router)
        if before is not None and (uplink is None or uplink.ssid != before.ssid):
            self._lost(now, before)
        if uplink is not None and (self.proved is None or before is None):
            self.proved = own_options(seen.router.wireless)
        if uplink is not None and (before is None or uplink.ssid != before.ssid):
            self._policy.found(now)
            self._teller.stand(online_since=now)
            self._teller.say(Kind.RETURNED, f"the uplink to {uplink.ssid} works", uplink.ssid)
        self._outages.look(now, seen.router)
        self._look_at_hands(now, seen)
        return seen

    def _look_at_hands(self, now: float, seen: Seen) -> None:
        before = self.others.changes
        news = self.others.seen(now, seen)
        if self.others.changes != before:
            self._policy.memory.troubles.router_recovered()
        if news:
            text = f"somebody else's edits are staged ({self.others.names()})"
            self._teller.say(Kind.OTHERS, f"{text}: nothing is joined beside them for 10 minutes")
        what, switched_off = self._meddled(seen)
        if what and not self._teller.standing.paused:  # else it was said why, and whose wish it is
            self._teller.say(Kind.OTHERS, what)
            if switched_off:
                self._switched_off(what)
        self._expected = expected(seen)

    def _meddled(self, seen: Seen) -> tuple[str, bool]:
        """What others have done, and whether it was to switch the uplink off; not what the sentry
        did between two of our reads: it disables, then notes that."""
        before = self._expected
        what, switched_off = meddled(before, seen)
        if switched_off and before is not None:
            state = on_router().read(self._acts.transport)
            at_it = state.locked is not None and state.locked.owner == SENTRY_OWNER
            if at_it or before.section in state.held:
                return "", False
        return what, switched_off

    def _switched_off(self, what: str) -> None:
        """The owner's wish wins."""
        text = f"{what}: `wifirelay join` goes on"
        pause(self._acts.transport, text)
        self.pause(text)
        self._teller.say(Kind.OTHERS, f"{what}: paused until `wifirelay join`")

    def pause(self, why: str) -> None:
        """Nothing is joined from now on, until `go_on`."""
        self._policy.gone(self._clock.monotonic())
        self._teller.stand(paused=why)

    def go_on(self) -> None:
        """What paused is over."""
        pause(self._acts.transport, "")
        self._policy.memory.troubles.router_recovered()
        self._teller.stand(paused="")
        self.stale = True

    def _wired_works(self, seen: Seen, relay: Relay) -> str | None:
        """The name of another uplink that has the default route and really works."""
        name = seen.other_uplink(relay)
        if name is None:
            self._wired = None
            return None
        now = self._clock.monotonic()
        if self._wired is None or self._wired[0] != name or now >= self._wired_at:
            internet = self._acts.wired_internet(seen, name)
            good = internet.verdict is Verdict.ONLINE
            if self._wired != (name, internet.verdict):
                text = "gives the internet" if good else f"has no internet ({internet.why})"
                self._teller.say(Kind.WAITING if good else Kind.TROUBLE, f"{name} {text}")
            self._wired = (name, internet.verdict)
            self._wired_at = self._clock.monotonic() + WIRED_CHECK[0 if good else 1]
        return self.wired


def _ups(found: dict[str, LogicalInterface]) -> set[tuple[str, bool, bool]]:
    return {(each.name, each.up, each.default_route) for each in found.values()}
