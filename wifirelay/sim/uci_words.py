# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of UCI text: quotes, comments, lines, and what a name may hold.

Knows how the real `uci` (December 2025) cuts a configuration file, a file of staged
edits and the input of `uci batch` into words; all three share one reader. It works in
a byte buffer in place, as the real one does: places in its error messages and the
oddities of `;` and `#` come from that. It refuses to know what the words mean.
"""

from enum import IntEnum

_NUL, _TAB, _NEWLINE, _RETURN, _BLANK = 0, 9, 10, 13, 32
_DOUBLE, _HASH, _SINGLE, _SEMICOLON, _BACKSLASH = 34, 35, 39, 59, 92
_SPACE = b" \t\n\v\f\r"
_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


class Code(IntEnum):
    """Why the real one failed; `uci add` also exits with this number."""

    INVALID = 2
    NOT_FOUND = 3
    IO = 4
    PARSE = 5
    DUPLICATE = 6


MESSAGES = {
    Code.INVALID: "Invalid argument",
    Code.NOT_FOUND: "Entry not found",
    Code.IO: "I/O error",
    Code.PARSE: "Parse error",
    Code.DUPLICATE: "Duplicate entry",
}


class UciError(Exception):
    """What the emulated library throws; the command line turns it into text and exit code."""

    def __init__(self, code: Code) -> None:
        super().__init__(MESSAGES[code])
        self.code = code


def decode(data: bytes | bytearray) -> str:
    """Any bytes as text that `encode` turns back unharmed."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that `decode` was given."""
    return text.encode("utf-8", "surrogateescape")


def is_name(text: str) -> bool:
    """May name a section or an option."""
    return bool(text) and _WORD.issuperset(text)


def is_package(text: str) -> bool:
    """May name a configuration on the command line: as loose as a type in libuci."""
    return is_type(text)


def is_type(text: str) -> bool:
    """May be a section's type."""
    return bool(text) and all("!" <= char <= "~" for char in text)


def is_value(text: str) -> bool:
    """May be a value: no control characters but tab, line feed, carriage return."""
    return not any(char < " " and char not in "\t\n\r" for char in text)


def quoted(text: str) -> str:
    """In single quotes, as `show`, `changes`, `export` and the staged edits have it."""
    return f"'{escaped(text)}'"


def escaped(text: str) -> str:
    """The inner part of `quoted`."""
    return text.replace("'", "'\\''")


