# SPDX-License-Identifier: GPL-2.0-or-later
"""The same script in this shell and in a real busybox ash, for tests that compare them."""

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from tests.laboratory.ash.alone import Run
from tests.laboratory.ash.applets import APPLETS
from tests.laboratory.disk import Disk

ARGUMENTS = ("one", "two words", "")
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFIFO: "fifo"}
Files = dict[str, tuple[str, int, bytes]]  # path: kind, mode, content


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a script left. Messages are not compared: only whether there were some."""

    status: int
    out: bytes
    files: Files
    complained: bool


def folder_on(disk: Disk, folder: str) -> Files:
    """All below a folder of the disk."""
    found: Files = {}
    for path in disk.paths(folder + "/"):
        about = disk.stat(path)
        content = disk.read(path) if about.kind == "file" else b""
        found[path.removeprefix(folder)] = about.kind, about.mode, content
    return found


def ours(script: str, folder: str, stdin: bytes = b"") -> Outcome:
    """The script in this shell, in a folder of an empty disk."""
    run = Run(stdin, arguments=ARGUMENTS, cwd=folder, name="sh")
    status = run(script)
    return Outcome(status, run.out.data, folder_on(run.disk, folder), bool(run.err.data))


def commands(busybox: str, folder: Path) -> None:
    """Fill the folder with the names of what this shell has, all of them busybox."""
    for name in APPLETS:
        (folder / name).symlink_to(busybox)


def real(script: str, folder: Path, path: str, stdin: bytes = b"") -> Outcome:
    """The script in busybox ash, in an empty folder; `path` holds its commands."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    busybox = shutil.which("busybox")
    if busybox is None:
        raise FileNotFoundError("busybox")
    # No pipe for the output: busybox's cat hands a file's pages over to a pipe, and whoever
    # reads it sees what is written to that file later.
    with TemporaryFile() as out:
        done = subprocess.run(
            [busybox, "ash", "-c", script, "sh", *ARGUMENTS],
            input=stdin,
            stdout=out,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={"PATH": path, "LC_ALL": "C"},
            umask=0o022,
            timeout=20,
            check=False,
        )
        out.seek(0)
        output = out.read()
    files: Files = {}
    for top, folders, names in os.walk(folder):
        for name in folders + names:
            found = Path(top, name)
            mode = found.lstat().st_mode
            kind = _KINDS[stat.S_IFMT(mode)]
            content = found.read_bytes() if kind == "file" else b""
            files[str(found).removeprefix(str(folder))] = kind, stat.S_IMODE(mode), content
    return Outcome(done.returncode, output, files, bool(done.stderr))
