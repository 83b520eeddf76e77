# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated router's package manager: opkg, from 25.12 on apk. It tells, and installs nothing.

Knows Python's packages only. Sizes are those of no release: of the right order.
"""

import fnmatch
from collections.abc import Sequence

from wifirelay.transport.base import Completed

_ARCH = "x86_64"
# name -> size of the package, and of what it installs, in bytes
_PYTHON = {
    "libpython3": (1_400_000, 3_900_000),
    "python3-base": (380_000, 760_000),
    "python3-light": (2_200_000, 4_600_000),
}
_NEEDS = {
    "libpython3": "libc, libpthread, zlib",
    "python3-base": "libc, libpthread, zlib, libpython3",
    "python3-light": "libc, python3-base, libffi, libbz2-1.0, libuuid1",
}


BASIC_WPAD = frozenset({"sae", "owe"})
MINI_WPAD: frozenset[str] = frozenset()


class Packages:
    """The packages of one router; `python` is the version that is installed, if one is.

    `updated`: `opkg update` was run since boot, so that sizes are known. `wpad`: BASIC_WPAD has no
    EAP, MINI_WPAD nothing but WPA2.
    """

    def __init__(self, release: str, python: str | None) -> None:
        self.python = python
        self.updated = False
        self.release = release
        self.wpad = frozenset({"eap", "sae", "owe"})  # what it was built with: a full one

    @property
    def absent(self) -> str:
        """The package manager that this release does not have."""
        year = self.release.split(".")[0]
        return "opkg" if not year.isdigit() or int(year) >= 25 else "apk"

    def opkg(self, argv: Sequence[str]) -> Completed:
        """`opkg status|info NAME`, `opkg list-installed [NAME]`, `opkg update`."""
        words = [word for word in argv if not word.startswith("-")]
        command, pattern = words[0] if words else "", words[1] if len(words) > 1 else "*"
        names = [name for name in _PYTHON if fnmatch.fnmatchcase(name, pattern)]
        if command == "update":
            self.updated = True
            return Completed(0)
        if command == "list-installed":
            lines = [f"{name} - {self._version}\n" for name in names if self.python]
            return Completed(0, "".join(lines).encode())
        if command in ("status", "info"):
            known = self.python or (command == "info" and self.updated)
            return Completed(0, "".join(self._control(n) for n in names if known).encode())
        return Completed(255, err=b"opkg must have one sub-command argument\n")

    def apk(self, argv: Sequence[str]) -> Completed:
        """`apk list -I [NAME]`, `apk info -e NAME`, `apk --version`."""
        words = [word for word in argv if not word.startswith("-")]
        installed = list(_PYTHON) if self.python else []
        if "--version" in argv or "-V" in argv:
            return Completed(0, b"apk-tools 3.0.0, compiled for x86_64.\n")
        if words[:1] == ["list"]:
            pattern = words[1] if len(words) > 1 else "*"
            lines = [
                f"{name}-{self._version} {_ARCH} {{feeds/packages/lang/python/python3}}"
                " (Python-2.0.1) [installed]\n"
                for name in installed
                if fnmatch.fnmatchcase(name, pattern)
            ]
            return Completed(0, "".join(lines).encode())
        if words[:1] == ["info"] and "-e" in argv:
            found = [name for name in installed if name in words[1:]]
            rc = 0 if len(found) == len(words) - 1 else 1
            return Completed(rc, "".join(f"{name}\n" for name in found).encode())
        if words[:1] == ["update"]:
            self.updated = True
            return Completed(0)
        return Completed(1, err=b"ERROR: not known to the simulated router\n")

    @property
    def _version(self) -> str:
        return f"{self.python or '3.11.14'}-r1"

    def _control(self, name: str) -> str:
        size, installed = _PYTHON[name]
        status = "install user installed" if self.python else "unknown ok not-installed"
        text = f"Package: {name}\nVersion: {self._version}\nDepends: {_NEEDS[name]}\n"
        text += f"Status: {status}\nArchitecture: {_ARCH}\n"
        if self.updated:
            text += f"Size: {size}\nInstalled-Size: {installed}\n"
        return text + "\n"
