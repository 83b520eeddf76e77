# SPDX-License-Identifier: GPL-2.0-or-later
"""The file of a recording: JSON lines, a header and then one exchange a line.

Text is UTF-8 with surrogateescape, so that every byte of an output survives. Knows no
transport.
"""

import json
import math
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from wifirelay.errors import ConfigError
from wifirelay.transport import barescan
from wifirelay.transport.base import Completed
from wifirelay.values import shown

FORMAT = "wifirelay-recording/1"
LARGEST = 64 << 20  # bytes of a file: a day of a router has less than one
_MAKE = "make one with `wifirelay record FILE`, or save one answer of `ubus call iwinfo scan`"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command and its answer; `at` is in seconds from the start of the recording."""

    at: float
    argv: tuple[str, ...]
    stdin: str | None
    rc: int
    out: str
    err: str

    def completed(self) -> Completed:
        return Completed(self.rc, as_bytes(self.out), as_bytes(self.err))


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording in memory; `made` is ISO 8601, UTC."""

    exchanges: tuple[Exchange, ...]
    made: str = ""
    note: str = ""


def load_recording(path: str) -> Recording:
    """Read a recording, or one bare answer of `ubus call iwinfo scan`.

    Raises ConfigError, naming the file and the line, for anything else.
    """
    try:
        with open(os.path.expanduser(path), "rb") as file:
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(f"cannot read the recording {path}: {reason}", hint=_MAKE) from error
    if len(raw) > LARGEST:
        raise ConfigError(
            f"cannot read the recording {path}: it has more than {LARGEST >> 20} MiB", hint=_MAKE
        )
    return parse_recording(as_text(raw).removeprefix("\ufeff"), path)


def parse_recording(text: str, name: str) -> Recording:
    """The text of a recording; `name` is for messages."""
    if not text.strip():
        raise _broken(name, 1, "is empty")
    lines = text.split("\n")
    first = next(number for number, line in enumerate(lines, 1) if line.strip())
    try:
        header = decoded(lines[first - 1])
    except ValueError:
        return _bare_scan(text, name)
    if not isinstance(header, dict) or "format" not in header:
        return _bare_scan(text, name)
    if header["format"] != FORMAT:
        raise _broken(name, first, f"has the format {header['format']!r}, not {FORMAT!r}")
    exchanges = [
        _exchange(line, name, number)
        for number, line in enumerate(lines[first:], first + 1)
        if line.strip()
    ]
    return Recording(tuple(exchanges), str(header.get("made", "")), str(header.get("note", "")))


def save_recording(recording: Recording, path: str) -> None:
    """Write atomically, mode 0600. Raises ConfigError when that fails."""
    header = {"format": FORMAT, "made": recording.made, "note": recording.note}
    rows = (json.dumps(_row(each)) + "\n" for each in recording.exchanges)
    write_whole(path, (json.dumps(header) + "\n", *rows), "the recording")


def write_whole(path: str, pieces: Iterable[str], what: str, *, mode: int = 0o600) -> None:
    """A file of ours that is there whole or not at all. Raises ConfigError, naming `what`."""
    path = os.path.expanduser(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(
            prefix=".wifirelay-new.", dir=os.path.dirname(path) or "."
        )
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(pieces)
            os.fchmod(handle, mode)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
        raise ConfigError(f"cannot write {what} {path}: {error.strerror}") from error


def _row(exchange: Exchange) -> dict[str, Any]:
    return {
        "at": exchange.at,
        "argv": list(exchange.argv),
        "stdin": exchange.stdin,
        "rc": exchange.rc,
        "out": exchange.out,
        "err": exchange.err,
    }


def _exchange(line: str, name: str, number: int) -> Exchange:
    try:
        row = decoded(line)
    except ValueError as error:
        raise _broken(name, number, f"is not JSON, or cut off ({_problem(error)})") from None
    if not isinstance(row, dict):
        raise _broken(name, number, "is not an exchange")
    missing = [key for key in ("at", "argv", "stdin", "rc", "out", "err") if key not in row]
    if missing:
        raise _broken(name, number, f"lacks {', '.join(missing)}")
    argv = row["argv"]
    if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
        raise _broken(name, number, "has an `argv` that is not a list of words")
    if not all(isinstance(row[key], str) for key in ("out", "err")):
        raise _broken(name, number, "has an `out` or `err` that is not text")
    if not (row["stdin"] is None or isinstance(row["stdin"], str)):
        raise _broken(name, number, "has a `stdin` that is neither text nor null")
    at = _number(row["at"])
    if type(row["rc"]) is not int or at is None:
        raise _broken(name, number, "has an `rc` or `at` that is not a number")
    try:
        for text in (*argv, row["stdin"] or "", row["out"], row["err"]):
            as_bytes(text)
    except UnicodeEncodeError:
        raise _broken(name, number, "holds half a character (a lone surrogate)") from None
    texts = row["stdin"], row["rc"], row["out"], row["err"]
    return Exchange(at, tuple(argv), *texts)


def _number(value: object) -> float | None:
    """A number that JSON has: neither NaN nor without an end."""
    if type(value) not in (int, float):
        return None
    try:
        number = float(value)  # type: ignore[arg-type] # one of the two
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _bare_scan(text: str, name: str) -> Recording:
    """One answer of `ubus call iwinfo scan`, with a router made up around it."""
    try:
        scan = decoded(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise _broken(name, line, f"is neither a recording nor JSON ({_problem(error)})") from None
    results = scan.get("results") if isinstance(scan, dict) else None
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        raise _broken(name, 1, 'is JSON, but neither a recording nor a scan with "results"')
    made_up = [Exchange(0.0, argv, None, rc, out, "") for argv, rc, out in barescan.answers(text)]
    return Recording(tuple(made_up), note="one scan; the router around it is made up")


def decoded(text: str) -> Any:
    """JSON; ValueError for anything else, however deep. Routers send raw control characters."""
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _broken(name: str, line: int, problem: str) -> ConfigError:
    return ConfigError(f"{name}, line {line}: {shown(problem)}", hint=_MAKE)


def _problem(error: ValueError) -> str:
    """The parser's words, without the line that it counts from its own beginning."""
    if isinstance(error, json.JSONDecodeError):
        return f"column {error.colno}: {error.msg}"
    return str(error)


def as_text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
