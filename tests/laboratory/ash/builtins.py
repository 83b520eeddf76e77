# SPDX-License-Identifier: GPL-2.0-or-later
"""What ash does without starting a process, but for `[`, `read`, `echo` and `printf`."""

import errno
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.laboratory.ash.applets import LEFT_OUT as APPLETS_LEFT_OUT
from tests.laboratory.ash.condition import bracket, test
from tests.laboratory.ash.errors import ShellExit, Unsupported
from tests.laboratory.ash.printing import echo, printf
from tests.laboratory.ash.reading import NAME, read
from tests.laboratory.ash.system import outward
from tests.laboratory.ash.tree import BREAK, CONTINUE, RETURN

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell

Builtin = Callable[["Shell", list[str]], int]
# An error of theirs ends the shell; assignments before them stay.
SPECIAL = frozenset(
    [
        *(".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return"),
        *("set", "shift", "times", "trap", "unset"),
    ]
)


def _number(shell: "Shell", argv: list[str], default: int) -> int:
    if len(argv) < 2:
        return default
    if not (argv[1].isascii() and argv[1].isdigit()):
        shell.complain(f"{argv[0]}: Illegal number: {argv[1]}")
        raise ShellExit(2)
    return int(argv[1])


def true(shell: "Shell", argv: list[str]) -> int:
    """`true` and `:`"""
    return 0


def false(shell: "Shell", argv: list[str]) -> int:
    return 1


def end_loop(shell: "Shell", argv: list[str]) -> int:
    """`break` and `continue`; outside of a loop they do nothing."""
    count = min(_number(shell, argv, 1), shell.loops)
    if count > 0:
        shell.skip = BREAK if argv[0] == "break" else CONTINUE
        shell.skips = count
    return 0


def return_(shell: "Shell", argv: list[str]) -> int:
    """Outside of a function it ends the script, as in busybox."""
    status = _number(shell, argv, shell.status) & 255
    shell.skip = RETURN
    return status


def exit_(shell: "Shell", argv: list[str]) -> int:
    raise ShellExit(_number(shell, argv, shell.status))


def shift(shell: "Shell", argv: list[str]) -> int:
    count = _number(shell, argv, 1)
    if count > len(shell.arguments):
        return 1
    shell.arguments = shell.arguments[count:]
    return 0


def set_(shell: "Shell", argv: list[str]) -> int:
    """Only `set -- ARGUMENT...`"""
    if argv[1:2] != ["--"]:
        raise Unsupported(" ".join(argv))
    shell.arguments = argv[2:]
    return 0


def unset(shell: "Shell", argv: list[str]) -> int:
    names = argv[1:]
    if names[:1] == ["-f"]:
        shell.functions = {k: v for k, v in shell.functions.items() if k not in names[1:]}
        return 0
    for name in names:
        if name.startswith("-"):
            raise Unsupported(" ".join(argv))
        if not NAME.match(name):
            shell.complain(f"unset: {name}: bad variable name")
            raise ShellExit(2)
        shell.variables.pop(name, None)
        shell.exported -= {name}
    return 0


def export(shell: "Shell", argv: list[str]) -> int:
    for word in argv[1:]:
        name, equals, value = word.partition("=")
        if not NAME.match(name):
            raise Unsupported(" ".join(argv))
        if equals:
            shell.variables[name] = value
        shell.exported |= {name}
    return 0


def eval_(shell: "Shell", argv: list[str]) -> int:
    return shell.evaluate(" ".join(argv[1:]))


def exec_(shell: "Shell", argv: list[str]) -> int:
    """Only for its redirections: whoever called leaves them as they are."""
    if len(argv) > 1:
        raise Unsupported(" ".join(argv))
    return 0


def trap(shell: "Shell", argv: list[str]) -> int:
    """No signal ever comes here, but the end: EXIT."""
    words = argv[1:]
    if words[:1] == ["--"]:
        del words[0]
    if len(words) < 2:
        raise Unsupported(" ".join(argv))
    for signal in words[1:]:
        if signal in ("EXIT", "0"):
            shell.trap = "" if words[0] == "-" else words[0]
    return 0


def umask(shell: "Shell", argv: list[str]) -> int:
    if len(argv) == 1:
        shell.write(f"{shell.mask:04o}\n")
    elif re.fullmatch("[0-7]{1,4}", argv[1]):
        shell.mask = int(argv[1], 8) & 0o777
    else:
        raise Unsupported(" ".join(argv))
    return 0


def cd(shell: "Shell", argv: list[str]) -> int:
    """Only to a folder that is named."""
    target = argv[1] if len(argv) == 2 else "-"
    if target.startswith("-"):
        raise Unsupported(" ".join(argv))
    if not target:
        return 0  # busybox stays where it is
    parts: list[str] = []
    for part in shell.path(target).split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    path = "/" + "/".join(parts)
    stat = shell.disk.lookup(outward(path))
    if stat is None or stat.kind != "dir":
        code = errno.ENOENT if stat is None else errno.ENOTDIR
        shell.complain_of("cd", f"can't cd to {target}", OSError(code, ""))
        return 2
    shell.variables["OLDPWD"], shell.variables["PWD"] = shell.cwd, path
    shell.cwd = path
    return 0


def pwd(shell: "Shell", argv: list[str]) -> int:
    shell.write(shell.cwd + "\n")
    return 0


def command(shell: "Shell", argv: list[str]) -> int:
    """Only `command -v NAME`"""
    if argv[1:2] != ["-v"] or len(argv) != 3:
        raise Unsupported(" ".join(argv))
    name = argv[2]
    if "/" in name or name in LEFT_OUT or name in APPLETS_LEFT_OUT:
        raise Unsupported(" ".join(argv))
    if name in BUILTINS or name in shell.functions:
        shell.write(name + "\n")
    elif shell.system.has(outward(name)):
        shell.write(f"/usr/bin/{name}\n")
    else:
        return 127
    return 0


def left_out(shell: "Shell", argv: list[str]) -> int:
    raise Unsupported(" ".join(argv))


LEFT_OUT = frozenset(
    [
        *(".", "[[", "alias", "bg", "chdir", "fg", "getopts", "hash", "help", "history", "jobs"),
        *("kill", "let", "local", "readonly", "source", "times", "type", "ulimit", "unalias"),
        "wait",
    ]
)
BUILTINS: dict[str, Builtin] = {
    **dict.fromkeys(LEFT_OUT, left_out),
    ":": true,
    "[": bracket,
    "break": end_loop,
    "cd": cd,
    "command": command,
    "continue": end_loop,
    "echo": echo,
    "eval": eval_,
    "exec": exec_,
    "exit": exit_,
    "export": export,
    "false": false,
    "printf": printf,
    "pwd": pwd,
    "read": read,
    "return": return_,
    "set": set_,
    "shift": shift,
    "test": test,
    "trap": trap,
    "true": true,
    "umask": umask,
    "unset": unset,
}
