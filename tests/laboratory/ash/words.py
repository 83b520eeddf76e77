# SPDX-License-Identifier: GPL-2.0-or-later
"""Words: what an argument, a file's name, a value or a pattern is made of, and how it expands.

A part gives its `text`; `pour` puts it into fields, split where it is not quoted; `pattern` is
its text with a backslash before what shall not be special.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from tests.laboratory.ash.errors import ShellSyntax, Unsupported
from tests.laboratory.ash.patterns import SPECIAL, plain
from tests.laboratory.ash.patterns import quoted as as_pattern
from tests.laboratory.ash.splitting import DEFAULT, Fields

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell


class Part(Protocol):
    """A piece of a word that the parser told apart."""

    quoted: bool

    def single(self) -> bool:
        """Whether it is always a part of exactly one field."""

    def text(self, shell: "Shell") -> str: ...

    def pour(self, shell: "Shell", fields: Fields) -> None: ...

    def pattern(self, shell: "Shell") -> str: ...


class Literal:
    """Characters; a backslash or quotes made them `quoted`. `loose`: to be split like a value."""

    __slots__ = ("_pattern", "_text", "loose", "quoted")

    def __init__(self, text: str, *, quoted: bool, loose: bool = False) -> None:
        self._text, self.quoted, self.loose = text, quoted, loose
        self._pattern = as_pattern(text) if quoted else text

    def single(self) -> bool:
        return not self.loose

    def text(self, shell: "Shell | None" = None) -> str:
        return self._text

    def pour(self, shell: "Shell", fields: Fields) -> None:
        if self.loose:
            fields.split(self._text)
        else:
            fields.add(self._text, quoted=self.quoted)

    def pattern(self, shell: "Shell | None" = None) -> str:
        return self._pattern


class Expansion:
    """A part whose text is only known when it is run."""

    __slots__ = ("quoted",)

    def __init__(self, *, quoted: bool) -> None:
        self.quoted = quoted

    def single(self) -> bool:
        return self.quoted

    def text(self, shell: "Shell") -> str:
        raise NotImplementedError

    def pour(self, shell: "Shell", fields: Fields) -> None:
        if self.quoted:
            fields.add(self.text(shell), quoted=True)
        else:
            fields.split(self.text(shell))

    def pattern(self, shell: "Shell") -> str:
        return as_pattern(self.text(shell)) if self.quoted else self.text(shell)


class Variable(Expansion):
    """`$name`"""

    __slots__ = ("name",)

    def __init__(self, name: str, *, quoted: bool) -> None:
        self.name, self.quoted = name, quoted

    def get(self, shell: "Shell") -> str | None:
        return shell.variables.get(self.name)

    def text(self, shell: "Shell") -> str:
        return shell.variables.get(self.name, "")


class Positional(Expansion):
    """`$1`; `$0` is the shell's name."""

    __slots__ = ("number",)

    def __init__(self, number: int, *, quoted: bool) -> None:
        self.number, self.quoted = number, quoted

    def get(self, shell: "Shell") -> str | None:
        if self.number == 0:
            return shell.name
        arguments = shell.arguments
        return arguments[self.number - 1] if self.number <= len(arguments) else None

    def text(self, shell: "Shell") -> str:
        return self.get(shell) or ""


class Special(Expansion):
    """`$#`, `$?`, `$$`"""

    __slots__ = ("name",)

    def __init__(self, name: str, *, quoted: bool) -> None:
        self.name, self.quoted = name, quoted

    def get(self, shell: "Shell") -> str:
        return self.text(shell)

    def text(self, shell: "Shell") -> str:
        if self.name == "#":
            return str(len(shell.arguments))
        return str(shell.status if self.name == "?" else shell.system.pid)


class Arguments(Expansion):
    """`$@` and `$*`"""

    __slots__ = ("star",)

    def __init__(self, *, star: bool, quoted: bool) -> None:
        self.star, self.quoted = star, quoted

    def single(self) -> bool:
        return self.quoted and self.star

    def get(self, shell: "Shell") -> str | None:
        return self.text(shell) if shell.arguments else None

    def text(self, shell: "Shell") -> str:
        # As one text `$@` is no other than `$*` in busybox.
        return shell.variables.get("IFS", DEFAULT)[:1].join(shell.arguments)

    def pour(self, shell: "Shell", fields: Fields) -> None:
        if self.star and self.quoted:
            fields.add(self.text(shell), quoted=True)
            return
        if not self.quoted:
            raise Unsupported(f"fields of an unquoted ${'*' if self.star else '@'}")
        for number, argument in enumerate(shell.arguments):
            if number:
                fields.end()
            fields.add(argument, quoted=True)


class Word:
    """A word of several parts, or of one that expands."""

    __slots__ = ("glob", "literal", "parts", "single")

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        many = [part for part in parts if part.quoted and not part.single()]
        if len(many) > 1 or (many and any(not p.quoted and not p.single() for p in parts)):
            # What busybox does there with an empty argument, or with none, follows no rule.
            raise ShellSyntax('"$@" beside another expansion')
        fixed = all(isinstance(part, Literal) for part in parts)
        # An unquoted pattern may become paths.
        self.glob = any(
            isinstance(p, Literal) and not p.quoted and SPECIAL.search(p.text()) for p in parts
        )
        self.literal: str | None = None
        if fixed:
            self.literal = "".join([part.text() for part in parts if isinstance(part, Literal)])
            pattern = "".join([part.pattern() for part in parts if isinstance(part, Literal)])
            self.glob = plain(pattern) is None
        # One field whatever comes out of it.
        self.single = not self.glob and all(part.single() for part in parts)

    def text(self, shell: "Shell") -> str:
        """The word without splitting: a value, a file's name, the subject of `case`."""
        if self.literal is not None:
            return self.literal
        return "".join([part.text(shell) for part in self.parts])

    def pattern(self, shell: "Shell") -> str:
        return "".join([part.pattern(shell) for part in self.parts])

    def expand(self, shell: "Shell", out: list[str]) -> None:
        """The word's fields."""
        if self.single:
            out.append(self.text(shell))
            return
        fields = Fields(shell, out)
        for part in self.parts:
            part.pour(shell, fields)
        fields.close()


EMPTY = Word((Literal("", quoted=True),))
