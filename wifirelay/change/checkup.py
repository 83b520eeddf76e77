# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads all that a check-up looks at. What cannot be had is no reason to stop: it is Unknown."""

from collections.abc import Sequence
from typing import Any

from wifirelay.change.captive import able
from wifirelay.change.neighbours import TRAVELMATE, check_neighbours, remarks
from wifirelay.change.onrouter import OnRouter, on_router
from wifirelay.core.doctor.facts import Facts, Neighbours, Sentry, used_radios
from wifirelay.core.doctor.finding import Unknown
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.errors import DeadlineExceeded, NotRecorded, Refused, RouterAnswer, TooLong
from wifirelay.router.board import board, system_info
from wifirelay.router.channels import channels
from wifirelay.router.config import package, staged_changes
from wifirelay.router.devices import devices
from wifirelay.router.interfaces import interfaces
from wifirelay.router.phy import phys
from wifirelay.router.programs import FEATURES, RAW_PSK, ability, feature, objects
from wifirelay.router.protocols import protocols
from wifirelay.router.radio import radio_info
from wifirelay.router.services import Services, services
from wifirelay.router.ubus import Fact
from wifirelay.router.wireless import wireless_status
from wifirelay.transport.base import Command, Completed, Transport
from wifirelay.uci.model import Package

NOT_RECORDED = Unknown("not in this recording")
ALIVE = Command(("true",))  # of every router: answers when the link does


def read_facts(
    transport: Transport,
    relay: Relay,
    known: tuple[KnownNetwork, ...] = (),
    *,
    now: float | None = None,
) -> Facts:
    """Look at a router, in two round trips (one or two more beside travelmate); changes nothing.

    `now` is the Unix time of a clock that is right. Raises TransportError when the router cannot
    be reached, RouterAnswer when it answers nothing of what every OpenWrt router does.
    """
    named: dict[str, Fact[Any]] = {
        "board": board(),
        "system": system_info(),
        "objects": objects(),
        "login_api": able(),
        RAW_PSK: ability(RAW_PSK),
        "phys": phys(),
        "wireless": package("wireless"),
        "network": package("network"),
        "firewall": package("firewall"),
        "dhcp": package("dhcp"),
        "changes": staged_changes(),
        "status": wireless_status(),
        "devices": devices(),
        "interfaces": interfaces(),
        "services": services(),
        "protocols": protocols(),
        "on_router": on_router(),
        **{f"-v{name}": feature(name) for name in FEATURES},
    }
    found = dict(zip(named, _read(transport, list(named.values())), strict=True))
    features = {name: found.pop(f"-v{name}") for name in FEATURES}
    sentry = _sentry(found.pop("on_router"))
    wireless, firewall = found["wireless"], found["firewall"]
    if all(isinstance(each, Unknown) and each.broken for each in (found["board"], wireless)):
        raise RouterAnswer(
            f"this router cannot be read: {found['board'].why}", hint="is it an OpenWrt router?"
        )
    names = (
        []
        if isinstance(wireless, Unknown)
        else [section.name for section in used_radios(wireless, relay)]
    )
    answers = _read(
        transport, [*(radio_info(name) for name in names), *(channels(name) for name in names)]
    )
    return Facts(
        **found,
        sentry=sentry,
        features=next((each for each in features.values() if isinstance(each, Unknown)), features),
        neighbours=_neighbours(transport, found["services"], relay),
        open_zone=" ".join(
            () if isinstance(firewall, Unknown) else remarks(_NOBODY, relay, firewall)
        ),
        radios=dict(zip(names, answers[: len(names)], strict=True)),
        channels=dict(zip(names, answers[len(names) :], strict=True)),
        relay=relay,
        known=known,
        now=now,
    )


_NOBODY = Services(frozenset(), frozenset())


def _read(transport: Transport, facts: Sequence[Fact[Any]]) -> list[Any]:
    """Each fact's value, or Unknown; in one round trip where each has an answer."""
    try:
        answers: Sequence[Completed | Unknown] = transport.run_all([f.command for f in facts])
    except (NotRecorded, TooLong, DeadlineExceeded) as failed:
        _still_there(transport, failed)
        answers = [_alone(transport, fact.command) for fact in facts]
    return [_parsed(fact, answer) for fact, answer in zip(facts, answers, strict=True)]


def _alone(transport: Transport, command: Command) -> Completed | Unknown:
    try:
        return transport.run(command)
    except NotRecorded:
        return NOT_RECORDED
    except (TooLong, DeadlineExceeded) as failed:
        _still_there(transport, failed)
        return Unknown(failed.message, broken=True)


def _still_there(transport: Transport, failed: Exception) -> None:
    """A deadline may be the link's that stalls, not the command's: raises as `run` does then."""
    if isinstance(failed, DeadlineExceeded):
        transport.run(ALIVE)


def _parsed(fact: Fact[Any], answer: Completed | Unknown) -> Any:
    if isinstance(answer, Unknown):
        return answer
    try:
        return fact.parse(answer)
    except RouterAnswer as failed:
        return Unknown(failed.message, broken=True)


def _sentry(state: OnRouter | Unknown) -> Sentry | Unknown:
    if isinstance(state, Unknown):
        return state
    return Sentry(state.installed, state.sentry_lives, state.held)


def _neighbours(
    transport: Transport, found: Services | Unknown, relay: Relay
) -> Neighbours | Unknown:
    """What `setup` would say, by its own rules."""
    if isinstance(found, Unknown):
        return found
    told = remarks(found, relay, Package("firewall"))
    try:
        check_neighbours(transport, found)
    except Refused as refused:
        return Neighbours(refused.message, refused.hint, told)
    if TRAVELMATE in found.enabled:  # what it is told to do may hold passwords: never recorded
        try:
            transport.run(package(TRAVELMATE).command)
        except NotRecorded:
            return Unknown("travelmate is there; a recording does not tell whether it is wanted")
    return Neighbours(remarks=told)
