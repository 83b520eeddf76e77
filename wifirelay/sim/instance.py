# SPDX-License-Identifier: GPL-2.0-or-later
"""One command of a service, as procd runs it: a process of this machine.

Knows how it starts, where its output goes, and how it ends. When it should run is
`procd.py`'s matter.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from wifirelay.sim.blobmsg import Json
from wifirelay.sim.files import Root
from wifirelay.sim.shell import Shell
from wifirelay.sim.syslog import Log

PATIENCE = 5.0  # seconds between TERM and KILL; procd's default
_SHELLS = ("/bin/sh", "/bin/ash", "sh", "ash")
# What makes a running instance another one (procd's instance_config_changed), files apart.
_TELLING = ("command", "env", "respawn", "pidfile", "user", "group", "limits", "nice", "netdev")
Parameters = Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class Instance:
    """One command of a service; `parameters` by procd's names."""

    service: str
    name: str
    parameters: Parameters
    files: tuple[bytes | None, ...] = ()  # what is in those that `file` names
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0  # seconds of the simulation
    failures: int = 0
    script: bool = False  # a shell script: it may run in virtual time

    @property
    def command(self) -> tuple[str, ...]:
        return self.parameters.get("command", ())

    @property
    def respawn(self) -> tuple[float, float, int] | None:
        """Threshold and pause in seconds, retries."""
        given = self.parameters.get("respawn")
        if given is None:
            return None
        threshold, pause, retries = (*given, *("3600", "5", "5")[len(given) :])[:3]
        return float(threshold), float(pause), int(retries)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def patience(self) -> float:
        given = self.parameters.get("term_timeout")
        return float(given[0]) if given else PATIENCE

    def same(self, other: "Instance") -> bool:
        """Whether procd would leave this one running in the other's place."""
        mine, theirs = self.parameters, other.parameters
        return self.files == other.files and all(
            mine.get(name) == theirs.get(name) for name in _TELLING
        )

    def spawn(self, root: Root, shell: Shell, log: Log, environment: Mapping[str, str]) -> None:
        """Start it. Output goes to the log where it asked for that, else into `.errors`."""
        program, *rest = self.command
        if program in _SHELLS:
            argv = shell.script_argv([program, *rest])
        elif self.script:
            argv = shell.script_argv(["sh", root.here(program), *rest])
        else:
            shell.launch.look()
            argv = [shell.launch.exec, program, *rest]
        logged = {kind: self.parameters.get(kind) == ("1",) for kind in ("stdout", "stderr")}
        more = dict(word.split("=", 1) for word in self.parameters.get("env", ()) if "=" in word)
        with open(os.path.join(shell.shims, ".errors"), "ab") as errors:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if logged["stdout"] else errors,
                stderr=subprocess.PIPE if logged["stderr"] else errors,
                env={**environment, **more},
                cwd=root.path,
                start_new_session=True,
            )
        self.process = process
        for stream, level in ((process.stdout, "info"), (process.stderr, "err")):
            if stream is not None:
                name = os.path.basename(program) if program not in _SHELLS else self.service
                self._follow(stream, log, f"daemon.{level} {name}[{process.pid}]")
        if (pidfile := self.parameters.get("pidfile")) is not None:
            root.write(pidfile[0], f"{process.pid}\n")

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def end(self) -> None:
        """At once, with its group."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def shown(self) -> dict[str, Json]:
        """As `ubus call service list` tells."""
        out: dict[str, Json] = {"running": self.alive}
        if self.process is not None and self.alive:
            out["pid"] = self.process.pid
        out["command"] = list(self.command)
        if "term_timeout" in self.parameters:
            out["term_timeout"] = int(self.patience)
        if (rule := self.respawn) is not None:
            threshold, pause, retries = rule
            out["respawn"] = {"threshold": int(threshold), "timeout": int(pause), "retry": retries}
        return out

    def _follow(self, stream: IO[bytes], log: Log, source: str) -> None:
        def read() -> None:
            with stream:
                for line in stream:
                    log.write(source, line.decode("utf-8", "surrogateescape").rstrip("\n"))

        reader = threading.Thread(target=read, name="sim-log", daemon=True)
        reader.start()


@dataclass(slots=True)
class Leaving:
    """An instance that was told to end; KILL comes after its patience."""

    instance: Instance
    last: float = field(init=False)  # monotonic

    def __post_init__(self) -> None:
        self.instance.signal(signal.SIGTERM)
        self.last = time.monotonic() + self.instance.patience

    def gone(self) -> bool:
        """Whether it has ended; past its patience it is made to."""
        if not self.instance.alive:
            return True
        if time.monotonic() >= self.last:
            self.instance.signal(signal.SIGKILL)
        return False
