# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands as text for a router's shell (busybox ash, dash), and its answers taken apart.

Pure: nothing here runs anything. Quoting is done here and nowhere else.
"""

import shlex
from collections.abc import Sequence

from wifirelay.transport.base import Completed

# dropbear drops the whole connection ("String too long") when the command of an exec
# request is longer than its MAX_CMD_LEN (seen with 2022.83: 9000 passes, 9100 does not).
LINE_LIMIT = 9000  # bytes
MARKS = 100  # bytes that a boundary of 32 digits adds to one command's answer, at most


class Incomplete(ValueError):
    """The answer to a batch ends before all of its commands have answered."""


def quote(argv: Sequence[str]) -> bytes:
    """One command line that a shell splits into exactly these words.

    The first word is always quoted: unquoted, `if` is a keyword and `a=b` an assignment.
    Bytes that are not UTF-8 come in, and go out, by surrogateescape. No word can hold NUL.
    """
    if not argv or not argv[0]:
        raise ValueError("a command needs a first word")
    if any("\0" in word for word in argv):
        raise ValueError("a word of a command cannot hold a NUL byte")
    first = "'" + argv[0].replace("'", "'\"'\"'") + "'"
    line = " ".join([first, shlex.join(argv[1:])]) if len(argv) > 1 else first
    return line.encode("utf-8", "surrogateescape")


def fitted(line: bytes, stdin: bytes | None) -> tuple[bytes, bytes | None]:
    """The command line and standard input to send: a long line goes as a script on stdin.

    The commands of such a line read nothing from standard input (`batch` sees to it).
    Raises ValueError for a long line with an input of its own.
    """
    if len(line) <= LINE_LIMIT:
        return line, stdin
    if stdin is not None:
        raise ValueError(
            f"a command line of {len(line)} bytes with standard input: dropbear takes "
            f"{LINE_LIMIT}; send the long part on standard input"
        )
    return b'eval "$(cat)"', line + b"\n"  # by this shell: a new one might lack its functions


def single(argv: Sequence[str]) -> bytes:
    """The text of one command without standard input."""
    return quote(argv) + b" </dev/null"


def batch(commands: Sequence[Sequence[str]], boundary: str) -> bytes:
    """One shell text that runs the commands, each closed by a boundary line.

    `boundary` is a fresh random token in hexadecimal (`secrets.token_hex(16)`), which no
    output can hold by chance or by intent. It follows the output directly, so that output
    without a final newline stays exact. Each command has a subshell (no extra process:
    the shell execs its last command), for `exit` or `cd` as a first word is a builtin.
    """
    if not boundary.isalnum():
        raise ValueError("a boundary is letters and digits")
    token = boundary.encode("ascii")
    return b"\n".join(
        b"(" + quote(argv) + b") </dev/null\necho " + token + b' "$?"; echo ' + token + b" >&2"
        for argv in commands
    )


def split(out: bytes, err: bytes, boundary: str, n: int) -> tuple[Completed, ...]:
    """Both streams of a batch of `n` commands taken apart, byte for byte.

    Raises `Incomplete`. What follows the last boundary is dropped: only something left
    running in the background can have written it.
    """
    token = boundary.encode("ascii")
    answers: list[Completed] = []
    out_at = err_at = 0
    for done in range(n):
        out_end = out.find(token + b" ", out_at)
        line_end = out.find(b"\n", out_end)
        err_end = err.find(token + b"\n", err_at)
        code = out[out_end + len(token) + 1 : line_end]
        if out_end < 0 or line_end < 0 or err_end < 0 or not code.isdigit():
            raise Incomplete(f"only {done} of {n} commands answered")
        answers.append(Completed(int(code), out[out_at:out_end], err[err_at:err_end]))
        out_at, err_at = line_end + 1, err_end + len(token) + 1
    return tuple(answers)


def following(argv: Sequence[str]) -> bytes:
    """A command that goes on until it ends or its reader goes away.

    dropbear leaves a command running when its channel is closed (seen with 2022.83): so
    a subshell waits for the end of standard input, which the reader holds open, and then
    ends the command.
    """
    return (
        b"exec 3<&0; " + quote(argv) + b" </dev/null 2>/dev/null 3<&- & p=$!\n"
        b"{ while read -r x <&3; do :; done; kill $p; } >/dev/null 2>&1 & w=$!\n"
        b"exec 3<&-; wait $p; r=$?; kill $w 2>/dev/null; exit $r"
    )
