# SPDX-License-Identifier: GPL-2.0-or-later
"""What ends a shell, or the laboratory's trust in it."""


class ShellSyntax(Exception):
    """A text that this shell does not know how to read."""


class Unsupported(Exception):
    """A script does something that only a real busybox knows: passes through everything."""


class ShellExit(Exception):
    """This shell, or subshell, ends with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status & 255


class CannotFork(Exception):
    """The process table is full: ash gives up, and exits 2.

    It passes through subshells: their own fork would have failed before.
    """


class RedirectFailed(Exception):
    """A redirection failed, and was complained about."""


class ArithmeticFailed(Exception):
    """An expression that ash refuses: it ends the shell with status 2."""
