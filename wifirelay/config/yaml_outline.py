# SPDX-License-Identifier: GPL-2.0-or-later
"""Where in a YAML text the list `networks` and its entries stand, as offsets of characters.

Read from PyYAML's tokens: they have positions, which its data does not, and they tell an
entry's own end from the comments and blank lines behind it, which its nodes do not. Knows
nothing of what the entries mean, and changes nothing.
"""

from dataclasses import dataclass
from typing import Any

from wifirelay.config.yaml_file import yaml_module


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the list: in a block list it starts at its dash."""

    start: int
    end: int  # behind its last character that is neither comment nor blank
    flow: bool  # written as {...}
    comma: int | None = None  # of the comma behind it, in a flow list


@dataclass(frozen=True, slots=True)
class Networks:
    """The value of `networks`: `style` is `block`, `flow` or `empty` (nothing, or null)."""

    style: str
    colon: int  # of `networks:`
    start: int
    end: int
    column: int  # of the dashes, in a block list
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The top level: `style` is `block`, `flow` or `empty`."""

    style: str
    column: int
    end: int  # of a flow mapping: its closing brace; of a block mapping: where the next thing is
    networks: Networks | None


def outline(text: str) -> Outline | None:
    """The positions in a text that parses; None when they cannot be told."""
    yaml = yaml_module()
    try:
        return _outline(yaml, text)
    except (yaml.YAMLError, RecursionError):
        return None


def _outline(yaml: Any, text: str) -> Outline | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None or (isinstance(root, yaml.ScalarNode) and root.value == ""):  # or `---` alone
        return Outline("empty", 0, len(text), None)
    if not isinstance(root, yaml.MappingNode):
        return None
    style = "flow" if root.flow_style else "block"
    end = root.end_mark.index - (1 if root.flow_style else 0)
    networks = None
    for key, value in root.value:
        if key.value == "networks":
            networks = _networks(yaml, text, key, value)
            if networks is None:
                return None
    return Outline(style, root.start_mark.column, end, networks)


def _networks(yaml: Any, text: str, key: Any, value: Any) -> Networks | None:
    start, end = value.start_mark.index, value.end_mark.index
    tokens = [
        token
        for token in yaml.scan(text, Loader=yaml.SafeLoader)
        if token.end_mark.index > token.start_mark.index  # without virtual ones
    ]
    colons = [
        token.start_mark.index
        for token in tokens
        if isinstance(token, yaml.ValueToken) and token.start_mark.index >= key.end_mark.index
    ]
    if not colons or start < colons[0]:  # the value stands elsewhere: an alias
        return None
    inner = [token for token in tokens if start <= token.start_mark.index < end]
    if isinstance(value, yaml.ScalarNode):
        empty = value.tag == "tag:yaml.org,2002:null"
        return Networks("empty", colons[0], start, end, 0, ()) if empty else None
    if not isinstance(value, yaml.SequenceNode) or not inner:
        return None
    if value.flow_style:
        return Networks("flow", colons[0], start, end, 0, _flow_entries(yaml, inner))
    dashes = [token for token in inner if isinstance(token, yaml.BlockEntryToken)]
    if not dashes:
        return None
    column = dashes[0].start_mark.column
    return Networks("block", colons[0], start, end, column, _block_entries(yaml, inner, column))


def _block_entries(yaml: Any, tokens: list[Any], column: int) -> tuple[Entry, ...]:
    parts: list[list[Any]] = []
    for token in tokens:
        if isinstance(token, yaml.BlockEntryToken) and token.start_mark.column == column:
            parts.append([])
        if parts:
            parts[-1].append(token)
    return tuple(
        Entry(
            part[0].start_mark.index,
            part[-1].end_mark.index,
            len(part) > 1 and isinstance(part[1], yaml.FlowMappingStartToken),
        )
        for part in parts
    )


def _flow_entries(yaml: Any, tokens: list[Any]) -> tuple[Entry, ...]:
    opening = (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)
    closing = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)
    entries: list[Entry] = []
    part: list[Any] = []
    depth = 0

    def entry(comma: int | None) -> None:
        if part:
            first, last = part[0].start_mark.index, part[-1].end_mark.index
            flow = isinstance(part[0], yaml.FlowMappingStartToken)
            entries.append(Entry(first, last, flow, comma))
            part.clear()

    for token in tokens:
        depth -= isinstance(token, closing)
        if depth == 1 and isinstance(token, yaml.FlowEntryToken):
            entry(token.start_mark.index)
        elif depth >= 1:
            part.append(token)
        depth += isinstance(token, opening)
    entry(None)
    return tuple(entries)
