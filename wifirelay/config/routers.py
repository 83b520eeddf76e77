# SPDX-License-Identifier: GPL-2.0-or-later
"""The inventory: `routers` of a YAML configuration, by name, each in any number of groups.

What differs between routers stands with each (target, groups, login, `relay`); known networks
are shared. Opens nothing, and knows no target's inner shape. Not on a router, which is one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from wifirelay.config.fields import Fields, kind, near
from wifirelay.config.model import (
    RELAY_KEYS,
    Login,
    Settings,
    login_from,
    relay_from,
    router_from,
)
from wifirelay.config.secrets import ReadSecret
from wifirelay.core.known import Relay
from wifirelay.errors import UsageError
from wifirelay.values import shown

KEYS = ("router", "groups", "login", "relay")
ALL = "all"
NAME = re.compile(r"[^\W_][\w-]{0,31}\Z")  # no dot, colon or comma: no address, and no list
SHAPE = "1 to 32 letters, digits, - and _, a letter or a digit first"
_TAKEN = (ALL, "local")


@dataclass(frozen=True, slots=True)
class Listed:
    """One router of the inventory. `login` is None where the one at the top holds."""

    name: str
    target: str
    groups: tuple[str, ...] = ()
    login: Login | None = None
    relay: Relay = field(default_factory=Relay)


def routers_from(
    fields: Fields, top_relay: Mapping[object, object], reader: ReadSecret, warnings: list[str]
) -> tuple[Listed, ...]:
    """The routers under the key `routers`; `top_relay` is what stands under `relay` beside it.

    Raises ConfigError at the first thing that is wrong.
    """
    data = fields.raw("routers")
    hint = "write `NAME: {router: ssh://root@10.0.0.2}` for each"
    if not isinstance(data, dict):
        raise fields.error("routers", f"is {kind(data)}, not a mapping", hint)
    found = []
    for name in data:
        if not isinstance(name, str):
            raise fields.error(
                "routers", f"holds a name that is {kind(name)}", "put the name in quotes"
            )
        if not NAME.match(name) or name in _TAKEN:
            raise fields.error("routers", f"{shown(name)!r} cannot be a router's name", SHAPE)
        one = fields.inner("routers", tuple(data)).inner(name, KEYS)
        found.append(_listed(name, one, top_relay, reader, warnings))
    _check_apart(fields, found)
    return tuple(found)


def _listed(
    name: str,
    fields: Fields,
    top_relay: Mapping[object, object],
    reader: ReadSecret,
    warnings: list[str],
) -> Listed:
    target = router_from(fields)
    if target is None:
        raise fields.error("router", "is missing", "say where it is: router: ssh://root@10.0.0.2")
    if target == "local":
        raise fields.error("router", "local is the machine itself, not one of many", "its address")
    groups = fields.lines("groups", "boats", alone=True)
    for index, group in enumerate(groups):
        if not NAME.match(group) or group in _TAKEN:
            raise fields.error(
                f"groups[{index}]", f"{shown(group)!r} cannot be a group's name", SHAPE
            )
    relay: Mapping[object, object] = {}
    if fields.has("relay"):
        relay_from(fields.inner("relay", RELAY_KEYS))
        own = fields.raw("relay")
        relay = own if isinstance(own, dict) else {}
    merged = Fields({**top_relay, **relay}, fields.place.inner("relay"), RELAY_KEYS)
    login = login_from(fields, reader, warnings) if fields.has("login") else None
    return Listed(name, target, groups, login, relay_from(merged))


def _check_apart(fields: Fields, found: Iterable[Listed]) -> None:
    found = tuple(found)
    names = {each.name for each in found}
    targets: dict[str, str] = {}
    for each in found:
        path = f"routers.{each.name}"
        if each.target in targets and not each.target.startswith(("sim:", "recording:")):
            raise fields.error(
                f"{path}.router", f"is that of {targets[each.target]} too", "list each router once"
            )
        targets[each.target] = each.name
        for index, group in enumerate(each.groups):
            if group in names:
                raise fields.error(
                    f"{path}.groups[{index}]",
                    f"{group} is a router's name, and cannot be a group's",
                    "give one of them another name",
                )


def chosen(settings: Settings, text: str) -> tuple[Listed, ...]:
    """The routers that NAME[,NAME|GROUP|all]... means, in the order of the file, each once.

    Raises UsageError for a name that is neither a router's nor a group's.
    """
    if not settings.routers:
        raise UsageError(
            f"no routers are listed in {shown(settings.source)}",
            hint="list them there under `routers:`, or with `wifirelay routers add NAME TARGET`",
        )
    known = {ALL}
    for each in settings.routers:
        known |= {each.name, *each.groups}
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word not in known:
            meant = near(word, sorted(known))
            raise UsageError(
                f"no router and no group is named {shown(word)!r}",
                hint=(f"did you mean {meant}? " if meant else "") + "`wifirelay routers` lists all",
            )
    return tuple(
        each
        for each in settings.routers
        if ALL in words or each.name in words or not set(words).isdisjoint(each.groups)
    )


def meant(settings: Settings, router: str | None) -> tuple[Settings, str | None]:
    """The configuration as it is for the router of this name, and its TARGET; both as they were
    where it is no name, but a TARGET already. Raises UsageError for the name of a group."""
    for each in settings.routers:
        if each.name == router:
            login = settings.login if each.login is None else each.login
            return replace(settings, router=each.target, login=login, relay=each.relay), each.target
        if router in each.groups:
            raise UsageError(
                f"{router} is a group, not one router", hint=f"name it so: --routers {router}"
            )
    return settings, router
