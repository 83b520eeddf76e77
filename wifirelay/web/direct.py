# SPDX-License-Identifier: GPL-2.0-or-later
"""The page's object for a router that has none of its own: the router is asked from here.

Reads look at the router when somebody looks at the page, and at no other time. One thing at a
time: while a trial runs, what was seen last is shown. A service that looks after the router from
somewhere else is asked to do what changes something.
"""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from wifirelay.change.asking import ask, serving
from wifirelay.change.leave import leave
from wifirelay.change.outcome import Joined, Report
from wifirelay.change.rest import keep
from wifirelay.change.restore import settle
from wifirelay.change.status import State, read_status
from wifirelay.change.vpn import bring
from wifirelay.clock import Clock
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.mac import CHANCE
from wifirelay.core.plan import Action, Plan, make_plan
from wifirelay.core.radios import radio_names
from wifirelay.errors import NothingToJoin, Refused, TransportError, TrialFailed, UsageError
from wifirelay.router.observe import listen, observe, read_abilities
from wifirelay.router.programs import FEATURES
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.router.verdict import Verdict
from wifirelay.service.asked import join_answer, left_answer
from wifirelay.service.by_hand import join_by_hand
from wifirelay.service.invited import check_same_key
from wifirelay.transport.base import Transport
from wifirelay.values import Ssid
from wifirelay.view.air import scan_object
from wifirelay.view.networks import networks_object
from wifirelay.view.plan import plan_object
from wifirelay.view.status import status_object
from wifirelay.web.arguments import Arguments, read_arguments
from wifirelay.web.book import Book
from wifirelay.web.known import Known
from wifirelay.web.looks import Looks
from wifirelay.web.requests import Requests
from wifirelay.web.seen import Timeline

FRESH = 1.5  # seconds that a status is shown again, to whomever
_NOT_YET = "not known yet"


@dataclass(frozen=True, slots=True)
class _Heard:
    """The last scan."""

    router: Router
    radios: tuple[str, ...]
    bss: tuple[Bss, ...]


