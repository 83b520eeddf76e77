# SPDX-License-Identifier: GPL-2.0-or-later
"""How much flash and memory the simulated router has left, and how its programs tell.

Files in ROOT/etc and ROOT/usr take flash as they are written. The scratch folder itself
has no limit: only `uci commit` fails on a full flash, so scripts must ask `df` first.
"""

import os
from collections.abc import Sequence

from wifirelay.sim.blobmsg import Json
from wifirelay.sim.files import FLASH, Root

FLASH_TOTAL = 4046560  # KiB, of the lab's router
_TMP = 491744
_MEMORY_TOTAL, _MEMORY_USED = 983492, 154488
_BLOCK = 1024
_DF = "Filesystem           1K-blocks      Used Available Use% Mounted on\n"


class Resources:
    """Flash and memory of one router."""

    def __init__(self, root: Root, flash_free_kib: int = 2546812) -> None:
        self._root = root
        self.memory_free_kib = 829004  # as /proc/meminfo's MemAvailable
        self._free = self._before = 0
        self.flash_free_kib = flash_free_kib

    @property
    def flash_free_kib(self) -> int:
        """What was last set, less what was written since; what was there then frees nothing."""
        return max(0, self._free - max(0, self._written() - self._before))

    @flash_free_kib.setter
    def flash_free_kib(self, kib: int) -> None:
        self._free, self._before = kib, self._written()

    def df(self, argv: Sequence[str]) -> str:
        """`df -k [PATH...]`."""
        paths = [word.removeprefix(self._root.path) or "/" for word in argv if word[:1] == "/"]
        rows = []
        if not paths or not all(_in_ram(path) for path in paths):
            total, free = FLASH_TOTAL, self.flash_free_kib
            used = total - free
            percent = 100 * used // total
            rows.append(f"overlayfs:/overlay {total:11d} {used:9d} {free:9d} {percent:3d}% /\n")
        if any(_in_ram(path) for path in paths):
            rows.append("tmpfs                   491744       136    491608   0% /tmp\n")
        return _DF + "".join(rows)

    def free(self) -> str:
        """`free`, in KiB."""
        available = self.memory_free_kib
        free, used = available - 16132, _MEMORY_TOTAL - available
        return (
            "               total        used        free      shared  buff/cache   available\n"
            f"Mem:    {_MEMORY_TOTAL:12d} {used:11d} {max(free, 0):11d}         344       73724"
            f" {available:11d}\nSwap:              0           0           0"
        )

    def meminfo(self) -> str:
        """/proc/meminfo, its first lines."""
        available = self.memory_free_kib
        figures = {"MemTotal": _MEMORY_TOTAL, "MemFree": max(available - 16132, 0)}
        figures |= {"MemAvailable": available, "Buffers": 4032, "Cached": 52484}
        return "".join(f"{name + ':':16}{kib:8d} kB\n" for name, kib in figures.items())

    def info(self) -> dict[str, Json]:
        """The part of `ubus call system info` that is about them."""
        free, available = self.flash_free_kib, self.memory_free_kib * 1024
        memory = {"total": _MEMORY_TOTAL * 1024, "free": max(available - 16515072, 0)}
        memory |= {"shared": 352256, "buffered": 4128768, "available": available}
        return {
            "memory": memory | {"cached": 53743616},
            "root": {
                "total": FLASH_TOTAL,
                "free": free,
                "used": FLASH_TOTAL - free,
                "avail": free,
            },
            "tmp": {"total": _TMP, "free": _TMP - 136, "used": 136, "avail": _TMP - 136},
            "swap": {"total": 0, "free": 0},
        }

    def _written(self) -> int:
        """KiB of all files on flash."""
        total = 0
        for top in FLASH:
            for folder, _, names in os.walk(self._root.here(f"/{top}")):
                for name in names:
                    try:
                        total += -(-os.lstat(os.path.join(folder, name)).st_size // _BLOCK)
                    except FileNotFoundError:
                        continue
        return total


def _in_ram(path: str) -> bool:
    return path.split("/")[1] in ("tmp", "var")
