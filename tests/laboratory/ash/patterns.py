# SPDX-License-Identifier: GPL-2.0-or-later
"""Patterns as fnmatch(3) reads them: `*`, `?`, `[...]`, a backslash before what is literal."""

import re
from collections.abc import Callable
from functools import lru_cache

from tests.laboratory.ash.errors import Unsupported

SPECIAL = re.compile(r"[*?\[]")
_MARK = re.compile(r"[*?]|\[[^/]+\]")
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)
_QUOTED = re.compile(r"([*?\[\]\\!^-])")
_PLAIN = re.compile(r"[^*?\[\\]*\Z")
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "space": " \\t-\\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


def quoted(text: str) -> str:
    """A pattern that matches this text only."""
    return _QUOTED.sub(r"\\\1", text)


def plain(pattern: str) -> str | None:
    """The one path that it matches; None when it is a true pattern. A `[` alone is none."""
    if _MARK.search(_BACKSLASH.sub("", pattern)):
        return None
    return _BACKSLASH.sub(r"\1", pattern)


def _bracket(pattern: str, start: int) -> tuple[str, int] | None:
    """The regular expression of the bracket at `start`, and where it ends. None: it has no end."""
    at = start + 1
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    parts: list[str] = []
    first = at
    while at < len(pattern):
        char = pattern[at]
        if char == "]" and at > first:
            if not parts:  # all that was in it are ranges without members
                return ("." if negated else r"(?!)"), at + 1
            return f"[{'^' if negated else ''}{''.join(parts)}]", at + 1
        if char == "[" and pattern[at + 1 : at + 2] in (":", ".", "="):
            end = pattern.find(":]", at + 2)
            if pattern[at + 1] != ":" or pattern[at + 2 : end] not in _CLASSES:
                raise Unsupported(f"pattern {pattern}")
            parts.append(_CLASSES[pattern[at + 2 : end]])
            at = end + 2
            continue
        low, at = _member(pattern, at)
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("]", ""):
            high, at = _member(pattern, at + 1)
            if low <= high:
                parts.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            parts.append(re.escape(low))
    return None


def _member(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at] == "\\" and at + 1 < len(pattern):
        at += 1
    return pattern[at], at + 1


def _regex(pattern: str, star: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            out.append(star)
        elif char == "?":
            out.append(".")
        elif char == "\\":
            # With nothing behind it a backslash matches nothing (glibc).
            out.append(re.escape(pattern[at]) if at < len(pattern) else "(?!)")
            at += 1
        elif char == "[":
            bracket = _bracket(pattern, at - 1)
            if bracket is None:
                out.append(r"\[")
            else:
                part, at = bracket
                out.append(part)
        else:
            out.append(re.escape(char))
    return "".join(out)


@lru_cache(maxsize=4096)
def matcher(pattern: str) -> Callable[[str], object]:
    """What says, true or false, whether the pattern matches a whole text."""
    if _PLAIN.match(pattern):
        return pattern.__eq__
    return re.compile(_regex(pattern, ".*"), re.DOTALL).fullmatch


@lru_cache(maxsize=4096)
def trimmer(op: str, pattern: str) -> Callable[[str], str]:
    """What cuts the pattern off a text: shortest or longest, at its start (#) or end (%)."""
    if _PLAIN.match(pattern):
        if op[0] == "#":
            return lambda text: text.removeprefix(pattern)
        return lambda text: text.removesuffix(pattern)
    if op[0] == "#" and pattern[0] == "*" and _PLAIN.match(pattern[1:]):
        return _before(pattern[1:], longest=op == "##")
    if op[0] == "%" and pattern[-1] == "*" and _PLAIN.match(pattern[:-1]):
        return _behind(pattern[:-1], longest=op == "%%")
    return _by_regex(op, pattern)


def _before(mark: str, *, longest: bool) -> Callable[[str], str]:
    """`*mark`"""

    def trim(text: str) -> str:
        at = text.rfind(mark) if longest else text.find(mark)
        return text if at < 0 else text[at + len(mark) :]

    return trim


def _behind(mark: str, *, longest: bool) -> Callable[[str], str]:
    """`mark*`"""

    def trim(text: str) -> str:
        at = text.find(mark) if longest else text.rfind(mark)
        return text if at < 0 else text[:at]

    return trim


def _by_regex(op: str, pattern: str) -> Callable[[str], str]:
    if op[0] == "#":
        # Between stars all has one length, so the first place for each is the shortest in all.
        match = re.compile(_regex(pattern, ".*" if op == "##" else ".*?"), re.DOTALL).match

        def trim_start(text: str) -> str:
            found = match(text)
            return text if found is None else text[found.end() :]

        return trim_start
    whole = re.compile(_regex(pattern, ".*"), re.DOTALL).fullmatch

    def trim_end(text: str) -> str:
        starts = range(len(text) + 1)
        for start in starts if op == "%%" else reversed(starts):
            if whole(text, start):
                return text[:start]
        return text

    return trim_end
