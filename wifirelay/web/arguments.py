# SPDX-License-Identifier: GPL-2.0-or-later
"""What a call of the page's object may bring along: from a browser, so it may be anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wifirelay.config.network import PRIORITY
from wifirelay.errors import UsageError
from wifirelay.values import SSID_BYTES, Secret, Ssid

_LONGEST_KEY = 256  # characters; the configuration's reader knows better


@dataclass(frozen=True, slots=True)
class Arguments:
    """Of one call, checked. What it has not is None or False."""

    ssid: Ssid | None = None
    key: Secret | None = None
    login: bool = False
    priority: int | None = None
    id: str | None = None

    def named(self) -> Ssid:
        """The network that is meant. Raises UsageError when none is named."""
        if self.ssid is None:
            raise UsageError("no network is named", hint="`ssid_hex` names it")
        return self.ssid


def read_arguments(given: Mapping[str, Any], allowed: tuple[str, ...]) -> Arguments:
    """Raises UsageError for what is not allowed, and for what makes no sense; never shows a key."""
    if not given.keys() <= set(allowed):
        raise UsageError("no such argument", hint=f"this takes: {', '.join(allowed) or 'none'}")
    name, key, priority = given.get("ssid_hex"), given.get("key"), given.get("priority")
    login, asked = given.get("login"), given.get("id")
    if key is not None and not (isinstance(key, str) and 0 < len(key) <= _LONGEST_KEY):
        raise UsageError(
            "the key is no text, or too long", hint="a passphrase has 8 to 63 characters"
        )
    if key is not None and not _is_text(key):
        raise UsageError("the key holds what is no character", hint="type it anew")
    if key is not None and name is None:
        raise UsageError("a key, and no network for it", hint="`ssid_hex` names it")
    if login is not None and type(login) is not bool:
        raise UsageError("login is true or false")
    if asked is not None and not isinstance(asked, str):
        raise UsageError("no such id", hint="a request answers with one")
    if priority is not None and (
        type(priority) is not int or not PRIORITY[0] <= priority <= PRIORITY[1]
    ):
        raise UsageError(f"priority is a whole number from {PRIORITY[0]} to {PRIORITY[1]}")
    return Arguments(
        _ssid(name), Secret(key) if key is not None else None, bool(login), priority, asked
    )


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _ssid(text: object) -> Ssid | None:
    if text is None:
        return None
    try:
        raw = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        raw = b""
    if not 0 < len(raw) <= SSID_BYTES:
        raise UsageError(
            "ssid_hex is no network's name", hint=f"1 to {SSID_BYTES} bytes, two digits for each"
        )
    return Ssid(raw)
