# SPDX-License-Identifier: GPL-2.0-or-later
"""A shell on a router that has nothing but files, and one program that tells what it was given."""

from collections.abc import Callable, Mapping, Sequence

from tests.laboratory.ash.applets import APPLETS
from tests.laboratory.ash.parse import parse
from tests.laboratory.ash.shell import Shell
from tests.laboratory.ash.streams import Buffer, Capture
from tests.laboratory.ash.system import Stream
from tests.laboratory.disk import Disk


class Alone:
    """A System. `processes`: what was started; `on_start` is told before it runs."""

    def __init__(self, disk: Disk) -> None:
        self.disk, self.pid = disk, 4711
        self.processes: list[str] = []
        self.on_start: Callable[[str], None] = lambda _: None
        self.slept = 0.0

    def spend(self, name: str) -> None:
        self.processes.append(name)
        self.on_start(name)

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def program(
        self, argv: Sequence[str], stdin: Stream | None, environment: Mapping[str, str]
    ) -> tuple[int, bytes, bytes] | None:
        if argv[0] != "tell":
            return None
        self.spend("tell")
        given = stdin.read() if stdin is not None else b"nothing"
        text = f"{'|'.join(argv[1:])};{dict(environment)};".encode("utf-8", "surrogateescape")
        return 3, text + given, b"told\n"

    def has(self, name: str) -> bool:
        return name in APPLETS


class Run:
    """A shell and what it needs; called with a script it gives its status."""

    def __init__(
        self,
        stdin: bytes = b"",
        *,
        arguments: Sequence[str] = (),
        cwd: str = "/tmp",
        name: str = "wifirelay",
    ) -> None:
        self.now = 0.0
        self.disk = Disk(lambda: self.now)
        self.disk.makedirs(cwd)
        self.router = Alone(self.disk)
        self.out, self.err = Capture(), Capture()
        self.shell = Shell(
            self.router,
            environment={"PATH": "/bin"},
            arguments=arguments,
            name=name,
            stdin=Buffer(stdin),
            stdout=self.out,
            stderr=self.err,
            cwd=cwd,
        )

    def __call__(self, script: str) -> int:
        return self.shell.run(parse(script))
