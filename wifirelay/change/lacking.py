# SPDX-License-Identifier: GPL-2.0-or-later
"""What a router lacks of wifirelay's files and running services, beside edits of its configuration.

Only looks. A fleet asks it before every run, and leaves a router that lacks nothing alone. Knows
no configuration; what the service's compiled tree was made from is told by its mark.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from wifirelay.change.files import SENTRY, TREE, RouterFile, sentry_files
from wifirelay.change.onrouter import on_router
from wifirelay.change.scripts import text
from wifirelay.router.observe import read_all
from wifirelay.router.services import services
from wifirelay.router.ubus import Fact
from wifirelay.transport.base import Command, Completed, Transport

SERVICE = "wifirelay"
MARK = f"{TREE}/source"  # what the tree beside it was made from
UNPROVED = f"{TREE}/unproved"  # there while an installation has not ended (deploy.sh)


@dataclass(frozen=True, slots=True)
class Lacking:
    """What is not as an installation would leave it."""

    files: tuple[str, ...] = ()  # paths: missing, or with another content; TREE: made of others
    stopped: tuple[str, ...] = ()  # services that do not run, or do not start with the router

    def __bool__(self) -> bool:
        return bool(self.files or self.stopped)


def mark(files: Iterable[RouterFile], python: tuple[int, int]) -> bytes:
    """The content of MARK: a digest of all that the service is made from, its path and mode
    included, and of the Python that it is compiled for."""
    digest = hashlib.sha256(repr(python).encode())
    for file in sorted(files, key=lambda file: file.path):
        digest.update(f"{file.path}\0{file.mode}\0{len(file.content)}\0".encode())
        digest.update(file.content)
    return f"{digest.hexdigest()}\n".encode()


def sentry_lacks(transport: Transport) -> Lacking:
    """What `setup` would put there or start. Raises RouterAnswer."""
    return _lacks(transport, sentry_files(), service=False)


def service_lacks(transport: Transport, beside: Iterable[RouterFile], marked: bytes) -> Lacking:
    """What `install` would: the sentry's, the service's files `beside` its tree, and the tree
    itself, when it has another mark. Raises RouterAnswer."""
    files = (*sentry_files(), *beside, RouterFile(MARK, "644", marked))
    return _lacks(transport, files, service=True)


def _lacks(transport: Transport, files: tuple[RouterFile, ...], *, service: bool) -> Lacking:
    words = [file.path for file in files] + ([UNPROVED] if service else [])
    command = Command(("sh", "-c", text("sums"), "wifirelay", *words))
    there, known, state = read_all(transport, [Fact(command, _sums), services(), on_router()])
    differ = [file.path for file in files if there.get(file.path) != _wanted(file)]
    if UNPROVED in there and MARK not in differ:
        differ.append(MARK)
    differ = [TREE if path == MARK else path for path in differ]
    stopped = []
    if not state.sentry_lives or SENTRY not in known.enabled:
        stopped.append(SENTRY)
    if service and SERVICE not in known.running & known.enabled:
        stopped.append(SERVICE)
    return Lacking(tuple(differ), tuple(stopped))


def _sums(completed: Completed) -> dict[str, tuple[str, bool]]:
    found = {}
    for line in completed.text.splitlines():
        words = line.split(" ", 2)
        if len(words) == 3:
            found[words[2]] = words[0], words[1] == "x"
    return found


def _wanted(file: RouterFile) -> tuple[str, bool]:
    return hashlib.sha256(file.content).hexdigest(), file.mode == "755"
