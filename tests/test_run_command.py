# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay run` as procd starts it: by signals, with configurations that are not right yet."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wifirelay.rooted import ROOT

WORDS = ("--router", "local", "run", "--keep-pause")


class Started:
    """The program, its standard error read line by line."""

    def __init__(self, folder: Path, config: str) -> None:
        self.config = folder / "config.yaml"
        self.write(config)
        self.process = subprocess.Popen(
            # HUP is ignored when it begins, as the init script starts it
            [
                *("sh", "-c", "trap '' HUP USR1; exec \"$@\"", "sh"),
                *(sys.executable, "-m", "wifirelay", "--config", str(self.config), *WORDS),
            ],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), ROOT: str(folder)},
        )

    def write(self, text: str) -> None:
        beside = self.config.with_suffix(".new")
        beside.write_text(text)
        beside.chmod(0o600)
        beside.replace(self.config)

    def until(self, words: str) -> str:
        assert self.process.stderr is not None
        said = []
        for line in self.process.stderr:
            said.append(line)
            if words in line:
                return line
        raise AssertionError(f"{words!r} was not said: {said}")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    running: list[Started] = []

    def start(config: str) -> Started:
        running.append(Started(tmp_path, config))
        return running[-1]

    yield start
    for each in running:
        each.process.kill()
        each.process.communicate()


def test_a_wrong_configuration_is_said_once_and_waited_for(start) -> None:
    service = start("networks: nonsense\n")
    line = service.until("waiting for a change of it")
    assert "networks" in line
    service.process.send_signal(signal.SIGHUP)
    service.until("waiting for a change of it")
    service.write("networks: []\n")
    service.process.send_signal(signal.SIGHUP)
    service.until("started       0 known networks")
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(20) == 0


def test_it_ends_while_it_waits(start) -> None:
    service = start("networks: nonsense\n")
    service.until("waiting for a change of it")
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(20) == 0


def test_a_hangup_before_it_is_ready_does_not_kill_it(start) -> None:
    service = start("networks: []\n")
    while not Path(f"/proc/{service.process.pid}/cmdline").read_text().startswith(sys.executable):
        assert service.process.poll() is None
    service.process.send_signal(signal.SIGHUP)
    service.process.send_signal(signal.SIGUSR1)
    service.until("started")
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(20) == 0


def test_a_person_without_networks_is_told_at_once(start, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wifirelay", "--config", str(tmp_path / "none.yaml"), *WORDS[:3]],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), ROOT: str(tmp_path)},
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "there is no configuration file" in done.stderr
