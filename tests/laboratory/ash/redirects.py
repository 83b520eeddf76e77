# SPDX-License-Identifier: GPL-2.0-or-later
"""Redirections."""

import errno
from typing import TYPE_CHECKING

from tests.laboratory.ash.errors import ShellExit, Unsupported
from tests.laboratory.ash.streams import Buffer, failure
from tests.laboratory.ash.words import EMPTY, Word

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell
    from tests.laboratory.ash.system import Stream

_MODES = {"<": "r", ">": "w", ">>": "a", "<>": "rw"}
_REASONS = {errno.ENOENT: ("no such file", "nonexistent directory")}
COPY, TEXT = "&", "<<"  # `>&4`; a here-document


class Redirect:
    """One redirection. `word` is a file's name, another descriptor, or a here-document's text."""

    __slots__ = ("fd", "kind", "word")

    def __init__(self, fd: int, kind: str, word: Word = EMPTY) -> None:
        self.fd, self.kind, self.word = fd, kind, word

    def open(self, shell: "Shell", word: str) -> "Stream | None":
        """What the descriptor shall be, `word` expanded. Raises OSError with a text to show."""
        if self.kind == TEXT:
            return Buffer(word.encode("latin-1"))
        if self.kind == COPY:
            return _copied(shell, word)
        try:
            return shell.open(word, _MODES[self.kind])
        except OSError as error:
            created = self.kind != "<"
            known = _REASONS.get(error.errno or 0)
            reason = known[created] if known else error.strerror
            do = "create" if created else "open"
            raise OSError(error.errno, f"can't {do} {word}: {reason}") from None


def _copied(shell: "Shell", word: str) -> "Stream | None":
    if word == "-":
        return None
    if not word.isdigit():
        shell.complain("syntax error: bad fd number")
        raise ShellExit(2)
    if len(word) > 1:
        raise Unsupported(f"descriptor {word}")
    stream = shell.files[int(word)]
    if stream is None:
        raise OSError(errno.EBADF, f"{word}: {failure(errno.EBADF).strerror}")
    return stream
