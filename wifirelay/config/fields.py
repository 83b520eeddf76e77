# SPDX-License-Identifier: GPL-2.0-or-later
"""One mapping of a configuration, read key by key, whoever parsed it.

Knows types, limits and how to say what is wrong: the file, the key's path, the problem, the
remedy. Refuses to know what the keys mean, and never puts a value into an error that could be
a secret: neither a value under a key that it does not know, nor a key that looks like one.
"""

import re
from collections.abc import Iterable, Sequence

from wifirelay.errors import ConfigError
from wifirelay.values import shown

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}\Z")
_SYNONYMS = {
    "name": "ssid",
    "psk": "key",
    "passphrase": "key",
    "password": "key",
    "encryption": "security",
    "bssids": "bssid",
    "network": "networks",
    "host": "router",
    "radio": "radios",
    "timeout": "deadline",
    "username": "identity",
}


def problem(where: str, path: str, text: str, hint: str) -> ConfigError:
    """The error for one place of one file."""
    place = f"{shown(where)}: {path}: " if path else f"{shown(where)}: "
    return ConfigError(place + text, hint=hint)


def kind(value: object) -> str:
    """What a value is, in an owner's words and without showing it."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "a truth value (bare on, off, yes, no, true and false are)"
    for types, words in _KINDS:
        if isinstance(value, types):
            return words
    return "a date" if type(value).__name__ in ("date", "datetime") else "something else"


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((int, float), "a number"),
    (str, "text"),
    (dict, "a mapping"),
    ((list, tuple), "a list"),
)


def near(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that somebody probably meant, if any."""
    from difflib import get_close_matches  # costs memory; needed for errors only

    by_folded = {known.casefold(): known for known in words}
    matches = get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[matches[0]] if matches else None


def key_name(key: object, value: object) -> str | None:
    """An unknown key's name when it may be shown.

    `{ssid: Home, key hunter2hunter2}` or `{ssid: Home, hunter2hunter2}` make a key out of a
    secret: so only a plain name that has a value is one.
    """
    if isinstance(key, str) and _NAME.match(key) and value is not None:
        return key
    return None


def control_characters(text: str) -> bool:
    """Whether text holds what would end a line of wpa_supplicant's configuration, or worse."""
    return any(ord(char) < 0x20 or ord(char) == 0x7F for char in text)


class Fields:
    """A mapping whose keys are all known; each method reads one of them."""

    __slots__ = ("_data", "_path", "_where")

    def __init__(self, data: object, where: str, path: str, keys: Sequence[str]) -> None:
        self._where = where
        self._path = path
        if not isinstance(data, dict):
            raise problem(
                where,
                path,
                f"is {kind(data)}, not a mapping"
                if path
                else f"the top level is {kind(data)}, not a mapping",
                f"write `name: value` pairs; the names here are {', '.join(keys)}",
            )
        self._data: dict[object, object] = data
        for key, value in data.items():
            if key not in keys:
                raise self._unknown(key, value, keys)

    def _unknown(self, key: object, value: object, keys: Sequence[str]) -> ConfigError:
        names = f"the names here are {', '.join(keys)}"
        name = key_name(key, value)
        if name is None:
            return problem(
                self._where,
                self._path,
                "holds a key that is not known (not shown: it could be a secret)",
                f"write `name: value` with a space after the colon; {names}",
            )
        synonym = _SYNONYMS.get(name.casefold())
        meant = synonym if synonym in keys else near(name, keys)
        hint = f"did you mean `{meant}`? {names}" if meant else names
        return problem(self._where, self.path(name), "is not a known key", hint)

    def path(self, key: str) -> str:
        """The full path of a key, such as `networks[2].key`."""
        return f"{self._path}.{key}" if self._path else key

    def error(self, key: str, text: str, hint: str) -> ConfigError:
        """The error for the value of a key, or for its absence."""
        return problem(self._where, self.path(key), text, hint)

    def has(self, key: str) -> bool:
        return key in self._data

    def raw(self, key: str) -> object:
        """The value as it was parsed, None when it is absent. Present but empty is an error:
        a `key:` left empty must not turn a network into an open one."""
        if key in self._data and self._data[key] is None:
            raise self.error(key, "has no value", "give it one, or leave the key out")
        return self._data.get(key)

    def text(self, key: str) -> str | None:
        """Any text, as it stands."""
        value = self.raw(key)
        if value is not None and not isinstance(value, str):
            raise self.error(key, f"is {kind(value)}, not text", f'put it in quotes: {key}: "..."')
        return value

    def line(self, key: str) -> str | None:
        """Text that is not empty and stays on one line."""
        text = self.text(key)
        if text is None:
            return None
        if not text:
            raise self.error(key, "is empty", "give it a value, or leave the key out")
        if control_characters(text):
            raise self.error(key, "holds a line break or another control character", "take it out")
        return text

    def word(self, key: str, words: Iterable[str], default: str) -> str:
        """One of a fixed list of words."""
        words = tuple(words)
        text = self.line(key)
        if text is None:
            return default
        if text not in words:
            meant = near(text, words)
            hint = f"one of {', '.join(words)}"
            raise self.error(
                key,
                f"{shown(text)!r} is not possible here",
                f"did you mean `{meant}`? {hint}" if meant else hint,
            )
        return text

    def truth(self, key: str) -> bool:
        """`true` or `false`; absent is false."""
        value = self.raw(key)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise self.error(key, f"is {kind(value)}, not true or false", "write true or false")
        return value

    def whole(self, key: str, low: int, high: int, what: str) -> int | None:
        """A whole number within limits."""
        value = self.raw(key)
        if value is None:
            return None
        hint = f"write {what} from {low} to {high}, without quotes"
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"is {kind(value)}, not a whole number", hint)
        if not low <= value <= high:
            raise self.error(key, f"{_digits(value)} is not from {low} to {high}", hint)
        return value

    def seconds(self, key: str, low: int, high: int, default: float) -> float:
        """A duration in seconds within limits."""
        value = self.raw(key)
        if value is None:
            return default
        hint = f"write seconds from {low} to {high}, without a unit and without quotes"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"is {kind(value)}, not a number", hint)
        if not low <= value <= high:
            raise self.error(key, f"{_digits(value)} is not from {low} to {high}", hint)
        return float(value)

    def lines(self, key: str, example: str, *, alone: bool = False) -> tuple[str, ...]:
        """A list of texts; with `alone` one text stands for a list of one."""
        value = self.raw(key)
        if value is None:
            return ()
        if alone and isinstance(value, str):
            value = [value]
        hint = f"write {key}: {example}"
        if not isinstance(value, list | tuple):
            raise self.error(key, f"is {kind(value)}, not a list", hint)
        if not value:
            raise self.error(key, "is an empty list", "name at least one, or leave the key out")
        for index, item in enumerate(value):
            if not isinstance(item, str):
                raise self.error(f"{key}[{index}]", f"is {kind(item)}, not text", hint)
        return tuple(value)


def _digits(value: float) -> str:
    """A number for an error: YAML has integers of any length, Python writes 4300 digits."""
    return f"{value}" if abs(value) < 10**15 else "the number"
