# SPDX-License-Identifier: GPL-2.0-or-later
"""What people ask of the service with `join`, `leave` and the page: done, and answered."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from wifirelay.change.leave import leave
from wifirelay.change.onrouter import on_router
from wifirelay.change.rest import pause
from wifirelay.change.scripts import script
from wifirelay.core.plan import Action, make_plan
from wifirelay.errors import NothingToJoin, Refused, TransportError, UsageError, WifirelayError
from wifirelay.service.events import Kind
from wifirelay.service.report import Teller
from wifirelay.transport.base import Transport
from wifirelay.values import SSID_BYTES, Ssid

if TYPE_CHECKING:
    from wifirelay.service.loop import Service

MOST = 8  # requests that wait at the same time
_ID = re.compile(r"[0-9a-f]{16}\Z")


class Requests:
    """Of one service."""

    def __init__(self, service: "Service", transport: Transport, teller: Teller) -> None:
        self._service, self._transport, self._teller = service, transport, teller
        self._noted: set[str] = set()  # told that they will be done

    def take_all(self, requests: Sequence[dict[str, Any]]) -> None:
        """In turn; but who says `leave` does not want the joins that wait before it."""
        leaves = [place for place, each in enumerate(requests) if each.get("do") == "leave"]
        for place, request in enumerate(requests):
            if request.get("do") == "join" and leaves and place < leaves[-1]:
                request = {**request, "do": "nothing"}
            self.take(request)

    def take(self, request: dict[str, Any]) -> None:
        """Do what an event asks for, and answer it. What makes no sense is passed over: an
        event can come from anybody who may send one."""
        asked, do = request.get("id"), request.get("do")
        if not isinstance(asked, str) or not _ID.match(asked):
            return
        if asked in self._noted:
            self._noted.discard(asked)
        elif self._too_late(request):
            return
        else:
            self._answer(asked, {"state": "taken"})
        try:
            if do == "join":
                answer = self._join(_named(request))
            elif do == "leave":
                answer = self._leave()
            elif do == "scan":
                answer = self._scan()
            elif do == "nothing":
                raise Refused("a later `leave` has overtaken it")
            elif do == "run":
                answer = self._go_on()
            else:
                raise NothingToJoin("the service does not know this request")
        except TransportError:
            raise
        except WifirelayError as error:
            answer = {"error": error.message, "hint": error.hint, "exit": error.exit_code}
            answer["cause"] = str(getattr(error, "cause", ""))
        self._answer(asked, {"state": "done", "exit": 0, **answer})

    def note(self, request: dict[str, Any]) -> None:
        """It comes in the middle of a trial: whoever asked is told that it will be done."""
        asked = request.get("id")
        if isinstance(asked, str) and _ID.match(asked) and len(self._noted) < MOST:
            self._noted.add(asked)
            self._answer(asked, {"state": "taken"})

    def _too_late(self, request: dict[str, Any]) -> bool:
        """Whether the person has been told meanwhile that nobody reacts: then it is not done
        behind their back."""
        until = request.get("until")
        if not isinstance(until, int):
            return True
        return on_router().read(self._transport).uptime > until

    def _join(self, ssid: Ssid | None) -> dict[str, Any]:
        service = self._service
        if ssid is not None and all(each.ssid != ssid for each in service.settings.networks):
            raise UsageError(
                f"{ssid} is not a known network",
                hint=f"add it first: `wifirelay networks add '{ssid}'`",
            )
        self._teller.say(Kind.ASKED, f"asked to join {ssid if ssid is not None else 'the best'}")
        seen = service.observer.seen()
        heard = service.performer.scan(seen)
        router = replace(seen.router, channels=service.acts.channels)
        settings = service.settings
        plan = make_plan(router, heard, settings.networks, settings.relay, chosen=ssid)
        decision, candidate = plan.decision, plan.decision.candidate
        if decision.action is Action.JOIN and candidate is not None:
            joined = asdict(service.performer.join(seen, candidate, decision.why, asked=True))
            if settings.relay.keep_on_flash:
                joined["note"] = "and then, when it has been good for 10 minutes, on flash"
        elif decision.action is Action.STAY:
            joined = None
        else:
            raise NothingToJoin(decision.why, hint="`wifirelay plan -v` tells why not, for each")
        service.observer.go_on()
        service.choose(ssid)
        name = candidate.network.ssid.hex if candidate is not None else None
        return {
            "action": decision.action.value,
            "why": decision.why,
            "ssid_hex": name,
            "joined": joined,
        }

    def _scan(self) -> dict[str, Any]:
        """At once, and during a pause too: somebody wants to see what is in the air."""
        service = self._service
        service.policy.scan_now()
        heard = service.performer.scan(service.observer.seen())
        return {"heard": len(heard)}

    def _go_on(self) -> dict[str, Any]:
        before = self._teller.standing.paused
        if before:
            self._service.observer.go_on()
            self._teller.say(Kind.ASKED, "the pause is over, as asked")
        return {"was_paused": before}

    def _leave(self) -> dict[str, Any]:
        service = self._service
        text = "the uplink was left, as asked: `wifirelay join` goes on"
        before = self._teller.standing.paused
        pause(self._transport, text)
        self._teller.stand(paused=text)  # however it ends, but for a refusal
        try:
            left = leave(
                self._transport,
                service.clock,
                service.settings.relay,
                service.acts.report,
                service.acts.controller,
            )
        except Refused:
            pause(self._transport, before)
            self._teller.stand(paused=before)
            raise
        except WifirelayError:
            service.observer.left()
            raise
        service.observer.left()
        service.choose(None)
        self._teller.stand(online_since=None, link=None, internet=None)
        self._teller.say(Kind.ASKED, text)
        return {"left": [Ssid.of(each).hex for each in left.was if each], "flash": left.flash}

    def _answer(self, asked: str, answer: dict[str, Any]) -> None:
        text = json.dumps(answer) + "\n"
        self._transport.run(script("answer", asked, stdin=text.encode()))


def _named(request: dict[str, Any]) -> Ssid | None:
    text = request.get("ssid_hex")
    try:
        raw = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        raise NothingToJoin("the service does not understand the network's name") from None
    return Ssid(raw) if 0 < len(raw) <= SSID_BYTES else None
