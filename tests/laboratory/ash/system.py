# SPDX-License-Identifier: GPL-2.0-or-later
"""What the shell asks of the router, and how texts cross that border."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tests.laboratory.disk import Disk


class Stream(Protocol):
    """An open file description; who duplicates it shares its place."""

    def read(self, size: int = -1) -> bytes:
        """b"" at the end."""

    def line(self, timeout: float | None) -> bytes:
        """One line with its end; less at the end, or when `timeout` seconds ran out on a fifo."""

    def write(self, data: bytes) -> None:
        """Raises OSError: ENOSPC, EROFS, EIO."""


class System(Protocol):
    """The router as one process sees it.

    Each call may let other processes run, and may raise what ends this one.
    """

    disk: Disk
    pid: int

    def spend(self, name: str) -> None:
        """A process is started. Raises OSError(EAGAIN) when the process table is full."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def program(
        self, argv: Sequence[str], stdin: Stream | None, environment: Mapping[str, str]
    ) -> tuple[int, bytes, bytes] | None:
        """Run a simulated program: status, output, errors. None: there is none of that name."""

    def has(self, name: str) -> bool:
        """Whether a program of that name is on the PATH."""


def inward(text: str) -> str:
    """The router's text (UTF-8, lone bytes as surrogates) with one character for each byte."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def outward(text: str) -> str:
    """The other way."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")
