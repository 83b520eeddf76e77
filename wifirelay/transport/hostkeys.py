# SPDX-License-Identifier: GPL-2.0-or-later
"""Host keys: reading and writing known_hosts files, and asking a router for its key.

The format is OpenSSH's (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). wifirelay writes its own
file only, and reads the user's as well. Nothing is ever stored without being asked to.
"""

import base64
import fcntl
import fnmatch
import hashlib
import hmac
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from wifirelay.errors import ConfigError, HostKeyRefused

OWN_FILE = "~/.config/wifirelay/known_hosts"
USER_FILE = "~/.ssh/known_hosts"
SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public host key: its type (`ssh-ed25519`) and its bytes on the wire."""

    kind: str
    blob: bytes

    @classmethod
    def of_line(cls, text: str) -> "HostKey":
        """From `type base64 [comment]`, as a public key file has it; else ValueError."""
        words = text.split()
        if len(words) < 2:
            raise ValueError("not a public key")
        return cls(words[0], base64.b64decode(words[1], validate=True))

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` and OpenSSH's question print it."""
        digest = hashlib.sha256(self.blob).digest()
        return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")

    def line(self, host: str, port: int) -> str:
        """The line of a known_hosts file, without its end."""
        text = base64.b64encode(self.blob).decode("ascii")
        return f"{name_of(host, port)} {self.kind} {text}"


@dataclass(frozen=True, slots=True)
class Stored:
    """What known_hosts files say about one host."""

    keys: tuple[HostKey, ...] = ()
    revoked: tuple[HostKey, ...] = ()


def name_of(host: str, port: int) -> str:
    """How known_hosts names a host: bare on port 22, else `[host]:port`."""
    host = host.lower()
    return host if port == SSH_PORT else f"[{host}]:{port}"


def stored(host: str, port: int, paths: Iterable[str] = (OWN_FILE, USER_FILE)) -> Stored:
    """What these files say about this host. A file that is not there says nothing.

    The keys are those of the first file that has any: one that was replaced in wifirelay's own
    must not go on counting in the user's. What is revoked is so in all of them.
    """
    name = name_of(host, port)
    keys: list[HostKey] = []
    revoked: list[HostKey] = []
    for path in paths:
        found: list[HostKey] = []
        for line in _lines(path):
            entry = _parse(line)
            if entry is not None and _matches(entry.names, name):
                (revoked if entry.marker == "@revoked" else found).append(entry.key)
        keys = keys or found
    return Stored(tuple(keys), tuple(revoked))


def check(key: HostKey, known: Stored, host: str, port: int) -> None:
    """Raises HostKeyRefused unless this very key is stored, and not revoked."""
    name = name_of(host, port)
    trust = trust_command(host, port)
    if key in known.revoked:
        raise HostKeyRefused(
            f"{name} shows a host key that is marked as revoked: {key.fingerprint}",
            hint="do not log in: find out who answers at this address",
        )
    if key in known.keys:
        return
    if not known.keys:
        raise HostKeyRefused(
            f"the host key of {name} is unknown: {key.kind} {key.fingerprint}",
            hint=f"run `{trust}` to look at it and store it",
        )
    raise HostKeyRefused(
        f"the host key of {name} has changed: {key.kind} {key.fingerprint}, "
        f"stored is {', '.join(stored.fingerprint for stored in known.keys)}",
        hint="either the router was reset or flashed anew, or somebody else answers in its "
        f"place and wants your login; only if you know it was reset, run `{trust} --replace`",
    )


def trust_command(host: str, port: int) -> str:
    """What to type to store this host's key."""
    where = f"[{host}]" if ":" in host else host
    return f"wifirelay trust {where}" + ("" if port == SSH_PORT else f":{port}")


def store(host: str, port: int, key: HostKey, path: str = OWN_FILE, *, replace: bool) -> bool:
    """Store a key in wifirelay's own file; whether the file changed.

    Raises HostKeyRefused when another key is stored there and `replace` is not set.
    """
    path = os.path.expanduser(path)
    name = name_of(host, port)
    with _changing(path):
        known = stored(host, port, [path])
        if known.keys == (key,) and key not in known.revoked:
            return False
        if (known.keys or known.revoked) and not replace:
            check(key, Stored(tuple(k for k in known.keys if k != key), known.revoked), host, port)
        kept = [text for line in _lines(path) if (text := _without(line, name)) is not None]
        _write(path, [*kept, key.line(host, port)])
    return True


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of a known_hosts file."""

    marker: str
    names: str
    key: HostKey


def _parse(line: str) -> _Entry | None:
    """One line; None for comments, certificate authorities and what is not understood."""
    words = line.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#") or marker not in ("", "@revoked"):
        return None
    try:
        return _Entry(marker, words[0], HostKey.of_line(" ".join(words[1:3])))
    except ValueError:
        return None


def _matches(names: str, name: str) -> bool:
    """Whether a known_hosts name field (hashed, or patterns with `*`, `?`, `!`) means `name`."""
    if names.startswith("|1|"):
        return _hashed_matches(names, name)
    found = False
    for pattern in names.lower().split(","):
        # OpenSSH's patterns know no [sets]: brackets belong to [host]:port
        glob = pattern.removeprefix("!").replace("[", "[[]")
        if fnmatch.fnmatchcase(name, glob):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _hashed_matches(names: str, name: str) -> bool:
    """`|1|salt|hash`: HMAC-SHA1 of the name, keyed with the salt, both in base64."""
    try:
        _, _, salt, digest = names.split("|")
        key, wanted = base64.b64decode(salt), base64.b64decode(digest)
    except ValueError:
        return False
    return hmac.compare_digest(hmac.digest(key, name.encode("utf-8"), "sha1"), wanted)


def _without(line: str, name: str) -> str | None:
    """The line without this host; None when nothing of it is left. A pattern that means others
    too stays for them."""
    entry = _parse(line)
    if entry is None or not _matches(entry.names, name):
        return line
    rest = [other for other in entry.names.split(",") if other.lower() != name]
    if entry.names.startswith("|1|") or all(other.startswith("!") for other in rest):
        return None
    names = ",".join(rest)
    if _matches(names, name):
        names += f",!{name}"
    begin, marker, end = line.partition(entry.marker) if entry.marker else ("", "", line)
    return begin + marker + end.replace(entry.names, names, 1)


def _lines(path: str) -> list[str]:
    try:
        with open(os.path.expanduser(path), encoding="utf-8", errors="surrogateescape") as file:
            return file.read().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ConfigError(
            f"cannot read the known host keys in {path}: {error.strerror}",
            hint="make it a file that you can read",
        ) from error


@contextmanager
def _changing(path: str) -> Iterator[None]:
    """For us alone: what two store at once, for two routers, is both there afterwards."""
    folder = os.path.dirname(path) or "."
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with suppress(OSError):  # not every file system has locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _unwritable(path: str, error: OSError) -> ConfigError:
    return ConfigError(
        f"cannot write the known host keys to {path}: {error.strerror}",
        hint="make the folder one that you can write to",
    )


def _write(path: str, lines: Iterable[str]) -> None:
    """Atomically, mode 0600 (tempfile's own)."""
    folder = os.path.dirname(path) or "."
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".known_hosts.", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(line + "\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
        raise _unwritable(path, error) from error
