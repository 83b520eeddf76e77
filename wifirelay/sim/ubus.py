# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated `ubus` command: its flags, its exit codes, its way to print.

Knows no object; `objects.py` answers the calls. Exit codes as seen without a terminal
on OpenWrt 24.10: without `-S` a failed call exits with 256 minus the error, with `-S`
with the error; an object that is missing is always 4.
"""

import fnmatch
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wifirelay.sim.blobmsg import Json, Pairs, text
from wifirelay.transport.base import Completed

Arguments = dict[str, Any]
Method = Callable[[Arguments], Json]
Sender = Callable[[str, Arguments], None]  # of an event, by name

INVALID_COMMAND, INVALID_ARGUMENT, METHOD_NOT_FOUND, NOT_FOUND = 1, 2, 3, 4
NO_DATA, PERMISSION_DENIED, TIMEOUT = 5, 6, 7
_TEXTS = {
    INVALID_COMMAND: "Invalid command",
    INVALID_ARGUMENT: "Invalid argument",
    METHOD_NOT_FOUND: "Method not found",
    NOT_FOUND: "Not found",
    NO_DATA: "No response",
    PERMISSION_DENIED: "Permission denied",
    TIMEOUT: "Request timed out",
}
_USAGE = b"""Usage: ubus [<options>] <command> [arguments...]
Options:
 -s <socket>:\t\tSet the unix domain socket to connect to
 -t <timeout>:\t\tSet the timeout (in seconds) for a command to complete
 -S:\t\t\tUse simplified output (for scripts)
 -v:\t\t\tMore verbose output
"""


class UbusError(Exception):
    """A method refused; `code` is ubus's status."""

    def __init__(self, code: int) -> None:
        super().__init__(_TEXTS.get(code, str(code)))
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """One command line of `ubus`, taken apart."""

    words: tuple[str, ...]
    simple: bool = False
    timeout: float = 30.0


def parse(argv: Sequence[str]) -> Line | None:
    """Flags and words (without the program's name); None for a bad line."""
    words, simple, timeout = list(argv), False, 30.0
    while words and words[0].startswith("-"):
        flag = words.pop(0)
        if flag in ("-t", "-s"):
            if not words:
                return None
            value = words.pop(0)
            if flag == "-t":
                timeout = float(value)
        elif flag.startswith("-t"):
            timeout = float(flag[2:])
        elif flag == "-S":
            simple = True
        elif flag != "-v":
            return None
    return Line(tuple(words), simple, timeout) if words else None


def listening(argv: Sequence[str]) -> Callable[[str], bool] | None:
    """What `ubus listen [EVENT...]` listens for, by name; None for any other command line."""
    line = parse(argv)
    if line is None or line.words[0] not in ("listen", "subscribe"):
        return None
    names = line.words[1:]
    return lambda name: not names or any(_matches(name, wanted) for wanted in names)


def _matches(name: str, wanted: str) -> bool:
    """ubusd knows one pattern: a star at the end."""
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def run(
    argv: Sequence[str], objects: Mapping[str, Mapping[str, Method]], send: Sender
) -> Completed:
    """`ubus list`, `ubus call`, `ubus send`; `listen` is for whoever can wait."""
    line = parse(argv)
    if line is None:
        return Completed(254, err=_USAGE)
    command, rest = line.words[0], line.words[1:]
    if command == "list":
        pattern = rest[0] if rest else "*"
        names = [name for name in sorted(objects) if fnmatch.fnmatchcase(name, pattern)]
        if not names:
            return failed(line, NOT_FOUND, missing=True)
        return Completed(0, "".join(f"{name}\n" for name in names).encode())
    if command == "wait_for":
        return Completed(0) if all(name in objects for name in rest) else Completed(7)
    if command in ("listen", "subscribe"):
        return Completed(0)
    words = {"call": 2, "send": 1}.get(command)  # before the message
    if words is None or len(rest) not in (words, words + 1):
        return Completed(254, err=_USAGE)
    arguments = _message(rest[words:])
    if arguments is None:
        return failed(line, INVALID_ARGUMENT, usage=True)
    if command == "send":
        send(rest[0], arguments)
        return Completed(0)
    return _call(line, rest, arguments, objects)


def _message(words: Sequence[str]) -> Arguments | None:
    """The table that a call or an event carries, empty without a word; None for a bad one."""
    try:
        message = json.loads(words[0], strict=False) if words else {}
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _call(
    line: Line,
    rest: tuple[str, ...],
    arguments: Arguments,
    objects: Mapping[str, Mapping[str, Method]],
) -> Completed:
    methods = objects.get(rest[0])
    if methods is None:
        return failed(line, NOT_FOUND, missing=True)
    try:
        if rest[1] not in methods:
            raise UbusError(METHOD_NOT_FOUND)
        answer = methods[rest[1]](arguments)
    except UbusError as error:
        return failed(line, error.code, usage=error.code == INVALID_ARGUMENT)
    if answer is None:
        return Completed(0)
    printed = text(answer, compact=line.simple)
    return Completed(0, f"{printed}\n".encode("utf-8", "surrogateescape"))


def failed(line: Line, code: int, *, missing: bool = False, usage: bool = False) -> Completed:
    """What a failed call prints and exits with."""
    if line.simple:
        return Completed(code)
    if missing:
        return Completed(code, err=f"Command failed: {_TEXTS[code]}\n".encode())
    words = " ".join(line.words)
    err = f"Command failed: ubus {words} ({_TEXTS[code]})\n".encode("utf-8", "surrogateescape")
    return Completed(256 - code, err=err + (_USAGE if usage else b""))


def event_line(name: str, data: Mapping[str, Json]) -> str:
    """One event as `ubus listen` prints it."""
    return f'{{ "{name}": {text(Pairs(data.items()), compact=True)} }}'
