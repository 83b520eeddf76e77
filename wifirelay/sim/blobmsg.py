# SPDX-License-Identifier: GPL-2.0-or-later
"""JSON as OpenWrt's libubox prints it: with tabs for people, compact with `ubus -S`.

Knows one strange thing more: an object may repeat a key (`Pairs`), as
`network.wireless status` does with "mode" (OpenWrt 24.10 lab).
"""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

Json = Any  # str | int | bool | None | list | dict | Pairs

_SPECIAL = re.compile(r'["\\\x00-\x1f]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class Pairs:
    """An object whose keys may repeat, in order."""

    def __init__(self, pairs: Iterable[tuple[str, Json]] = ()) -> None:
        self.pairs = list(pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pairs) and self.pairs == other.pairs

    __hash__ = None  # type: ignore[assignment]


def text(value: Json, *, compact: bool = False) -> str:
    """One value as `ubus` prints it, without the line end.

    Strings keep every character from 0x20 on as it is (surrogateescape stands for
    bytes that are not UTF-8), as `blobmsg_format_string` does.
    """
    if compact:  # the fast way, where nothing is strange
        with suppress(TypeError):
            out = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            if "\\f" not in out:
                return out
    return _format(value, None if compact else 0)


def _format(value: Json, level: int | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int | float):
        return str(value)
    colon = ":" if level is None else ": "
    inner = None if level is None else level + 1
    if isinstance(value, Pairs):
        return _block(
            "{}",
            (_string(k) + colon + _format(v, inner) for k, v in value.pairs),
            level,
            bool(value.pairs),
        )
    if isinstance(value, dict):
        items = value.items()
        return _block(
            "{}", (_string(k) + colon + _format(v, inner) for k, v in items), level, bool(value)
        )
    return _block("[]", (_format(item, inner) for item in value), level, bool(value))


def _block(brackets: str, items: Iterable[str], level: int | None, filled: bool) -> str:
    if level is None:
        return brackets[0] + ",".join(items) + brackets[1]
    tabs = "\t" * (level + 1)
    body = f",\n{tabs}".join(items) if filled else ""
    return f"{brackets[0]}\n{tabs}{body}\n{tabs[:-1]}{brackets[1]}"


def _string(value: str) -> str:
    if _SPECIAL.search(value) is not None:
        value = _SPECIAL.sub(lambda m: _ESCAPES.get(m[0]) or f"\\u{ord(m[0]):04x}", value)
    return f'"{value}"'
