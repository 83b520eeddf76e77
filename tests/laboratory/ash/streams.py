# SPDX-License-Identifier: GPL-2.0-or-later
"""Open files that are no files of the disk: pipes inside a shell, /dev/null, a folder."""

import errno
import os


def failure(code: int) -> OSError:
    return OSError(code, os.strerror(code))


class Capture:
    """A pipe's end for writing that keeps what comes."""

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def read(self, size: int = -1) -> bytes:
        raise failure(errno.EBADF)

    def line(self, timeout: float | None) -> bytes:
        raise failure(errno.EBADF)

    def write(self, data: bytes) -> None:
        self.parts.append(data)

    @property
    def data(self) -> bytes:
        return b"".join(self.parts)


class Buffer:
    """A pipe's end for reading whose writer has ended."""

    __slots__ = ("data", "place")

    def __init__(self, data: bytes) -> None:
        self.data, self.place = data, 0

    def read(self, size: int = -1) -> bytes:
        end = len(self.data) if size < 0 else self.place + size
        data = self.data[self.place : end]
        self.place += len(data)
        return data

    def line(self, timeout: float | None) -> bytes:
        end = self.data.find(b"\n", self.place) + 1 or len(self.data)
        data = self.data[self.place : end]
        self.place = end
        return data

    def write(self, data: bytes) -> None:
        raise failure(errno.EBADF)


class Null:
    """/dev/null"""

    def read(self, size: int = -1) -> bytes:
        return b""

    def line(self, timeout: float | None) -> bytes:
        return b""

    def write(self, data: bytes) -> None:
        pass


class Folder:
    """A folder that was opened to be read: that works, reading it does not."""

    def read(self, size: int = -1) -> bytes:
        raise failure(errno.EISDIR)

    def line(self, timeout: float | None) -> bytes:
        raise failure(errno.EISDIR)

    def write(self, data: bytes) -> None:
        raise failure(errno.EBADF)


NULL = Null()
