# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated router's file system, in a scratch folder of this machine.

ROOT/etc and ROOT/usr are flash and outlive a power cut; ROOT/tmp, ROOT/proc and
ROOT/sys do not. Knows files only, not what they mean.
"""

import contextlib
import os
import shutil
from collections.abc import Iterable

FLASH = ("etc", "usr")
RAM = ("tmp", "proc", "sys")
_WATCHED = (*FLASH, "tmp")
FIRST_DAY = 946684800  # 2000-01-01: files of the simulation are older than any real one


class Root:
    """One router's files. All paths are the router's own: `/etc/config/wireless`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._kernel: dict[str, str] = {}
        for folder in ("etc/config", "etc/init.d", "etc/rc.d", "usr/sbin", "usr/bin", "shims"):
            os.makedirs(os.path.join(path, folder))
        os.symlink("tmp", os.path.join(path, "var"))
        self._seen = self._stamps()

    def here(self, path: str) -> str:
        """A path of the router's as this machine has it."""
        return path if path.startswith(self.path + "/") else self.path + path

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write one file at once: whoever reads sees the old text or the new."""
        target = self.here(path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        beside = f"{target}.new"
        with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        os.chmod(beside, mode)
        os.replace(beside, target)

    def read(self, path: str) -> bytes:
        with open(self.here(path), "rb") as file:
            return file.read()

    def power_on(self) -> None:
        """RAM is empty."""
        self._kernel.clear()
        for folder in RAM:
            shutil.rmtree(os.path.join(self.path, folder), ignore_errors=True)
        for folder in ("tmp/run", "tmp/.uci", "sys/class/net", "proc/sys/kernel/random"):
            os.makedirs(os.path.join(self.path, folder))
        os.chmod(os.path.join(self.path, "tmp/.uci"), 0o700)

    def kernel(self, files: dict[str, str]) -> None:
        """Let exactly these files of /proc, /sys and netifd exist, with these texts."""
        for path in self._kernel.keys() - files.keys():
            self._remove(path)
        for path, text in files.items():
            if self._kernel.get(path) != text:
                self.write(path, text)
        self._kernel = dict(files)

    def look(self, moment: float | None = None) -> list[str]:
        """The flash files that changed since the last look.

        With `moment` (seconds of the simulation) all files that changed, in RAM too, get
        the simulation's time for their own: the sentry compares their ages.
        """
        now = self._stamps()
        if moment is not None:
            stamp = (FIRST_DAY + int(moment)) * 1_000_000_000
            for path in [path for path, seen in now.items() if self._seen.get(path) != seen]:
                with contextlib.suppress(FileNotFoundError):
                    os.utime(self.here(path), ns=(stamp, stamp), follow_symlinks=False)
                    inode, _, size = now[path]
                    now[path] = (inode, stamp, size)
        changed = sorted({path for path, _ in self._seen.items() ^ now.items()})
        self._seen = now
        return [path for path in changed if path.split("/")[1] in FLASH]

    def _remove(self, path: str) -> None:
        target = self.here(path)
        if os.path.lexists(target):
            os.unlink(target)
        folder = os.path.dirname(target)
        if os.path.isdir(folder) and not os.listdir(folder):
            os.rmdir(folder)

    def _stamps(self) -> dict[str, tuple[int, int, int]]:
        stamps = {}
        for entry in self._walk([os.path.join(self.path, folder) for folder in _WATCHED]):
            try:
                stat = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            stamps[entry.path[len(self.path) :]] = stamp
        return stamps

    def _walk(self, folders: Iterable[str]) -> Iterable["os.DirEntry[str]"]:
        """Files and links; not fifos. What vanishes meanwhile is left out."""
        for folder in folders:
            try:
                with os.scandir(folder) as found:
                    entries = list(found)
            except FileNotFoundError:
                continue
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from self._walk([entry.path])
                elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
                    yield entry
