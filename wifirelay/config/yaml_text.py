# SPDX-License-Identifier: GPL-2.0-or-later
"""Surgery on a YAML text: entries more, or one less, under `networks`; all else stays.

Pure: text in, text out. It proposes; whoever calls it proves that the new text means what it
should, and takes the next proposal or refuses. `scalar` writes any text so that every YAML
reader gives it back.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wifirelay.config.yaml_outline import Entry, Networks, Outline

_COMMENT = re.compile(r"([ \t]*)#")
_REST = re.compile(r"[ \t]*(#[^\n]*)?\r?\Z")


def scalar(value: object) -> str:
    """A value in YAML's flow style, text always in double quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return '"' + "".join(map(_escaped, value)) + '"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {scalar(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(scalar, value)) + "]"
    raise TypeError(f"no YAML for {type(value).__name__}")


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def with_entries(text: str, at: Outline, entries: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Texts with the entries at the list's end, the nicest first."""
    networks = at.networks
    if networks is None:
        yield from _with_list(text, at, entries)
    elif networks.style == "block":
        yield _appended_block(text, networks, entries)
    elif at.style == "block" and _nothing(text, networks):
        # nothing there yet (`networks:`, null, []): start a block list
        bare = text[: networks.start].rstrip(" \t") + text[networks.end :]
        indent = " " * (at.column + 2)
        where = line_end(bare, networks.colon + 1)
        yield inserted(bare, where, _blocks(entries, indent, flow=False))
    elif networks.style == "flow":
        yield from _appended_flow(text, networks, entries)
    else:
        yield f"{text[: networks.colon + 1]} [{_flow(entries)}]{text[networks.end :]}"


def _nothing(text: str, networks: Networks) -> bool:
    return not networks.entries and "#" not in text[networks.start : networks.end]


def _with_list(text: str, at: Outline, entries: Sequence[Mapping[str, object]]) -> Iterator[str]:
    if at.style == "flow":
        head, tail = text[: at.end], text[at.end :]
        value = f"networks: [{_flow(entries)}]"
        yield f"{head.rstrip(' ')}, {value}{tail}"
        yield f"{head}{value}{tail}"  # empty so far, or a comma stands there already
        return
    indent = " " * at.column
    lines = [f"{indent}networks:", *_blocks(entries, indent + "  ", flow=False)]
    more = text[at.end :].strip()  # such as the `...` that ends a document
    yield inserted(text, line_start(text, at.end) if more else len(text), lines)


def _appended_block(text: str, networks: Networks, entries: Sequence[Mapping[str, object]]) -> str:
    last = networks.entries[-1]
    where = past_comments(text, line_end(text, last.end), networks.column)
    return inserted(text, where, _blocks(entries, " " * networks.column, flow=last.flow))


def _appended_flow(
    text: str, networks: Networks, entries: Sequence[Mapping[str, object]]
) -> Iterator[str]:
    value = _flow(entries)
    close = networks.end - 1
    if not networks.entries:
        yield text[:close] + value + text[close:]
        return
    last = networks.entries[-1]
    comma = last.comma is not None
    after = last.end if last.comma is None else last.comma + 1
    head = text[:after] + ("" if comma else ",")
    newline = text.find("\n", after, close)
    if newline < 0:
        yield f"{head} {value}{text[after:]}"
        return
    line = text[line_start(text, last.start) : last.start]
    indent = line[: len(line) - len(line.lstrip())]
    if line.strip():  # the first entry stands behind the bracket
        indent += "  "
    added = indent + value + ("," if comma else "") + _line_break(text)
    yield head + text[after : newline + 1] + added + text[newline + 1 :]


def without_entry(text: str, at: Outline, index: int) -> str | None:
    """The text without one entry; None when there is none such."""
    networks = at.networks
    if networks is None or index >= len(networks.entries):
        return None
    entry = networks.entries[index]
    if networks.style == "flow":
        return _cut_flow(text, networks, index, entry)
    start = line_start(text, entry.start)
    end = past_comments(text, line_end(text, entry.end), networks.column)
    rest = text[:start] + text[end:]
    if len(networks.entries) == 1:
        rest = rest[: networks.colon + 1] + " []" + rest[networks.colon + 1 :]
    return rest


def _cut_flow(text: str, networks: Networks, index: int, entry: Entry) -> str:
    start, end = entry.start, entry.end
    before = networks.entries[index - 1].comma if index > 0 else None
    if entry.comma is not None:
        end, before = entry.comma + 1, None
    first, behind = line_start(text, start), line_end(text, end)
    if not text[first:start].strip() and _REST.match(text[end:behind].rstrip("\n")):
        start, end = first, behind  # the comment on its line goes with it
    elif entry.comma is not None:
        end += len(text[end:]) - len(text[end:].lstrip(" "))
    elif before is not None and not text[before + 1 : start].strip(" "):
        start = before + 1
    head = text[:start]
    if before is not None:  # the last one goes: no comma behind the one before
        head = text[:before] + text[before + 1 : start]
    return head + text[end:]


def _flow(entries: Iterable[Mapping[str, object]]) -> str:
    return ", ".join(map(scalar, entries))


def _blocks(entries: Iterable[Mapping[str, object]], indent: str, *, flow: bool) -> list[str]:
    return [line for entry in entries for line in _block(entry, indent, flow=flow)]


def _block(entry: Mapping[str, object], indent: str, *, flow: bool) -> list[str]:
    if flow:
        return [f"{indent}- {scalar(entry)}"]
    lines = [f"{indent}  {name}: {scalar(value)}" for name, value in entry.items()]
    lines[0] = f"{indent}- {lines[0].lstrip()}"
    return lines


def inserted(text: str, where: int, lines: list[str]) -> str:
    """The text with these lines more, from the beginning of a line or the end of the text on."""
    end = _line_break(text)
    before = text[:where]
    if before and not before.endswith("\n"):
        before += end
    return before + "".join(line + end for line in lines) + text[where:]


def _line_break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def line_start(text: str, where: int) -> int:
    """Where the line begins on which this is."""
    return text.rfind("\n", 0, where) + 1


def line_end(text: str, where: int) -> int:
    """Behind the line of the character before `where`."""
    if where == 0 or text[where - 1] == "\n":
        return where
    newline = text.find("\n", where)
    return len(text) if newline < 0 else newline + 1


def past_comments(text: str, where: int, column: int) -> int:
    """Behind comment lines that belong to an entry: they are indented deeper than its dash."""
    while (found := _COMMENT.match(text, where)) and len(found.group(1)) > column:
        where = line_end(text, found.end())
    return where
