# SPDX-License-Identifier: GPL-2.0-or-later
"""Hooks: programs and web addresses of the owner's that are told what the service does.

Makes `Hook`s of parsed text, and tells whether a program may be run at all. Loaded only where
there is a hook. Runs nothing and sends nothing (service/hooks.py does), and knows none of the
service's events but the words that an owner writes.
"""

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from wifirelay.config import secrets
from wifirelay.config.fields import Fields, near
from wifirelay.config.secrets import ReadSecret, unread
from wifirelay.config.writing import Place
from wifirelay.errors import ConfigError
from wifirelay.rooted import rooted
from wifirelay.values import Secret, shown

ON_ROUTER = "/etc/wifirelay/hooks"  # where a program must be that UCI names
HOOK_KEYS = ("on", "run", "url", "token_file", "token_env", "timeout")
HOOK_OPTIONS = ("enabled", "on", "run", "url", "token_file", "timeout")
WORDS = (
    *("joined", "returned", "lost", "failed", "portal", "offline", "online"),
    *("own-ap-off", "own-ap-on", "trouble"),
)
TIMEOUT = (1, 60)  # seconds
MOST = 8  # hooks

_URL = re.compile(
    r"(https?)://((?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?)(?:/[!-\"$-~]*)?\Z"
)
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\Z")


@dataclass(frozen=True, slots=True)
class Hook:
    """Who is told of what: a program (`run`) or a web address (`url`), one of them.

    `timeout` is in seconds. An address may hold a secret (many services put their token
    into it), and so it is one.
    """

    on: frozenset[str]
    run: str = ""
    url: Secret | None = None
    token: Secret | None = None
    timeout: float = 10.0

    def __str__(self) -> str:
        """For messages: the program, or the address without its path."""
        return shown(self.run) if self.url is None else "://".join(_parts(self.url.reveal()))


def hooks_from(
    items: Iterable[tuple[Place, object]], reader: ReadSecret, warnings: list[str]
) -> tuple[Hook, ...]:
    """Those that are in use. Raises ConfigError for what no machine could do; what only this one
    cannot do now is a warning: no hook keeps a router from its uplink."""
    found = []
    for place, item in items:
        keys = HOOK_KEYS if place.style.typed else HOOK_OPTIONS
        if isinstance(item, dict) and True in item:  # what YAML 1.1 makes of a bare `on:`
            item = {"on" if key is True else key: value for key, value in item.items()}
        fields = Fields(item, place, keys)
        hook = _hook(fields, reader, warnings)
        if not fields.has("enabled") or fields.truth("enabled"):
            found.append((place, hook))
    if len(found) > MOST:
        raise ConfigError(
            f"{shown(found[MOST][0].where)}: {found[MOST][0].path}: is one hook too many",
            hint=f"at most {MOST} are possible: let one program do the work of two",
        )
    if reader is not unread:
        for place, hook in found:
            if why := unfit(hook):
                warnings.append(f"{place.path}: {why}")
    return tuple(hook for _, hook in found)


def _hook(fields: Fields, reader: ReadSecret, warnings: list[str]) -> Hook:
    words = fields.lines("on", "joined", "lost", alone=True)
    one_of = f"one or more of {', '.join(WORDS)}"
    if not words:
        raise fields.error("on", "is missing: when shall it be told?", one_of)
    for index, word in enumerate(words):
        if word not in WORDS:
            meant = near(word, WORDS)
            hint = f"did you mean `{meant}`? {one_of}" if meant else one_of
            raise fields.error(f"on[{index}]", f"{shown(word)!r} is not possible here", hint)
    if fields.has("run") == fields.has("url"):
        what = "both of them are" if fields.has("run") else "neither of them is"
        names = f"{fields.name('run')} and {fields.name('url')}"
        raise fields.error("run", f"of {names} {what} there", f"keep one of {names}")
    token = secrets.read(fields, "token", reader, warnings, inline=False)
    if token is not None and not (fields.has("url") and token.reveal().isascii()):
        why = "has a character that is not ASCII" if fields.has("url") else "belongs to a url"
        raise fields.error("token_file", f"the token {why}", "correct it, or take it out")
    return Hook(
        on=frozenset(words),
        run=_program(fields),
        url=_address(fields, warnings, has_token=token is not None),
        token=token,
        timeout=fields.seconds("timeout", *TIMEOUT, 10.0),
    )


def _program(fields: Fields) -> str:
    path = fields.line("run")
    if path is None:
        return ""
    if (
        not fields.style.nested
    ):  # who may write this file by LuCI must not choose among all programs
        folder, _, name = path.rpartition("/")
        if folder != ON_ROUTER or not _NAME.match(name):
            raise fields.error(
                "run", f"is not a file in {ON_ROUTER}", f"put it there: {ON_ROUTER}/NAME"
            )
        return rooted(path)
    if not path.startswith("/"):
        raise fields.error("run", "is not an absolute path", "write the full path of the program")
    return path


def _address(fields: Fields, warnings: list[str], *, has_token: bool) -> Secret | None:
    url = fields.line("url")
    if url is None:
        return None
    found = _URL.match(url)
    if found is None or int(found[3] or 80) not in range(1, 65536):
        raise fields.error(
            "url",
            "is not an address that is possible here (not shown: it could hold a secret)",
            "http:// or https://, a host, and a path of ASCII without blanks and #; "
            "no user and no password: a token goes into token_file",
        )
    if has_token and found[1] == "http":
        text = "its token is sent unencrypted: whoever carries the packets can read it"
        warnings.append(f"{fields.path('url')}: {text}; use https://")
    return Secret(url)


def _parts(url: str) -> tuple[str, str]:
    """Scheme and host, with its port."""
    found = _URL.match(url)
    return (found[1], found[2]) if found is not None else ("", "")


def unfit(hook: Hook) -> str:
    """Why it cannot be told on this machine now, with the remedy; empty when it can be.

    A program runs with the rights of the service, root's on a router. So whoever could put
    another one into its place must be root, or who runs the service: its file, and each folder
    on the way to it, belong to one of them and are not open to others (sshd's StrictModes).
    """
    if hook.url is not None:
        if _parts(hook.url.reveal())[0] == "https" and not _can_encrypt():
            return "https:// needs Python's ssl: install the package python3-openssl"
        return ""
    try:
        return _unfit_file(hook.run)
    except OSError as error:
        return f"{shown(hook.run)}: {error.strerror}"


def _can_encrypt() -> bool:
    from importlib.util import find_spec  # finds `ssl` without loading it: 2 MiB

    try:
        return find_spec("ssl") is not None and find_spec("_ssl") is not None
    except ImportError:
        return False


def _unfit_file(path: str) -> str:
    at, mode = os.path.realpath(path), os.lstat(path).st_mode
    if at != os.path.normpath(path):
        return f"{shown(path)} leads over a link: name {shown(at)} itself"
    if not stat.S_ISREG(mode):
        return f"{shown(path)} is not a regular file"
    if not os.access(path, os.X_OK):
        return f"{shown(path)} is not executable: chmod 755 {shown(path)}"
    while True:
        found = os.lstat(at)
        if found.st_uid not in (0, os.geteuid()):
            return f"{shown(at)} belongs to another user (number {found.st_uid}): chown it"
        # In a folder with the sticky bit, such as /tmp, nobody can replace another's file.
        shared = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
        if found.st_mode & 0o022 and not shared:
            mode = stat.S_IMODE(found.st_mode)
            return f"{shown(at)} is open to others (mode {mode:04o}): chmod go-w {shown(at)}"
        if at == "/":
            return ""
        at = os.path.dirname(at)
