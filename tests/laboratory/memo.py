# SPDX-License-Identifier: GPL-2.0-or-later
"""`uci` remembered: the same command on the same texts does the same to the files.

Four fifths of an experiment's time would go into parsing what was parsed before. So a run
of the simulated `uci` is kept by its command line, its input and all texts that it could
see: what it answered, and what it wrote. Not on a disk that refuses: there each run is real.
"""

from collections.abc import Sequence
from functools import lru_cache

from tests.laboratory.disk import Disk
from wifirelay.sim.uci import UciFolders, uci
from wifirelay.sim.uci_storage import Host
from wifirelay.transport.base import Completed

_CONFIG, _SAVE = "/etc/config", "/tmp/.uci"
Texts = tuple[tuple[str, bytes], ...]  # path, text
Writes = tuple[tuple[str, str, bytes], ...]  # "append", "write" or "replace"; path; bytes


class Noted(Host):
    """Texts as a storage that notes what is written to it."""

    def __init__(self, texts: Texts) -> None:
        self._texts = dict(texts)
        self.writes: list[tuple[str, str, bytes]] = []

    def listdir(self, path: str) -> list[str]:
        start = path.rstrip("/") + "/"
        return sorted(name[len(start) :] for name in self._texts if name.startswith(start))

    def exists(self, path: str) -> bool:
        return path in self._texts or path in (_CONFIG, _SAVE)

    def isfile(self, path: str) -> bool:
        return path in self._texts

    def isdir(self, path: str) -> bool:
        return path in (_CONFIG, _SAVE)

    def read(self, path: str) -> bytes:
        if path not in self._texts:
            raise FileNotFoundError(path)
        return self._texts[path]

    def append(self, path: str, data: bytes) -> None:
        self._note("append", path, data)
        self._texts[path] = self._texts.get(path, b"") + data

    def write(self, path: str, data: bytes) -> None:
        self._note("write", path, data)
        self._texts[path] = data

    def replace(self, path: str, data: bytes) -> None:
        self._note("replace", path, data)
        self._texts[path] = data

    def _note(self, how: str, path: str, data: bytes) -> None:
        self.writes.append((how, path, data))


def remembered(argv: Sequence[str], stdin: bytes, disk: Disk) -> Completed:
    """Run `uci` on the disk."""
    texts = tuple(
        (f"{folder}/{name}", disk.read(f"{folder}/{name}"))
        for folder in (_CONFIG, _SAVE)
        for name in disk.listdir(folder)
    )
    completed, writes = _run(tuple(argv), stdin, texts)
    for how, path, data in writes:
        if how == "append":
            disk.append(path, data)
        elif how == "replace":
            disk.replace(path, data)
        else:
            disk.write(path, data)
    return completed


@lru_cache(maxsize=20000)
def _run(argv: tuple[str, ...], stdin: bytes, texts: Texts) -> tuple[Completed, Writes]:
    storage = Noted(texts)
    completed = uci(argv, stdin, UciFolders(_CONFIG, _SAVE, storage=storage))
    return completed, tuple(storage.writes)
