# SPDX-License-Identifier: GPL-2.0-or-later
"""How to log in to a router, and in which order to try. Knows no library and opens nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from wifirelay.values import Secret

# OpenWrt starts dropbear with `-T 3`: three refusals end the connection (openwrt-facts 9).
AGENT_KEYS = 2
KEY_FILES = 2

# OpenSSH's names, the kinds that dropbear takes; the best first.
DEFAULT_KEYS = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What may be used to log in.

    A key file excludes all else, then so does a password; otherwise the agent's keys,
    the default key files and the blank password of a fresh OpenWrt are tried in turn.
    """

    key_file: str | None = None
    passphrase: Secret | None = None  # of encrypted key files
    password: Secret | None = None
    agent: bool = True
    default_keys: bool = True
    blank: bool = True  # OpenWrt without a root password takes SSH's method `none`


class Method(str, Enum):
    """One way to log in."""

    KEY_FILE = "key file"
    PASSWORD = "password"  # noqa: S105 - the name of a method
    AGENT = "agent"
    BLANK = "no password"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing to try; `path` is that of a key file, `asked` that the owner named it."""

    method: Method
    path: str = ""
    asked: bool = False


def attempts(login: Login, exists: Callable[[str], bool]) -> tuple[Attempt, ...]:
    """What to try, in order. `exists` tells whether a default key file is there."""
    if login.key_file is not None:
        return (Attempt(Method.KEY_FILE, login.key_file, asked=True),)
    if login.password is not None:
        blank = not login.password.reveal()
        return (Attempt(Method.BLANK if blank else Method.PASSWORD, asked=True),)
    files = [path for path in DEFAULT_KEYS if exists(path)] if login.default_keys else []
    return (
        *([Attempt(Method.AGENT)] if login.agent else []),
        *(Attempt(Method.KEY_FILE, path) for path in files[:KEY_FILES]),
        *([Attempt(Method.BLANK)] if login.blank else []),
    )
