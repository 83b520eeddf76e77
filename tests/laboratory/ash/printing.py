# SPDX-License-Identifier: GPL-2.0-or-later
"""`echo` and `printf`."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tests.laboratory.ash.errors import Unsupported

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell

_OPTIONS = re.compile(r"-[neE]+\Z")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|0?[0-7]{1,3}|.|\Z)", re.DOTALL)
_ESCAPES = dict(zip("abefnrtv\\", "\a\b\x1b\f\n\r\t\v\\", strict=True))
_DIRECTIVE = re.compile(r"%(%|[-+ 0#]*[0-9]*(?:\.[0-9]*)?[sdiuxXob])")
_INTEGER = re.compile(r"[ \t\n]*([-+]?)(0[xX][0-9A-Fa-f]+|[0-9]+)\Z")


def echo(shell: "Shell", argv: list[str]) -> int:
    first = 1
    end, escapes = "\n", False
    while first < len(argv) and _OPTIONS.match(argv[first]):
        for option in argv[first][1:]:
            if option == "n":
                end = ""
            else:
                escapes = option == "e"
        first += 1
    text = " ".join(argv[first:])
    if escapes:
        text, ended = unescaped(text)
        end = "" if ended else end
    shell.write(text + end)
    return 0


def unescaped(text: str) -> tuple[str, bool]:
    """The text of `echo -e` or %b, and whether a \\c ended all output."""
    for mark in _ESCAPE.finditer(text):
        if mark[1] == "c":
            return unescaped(text[: mark.start()])[0], True
    return _ESCAPE.sub(lambda found: _escape(found, octal_needs_zero=True), text), False


def _escape(found: re.Match[str], *, octal_needs_zero: bool) -> str:
    code = found[1]
    if code in _ESCAPES:
        return _ESCAPES[code]
    if code[:1] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[:1].isdigit() and code[0] < "8":
        if octal_needs_zero and code[0] == "0":
            return chr(int(code, 8) & 255)
        digits = code[:3]
        return chr(int(digits, 8) & 255) + code[3:]
    return found[0]


@lru_cache(maxsize=256)
def _parsed(template: str) -> tuple[str, ...]:
    """Texts and directives in turn."""
    parts: list[str] = []
    at = 0
    while True:
        found = _DIRECTIVE.search(template, at)
        text = template[at : found.start() if found else len(template)]
        if "%" in text:
            raise Unsupported(f"printf {template}")
        parts.append(_ESCAPE.sub(lambda each: _escape(each, octal_needs_zero=False), text))
        if found is None:
            return tuple(parts)
        parts.append(found[1])
        at = found.end()


def printf(shell: "Shell", argv: list[str]) -> int:
    words = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if not words or "\\c" in words[0]:
        raise Unsupported(" ".join(argv))
    parts = _parsed(words[0])
    arguments = words[1:]
    out: list[str] = []
    status = used = 0
    while True:
        before = used
        for number, part in enumerate(parts):
            if number % 2 == 0:
                out.append(part)
                continue
            if part == "%":
                out.append("%")
                continue
            argument = arguments[used] if used < len(arguments) else ""
            used += 1
            kind = part[-1]
            if kind == "s":
                out.append(argument if part == "s" else f"%{part}" % argument)
            elif kind == "b":
                text, ended = unescaped(argument)
                out.append(f"%{part[:-1]}s" % text)
                if ended:
                    shell.write("".join(out))
                    return status
            else:
                value = _integer(argument)
                if value is None:
                    shell.complain(f"invalid number '{argument}'", who="printf")
                    value, status = 0, 1
                out.append(_integer_text(part, value))
        if used >= len(arguments) or used == before:
            break
    shell.write("".join(out))
    return status


def _integer(text: str) -> int | None:
    if text[:1] in ("'", '"'):
        return ord(text[1]) if len(text) > 1 else 0
    found = _INTEGER.match(text)
    if found is None:
        return None
    digits = found[2]
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits[0] == "0" else 10
    try:
        return int(found[1] + digits, base)
    except ValueError:
        return None  # 08


def _integer_text(part: str, value: int) -> str:
    if not -(1 << 63) <= value < 1 << 63:
        raise Unsupported(f"printf %{part} of {value}")
    if part[-1] in "uxXo" and value < 0:
        value += 1 << 64
    return f"%{part}" % value
