# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs of busybox that work on files. What they do is done at once: only their start waits.

An option that none of the scripts uses is Unsupported.
"""

import errno
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.laboratory.ash.errors import Unsupported
from tests.laboratory.ash.streams import Folder, failure
from tests.laboratory.ash.system import inward, outward
from tests.laboratory.ash.textual import TEXTUAL, options

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell
    from tests.laboratory.disk import Stat

Applet = Callable[["Shell", list[str]], int]
USAGE = 1


def _path(shell: "Shell", name: str) -> str:
    if not name:
        raise failure(errno.ENOENT)
    return outward(shell.path(name))


def _stat(shell: "Shell", name: str) -> "Stat | None":
    return shell.disk.lookup(_path(shell, name)) if name else None


def _each(shell: "Shell", who: str, names: list[str], do: Callable[[str], None], what: str) -> int:
    """Do it with each name; 1 when one failed, or when there is none."""
    status = 0 if names else USAGE
    for name in names:
        try:
            do(name)
        except OSError as error:
            shell.complain_of(who, what.format(name), error)
            status = 1
    return status


def mkdir(shell: "Shell", argv: list[str]) -> int:
    flags, names = options(argv, "p")
    mode = 0o777 & ~shell.mask

    def make(name: str) -> None:
        if "p" not in flags:
            shell.disk.mkdir(_path(shell, name), mode)
            return
        start = ""
        parts = _path(shell, name).strip("/").split("/")
        for number, part in enumerate(parts, 1):
            start += "/" + part
            stat = shell.disk.lookup(start)
            if stat is None:
                shell.disk.mkdir(start, mode if number == len(parts) else mode | 0o300)
            elif stat.kind != "dir":
                raise failure(errno.EEXIST if number == len(parts) else errno.ENOTDIR)

    return _each(shell, "mkdir", names, make, "can't create directory '{}'")


def rmdir(shell: "Shell", argv: list[str]) -> int:
    _, names = options(argv, "")
    return _each(shell, "rmdir", names, lambda name: shell.disk.rmdir(_path(shell, name)), "'{}'")


def mkfifo(shell: "Shell", argv: list[str]) -> int:
    _, names = options(argv, "")
    mode = 0o666 & ~shell.mask
    return _each(
        shell, "mkfifo", names, lambda name: shell.disk.mkfifo(_path(shell, name), mode), "{}"
    )


def chmod(shell: "Shell", argv: list[str]) -> int:
    _, words = options(argv, "")
    if not words or not re.fullmatch("[0-7]{1,4}", words[0]):
        raise Unsupported(" ".join(argv))
    mode = int(words[0], 8)

    def change(name: str) -> None:
        shell.disk.chmod(_path(shell, name), mode)

    return _each(shell, "chmod", words[1:], change, "{}")


def rm(shell: "Shell", argv: list[str]) -> int:
    flags, names = options(argv, "rf")
    status = 0 if names or "f" in flags else USAGE

    def remove(name: str) -> bool:
        try:
            path = _path(shell, name)
            stat = shell.disk.lookup(path)
            if stat is None:
                raise failure(errno.ENOENT)
            if stat.kind != "dir":
                shell.disk.unlink(path)
                return True
            if "r" not in flags:
                shell.complain(f"'{name}' is a directory", who="rm")
                return False
            done = [remove(f"{name}/{inward(child)}") for child in shell.disk.listdir(path)]
            shell.disk.rmdir(path)
            return all(done)
        except OSError as error:
            if error.errno == errno.ENOENT and "f" in flags:
                return True
            shell.complain_of("rm", f"can't remove '{name}'", error)
            return False

    for name in names:
        if re.search(r"(^|/)\.\.?/*$", name):
            raise Unsupported(" ".join(argv))
        if not remove(name):
            status = 1
    return status


def _targets(shell: "Shell", names: list[str]) -> list[tuple[str, str]]:
    """Pairs of source and destination; in a folder when the last name is one."""
    last = names[-1]
    stat = _stat(shell, last)
    if stat is not None and stat.kind == "dir":
        return [(n, f"{last.rstrip('/')}/{n.rstrip('/').rpartition('/')[2]}") for n in names[:-1]]
    if len(names) > 2:
        raise Unsupported(f"several sources, and {last} is no folder")
    return [(names[0], last)]


def mv(shell: "Shell", argv: list[str]) -> int:
    """One rename each, wherever it goes."""
    _, names = options(argv, "f")
    if len(names) < 2:
        return USAGE
    status = 0
    for source, target in _targets(shell, names):
        try:
            shell.disk.rename(_path(shell, source), _path(shell, target))
        except OSError as error:
            shell.complain_of("mv", f"can't rename '{source}'", error)
            status = 1
    return status


def ln(shell: "Shell", argv: list[str]) -> int:
    """`ln -f FILE NAME`: a second name."""
    flags, names = options(argv, "f")
    if flags != {"f"} or len(names) != 2 or names[0] == names[1]:
        raise Unsupported(" ".join(argv))
    source, name = names
    try:
        if shell.disk.stat(_path(shell, source)).kind != "file":
            raise failure(errno.EPERM)
        shell.disk.link(_path(shell, source), _path(shell, name))
    except OSError as error:
        shell.complain_of("ln", name, error)
        return 1
    return 0


def cp(shell: "Shell", argv: list[str]) -> int:
    """Files only."""
    flags, names = options(argv, "p")
    if len(names) < 2:
        return USAGE
    status = 0
    for source, target in _targets(shell, names):
        try:
            if not _copy(shell, source, target, exact="p" in flags):
                status = 1
        except OSError as error:
            shell.complain_of("cp", f"can't create '{target}'", error)
            status = 1
    return status


def _copy(shell: "Shell", source: str, target: str, *, exact: bool) -> bool:
    stat = _stat(shell, source)
    if stat is None:
        shell.complain(f"can't stat '{source}': No such file or directory", who="cp")
        return False
    if stat.kind == "dir":
        shell.complain(f"omitting directory '{source}'", who="cp")
        return False
    if stat.kind != "file":
        raise Unsupported(f"cp of a {stat.kind}")
    here, there = _path(shell, source), _path(shell, target)
    new = shell.disk.lookup(there) is None
    if not new and shell.disk.stat(there).kind == "file" and here == there:
        shell.complain(f"'{source}' and '{target}' are the same file", who="cp")
        return False
    data = shell.disk.read(here)
    opened = shell.disk.open(there, "w")
    if new or exact:
        shell.disk.chmod(there, stat.mode if exact else stat.mode & ~shell.mask)
    if data:
        opened.write(data)
    return True


def cat(shell: "Shell", argv: list[str]) -> int:
    _, names = options(argv, "")
    status = 0
    for name in names or ["-"]:
        try:
            source = shell.input() if name == "-" else shell.open(name, "r")
        except OSError as error:
            shell.complain_of("cat", f"can't open '{name}'", error)
            status = 1
            continue
        if isinstance(source, Folder):
            shell.complain("read error: Is a directory", who="cat")
            status = 1
            continue
        data = source.read()
        try:
            if data:
                shell.write_bytes(data)
        except OSError as error:
            shell.complain_of("cat", "write error", error)
            return 1
    return status


def sleep(shell: "Shell", argv: list[str]) -> int:
    if len(argv) != 2 or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", argv[1]):
        raise Unsupported(" ".join(argv))
    shell.system.sleep(float(argv[1]))
    return 0


APPLETS: dict[str, Applet] = {
    "cat": cat,
    "chmod": chmod,
    "cp": cp,
    "ln": ln,
    "mkdir": mkdir,
    "mkfifo": mkfifo,
    "mv": mv,
    "rm": rm,
    "rmdir": rmdir,
    "sleep": sleep,
    **TEXTUAL,
}
# Every router has them, and the laboratory has not: not to be taken for missing ones.
LEFT_OUT = frozenset(
    [
        *("ash", "awk", "basename", "cmp", "cut", "date", "dd", "dirname", "du", "egrep"),
        *("env", "expr", "fgrep", "find", "gunzip", "gzip", "head", "hexdump", "id"),
        *("killall", "ls", "md5sum", "mktemp", "nice", "od", "pgrep", "pidof", "ps"),
        *(
            "readlink",
            "seq",
            "sh",
            "sort",
            "stat",
            "tail",
            "tar",
            "tee",
            "time",
            "touch",
            "tr",
        ),
        *("time", "timeout", "uname", "uniq", "usleep", "wc", "which", "xargs", "yes", "zcat"),
    ]
)
