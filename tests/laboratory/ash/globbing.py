# SPDX-License-Identifier: GPL-2.0-or-later
"""Pathnames for patterns, as busybox's own code finds them: `.` and `..` are names of a folder."""

from typing import TYPE_CHECKING

from tests.laboratory.ash.patterns import matcher, plain
from tests.laboratory.ash.system import inward, outward

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell


def expanded(shell: "Shell", pattern: str) -> list[str]:
    """The paths that match, sorted; none: the word stays as it is."""
    disk = shell.disk
    found = [""]  # as the word names them
    if plain(pattern) is not None:
        return []
    parts = pattern.split("/")
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        slash = "" if last else "/"
        name = plain(part)
        if name is not None:
            found = [start + name + slash for start in found]
            continue
        matches = matcher(part)
        hidden = part.startswith((".", "\\."))
        following: list[str] = []
        for start in found:
            folder = outward(shell.path(start or "."))
            stat = disk.lookup(folder)
            if stat is None or stat.kind != "dir":
                continue
            names = [inward(name) for name in disk.listdir(folder)]
            for name in [".", "..", *names] if hidden else names:
                if (hidden or name[0] != ".") and matches(name):
                    path = start + name
                    if not last and not _is_folder(shell, path):
                        continue
                    following.append(path + slash)
        found = following
    if plain(parts[-1]) is not None:
        found = [path for path in found if disk.lookup(outward(shell.path(path))) is not None]
    return sorted(found)


def _is_folder(shell: "Shell", path: str) -> bool:
    stat = shell.disk.lookup(outward(shell.path(path)))
    return stat is not None and stat.kind == "dir"
