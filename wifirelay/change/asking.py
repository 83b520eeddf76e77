# SPDX-License-Identifier: GPL-2.0-or-later
"""A person's command while a service looks after the router: the service does it.

The request is a ubus event, which reaches the service wherever it runs, on the router or on
a laptop; the answer is a file in the router's RAM. Neither ever holds a secret: a key that a
request brings along is a file there too, and gone once it is taken.
"""

import json
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from wifirelay.change.keys import put_key, take_key
from wifirelay.change.onrouter import EVENT, WITH_KEY, Lock, on_router
from wifirelay.change.outcome import Joined, Progress, Report, Step
from wifirelay.change.rest import end_service
from wifirelay.change.restore import is_dead
from wifirelay.change.scripts import script
from wifirelay.change.trial import new_id
from wifirelay.clock import Clock
from wifirelay.errors import (
    NothingToJoin,
    NotOnAir,
    Refused,
    RouterAnswer,
    TransportError,
    TrialFailed,
    UsageError,
    WifirelayError,
)
from wifirelay.router.portal import proper
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Command, Transport
from wifirelay.values import SSID_BYTES, Secret, Ssid, shown

HEARD_LIMIT = 25  # seconds until the service has taken the request: a scan may be running
DONE_LIMIT = 240.0  # ... and until it has done it: a trial and its rollback
POLL = 0.5


@dataclass(frozen=True, slots=True)
class Serving:
    """A service that lives."""

    lock: Lock
    uptime: int  # the router's, in seconds, when it was seen

    @property
    def name(self) -> str:
        return self.lock.name


def serving(transport: Transport) -> Serving | None:
    """The service that looks after this router, if one lives."""
    state = on_router().read(transport)
    served = state.served
    if served is not None and is_dead(served):
        end_service(transport, served.owner)
        return None
    return Serving(served, state.uptime) if served is not None else None


def ask(
    transport: Transport,
    clock: Clock,
    service: Serving,
    request: dict[str, Any],
    report: Report,
    *,
    key: Secret | None = None,
) -> dict[str, Any]:
    """Let the service do it. Returns its answer. `key` is the network's that is to be joined.

    Raises Refused when it does not react, and what it raised itself.
    """
    asked = new_id()
    until = service.uptime + HEARD_LIMIT  # later, nobody waits for it any more
    if key is None:
        return _ask(transport, clock, service, {"id": asked, "until": until, **request}, report)
    try:
        put_key(transport, asked, until, key)
        whole = {"id": asked, "until": until, **request, WITH_KEY: True}
        return _ask(transport, clock, service, whole, report)
    except WifirelayError:
        with suppress(TransportError):  # then it goes when the router's next one is swept
            take_key(transport, asked)
        raise


def _ask(
    transport: Transport, clock: Clock, service: Serving, request: dict[str, Any], report: Report
) -> dict[str, Any]:
    asked = request["id"]
    event = json.dumps(request, separators=(",", ":"))
    report(Progress(Step.ARM, f"asking the service ({shown(service.name)})", done=False))
    sent = transport.run(Command(("ubus", "send", EVENT, event)))
    if sent.rc != 0:
        raise RouterAnswer(f"the router cannot send events (exit code {sent.rc})")
    begun = clock.monotonic()
    heard = False
    while True:
        answer = _told(transport, asked)
        if answer is not None and answer.get("state") == "done":
            return _raised(answer)
        if heard and answer is None and _reachable(transport):
            raise Refused("the service was started anew meanwhile", hint="ask it again")
        heard = heard or answer is not None
        waited = clock.monotonic() - begun
        if not heard and waited >= HEARD_LIMIT:
            raise Refused(
                f"a service looks after this router ({shown(service.name)}), and does not react",
                hint="look at its log; or stop it, and try again when its lease has ended",
            )
        if waited >= DONE_LIMIT:
            raise Refused("the service has not ended in time what it was asked to do")
        clock.sleep(POLL)


def _reachable(transport: Transport) -> bool:
    """Whether the answer is really gone, and not just the link: its radio may be the link's."""
    try:
        return on_router().read(transport).served is not None
    except TransportError:
        return False


def _told(transport: Transport, asked: str) -> dict[str, Any] | None:
    try:
        told = transport.run(script("told", asked)).text
    except TransportError:  # its radio may be the link's
        return None
    try:
        answer = json.loads(told)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _raised(answer: dict[str, Any]) -> dict[str, Any]:
    code = answer.get("exit")
    if code == 0:
        return answer
    text, hint = str(answer.get("error")), str(answer.get("hint"))
    if code == NothingToJoin.exit_code:
        raise NothingToJoin(text, hint=hint)
    if code in (TrialFailed.exit_code, NotOnAir.exit_code):
        kind = NotOnAir if code == NotOnAir.exit_code else TrialFailed
        raise kind(text, hint=hint, cause=str(answer.get("cause", "")))
    if code == UsageError.exit_code:
        raise UsageError(text, hint=hint)
    if code == Refused.exit_code:
        raise Refused(text, hint=hint)
    raise RouterAnswer(text, hint=hint)


# What a service's answer holds. It comes from a router, so everything may be anything.
_FIELDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("ssid_text", "radio", "address", "kept", "note", "portal"), (str,)),
    "bssid": (str, type(None)),
    "signal": (int, type(None)),
    "seconds": (float, int),
}


def joined_from(raw: object) -> Joined | None:
    """What the service joined, out of its answer. Raises RouterAnswer for anything else."""
    if raw is None:
        return None
    try:
        if not isinstance(raw, dict) or not all(
            type(raw[name]) in kinds for name, kinds in _FIELDS.items()
        ):
            raise ValueError
        if raw["portal"] and proper(raw["portal"]) is None:
            raise ValueError
        joined = Joined(**{**raw, "internet": Verdict(raw["internet"])})
        Ssid.of(joined.ssid_text)  # text that is no SSID's
        if not math.isfinite(joined.seconds):
            raise ValueError
    except (TypeError, ValueError, KeyError, OverflowError):
        raise not_understood() from None
    return joined


def ssid_from(raw: object) -> Ssid:
    """A network's name out of a service's answer: hexadecimal. Raises RouterAnswer."""
    try:
        ssid = Ssid(bytes.fromhex(raw)) if isinstance(raw, str) else None
    except ValueError:
        ssid = None
    if ssid is None or len(ssid.raw) > SSID_BYTES:
        raise not_understood()
    return ssid


def not_understood() -> RouterAnswer:
    """A service of another release, or no service of ours."""
    return RouterAnswer(
        "the service's answer is not understood",
        hint="is it of the same release? `wifirelay install` upgrades it",
    )
