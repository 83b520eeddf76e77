# SPDX-License-Identifier: GPL-2.0-or-later
"""How a kind of file writes a name and its value: for errors that an owner understands.

One model has two readers, YAML and UCI; each error names the place and the remedy in the words
of the file that the owner wrote. Knows no names and no limits.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

_BARE = re.compile(r"\w+\Z")  # YAML takes it without quotes


@dataclass(frozen=True, slots=True)
class Style:
    """One kind of file.

    `typed`: numbers and truths are told from text; else all values are texts, or lists of them.
    `nested`: a mapping can stand in another; else its names stand there with a prefix.
    """

    noun: str  # what a name with its value is called
    typed: bool
    nested: bool
    truths: str
    as_text: str  # what to do with a value that is no text
    endings: tuple[str, ...]  # the names that can give one secret: the secret itself, its places
    plain: str  # templates
    quoted: str

    @property
    def a_noun(self) -> str:
        return f"an {self.noun}" if self.noun[0] in "aeiou" else f"a {self.noun}"

    def one(self, name: str, value: object) -> str:
        """A name with a plain value."""
        return self.plain.format(name=name, value=value)

    def text(self, name: str, value: str = "...") -> str:
        """A name with a text in quotes."""
        return self.quoted.format(name=name, value=value)

    def listed(self, name: str, items: Iterable[str]) -> str:
        """A name with a list."""
        if self.nested:
            written = (item if _BARE.match(item) else f'"{item}"' for item in items)
            return f"{name}: [{', '.join(written)}]"
        return ", ".join(f"list {name} '{item}'" for item in items)


YAML = Style(
    noun="key",
    typed=True,
    nested=True,
    truths="true or false",
    as_text="put it in quotes",
    endings=("", "_file", "_env"),
    plain="{name}: {value}",
    quoted='{name}: "{value}"',
)
UCI = Style(
    noun="option",
    typed=False,
    nested=False,
    truths="1 or 0",
    as_text="write one value",
    endings=("", "_file"),  # a service has no environment of its owner's
    plain="option {name} '{value}'",
    quoted="option {name} '{value}'",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mapping stands: the file, the path in there, what its names begin with."""

    where: str
    path: str = ""
    style: Style = YAML
    prefix: str = ""

    @property
    def folder(self) -> str | None:
        """Where relative paths start; None where there can be none."""
        return os.path.dirname(self.where) if self.style.nested else None

    def name(self, key: str) -> str:
        """A key as the owner writes it."""
        return self.prefix + key

    def of(self, key: str) -> str:
        """The full path of a key, such as `networks[2].key` or `wifirelay.home.key`."""
        return f"{self.path}.{self.name(key)}" if self.path else self.name(key)

    def inner(self, key: str) -> "Place":
        """The place of the mapping under a key."""
        if self.style.nested:
            return Place(self.where, self.of(key), self.style)
        return Place(self.where, self.path, self.style, f"{self.name(key)}_")
