# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody's terminal: a line of a document is typed there as it stands, but for the router's
address."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pexpect

from tests.known import CHECKOUT

LIMIT = 60.0  # seconds for one thing to be shown
LOOK = 0.05  # between two looks at a file


@dataclass
class Desk:
    """Somebody's terminal, folder and home."""

    home: Path
    router: str = ""  # its address and port
    instead: dict[str, str] = field(default_factory=dict)  # of words that are another's here

    def write(self, name: str, text: str, mode: int = 0o600) -> None:
        """A file of the home, for its owner alone."""
        path = self.home / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(mode)

    def program(self, name: str, script: str) -> None:
        """A program that is found before any other of its name."""
        self.write(f"bin/{name}", f"#!/bin/sh\n{script}\n", 0o755)

    def type(
        self,
        line: str,
        *,
        answers: Sequence[tuple[str, str]] = (),
        until: str | None = None,
        into: str | None = None,
        ends: int = 0,
    ) -> str:
        """One line, to its end; all that it showed.

        `answers` are questions and what is typed then. What goes on is ended by Ctrl-C when it
        has shown `until`, in the file `into` where its output goes there. `ends` is the exit code.
        """
        self.program("wifirelay", f'exec {shlex.quote(sys.executable)} -m wifirelay "$@"')
        typed = line.replace(".venv/bin/", "")
        for words, others in self.instead.items():
            typed = typed.replace(words, others)
        typed = typed.replace("ssh://root@192.168.1.1", "$R").replace("192.168.1.1", self.router)
        child = pexpect.spawn(
            "bash",
            ["-c", typed],
            cwd=str(self.home),
            env=self._environment(),
            encoding="utf-8",
            timeout=LIMIT,
            dimensions=(50, 200),
        )
        with closing(child), (self.home / "shown").open("w+", encoding="utf-8") as shown:
            child.logfile_read = shown
            for question, answer in answers:
                child.expect_exact(question)
                child.sendline(answer)
            if until is not None:
                if into is None:
                    child.expect_exact(until)
                else:
                    self._wait(into, until)
                child.sendintr()
            child.expect(pexpect.EOF)
            child.close()
            shown.seek(0)
            said = shown.read()
        assert child.exitstatus == ends, f"{typed}\n{said}"
        assert "Traceback" not in said
        return said

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": f"{self.home / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(CHECKOUT),
            "XDG_RUNTIME_DIR": str(self.home),
            "R": f"ssh://root@{self.router}",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
        }

    def _wait(self, name: str, text: str) -> None:
        """Until the file has this."""
        path = self.home / name
        end = time.monotonic() + LIMIT
        while not path.exists() or text not in path.read_text("utf-8"):
            assert time.monotonic() < end, f"{name} has no {text!r} within {LIMIT:g} s"
            time.sleep(LOOK)
