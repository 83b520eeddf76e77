# SPDX-License-Identifier: GPL-2.0-or-later
"""Expansions that work on another one: `${x-word}`, `${x+word}`, `${#x}`, `${x#pattern}`."""

from typing import TYPE_CHECKING, Protocol

from tests.laboratory.ash.arithmetic import compiled
from tests.laboratory.ash.errors import ArithmeticFailed, ShellExit
from tests.laboratory.ash.patterns import trimmer
from tests.laboratory.ash.words import Expansion, Literal, Word

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell
    from tests.laboratory.ash.splitting import Fields
    from tests.laboratory.ash.tree import Node


class Source(Protocol):
    """A parameter."""

    quoted: bool

    def single(self) -> bool: ...

    def get(self, shell: "Shell") -> str | None:
        """None: it is not set."""

    def text(self, shell: "Shell") -> str: ...

    def pour(self, shell: "Shell", fields: "Fields") -> None: ...

    def pattern(self, shell: "Shell") -> str: ...


class Choice(Expansion):
    """`${x-word}` or `${x+word}`: or the parameter, or nothing. `colon`: empty is unset."""

    __slots__ = ("alternate", "argument", "colon", "source")

    def __init__(self, source: Source, op: str, argument: Word, *, quoted: bool) -> None:
        self.source, self.argument, self.quoted = source, argument, quoted
        self.colon, self.alternate = op[0] == ":", op[-1] == "+"

    def single(self) -> bool:
        parts = (self.source, *self.argument.parts)
        return self.quoted and all(part.single() for part in parts)

    def _takes_word(self, shell: "Shell") -> bool:
        value = self.source.get(shell)
        return (bool(value) if self.colon else value is not None) is self.alternate

    def text(self, shell: "Shell") -> str:
        if self._takes_word(shell):
            return self.argument.text(shell)
        return "" if self.alternate else self.source.text(shell)

    def pour(self, shell: "Shell", fields: "Fields") -> None:
        if self._takes_word(shell):
            for part in self.argument.parts:
                part.pour(shell, fields)
        elif not self.alternate:
            self.source.pour(shell, fields)
        elif self.quoted:
            fields.add("", quoted=True)

    def pattern(self, shell: "Shell") -> str:
        if self._takes_word(shell):
            return self.argument.pattern(shell)
        return "" if self.alternate else self.source.pattern(shell)


class Length(Expansion):
    """`${#x}`, in bytes."""

    __slots__ = ("source",)

    def __init__(self, source: Source, *, quoted: bool) -> None:
        self.source, self.quoted = source, quoted

    def text(self, shell: "Shell") -> str:
        return str(len(self.source.text(shell)))


class Trim(Expansion):
    """`${x#pattern}` and its three siblings."""

    __slots__ = ("op", "source", "trimmed", "word")

    def __init__(self, source: Source, op: str, word: Word, *, quoted: bool) -> None:
        self.source, self.op, self.word, self.quoted = source, op, word, quoted
        fixed = all(isinstance(part, Literal) for part in word.parts)
        self.trimmed = trimmer(op, _fixed(word)) if fixed else None

    def text(self, shell: "Shell") -> str:
        if self.trimmed is not None:
            return self.trimmed(self.source.text(shell))
        return trimmer(self.op, self.word.pattern(shell))(self.source.text(shell))


def _fixed(word: Word) -> str:
    return "".join([part.pattern() for part in word.parts if isinstance(part, Literal)])


class Arithmetic(Expansion):
    """`$((...))`"""

    __slots__ = ("word",)

    def __init__(self, word: Word, *, quoted: bool) -> None:
        self.word, self.quoted = word, quoted

    def text(self, shell: "Shell") -> str:
        try:
            return str(compiled(self.word.text(shell))(shell.variables))
        except ArithmeticFailed as error:
            shell.complain(str(error))
            raise ShellExit(2) from None


class Command(Expansion):
    """`$(...)`"""

    __slots__ = ("body",)

    def __init__(self, body: "Node", *, quoted: bool) -> None:
        self.body, self.quoted = body, quoted

    def text(self, shell: "Shell") -> str:
        data = shell.captured(self.body)
        return data.rstrip(b"\n").replace(b"\0", b"").decode("latin-1")
