# SPDX-License-Identifier: GPL-2.0-or-later
"""UCI's own text, a file of /etc/config or what `uci export` prints, as sections.

Words, quotes and comments are libuci's: single quotes hold all, double quotes and bare words know
the backslash, a quoted word may hold line breaks. It is only read, and never shown.
"""

import re
from collections.abc import Iterator

from wifirelay.imports.found import broken
from wifirelay.uci.model import Section, Value

_SPACE = re.compile(r"(?:[ \t\r]|\\\r?\n)++")
_PIECE = re.compile(
    r"'(?P<single>[^']*)'|\"(?P<double>(?:[^\"\\]|\\.)*+)\"|\\(?P<escaped>.)"
    r"|(?P<bare>[^ \t\r\n'\"\\;#]+)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def sections(text: str, where: str) -> tuple[Section, ...]:
    """All sections, in order. Raises ConfigError for a line that `uci` cannot read either."""
    found: list[tuple[str, str, dict[str, str | list[str]]]] = []
    for line, words in _statements(text, where):
        head, arguments = words[0], words[1:3]
        if any(words[3:]) or not arguments:
            head = ""  # more or less than there can be
        if head in ("config", "c"):
            name = arguments[1] if len(arguments) == 2 else ""
            found.append((name, arguments[0], {}))
        elif head in ("option", "list", "o", "l") and found:
            name, value = arguments[0], "".join(arguments[1:])
            options = found[-1][2]
            before = options.get(name)
            if head[0] == "o" and not value:
                options.pop(name, None)  # UCI knows no empty value
            elif head[0] == "o":
                options[name] = value
            elif isinstance(before, list):
                before.append(value)
            else:
                options[name] = [value] if before is None else [before, value]
        elif head not in ("package", "p"):
            raise broken(
                where,
                line,
                "is no line of UCI",
                "give a file of /etc/config, or what `uci export` prints",
            )
    return tuple(
        Section(name or f"@{index}", kind, _frozen(options), anonymous=not name, index=index)
        for index, (name, kind, options) in enumerate(found)
    )


def _frozen(options: dict[str, str | list[str]]) -> dict[str, Value]:
    return {
        name: value if isinstance(value, str) else tuple(value) for name, value in options.items()
    }


def _statements(text: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """The words of each statement, with its line."""
    at, line = 0, 1
    words: list[str] = []
    begun = 1
    while at < len(text):
        space = _SPACE.match(text, at)
        if space is not None:
            line += space.group().count("\n")
            at = space.end()
            continue
        char = text[at]
        if char == "#":
            newline = text.find("\n", at)
            at = len(text) if newline < 0 else newline
            continue
        if char in "\n;":
            if words:
                yield begun, words
            words = []
            line += char == "\n"
            at += 1
            continue
        if not words:
            begun = line
        word, end = _word(text, at, where, line)
        words.append(word)
        line += text.count("\n", at, end)
        at = end
    if words:
        yield begun, words


def _unescaped(match: re.Match[str]) -> str:
    return "" if match[1] == "\n" else match[1]  # behind a backslash the line goes on


def _word(text: str, at: int, where: str, line: int) -> tuple[str, int]:
    """The word that begins here, and where it ends."""
    pieces: list[str] = []
    while (piece := _PIECE.match(text, at)) is not None:
        if piece["double"] is not None:
            pieces.append(_ESCAPE.sub(_unescaped, piece["double"]))
        else:
            part = next(part for part in piece.groups() if part is not None)
            pieces.append("" if piece["escaped"] == "\n" else part)
        at = piece.end()
    if at < len(text) and text[at] not in " \t\r\n;#":
        raise broken(where, line, "has a quote or backslash without its end", "close it")
    return "".join(pieces), at
