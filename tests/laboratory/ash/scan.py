# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of a script, read word by word: quotes, `$`, here-documents, blanks and comments."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.laboratory.ash.errors import ShellSyntax
from tests.laboratory.ash.parameters import Arithmetic, Choice, Command, Length, Source, Trim
from tests.laboratory.ash.redirects import Redirect
from tests.laboratory.ash.words import (
    EMPTY,
    Arguments,
    Literal,
    Part,
    Positional,
    Special,
    Variable,
    Word,
)

if TYPE_CHECKING:
    from tests.laboratory.ash.tree import Node

_BLANK = re.compile(r"(?:[ \t]|\\\n)*(?:#[^\n]*)?")
_PLAIN = re.compile(r"[^ \t\n;&|<>()\\'\"`$}]+")
_PLAIN_QUOTED = re.compile(r"[^\\\"`$}]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[#?$*@]")
_OPERATION = re.compile(r":?[-+]|##?|%%?")
_DELIMITERS = " \t\n;&|<>()"


class Scanner:
    """Where a script is being read. `body` reads commands up to a `)`."""

    body: Callable[[], "Node"]

    def __init__(self, text: str) -> None:
        self.source = text
        self.at = 0
        self._documents: list[tuple[Redirect, str, bool, bool]] = []

    def wrong(self, what: str = "not understood") -> ShellSyntax:
        line = self.source.count("\n", 0, self.at) + 1
        near = self.source[self.at : self.at + 30]
        return ShellSyntax(f"line {line}: {what}: {near!r}")

    def peek(self, text: str) -> bool:
        return self.source.startswith(text, self.at)

    def take(self, text: str) -> bool:
        """Read past this text, if it is next."""
        found = self.peek(text)
        if found:
            self.at += len(text)
        return found

    def blanks(self) -> None:
        found = _BLANK.match(self.source, self.at)
        if found is not None:
            self.at = found.end()

    def newlines(self) -> bool:
        """Read past blanks, comments and ends of lines; whether there was one."""
        start = self.at
        self.blanks()
        found = False
        while self.take("\n"):
            found = True
            for redirect, mark, plain, tabs in self._documents:
                redirect.word = self._document(mark, plain=plain, tabs=tabs)
            self._documents.clear()
            self.blanks()
        return found or (self.at > start and self.at == len(self.source))

    # words

    def word(self) -> Word | None:
        """A word where one stands."""
        parts: list[Part] = []
        if self.peek("~"):
            raise self.wrong("a tilde")
        while self.at < len(self.source) and self.source[self.at] not in _DELIMITERS:
            self._unquoted(parts, loose=False)
        return Word(_joined(parts)) if parts else None

    def _unquoted(self, parts: list[Part], *, loose: bool) -> None:
        char = self.source[self.at]
        if char == "'":
            end = self.source.find("'", self.at + 1)
            if end < 0:
                raise self.wrong("a quote without an end")
            parts.append(Literal(self.source[self.at + 1 : end], quoted=True))
            self.at = end + 1
        elif char == '"':
            self.at += 1
            parts += self.double_quoted('"')
        elif char == "\\":
            if not self.take("\\\n"):
                if self.at + 1 == len(self.source):
                    raise self.wrong("a backslash at the end")
                parts.append(Literal(self.source[self.at + 1], quoted=True))
                self.at += 2
        elif char == "$":
            parts.append(self.dollar(quoted=False, loose=loose))
        elif char == "`":
            raise self.wrong("a backquote")
        else:
            found = _PLAIN.match(self.source, self.at)
            end = found.end() if found is not None else self.at + 1
            parts.append(Literal(self.source[self.at : end], quoted=False, loose=loose))
            self.at = end

    def double_quoted(self, end: str) -> list[Part]:
        """Parts up to `end`: the other quote, a brace, or (for "") the end of the text."""
        parts: list[Part] = []
        # In a here-document (no end) a backslash does not take a quote's meaning: it has none.
        escapable = '$`\\"}' if end == "}" else '$`\\"' if end else "$`\\"
        while not (end and self.take(end)):
            if self.at >= len(self.source):
                if end:
                    raise self.wrong("a quote without an end")
                break
            char = self.source[self.at]
            if char == "\\":
                following = self.source[self.at + 1 : self.at + 2]
                self.at += 2
                if following != "\n":
                    text = following if following and following in escapable else "\\" + following
                    parts.append(Literal(text, quoted=True))
            elif char == "$":
                parts.append(self.dollar(quoted=True, loose=False))
            elif char == "`":
                raise self.wrong("a backquote")
            elif char == '"' and end == "}":  # they take nothing away that is quoted already
                self.at += 1
                parts += self.double_quoted('"')
            else:
                found = _PLAIN_QUOTED.match(self.source, self.at)
                stop = found.end() if found is not None else self.at + 1
                parts.append(Literal(self.source[self.at : stop], quoted=True))
                self.at = stop
        return _joined(parts) if parts else [*EMPTY.parts]

    # what begins with a dollar

    def dollar(self, *, quoted: bool, loose: bool) -> Part:
        if self.take("$(("):
            return Arithmetic(self._arithmetic(), quoted=quoted)
        if self.take("$("):
            return Command(self.body(), quoted=quoted)
        if self.take("${"):
            return self._braced(quoted=quoted)
        found = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*|[0-9#?$*@!-])").match(self.source, self.at)
        if found is None:
            self.at += 1
            return Literal("$", quoted=quoted, loose=loose)
        if found[1] in "!-":
            raise self.wrong("a parameter")
        self.at = found.end()
        return _parameter(found[1], quoted=quoted)

    def _braced(self, *, quoted: bool) -> Part:
        length = self.peek("#") and not self.peek("#}")
        self.at += length
        found = _PARAMETER.match(self.source, self.at)
        if found is None:
            raise self.wrong("a parameter")
        self.at = found.end()
        source = _parameter(found[0], quoted=quoted)
        if self.take("}"):
            return Length(source, quoted=quoted) if length else source
        operation = _OPERATION.match(self.source, self.at)
        if operation is None or length:
            raise self.wrong("an operation on a parameter")
        self.at = operation.end()
        op = operation[0]
        if op[-1] in "-+":
            return Choice(source, op, self._argument(quoted=quoted), quoted=quoted)
        if isinstance(source, Arguments):
            raise self.wrong("an operation on a parameter")
        return Trim(source, op, self._argument(quoted=False), quoted=quoted)

    def _argument(self, *, quoted: bool) -> Word:
        """The word behind an operation, up to its brace."""
        if self.peek("~"):
            raise self.wrong("a tilde")
        if quoted:
            return Word(self.double_quoted("}"))
        parts: list[Part] = []
        while not self.take("}"):
            if self.at >= len(self.source):
                raise self.wrong("a brace without an end")
            self._unquoted(parts, loose=True)
        return Word(parts)

    def _arithmetic(self) -> Word:
        parts: list[Part] = []
        depth = 0
        while depth or not self.take("))"):
            if self.at >= len(self.source):
                raise self.wrong("arithmetic without an end")
            char = self.source[self.at]
            if char in "'\"`\\":
                raise self.wrong("a quote in arithmetic")
            if char == "$":
                parts.append(self.dollar(quoted=True, loose=False))
                continue
            depth += (char == "(") - (char == ")")
            if depth < 0:
                raise self.wrong("arithmetic without an end")
            parts.append(Literal(char, quoted=True))
            self.at += 1
        return Word(_joined(parts))

    # here-documents

    def here(self, redirect: Redirect, *, tabs: bool) -> None:
        """`<<` or, with `tabs` that are cut off, `<<-`: its text begins in the next line."""
        self.blanks()
        found = re.compile(r"(['\"]?)([A-Za-z_.]+)\1(?=[ \t\n;&|)])").match(self.source, self.at)
        if found is None:
            raise self.wrong("the mark of a here-document")
        self.at = found.end()
        self._documents.append((redirect, found[2], bool(found[1]), tabs))

    def _document(self, mark: str, *, plain: bool, tabs: bool) -> Word:
        lines: list[str] = []
        while True:
            if self.at >= len(self.source):
                raise self.wrong(f"a here-document without {mark}")
            end = self.source.find("\n", self.at) + 1 or len(self.source)
            line = self.source[self.at : end]
            self.at = end
            if tabs:
                line = line.lstrip("\t")
            if line.removesuffix("\n") == mark:
                break
            lines.append(line)
        # The caller stands before the next line: what comes is read as after any end of line.
        text = "".join(lines)
        if plain:
            return Word([Literal(text, quoted=True)])
        inner = type(self)(text)
        return Word(inner.double_quoted(""))


def _parameter(name: str, *, quoted: bool) -> "Source":
    if name in ("*", "@"):
        return Arguments(star=name == "*", quoted=quoted)
    if name in ("#", "?", "$"):
        return Special(name, quoted=quoted)
    if name.isdigit():
        return Positional(int(name), quoted=quoted)
    return Variable(name, quoted=quoted)


def _joined(parts: list[Part]) -> list[Part]:
    """Literals that follow each other, as one."""
    out: list[Part] = []
    for part in parts:
        last = out[-1] if out else None
        if (
            isinstance(part, Literal)
            and isinstance(last, Literal)
            and (part.quoted, part.loose) == (last.quoted, last.loose)
        ):
            out[-1] = Literal(last.text() + part.text(), quoted=last.quoted, loose=last.loose)
        else:
            out.append(part)
    return out
