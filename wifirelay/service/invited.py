# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest when it comes: made by the configuration's own rules, and tried for the first time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from wifirelay.config.network import network_from
from wifirelay.config.secrets import unread
from wifirelay.config.writing import UCI, Place
from wifirelay.core.known import KnownNetwork, Wanted
from wifirelay.core.plan import enabled_uplinks
from wifirelay.errors import Refused, UsageError
from wifirelay.router.state import Router
from wifirelay.uci.model import Value
from wifirelay.values import Secret, Ssid

if TYPE_CHECKING:
    from wifirelay.service.loop import Service

_KEYLESS = (Wanted.OPEN, Wanted.OWE)


def new_guest(ssid: Ssid, key: Secret | None, known: KnownNetwork | None = None) -> KnownNetwork:
    """By the configuration's own rules. One that is known stays as it is but for its key.

    Raises UsageError, which never shows the key.
    """
    if known is not None and known.eap is not None:
        raise UsageError(
            f"{ssid} has logins and no key", hint="its login is in the configuration: edit that"
        )
    options: dict[str, Value] = {"ssid_hex": ssid.hex}
    if known is not None and known.security not in _KEYLESS:
        options["security"] = known.security.value
    if key is not None:
        options["key"] = key.reveal()
    checked = network_from(options, Place(ssid.text, "", UCI), unread, [])
    if known is None:
        return checked
    return replace(known, key=checked.key, security=checked.security)


def check_same_key(router: Router, guest: KnownNetwork) -> None:
    """Raises Refused unless the uplink, which works, does so with just this key: a trial of
    another one could not tell its link from this one."""
    key = guest.key.reveal() if guest.key is not None else ""
    if not any(each.get("key") == key for each in enabled_uplinks(router)):
        raise Refused(
            f"{guest.ssid} works already, and with another key",
            hint="leave it first: then this key can be tried",
        )


def invited(service: "Service", ssid: Ssid, key: Secret | None) -> KnownNetwork | None:
    """The guest that is asked for with that; None where it is known as it is. Raises UsageError."""
    known = service.guests.known
    if key is None and any(each.ssid == ssid for each in known):
        return None
    listed = (each for each in service.settings.networks if each.ssid == ssid)
    guest = new_guest(ssid, key, next(listed, None))
    return guest if guest not in known else None


@contextmanager
def tried(service: "Service", guest: KnownNetwork | None) -> Iterator[None]:
    """While this one is joined for the first time. If that fails, all is as before: a typo must
    not be tried again, nor be held against a network that is known."""
    if guest is None:
        yield
        return
    before, memory = service.guests.guest, service.policy.memory.as_json()
    service.guests.take_in(guest)
    try:
        yield
    except Exception:
        service.guests.take_in(before)
        service.policy.memory.load(memory, service.clock.monotonic())
        raise
