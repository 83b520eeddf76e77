# SPDX-License-Identifier: GPL-2.0-or-later
"""Carries moves out, tells the policy what came of each, and the owner what matters."""

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from wifirelay.change.outcome import Joined
from wifirelay.clock import Clock
from wifirelay.core.candidates import Candidate, Current
from wifirelay.core.causes import Cause
from wifirelay.core.known import KnownNetwork, Vpn
from wifirelay.core.moves import Do, Move
from wifirelay.core.policy import Steady
from wifirelay.core.radios import radio_names
from wifirelay.errors import Refused, RouterAnswer, TransportError, TrialFailed
from wifirelay.router.scan import Bss
from wifirelay.router.station import Association
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.service.acts import Acts
from wifirelay.service.events import Kind
from wifirelay.service.observer import Observer
from wifirelay.service.report import Teller
from wifirelay.service.seen import Seen
from wifirelay.values import Ssid

if TYPE_CHECKING:
    from wifirelay.service.portals import Portals
    from wifirelay.service.vpn import Tunnel


class Performer:
    """Of one router."""

    def __init__(
        self, acts: Acts, policy: Steady, observer: Observer, teller: Teller, clock: Clock
    ) -> None:
        self._acts, self._policy, self._observer = acts, policy, observer
        self._teller, self._clock = teller, clock
        self._portals: Portals | None = None  # with the first login page
        self.tunnel: Tunnel | None = None  # where the owner has named a VPN

    def name_vpn(self, vpn: Vpn | None) -> None:
        """The VPN of the configuration; one that is named no more stays as it is."""
        if vpn == (self.tunnel.vpn if self.tunnel is not None else None):
            return
        self.tunnel = None
        if vpn is not None:
            from wifirelay.service.vpn import Tunnel  # costs memory

            about = (self._acts, self._policy, self._observer, self._teller, self._clock)
            self.tunnel = Tunnel(vpn, *about)
        self._teller.stand(vpn=None)

    def with_vpn(self, seen: Seen, move: Move) -> Move:
        """The same, with the VPN brought where it belongs; or the check that it waits for."""
        if self.tunnel is not None:
            self.tunnel.settle(seen)
            if move.do is Do.WAIT and self.tunnel.waits:
                return Move(Do.CHECK, "the VPN waits for the internet")
        return move

    def carry_out(self, move: Move, seen: Seen) -> None:
        """Any move but WAIT. What a trial fails of is told, not raised; TransportError is."""
        if self._portals is not None and self._observer.uplink is None:
            self._portals.passed()
        if move.do is Do.SCAN:
            self.scan(seen)
        elif move.do is Do.JOIN and move.candidate is not None:
            with suppress(TrialFailed, Refused, RouterAnswer):
                self.join(seen, move.candidate, move.why, needs_internet=move.needs_internet)
        elif move.do is Do.REST:
            self._rest(seen, move.why)
        elif move.do is Do.LOOK:
            self._look(seen)
        elif move.do is Do.CHECK:
            self._check(seen)
        elif move.do is Do.KEEP:
            self._keep(move.why)

    def scan(self, seen: Seen) -> tuple[Bss, ...]:
        """What all radios to use hear now; the policy hears it too."""
        heard = self._acts.scan(seen)
        self._teller.hear(radio_names(seen.router.wireless, self._acts.relay), heard)
        self._policy.heard(self._clock.monotonic(), heard)
        return heard

    def join(
        self,
        seen: Seen,
        candidate: Candidate,
        why: str,
        *,
        needs_internet: bool = True,
        asked: bool = False,
        login: bool = False,
        accepted: bool = False,
    ) -> Joined:
        """One trial; in a pause only when it was `asked` for. With `login` one with a login page
        is kept, and the policy gives its owner the time to log in. `accepted`: wherever its station
        is then, its owner takes that for genuine.

        Raises what Trial.run raises, after having told everybody.
        """
        now, name = self._clock.monotonic(), candidate.network.ssid
        tolerated = self._observer.others.tolerable(now, self._acts.relay, candidate.radio)
        seen = self._observer.before_a_trial(seen)
        self._teller.say(Kind.TRYING, f"trying {name}: {why}", name)
        if self.tunnel is not None:
            self.tunnel.make_way()
        tried = self._with_login(seen, candidate)
        try:
            joined = self._acts.join(
                seen,
                tried,
                why,
                tolerated,
                self._observer.on_air,
                needs_internet=needs_internet,
                asked=asked,
                login=login,
            )
        except TrialFailed as failed:
            if failed.cause == Cause.PORTAL:
                self._logged_in_vain(tried)
            self._failed(candidate, failed.cause, failed.message)
            raise
        except (Refused, RouterAnswer) as refused:
            self._failed(candidate, Cause.STOPPED, f"{refused.message}; {refused.hint}")
            raise
        except TransportError:  # its sentry takes it back; not at once again
            self._policy.failed(self._clock.monotonic(), candidate, Cause.OVERTAKEN)
            raise
        if joined.internet is Verdict.PORTAL:
            self._logged_in_vain(tried)
        now = self._clock.monotonic()
        self._policy.joined(now, candidate)
        secured = candidate.network.protected
        self._observer.joined(Current(name, candidate.radio, joined.bssid, secured))
        link = Association(joined.bssid or "", joined.signal)
        self._teller.stand(online_since=now, link=link, checked_at=now, paused="")
        signal = f" at {joined.signal} dBm" if joined.signal is not None else ""
        good = joined.internet is Verdict.ONLINE
        if login and joined.internet is Verdict.PORTAL:
            self._policy.waits_for_login(now)
        if not good:
            self._policy.checked(now, joined.internet)
        if good or accepted:
            self._policy.proved(now, joined.bssid, accepted=accepted)
        how = "online through" if good else f"without internet ({joined.internet}) on"
        text = f"{how} {name}{signal}, {joined.address}, after {joined.seconds:.0f} s"
        internet = Internet(joined.internet, "as the trial found it", joined.portal)
        self._teller.stand(internet=internet)
        self._teller.say(Kind.JOINED, text, name, "" if good else joined.internet.value)
        self._beyond_login(seen, internet, name)
        return joined

    def _failed(self, candidate: Candidate, cause: str, text: str) -> None:
        word = Cause(cause) if cause in set(Cause) else Cause.STOPPED
        self._policy.failed(self._clock.monotonic(), candidate, word)
        self._observer.rested()
        if evidence := self._policy.memory.troubles.evidence(candidate.network.ssid):
            text = f"{text}; {evidence}"
        self._teller.say(Kind.FAILED, text.rstrip("; "), candidate.network.ssid, word.value)

    def _rest(self, seen: Seen, why: str) -> None:
        absent = self._acts.rest(seen)
        self._observer.rested()
        if absent:
            text = f"the uplink is off, but {', '.join(absent)} is not confirmed on the air"
            self._teller.say(Kind.TROUBLE, text)
        else:
            self._teller.say(Kind.RESTING, f"the uplink is off: {why}")

    def _look(self, seen: Seen) -> None:
        uplink, last = self._observer.uplink, self._teller.standing.link
        if uplink is None:
            return
        link, clients = self._acts.signal(seen, uplink, last.signal if last else None)
        self._observer.clients = clients
        signal, bssid = (link.signal, link.bssid) if link is not None else (None, None)
        self._policy.looked(self._clock.monotonic(), signal, bssid)
        if link is None:
            self._observer.stale = True
        self._teller.stand(link=link)

    def _check(self, seen: Seen) -> None:
        before = self._teller.standing.internet
        internet = self._acts.internet(seen)
        if self.tunnel is not None:
            internet = self.tunnel.unveiled(seen, internet)
        uplink = self._observer.uplink
        if uplink is not None:
            network = self._policy.network(uplink.ssid)
            internet = self._beyond_login(seen, internet, uplink.ssid, network)
        now = self._clock.monotonic()
        self._policy.checked(now, internet.verdict)
        if (ends := self._acts.session_ends) is not None:
            self._policy.session_ends(ends)
        self._teller.stand(internet=internet, checked_at=now)
        was_good = before is None or before.verdict is Verdict.ONLINE
        good = internet.verdict is Verdict.ONLINE
        name = uplink.ssid if uplink is not None else None
        if was_good and not good:
            text = f"no internet through {name}: {internet.why}"
            self._teller.say(Kind.OFFLINE, text, name, internet.verdict.value)
        elif good and not was_good:
            self._teller.say(Kind.ONLINE, f"the internet is back through {name}", name)

    def _beyond_login(
        self, seen: Seen, internet: Internet, name: Ssid, network: KnownNetwork | None = None
    ) -> Internet:
        """The internet, once a login page was dealt with: logged in as `network` says, or told."""
        portal = internet.verdict is Verdict.PORTAL
        over = internet.verdict is Verdict.ONLINE and (self._portals or seen.state.portal)
        if not portal and not over:
            return internet
        portals = self._login_pages(seen)
        if portal:
            return portals.meet(seen, internet, name, network)
        portals.passed(name)
        return internet

    def _login_pages(self, seen: Seen) -> "Portals":
        if self._portals is None:
            from wifirelay.service.portals import Portals  # seldom met

            is_open = seen.state.portal
            self._portals = Portals(self._acts, self._teller, self._clock, is_open=is_open)
        return self._portals

    def _with_login(self, seen: Seen, candidate: Candidate) -> Candidate:
        """For a trial, which logs in by itself: without that where it is not due yet."""
        network = candidate.network
        if network.portal_login is None or self._login_pages(seen).due(network.ssid):
            return candidate
        return replace(candidate, network=replace(network, portal_login=None))

    def _logged_in_vain(self, tried: Candidate) -> None:
        """A trial has met a login page, and logged in if it could."""
        if tried.network.portal_login is not None and self._portals is not None:
            self._portals.tried(tried.network.ssid)

    def _keep(self, why: str) -> None:
        try:
            if self._acts.own_options() == self._observer.proved:
                kept = self._acts.keep()
            else:
                kept = "somebody has changed the own sections since they were proved"
        except (Refused, RouterAnswer) as error:
            kept = error.message
        flash = kept == "flash"
        self._policy.kept(self._clock.monotonic(), flash=flash)
        self._observer.kept_by_us()
        text = f"{why}: kept on flash" if flash else f"not kept on flash: {kept}"
        self._teller.say(Kind.KEPT if flash else Kind.TROUBLE, text)
