# SPDX-License-Identifier: GPL-2.0-or-later
"""What the simulated `uci` asks of a file system; by default this machine's."""

import os
import stat
import tempfile
from typing import Protocol


class Storage(Protocol):
    """Files by path. All raise OSError."""

    def listdir(self, path: str) -> list[str]: ...
    def exists(self, path: str) -> bool: ...
    def isfile(self, path: str) -> bool: ...
    def isdir(self, path: str) -> bool: ...
    def mkdir(self, path: str, mode: int) -> None: ...
    def read(self, path: str) -> bytes: ...
    def write(self, path: str, data: bytes) -> None:
        """The whole text, in place."""

    def append(self, path: str, data: bytes) -> None: ...
    def replace(self, path: str, data: bytes) -> None:
        """A new file, in one step; with the old one's mode, else 0600."""


class Host:
    """This machine's file system."""

    def listdir(self, path: str) -> list[str]:
        return os.listdir(path)

    def exists(self, path: str) -> bool:
        return os.path.exists(path)

    def isfile(self, path: str) -> bool:
        return os.path.isfile(path)

    def isdir(self, path: str) -> bool:
        return os.path.isdir(path)

    def mkdir(self, path: str, mode: int) -> None:
        os.mkdir(path, mode)

    def read(self, path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def write(self, path: str, data: bytes) -> None:
        with open(path, "wb") as file:
            file.write(data)

    def append(self, path: str, data: bytes) -> None:
        with open(path, "ab") as file:
            file.write(data)

    def replace(self, path: str, data: bytes) -> None:
        path = os.path.realpath(path)
        folder, name = os.path.split(path)
        temporary = ""
        try:
            mode = stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else 0o600
            handle, temporary = tempfile.mkstemp(prefix=f".{name}.uci-", dir=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except OSError:
            if temporary and os.path.exists(temporary):
                os.unlink(temporary)
            raise
