# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs router-side scripts for real, under busybox ash against the scratch root.

Debian's busybox ash prefers its own applets (df, logger, sleep, ...) over PATH. So each
script gets a first line that defines a shell function for every simulated program that
is an applet as well; the function calls the shim. `exec`, `command` and `xargs` go past
functions: simulated programs that are no applets (uci, ubus, wifi, jsonfilter, iwinfo)
are found through PATH even then.
"""

import functools
import glob
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from wifirelay.errors import DeadlineExceeded, UsageError
from wifirelay.sim.launch import Launch
from wifirelay.transport.base import Completed

NOT_FOUND = 127  # POSIX shell, "Exit Status for Commands"
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
        self.launch = Launch(root, self.shims)
        self.launch.write(_applets(), interpreter()[0] if _applets() else None)
        self._write_shells()

    def environment(self, origin: str) -> dict[str, str]:
        """Everything that a script finds in its environment; `origin` says who started it."""
        return {
            "PATH": self.launch.path,
            "HOME": "/root",
            "LC_ALL": "C",
            "WIFIRELAY_ROOT": self.root,
            "WIFIRELAY_SIM_FROM": origin,
        }

    def script_argv(self, argv: Sequence[str]) -> list[str]:
        """The command line on this machine of `sh -c SCRIPT name args...` or `sh FILE ...`."""
        self.launch.look()
        words = list(argv[1:])
        if words[:1] == ["-c"]:
            text = self.preamble + self.launch.text(words[1])
            return [*interpreter(), "-c", text, *words[2:]]
        return [*interpreter(), "-c", self.preamble + '. "$0"', *words]

    def run(
        self,
        argv: Sequence[str],
        stdin: bytes | None,
        *,
        origin: str,
        limit: float = LIMIT,
        more: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run one command line of this machine to its end; `more` for its environment."""
        try:
            process = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**self.environment(origin), **(more or {})},
                cwd=self.root,
                start_new_session=True,
            )
        except FileNotFoundError:
            return Completed(NOT_FOUND, err=f"ash: {argv[0]}: not found\n".encode())
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

    def kill_strays(self) -> None:
        """End whatever of the router's own still runs on this machine; not what came over SSH."""
        mine = f"WIFIRELAY_ROOT={self.root}".encode()
        for path in glob.glob("/proc/[0-9]*/environ"):
            with suppress(OSError), open(path, "rb") as file:
                words = file.read().split(b"\0")
                if mine in words and b"WIFIRELAY_SIM_FROM=ssh" not in words:
                    os.kill(int(path.split("/")[2]), signal.SIGKILL)

    def _write_shells(self) -> None:
        """`sh` for scripts that start another shell, `login` for who comes over SSH.

        Both define the functions; `login` also sets the environment, and lets `cat` read
        the router's files by the router's paths.
        """
        shell, preamble = shlex.join(interpreter()), shlex.quote(self.preamble)
        root = shlex.quote(self.root)
        look, told = self.launch.shell()
        body = (
            f'{look}case ${{1-}} in\n-c) s=$2; shift 2\n{told}exec {shell} -c "$p$s" "$@" ;;\n'
            f"'') ENV={shlex.quote(os.path.join(self.shims, '.profile'))}; export ENV\n"
            f"exec {shell} ;;\n"
            f"{root}/*) ;;\n"
            f'/*) if [ -e {root}"$1" ]; then f={root}$1; shift; set -- "$f" "$@"; fi ;;\n'
            f'esac\nexec {shell} -c "$p"\'. "$0"\' "$@"\n'
        )
        variables = self.environment("ssh").items()
        exports = "".join(f"export {k}={shlex.quote(v)}\n" for k, v in variables)
        cat = f'cat() {{ {shlex.quote(os.path.join(self.shims, "cat"))} "$@"; }}; '
        login = f"#!/bin/sh\n{exports}cd {root} || exit\n"
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
