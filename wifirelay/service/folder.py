# SPDX-License-Identifier: GPL-2.0-or-later
"""The service's files in RAM, on the machine that it runs on: its state, its history, its memory.

On a router `/var/run/wifirelay/service-state`; elsewhere a folder of this user's, one for each
router. Each file is replaced as a whole, so that a reader never sees half of one.
"""

import json
import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from wifirelay.errors import UsageError
from wifirelay.rooted import rooted

ON_ROUTER = "/var/run/wifirelay/service-state"
STATUS, LINES, HISTORY, MEMORY, OWNER = (
    "status.json",
    "status.txt",
    "history.jsonl",
    "memory",
    "pid",
)
SCAN, PLAN, NETWORKS = "scan.json", "plan.json", "networks.json"


def folder_for(target: str) -> str:
    """Where the service of this target keeps its files. `target` is as people name it."""
    if target == "local":
        return rooted(ON_ROUTER)
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if not (base and os.path.isdir(base)):
        base = f"/tmp/wifirelay-{os.getuid()}"  # noqa: S108 - checked below
    else:
        base = os.path.join(base, "wifirelay")
    return os.path.join(base, re.sub(r"[^A-Za-z0-9.@-]", "_", target))


class Folder:
    """Of one router's service."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._parent = os.path.dirname(path)

    def make(self) -> None:
        """Raises UsageError when it cannot be had, or is somebody else's."""
        try:
            os.makedirs(os.path.dirname(self._parent), exist_ok=True)
            for path in (self._parent, self.path):
                with suppress(
                    FileExistsError
                ):  # checked below; makedirs gives only the last a mode
                    os.mkdir(path, 0o700)
                if not _ours_alone(path):
                    raise UsageError(
                        f"{path} is not a folder of yours alone", hint="remove it, or rename it"
                    )
        except OSError as error:
            raise UsageError(f"{self.path} cannot be made: {error.strerror}") from None

    def write(self, name: str, text: str | Iterable[str]) -> None:
        """Replace a file by this text, or these pieces of it: long texts of ever other sizes
        wear a heap out. A full RAM disk is no reason to stop: then it is older than it says."""
        path = os.path.join(self.path, name)
        with suppress(OSError):
            with open(
                os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                "w",
                encoding="utf-8",
                errors="surrogateescape",
            ) as file:
                file.writelines((text,) if isinstance(text, str) else text)
            os.replace(path + ".new", path)

    def write_json(self, name: str, value: object) -> None:
        self.write(name, json.JSONEncoder(check_circular=False).iterencode(value))

    def read(self, name: str) -> str | None:
        """A file's text; None without one, and in a folder that somebody else can write to: in
        /tmp anybody may have made it first."""
        try:
            if not (_ours_alone(self._parent) and _ours_alone(self.path)):
                return None
            with open(
                os.path.join(self.path, name), encoding="utf-8", errors="surrogateescape"
            ) as file:
                return file.read()
        except OSError:
            return None

    def read_json(self, name: str) -> Any:
        """What was written, or None for anything else."""
        try:
            return json.loads(self.read(name) or "null")
        except (ValueError, RecursionError):
            return None

    def remember(self, memory: object) -> str:
        """The policy's memory as it is written: moments of a monotonic clock mean something only
        since this machine's boot."""
        return json.dumps({"boot": _boot(), "memory": memory})

    def remembered(self) -> Any:
        """What a service remembered last, on this machine, since its boot; None for anything
        else."""
        found = self.read_json(MEMORY)
        if not isinstance(found, dict) or found.get("boot") != _boot():
            return None
        return found.get("memory")

    def forget(self) -> None:
        """The service has ended: what it wrote about the router is not so any more."""
        for name in (OWNER, STATUS, LINES, SCAN, PLAN, NETWORKS):
            with suppress(OSError):
                os.unlink(os.path.join(self.path, name))

    def lives(self) -> int | None:
        """The process of the service that writes here, while it lives."""
        try:
            pid = int(self.read(OWNER) or "")
            os.kill(pid, 0)
        except PermissionError:
            return pid
        except (OSError, ValueError, OverflowError):
            return None
        return pid


def _boot() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def _ours_alone(path: str) -> bool:
    """Whether it is a folder, and no link to one, that nobody else can write to."""
    found = os.lstat(path)
    own = found.st_uid == os.getuid()
    return stat.S_ISDIR(found.st_mode) and own and not found.st_mode & 0o022
