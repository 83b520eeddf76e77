# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated router's file system, in a scratch folder of this machine.

ROOT/etc and ROOT/usr are flash and outlive a power cut; ROOT/tmp, ROOT/proc and
ROOT/sys do not. Knows files only, not what they mean.
"""

import contextlib
import os
import shutil
import time

FLASH = ("etc", "usr")
RAM = ("tmp", "proc", "sys")
_WATCHED = (*FLASH, "tmp")
_SETTLED = 0.1  # seconds; file systems tell times in steps of some milliseconds
FIRST_DAY = 946684800  # 2000-01-01: files of the simulation are older than any real one


class Root:
    """One router's files. All paths are the router's own: `/etc/config/wireless`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._kernel: dict[str, str] = {}
        for folder in ("etc/config", "etc/init.d", "etc/rc.d", "usr/sbin", "usr/bin", "shims"):
            os.makedirs(os.path.join(path, folder))
        os.symlink("tmp", os.path.join(path, "var"))
        self._folders: dict[str, int] = {}  # with their times, as of the last walk
        self._files: list[str] = []
        self._second: set[str] = set()  # hard links: no data is written for them
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

    def link(self, path: str, target: str) -> None:
        os.symlink(target, self.here(path))

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

    def kernel(self, files: dict[str, str], *, alone: bool = False) -> None:
        """Let exactly these files of /proc, /sys and netifd exist, with these texts.

        `alone`: nobody reads them at the same time, so that they can be written in place,
        which takes a twentieth of the time.
        """
        for path in self._kernel.keys() - files.keys():
            self._remove(path)
        for path, text in files.items():
            old = self._kernel.get(path)
            if old == text:
                continue
            if alone and old is not None and len(old) == len(text) and text.isascii():
                self._overwrite(path, text)
            else:
                self.write(path, text)
        self._kernel = dict(files)

    def look(self, moment: float | None = None) -> list[str]:
        """The flash files that changed since the last look; a second name for one is none.

        With `moment` (seconds of the simulation) all files that changed, in RAM too, get
        the simulation's time for their own: the sentry compares their ages.
        """
        now = self._stamps()
        known = set(self._seen.values())
        self._second |= {path for path in now.keys() - self._seen.keys() if now[path] in known}
        if moment is not None:
            stamp = (FIRST_DAY + int(moment)) * 1_000_000_000
            for path in [path for path, seen in now.items() if self._seen.get(path) != seen]:
                with contextlib.suppress(FileNotFoundError):
                    os.utime(self.here(path), ns=(stamp, stamp), follow_symlinks=False)
                    inode, _, size = now[path]
                    now[path] = (inode, stamp, size)
        changed = sorted({path for path, _ in self._seen.items() ^ now.items()})
        self._seen = now
        written = [path for path in changed if path not in self._second]
        self._second &= now.keys()
        return [path for path in written if path.split("/")[1] in FLASH]

    def _overwrite(self, path: str, text: str) -> None:
        file = os.open(self.here(path), os.O_WRONLY)
        try:
            os.pwrite(file, text.encode("ascii"), 0)
        finally:
            os.close(file)

    def _remove(self, path: str) -> None:
        target = self.here(path)
        if os.path.lexists(target):
            os.unlink(target)
        folder = os.path.dirname(target)
        if os.path.isdir(folder) and not os.listdir(folder):
            os.rmdir(folder)

    def _stamps(self) -> dict[str, tuple[int, int, int]]:
        stamps = {}
        if not self._folders or any(_time(path) != seen for path, seen in self._folders.items()):
            self._walk()
        for path in self._files:
            try:
                stat = os.lstat(path)
            except FileNotFoundError:
                continue
            stamps[path[len(self.path) :]] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        return stamps

    def _walk(self) -> None:
        """Note the names of files and links; not of fifos. What vanishes meanwhile is left out."""
        todo = [os.path.join(self.path, folder) for folder in _WATCHED]
        self._folders, self._files = {}, []
        while todo:
            folder = todo.pop()
            self._folders[folder] = _time(folder)  # before the look: the next one sees more
            try:
                with os.scandir(folder) as found:
                    entries = list(found)
            except FileNotFoundError:
                continue
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
                    self._files.append(entry.path)
        if max(self._folders.values()) > (time.time() - _SETTLED) * 1e9:
            self._folders.clear()  # a file could still come without a change of that time


def _time(path: str) -> int:
    """When names in this folder last changed, in nanoseconds; 0 when it is not there."""
    try:
        return os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return 0
