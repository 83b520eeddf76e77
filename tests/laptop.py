# SPDX-License-Identifier: GPL-2.0-or-later
"""An owner's laptop: a home of its own, and the program run from it as a process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.served import STEPS, Served
from tests.shapes import check

LIMIT = 60.0  # seconds for one command
LOOK = 0.2  # between two looks at all processes


@dataclass
class Laptop:
    """An owner's home folder, and the program run from it."""

    home: Path
    served: Served
    keys: dict[str, str] = field(default_factory=dict)  # instead of the right ones, by SSID
    count: int = 0  # of commands run

    def configure(self, port: int, *, deadline: int = 180, **login: str) -> None:
        """The router at this port, and the networks that the world's owner knows."""
        networks = [
            {
                "ssid": known.ssid.text,
                "key": self.keys.get(known.ssid.text, known.key.reveal()),
                **({"ipv6_only": True} if known.ipv6_only else {}),
            }
            for known in self.served.world.known
            if known.key is not None
        ]
        self.served.secrets |= set(self.keys.values())
        settings: dict[str, Any] = {
            "router": f"ssh://root@127.0.0.1:{port}",
            "relay": {"deadline": deadline},
            "networks": networks,
        }
        if login:
            settings["login"] = login
        self.write(".config/wifirelay/config.yaml", yaml.safe_dump(settings))

    def write(self, name: str, text: str) -> str:
        """A file that nobody else may read; its path."""
        path = self.home / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def start(self, *words: str) -> "Running":
        return Running(self, words)

    def run(self, *words: str, expect: int = 0) -> "Running":
        """One command to its end, with the exit code that is expected."""
        running = self.start(*words)
        code = running.ended()
        assert code == expect, f"{words}: exit {code}\n{running.out}{running.err}"
        return running

    def trust(self, *words: str) -> "Running":
        return self.run("trust", "--yes", *words)

    def fails(self, code: int, *words: str) -> dict[str, Any]:
        """A command that must fail so, and say what to do; its error object."""
        shape = self.run("--json", *words, expect=code).object
        assert (shape["schema"], shape["exit"]) == ("wifirelay.error/1", code)
        assert shape["hint"]
        return shape


class Running:
    """The program as a process of its own."""

    def __init__(self, laptop: Laptop, words: tuple[str, ...]) -> None:
        self._served = laptop.served
        laptop.count += 1
        paths = [laptop.home / f"{laptop.count}.{name}" for name in ("out", "err")]
        self.argv = [sys.executable, "-m", "wifirelay", *words]
        with paths[0].open("w") as out, paths[1].open("w") as err:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=laptop.home,
                env={"HOME": str(laptop.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            )
        self._paths = paths

    @property
    def out(self) -> str:
        return self._paths[0].read_text()

    @property
    def err(self) -> str:
        return self._paths[1].read_text()

    @property
    def object(self) -> dict[str, Any]:
        """The one JSON object on standard output, valid by its schema."""
        shape: dict[str, Any] = json.loads(self.out)
        return check(shape)

    def until(self, step: str) -> None:
        """Wait until the router shows that the trial has come so far."""

        def reached() -> bool:
            assert self.process.poll() is None, f"ended before {step}:\n{self.out}{self.err}"
            return STEPS[step](self._served)

        self._served.wait(step, reached)
        self._served.look_at_processes()

    def kill(self) -> None:
        """SIGKILL, in the middle."""
        assert self.process.poll() is None, f"ended already:\n{self.out}{self.err}"
        self.process.send_signal(signal.SIGKILL)
        assert self.ended() == -signal.SIGKILL

    def ended(self) -> int:
        """Its exit code; what it printed holds no secret and no traceback."""
        end = time.monotonic() + LIMIT
        while self.process.poll() is None:
            if time.monotonic() > end:
                self.process.kill()
                self.process.wait()
                pytest.fail(f"{self.argv} did not end within {LIMIT:g} s:\n{self.out}{self.err}")
            self._served.look_at_processes()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(LOOK)
        said = [*self.argv, self.out, self.err]
        self._served.no_secret(said)
        assert "Traceback" not in self.err
        return self.process.returncode


def free_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def new_home(folder: Path) -> Path:
    """Of an owner who has never used it."""
    home = folder / "laptop"
    home.mkdir(mode=0o700)
    return home
