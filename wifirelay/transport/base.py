# SPDX-License-Identifier: GPL-2.0-or-later
"""The one seam between wifirelay and a router: run a command, get what it answered.

A transport knows how a command reaches a router and nothing of what it means.
Values cross this seam, never handles.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from wifirelay.errors import LinkLost, TooLong

QUICK = 10.0  # seconds; a read that needs no radio. ubus's own default is 30
SCAN = 45.0  # seconds; openwrt-facts 1.2: a scan through a station may take 19 s and more
MOST = 4 << 20  # bytes of one answer; ubus's own messages end at 1 MiB
MOST_LINE = 1 << 20  # bytes of one line of a command that goes on


@dataclass(frozen=True, slots=True)
class Command:
    """One command for the router.

    `argv` never holds a secret (`ps` shows it); secrets travel in `stdin`, which
    `repr` leaves out. `deadline` is the limit in seconds for the whole command, `most` that
    in bytes for both streams of its answer together.
    """

    argv: tuple[str, ...]
    stdin: bytes | None = field(default=None, repr=False)
    deadline: float = QUICK
    most: int = MOST

    def shown(self) -> str:
        """For messages and logs: the words of the command, long ones cut."""
        return " ".join(word if len(word) <= 80 else word[:77] + "..." for word in self.argv)


@dataclass(frozen=True, slots=True)
class Completed:
    """What a command answered: exit code and the bytes of both streams."""

    rc: int
    out: bytes = field(default=b"", repr=False)
    err: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        """Standard output as text; bytes that are not UTF-8 survive (surrogateescape)."""
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def errors(self) -> str:
        return self.err.decode("utf-8", "surrogateescape")

    def fitting(self, command: Command) -> "Completed":
        """Itself. Raises TooLong when it is longer than an answer to this command may be."""
        if len(self.out) + len(self.err) > command.most:
            raise too_long(command.shown(), command.most)
        return self


def too_long(names: str, most: int) -> TooLong:
    """The error for an answer of more than `most` bytes."""
    return TooLong(
        f"`{names}` answered more than {most} bytes: not read to its end",
        hint="what answers is broken, or hostile",
    )


def lines_of(rest: bytes, data: bytes) -> tuple[list[bytes], bytes]:
    """The lines that are whole with these `data` behind the `rest` of before, and the new rest.

    Raises LinkLost when that is longer than any line that is understood.
    """
    *lines, rest = (rest + data).split(b"\n")
    if len(rest) > MOST_LINE:
        raise LinkLost(f"a line of more than {MOST_LINE} bytes has come, and no end of it")
    return lines, rest


class Following(Protocol):
    """The lines of a command that goes on, such as `ubus listen`. For one thread."""

    @property
    def ended(self) -> bool:
        """The command has ended, or was never there, or was closed: no more lines come."""

    def lines(self, seconds: float, wake: int | None = None) -> list[bytes]:
        """The lines that have come, without their line ends.

        Waits at most `seconds` for the first one (0: only looks), and returns early, empty,
        when the file descriptor `wake` becomes readable. What is not yet a whole line is
        kept for later; when the command ends, it is the last line. Raises `LinkLost` when
        the link died, and for a line without an end (`MOST_LINE`): the command is ended.
        """

    def close(self) -> None:
        """End the command."""


class AllThere:
    """A `Following` of a command that has ended already: its lines come at once."""

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self._lines = list(lines)

    @property
    def ended(self) -> bool:
        return not self._lines

    def lines(self, seconds: float, wake: int | None = None) -> list[bytes]:
        del seconds, wake  # nothing more will come
        lines, self._lines = self._lines, []
        return lines

    def close(self) -> None:
        self._lines = []


class Transport(Protocol):
    """How commands reach one router.

    `run` and `run_all` raise `TransportError` when the router cannot be reached,
    `LinkLost` when the link died while a command ran (it may have had its effect), and
    `DeadlineExceeded` when it did not end in time; `TooLong` when it wrote more than its
    `most`, and was ended. A command that fails on the router
    is no error here: its exit code comes back, 127 when there is no such program. What a
    command leaves running must not hold its output: it may end there, or be waited for.
    """

    def run(self, command: Command) -> Completed:
        """Run one command to its end."""

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        """Run reads that belong together, one after another, in one round trip.

        Each answer is separate; a command that fails does not stop the others. They
        have no standard input: ValueError if one does. Over SSH their deadlines add up, and
        so do their lengths.
        """

    def follow(self, command: Command) -> Following:
        """Start a command that goes on, for its lines (events).

        The command is running when this returns, so nothing is missed; its deadline does
        not count. Close what comes back: only that ends the command. Raises as `run` does.
        """

    def close(self) -> None:
        """Let go of the router. The next `run` may connect again."""
