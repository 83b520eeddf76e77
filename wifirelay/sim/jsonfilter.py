# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenWrt's `jsonfilter` (jsonpath), as far as router-side scripts use it.

Paths such as `@.radio0.interfaces[@.config.mode="ap"].ifname`, `@[*].x`, `@.*.y[0]`,
`$..name`; each match is printed on a line of its own. Options `-i FILE`, `-s STRING`,
`-e PATH` (several), `-q`. The export form `NAME=PATH` is not known.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from wifirelay.sim.blobmsg import text as blobmsg_text
from wifirelay.transport.base import Completed

Match = Callable[[Any], list[Any]]
Test = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+)"""
    r"""|(?P<label>[A-Za-z_][A-Za-z0-9_-]*)|(?P<mark>\.\.|!=|<=|>=|&&|\|\||[@$.\[\]*=<>!()~,]))"""
)


class PathError(ValueError):
    """The expression is not understood."""


def jsonfilter(argv: Sequence[str], stdin: bytes, read: Callable[[str], bytes]) -> Completed:
    """Run `jsonfilter` (without the program's name); `read` opens a file for `-i`."""
    words, paths, source, quiet = list(argv), [], stdin, False
    while words:
        word = words.pop(0)
        flag, value = word[:2], word[2:]
        if flag in ("-e", "-t", "-s", "-i") and not value:
            if not words:
                return Completed(1, err=b"Usage: jsonfilter\n")
            value = words.pop(0)
        if flag in ("-e", "-t"):
            paths.append(value)
        elif flag == "-s":
            source = value.encode("utf-8", "surrogateescape")
        elif flag == "-i":
            try:
                source = read(value)
            except OSError:
                return Completed(125, err=f"Failed to open {value}: No such file\n".encode())
        elif flag == "-q":
            quiet = True
    try:
        document = json.loads(source.decode("utf-8", "surrogateescape"), strict=False)
    except ValueError:
        return Completed(126, err=b"" if quiet else b"Failed to parse json data\n")
    out, missed = [], False
    for path in paths:
        try:
            found = find(path, document)
        except PathError as error:
            return Completed(127, err=b"" if quiet else f"Syntax error: {error}\n".encode())
        missed = missed or not found
        out += [f"{_shown(item)}\n" for item in found]
    return Completed(1 if missed else 0, "".join(out).encode("utf-8", "surrogateescape"))


def find(path: str, document: Any) -> list[Any]:
    """All values that a path matches."""
    tokens = _Tokens(path)
    root = tokens.take()
    if root not in ("@", "$"):
        raise PathError(f"{path!r} does not begin with @ or $")
    match = _segments(tokens, document)
    if tokens.peek() is not None:
        raise PathError(f"unexpected {tokens.peek()!r} in {path!r}")
    return match(document)


class _Tokens:
    def __init__(self, path: str) -> None:
        self.kinds: list[tuple[str, str]] = []
        place = 0
        while path[place:].strip():
            found = _TOKEN.match(path, place)
            if found is None:
                raise PathError(f"{path[place:]!r}")
            self.kinds.append((str(found.lastgroup), found[str(found.lastgroup)]))
            place = found.end()
        self.kinds.reverse()

    def peek(self) -> str | None:
        return self.kinds[-1][1] if self.kinds else None

    def kind(self) -> str:
        return self.kinds[-1][0] if self.kinds else ""

    def take(self) -> str:
        if not self.kinds:
            raise PathError("ends too early")
        return self.kinds.pop()[1]

    def expect(self, mark: str) -> None:
        if (found := self.take()) != mark:
            raise PathError(f"{mark!r} expected, not {found!r}")


def _segments(tokens: _Tokens, root: Any) -> Match:
    steps: list[Match] = []
    while tokens.peek() in (".", "..", "["):
        mark = tokens.take()
        if mark == "[":
            steps.append(_bracket(tokens, root))
            tokens.expect("]")
        else:
            step = _named(tokens.take()) if tokens.peek() != "[" else None
            if mark == "..":
                inner = step or (lambda value: [value])
                step = _deep(inner)
            if step is not None:
                steps.append(step)

    def walk(value: Any) -> list[Any]:
        values = [value]
        for step in steps:
            values = [found for one in values for found in step(one)]
        return values

    return walk


def _named(label: str) -> Match:
    if label == "*":
        return _all
    name = _unquoted(label)
    return lambda value: [value[name]] if isinstance(value, dict) and name in value else []


def _all(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _deep(step: Match) -> Match:
    def everywhere(value: Any) -> Iterator[Any]:
        yield value
        for inner in _all(value):
            yield from everywhere(inner)

    return lambda value: [found for one in everywhere(value) for found in step(one)]


def _bracket(tokens: _Tokens, root: Any) -> Match:
    if tokens.peek() == "*":
        tokens.take()
        return _all
    if tokens.kind() == "number":
        index = int(tokens.take())
        return lambda value: (
            [value[index]] if isinstance(value, list) and -len(value) <= index < len(value) else []
        )
    if tokens.kind() == "string":
        return _named(tokens.take())
    test = _either(tokens, root)
    return lambda value: [item for item in _all(value) if test(item)]


def _or(left: Test, right: Test) -> Test:
    return lambda item: left(item) or right(item)


def _and(left: Test, right: Test) -> Test:
    return lambda item: left(item) and right(item)


def _either(tokens: _Tokens, root: Any) -> Test:
    test = _both(tokens, root)
    while tokens.peek() == "||":
        tokens.take()
        test = _or(test, _both(tokens, root))
    return test


def _both(tokens: _Tokens, root: Any) -> Test:
    test = _comparison(tokens, root)
    while tokens.peek() == "&&":
        tokens.take()
        test = _and(test, _comparison(tokens, root))
    return test


def _comparison(tokens: _Tokens, root: Any) -> Test:
    if tokens.peek() == "!":
        tokens.take()
        inner = _comparison(tokens, root)
        return lambda item: not inner(item)
    if tokens.peek() == "(":
        tokens.take()
        inner = _either(tokens, root)
        tokens.expect(")")
        return inner
    left = _operand(tokens, root)
    mark = tokens.peek()
    if mark not in ("=", "!=", "<", ">", "<=", ">="):
        return lambda item: bool(left(item)) and left(item)[0] not in (False, None, 0)
    tokens.take()
    right = _operand(tokens, root)
    return lambda item: _compare(mark, left(item), right(item))


def _operand(tokens: _Tokens, root: Any) -> Match:
    kind, word = tokens.kind(), tokens.take()
    if kind == "string":
        text = _unquoted(word)
        return lambda _: [text]
    if kind == "number":
        number = int(word)
        return lambda _: [number]
    if word in ("true", "false"):
        return lambda _: [word == "true"]
    if word not in ("@", "$"):
        raise PathError(f"unexpected {word!r}")
    path = _segments(tokens, root)
    return path if word == "@" else (lambda _: path(root))


def _compare(mark: str, left: list[Any], right: list[Any]) -> bool:
    if not left or not right:
        return False
    a, b = left[0], right[0]
    if type(a) is not type(b):
        return mark == "!="
    equal = bool(a == b)
    if mark in ("=", "!="):
        return equal == (mark == "=")
    if not isinstance(a, int | float | str):
        return False
    less = bool(a < b)
    return {"<": less, ">": not less and not equal, "<=": less or equal, ">=": not less}[mark]


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word[:1] in "\"'" else word


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        spaced: str = blobmsg_text(value, compact=True)
        return spaced
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return str(value)
