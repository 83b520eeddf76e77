# SPDX-License-Identifier: GPL-2.0-or-later
"""Every file of a package, compiled by the Python that is asked for; as a folder where needed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass

from wifirelay.change.files import TREE, RouterFile
from wifirelay.errors import UsageError
from wifirelay.package.contents import compiler, packaged_files, python_sources
from wifirelay.package.control import Version

OLDEST: Version = (3, 11)
_VERSION = "import sys; print('%d %d' % sys.version_info[:2])"
_FLAGS = ("-X", "no_debug_ranges", "-IS")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python of this machine, whose bytecode a router's Python of the same version reads."""

    path: str
    version: Version


def find_interpreter(name: str) -> Interpreter:
    """The Python that `name` is, a command or a path. Raises UsageError."""
    path = shutil.which(name)
    said = ""
    if path is not None:
        try:
            done = subprocess.run(
                [path, "-IS", "-c", _VERSION], capture_output=True, text=True, check=False
            )
            said = done.stdout
        except OSError:
            pass
    words = said.split()
    if path is None or len(words) != 2 or not all(word.isdigit() for word in words):
        raise UsageError(
            f"{name} is not a Python of this machine, and a router reads only what its own "
            "version has compiled",
            hint="OpenWrt 23.05 and 24.10 have Python 3.11, 25.12 has 3.13: install that one, or "
            "name it with --python",
        )
    version = (int(words[0]), int(words[1]))
    if version < OLDEST:
        raise UsageError(
            f"{name} is Python {version[0]}.{version[1]}: wifirelay needs {OLDEST[0]}.{OLDEST[1]}",
            hint="name a newer one with --python",
        )
    return Interpreter(path, version)


def build(interpreter: Interpreter) -> tuple[RouterFile, ...]:
    """All files of a package, sorted by path."""
    with tempfile.TemporaryDirectory(prefix="wifirelay-") as folder:
        write_folder(folder, python_sources())
        program = os.path.join(folder, "compile.py")
        with open(program, "wb") as file:
            file.write(compiler())
        done = subprocess.run(
            [interpreter.path, *_FLAGS, program, folder + TREE],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            lines = done.stdout.strip().splitlines() or ["no reason given"]
            raise UsageError(
                f"{interpreter.path} could not compile wifirelay: {lines[-1]}",
                hint="name another Python with --python",
            )
        tree = _read_tree(folder)
    return tuple(sorted((*tree, *packaged_files()), key=lambda file: file.path))


def _read_tree(top: str) -> list[RouterFile]:
    files = []
    for folder, _, names in os.walk(top + TREE):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                files.append(RouterFile(path.removeprefix(top), "644", file.read()))
    return files


def folders_of(files: Iterable[RouterFile]) -> tuple[str, ...]:
    """The folders that these files are in, and theirs, without the root; sorted."""
    found = set()
    for file in files:
        folder = os.path.dirname(file.path)
        while folder != "/":
            found.add(folder)
            folder = os.path.dirname(folder)
    return tuple(sorted(found))


def write_folder(top: str, files: tuple[RouterFile, ...]) -> None:
    """The files below a folder, with their modes whatever the umask."""
    for folder in folders_of(files):
        os.makedirs(top + folder, exist_ok=True)
        os.chmod(top + folder, 0o755)  # noqa: S103 - as it is on every router
    for each in files:
        with open(top + each.path, "wb") as file:
            file.write(each.content)
        os.chmod(top + each.path, int(each.mode, 8))
