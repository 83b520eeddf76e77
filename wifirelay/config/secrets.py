# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a configuration's secrets come from, and what a Wi-Fi key may be.

A secret stands in the configuration itself, in a file of its own, or in a variable of the
environment that we were started with. Nothing here ever puts one into an error.
"""

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass

from wifirelay.config.fields import Fields, control_characters, kind
from wifirelay.config.writing import Style
from wifirelay.core.known import Wanted
from wifirelay.errors import ConfigError
from wifirelay.values import Secret, shown

FILE = "file"
ENV = "env"

_LARGEST = 4096  # bytes of a secret's file: more is some other file
_HEX_PSK = re.compile(r"[0-9A-Fa-f]{64}\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Obtained:
    """A secret, and what the owner should know about the place where it was."""

    secret: Secret
    warning: str = ""


ReadSecret = Callable[[str, str], Obtained]
"""Reads a secret by its kind of place (`FILE`, `ENV`) and its path or variable.

Raises ConfigError with the bare problem and the hint: the caller knows the key's path."""


def read_secret(place: str, name: str) -> Obtained:
    """From this machine's files and this process's environment."""
    return _from_file(name) if place == FILE else _from_environment(name)


def unread(place: str, name: str) -> Obtained:  # noqa: ARG001
    """Stands for a secret that nobody needs to see: to edit a file that names it."""
    return Obtained(Secret("not read"))


def _from_file(path: str) -> Obtained:
    at = shown(path)
    try:
        # O_NONBLOCK: a named pipe must not hang us before we see that it is none of ours
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise ConfigError(f"{at} is not a regular file", hint="name a file with the secret")
            content = os.read(file, _LARGEST + 1)
        finally:
            os.close(file)
    except ConfigError:
        raise
    except FileNotFoundError:
        raise ConfigError(
            f"there is no file {at}",
            hint="write the secret into it, mode 0600, or correct the path",
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its path is not possible"
        raise ConfigError(f"{at} cannot be read: {why}", hint="make it readable for you") from None
    if len(content) > _LARGEST:
        raise ConfigError(
            f"{at} has more than {_LARGEST} bytes", hint="the file must hold the secret alone"
        )
    content = content.removesuffix(b"\n").removesuffix(b"\r")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{at} is not UTF-8 text", hint="save it as UTF-8") from None
    if not text:
        raise ConfigError(f"{at} is empty", hint="write the secret into it")
    mode = stat.S_IMODE(status.st_mode)
    warning = f"{at} is open to others (mode {mode:04o}): chmod 600 {at}" if mode & 0o077 else ""
    return Obtained(Secret(text), warning)


def _from_environment(name: str) -> Obtained:
    # Somebody may have written the secret itself here: only what looks like a variable is shown.
    if not _VARIABLE.match(name):
        raise ConfigError(
            "is not the name of an environment variable", hint="a name such as HOME_KEY"
        )
    known = f"the environment variable {name}" if name == name.upper() else "this variable"
    text = os.environ.get(name)
    if not text:
        raise ConfigError(
            f"{known} is {'not set' if text is None else 'empty'}",
            hint="set it where wifirelay is started, or use a file for the secret",
        )
    return Obtained(Secret(text))


def read(
    fields: Fields,
    key: str,
    reader: ReadSecret,
    warnings: list[str],
    *,
    inline: bool = True,
) -> Secret | None:
    """The secret that one of `key`, `key_file`, `key_env` gives; None when none is there.

    Relative paths start at the configuration's own directory.
    """
    keys = [key + ending for ending in fields.style.endings if ending or inline]
    written = ", ".join(map(fields.name, keys))
    present = [name for name in keys if fields.has(name)]
    if len(present) > 1:
        beside = fields.name(present[0])
        raise fields.error(present[1], f"stands beside {beside}", f"keep one of {written}")
    if not present:
        return None
    name = present[0]
    if name == key:
        value = fields.raw(key)
        if not isinstance(value, str):
            raise fields.error(
                key, f"is {kind(value)}, not text", f"{fields.style.as_text}: {fields.written(key)}"
            )
        secret = Secret(value)
    else:
        secret = _outside(fields, name, reader, warnings)
    text = secret.reveal()
    if not text:
        raise fields.error(name, "is empty", f"give one of {written} a value")
    if control_characters(text):
        raise fields.error(
            name,
            "the secret holds a line break or another control character",
            "routers cannot store it: take it out",
        )
    return secret


def _outside(fields: Fields, name: str, reader: ReadSecret, warnings: list[str]) -> Secret:
    is_file = name.endswith("_file")
    named = (path(fields, name) if is_file else fields.line(name)) or ""
    try:
        obtained = reader(FILE if is_file else ENV, named)
    except ConfigError as error:
        raise fields.error(name, error.message, error.hint) from None
    if obtained.warning:
        warnings.append(f"{fields.path(name)}: {obtained.warning}")
    return obtained.secret


def path(fields: Fields, key: str) -> str | None:
    """A path of the configuration: `~` expanded, relative ones below its directory."""
    text, base = fields.line(key), fields.place.folder
    if text is None:
        return None
    if base is not None:
        return os.path.join(base, os.path.expanduser(text))
    if not text.startswith("/"):
        raise fields.error(key, "is not an absolute path", "write the full path of the file")
    return text


def key_problem(key: Secret, security: Wanted, style: Style) -> tuple[str, str] | None:
    """Why this cannot be the key of a network with such security: problem and hint, or None.

    IEEE 802.11-2020, J.4.1: a passphrase has 8 to 63 characters; 64 hexadecimal digits are the
    PSK itself. The standard's characters are ASCII 32 to 126, but UTF-8 is in use and is
    counted in bytes. An SAE password (12.4.3) may have any length.
    """
    text = key.reveal()
    count = len(text.encode("utf-8", "surrogateescape"))
    if security is Wanted.SAE or 8 <= count <= 63 or _HEX_PSK.match(text):
        return None
    number = f"{count} characters" if count == len(text) else f"{count} bytes of UTF-8"
    if count == len(text) == 64:
        return (
            "the key has 64 characters that are not all hexadecimal digits",
            "a passphrase has 8 to 63 characters; 64 hexadecimal digits are a PSK",
        )
    only = style.one("security", "sae")
    sae = f"; only WPA3 takes shorter or longer ones, with `{only}`"
    return f"the key has {number}", f"a passphrase has 8 to 63 characters{sae}"
