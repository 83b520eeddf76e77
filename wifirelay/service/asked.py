# SPDX-License-Identifier: GPL-2.0-or-later
"""What the service does because somebody asks for it: each is answered, or raises why not."""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from wifirelay.change.leave import Left, leave
from wifirelay.change.outcome import Joined
from wifirelay.change.rest import pause
from wifirelay.config.network import PRIORITY
from wifirelay.core.candidates import Candidate
from wifirelay.core.known import KnownNetwork
from wifirelay.core.mac import CHANCE
from wifirelay.core.plan import Action, Plan, make_plan
from wifirelay.errors import NothingToJoin, Refused, UsageError, WifirelayError
from wifirelay.router.verdict import Verdict
from wifirelay.service.events import Kind
from wifirelay.service.invited import check_same_key, invited, tried
from wifirelay.service.report import Teller
from wifirelay.service.seen import Seen
from wifirelay.transport.base import Transport
from wifirelay.values import SSID_BYTES, Secret, Ssid

if TYPE_CHECKING:
    from wifirelay.service.book import Book
    from wifirelay.service.loop import Service


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `known`: only a known network is meant."""

    ssid: Ssid | None = None
    key: Secret | None = None
    login: bool = False
    known: bool = False
    twin: bool = False  # a suspect is meant too
    forget: bool = False  # places and access points
    priority: int | None = None

    def named(self) -> Ssid:
        """The network that is meant. Raises UsageError when none is named."""
        if self.ssid is None:
            raise UsageError("no network is named", hint="`ssid_hex` names it")
        return self.ssid


def understood(request: dict[str, Any], key: Secret | None) -> Request:
    """Out of an event, which may hold anything. Raises NothingToJoin, UsageError."""
    text, priority = request.get("ssid_hex"), request.get("priority")
    try:
        raw = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        raise NothingToJoin("the service does not understand the network's name") from None
    return Request(
        ssid=Ssid(raw) if 0 < len(raw) <= SSID_BYTES else None,
        key=key,
        login=request.get("login") is True,
        known=request.get("known") is True,
        twin=request.get("twin") is True,
        forget=request.get("forget") is True,
        priority=checked_priority(priority),
    )


def checked_priority(given: object) -> int | None:
    """A priority that somebody may have given. Raises UsageError."""
    if given is None or (type(given) is int and PRIORITY[0] <= given <= PRIORITY[1]):
        return given
    raise UsageError(f"priority is a whole number from {PRIORITY[0]} to {PRIORITY[1]}")


def join_answer(plan: Plan, joined: dict[str, Any] | None) -> dict[str, Any]:
    """What was decided on and, unless there was nothing to do, joined."""
    decision, candidate = plan.decision, plan.decision.candidate
    return {
        "warnings": list(plan.warnings),
        "action": decision.action.value,
        "why": decision.why,
        "ssid_hex": candidate.network.ssid.hex if candidate is not None else None,
        "joined": joined,
    }


def left_answer(left: Left) -> dict[str, Any]:
    """The networks that were left, and what was done on flash."""
    return {"left": [Ssid.of(each).hex for each in left.was if each], "flash": left.flash}


class Asked:
    """Of one service."""

    def __init__(self, service: "Service", transport: Transport, teller: Teller) -> None:
        self._service, self._transport, self._teller = service, transport, teller
        self.works: dict[str, Callable[[Request], dict[str, Any]]] = {
            "join": self._join,
            "leave": self._leave,
            "scan": self._scan,
            "run": self._go_on,
            "remember": self._remember,
            "forget": self._forget,
            "prefer": self._prefer,
        }

    # the uplink

    def _join(self, request: Request) -> dict[str, Any]:
        service, ssid = self._service, request.ssid
        seen = service.observer.seen()
        guest = self._guest(request)
        self._teller.say(Kind.ASKED, f"asked to join {ssid if ssid is not None else 'the best'}")
        with tried(service, guest):
            heard = service.performer.scan(seen)  # which asks what the guest needs, too
            router = service.acts.asked(seen)
            known, relay = service.guests.known, service.settings.relay
            past = None if request.twin else service.policy.memory.past
            chance = os.urandom(CHANCE)
            plan = make_plan(router, heard, known, relay, chosen=ssid, past=past, chance=chance)
            self._teller.suspect(plan.candidates)
            decision, candidate, joined = plan.decision, plan.decision.candidate, None
            stays = decision.action is Action.STAY
            if stays and guest is not None:
                check_same_key(router, guest)
            if decision.action is Action.JOIN and candidate is not None:
                joined = self._tried(seen, candidate, decision.why, request)
            elif not stays:
                hint = "`wifirelay plan -v` tells why not, for each" if ssid is None else ""
                raise NothingToJoin(decision.why, hint=hint)
        service.observer.go_on()
        service.choose(ssid)
        return join_answer(plan, joined)

    def _guest(self, request: Request) -> KnownNetwork | None:
        """Whom to take in for it; None for a network that is known as it is."""
        ssid = request.ssid
        if ssid is None:
            if request.key is not None:
                raise UsageError("a key, and no network for it", hint="`ssid_hex` names it")
            return None
        guest = invited(self._service, ssid, request.key)
        uplink = self._service.observer.uplink
        works = uplink is not None and uplink.ssid == ssid and uplink.secured
        if guest is not None and guest.key is None and works:
            return None  # with a key that nobody here knows
        if guest is not None and request.known:
            allowed = self._service.settings.relay.allowed
            if request.key is None and allowed is not None and allowed.admits(ssid):
                return None  # the plan finds it, where it is open
            raise UsageError(
                f"{ssid} is not a known network",
                hint=f"add it first: `wifirelay networks add '{ssid}'`",
            )
        return guest

    def _tried(
        self, seen: Seen, candidate: Candidate, why: str, request: Request
    ) -> dict[str, Any]:
        service = self._service
        joined: Joined = service.performer.join(
            seen, candidate, why, asked=True, login=request.login, accepted=request.twin
        )
        note = joined.note
        if joined.internet is Verdict.PORTAL:
            pass  # it says that it waits for a login
        elif (
            service.guests.guest is not None and service.guests.guest.ssid == candidate.network.ssid
        ):
            note = "unless it is remembered before"
        elif service.settings.relay.keep_on_flash and not candidate.network.stranger:
            note = "and then, when it has been good for 10 minutes, on flash"
        return asdict(replace(joined, note=note))

    def _leave(self, request: Request) -> dict[str, Any]:
        del request
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
        service.guests.take_in(None)
        service.observer.left()
        service.choose(None)
        self._teller.stand(online_since=None, link=None, internet=None)
        self._teller.say(Kind.ASKED, text)
        return left_answer(left)

    def _scan(self, request: Request) -> dict[str, Any]:
        """At once, and during a pause too: somebody wants to see what is in the air."""
        del request
        service = self._service
        service.policy.scan_now()
        heard = service.performer.scan(service.observer.seen())
        return {"heard": len(heard)}

    def _go_on(self, request: Request) -> dict[str, Any]:
        before = self._teller.standing.paused
        if request.forget:
            self._service.forget()
            self._teller.say(Kind.ASKED, "places and access points are forgotten, as asked")
        elif before:
            self._service.observer.go_on()
            self._teller.say(Kind.ASKED, "the pause is over, as asked")
        return {"was_paused": before, "forgot": request.forget}

    # the known networks

    def _remember(self, request: Request) -> dict[str, Any]:
        ssid, guest = request.named(), self._service.guests.guest
        uplink = self._service.observer.uplink
        open_one = ssid.hex in self._service.policy.memory.strangers
        if open_one and uplink is not None and uplink.ssid == ssid and not uplink.secured:
            guest = KnownNetwork(ssid)  # without a key all of it is known
        if guest is None or guest.ssid != ssid:
            raise UsageError(
                f"{ssid} was not joined by this service: its key is not known",
                hint="join it with its key first",
            )
        self._book.remember(guest)
        return self._noted(ssid, f"{ssid} is a known network from now on, as asked")

    def _forget(self, request: Request) -> dict[str, Any]:
        ssid, guests = request.named(), self._service.guests
        was_guest = guests.guest is not None and guests.guest.ssid == ssid
        listed = any(each.ssid == ssid for each in self._service.settings.networks)
        if listed or not was_guest or ssid in self._service.settings.off:
            self._book.forget(ssid)
        if was_guest:
            guests.take_in(None)
        if self._service.policy.memory.chosen(self._service.clock.monotonic()) == ssid:
            self._service.choose(None)
        return self._noted(ssid, f"{ssid} is forgotten, as asked")

    def _prefer(self, request: Request) -> dict[str, Any]:
        ssid, priority = request.named(), request.priority
        if priority is None:
            raise UsageError("no priority is given", hint="`priority` is a whole number")
        self._book.prefer(ssid, priority)
        return self._noted(ssid, f"{ssid} has the priority {priority} from now on, as asked")

    @property
    def _book(self) -> "Book":
        book = self._service.book()
        if book is None:
            raise Refused(
                "this service's known networks cannot be changed from here",
                hint="change its configuration, and let it read that anew",
            )
        return book

    def _noted(self, ssid: Ssid, text: str) -> dict[str, Any]:
        """The book has changed: that holds at once."""
        self._teller.say(Kind.ASKED, text)
        self._service.reload()
        return {"ssid_hex": ssid.hex, "file": self._service.settings.source}
