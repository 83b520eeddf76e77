# SPDX-License-Identifier: GPL-2.0-or-later
"""Simple commands: assignments, redirections, and a builtin, a function or a program."""

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from tests.laboratory.ash.applets import APPLETS, LEFT_OUT
from tests.laboratory.ash.builtins import BUILTINS, SPECIAL
from tests.laboratory.ash.errors import CannotFork, RedirectFailed, ShellExit, Unsupported
from tests.laboratory.ash.redirects import Redirect
from tests.laboratory.ash.system import outward
from tests.laboratory.ash.tree import RETURN, Node
from tests.laboratory.ash.words import Word

if TYPE_CHECKING:
    from tests.laboratory.ash.shell import Shell

Assignments = Sequence[tuple[str, Word]]


class Assign:
    """Assignments alone. The status is that of their last `$(...)`."""

    __slots__ = ("assignments",)

    def __init__(self, assignments: Assignments) -> None:
        self.assignments = tuple(assignments)

    def run(self, shell: "Shell") -> int:
        shell.substituted = 0
        for name, word in self.assignments:
            shell.variables[name] = word.text(shell)
        shell.status = status = shell.substituted
        return status


class Simple:
    """Any other simple command."""

    __slots__ = ("assignments", "fixed", "redirects", "words")

    def __init__(
        self, assignments: Assignments, words: Sequence[Word], redirects: Sequence[Redirect]
    ) -> None:
        self.assignments, self.words = tuple(assignments), tuple(words)
        self.redirects = tuple(redirects)
        fixed = [word.literal for word in words if word.literal is not None and word.single]
        self.fixed = fixed if len(fixed) == len(words) else None

    def run(self, shell: "Shell") -> int:
        shell.substituted = 0
        argv = self.fixed
        if argv is None:
            argv = []
            for word in self.words:
                word.expand(shell, argv)
        if not self.redirects:
            shell.status = status = self._started(shell, argv)
            return status
        try:
            saved = shell.redirect(self.redirects)
        except RedirectFailed:
            if argv and argv[0] in SPECIAL:  # that ends an ash which is not interactive
                raise ShellExit(1) from None
            shell.status = 1
            return 1
        if argv and argv[0] == "exec":
            saved = []
        try:
            shell.status = status = self._started(shell, argv)
            return status
        finally:
            shell.restore(saved)

    def _started(self, shell: "Shell", argv: list[str]) -> int:
        """Run it, its redirections made. What is assigned is worked out behind them."""
        if not self.assignments:
            return command(shell, argv) if argv else shell.substituted
        if not argv or argv[0] in SPECIAL:  # they stay
            for name, word in self.assignments:
                shell.variables[name] = word.text(shell)
            return command(shell, argv) if argv else shell.substituted
        return self._with_assignments(shell, argv)

    def _with_assignments(self, shell: "Shell", argv: list[str]) -> int:
        variables = shell.variables
        before = [(name, variables.get(name)) for name, _ in self.assignments]
        exported = shell.exported
        shell.exported = exported | {name for name, _ in self.assignments}
        try:
            for name, word in self.assignments:
                variables[name] = word.text(shell)
            return command(shell, argv)
        finally:
            shell.exported = exported
            for name, value in before:
                if value is None:
                    variables.pop(name, None)
                else:
                    variables[name] = value


def command(shell: "Shell", argv: list[str]) -> int:
    """A builtin, a function or a program, in the order in which ash looks for it."""
    name = argv[0]
    if name not in SPECIAL:
        function = shell.functions.get(name)
        if function is not None:
            return _call(shell, function, argv)
    builtin = BUILTINS.get(name)
    if builtin is not None:
        try:
            return builtin(shell, argv)
        except OSError as error:  # of its output
            shell.complain(f"write error: {error.strerror}", who=name)
            return 1
    return program(shell, argv)


def _call(shell: "Shell", function: Node, argv: list[str]) -> int:
    arguments = shell.arguments
    shell.arguments = argv[1:]
    try:
        status = function.run(shell)
    finally:
        shell.arguments = arguments
    if shell.skip == RETURN:  # `break` goes on: busybox ends the caller's loop, too
        shell.skip = 0
        return shell.status
    return status


def program(shell: "Shell", argv: list[str]) -> int:
    """A process: an applet of ours, or a program that the laboratory simulates."""
    applet = APPLETS.get(argv[0])
    if applet is not None:
        try:
            shell.system.spend(argv[0])
        except OSError as error:
            _cannot_fork(shell, error)
        return applet(shell, argv)
    if argv[0] in LEFT_OUT:
        raise Unsupported(f"applet: {' '.join(argv)}")
    variables = shell.variables
    environment = {
        name: outward(variables[name]) for name in sorted(shell.exported) if name in variables
    }
    words = [outward(word) for word in argv]
    try:
        done = shell.system.program(words, shell.files[0], environment)
    except OSError as error:
        _cannot_fork(shell, error)
    if done is None:
        return _no_program(shell, argv[0])
    status, out, err = done
    # Programs do not look whether their output could be written.
    for fd, data in ((1, out), (2, err)):
        stream = shell.files[fd]
        if data and stream is not None:
            with suppress(OSError):
                stream.write(data)
    return status


def _cannot_fork(shell: "Shell", error: OSError) -> NoReturn:
    if error.errno != errno.EAGAIN:
        raise error
    shell.complain(f"can't fork: {os.strerror(errno.EAGAIN)}")
    raise CannotFork from None


def _no_program(shell: "Shell", name: str) -> int:
    stat = shell.disk.lookup(outward(shell.path(name))) if "/" in name else None
    if stat is None:
        shell.complain(f"{name}: not found")
        return 127
    if stat.kind == "dir" or not stat.mode & 0o111:
        shell.complain(f"{name}: Permission denied")
        return 126
    raise Unsupported(f"a program of the disk: {name}")
