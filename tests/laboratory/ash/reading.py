# SPDX-License-Identifier: GPL-2.0-or-later
"""`read -r [-t SECONDS] NAME...`"""

import re
from typing import TYPE_CHECKING

from tests.laboratory.ash.errors import Unsupported
from tests.laboratory.ash.splitting import DEFAULT
from tests.laboratory.openfile import Pipe

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BLANK = " \t\n\v\f\r"  # isspace(3)


def read(shell: "Shell", argv: list[str]) -> int:
    """0: a whole line came; 1: the end, or the time, came before its end."""
    if argv[1:2] != ["-r"]:
        raise Unsupported(" ".join(argv))
    seconds = None
    names = argv[2:]
    if names[:1] == ["-t"]:
        if len(names) < 2 or not re.fullmatch(r"[0-9]+", names[1]):
            raise Unsupported(" ".join(argv))
        seconds = float(names[1])
        del names[:2]
    if not names or not all(map(NAME.match, names)):
        raise Unsupported(" ".join(argv))
    variables = shell.variables
    try:
        source = shell.input()
        line = source.line(seconds)
    except OSError:
        line = b""
    else:
        if seconds is not None and line[-1:] != b"\n" and isinstance(source, Pipe):
            return 1  # time ran out: what came is lost, and the variables stay as they are
    whole = line[-1:] == b"\n"
    text = line.decode("latin-1").replace("\0", "")
    if whole:
        text = text[:-1]
    ifs = variables.get("IFS", DEFAULT)
    values = _one(text, ifs) if len(names) == 1 else _several(text, ifs, len(names))
    for number, name in enumerate(names):
        variables[name] = values[number] if number < len(values) else ""
    return 0 if whole else 1


def _one(text: str, ifs: str) -> list[str]:
    if not ifs:
        return [text]
    return [text.strip(ifs)] if ifs == DEFAULT else _several(text, ifs, 1)


def _several(text: str, ifs: str, count: int) -> list[str]:
    """The loop of busybox's shell_builtin_read."""
    values: list[str] = []
    part: list[str] = []
    skip = 1  # at the start of a word: 1, and 2 while one mark may be passed over
    for char in text:
        is_ifs = char in ifs
        if skip and is_ifs:
            if char in _BLANK:
                continue
            skip -= 1
            if skip == 1:
                continue
        skip = 0
        if len(values) < count - 1 and is_ifs:
            values.append("".join(part))
            part = []
            skip = 2 if char in _BLANK else 1
            continue
        part.append(char)
    rest = "".join(part)
    while rest and rest[-1] in _BLANK and rest[-1] in ifs:
        rest = rest[:-1]
    if rest and rest[-1] in ifs:
        # "X:Y:" are two fields: a mark behind the last one goes, unless it holds more of them.
        field = rest[:-1]
        while field and field[-1] in _BLANK and field[-1] in ifs:
            field = field[:-1]
        if not any(char in ifs for char in field):
            rest = field
    values.append(rest)
    return values
