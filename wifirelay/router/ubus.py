# SPDX-License-Identifier: GPL-2.0-or-later
"""`ubus call` as a command, and its JSON answer."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from wifirelay.errors import RouterAnswer
from wifirelay.transport.base import QUICK, Command, Completed, Transport
from wifirelay.values import shown

T = TypeVar("T")

_STATUS = {  # ubusmsg.h, libubus.c
    1: "invalid command",
    2: "invalid argument",
    3: "method not found",
    4: "not found",
    5: "no response",
    6: "permission denied",
    7: "request timed out",
    8: "operation not supported",
    9: "unknown error",
    10: "connection failed",
}


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """Something to know of a router: a command, and the pure parser of its answer."""

    command: Command
    parse: Callable[[Completed], T]

    def read(self, transport: Transport) -> T:
        """Ask now, in a round trip of its own."""
        return self.parse(transport.run(self.command))


def call(
    path: str, method: str, args: dict[str, object] | None = None, *, limit: float = QUICK
) -> Command:
    """`ubus call`; always with `-S`: without it, and without a terminal, a failing call
    prints its whole JSON argument to standard error (ubus since 584f56a, 22.03).

    `limit` is in seconds; ubus gets it too, so that it ends by itself on the router.
    """
    argv = ["ubus", "-S", "-t", str(max(1, int(limit) - 1)), "call", path, method]
    if args is not None:
        argv.append(json.dumps(args, separators=(",", ":")))
    return Command(tuple(argv), deadline=limit)


def answer(command: Command, completed: Completed) -> Any:
    """The JSON of a `ubus call`; RouterAnswer when it failed or is no JSON.

    Repeated keys keep the last value, as `network.wireless status` needs (seen on
    OpenWrt of 2025-02: "mode" twice).
    """
    if completed.rc != 0:
        # Without `-S` the exit code is 256 - status (openwrt-facts 1.3); take either.
        status = completed.rc if completed.rc < 128 else 256 - completed.rc
        reason = _STATUS.get(status, f"exit code {completed.rc}")
        raise RouterAnswer(
            f"the router could not answer `{shown(command.shown())}`: {reason}",
            hint="look at `logread` on the router; is the service behind it running?",
        )
    try:
        return json.loads(_HALF.sub(_whole, completed.text))
    except (ValueError, RecursionError):
        raise RouterAnswer(
            f"the router's answer to `{shown(command.shown())}` is not JSON"
            + (" (it is empty)" if not completed.out.strip() else "")
        ) from None


# JSON's escapes, for the sake of those that make half a character: a surrogate without its
# other half. Those that stand for bytes (surrogateescape) are none.
_HALF = re.compile(
    r"\\(?:u(?P<pair>[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u(?P<byte>[dD][cC][89a-fA-F][0-9a-fA-F])|u(?P<half>[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def _whole(escape: re.Match[str]) -> str:
    """Half a character, which no router means and no output can write, as U+FFFD."""
    return "\\ufffd" if escape["half"] is not None else escape.group()


def ubus_fact(command: Command, parse: Callable[[Any], T]) -> Fact[T]:
    """A fact whose parser takes the decoded JSON."""
    return Fact(command, lambda completed: parse(answer(command, completed)))


def as_dict(value: object, what: str) -> dict[str, Any]:
    """`value` if it is a JSON object, else RouterAnswer."""
    if not isinstance(value, dict):
        raise RouterAnswer(f"the router's {what} came in an unknown form")
    return value


def as_list(value: object) -> list[Any]:
    """`value` if it is a JSON list, else an empty one: routers leave lists out."""
    return value if isinstance(value, list) else []


def as_int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_word(value: object) -> str | None:
    """`value` if it is text that can go back to the router as a word of a command: the name of a
    device. Blanks, NUL and other control characters make it none."""
    text = as_str(value)
    return text if text and " " not in text and text.isprintable() else None


def as_str(value: object) -> str | None:
    """`value` if it is text. Half a character (a lone surrogate, which JSON can hold and
    no router means) makes it none."""
    if not isinstance(value, str):
        return None
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None
    return value
