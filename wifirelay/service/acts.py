# SPDX-License-Identifier: GPL-2.0-or-later
"""Carries the policy's moves out on a router. Each act is one thing; none decides anything."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wifirelay.change.onair import AccessPoints
from wifirelay.change.outcome import Joined, Report
from wifirelay.change.rest import keep, rest
from wifirelay.change.trial import Trial
from wifirelay.clock import Clock
from wifirelay.core.abilities import worth_asking
from wifirelay.core.candidates import Candidate, Current
from wifirelay.core.feeds import fed
from wifirelay.core.known import WDS, KnownNetwork, Relay
from wifirelay.core.mac import CHANCE
from wifirelay.core.plan import interface_in_use, plan_join
from wifirelay.core.radios import radio_names
from wifirelay.core.sections import forget_edits, own_options
from wifirelay.router.board import Board
from wifirelay.router.channels import Channels
from wifirelay.router.config import package
from wifirelay.router.interfaces import LogicalInterface, preferred_route
from wifirelay.router.internet import probe
from wifirelay.router.observe import listen, read_abilities, read_all
from wifirelay.router.programs import Abilities
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.router.station import Association, association, stations
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.service.seen import Seen, look
from wifirelay.transport.base import Transport
from wifirelay.uci.staged import Change
from wifirelay.values import Ssid

if TYPE_CHECKING:
    from wifirelay.service.captive import Captive

ABLE_FOR = 3600.0  # seconds until a scan asks again what the router can do: a wpad was replaced
WEAK = -70  # dBm; below, a move may be near, and who would suffer from it is counted


@dataclass
class Acts:
    """One router's. Times are of `clock`."""

    transport: Transport
    clock: Clock
    relay: Relay
    report: Report
    controller: str  # a name for people: who holds the lock
    channels: dict[str, Channels] = field(default_factory=dict)
    nap: Callable[[float], None] | None = None  # a wait that an event of the router cuts short
    board: Board | None = None
    known: Sequence[KnownNetwork] = ()  # what is planned with
    abilities: Abilities = field(default_factory=dict)
    running: Trial | None = None
    session_ends: float | None = None  # as the uplink's network says; a moment of the clock
    kept: frozenset[Ssid] | None = None  # what may be on flash, on the radios that are not joined
    _able_for: tuple[float, tuple[str, ...]] = (0.0, ())  # when it was asked for which abilities
    _captive: "Captive | None" = None
    _deaf: set[str] = field(default_factory=set)  # radios that heard nothing beside others

    def look(self) -> Seen:
        seen = look(self.transport, self.channels, self.board)
        self.board = seen.board
        return replace(seen, wireless_at=self.clock.monotonic())

    def scan(self, seen: Seen) -> tuple[Bss, ...]:
        """What all radios to use hear. Their channels are asked for once."""
        names = radio_names(seen.router.wireless, self.relay)
        router, heard = listen(
            self.transport, seen.router, names, known=self.channels, deaf=self._deaf
        )
        self.channels.update(router.channels)
        self._look_at_abilities()
        hearing = {bss.radio for bss in heard}
        self._deaf = (self._deaf | set(names)) - hearing if hearing else set()
        return heard

    def asked(self, seen: Seen) -> Router:
        """The router with what it was asked for once."""
        return replace(seen.router, channels=self.channels, abilities=self.abilities)

    def _look_at_abilities(self) -> None:
        """What it can do of what the known networks need: asked once, and now and then."""
        now, names = self.clock.monotonic(), worth_asking(self.known, self.relay)
        if names != self._able_for[1] or now - self._able_for[0] >= ABLE_FOR:
            self.abilities = read_abilities(self.transport, names)
            self._able_for = (now, names)

    def join(
        self,
        seen: Seen,
        candidate: Candidate,
        why: str,
        tolerated: tuple[Change, ...],
        on_air: AccessPoints,
        *,
        needs_internet: bool = True,
        asked: bool = False,
        login: bool = False,
    ) -> Joined:
        """One trial, kept for the session only: what it is worth shows later. `on_air` are own
        access points that were on the air before a searching uplink took them off. With `login`
        one with a login page is kept.

        Raises what Trial.run raises.
        """
        relay = replace(self.relay, keep_on_flash=False)
        router = self.asked(seen)
        plan = plan_join(router, relay, candidate, why, os.urandom(CHANCE))
        if self.kept is not None:
            forgotten = forget_edits(router.wireless, candidate.radio, relay, self.kept)
            plan = replace(plan, edits=(*plan.edits, *forgotten))
        trial = Trial(
            self.transport,
            self.clock,
            relay,
            router,
            plan,
            self.report,
            self.controller,
            tolerated,
            nap=self.nap,
            needs_internet=needs_internet,
            login=login,
            checked=True,
            heeds_pause=not asked,
            on_air=on_air,
        )
        self.running = trial
        try:
            joined = trial.run()
        except Exception:  # it has ended, or its sentry ends it
            self.running = None
            raise
        self.running = None
        return joined

    def rest(self, seen: Seen) -> tuple[str, ...]:
        """Disable the uplink; the own access points that have not come back."""
        absent = rest(self.transport, self.clock, seen.router, self.report, self.controller)
        if self.relay.kind == WDS:
            from wifirelay.change.wds import forget  # seldom wanted

            forget(self.transport, self.relay.interface)
        return absent

    def own_options(self) -> dict[str, dict[str, object]]:
        """What the own sections hold now, staged edits included."""
        return own_options(package("wireless").read(self.transport))

    def keep(self) -> str:
        return keep(self.transport, self.clock, self.controller)

    def signal(
        self, seen: Seen, uplink: Current, last: int | None
    ) -> tuple[Association | None, int | None]:
        """The uplink's link, and how many stations the own access points have (None: not
        asked: at a good signal it does not matter)."""
        ifname = self._ifname(seen, uplink)
        points = [
            each.ifname for each in seen.router.status.access_points() if each.ifname is not None
        ]
        counted = points if last is not None and last < WEAK else []
        link, *clients = read_all(
            self.transport, [association(ifname), *(stations(name) for name in counted)]
        )
        if not counted or None in clients:
            return link, None
        return link, sum(clients)

    def internet(self, seen: Seen) -> Internet:
        """Whether there is internet through the uplink."""
        self.session_ends = None
        logical = fed(interface_in_use(seen.router, self.relay), seen.router.interfaces)
        if logical is None or not logical.up:
            return Internet(Verdict.OFFLINE, "the uplink is down")
        internet = self._probe(seen, logical)
        digits = seen.state.api(logical.name)
        if not digits or preferred_route(logical, seen.router.interfaces) is not None:
            return internet
        if self._captive is None:
            from wifirelay.service.captive import Captive  # seldom needed

            self._captive = Captive(self.transport, self.clock)
        internet = self._captive.look(internet, digits, logical.ifname)
        self.session_ends = self._captive.ends
        return internet

    def wired_internet(self, seen: Seen, name: str) -> Internet:
        """Whether there is internet through another interface, which has the default route."""
        return self._probe(seen, seen.router.interfaces[name])

    def _probe(self, seen: Seen, logical: LogicalInterface) -> Internet:
        """Through this interface, whichever has the default route. A VPN over it that lets pages
        through proves it as well, where nobody answers pings."""
        found, vpn = seen.router.interfaces, self.relay.tunnel
        before = preferred_route(logical, found, vpn)
        internet = probe(self.transport, logical.ifname, logical.dns, other_route=before)
        beneath = {name: each for name, each in found.items() if name != vpn}
        if internet.verdict is Verdict.ONLINE or before is None or before != vpn:
            return internet
        if preferred_route(logical, beneath) is None:
            through = probe(self.transport, logical.ifname, ())
            if through.verdict is Verdict.ONLINE:
                return replace(through, why=f"{through.why}, through {vpn}")
        return internet

    def _ifname(self, seen: Seen, uplink: Current) -> str:
        for each in seen.router.status.interfaces:
            if (each.mode, each.ssid, each.radio) == ("sta", uplink.ssid, uplink.radio):
                return each.ifname or ""
        return ""
