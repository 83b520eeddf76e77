# SPDX-License-Identifier: GPL-2.0-or-later
"""`test` and `[`: up to four operands, without `-a`, `-o` and parentheses.

As busybox reads them: an operator in the middle counts before one at the start.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.laboratory.ash.errors import Unsupported
from tests.laboratory.ash.system import outward

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell
    from tests.laboratory.disk import Stat

_TICKS = 100  # of the disk's file times in a second: busybox 1.35 compares whole seconds
_NUMBER = re.compile(r"[ \t\n\v\f\r]*([-+]?[0-9]+)[ \t\n\v\f\r]*\Z")
_INTEGERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
_BINARY = frozenset([*_INTEGERS, "=", "==", "!=", "<", ">", "-nt", "-ot", "-ef", "-a", "-o"])
_FILES: dict[str, Callable[["Stat"], bool]] = {
    "-d": lambda stat: stat.kind == "dir",
    "-e": lambda stat: True,
    "-f": lambda stat: stat.kind == "file",
    "-h": lambda stat: False,
    "-L": lambda stat: False,
    "-p": lambda stat: stat.kind == "fifo",
    "-s": lambda stat: stat.size > 0 or stat.kind == "dir",
    "-x": lambda stat: stat.mode & 0o111 != 0,
}
_UNARY = frozenset([*_FILES, "-n", "-z"])
_OTHERS = frozenset(["-r", "-w", "-b", "-c", "-S", "-t", "-k", "-u", "-g", "-O", "-G", "(", ")"])


class _Wrong(Exception):
    """What `test` complains about: its status is 2."""


def bracket(shell: "Shell", argv: list[str]) -> int:
    if argv[-1] != "]" or len(argv) == 1:
        shell.complain("missing ]", who="[")
        return 2
    return _answer(shell, argv[1:-1])


def test(shell: "Shell", argv: list[str]) -> int:
    return _answer(shell, argv[1:])


def _answer(shell: "Shell", words: list[str]) -> int:
    try:
        return 0 if _holds(shell, words) else 1
    except _Wrong as wrong:
        shell.complain(str(wrong), who="[")
        return 2


def _holds(shell: "Shell", words: list[str]) -> bool:
    count = len(words)
    if count == 3 and words[1] in _BINARY:
        return _compare(shell, *words)
    if count == 1:
        return words[0] != ""
    if count == 2:
        operator, word = words
        if operator == "!":
            return word == ""
        if operator in _UNARY:
            return _of_one(shell, operator, word)
        if operator in _OTHERS:
            raise Unsupported(f"[ {' '.join(words)} ]")
        raise _Wrong(f"{'argument expected' if word in _BINARY else word + ': unknown operand'}")
    if count == 0:
        return False
    if words[0] == "!" and count <= 4:
        return not _holds(shell, words[1:])
    if count == 3 and words[0] not in _OTHERS and not _OTHERS & set(words):
        raise _Wrong(f"{words[1]}: unknown operand")
    raise Unsupported(f"[ {' '.join(words)} ]")


def _of_one(shell: "Shell", operator: str, word: str) -> bool:
    if operator == "-n":
        return word != ""
    if operator == "-z":
        return word == ""
    stat = _stat(shell, word)
    return stat is not None and _FILES[operator](stat)


def _stat(shell: "Shell", word: str) -> "Stat | None":
    if not word:
        return None
    path = outward(shell.path(word))
    if path.startswith("/dev/"):
        raise Unsupported(f"test of {path}")
    return shell.disk.lookup(path)


def _compare(shell: "Shell", left: str, operator: str, right: str) -> bool:
    if operator in ("=", "=="):
        return left == right
    if operator == "!=":
        return left != right
    integers = _INTEGERS.get(operator)
    if integers is not None:
        return integers(_integer(left), _integer(right))
    if operator in ("-ot", "-nt"):
        one, other = _stat(shell, left), _stat(shell, right)
        if one is None or other is None:
            return False
        a, b = one.mtime // _TICKS, other.mtime // _TICKS
        return a < b if operator == "-ot" else a > b
    raise Unsupported(f"[ {left} {operator} {right} ]")


def _integer(text: str) -> int:
    found = _NUMBER.match(text)
    if found is None:
        raise _Wrong(f"{text}: bad number" if text else "bad number")
    number = int(found[1])
    if not -(1 << 63) <= number < 1 << 63:
        raise _Wrong(f"{text}: out of range")
    return number
