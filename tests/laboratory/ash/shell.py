# SPDX-License-Identifier: GPL-2.0-or-later
"""A shell's state: variables, functions, open files, folder."""

import errno
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress

from tests.laboratory.ash.errors import CannotFork, RedirectFailed, ShellExit, Unsupported
from tests.laboratory.ash.parse import Program, parsed
from tests.laboratory.ash.redirects import Redirect
from tests.laboratory.ash.streams import NULL, Capture, Folder, failure
from tests.laboratory.ash.system import Stream, System, inward, outward
from tests.laboratory.ash.tree import BREAK, RETURN, Node

_DESCRIPTORS = 10  # ash knows those of one digit only
Saved = list[tuple[int, Stream | None]]


class Shell:
    """One shell; a subshell is another one that `fork` gives.

    `status` is `$?`; `substituted` the status of the last `$(...)`; `skip` what `break`,
    `continue` or `return` set, for `skips` loops.
    """

    __slots__ = (
        "arguments",
        "cwd",
        "disk",
        "exported",
        "files",
        "functions",
        "loops",
        "mask",
        "name",
        "skip",
        "skips",
        "status",
        "substituted",
        "system",
        "trap",
        "variables",
    )

    def __init__(
        self,
        system: System,
        *,
        environment: Mapping[str, str],
        arguments: Sequence[str] = (),
        name: str = "sh",
        stdin: Stream | None,
        stdout: Stream,
        stderr: Stream,
        cwd: str = "/",
    ) -> None:
        self.system, self.disk = system, system.disk
        self.variables = {key: inward(value) for key, value in environment.items()}
        self.exported = frozenset(environment)
        self.variables.pop("IFS", None)  # a shell does not take it from its environment
        self.variables["PWD"] = self.cwd = inward(cwd)
        self.functions: dict[str, Node] = {}
        self.arguments = [inward(argument) for argument in arguments]
        self.name = inward(name)
        self.files: list[Stream | None] = [stdin, stdout, stderr, *[None] * (_DESCRIPTORS - 3)]
        self.mask = 0o022
        self.trap = ""  # what is done at the end
        self.status = self.substituted = 0
        self.skip = self.skips = self.loops = 0

    def run(self, program: Program) -> int:
        """Run a whole script: its exit code. Raises what the system raises, and Unsupported."""
        try:
            return self.run_whole(program.body)
        except CannotFork:
            with suppress(CannotFork):
                return self._ended(2)
            return 2

    def _ended(self, status: int) -> int:
        """Do what a trap asks for at the end."""
        if not self.trap:
            return status
        text, self.trap = self.trap, ""
        self.status, self.skip = status, 0
        try:
            self.evaluate(text)
        except ShellExit as end:
            return end.status
        return status

    def evaluate(self, text: str) -> int:
        """Run a text as `eval` does. Raises ShellSyntax."""
        return parsed(text).body.run(self)

    # subshells

    def fork(self) -> "Shell":
        """A subshell: the same open files, and a state of its own."""
        child: Shell = Shell.__new__(Shell)
        child.system, child.disk = self.system, self.disk
        child.variables = self.variables.copy()
        child.exported = self.exported
        child.functions = self.functions
        child.arguments, child.name = self.arguments, self.name
        child.files = self.files.copy()
        child.cwd, child.mask, child.trap = self.cwd, self.mask, ""
        child.status, child.substituted = self.status, 0
        child.skip, child.skips, child.loops = 0, 0, self.loops
        return child

    def run_whole(self, node: Node) -> int:
        """The command as all that this shell does: its status."""
        try:
            status = node.run(self)
        except ShellExit as end:
            status = end.status
        return self._ended(status)

    def captured(self, node: Node) -> bytes:
        """The output of `$(...)`."""
        child = self.fork()
        child.files[1] = pipe = Capture()
        self.substituted = child.run_whole(node)
        return pipe.data

    # loops

    def loop_ends(self) -> bool:
        """`break`, `continue` or `return` came to the innermost loop: does it end?"""
        if self.skip == RETURN:
            return True
        self.skips -= 1
        if self.skips > 0:
            return True
        kind, self.skip = self.skip, 0
        return kind == BREAK

    # files

    def path(self, name: str) -> str:
        """The absolute path."""
        if name[:1] == "/":
            return name
        return f"{self.cwd}/{name}" if self.cwd != "/" else f"/{name}"

    def open(self, name: str, mode: str) -> Stream:
        """Open a file as `Disk.open` does; new ones get the mode that umask leaves."""
        if name == "/dev/null":
            return NULL
        if not name:
            raise failure(errno.ENOENT)
        path = outward(self.path(name))
        if path.startswith("/dev/"):
            raise Unsupported(path)
        disk = self.disk
        if mode == "r":
            try:
                return disk.open(path, mode)
            except IsADirectoryError:
                return Folder()
        new = disk.lookup(path) is None
        opened = disk.open(path, mode)
        if new:
            disk.chmod(path, 0o666 & ~self.mask)
        return opened

    def redirect(self, redirects: Sequence[Redirect]) -> Saved:
        """Make the redirections: what has to be restored. Raises RedirectFailed."""
        words = [redirect.word.text(self) for redirect in redirects]
        files = self.files
        saved: Saved = []
        for redirect, word in zip(redirects, words, strict=True):
            try:
                new = redirect.open(self, word)
            except OSError as error:
                self.complain(str(error.strerror))  # a `2>` before it counts already
                self.restore(saved)
                raise RedirectFailed from None
            except ShellExit:
                self.restore(saved)
                raise
            saved.append((redirect.fd, files[redirect.fd]))
            files[redirect.fd] = new
        return saved

    def restore(self, saved: Saved) -> None:
        for fd, stream in reversed(saved):
            self.files[fd] = stream

    # input and output; a text has one character for each byte

    def input(self) -> Stream:
        """Raises OSError when standard input is closed."""
        stream = self.files[0]
        if stream is None:
            raise failure(errno.EBADF)
        return stream

    def write(self, text: str) -> None:
        """To standard output. Raises OSError."""
        if text:
            self.write_bytes(text.encode("latin-1"))

    def write_bytes(self, data: bytes) -> None:
        stream = self.files[1]
        if stream is None:
            raise failure(errno.EBADF)
        stream.write(data)

    def complain(self, text: str, *, who: str = "") -> None:
        """A message on standard error. Nobody hears of it when that cannot be written."""
        stream = self.files[2]
        if stream is not None:
            with suppress(OSError):
                stream.write(f"{who or self.name}: {text}\n".encode("latin-1"))

    def complain_of(self, who: str, what: str, error: OSError) -> None:
        """The same about something that the system refused."""
        self.complain(f"{what}: {os.strerror(error.errno or 0)}", who=who)
