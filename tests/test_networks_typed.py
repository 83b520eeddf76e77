# SPDX-License-Identifier: GPL-2.0-or-later
"""`networks add` at a real terminal (a pseudo-terminal): the key is typed, and never shown."""

import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from known import CHECKOUT

from wifirelay.config.yaml_file import load
from wifirelay.values import Secret

KEY = "hunter2 typed"
# Makes the terminal the program's own, `/dev/tty`, and then is the program
OWN = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)
LIMIT = 60.0  # seconds for a program to start on a busy machine


class Terminal:
    """A program on a terminal of its own, and all that has come out of it."""

    def __init__(self, *words: str) -> None:
        self.shown = ""
        self.file, inner = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWN, sys.executable, "-m", "wifirelay", *words],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            cwd=CHECKOUT,
            start_new_session=True,
        )
        os.close(inner)

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + LIMIT
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            assert self._more(), self.shown

    def _more(self) -> bool:
        if not select.select([self.file], [], [], 1.0)[0]:
            return True
        try:
            piece = os.read(self.file, 4096)
        except OSError:  # the other side has closed it
            return False
        self.shown += piece.decode()
        return bool(piece)

    @property
    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.file)[3] & termios.ECHO)

    def wait_for_silence(self) -> None:
        """Until the terminal has stopped to show what is typed."""
        end = time.monotonic() + LIMIT
        while self.echoes:
            assert time.monotonic() < end, self.shown
            time.sleep(0.02)

    def type(self, text: str) -> None:
        os.write(self.file, text.encode())

    def end(self) -> int:
        """The exit code, once all has been read."""
        while self._more():
            pass
        code = self.process.wait(LIMIT)
        os.close(self.file)
        return code


def test_the_key_is_typed_without_echo(tmp_path: Path) -> None:
    config = str(tmp_path / "config.yaml")
    terminal = Terminal("--config", config, "networks", "add", "HomeNet")
    terminal.wait_for("Key of HomeNet: ")
    terminal.wait_for_silence()
    terminal.type(f"{KEY}\n")
    assert terminal.end() == 0
    assert "added HomeNet" in terminal.shown
    assert "hunter2" not in terminal.shown
    assert load(config).networks[0].key == Secret(KEY)


def test_the_end_of_input_adds_nothing(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    terminal = Terminal("--config", str(config), "networks", "add", "HomeNet")
    terminal.wait_for("Key of HomeNet: ")
    terminal.wait_for_silence()
    terminal.type("\x04")
    assert terminal.end() == 2
    assert not config.exists()


def run(config: Path, *words: str, stdin: str) -> subprocess.CompletedProcess[str]:
    """Without any terminal, as over `ssh ROUTER wifirelay ...` or in a script."""
    return subprocess.run(
        [sys.executable, "-m", "wifirelay", "--config", str(config), "networks", *words],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        cwd=CHECKOUT,
        start_new_session=True,
        timeout=LIMIT,
        check=False,
    )


def test_a_key_from_standard_input(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    done = run(config, "add", "HomeNet", "--key-stdin", stdin=f"{KEY}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert load(str(config)).networks[0].key == Secret(KEY)


@pytest.mark.parametrize("stdin", ["", f"{KEY}\n"])
def test_without_a_terminal_standard_input_must_be_asked_for(tmp_path: Path, stdin: str) -> None:
    """`ssh ROUTER wifirelay networks add X` has no terminal there: a key that it waited for would
    be typed into one here that shows it."""
    config = tmp_path / "config.yaml"
    done = run(config, "add", "HomeNet", stdin=stdin)
    assert done.returncode == 2
    assert "--key-stdin" in done.stderr
    assert not config.exists()


def test_import_reads_no_terminal(tmp_path: Path) -> None:
    terminal = Terminal("--config", str(tmp_path / "c"), "networks", "import", "-")
    terminal.wait_for("standard input is a terminal")
    assert terminal.end() == 2
