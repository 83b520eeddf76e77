# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay networks import SOURCE...`: reads other programs' files, and adds their networks.

Files and standard input are read here; what they mean is known in `imports`. They hold keys: no
line of them is ever shown.
"""

import argparse
import contextlib
import os
import shlex
import stat
import sys
from collections.abc import Iterator

from wifirelay.change.configure import configure
from wifirelay.cli.context import Context, Result
from wifirelay.cli.networks import package_there
from wifirelay.config.entry import Put, planned, with_limits_of
from wifirelay.config.secrets import unread
from wifirelay.config.uci_file import PATH, settings_from
from wifirelay.config.uci_text import networks_there, uci_edits
from wifirelay.core.known import KnownNetwork
from wifirelay.errors import ConfigError, UsageError
from wifirelay.imports.kinds import Imported, Kind, Source, read, recognised
from wifirelay.transport.base import Transport
from wifirelay.values import shown
from wifirelay.view.imported import Row, import_lines, import_object

LARGEST = 1024 * 1024  # bytes of a source: more is some other file
REASONS = 5  # of one error
STDIN = "-"


def run(context: Context, args: argparse.Namespace) -> Result:
    kind = Kind(args.kind) if args.kind is not None else None
    imported = read(_sources(args.sources, kind), kind, disabled=args.disabled)
    networks = [network for _, network in imported.networks]
    if not networks:
        raise _nothing(imported)
    if context.uci:
        file = PATH
        outcomes = _into_router(
            context.router_itself(), networks, replacing=args.replace, dry=args.dry_run
        )
    else:
        from wifirelay.config.edit_file import put_networks  # a router has no YAML to edit

        file = context.config_path
        outcomes = put_networks(file, networks, replacing=args.replace, dry=args.dry_run)
    rows = [
        Row(source, outcome.value, network)
        for (source, network), outcome in zip(imported.networks, outcomes, strict=True)
    ]
    said = (file, rows, imported.left_out, imported.remarks)
    return Result(
        import_object(*said, dry=args.dry_run),
        import_lines(*said, dry=args.dry_run, replacing=args.replace),
    )


def _into_router(
    transport: Transport, networks: list[KnownNetwork], *, replacing: bool, dry: bool
) -> tuple[Put, ...]:
    """The same in the router's own configuration, by UCI; its service is told."""
    seen, there = package_there(transport)
    settings_from(there, unread)  # nothing is written beside something that is wrong
    before = networks_there(there)
    outcomes = planned(networks, before, replacing=replacing)
    new = [
        with_limits_of(network, before.get(network.ssid))
        for network, outcome in zip(networks, outcomes, strict=True)
        if outcome.writes
    ]
    if new and not dry:
        configure(transport, uci_edits(new, there), seen)
    return outcomes


def _nothing(imported: Imported) -> ConfigError:
    """Why there is no network to add."""
    if not imported.left_out:
        return ConfigError(
            "there is no network in there",
            hint="give a file with networks: of travelmate, NetworkManager, wpa_supplicant, or a "
            "WIFI: text",
        )
    reasons = [f"{shown(name)}: {reason}" for _, name, reason in imported.left_out[:REASONS]]
    more = len(imported.left_out) - len(reasons)
    reasons += [f"and {more} more"] if more else []
    return ConfigError(
        f"no network is taken: {'; '.join(reasons)}",
        hint="`wifirelay networks add` adds one by hand",
    )


# --- reading ---


def _sources(names: list[str], kind: Kind | None) -> list[Source]:
    """The texts of all sources, each once. Raises ConfigError for what cannot be read."""
    found: dict[str, Source] = {}
    for name in names:
        if name == STDIN:
            found.setdefault(name, Source("standard input", _text("standard input", _stdin())))
        elif os.path.isdir(name):
            for source in _folder(name, kind):
                found.setdefault(source.where, source)
        else:
            found.setdefault(name, Source(name, _text(name, _file(name))))
    return list(found.values())


def _folder(name: str, kind: Kind | None) -> Iterator[Source]:
    """The files of a folder that are of a known kind, by name; not those in its folders."""
    try:
        entries = sorted(os.listdir(name))
    except OSError as error:
        raise _unreadable(name, error) from None
    count = 0
    for entry in entries:
        path = os.path.join(name, entry)
        if entry.startswith(".") or entry.endswith("~") or not os.path.isfile(path):
            continue
        with contextlib.suppress(_NoText):
            text = _text(path, _file(path))
            its = recognised(text)
            if its is not None and kind in (None, its):
                count += 1
                yield Source(path, text)
    if not count:
        raise ConfigError(
            f"{shown(name)}: has no file in a format that is known",
            hint="such folders are /etc/NetworkManager/system-connections and /etc/config",
        )


class _NoText(ConfigError):
    """A file that is something else than text: among others in a folder it is passed over."""


def _file(path: str) -> bytes:
    try:
        # O_NONBLOCK: a named pipe must not hang us before we see what it is
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise ConfigError(
                    f"{shown(path)}: is not a regular file", hint="use - for standard input"
                )
            content = b""
            while len(content) <= LARGEST and (piece := os.read(file, LARGEST + 1)):
                content += piece
            return content
        finally:
            os.close(file)
    except (OSError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise _unreadable(path, error) from None


def _stdin() -> bytes:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError(
            "standard input is a terminal, where a key would be seen",
            hint="send a file there: sudo cat FILE | wifirelay networks import -",
        )
    return sys.stdin.buffer.read(LARGEST + 1)


def _text(where: str, content: bytes) -> str:
    if len(content) > LARGEST:
        raise _NoText(
            f"{shown(where)}: has more than {LARGEST} bytes", hint="name a file with networks"
        )
    if b"\0" in content:
        raise _NoText(f"{shown(where)}: is not text", hint="name a file with networks")
    return content.decode("utf-8", "surrogateescape")


def _unreadable(path: str, error: Exception) -> ConfigError:
    at = shown(path)
    if isinstance(error, PermissionError):
        # A file's name may be a network's, which a stranger chose: it goes into a shell quoted.
        all_in_it = "sh -c 'cat \"$1\"/*' -" if os.path.isdir(path) else "cat"
        read_it = f"sudo {all_in_it} {shlex.quote(at)}"
        return ConfigError(
            f"{at} cannot be read: only its owner may",
            hint=f"{read_it} | wifirelay networks import -",
        )
    if isinstance(error, FileNotFoundError):
        return ConfigError(f"there is no file {at}", hint="correct the path")
    why = getattr(error, "strerror", None) or "its path is not possible"
    return ConfigError(f"{at} cannot be read: {why}", hint="name a file that you may read")
