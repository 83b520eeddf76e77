# SPDX-License-Identifier: GPL-2.0-or-later
"""What a process of the laboratory's router can do: start programs, wait, die.

Implements `ash.system.System` for scripts; a program that is simulated takes its time as
`sim.programs` says, everything else a moment.
"""

import errno
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tests.laboratory.ash import Shell, parse
from tests.laboratory.ash.applets import APPLETS
from tests.laboratory.openfile import Node, Open
from wifirelay.sim.programs import DIRECT
from wifirelay.sim.ubus import listening
from wifirelay.transport.base import Completed

if TYPE_CHECKING:
    from tests.laboratory.router import LabRouter

NOTHING: Mapping[str, str] = {}
MOMENT = 0.004  # seconds until a process that was started runs; a slow router's fork and exec


class Machine:
    """One process's way to the router. `origin` says who it belongs to."""

    def __init__(self, router: "LabRouter", origin: str) -> None:
        self.router, self.origin = router, origin
        self.disk = router.disk
        self.pid = router.next_pid()

    def spend(self, name: str) -> None:
        """A process is started: others may run meanwhile. Raises OSError(EAGAIN)."""
        router = self.router
        router.begins(self.origin, name)
        router.hub.sleep(router.moment())
        if router.table_full and self.origin != "hands":
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def sleep(self, seconds: float) -> None:
        self.router.hub.sleep(seconds)

    def has(self, name: str) -> bool:
        return name in DIRECT or name in APPLETS or name == "sh"

    def program(
        self, argv: Sequence[str], stdin: Open | None, environment: Mapping[str, str]
    ) -> tuple[int, bytes, bytes] | None:
        """A simulated program; None where there is none of that name."""
        del environment
        name = argv[0].rpartition("/")[2]
        if name == "sync":
            self.spend(name)
            self.disk.sync()
            return 0, b"", b""
        if name not in DIRECT:
            return None
        program = DIRECT[name]
        text = stdin.read() if program.reads(argv[1:]) and stdin is not None else b""
        done = self.run(argv, text)
        return done.rc, done.out, done.err

    def run(self, argv: Sequence[str], stdin: bytes) -> Completed:
        """The same for whoever has the whole input."""
        router = self.router
        name = argv[0].rpartition("/")[2]
        router.note(argv, self.origin)
        self.spend(name)
        fault = router.program_fault(name, argv)
        if fault is not None:
            return fault
        program, words = DIRECT[name], list(argv[1:])
        before = program.before(router, words)
        if before > router.timings.quick:  # it scans
            router.hub.sleep(before)
        if name == "uci":
            return router.uci(words, stdin)
        if name == "ubus" and listening(words) is not None:
            return Completed(0)
        answer = program.run(router, words, stdin)
        if answer.after:
            router.hub.sleep(answer.after)
        return answer.completed


def run_shell(
    machine: Machine,
    text: str,
    arguments: Sequence[str],
    stdin: bytes,
    more: Mapping[str, str],
) -> Completed:
    """A script from its beginning to its end: `sh -c TEXT NAME ARGUMENT...`. `more` goes into its
    environment."""
    files = [_scratch(machine, data) for data in (stdin, b"", b"")]
    shell = Shell(
        machine,
        environment={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", **more},
        arguments=list(arguments[1:]),
        name=arguments[0] if arguments else "sh",
        stdin=files[0],
        stdout=files[1],
        stderr=files[2],
        cwd="/",
    )
    code = shell.run(parse(text))
    return Completed(code, files[1].whole(), files[2].whole())


class Scratch(Open):
    """A pipe's end that keeps what comes; no file of the router."""

    def whole(self) -> bytes:
        return self._node.data


def _scratch(machine: Machine, data: bytes) -> Scratch:
    node = Node("file", 0o600, 0, "pipe")
    node.data = data
    return Scratch(machine.disk, "/tmp/.pipe", node, 0)


def execute(
    router: "LabRouter",
    argv: Sequence[str],
    stdin: bytes | None,
    origin: str,
    more: Mapping[str, str] = NOTHING,
) -> Completed:
    """One command line of a controller, inside a process of its own."""
    machine = Machine(router, origin)
    if argv[0] in ("sh", "ash", "/bin/sh"):
        router.note(argv, origin)
        machine.spend("sh")
        if argv[1] == "-c":
            return run_shell(machine, argv[2], argv[3:], stdin or b"", more)
        text = router.disk.read(argv[1]).decode("utf-8", "surrogateescape")
        return run_shell(machine, text, argv[1:], stdin or b"", more)
    if argv[0] == "true":
        machine.spend("true")
        return Completed(0)
    if argv[0].startswith("/") and not argv[0].startswith("/etc/init.d/"):
        raise NotImplementedError(f"{argv[0]} does not run in the laboratory")
    return machine.run(argv, stdin or b"")
