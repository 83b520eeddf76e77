# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of an input that keep it what it is: JSON stays JSON, lines stay lines.

A fuzzer that changes bytes alone seldom gets past `json.loads`. Pure: the same number, the same
change.
"""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.fuzzing.feeding import REPEAT

Path = tuple[Any, ...]
DEEP = 60
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 255, -256, 2**31, -(2**63), 10**400, 0.5, 1e308, float("nan")),
    *(float("inf"), "", " ", "0", "-1", "\x00", "a\x00b", "\n", "\x1b[2J", "\u202e", "\u2028"),
    *("\ud800", "\udcff", "x" * 33, "x" * 400, "-x", "../../x", "'", '"', "$(x)", "%s%n", "*"),
    *(
        "9" * 5000,
        "9" * 25,
        "\ufe0f",
        "\u0301",
        "\U0001f4a9",
        "\u3164",
        [],
        {},
        [[]],
        [None],
        {"": ""},
    ),
)


def changed(data: bytes, words: Sequence[str], number: int) -> bytes | None:
    """A change of this input; None where it is neither JSON nor lines of it."""
    chance = random.Random(number)
    if chance.random() < 0.002:
        return REPEAT + _piece(data, words, chance)
    text = data.decode("utf-8", "surrogateescape")
    try:
        return _bytes(_changed_json(json.loads(text, strict=False), words, chance))
    except (ValueError, RecursionError):
        pass
    lines = text.split("\n")
    if len(lines) == 1 or chance.random() < 0.2:
        return None
    at = chance.randrange(len(lines))
    if chance.random() < 0.2:
        lines[at : at + 1] = [lines[at], lines[at]] if chance.random() < 0.5 else []
        return _bytes_of("\n".join(lines))
    try:
        row = _changed_json(json.loads(lines[at], strict=False), words, chance)
    except (ValueError, RecursionError):
        return None
    lines[at] = json.dumps(row)
    return _bytes_of("\n".join(lines))


def _piece(data: bytes, words: Sequence[str], chance: random.Random) -> bytes:
    """A short piece to be repeated: words, marks, or a part of the input."""
    marks = ("\n", " ", "-", "a-", '"', "'", "\\", "[", "{", ",", ":", "(", "=", "\t", "\\\n")
    picked = [chance.choice((*words, *marks)) for _ in range(chance.randint(1, 3))]
    if data and chance.random() < 0.3:
        start = chance.randrange(len(data))
        picked.append(data[start : start + 12].decode("utf-8", "surrogateescape"))
    return _bytes_of("".join(picked))


def _changed_json(value: Any, words: Sequence[str], chance: random.Random) -> Any:
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        places = list(_places(value))
        path = chance.choice(places)
        value = _with(value, path, _change(chance, words, value, places))
    return value


def _places(value: Any, path: Path = ()) -> Any:
    """The path of every part, the whole first; not endlessly deep."""
    yield path
    if len(path) < DEEP:
        members: Iterable[tuple[Any, Any]] = ()
        if isinstance(value, dict | list):
            members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in members:
            yield from _places(inner, (*path, key))


def _change(
    chance: random.Random, words: Sequence[str], whole: Any, places: list[Path]
) -> Callable[[Any], Any]:
    other = _at(whole, chance.choice(places))
    kind = chance.randrange(8)
    if kind == 0:
        return lambda part: chance.choice(STRANGE)
    if kind == 1:
        return lambda part: chance.choice(words)
    if kind == 2:
        return lambda part: other
    if kind == 3:
        return lambda part: _wrapped(part, chance)
    return lambda part: _inner(part, words, chance, other)


def _inner(part: Any, words: Sequence[str], chance: random.Random, other: Any) -> Any:
    """The same kind of thing, a little different."""
    if isinstance(part, dict):
        part = dict(part)
        keys = list(part)
        if keys and chance.random() < 0.3:
            del part[chance.choice(keys)]
        elif keys and chance.random() < 0.4:
            part[chance.choice(words)] = part.pop(chance.choice(keys))
        else:
            part[chance.choice((*words, *keys, "\ud800", "a b", ""))] = other
        return part
    if isinstance(part, list):
        at = chance.randint(0, len(part))
        if part and chance.random() < 0.5:
            return part[:at] + part[at + 1 :]
        return [*part[:at], other if chance.random() < 0.5 else chance.choice(STRANGE), *part[at:]]
    if isinstance(part, str):
        return _inside(part, words, chance)
    if isinstance(part, bool) or part is None:
        return not part
    if isinstance(part, int):
        return part + chance.choice((-1, 1, 100, -100, 2**16))
    return chance.choice(STRANGE)


def _inside(text: str, words: Sequence[str], chance: random.Random) -> str:
    """JSON within a text (a recorded answer) is changed as JSON; else the text is."""
    if text[:1] in ("{", "[") and chance.random() < 0.8:
        try:
            return json.dumps(_changed_json(json.loads(text, strict=False), words, chance))
        except (ValueError, RecursionError):
            pass
    at = chance.randint(0, len(text))
    new = chance.choice(STRANGE)
    piece = new if isinstance(new, str) and len(new) < 500 else chance.choice(words)
    return text[:at] + piece + text[at + chance.randint(0, 3) :]


def _wrapped(part: Any, chance: random.Random) -> Any:
    for _ in range(chance.choice((1, 2, DEEP))):
        part = [part] if chance.random() < 0.5 else {"x": part}
    return part


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _with(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """A copy in which the part at a path is another."""
    if not path:
        return change(value)
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = _with(copy[key], tuple(rest), change)
    return copy


def _bytes(value: Any) -> bytes:
    return _bytes_of(json.dumps(value, ensure_ascii=random.Random(len(str(value))).random() < 0.5))


def _bytes_of(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character goes as the escape that JSON has for it
        return (
            json.dumps(json.loads(text)).encode()
            if text[:1] in "{["
            else text.encode("utf-8", "replace")
        )
