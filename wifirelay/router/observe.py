# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that a decision needs to know of a router, in two round trips."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wifirelay.errors import NotRecorded, RouterAnswer
from wifirelay.router.channels import Channels, channels
from wifirelay.router.config import package, staged_changes
from wifirelay.router.devices import devices
from wifirelay.router.interfaces import interfaces
from wifirelay.router.programs import NOT_ASKED, Abilities, ability
from wifirelay.router.scan import Bss, merge, scan
from wifirelay.router.state import Router
from wifirelay.router.ubus import Fact
from wifirelay.router.wireless import wireless_status
from wifirelay.transport.base import Transport

SCAN_TRIES = 3  # an empty list can mean "busy": ask again


def read_all(transport: Transport, facts: Sequence[Fact[Any]]) -> list[Any]:
    """Several facts in one round trip."""
    answers = transport.run_all([fact.command for fact in facts])
    return [fact.parse(answer) for fact, answer in zip(facts, answers, strict=True)]


def observe(transport: Transport) -> Router:
    """The router without its air. Raises RouterAnswer when a fact cannot be had."""
    wireless, changes, status, found, logical = read_all(
        transport,
        [package("wireless"), staged_changes(), wireless_status(), devices(), interfaces()],
    )
    return Router(wireless, changes, status, found, logical)


def read_abilities(transport: Transport, names: Sequence[str]) -> Abilities:
    """These of the router's abilities. Those that a recording does not tell are not known."""
    try:
        found = read_all(transport, [ability(name) for name in names])
    except NotRecorded:
        return NOT_ASKED
    return dict(zip(names, found, strict=True))


def listen(
    transport: Transport,
    router: Router,
    radios: Iterable[str],
    *,
    known: Mapping[str, Channels] | None = None,
    deaf: Collection[str] = (),
) -> tuple[Router, tuple[Bss, ...]]:
    """The radios' channels, and what they hear. Channels that are `known` are not asked for.

    A radio that hears nothing is asked again, at last through its own access point's
    interface: "nothing there", "busy" and "failed" look alike. But not a `deaf` one: it
    heard nothing before, and this costs seconds.
    """
    names = list(radios)
    found = dict(known or {})
    asked = [name for name in names if name not in found]
    answers = read_all(
        transport, [channels(name) for name in asked] + [_scan(router, n) for n in names]
    )
    found.update(zip(asked, answers[: len(asked)], strict=True))
    heard = dict(zip(names, answers[len(asked) :], strict=True))
    for attempt in range(1, SCAN_TRIES):
        silent = [name for name in names if not heard[name] and name not in deaf]
        if not silent:
            break
        last = attempt == SCAN_TRIES - 1
        try:
            again = read_all(transport, [_scan(router, name, through_ap=last) for name in silent])
        except RouterAnswer:
            if not last:
                raise
            break  # a reload is on its way: the access point's interface has just gone
        heard.update(zip(silent, again, strict=True))
    return replace(router, channels=found), merge(heard.values())


def _scan(router: Router, radio: str, *, through_ap: bool = False) -> Fact[tuple[Bss, ...]]:
    """Through the radio, not through a station: that list is cut at 4 KiB, and false in parts.

    iwinfo knows only radios whose section is named `radio...`; others are reached through
    their access point's interface.
    """
    access_points = router.status.access_points(radio)
    ifname = access_points[0].ifname if access_points else None
    if ifname and (through_ap or not radio.startswith("radio")):
        return scan(radio, ifname)
    return scan(radio)
