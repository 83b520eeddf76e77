# SPDX-License-Identifier: GPL-2.0-or-later
"""Surgery on a YAML text: the `priority` of one entry under `networks`; all else stays.

Pure: text in, text out. It proposes; whoever calls it proves that the new text means what it
should, and takes the next proposal or refuses.
"""

from collections.abc import Iterator
from typing import Any

from wifirelay.config.yaml_file import yaml_module
from wifirelay.config.yaml_outline import Entry, Outline
from wifirelay.config.yaml_text import inserted, line_end

_NAME = "priority"


def with_priority(text: str, at: Outline, index: int, priority: int) -> Iterator[str]:
    """Texts in which the entry of this index has the priority, the nicest first; none where the
    entry stands elsewhere, such as behind an alias."""
    networks = at.networks
    if networks is None or index >= len(networks.entries):
        return
    entry = networks.entries[index]
    node = _node(text, index)
    if node is None or not entry.start <= node.start_mark.index < entry.end:
        return
    for key, value in node.value:
        if key.value == _NAME and key.start_mark.index >= entry.start:
            start, end = value.start_mark.index, value.end_mark.index
            if key.end_mark.index < start <= end <= entry.end:
                yield f"{text[:start]}{priority}{text[end:]}"
                yield f"{text[:start]} {priority}{text[end:]}"  # nothing stood there
            return
    line = f"{_NAME}: {priority}"
    if entry.flow:
        where = _last_value(text, entry)
        yield f"{text[:where]}, {line}{text[where:]}"
    elif networks.style == "block" and node.value:
        column = node.value[0][0].start_mark.column
        yield inserted(text, line_end(text, entry.end), [" " * column + line])


def _node(text: str, index: int) -> Any:
    """The mapping of this entry, as PyYAML composes it."""
    yaml = yaml_module()
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in root.value:
        if key.value == "networks" and index < len(value.value):
            node = value.value[index]
            return node if isinstance(node, yaml.MappingNode) else None
    return None


def _last_value(text: str, entry: Entry) -> int:
    """Behind the last thing in the braces that is no comma."""
    yaml = yaml_module()
    where = entry.start
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        inside = entry.start <= token.start_mark.index < entry.end - 1
        if inside and not isinstance(token, yaml.FlowEntryToken):
            where = max(where, token.end_mark.index)
    return where
