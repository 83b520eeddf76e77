# SPDX-License-Identifier: GPL-2.0-or-later
"""Inodes of the laboratory's disk, and what is open of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.laboratory.disk import Disk


class Node:
    """One inode."""

    __slots__ = ("area", "data", "kind", "lines", "mode", "mtime", "old", "written")

    def __init__(self, kind: str, mode: int, mtime: int, area: str) -> None:
        self.kind, self.mode, self.mtime, self.area = kind, mode, mtime, area
        self.data = b""
        self.lines: Fifo | None = None
        self.old: bytes | None = None  # what a power cut may leave; None: `data` is safe
        self.written = 0.0  # when it was last changed, seconds of the simulation


class Fifo:
    """A named pipe's bytes, and who waits for them."""

    __slots__ = ("data", "waiters")

    def __init__(self) -> None:
        self.data = b""
        self.waiters: list[Callable[[], None]] = []


class Open:
    """An open file; whoever shares it shares its place."""

    def __init__(self, disk: "Disk", path: str, node: Node, place: int) -> None:
        self._disk, self._path, self._node, self._place = disk, path, node, place

    def read(self, size: int = -1) -> bytes:
        end = len(self._node.data) if size < 0 else self._place + size
        data = self._node.data[self._place : end]
        self._place += len(data)
        return data

    def line(self, timeout: float | None) -> bytes:
        del timeout
        data, start = self._node.data, self._place
        end = data.find(b"\n", start) + 1
        self._place = end or len(data)
        return data[start : self._place]

    def write(self, data: bytes) -> None:
        node, start = self._node, self._place
        self._disk.check(node, data)
        old = node.data
        new = old[:start].ljust(start, b"\0") + data + old[start + len(data) :]
        self._place = start + len(data)
        self._disk.put(self._path, node, new)


class Pipe(Open):
    """An open named pipe, for reading and writing."""

    def __init__(self, disk: "Disk", node: Node) -> None:
        super().__init__(disk, "", node, 0)

    @property
    def fifo(self) -> Fifo:
        fifo = self._node.lines
        if fifo is None:
            raise ValueError("not a pipe")
        return fifo

    def read(self, size: int = -1) -> bytes:
        fifo = self.fifo
        while not fifo.data:
            self._disk.wait(fifo, None)
        end = len(fifo.data) if size < 0 else size
        data, fifo.data = fifo.data[:end], fifo.data[end:]
        return data

    def line(self, timeout: float | None) -> bytes:
        fifo = self.fifo
        end = None if timeout is None else self._disk.now() + timeout
        while b"\n" not in fifo.data:
            left = None if end is None else end - self._disk.now()
            if (left is not None and left <= 0) or not self._disk.wait(fifo, left):
                data, fifo.data = fifo.data, b""
                return data
        cut = fifo.data.index(b"\n") + 1
        data, fifo.data = fifo.data[:cut], fifo.data[cut:]
        return data

    def write(self, data: bytes) -> None:
        fifo = self.fifo
        fifo.data += data
        waiters, fifo.waiters = fifo.waiters, []
        for waiter in waiters:
            waiter()
