# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs router-side scripts for real, under busybox ash against the scratch root.

Debian's busybox ash prefers its own applets (df, logger, sleep, ...) over PATH. So each
script gets a first line that defines a shell function for every simulated program that
is an applet as well; the function calls the shim. `exec`, `command` and `xargs` go past
functions: simulated programs that are no applets (uci, ubus, wifi, jsonfilter, iwinfo)
are found through PATH even then.
"""

import functools
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Sequence

from wifirelay.errors import DeadlineExceeded, UsageError
from wifirelay.transport.base import Completed

SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
LIMIT = 60.0  # seconds of this machine; a script that takes longer hangs


@functools.cache
def interpreter() -> tuple[str, ...]:
    """The shell's command line: busybox ash, else bash."""
    if busybox := shutil.which("busybox"):
        return (busybox, "ash")
    if bash := shutil.which("bash"):
        return (bash,)
    raise UsageError(
        "the simulated router needs busybox to run its scripts", hint="install busybox"
    )


@functools.cache
def _applets() -> frozenset[str]:
    if not interpreter()[0].endswith("busybox"):
        return frozenset()
    listed = subprocess.run(
        [interpreter()[0], "--list"], capture_output=True, text=True, check=True
    )
    return frozenset(listed.stdout.split())


class Shell:
    """A router's way to start processes on this machine."""

    def __init__(self, root: str, programs: Iterable[str]) -> None:
        self.root = root
        self.shims = os.path.join(root, "shims")
        self.running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        names = sorted(_applets() & (set(programs) | {"sh", "ash"}))
        self.preamble = "".join(
            f'{name}() {{ {shlex.quote(os.path.join(self.shims, name))} "$@"; }}; '
            for name in names
        )
        self.login = os.path.join(self.shims, "login")  # takes `-c COMMAND`
        self._write_shells()

    def environment(self, origin: str) -> dict[str, str]:
        """Everything that a script finds in its environment; `origin` says who started it."""
        return {
            "PATH": f"{self.shims}:{SYSTEM_PATH}",
            "HOME": "/root",
            "LC_ALL": "C",
            "WIFIRELAY_ROOT": self.root,
            "WIFIRELAY_SIM_FROM": origin,
        }

    def script_argv(self, argv: Sequence[str]) -> list[str]:
        """The command line on this machine of `sh -c SCRIPT name args...` or `sh FILE ...`."""
        words = list(argv[1:])
        if words[:1] == ["-c"]:
            return [*interpreter(), "-c", self.preamble + words[1], *words[2:]]
        return [*interpreter(), "-c", self.preamble + '. "$0"', *words]

    def run(
        self, argv: Sequence[str], stdin: bytes | None, *, origin: str, limit: float = LIMIT
    ) -> Completed:
        """Run one command line of this machine to its end."""
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(origin),
            cwd=self.root,
            start_new_session=True,
        )
        with self._lock:
            self.running.add(process)
        try:
            out, err = process.communicate(stdin, timeout=limit)
        except subprocess.TimeoutExpired:
            kill(process)
            raise DeadlineExceeded(f"a script did not end within {limit:g} s") from None
        finally:
            with self._lock:
                self.running.discard(process)
            close_pipes(process)
        rc = process.returncode if process.returncode >= 0 else 128 - process.returncode
        return Completed(rc, out, err)

    def kill_all(self) -> None:
        """End every script that runs."""
        with self._lock:
            processes = list(self.running)
        for process in processes:
            kill(process, wait=False)

    def _write_shells(self) -> None:
        """`sh` for scripts that start another shell, `login` for who comes over SSH.

        Both define the functions; `login` also sets the environment, and lets `cat` read
        the router's files by the router's paths.
        """
        shell, preamble = shlex.join(interpreter()), shlex.quote(self.preamble)
        body = (
            f'case ${{1-}} in\n-c) s=$2; shift 2; exec {shell} -c "$p$s" "$@" ;;\n'
            f"'') ENV={shlex.quote(os.path.join(self.shims, '.profile'))}; export ENV\n"
            f"exec {shell} ;;\n"
            f'*) exec {shell} -c "$p"\'. "$0"\' "$@" ;;\nesac\n'
        )
        variables = self.environment("ssh").items()
        exports = "".join(f"export {k}={shlex.quote(v)}\n" for k, v in variables)
        cat = f'cat() {{ {shlex.quote(os.path.join(self.shims, "cat"))} "$@"; }}; '
        login = f"#!/bin/sh\n{exports}cd {shlex.quote(self.root)} || exit\n"
        texts = {
            "sh": f"#!/bin/sh\np={preamble}\n{body}",
            "login": f"{login}p={shlex.quote(self.preamble + cat)}\n{body}",
            ".profile": f"{self.preamble}{cat}\n",
        }
        texts["ash"] = texts["sh"]
        for name, text in texts.items():
            path = os.path.join(self.shims, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, 0o755)  # noqa: S103


def kill(process: "subprocess.Popen[bytes]", *, wait: bool = True) -> None:
    """End a process and its group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError:
        process.kill()
    if wait:
        process.wait()
        close_pipes(process)


def close_pipes(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
