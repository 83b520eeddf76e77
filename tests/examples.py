# SPDX-License-Identifier: GPL-2.0-or-later
"""Examples out of a document, and a run of them as its reader would: typed into bash, in order.

A fenced block `console` has commands (`$ ...`) and what they print; `...` stands for any lines; a
comment `# exit 5` behind a command is its exit code, else it is 0. A fenced block whose first
line is `# NAME.yaml` or `# NAME.py` is that file. An indented command that names a simulated
router is run, too. Knows nothing of what the commands mean.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"^##+ (.+)$", re.MULTILINE)
_PART = re.compile(
    r"^```(\w*)\n(.*?)^```$|^    (\S[^\n]*\bsim:\w[^\n]*)$", re.MULTILINE | re.DOTALL
)
_FILE = re.compile(r"# ([\w-]+\.(?:yaml|py))\n")
_EXIT = re.compile(r"\s+# exit (\d+)$")
ANY = "..."
_LIMIT = 120  # seconds for one command


@dataclass(frozen=True, slots=True)
class File:
    """What the reader saves."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """What the reader types, and what the document says comes of it."""

    line: str
    exit: int
    shown: tuple[str, ...] | None  # None: the document shows nothing


@dataclass(frozen=True, slots=True)
class Section:
    """The examples below one heading: one reader's sitting."""

    title: str
    parts: tuple[File | Command, ...]

    @property
    def commands(self) -> list[Command]:
        return [part for part in self.parts if isinstance(part, Command)]


def sections(page: str) -> Iterator[Section]:
    """All sections of a page that have a command."""
    pieces = _HEADING.split(page)
    for title, text in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        section = Section(title, tuple(_parts(text)))
        if section.commands:
            yield section


def _parts(text: str) -> Iterator[File | Command]:
    for found in _PART.finditer(text):
        language, block, indented = found.groups()
        if indented is not None:
            yield _command(indented, None)
        elif language == "console":
            yield from _console(block)
        elif name := _FILE.match(block):
            yield File(name[1], block)


def _console(block: str) -> Iterator[Command]:
    assert block.startswith("$ "), block
    for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, *shown = piece.rstrip("\n").split("\n")
        yield _command(line, tuple(each.rstrip() for each in shown))


def _command(line: str, shown: tuple[str, ...] | None) -> Command:
    code = _EXIT.search(line)
    return Command(line, int(code[1]) if code else 0, shown)


def play(section: Section, folder: Path, checkout: Path) -> list[str]:
    """Run it in an empty folder, with a home of its own; what differs from the document."""
    home = folder / "home"
    home.mkdir(parents=True)
    here = folder / "here"
    here.mkdir()
    (here / "tests").symlink_to(checkout / "tests")
    env = {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "COLUMNS": "200",
    }
    wrong: list[str] = []
    for part in section.parts:
        if isinstance(part, File):
            (here / part.name).write_text(part.text, "utf-8")
            (here / part.name).chmod(0o600)
            continue
        done = subprocess.run(
            ["bash", "-c", part.line],
            cwd=here,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=_LIMIT,
        )
        printed = [line.rstrip() for line in done.stdout.splitlines()]
        if done.returncode != part.exit:
            wrong.append(f"$ {part.line}\n  exit {done.returncode}, not {part.exit}")
        if part.shown is not None and not matches(part.shown, printed):
            wrong.append("\n".join([f"$ {part.line}", *printed, "-- does not match", *part.shown]))
    return wrong


def matches(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether these lines were printed, `...` standing for any number of others."""
    if not shown:
        return not printed
    if shown[0] == ANY:
        return any(matches(shown[1:], printed[at:]) for at in range(len(printed) + 1))
    return bool(printed) and shown[0] == printed[0] and matches(shown[1:], printed[1:])
