# SPDX-License-Identifier: GPL-2.0-or-later
"""TARGET of the command line: which router is meant, and how it is reached. Opens nothing."""

import re
from dataclasses import dataclass
from enum import Enum

from wifirelay.errors import UsageError
from wifirelay.values import shown

SSH_PORT = 22
SHAPES = "local, [ssh://][user@]host[:port], recording:FILE or sim:WORLD"

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?\Z")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?\Z")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\Z")


class Kind(str, Enum):
    """How a router is reached."""

    LOCAL = "local"
    SSH = "ssh"
    RECORDING = "recording"
    SIM = "sim"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed TARGET: of the fields, those of its kind are set."""

    kind: Kind
    user: str = "root"
    host: str = ""
    port: int = SSH_PORT
    path: str = ""  # recording:FILE, as written
    world: str = ""  # sim:WORLD, as written

    def __str__(self) -> str:
        """The TARGET again, in full."""
        if self.kind is Kind.SSH:
            host = f"[{self.host}]" if ":" in self.host else self.host
            return f"ssh://{self.user}@{host}:{self.port}"
        rest = self.path or self.world
        return f"{self.kind}:{rest}" if rest else str(self.kind)


def parse_target(text: str) -> Target:
    """Raises UsageError for anything that is not one of the four shapes."""
    if text == "local":
        return Target(Kind.LOCAL)
    if text.startswith("recording:"):
        return Target(Kind.RECORDING, path=_rest(text, "the file of a recording"))
    if text.startswith("sim:"):
        return Target(Kind.SIM, world=_rest(text, "the name or file of a simulated world"))
    scheme, found, rest = text.partition("://")
    user, at, where = (rest.removesuffix("/") if found else text).rpartition("@")
    if at and ":" in user:  # never repeat what may be a password
        raise UsageError(
            "the router's address holds a password",
            hint="leave it out: a key, or a password asked for, is safe from `ps`",
        )
    if found and scheme.lower() != "ssh":
        raise _nonsense(text, f"{shown(scheme)}:// is not a way to reach a router")
    if at and not _USER.match(user):
        raise _nonsense(text, f"{shown(user)!r} is not a user name")
    host, port = _parse_where(where, text)
    return Target(Kind.SSH, user=user if at else "root", host=host, port=port)


def _parse_where(where: str, text: str) -> tuple[str, int]:
    if where.startswith("["):
        host, closed, tail = where[1:].partition("]")
        if not closed or not _IPV6.match(host):
            raise _nonsense(text, "between the brackets belongs an IPv6 address")
        if tail and not tail.startswith(":"):
            raise _nonsense(text, "after the brackets only :port may follow")
        return host, _parse_port(tail[1:], text) if tail else SSH_PORT
    if where.count(":") > 1:
        raise _nonsense(text, "an IPv6 address stands in brackets, as in [fe80::1%eth0]:22")
    host, colon, port = where.partition(":")
    if not _HOST.match(host):
        raise _nonsense(text, f"{shown(host)!r} is not a host name or address")
    return host, _parse_port(port, text) if colon else SSH_PORT


def _parse_port(port: str, text: str) -> int:
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise _nonsense(text, f"{shown(port)!r} is not a port from 1 to 65535")
    return int(port)


def _rest(text: str, what: str) -> str:
    rest = text.partition(":")[2]
    if not rest or "\0" in rest:
        raise _nonsense(text, f"{what} is missing")
    return rest


def _nonsense(text: str, problem: str) -> UsageError:
    return UsageError(f"router {shown(text)!r}: {problem}", hint=f"a router is {SHAPES}")
