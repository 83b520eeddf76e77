# SPDX-License-Identifier: GPL-2.0-or-later
"""The transport of the router itself: commands are children of this process."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Collection, Sequence
from contextlib import suppress

from wifirelay.clock import readable
from wifirelay.errors import DeadlineExceeded, LinkLost, TransportError
from wifirelay.transport.base import AllThere, Command, Completed, Following, lines_of, too_long

NOT_EXECUTABLE = 126  # POSIX shell, "Exit Status for Commands"
NOT_FOUND = 127
CHUNK = 65536  # bytes a read: a pipe's buffer on Linux


class LocalTransport:
    """Runs argv with subprocess.

    Each command is a process group of its own, so that its children end with it when it
    passes its deadline. What a command leaves running on purpose must not hold its
    output: `run` waits until both streams are closed.

    Children inherit the environment less the names in `withheld`: the variables out of
    which secrets were read. It is looked at each time, for more may be read later.
    """

    def __init__(self, *, withheld: Collection[str] = ()) -> None:
        self._withheld = withheld

    def run(self, command: Command) -> Completed:
        stdin = subprocess.DEVNULL if command.stdin is None else subprocess.PIPE
        try:
            child = self._start(command, stdin=stdin, stderr=subprocess.PIPE)
        except OSError as error:
            return _not_started(command, error)
        with child:
            try:
                out, err = _converse(child, command)
            except TimeoutError:
                _kill_group(child)
                raise DeadlineExceeded(
                    f"`{command.shown()}` did not end within {command.deadline:g} s",
                    hint="the router may be overloaded: look at `logread` and `top` there",
                ) from None
            except BaseException:  # Ctrl-C above all: leave nothing running
                _kill_group(child)
                raise
        # killed by signal n: what a shell, and so the SSH transport, would answer
        rc = child.returncode if child.returncode >= 0 else 128 - child.returncode
        return Completed(rc, out, err)

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        if any(command.stdin is not None for command in commands):
            raise ValueError("commands that run together have no standard input")
        return tuple([self.run(command) for command in commands])

    def follow(self, command: Command) -> Following:
        try:
            child = self._start(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError as error:
            _not_started(command, error)
            return AllThere()
        return _Lines(child)

    def close(self) -> None:
        """Nothing is held between commands."""

    def _start(self, command: Command, *, stdin: int, stderr: int) -> "subprocess.Popen[bytes]":
        environment = {
            name: value for name, value in os.environ.items() if name not in self._withheld
        }
        return subprocess.Popen(
            [word.encode("utf-8", "surrogateescape") for word in command.argv],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment,
            start_new_session=True,
        )


class _Lines:
    """The lines of one child; `close`, or letting go of it, ends the child."""

    def __init__(self, child: "subprocess.Popen[bytes]") -> None:
        self._child = child
        self._rest = b""  # a line that has begun

    @property
    def ended(self) -> bool:
        return self._child.stdout is None or self._child.stdout.closed

    def lines(self, seconds: float, wake: int | None = None) -> list[bytes]:
        stream, until = self._child.stdout, time.monotonic() + seconds
        if stream is None or stream.closed:
            return []
        while True:
            left = until - time.monotonic()
            ready = readable(left, stream.fileno(), wake)
            if stream.fileno() in ready:
                # past the stream's own buffer, which `poll` cannot see; does not block now
                lines = self._taken(os.read(stream.fileno(), CHUNK))
                if lines or self.ended:
                    return lines
            if wake in ready or left <= 0:
                return []

    def _taken(self, data: bytes) -> list[bytes]:
        """The lines that are whole now; without data the command has ended."""
        try:
            lines, self._rest = lines_of(self._rest, data)
        except LinkLost:
            self.close()
            raise
        if not data:
            lines, self._rest = [self._rest] if self._rest else [], b""
            self.close()
        return lines

    def close(self) -> None:
        _kill_group(self._child)

    def __del__(self) -> None:
        self.close()


def _converse(child: "subprocess.Popen[bytes]", command: Command) -> tuple[bytes, bytes]:
    """Feed a child and read both of its streams to their ends, and to its own.

    Unlike `communicate` it keeps no more than `command.most` bytes: TooLong. Raises
    TimeoutError at the deadline.
    """
    until = time.monotonic() + command.deadline
    rest, left = memoryview(command.stdin or b""), command.most
    taken: dict[object, list[bytes]] = {child.stdout: [], child.stderr: []}
    with selectors.DefaultSelector() as waiting:
        for stream in (child.stdout, child.stderr):
            if stream is not None:
                waiting.register(stream, selectors.EVENT_READ)
        if child.stdin is not None:
            os.set_blocking(child.stdin.fileno(), False)
            waiting.register(child.stdin, selectors.EVENT_WRITE)
        while waiting.get_map():
            wait = until - time.monotonic()
            if wait <= 0:
                raise TimeoutError
            for key, _ in waiting.select(wait):
                if key.fileobj is child.stdin:
                    rest = _fed(key.fd, rest)
                    if not rest:
                        waiting.unregister(child.stdin)
                        child.stdin.close()
                    continue
                data = os.read(key.fd, CHUNK)
                left -= len(data)
                if left < 0:
                    raise too_long(command.shown(), command.most)
                taken[key.fileobj].append(data)
                if not data:
                    waiting.unregister(key.fileobj)
    try:
        child.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return b"".join(taken[child.stdout]), b"".join(taken[child.stderr])


def _fed(pipe: int, rest: memoryview) -> memoryview:
    """What is left to write; nothing when nobody reads any more."""
    try:
        return rest[os.write(pipe, rest[:CHUNK]) :]
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _not_started(command: Command, error: OSError) -> Completed:
    """What a shell would answer for a program that is not there or cannot run."""
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return Completed(NOT_FOUND, b"", _complaint(command, "not found"))
    if isinstance(error, BlockingIOError):  # EAGAIN: no process left; ENOMEM goes below
        raise _no_process(command, error) from error
    if isinstance(error, PermissionError) or error.filename is not None:
        return Completed(NOT_EXECUTABLE, b"", _complaint(command, error.strerror or "failed"))
    raise _no_process(command, error) from error


def _no_process(command: Command, error: OSError) -> TransportError:
    return TransportError(
        f"cannot start `{command.shown()}`: {error.strerror}",
        hint="the router is out of memory or processes: look at `free` and `ps` there",
    )


def _complaint(command: Command, problem: str) -> bytes:
    return f"{command.argv[0]}: {problem}\n".encode("utf-8", "surrogateescape")


def _kill_group(child: "subprocess.Popen[bytes]") -> None:
    """End a child with all of its group, and let go of its streams."""
    if child.returncode is None:  # not yet reaped, so that the group's number is still its own
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            with suppress(OSError):  # unwritten input to a dead child: broken pipe
                stream.close()
    child.wait()
