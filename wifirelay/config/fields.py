# SPDX-License-Identifier: GPL-2.0-or-later
"""One mapping of a configuration, read key by key, whoever parsed it.

Knows types, limits and how to say what is wrong: the file, the key's path, the problem, the
remedy. Where all values are texts, it tells numbers and truths by their letters. Refuses to know
what the keys mean, and never puts a value into an error that could be a secret: neither a value
under a key that it does not know, nor a key that looks like one.
"""

import re
from collections.abc import Iterable, Sequence

from wifirelay.config.writing import Place, Style
from wifirelay.errors import ConfigError
from wifirelay.values import shown

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}\Z")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?\Z")  # longer ones are texts
_TRUTHS = {  # what OpenWrt's init scripts take for a truth value (/lib/functions.sh, get_bool)
    **dict.fromkeys(("1", "on", "true", "yes", "enabled"), True),
    **dict.fromkeys(("0", "off", "false", "no", "disabled"), False),
}
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
    "macaddr": "mac",
    "bssid_blacklist": "not_bssid",
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

    __slots__ = ("_data", "place")

    def __init__(self, data: object, place: Place, keys: Sequence[str]) -> None:
        self.place = place
        if not isinstance(data, dict):
            raise problem(
                place.where,
                place.path,
                f"is {kind(data)}, not a mapping"
                if place.path
                else f"the top level is {kind(data)}, not a mapping",
                f"write `name: value` pairs; the names here are {', '.join(keys)}",
            )
        self._data: dict[object, object] = data
        for key, value in data.items():
            if key not in keys:
                raise self._unknown(key, value, keys)

    def _unknown(self, key: object, value: object, keys: Sequence[str]) -> ConfigError:
        style = self.style
        names = f"the names here are {', '.join(map(self.name, keys))}"
        name = key_name(key, value)
        if name is None:
            form = "`name: value` with a space after the colon"
            return problem(
                self.place.where,
                self.place.path,
                f"holds {style.a_noun} that is not known (not shown: it could be a secret)",
                f"write {form if style.typed else '`option name value`'}; {names}",
            )
        if name.endswith("_env") and "_env" not in style.endings:
            rest = name.removesuffix("_env")
            hint = f"use {self.name(rest)} or {self.name(rest)}_file"
            return self.error(name, "a service has no environment of its owner's", hint)
        synonym = _SYNONYMS.get(name.casefold())
        meant = synonym if synonym in keys else near(name, keys)
        hint = f"did you mean `{self.name(meant)}`? {names}" if meant else names
        return self.error(name, f"is not a known {style.noun}", hint)

    @property
    def style(self) -> Style:
        return self.place.style

    def name(self, key: str) -> str:
        """A key as the owner writes it, for hints."""
        return self.place.name(key)

    def path(self, key: str) -> str:
        """The full path of a key, such as `networks[2].key`."""
        return self.place.of(key)

    def inner(self, key: str, keys: Sequence[str]) -> "Fields":
        """The mapping under a key; where none can stand in another, the keys that begin so."""
        if self.style.nested:
            return Fields(self.raw(key), self.place.inner(key), keys)
        start = f"{key}_"
        data = {
            name.removeprefix(start): value
            for name, value in self._data.items()
            if isinstance(name, str) and name.startswith(start)
        }
        return Fields(data, self.place.inner(key), keys)

    def first(self, key: str) -> str | None:
        """What is there of the mapping under a key: the key, or the first that begins so."""
        if self.style.nested:
            return key if key in self._data else None
        start = f"{key}_"
        return next((n for n in self._data if isinstance(n, str) and n.startswith(start)), None)

    def error(self, key: str, text: str, hint: str) -> ConfigError:
        """The error for the value of a key, or for its absence."""
        return problem(self.place.where, self.path(key), text, hint)

    def has(self, key: str) -> bool:
        return key in self._data

    def raw(self, key: str) -> object:
        """The value as it was parsed, None when it is absent. Present but empty is an error:
        a `key:` left empty must not turn a network into an open one."""
        if key in self._data and self._data[key] is None:
            raise self.error(
                key, "has no value", f"give it one, or leave the {self.style.noun} out"
            )
        return self._data.get(key)

    def text(self, key: str) -> str | None:
        """Any text, as it stands."""
        value = self.raw(key)
        if value is not None and not isinstance(value, str):
            raise self.error(
                key, f"is {kind(value)}, not text", f"{self.style.as_text}: {self.written(key)}"
            )
        return value

    def written(self, key: str, value: str = "...") -> str:
        """How the owner writes a text under this key."""
        return self.style.text(self.name(key), value)

    def line(self, key: str) -> str | None:
        """Text that is not empty and stays on one line."""
        text = self.text(key)
        if text is None:
            return None
        if not text:
            raise self.error(
                key, "is empty", f"give it a value, or leave the {self.style.noun} out"
            )
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
            raise self.impossible(key, text, words)
        return text

    def impossible(self, key: str, text: str, words: Iterable[str]) -> ConfigError:
        """The error for a text that is none of these words."""
        words = tuple(words)
        meant = near(text, words)
        hint = f"one of {', '.join(words)}"
        return self.error(
            key,
            f"{shown(text)!r} is not possible here",
            f"did you mean `{meant}`? {hint}" if meant else hint,
        )

    def truth(self, key: str, *, default: bool = False) -> bool:
        """A truth value."""
        value = self.raw(key)
        if value is None:
            return default
        if not self.style.typed and isinstance(value, str):
            value = _TRUTHS.get(value, value)
        if not isinstance(value, bool):
            words = self.style.truths
            raise self.error(key, f"is {kind(value)}, not {words}", f"write {words}")
        return value

    def whole(self, key: str, low: int, high: int, what: str) -> int | None:
        """A whole number within limits."""
        value = self._number(key)
        if value is None:
            return None
        hint = f"write {what} from {low} to {high}" + self._bare(", without quotes")
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"is {kind(value)}, not a whole number", hint)
        if not low <= value <= high:
            raise self.error(key, f"{_digits(value)} is not from {low} to {high}", hint)
        return value

    def seconds(self, key: str, low: int, high: int, default: float) -> float:
        """A duration in seconds within limits."""
        value = self._number(key)
        if value is None:
            return default
        hint = f"write seconds from {low} to {high}, without a unit"
        hint += self._bare(" and without quotes")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"is {kind(value)}, not a number", hint)
        if not low <= value <= high:
            raise self.error(key, f"{_digits(value)} is not from {low} to {high}", hint)
        return float(value)

    def _number(self, key: str) -> object:
        value = self.raw(key)
        if not self.style.typed and isinstance(value, str) and _NUMBER.match(value):
            return float(value) if "." in value else int(value)
        return value

    def _bare(self, text: str) -> str:
        return text if self.style.typed else ""

    def lines(
        self, key: str, *example: str, alone: bool = False, blanks: bool = False
    ) -> tuple[str, ...]:
        """A list of texts; with `alone` one text stands for a list of one. Where all values are
        texts, one may hold several with blanks between them, as UCI's own readers take it; but
        not where `blanks` may be part of each."""
        value = self.raw(key)
        if value is None:
            return ()
        if isinstance(value, str) and not self.style.typed and not blanks:
            value = value.split()
        elif isinstance(value, str) and alone:
            value = [value]
        hint = f"write {self.style.listed(self.name(key), example)}"
        if not isinstance(value, list | tuple):
            raise self.error(key, f"is {kind(value)}, not a list", hint)
        if not value:
            out = f"name at least one, or leave the {self.style.noun} out"
            raise self.error(key, "is an empty list", out)
        for index, item in enumerate(value):
            if not isinstance(item, str):
                raise self.error(f"{key}[{index}]", f"is {kind(item)}, not text", hint)
        return tuple(value)


def _digits(value: float) -> str:
    """A number for an error: YAML has integers of any length, Python writes 4300 digits."""
    return f"{value}" if abs(value) < 10**15 else "the number"
