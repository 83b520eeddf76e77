# SPDX-License-Identifier: GPL-2.0-or-later
"""The files that wifirelay puts on a router: where they come from, and how they get there."""

import hashlib
import os
from dataclasses import dataclass

from wifirelay.change.scripts import script
from wifirelay.errors import RouterAnswer, UsageError
from wifirelay.transport.base import Transport

SENTRY = "wifirelay-sentry"
HOOK = "/etc/udhcpc.user.d/wifirelay"  # of the DHCP client
TREE = "/usr/lib/wifirelay"  # the service's Python on a router

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_FOLDERS = (
    os.path.join(_PACKAGE, "onrouter"),  # installed
    os.path.join(os.path.dirname(_PACKAGE), "openwrt", "files"),  # a checkout
)

# Kept over a sysupgrade that keeps the configuration.
_KEEP = f"""/usr/sbin/{SENTRY}
/etc/init.d/{SENTRY}
/etc/rc.d/S95{SENTRY}
/etc/rc.d/K10{SENTRY}
/lib/upgrade/keep.d/{SENTRY}
{HOOK}
"""


@dataclass(frozen=True, slots=True)
class RouterFile:
    """A file for the router."""

    path: str
    mode: str
    content: bytes


def sentry_files() -> tuple[RouterFile, ...]:
    """What `setup` puts there: the sentry's program and init script, what the DHCP client tells of
    a login page, and what keeps these over an upgrade."""
    return (
        RouterFile(f"/usr/sbin/{SENTRY}", "755", source(SENTRY)),
        RouterFile(f"/etc/init.d/{SENTRY}", "755", source(f"{SENTRY}.init")),
        RouterFile(f"/lib/upgrade/keep.d/{SENTRY}", "644", _KEEP.encode()),
        RouterFile(HOOK, "644", source("wifirelay.udhcpc")),
    )


def source(name: str) -> bytes:
    """A file for routers as it comes with wifirelay. Raises UsageError."""
    for folder in _FOLDERS:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                return file.read()
    raise UsageError(
        f"{name} is missing from this installation of wifirelay", hint="install it again"
    )


def install(transport: Transport, file: RouterFile) -> None:
    """Put a file on the router: through standard input (dropbear has no SFTP), checked,
    then renamed into place. Nothing is written where it is there already."""
    digest = hashlib.sha256(file.content).hexdigest()
    completed = transport.run(script("install", file.path, file.mode, digest, stdin=file.content))
    if completed.rc != 0:
        raise RouterAnswer(
            f"{file.path} could not be put on the router: {completed.errors.strip()}",
            hint="is the router's flash full or read-only?",
        )


def remove(transport: Transport, files: tuple[RouterFile, ...]) -> None:
    """Take files off the router; those that are gone already do not matter."""
    completed = transport.run(script("uninstall", *(file.path for file in files)))
    if completed.rc != 0:
        raise RouterAnswer(f"the router could not remove: {completed.errors.strip()}")
