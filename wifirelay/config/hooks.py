# SPDX-License-Identifier: GPL-2.0-or-later
"""Hooks: programs and web addresses of the owner's that are told what the service does.

Makes `Hook`s of parsed text, and tells whether a program may be run at all. Loaded only where
there is a hook, and short: it is on the router. Runs nothing and sends nothing (service/hooks.py
does), and knows none of the service's events but the words that an owner writes.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass

from wifirelay.config.fields import Fields
from wifirelay.config.secrets import ReadSecret, read, unread
from wifirelay.config.writing import Place
from wifirelay.errors import ConfigError
from wifirelay.rooted import rooted
from wifirelay.values import Secret, shown

ON_ROUTER = "/etc/wifirelay/hooks/"  # where a program must be that UCI names
HOOK_KEYS = ("on", "run", "url", "token_file", "timeout", "enabled")
WORDS = (  # kinds of events, as the history has them
    *("joined", "returned", "lost", "failed", "needs-login", "internet-lost", "internet-back"),
    *("own-ap-off", "own-ap-on", "suspect", "vpn-up", "vpn-down", "trouble"),
)
MOST = 8  # hooks

_URL = re.compile(r"https?://([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?(/[!-\"$-~]*)?\Z", re.ASCII)
_RUN = re.compile(ON_ROUTER + r"[\w-][\w.-]*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hook:
    """Who is told of what: the program `run`, or else the web address `url`.

    `timeout` is in seconds. An address may hold a secret (many services put their token
    into it), and so it is one.
    """

    on: tuple[str, ...]
    run: str
    url: Secret
    token: Secret
    timeout: float

    def __str__(self) -> str:
        """For messages: the program, or the address without its path."""
        return shown(self.run) or "/".join(self.url.reveal().split("/", 3)[:3])


def hooks_from(
    items: object, where: str, reader: ReadSecret, warnings: list[str]
) -> tuple[Hook, ...]:
    """Those that are in use, of what stands in YAML, or of places and mappings. Raises ConfigError
    for what no machine could do; what only this one cannot do now is a warning: no hook keeps a
    router from its uplink."""
    found: list[Hook] = []
    if not isinstance(items, list):
        raise ConfigError(f"{shown(where)}: hooks: is not a list", hint="write `- on: ...`")
    for number, item in enumerate(items):
        place = Place(where, f"hooks[{number}]")
        if isinstance(item, tuple):
            place, item = item
        elif isinstance(item, dict) and True in item:  # what YAML 1.1 makes of a bare `on:`
            item["on"] = item.pop(True)
        fields = Fields(item, place, HOOK_KEYS)
        run, url = fields.line("run") or "", fields.line("url") or ""
        hook = Hook(
            fields.lines("on", "joined", "lost", alone=True),
            run if fields.style.nested or not run else rooted(run),
            Secret(url),
            read(fields, "token", reader, warnings, inline=False) or Secret(""),
            fields.seconds("timeout", 1, 60, 10.0),
        )
        for word in hook.on:
            if word not in WORDS:
                raise fields.impossible("on", word, WORDS)
        if not hook.on:
            raise fields.error("on", "is missing", f"one or more of {', '.join(WORDS)}")
        if number >= MOST:
            raise fields.error("on", "is one hook too many", f"at most {MOST}, in use or not")
        # Who may write UCI by LuCI shall not choose among all programs: `/bin/sh` reads commands.
        if run and not (run[0] == "/" if fields.style.nested else _RUN.match(run)):
            hint = f"write the full path; by UCI it is {ON_ROUTER}NAME"
            raise fields.error("run", "is not a possible path", hint)
        if bool(run) == bool(_URL.match(url)):
            hint = "one of run and url; http(s)://HOST/..., in ASCII, no user, no #"
            raise fields.error("url", "is missing, or not possible here (not shown)", hint)
        if fields.truth("enabled", default=True):
            found.append(hook)
            if reader is not unread and (why := unfit(hook)):
                warnings.append(f"{place.path}: {why}")
    return tuple(found)


def unfit(hook: Hook) -> str:
    """Why it cannot be told on this machine now, with the remedy; empty when it can be.

    A program runs with the rights of the service, root's on a router. So whoever could put
    another one into its place must be root, or who runs the service: its file, and each folder
    on the way to it, belong to one of them and are not open to others (sshd's StrictModes).
    """
    at = hook.run
    if not at:
        if str(hook).startswith("https"):
            from importlib.util import find_spec  # does not load it: 2 MiB

            with suppress(ImportError):
                if find_spec("_ssl"):
                    return ""
            return f"{hook} needs the package python3-openssl"
        return ""
    if os.path.realpath(at) != at or not os.path.isfile(at) or not os.access(at, os.X_OK):
        return f"{hook} is no executable file, or leads over a link"
    while True:
        found = os.lstat(at)
        # In a folder with the sticky bit, such as /tmp, nobody can replace another's file.
        closed = not found.st_mode & 0o022 or found.st_mode & 0o41000 == 0o41000
        if not closed or found.st_uid not in (0, os.geteuid()):
            return f"{shown(at)} must be yours or root's, and closed to others: chmod go-w"
        if at == "/":
            return ""
        at = os.path.dirname(at)
