# SPDX-License-Identifier: GPL-2.0-or-later
"""One input through every parser of a family: what each may raise, and what no text may hold.

An input that begins with `REPEAT` stands for the rest of it, over and over, up to `LONG` bytes:
so that what takes quadratic time or memory is found by inputs that a fuzzer can still handle.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wifirelay.errors import WifirelayError
from wifirelay.values import printable, shown

REPEAT = b"\xff*"
# Unicode's Default_Ignorable_Code_Point as far as Python calls it printable.
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
LONG = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser with all that is done to what it gives; `may` are the errors of its docstring."""

    name: str
    run: Callable[[bytes], object]
    may: tuple[type[Exception], ...] = ()


def whole(data: bytes) -> bytes:
    """What an input stands for."""
    piece = data.removeprefix(REPEAT)
    if len(piece) == len(data) or not piece:
        return data
    return piece * (LONG // len(piece))


def text_of(data: bytes) -> str:
    """Bytes as a router's text comes: those that are not UTF-8 survive."""
    return data.decode("utf-8", "surrogateescape")


def failures(parsers: Iterable[Parser], data: bytes) -> Iterator[Exception]:
    """What the parsers raise at this input and may not, each with its parser's name as a note."""
    data = whole(data)
    for parser in parsers:
        try:
            try:
                parser.run(data)
            except parser.may as refused:
                _proper(refused)
        except Exception as error:
            error.add_note(f"parser: {parser.name}")
            yield error


def feed(parsers: Iterable[Parser], data: bytes) -> None:
    """Every parser gets the input; the first thing that none may raise goes through."""
    for error in list(failures(parsers, data))[:1]:
        raise error


def _proper(refused: Exception) -> None:
    """An error that people see is shown without what a terminal would obey."""
    if isinstance(refused, WifirelayError):
        harmless([printable(refused.message), printable(refused.hint)])


def harmless(lines: Iterable[str]) -> None:
    """Lines for a terminal: each is one line, without any character that acts instead of shows,
    or cannot be seen."""
    for line in lines:
        assert line.isprintable(), ascii(line)
        assert not INVISIBLE.search(line), ascii(line)
        line.encode("utf-8")


def width(text: str) -> int:
    """Columns of a terminal."""
    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff"
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def tells_apart(text: str) -> None:
    """What is shown of a text is harmless, and means this very text and no other."""
    seen = shown(text)
    harmless([seen])
    assert meant(seen) == text, ascii(text)


def meant(seen: str) -> str:
    """The text of which `shown` makes this."""
    out: list[str] = []
    at = 0
    while at < len(seen):
        if seen[at] != "\\":
            out.append(seen[at])
            at += 1
            continue
        mark = seen[at + 1]
        if mark == "\\":
            out.append("\\")
            at += 2
            continue
        digits = {"x": 2, "u": 4, "U": 8}[mark]
        code = int(seen[at + 2 : at + 2 + digits], 16)
        if mark == "x" and code >= 0x80:
            code += 0xDC00  # a byte that is not UTF-8
        out.append(chr(code))
        at += 2 + digits
    return "".join(out)
