# SPDX-License-Identifier: GPL-2.0-or-later
"""Surgery on a YAML text: a router more, or one less, under `routers`; all else stays.

Pure: text in, text out. It proposes; whoever calls it proves that the new text means what it
should, and takes the next proposal or refuses.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from wifirelay.config.yaml_file import yaml_module
from wifirelay.config.yaml_text import inserted, line_end, line_start, past_comments, scalar

_KEY = "routers"


def with_router(text: str, name: str, entry: Mapping[str, object]) -> Iterator[str]:
    """Texts with this router at the end of the list, the nicest first."""
    for key in (name, scalar(name)):  # a name may be a number or a truth value to YAML
        yield from _with(text, f"{key}: {scalar(entry)}")


def _with(text: str, line: str) -> Iterator[str]:
    yaml = yaml_module()
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None or isinstance(root, yaml.ScalarNode):  # nothing yet, or `---` alone
        yield inserted(text, len(text), [f"{_KEY}:", f"  {line}"])
        return
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return
    column = root.start_mark.column
    indent = " " * column
    for key, value in root.value:
        if key.value != _KEY:
            continue
        if not isinstance(value, yaml.MappingNode):  # `routers:` with nothing behind it
            yield inserted(text, line_end(text, key.end_mark.index + 1), [f"{indent}  {line}"])
        elif value.flow_style:
            close = value.end_mark.index - 1
            yield f"{text[:close].rstrip()}{', ' if value.value else ''}{line}{text[close:]}"
            yield f"{text[:close]}{line}{text[close:]}"  # a comma stands there already
        elif value.value:
            column = value.value[0][0].start_mark.column
            where = past_comments(text, line_end(text, _end(yaml, value)), column)
            yield inserted(text, where, [f"{' ' * column}{line}"])
        return
    lines = [f"{indent}{_KEY}:", f"{indent}  {line}"]
    end = root.end_mark.index
    more = text[end:].strip()  # such as the `...` that ends a document
    yield inserted(text, line_start(text, end) if more else len(text), lines)


def without_router(text: str, name: str) -> Iterator[str]:
    """Texts without this router."""
    yaml = yaml_module()
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value != _KEY or not isinstance(value, yaml.MappingNode):
            continue
        names = [each.value for each, _ in value.value]
        if name not in names:
            return
        index = names.index(name)
        start, end = value.value[index][0].start_mark.index, _end(yaml, value.value[index][1])
        if not value.flow_style:
            column = value.value[index][0].start_mark.column
            first = line_start(text, start)
            yield text[:first] + text[past_comments(text, line_end(text, end), column) :]
        elif index + 1 < len(names):
            yield text[:start] + text[value.value[index + 1][0].start_mark.index :]
        elif index:
            yield text[: _end(yaml, value.value[index - 1][1])] + text[end:]
        else:
            yield text[:start] + text[end:]


def _end(yaml: Any, node: Any) -> int:
    """Behind the last character of a node that is neither comment nor blank."""
    while not isinstance(node, yaml.ScalarNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)