class Stream:
    """Bytes read line by line; `ended` turns true only when a read meets the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self.ended = False

    def line(self) -> bytes:
        """The next line with its line feed; without one at the end; empty after it."""
        cut = self._data.find(b"\n", self._at) + 1
        if cut == 0:
            self.ended = True
            cut = len(self._data)
        line = self._data[self._at : cut]
        self._at = cut
        return line


class Reader:
    """One parse of a stream: a buffer with the current line, cut into words in place."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.line = 0
        self._buffer = bytearray()
        self._at = 0
        self._filled = 0
        self._reason = "unknown"
        self._failed_at = 0

    def where(self) -> str:
        """The tail of the message of a parse error."""
        return f" ({self._reason}) at line {self.line}, byte {self._failed_at}"

    def fail(self, reason: str) -> UciError:
        """The parse error for the current place."""
        self._reason = reason
        self._failed_at = self._at
        return UciError(Code.PARSE)

    def next_line(self) -> bool:
        """Go to the next line; false when there is nothing in it."""
        self._at = 0
        self._fetch()
        return self._char(0) != _NUL

    def at_end(self) -> bool:
        """Nothing is left of the current line."""
        return self._char(self._at) == _NUL

    def skip_space(self) -> None:
        while (char := self._char(self._at)) and char in _SPACE:
            self._at += 1

    def keyword(self) -> str | None:
        """The first word of a statement, which blanks or tabs end; the place stays."""
        start = self._at
        while self._char(start) in (_BLANK, _TAB):
            start += 1
        if self._char(start) == _NUL:
            return None
        end = start
        while self._char(end) not in (_NUL, _BLANK, _TAB):
            end += 1
        if end < len(self._buffer):
            self._buffer[end] = _NUL
        return decode(self._buffer[start:end])

    def skip_keyword(self, complaint: str) -> None:
        """Go behind `keyword`; something must follow it on the line."""
        behind = self._at
        while self._char(behind) != _NUL:
            behind += 1
        if behind + 1 > self._filled:
            raise self.fail(complaint)
        self._at = behind + 1

    def argument(self) -> str:
        """The next word without its quotes; empty at the end of the line or at `;`."""
        self.skip_space()
        start = self._at
        if self._char(start) == _SEMICOLON:
            self._buffer[start] = _NUL
            self._at += 1
        else:
            self._string(start)
        end = start
        while self._char(end) != _NUL:
            end += 1
        return decode(self._buffer[start:end])

    def required(self) -> str:
        """`argument` that must not be empty."""
        word = self.argument()
        if not word:
            raise self.fail("insufficient arguments")
        return word

    def name(self, *, required: bool = True, dashes: bool = False) -> str:
        """`argument` that must be a name (or may be missing); a package's may have dashes."""
        word = self.required() if required else self.argument()
        if word and not is_name(word.replace("-", "_") if dashes else word):
            raise self.fail("invalid character in name field")
        return word

    def end_of_statement(self, *, strict: bool) -> None:
        """Nothing but `;` or the end of the line may follow."""
        self.skip_space()
        if self.argument() and strict:
            raise self.fail("too many arguments")

    def _char(self, at: int) -> int:
        return self._buffer[at] if at < len(self._buffer) else _NUL

    def _fetch(self) -> None:
        """Put the next line at the current place; a NUL byte swallows the rest of its line."""
        end = self._at
        while True:
            del self._buffer[end:]
            line = self.stream.line().split(b"\0")[0]
            if not line:
                return
            self._buffer += line
            self._filled = end = len(self._buffer)
            if line.endswith(b"\n"):
                self.line += 1
                return

    def _string(self, target: int) -> None:
        """Move one word, its quotes dropped, to `target`, and end it with NUL."""
        step = 1
        while True:
            char = self._char(self._at)
            if char == _HASH:
                self._buffer[self._at] = _NUL
                break
            if char == _SEMICOLON:
                step = 0
            if char in (_NUL, _SEMICOLON):
                break
            if char == _SINGLE:
                target = self._single_quoted(target)
            elif char == _DOUBLE:
                target = self._double_quoted(target)
            elif char != _BACKSLASH or self._backslash():
                target = self._copy(target)
            if self._char(self._at) in (_NUL, *_SPACE):
                break
        if self._char(self._at) != _NUL:
            self._at += step
        if target < len(self._buffer):
            self._buffer[target] = _NUL

    def _single_quoted(self, target: int) -> int:
        self._at += 1
        end = self._buffer.find(_SINGLE, self._at)
        if end >= 0 and self._buffer.find(_NUL, self._at, end) < 0:  # all of it at once
            length = end - self._at
            self._buffer[target : target + length] = self._buffer[self._at : end]
            self._at = end + 1
            return target + length
        while (char := self._char(self._at)) != _SINGLE:
            if char == _NUL:
                self._continue_quote("'")
            else:
                target = self._copy(target)
        self._at += 1
        return target

    def _double_quoted(self, target: int) -> int:
        self._at += 1
        while (char := self._char(self._at)) != _DOUBLE:
            if char == _NUL:
                self._continue_quote('"')
            elif char != _BACKSLASH or self._backslash():
                target = self._copy(target)
        self._at += 1
        return target

    def _continue_quote(self, quote: str) -> None:
        self._fetch()
        if self.at_end():
            raise self.fail(f"EOF with unterminated {quote}")

    def _backslash(self) -> bool:
        """Go behind a backslash; false when it only joins two lines."""
        self._at += 1
        rest = bytes(self._buffer[self._at : self._at + 3])
        if rest.split(b"\0")[0] in (b"", b"\r\n") or rest.startswith(b"\n"):
            self._fetch()
            return False
        return True

    def _copy(self, target: int) -> int:
        self._buffer[target] = self._buffer[self._at]
        self._at += 1
        return target + 1
