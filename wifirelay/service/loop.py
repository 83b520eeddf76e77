# SPDX-License-Identifier: GPL-2.0-or-later
"""The service: observe, decide, change, report; for months, in one thread.

It decides nothing itself (core/policy.py does) and knows no terminal. Clock and transport
are passed in: on the router, over SSH and in virtual time it is the same loop.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from wifirelay.change.onrouter import on_router
from wifirelay.change.outcome import Joined
from wifirelay.change.rest import SERVICE_LEASE, end_service, pause, serve, stay_at_rest
from wifirelay.change.restore import is_dead, settle
from wifirelay.change.scripts import script
from wifirelay.change.trial import new_id
from wifirelay.clock import Clock
from wifirelay.config.model import Settings
from wifirelay.core.moves import Do, Move, Situation
from wifirelay.core.policy import Steady
from wifirelay.core.radios import radio_names
from wifirelay.core.sections import own_sections
from wifirelay.core.twins import Past
from wifirelay.errors import (
    ConfigError,
    HostKeyRefused,
    LoginRefused,
    Refused,
    RouterAnswer,
    TransportError,
    WifirelayError,
)
from wifirelay.service.acts import Acts
from wifirelay.service.events import Kind
from wifirelay.service.guests import Guests
from wifirelay.service.hands import PATIENCE
from wifirelay.service.observer import Observer
from wifirelay.service.perform import Performer
from wifirelay.service.report import Reporter, Store, Teller
from wifirelay.service.requests import Requests
from wifirelay.service.signals import Wishes
from wifirelay.service.watch import Watch
from wifirelay.transport.base import Transport
from wifirelay.values import Ssid

if TYPE_CHECKING:
    from wifirelay.service.book import Book

RENEW = SERVICE_LEASE / 2
RETRY = (1.0, 15.0)  # seconds between tries to reach the router: the first, the longest
NOT_SET_UP = 60.0  # seconds between looks at a router that is not set up
LEAST_WAIT = 0.2  # seconds
END_LIMIT = 1.5  # seconds for each of the last two commands: TERM leaves within 4


class Service:
    """One service of one router. `load` reads the configuration, again on HUP."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        load: Callable[[], Settings],
        wishes: Wishes,
        reporter: Reporter,
        controller: str,
        store: Store | None = None,
        *,
        keep_pause: bool = False,
        book: "Callable[[], Book | None]" = lambda: None,
    ) -> None:
        """With `keep_pause` one from before holds: an owner starts a service to go on, procd
        only because it has ended. `book` opens where the known networks can be changed."""
        self.settings = load()
        self.policy = Steady(self.settings.networks, self.settings.relay)
        self.clock, self.book = clock, book
        self.guests = Guests(self)
        self._transport, self._load, self._wishes = transport, load, wishes
        self._reporter, self._controller = reporter, controller
        self._id = new_id()
        self.acts = Acts(transport, clock, self.settings.relay, reporter.progress, controller)
        self.acts.kept, self.acts.known = self.guests.listed, self.guests.known
        self._teller = Teller(reporter, clock)
        self.observer = Observer(self.acts, self.policy, self._teller, clock)
        self.performer = Performer(self.acts, self.policy, self.observer, self._teller, clock)
        self._requests = Requests(self, transport, self._teller)
        self._watch = Watch(transport, clock, wishes.fd, self._requests.note)
        self.acts.nap = self._watch.nap
        self._renew_at, self._reached, self._decided = 0.0, False, False
        self._store, self._keep_pause = store, keep_pause
        self._remember()
        self.performer.name_vpn(self.settings.relay.vpn)
        self._teller.know(self.settings)

    @property
    def online(self) -> bool:
        """Whether an uplink works."""
        return self.observer.uplink is not None

    def run(self, seconds: float | None = None) -> None:
        """Work for so long, or until Terminated, which passes through.

        Raises ConfigError for a radio that the router has never had, and HostKeyRefused and
        LoginRefused while it was never reached: after that another machine may stand at its
        address for a while.
        """
        end = None if seconds is None else self.clock.monotonic() + seconds
        self._teller.say(Kind.STARTED, f"{len(self.settings.networks)} known networks")
        pause = RETRY[0]
        try:
            while end is None or self.clock.monotonic() < end:
                try:
                    self._connect()
                    while end is None or self.clock.monotonic() < end:
                        self.turn(end)
                        pause = RETRY[0]
                except (HostKeyRefused, LoginRefused) as refused:
                    if not self._reached:
                        raise
                    self._out_of_reach(refused)
                except TransportError as lost:
                    self._out_of_reach(lost)
                except ConfigError as wrong:  # a radio that the router does not have (any more)
                    if not self._decided:
                        raise
                    self._teller.say(Kind.TROUBLE, f"{wrong.message}; {wrong.hint}")
                except (Refused, RouterAnswer) as error:
                    self._teller.say(Kind.TROUBLE, f"{error.message}; {error.hint}".rstrip("; "))
                else:
                    break
                self._watch.close()
                self._wishes.clear()  # what is wished is done when the router is reached
                self.clock.wait(pause, self._wishes.fd)
                pause = min(RETRY[1], 2 * pause)
        finally:
            self._end()

    def once(self) -> Joined | Move:
        """One round: look, decide, change at most one thing. Returns what was joined, or the
        move that it came to. Raises what `join` raises."""
        try:
            self._connect()
            while True:
                move = self._decide()
                if move.do is Do.JOIN and move.candidate is not None:
                    joined = self.performer.join(
                        self.observer.seen(),
                        move.candidate,
                        move.why,
                        needs_internet=move.needs_internet,
                    )
                    self.performer.with_vpn(self.observer.seen(), move)
                    return joined
                if move.do not in (Do.SCAN, Do.LOOK, Do.CHECK):
                    if move.do is Do.REST:
                        self.performer.carry_out(move, self.observer.seen())
                    return move
                self.performer.carry_out(move, self.observer.seen())
        finally:
            self._save()
            self._end()

    def turn(self, end: float | None = None) -> None:
        """One move."""
        move = self._decide()
        if move.do is Do.WAIT:
            self._wait(move, end)
            return
        try:
            self.performer.carry_out(move, self.observer.seen())
        finally:
            self._save()

    def choose(self, ssid: Ssid | None) -> None:
        """The owner's explicit choice; None ends it."""
        self.policy.choose(self.clock.monotonic(), ssid)

    def forget(self) -> None:
        """Places, and access points that have proved themselves."""
        self.policy.memory.past = Past(self.settings.relay.twins)

    def _connect(self) -> None:
        """Reach the router, be its only service, and end what a dead controller began."""
        state = on_router().read(self._transport)
        served = state.served
        if served is not None and served.owner != self._id and is_dead(served):
            end_service(self._transport, served.owner)
        serve(self._transport, self._id, self._controller)
        self._renew_at = self.clock.monotonic() + RENEW
        if not self._keep_pause:
            pause(self._transport, "")
            self._keep_pause = True  # of now on
        settle(self._transport, self.clock, self._reporter.progress)
        with suppress(RouterAnswer):
            self._watch.open()
        self.observer.stale = True
        if self._teller.standing.unreachable or not self._reached:
            self._reached = True
            self._teller.stand(unreachable="")
            self._teller.say(Kind.REACHED, "the router answers")

    def _save(self) -> None:
        if self._store is not None:
            self._store.save(self.policy.memory.as_json())

    def _remember(self) -> None:
        """Take up what an earlier process of this service knew, if it makes sense."""
        stored = self._store.load() if self._store is not None else None
        if stored is not None:
            with suppress(ValueError, KeyError, TypeError, AttributeError, OverflowError):
                self.policy.memory.load(stored, self.clock.monotonic())

    def _out_of_reach(self, error: WifirelayError) -> None:
        first = not self._teller.standing.unreachable
        self._teller.stand(unreachable=error.message)
        if first:
            self._teller.say(Kind.UNREACHABLE, f"the router is out of reach: {error.message}")

    def _decide(self) -> Move:
        self._grant_wishes()
        if self.clock.monotonic() >= self._renew_at:
            serve(self._transport, self._id, self._controller)
            if self.observer.uplink is None:
                stay_at_rest(self._transport)
            self._renew_at = self.clock.monotonic() + RENEW
        seen = self.observer.seen()
        now = self.clock.monotonic()
        paused = self._teller.standing.paused
        if not own_sections(seen.router.wireless):
            move = Move(Do.WAIT, "this router is not set up: `wifirelay setup`", now + NOT_SET_UP)
            self._teller.say(Kind.WAITING, move.why)
            self.observer.forget_wired()
        elif paused:
            self.observer.forget_wired()
            move = Move(Do.WAIT, paused, self.observer.due)
        else:
            situation = self.observer.situation(seen, self.settings.relay)
            move = self._allowed(self.policy.next(self.clock.monotonic(), situation), situation)
        move = self.performer.with_vpn(seen, move)
        self._decided = True
        self._teller.suspect(self.policy.candidates)
        last = self._teller.standing.move
        if (move.do, move.why) != (last.do, last.why):
            self._teller.stand(move=move, candidates=self.policy.candidates)
        return move

    def _allowed(self, move: Move, situation: Situation) -> Move:
        """The same, but for a join beside edits that somebody else is just making."""
        others, now = self.observer.others, self.clock.monotonic()
        if move.do is not Do.JOIN or move.candidate is None:
            return move
        left = others.tolerable(now, self.settings.relay, move.candidate.radio)
        if len(left) == len(others.changes):
            return move
        why = f"somebody else's edits are staged ({others.names()})"
        if situation.enabled and situation.uplink is None:
            return Move(Do.REST, why)
        until = max(others.since + PATIENCE, now + NOT_SET_UP)
        return Move(Do.WAIT, why, until)

    def _wait(self, move: Move, end: float | None) -> None:
        self._teller.show_air(self.policy.ignored)
        moments = [move.until, self._renew_at, self.observer.next_due()]
        if self.performer.tunnel is not None:
            moments.append(self.performer.tunnel.next_due(self._renew_at))
        until = min(moments if end is None else [*moments, end])
        # A moment that has passed must never make this a busy loop.
        happened = self._watch.wait(max(until, self.clock.monotonic() + LEAST_WAIT))
        if happened.anything:
            self.observer.stale = True
        elif happened.interfaces:
            self.observer.event = True
        elif happened.blind:
            self.observer.look_without_events()
        self._requests.take_all(happened.requests)

    def _grant_wishes(self) -> None:
        wishes = self._wishes
        wishes.clear()
        if wishes.scan:
            wishes.scan = False
            self._teller.say(Kind.ASKED, "scanning now, as asked")
            self.policy.scan_now()
            self.observer.stale = True
        if wishes.reload:
            wishes.reload = False
            self.reload()

    def reload(self) -> None:
        """Read the configuration anew; a wrong one is told, and the one from before holds."""
        try:
            settings = self._load()
            seen = self._teller.standing.seen
            if seen is not None:
                radio_names(seen.router.wireless, settings.relay)
        except ConfigError as wrong:
            text = f"{wrong.message}; the configuration from before still holds"
            self._teller.say(Kind.TROUBLE, text)
            return
        before, self.settings, self.acts.relay = self.settings, settings, settings.relay
        self.acts.kept = self.guests.listed
        self.guests.configured(before)
        self.performer.name_vpn(settings.relay.vpn)
        self._teller.know(settings)
        self.observer.stale = True
        text = f"configuration read anew: {len(settings.networks)} known networks"
        self._teller.say(Kind.RELOADED, text)

    def _end(self) -> None:
        """Leave: the uplink stays, its sentry watches it. A trial that runs is taken back."""
        self._teller.say(Kind.STOPPED, "the service ends; the uplink stays as it is")
        self._watch.close()
        if not self._reached or self._teller.standing.unreachable:
            return
        with suppress(TransportError):
            if (trial := self.acts.running) is not None:
                self._transport.run(script("rollback", trial.trial, limit=END_LIMIT))
        with suppress(TransportError):
            end_service(self._transport, self._id, limit=END_LIMIT)
