# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripts that change something on a router, as commands.

Each is one shell text, run as `sh -c TEXT wifirelay ARG...`: POSIX for busybox ash. No
argument is ever a secret; edits, which may hold keys, travel on standard input.
"""

import os
from enum import IntEnum
from functools import cache

from wifirelay.transport.base import Command

_FOLDER = os.path.join(os.path.dirname(__file__), "scripts")
# What stands between the prelude and a script: functions that it shares with others.
SHARED = {
    **dict.fromkeys(("apply", "arm", "commit", "confirm", "keep"), "trials"),
    **dict.fromkeys(("keep_left", "leave", "renew", "rest", "stage"), "trials"),
    **dict.fromkeys(("stage_lan", "confirm_lan"), "trials"),
    **dict.fromkeys(("deploy", "undeploy"), "deploying"),
    **dict.fromkeys(("answer", "serve", "key_put", "key_take"), "keys"),
}


class Exit(IntEnum):
    """Exit codes of the scripts."""

    DONE = 0
    CLAIMED = 21  # the token is gone, another boot's, or has too little time left
    LOCKED = 22
    NO_SENTRY = 23
    FOREIGN = 24  # somebody else's edits are staged; named on standard error
    FLASH = 25  # could not be written: full, or read-only
    UNFINISHED = 26  # another trial has not ended
    CHANGED = 28  # what was to be edited is not what was seen
    NOTHING = 29  # waits for a confirmation
    ELSEWHERE = 30  # reached by another address than what is confirmed; both on standard error
    PAUSED = 27  # somebody wants nothing to be joined; why, on standard error


@cache
def text(name: str) -> str:
    """The text of one script without comments' own lines."""
    with open(os.path.join(_FOLDER, name + ".sh"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#")) + "\n"


def script(name: str, *args: str, stdin: bytes = b"", limit: float = 20.0) -> Command:
    """A script that changes something: its prelude looks at clock, boot and token first.

    `limit` is in seconds.
    """
    whole = text("prelude") + (text(SHARED[name]) if name in SHARED else "") + text(name)
    return Command(("sh", "-c", whole, "wifirelay", *args), stdin=stdin, deadline=limit)


def read_script(name: str, *args: str) -> Command:
    """A script that only looks, and goes without the prelude."""
    return Command(("sh", "-c", text(name), "wifirelay", *args))


def read_state_script() -> Command:
    """The script that reads wifirelay's own state on the router."""
    return read_script("state")
