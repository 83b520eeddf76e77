# SPDX-License-Identifier: GPL-2.0-or-later
"""From the pieces of a word to fields: splitting at IFS, then pathnames for patterns."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tests.laboratory.ash.globbing import expanded
from tests.laboratory.ash.patterns import SPECIAL, quoted

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell

DEFAULT = " \t\n"


class Splitter:
    """How one value of IFS cuts texts. `blanks`: of its characters, those that are white space."""

    __slots__ = ("blanks", "delimiter", "plain")

    def __init__(self, ifs: str) -> None:
        self.blanks = "".join(char for char in DEFAULT if char in ifs)
        marks = "".join(re.escape(char) for char in ifs if char not in DEFAULT)
        blank = f"[{self.blanks}]" if self.blanks else ""
        ways = ([f"{blank}*([{marks}]){blank}*"] if blank else [f"([{marks}])"]) if marks else []
        if blank:
            ways.append(f"{blank}+")
        self.delimiter = re.compile("|".join(ways)) if ways else None
        self.plain = re.compile(f"[^{self.blanks}]+").findall if blank and not marks else None


@lru_cache(maxsize=64)
def splitter(ifs: str) -> Splitter:
    return Splitter(ifs)


class Fields:
    """Fields that grow from pieces; a piece is a text and whether it was quoted."""

    __slots__ = ("begun", "out", "pieces", "shell", "splitter")

    def __init__(self, shell: "Shell", out: list[str]) -> None:
        self.shell, self.out = shell, out
        self.pieces: list[tuple[str, bool]] = []
        self.begun = False
        self.splitter = splitter(shell.variables.get("IFS", DEFAULT))

    def add(self, text: str, *, quoted: bool) -> None:
        """A part of the field that is not to be split."""
        self.pieces.append((text, quoted))
        self.begun = True

    def split(self, text: str) -> None:
        """What an unquoted expansion gave."""
        if not text:
            return
        cut = self.splitter
        if cut.plain is not None:
            words = cut.plain(text)
            if self.begun and text[0] in cut.blanks:
                self.end()
            for word in words[:-1]:
                self.pieces.append((word, False))
                self.end()
            if words:
                self.add(words[-1], quoted=False)
                if text[-1] in cut.blanks:
                    self.end()
            return
        at = 0
        if cut.delimiter is not None:
            for found in cut.delimiter.finditer(text):
                if found.start() > at:
                    self.add(text[at : found.start()], quoted=False)
                if self.begun or found.lastindex:
                    self.end()
                at = found.end()
        if at < len(text):
            self.add(text[at:], quoted=False)

    def end(self) -> None:
        """The field is whole."""
        pieces = self.pieces
        text = pieces[0][0] if len(pieces) == 1 else "".join([piece[0] for piece in pieces])
        for piece, is_quoted in pieces:
            if not is_quoted and SPECIAL.search(piece):
                pattern = "".join([quoted(p) if is_quoted else p for p, is_quoted in pieces])
                self.out += expanded(self.shell, pattern) or [text]
                break
        else:
            self.out.append(text)
        self.pieces = []
        self.begun = False

    def close(self) -> None:
        """No more pieces of this word."""
        if self.begun:
            self.end()
