# SPDX-License-Identifier: GPL-2.0-or-later
"""A router's files in memory: flash that survives a power cut, and RAM that does not.

Paths are the router's own; `/var` is a link to `/tmp`. Every error is an OSError with the
errno that Linux gives. What was written to flash in place is safe only after some seconds
(the kernel writes it back) or after a rename; a power cut before leaves the old text, the
new one, or none.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.laboratory.openfile import Fifo, Node, Open, Pipe
from tests.laboratory.paths import FLASH, RAM, area, real

WRITTEN_BACK = 30.0  # seconds until the kernel has written a changed file (dirty_expire_centisecs)
_RUN = "/tmp/run/wifirelay/"
_WATCHED = (_RUN, "/tmp/.uci/wireless", "/etc/config/wireless")
_ROUTINE = (f"{_RUN}alive", f"{_RUN}seen")  # what the sentry writes in each round
_TICKS = 100  # of file times in a second: what a kernel of 100 Hz tells apart


@dataclass(frozen=True, slots=True)
class Stat:
    """What there is at a path; `mtime` in hundredths of a second of the simulation."""

    kind: str  # "file", "dir", "fifo"
    size: int
    mtime: int
    mode: int


class Disk:
    """All files of one router. `now` tells the simulation's time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._nodes: dict[str, Node] = {}
        # Files that nobody writes: by path, or None when there is none.
        self.kernel: Callable[[str], bytes | None] = lambda _: None
        self.wait: Callable[[Fifo, float | None], bool] = lambda _, __: False
        self.full: dict[str, int] = {}  # areas with a limit, in bytes
        self.read_only: set[str] = set()
        self.changes = 0  # of what the sentry goes by
        self.watch: Callable[[str, str], None] | None = None  # (what, path) of configurations
        for path in ("/", "/etc", "/usr", "/tmp"):
            self._nodes[path] = Node("dir", 0o755, 0, area(path))

    # looking

    def lookup(self, path: str) -> Stat | None:
        path = real(path)
        node = self._nodes.get(path)
        if node is not None:
            return Stat(node.kind, len(node.data), node.mtime, node.mode)
        data = self.kernel(path)
        return None if data is None else Stat("file", len(data), 0, 0o444)

    def stat(self, path: str) -> Stat:
        found = self.lookup(path)
        if found is None:
            raise _error(errno.ENOENT, path)
        return found

    def exists(self, path: str) -> bool:
        return self.lookup(path) is not None

    def isfile(self, path: str) -> bool:
        found = self.lookup(path)
        return found is not None and found.kind == "file"

    def isdir(self, path: str) -> bool:
        found = self.lookup(path)
        return found is not None and found.kind == "dir"

    def listdir(self, path: str) -> list[str]:
        folder = real(path)
        node = self._nodes.get(folder)
        if node is None or node.kind != "dir":
            raise _error(errno.ENOENT if node is None else errno.ENOTDIR, path)
        start = folder.rstrip("/") + "/"
        cut = len(start)
        return sorted(
            name[cut:]
            for name in self._nodes
            if name.startswith(start) and "/" not in name[cut:] and name != folder
        )

    def read(self, path: str) -> bytes:
        node = self._nodes.get(real(path))
        if node is None:
            data = self.kernel(real(path))
            if data is None:
                raise _error(errno.ENOENT, path)
            return data
        if node.kind == "dir":
            raise _error(errno.EISDIR, path)
        return node.data

    def paths(self, start: str = "/") -> list[str]:
        return sorted(path for path in self._nodes if path.startswith(start))

    # changing

    def open(self, path: str, mode: str) -> "Open":
        """ "r", "w" (creates, truncates), "a", "rw" (`<>`; creates)."""
        path = real(path)
        node = self._nodes.get(path)
        if node is None:
            data = self.kernel(path)
            if data is not None:
                if mode != "r":
                    raise _error(errno.EACCES, path)
                node = Node("file", 0o444, 0, RAM)
                node.data = data
            elif mode == "r":
                raise _error(errno.ENOENT, path)
            else:
                node = self._create(path, "file", 0o644)
        elif node.kind == "dir":
            raise _error(errno.EISDIR, path)
        elif mode != "r" and node.area in self.read_only:
            raise _error(errno.EROFS, path)
        if node.kind == "fifo":
            return Pipe(self, node)
        if mode == "w" and node.data:
            self.put(path, node, b"")
        return Open(self, path, node, len(node.data) if mode == "a" else 0)

    def write(self, path: str, data: bytes, mode: int | None = None) -> None:
        opened = self.open(path, "w")
        if mode is not None:
            self.chmod(path, mode)
        if data:
            opened.write(data)

    def append(self, path: str, data: bytes) -> None:
        self.open(path, "a").write(data)

    def replace(self, path: str, data: bytes, mode: int = 0o600) -> None:
        """A new file with these bytes, synced, in one rename: safe against power cuts."""
        path = real(path)
        old = self._nodes.get(path)
        node = self._new(path, "file", old.mode if old is not None else mode)
        self.check(node, data)
        node.data = data
        self._nodes[path] = node
        self._tell("replace", path)

    def mkdir(self, path: str, mode: int = 0o755) -> None:
        path = real(path)
        if path in self._nodes:
            raise _error(errno.EEXIST, path)
        self._create(path, "dir", mode)

    def makedirs(self, path: str) -> None:
        bits = real(path).strip("/").split("/")
        for end in range(1, len(bits) + 1):
            folder = "/" + "/".join(bits[:end])
            if folder not in self._nodes:
                self.mkdir(folder)

    def mkfifo(self, path: str, mode: int = 0o644) -> None:
        path = real(path)
        if path in self._nodes:
            raise _error(errno.EEXIST, path)
        self._create(path, "fifo", mode).lines = Fifo()

    def chmod(self, path: str, mode: int) -> None:
        node = self._node(path)
        if node.area in self.read_only:
            raise _error(errno.EROFS, path)
        node.mode = mode & 0o7777

    def unlink(self, path: str) -> None:
        node = self._node(path)
        if node.kind == "dir":
            raise _error(errno.EISDIR, path)
        self._drop(real(path), node)

    def rmdir(self, path: str) -> None:
        node = self._node(path)
        if node.kind != "dir":
            raise _error(errno.ENOTDIR, path)
        if self.listdir(path):
            raise _error(errno.ENOTEMPTY, path)
        self._drop(real(path), node)

    def rename(self, old: str, new: str) -> None:
        """One step, also for folders with all below them."""
        node, old, new = self._node(old), real(old), real(new)
        there = self._nodes.get(new)
        if node.area in self.read_only or area(new) in self.read_only:
            raise _error(errno.EROFS, new)
        if os.path.dirname(new) not in self._nodes:
            raise _error(errno.ENOENT, new)
        if there is not None:
            if there.kind == "dir" and node.kind != "dir":
                raise _error(errno.EISDIR, new)
            if node.kind == "dir" and there.kind != "dir":
                raise _error(errno.ENOTDIR, new)
            if there.kind == "dir" and self.listdir(new):
                raise _error(errno.ENOTEMPTY, new)
        if node.kind == "dir":
            for path in [p for p in self._nodes if p.startswith(old + "/")]:
                self._nodes[new + path[len(old) :]] = self._nodes.pop(path)
        del self._nodes[old]
        self._nodes[new] = node
        node.area = area(new)
        self._tell("rename", new)

    def link(self, old: str, new: str) -> None:
        """A second name for a file, in place of whatever had it: it takes no room."""
        node, new = self._node(old), real(new)
        self._new(new, "file", 0)  # whether there could be one
        if self._nodes.get(new) is not node:
            self._nodes[new] = node
            self._tell("link", new)

    # power

    def sync(self) -> None:
        for node in self._nodes.values():
            node.old = None

    def power_cut(self, chance: Random) -> None:
        """RAM is empty; of what flash had not written yet, `chance` decides."""
        now = self.now()
        for path, node in list(self._nodes.items()):
            if node.area == RAM and path != "/tmp":
                del self._nodes[path]
            elif node.old is not None and now - node.written < WRITTEN_BACK:
                node.data = chance.choice((node.old, b"", node.data))
                node.old = None
                self._tell("power cut", path)
        self.full.pop(RAM, None)

    # inside

    def _node(self, path: str) -> Node:
        node = self._nodes.get(real(path))
        if node is None:
            raise _error(errno.ENOENT, path)
        return node

    def _new(self, path: str, kind: str, mode: int) -> Node:
        where = area(path)
        if where in self.read_only:
            raise _error(errno.EROFS, path)
        parent = self._nodes.get(os.path.dirname(path))
        if parent is None or parent.kind != "dir":
            raise _error(errno.ENOENT if parent is None else errno.ENOTDIR, path)
        return Node(kind, mode, self._time(), where)

    def _create(self, path: str, kind: str, mode: int) -> Node:
        node = self._nodes[path] = self._new(path, kind, mode)
        node.old = b"" if node.area == FLASH else None
        node.written = self.now()
        self._tell("create", path)
        return node

    def _drop(self, path: str, node: Node) -> None:
        if node.area in self.read_only:
            raise _error(errno.EROFS, path)
        del self._nodes[path]
        self._tell("remove", path)

    def put(self, path: str, node: Node, data: bytes) -> None:
        if node.area == FLASH:
            now = self.now()
            if node.old is None or now - node.written >= WRITTEN_BACK:
                node.old = node.data
            node.written = now
        node.data, node.mtime = data, self._time()
        self._tell("write", path)

    def fill(self, where: str) -> None:
        """An area takes no more than it holds now."""
        self.full[where] = self.used(where)

    def used(self, where: str) -> int:
        """Bytes of all files in an area."""
        inodes = {id(node): node for node in self._nodes.values() if node.area == where}
        return sum(len(node.data) for node in inodes.values())

    def room(self, where: str) -> int | None:
        """Bytes that an area still takes; None: enough."""
        limit = self.full.get(where)
        return None if limit is None else limit - self.used(where)

    def check(self, node: Node, data: bytes) -> None:
        """Raises ENOSPC where these bytes do not fit in, beside what the file has."""
        if data and node.area in self.full:
            room = self.room(node.area)
            if room is not None and len(data) > room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _time(self) -> int:
        return int(self.now() * _TICKS)

    def _tell(self, what: str, path: str) -> None:
        if path.startswith(_WATCHED) and path not in _ROUTINE:
            self.changes += 1
        if self.watch is not None and (
            not path.startswith("/tmp") or path.startswith("/tmp/.uci/")
        ):
            self.watch(what, path)


def _error(code: int, path: str) -> OSError:
    return OSError(code, os.strerror(code), path)