class Direct:
    """Of one router. For any thread; close it."""

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        relay: Relay,
        book: Book,
        controller: str,
        when: Callable[[], str],
        service: Callable[[], dict[str, Any] | None] = lambda: None,
    ) -> None:
        """`when` tells the time of day (ISO 8601); `service` where a service of this machine
        stands that looks after this router, as `wifirelay.status/1` has it."""
        self._transport, self._clock, self._relay = transport, clock, relay
        self._controller, self._service = controller, service
        self._reaching = threading.RLock()  # who talks to the router
        self._requests = Requests()
        self._looks = Looks(transport, clock, self._relay.vpn)
        self._timeline = Timeline(clock, when)
        self._status: dict[str, Any] | None = None
        self._status_at = 0.0
        self._heard: _Heard | None = None
        self._known = Known(book)

    def start(self) -> None:
        """Hear what is in the air, so that there is something to show."""
        self.call("rescan", {})

    def close(self) -> None:
        self._requests.stop()

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One method's answer; docs/web.md has them. Raises WifirelayError."""
        given = read_arguments(method, arguments)
        if method == "answer":
            return self._requests.answer(given.id)
        if method in ("remember", "forget", "prefer"):
            given.named()
        if method in _WORK:
            return self._requests.send(lambda report: self._done(method, given, report))
        return _READS[method](self)

    # reads

    def _read_status(self) -> dict[str, Any]:
        if self._reaching.acquire(blocking=self._status is None):
            try:
                if self._status is None or self._clock.monotonic() >= self._status_at + FRESH:
                    found = self._looks.status()
                    self._status = status_object(found, self._service())
                    self._status_at = self._clock.monotonic()
                    self._timeline.look(found)
            finally:
                self._reaching.release()
        if self._status is None:
            raise NothingToJoin(_NOT_YET)
        return self._status

    def _read_scan(self) -> dict[str, Any]:
        heard = self._last_scan()
        return scan_object(heard.radios, heard.bss, self._known.networks())

    def _read_plan(self) -> dict[str, Any]:
        heard = self._last_scan()
        return plan_object(
            make_plan(
                heard.router,
                heard.bss,
                self._known.networks(),
                self._relay,
                chance=os.urandom(CHANCE),
            )
        )

    def _read_networks(self) -> dict[str, Any]:
        return networks_object("list", self._known.book.source, self._known.book.networks())

    def _read_history(self) -> dict[str, Any]:
        return {"schema": "wifirelay.history/1", "history": self._timeline.events()}

    def _last_scan(self) -> _Heard:
        if self._heard is None:
            raise NothingToJoin(_NOT_YET, hint="the first scan is being made")
        return self._heard

    # what takes its time

    def _done(self, method: str, given: Arguments, report: Report) -> dict[str, Any]:
        """By the service that looks after the router, or here where there is none. Scans are
        made here: they are what is shown."""
        with self._reaching:
            self._status_at = 0.0
            service = serving(self._transport) if method != "rescan" else None
            if service is None:
                return _WORK[method](self, given, report)
            request: dict[str, Any] = {"do": method}
            if given.ssid is not None or method == "join":
                request["ssid_hex"] = given.ssid.hex if given.ssid is not None else None
            if method == "join":
                request["login"] = given.login
            if given.priority is not None:
                request["priority"] = given.priority
            return ask(self._transport, self._clock, service, request, report, key=given.key)

    def _rescan(self, given: Arguments, report: Report) -> dict[str, Any]:
        del given, report
        return {"heard": len(self._hear().bss)}

    def _join(self, given: Arguments, report: Report) -> dict[str, Any]:
        known = self._known.networks(self._known.meant(given.ssid, given.key))
        settle(self._transport, self._clock, report)
        heard = self._hear()
        plan = make_plan(
            heard.router,
            heard.bss,
            known,
            self._relay,
            chosen=given.ssid,
            chance=os.urandom(CHANCE),
        )
        decision, candidate, joined = plan.decision, plan.decision.candidate, None
        guest = self._known.stranger(candidate.network) if candidate is not None else None
        if decision.action is Action.JOIN and candidate is not None:
            joined = self._try(plan, candidate.network, report, guest=guest, login=given.login)
        elif decision.action is not Action.STAY:
            raise NothingToJoin(decision.why, hint="the network's own panel tells why not")
        elif guest is not None and guest != self._known.guest:
            check_same_key(heard.router, guest)
        self._known.guest = guest
        return join_answer(plan, None if joined is None else asdict(joined))

    def _try(
        self,
        plan: Plan,
        network: KnownNetwork,
        report: Report,
        *,
        guest: KnownNetwork | None,
        login: bool,
    ) -> Joined:
        """One trial; a guest is not for flash."""
        keep_on_flash = self._relay.keep_on_flash and guest is None
        try:
            joined = join_by_hand(
                self._transport,
                self._clock,
                replace(self._relay, keep_on_flash=keep_on_flash),
                self._last_scan().router,
                plan,
                report,
                self._controller,
                login=login,
            )
        except TrialFailed as failed:
            self._timeline.failed(network.ssid, failed.message, failed.cause)
            raise
        finally:
            self._look_again()
        self._timeline.joined(joined, network.ssid)
        return joined

    def _leave(self, given: Arguments, report: Report) -> dict[str, Any]:
        del given
        left = leave(self._transport, self._clock, self._relay, report, self._controller)
        if self._relay.vpn is not None:
            bring(self._transport, self._relay.tunnel, up=False)
        self._known.guest = None
        self._look_again()
        return left_answer(left)

    def _run(self, given: Arguments, report: Report) -> dict[str, Any]:
        del given, report
        raise Refused("no service looks after this router", hint="start one: `wifirelay run`")

    def _remember(self, given: Arguments, report: Report) -> dict[str, Any]:
        del report
        ssid = given.named()
        self._known.remember(ssid)
        return {"kept": self._keep(ssid) if self._relay.keep_on_flash else "session as asked"}

    def _keep(self, ssid: Ssid) -> str:
        """The uplink to flash, if it is this one and has proved itself."""
        status = read_status(self._transport)
        first = status.uplinks[0] if status.uplinks else None
        if first is None or (first.ssid, first.state) != (ssid, State.CONNECTED):
            return "session because it is not the uplink any more"
        if status.internet is None or status.internet.verdict is not Verdict.ONLINE:
            return "session because its internet is not proved"
        return keep(self._transport, self._clock, self._controller)

    def _forget(self, given: Arguments, report: Report) -> dict[str, Any]:
        del report
        self._known.forget(given.named())
        return {}

    def _prefer(self, given: Arguments, report: Report) -> dict[str, Any]:
        del report
        if given.priority is None:
            raise UsageError("no priority is given", hint="`priority` is a whole number")
        self._known.book.prefer(given.named(), given.priority)
        return {}

    # helping those

    def _hear(self) -> _Heard:
        router = observe(self._transport)
        radios = radio_names(router.wireless, self._relay)
        router, bss = listen(self._transport, router, radios)
        able = read_abilities(self._transport, FEATURES)  # a guest may need any
        router = replace(router, abilities=able)
        self._heard = _Heard(router, radios, bss)
        return self._heard

    def _look_again(self) -> None:
        """The router is another one after a change; the air is the same. A link that dies here says
        nothing of what was done: what is shown stays as it was, until somebody scans or joins."""
        self._status_at = 0.0
        if self._heard is not None:
            before = self._heard.router
            with suppress(TransportError):
                now = observe(self._transport)
                now = replace(now, channels=before.channels, abilities=before.abilities)
                self._heard = replace(self._heard, router=now)


_READS: dict[str, Callable[[Direct], dict[str, Any]]] = {
    "status": Direct._read_status,
    "scan": Direct._read_scan,
    "plan": Direct._read_plan,
    "networks": Direct._read_networks,
    "history": Direct._read_history,
}
_WORK: dict[str, Callable[[Direct, Arguments, Report], dict[str, Any]]] = {
    "rescan": Direct._rescan,
    "join": Direct._join,
    "leave": Direct._leave,
    "run": Direct._run,
    "remember": Direct._remember,
    "forget": Direct._forget,
    "prefer": Direct._prefer,
}
