# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of busybox that work on text: `sed -n 's/../../p'`, `grep -F`, `sha256sum`."""

import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from tests.laboratory.ash.errors import Unsupported

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell


def options(argv: list[str], known: str) -> tuple[set[str], list[str]]:
    """Flags and operands; options end at the first operand, or at `--`."""
    flags: set[str] = set()
    at = 1
    while at < len(argv) and argv[at].startswith("-") and argv[at] != "-":
        if argv[at] == "--":
            at += 1
            break
        flags.update(argv[at][1:])
        at += 1
    if not flags <= set(known):
        raise Unsupported(" ".join(argv))
    return flags, argv[at:]


def _lines(text: str) -> list[str]:
    """Lines with their ends."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


@lru_cache(maxsize=256)
def _substitution(script: str) -> tuple[re.Pattern[str], str]:
    """`s/EXPRESSION/REPLACEMENT/p`, as Python has it."""
    parts = re.fullmatch(r"s/((?:[^/\\\n]|\\.)*)/((?:[^/\\\n&]|\\[1-9])*)/p", script)
    if parts is None:
        raise Unsupported(f"sed {script}")
    out: list[str] = []
    tokens = re.findall(r"\\.|\[\^?\]?[^]]*\]|.", parts[1])
    for number, token in enumerate(tokens):
        if token in (r"\(", r"\)"):
            out.append(token[1])
        elif token in (r"\w", r"\.", r"\*", r"\[", r"\]", r"\$", r"\^", r"\\"):
            out.append(token)
        elif token[0] == "\\" or (len(token) > 1 and ("[:" in token or "\\" in token)):
            raise Unsupported(f"sed {script}")
        elif token in (".", "*") or len(token) > 1:
            out.append(token)
        elif (token == "^" and number == 0) or (token == "$" and number == len(tokens) - 1):
            out.append("^" if token == "^" else r"\Z")
        else:
            out.append(re.escape(token))
    return re.compile("".join(out), re.ASCII), parts[2]


def sed(shell: "Shell", argv: list[str]) -> int:
    if len(argv) != 3 or argv[1] != "-n":
        raise Unsupported(" ".join(argv))
    expression, replacement = _substitution(argv[2])
    out: list[str] = []
    for line in _lines(shell.input().read().decode("latin-1")):
        found = expression.search(line.removesuffix("\n"))
        if found is not None:
            out.append(line[: found.start()] + found.expand(replacement) + line[found.end() :])
    return _printed(shell, "sed", out, 0)


def grep(shell: "Shell", argv: list[str]) -> int:
    """Only `grep -F [-q] [-x] [-e] TEXT`: of standard input."""
    flags: set[str] = set()
    words = argv[1:]
    while words and words[0].startswith("-") and words[0] != "-e":
        flags.update(words.pop(0)[1:])
    if words[:1] == ["-e"]:
        del words[0]
    if "F" not in flags or not flags <= set("Fqx") or len(words) != 1:
        raise Unsupported(" ".join(argv))
    wanted = words[0].split("\n")
    out: list[str] = []
    for line in _lines(shell.input().read().decode("latin-1")):
        text = line.removesuffix("\n")
        if text in wanted if "x" in flags else any(each in text for each in wanted):
            out.append(text + "\n")
    return _printed(shell, "grep", [] if "q" in flags else out, 0 if out else 1)


def _printed(shell: "Shell", who: str, lines: list[str], status: int) -> int:
    try:
        shell.write("".join(lines))
    except OSError as error:
        shell.complain_of(who, "write error", error)
        return 1
    return status


def sha256sum(shell: "Shell", argv: list[str]) -> int:
    """Only of standard input."""
    if len(argv) > 1:
        raise Unsupported(" ".join(argv))
    return _printed(shell, argv[0], [hashlib.sha256(shell.input().read()).hexdigest() + "  -\n"], 0)


TEXTUAL: dict[str, Callable[["Shell", list[str]], int]] = {
    "grep": grep,
    "sed": sed,
    "sha256sum": sha256sum,
}
