# SPDX-License-Identifier: GPL-2.0-or-later
"""What a call of the page's object may bring along: from a browser, so it may be anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wifirelay.errors import UsageError
from wifirelay.service.asked import Request, checked_priority
from wifirelay.values import SSID_BYTES, Secret, Ssid

_LONGEST_KEY = 256  # characters; the configuration's reader knows better


# What each method takes.
METHODS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("status", "scan", "plan", "networks", "history"), ()),
    **dict.fromkeys(("leave", "rescan", "run"), ()),
    "answer": ("id",),
    "join": ("ssid_hex", "key", "login"),
    **dict.fromkeys(("remember", "forget"), ("ssid_hex",)),
    "prefer": ("ssid_hex", "priority"),
}


@dataclass(frozen=True, slots=True)
class Arguments(Request):
    """Of one call, checked. What it has not is None or False."""

    id: str | None = None


def check_method(method: str) -> None:
    """Raises UsageError when the object has none such."""
    if method not in METHODS:
        raise UsageError("no such method", hint=f"one of: {', '.join(METHODS)}")


def read_arguments(method: str, given: Mapping[str, Any]) -> Arguments:
    """Raises UsageError for what is not allowed, and for what makes no sense; never shows a key."""
    check_method(method)
    allowed = METHODS[method]
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
    return Arguments(
        ssid=_ssid(name),
        key=Secret(key) if key is not None else None,
        login=bool(login),
        priority=checked_priority(priority),
        id=asked,
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
