# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration as a YAML file on a laptop: finding it, parsing it strictly.

The only place that imports PyYAML, and only when a file is read: a router does not have it.
Stricter than YAML where YAML would guess: a key given twice, and text that runs on over a line
break (usually a colon without its space), are errors. An error gives file, line and column,
never the line itself, which may hold a secret.
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

from wifirelay.config.fields import key_name
from wifirelay.config.model import Settings, from_mapping
from wifirelay.config.secrets import ReadSecret, read_secret
from wifirelay.errors import ConfigError
from wifirelay.values import shown

# YAML 1.2, 5.1: what may stand in a file at all
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# PyYAML quotes tokens, which help, but also anchors and tags, which may be (parts of) a secret
_QUOTED = re.compile(r"'([^']*)'")
_TOKEN = re.compile(r"<[a-z ]+>|[^\w]")
# With `<<: [*a, *a]` again and again, a few lines mean millions of keys (PyYAML 6.0 builds all).
MERGED = 1000  # keys that one mapping may get by merging
_MERGE = "tag:yaml.org,2002:merge"
_QUOTE_IT = "put text with special characters in quotes"


def default_path() -> str:
    """Where the configuration is unless somebody says otherwise (XDG Base Directory)."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    if not os.path.isabs(base):  # the specification: relative ones are to be ignored
        base = os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "wifirelay", "config.yaml")


def load(path: str, reader: ReadSecret = read_secret) -> Settings:
    """The settings of a file. Raises ConfigError, also when there is none."""
    text, mode = read_text(path)
    data = parse(text, path)
    settings = from_mapping({} if data is None else data, path, reader)
    if mode & 0o077 and holds_secrets(data):
        at = shown(path)
        warning = f"{at} holds secrets and is open to others (mode {mode:04o}): chmod 600 {at}"
        settings = replace(settings, warnings=(warning, *settings.warnings))
    return settings


def read_text(path: str) -> tuple[str, int]:
    """A file's text, line ends untouched, and its mode."""
    at = shown(path)
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read()
    except FileNotFoundError:
        raise ConfigError(
            f"there is no configuration file {at}",
            hint="make one with `wifirelay networks add SSID`, or name another with --config",
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its path is not possible"
        raise ConfigError(
            f"{at} cannot be read: {why}", hint="name a file that you may read with --config"
        ) from None
    try:
        return content.decode("utf-8"), mode
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{at}:{line}: is not UTF-8 text", hint="save it as UTF-8") from None


def parse(text: str, where: str) -> object:
    """The data of a YAML text, None when there is none. Raises ConfigError."""
    yaml = yaml_module()
    bad = _UNPRINTABLE.search(text.removeprefix("\ufeff"))
    if bad:
        before = text.removeprefix("\ufeff")[: bad.start()]
        line, column = before.count("\n") + 1, bad.start() - (before.rfind("\n") + 1) + 1
        code = f"U+{ord(bad.group()):04X}"
        raise _at(where, line, column, f"the character {code} is not allowed in YAML", _QUOTE_IT)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        for scalar in _checked(yaml, node, where):
            _construct(loader, scalar, where)
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise _syntax(error, where) from None
    except RecursionError:
        raise ConfigError(f"{shown(where)}: nests too deeply", hint="simplify it") from None
    finally:
        loader.dispose()


def _checked(yaml: ModuleType, root: Any, where: str) -> Iterator[Any]:
    """Each scalar once; refuses keys given twice and text that runs over a line break."""
    seen: set[int] = set()
    merged: dict[int, int] = {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(reversed(node.value))
        elif isinstance(node, yaml.MappingNode):
            _check_keys(node, where)
            _count_merged(yaml, node, where, merged)
            waiting.extend(part for pair in reversed(node.value) for part in reversed(pair))
        else:
            if not node.style and node.start_mark.line != node.end_mark.line:
                raise _marked(
                    node.start_mark,
                    where,
                    "a text without quotes runs on over the line's end",
                    "write `name: value` with a space after the colon; put long text in quotes",
                )
            yield node


def _check_keys(node: Any, where: str) -> None:
    lines: dict[tuple[str, str], int] = {}
    for key, value in node.value:
        if not isinstance(key.value, str):
            raise _marked(key.start_mark, where, "a key is not plain text", _QUOTE_IT)
        first = lines.get((key.tag, key.value))
        if first is not None:
            name = key_name(key.value, value.value or None)
            raise _marked(
                key.start_mark,
                where,
                f"the key {name or 'here'} is given twice, first in line {first}",
                "keep one of them",
            )
        lines[key.tag, key.value] = key.start_mark.line + 1


def _count_merged(yaml: ModuleType, node: Any, where: str, merged: dict[int, int]) -> int:
    """How many keys a mapping has with what it merges, itself and twice the same included."""
    if id(node) in merged:
        return merged[id(node)]
    merged[id(node)] = MERGED + 1  # for one that merges itself
    count = 0
    for key, value in node.value:
        if key.tag != _MERGE:
            count += 1
            continue
        for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if isinstance(part, yaml.MappingNode):
                count += _count_merged(yaml, part, where, merged)
    if count > MERGED and any(key.tag == _MERGE for key, _ in node.value):
        raise _marked(node.start_mark, where, "merges too many keys (`<<`)", "write them out")
    merged[id(node)] = count
    return count


def _construct(loader: Any, node: Any, where: str) -> None:
    """Sees to it that a value such as `2024-13-45`, a date to YAML, is refused with its place."""
    if node.tag in (_MERGE, "tag:yaml.org,2002:value"):
        return
    try:
        loader.construct_object(node)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise _marked(
            node.start_mark,
            where,
            "a value looks like a number or a date and is none",
            "put it in quotes",
        ) from None


def _syntax(error: Any, where: str) -> ConfigError:
    problem = getattr(error, "problem", None) or "is not YAML"
    problem = _QUOTED.sub(lambda found: f"'{_safe(found.group(1))}'", str(problem))
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    hint = f"check indentation, colons and brackets near there; {_QUOTE_IT}"
    if mark is None:
        return ConfigError(f"{shown(where)}: {shown(problem)}", hint=hint)
    return _marked(mark, where, shown(problem), hint)


def _safe(quoted: str) -> str:
    return quoted if _TOKEN.fullmatch(quoted) else "..."


def _marked(mark: Any, where: str, problem: str, hint: str) -> ConfigError:
    return _at(where, mark.line + 1, mark.column + 1, problem, hint)


def _at(where: str, line: int, column: int, problem: str, hint: str) -> ConfigError:
    return ConfigError(f"{shown(where)}:{line}:{column}: {problem}", hint=hint)


SECRETS = ("key", "login_form", "password", "priv_key_password", "url")  # a hook's url, too


def holds_secrets(data: object) -> bool:
    """Whether a secret itself, not just the place of one, stands in the data."""
    if isinstance(data, dict):
        return any(name in SECRETS or holds_secrets(value) for name, value in data.items())
    return isinstance(data, list) and any(holds_secrets(item) for item in data)


def yaml_module() -> ModuleType:
    """PyYAML, or the reason why there is none."""
    try:
        import yaml
    except ImportError:
        raise ConfigError(
            "reading YAML needs PyYAML, which is not installed",
            hint="pip install pyyaml; on a router, use /etc/config/wifirelay instead",
        ) from None
    return yaml
