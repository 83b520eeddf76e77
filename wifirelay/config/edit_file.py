# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks and routers in the owner's YAML file: adding, removing, preferring, and nothing else.

Comments, order and form of all the rest stay. What is written is first parsed again: it must
mean the old data with exactly that change, and be a configuration without error; else the file
is left as it was. Written whole or not at all, mode 0600.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wifirelay.config.entry import Put, entry_of, planned, with_limits_of
from wifirelay.config.fields import near
from wifirelay.config.model import from_mapping
from wifirelay.config.secrets import unread
from wifirelay.config.yaml_file import parse, read_text
from wifirelay.config.yaml_outline import outline
from wifirelay.config.yaml_priority import with_priority
from wifirelay.config.yaml_routers import with_router, without_router
from wifirelay.config.yaml_text import with_entries, without_entry
from wifirelay.core.known import KnownNetwork
from wifirelay.errors import ConfigError
from wifirelay.values import Ssid, shown


def add_network(path: str, entry: Mapping[str, object]) -> None:
    """Put a network at the end of the list; file and directory are made where there are none.

    `entry` has the configuration's own keys (`ssid` or `ssid_hex`, `key`, `bssid`, ...).
    """
    added = _portable(entry)
    ssid = _ssid(added)
    with _changing(path) as target:
        text = read_text(path)[0] if os.path.lexists(target) else ""
        data = _mapping(parse(text, path), path)
        networks = _listed(data, path)
        for index, item in enumerate(networks):
            if ssid is not None and _ssid(item) == ssid:
                raise ConfigError(
                    f"{shown(path)}: networks[{index}]: {ssid} is already there",
                    hint="edit that entry, or remove it first: wifirelay networks remove SSID",
                )
        _replace(target, _with(text, data, [added], path))


def put_networks(
    path: str, networks: Sequence[KnownNetwork], *, replacing: bool = False, dry: bool = False
) -> tuple[Put, ...]:
    """Put several in, all of them or none; what becomes of each.

    One whose SSID is there stays as it is; with `replacing` it is taken out, and the new one goes
    to the list's end. `dry`: nothing is written.
    """
    with contextlib.nullcontext(path) if dry else _changing(path) as target:
        text = read_text(path)[0] if os.path.lexists(target) else ""
        data = _mapping(parse(text, path), path)
        there = {each.ssid: each for each in from_mapping(data, path, unread).networks}
        outcomes = planned(networks, there, replacing=replacing)
        for network, outcome in zip(networks, outcomes, strict=True):
            if outcome is Put.REPLACED:
                text, data = _without(text, data, network.ssid, path)
        new = [
            entry_of(with_limits_of(network, there.get(network.ssid)))
            for network, outcome in zip(networks, outcomes, strict=True)
            if outcome.writes
        ]
        if new:
            text = _with(text, data, new, path)
            if not dry:
                _replace(target, text)
    return outcomes


def remove_network(path: str, ssid: Ssid) -> None:
    """Take a network out of the list."""
    read_text(path)  # where there is nothing, no directory is made either
    with _changing(path) as target:
        text, _mode = read_text(path)
        data = _mapping(parse(text, path), path)
        _replace(target, _without(text, data, ssid, path)[0])


def set_priority(path: str, ssid: Ssid, priority: int) -> None:
    """Give one network of the list this priority, and change nothing else."""
    read_text(path)
    with _changing(path) as target:
        text, _mode = read_text(path)
        data = _mapping(parse(text, path), path)
        networks = _listed(data, path)
        index = _index(networks, ssid, path)
        before = networks[index]
        if not isinstance(before, dict):  # it has an SSID, so it is one
            raise _by_hand(path)
        changed = {**before, "priority": priority}
        wanted = {**data, "networks": [*networks[:index], changed, *networks[index + 1 :]]}
        from_mapping(wanted, path, unread)
        if repr(before.get("priority", 0)) == str(priority):
            return
        at = outline(text)
        for new in with_priority(text, at, index, priority) if at is not None else ():
            if _means(new, wanted, path):
                _replace(target, new)
                return
    raise _by_hand(path)


def add_router(path: str, name: str, entry: Mapping[str, object]) -> None:
    """Put a router at the end of the inventory; file and directory are made where there are none.

    `entry` has the configuration's own keys (`router`, `groups`).
    """
    with _changing(path) as target:
        text = read_text(path)[0] if os.path.lexists(target) else ""
        data = _mapping(parse(text, path), path)
        routers = _inventory(data, path)
        if name in routers:
            raise ConfigError(
                f"{shown(path)}: routers.{name} is already there",
                hint="edit that entry, or remove it first: wifirelay routers remove NAME",
            )
        wanted = {**data, "routers": {**routers, name: dict(entry)}}
        from_mapping(wanted, path, unread)
        _replace(target, _proved(with_router(text, name, entry), wanted, path))


def remove_router(path: str, name: str) -> None:
    """Take a router out of the inventory."""
    read_text(path)
    with _changing(path) as target:
        text, _mode = read_text(path)
        data = _mapping(parse(text, path), path)
        routers = _inventory(data, path)
        if name not in routers:
            meant = near(name, [each for each in routers if isinstance(each, str)])
            raise ConfigError(
                f"{shown(path)}: there is no router {shown(name)}",
                hint=f"did you mean {meant}?" if meant else "`wifirelay routers` lists them",
            )
        rest = {each: value for each, value in routers.items() if each != name}
        wanted = {**data, "routers": rest}
        _replace(target, _proved(without_router(text, name), wanted, path))


def _inventory(data: dict[object, object], path: str) -> dict[object, object]:
    routers = data.get("routers")
    if routers is None:
        return {}
    if not isinstance(routers, dict):
        from_mapping(data, path, unread)
        raise _by_hand(path)
    return routers


def _proved(texts: Iterable[str], wanted: dict[object, object], path: str) -> str:
    """The first text that means just that."""
    for new in texts:
        if _means(new, wanted, path):
            return new
    raise _by_hand(path)


def _with(text: str, data: dict[object, object], added: list[dict[str, object]], path: str) -> str:
    """The text with these networks more, proved to mean just that."""
    wanted = {**data, "networks": [*_listed(data, path), *added]}
    from_mapping(wanted, path, unread)
    at = outline(text)
    for new in with_entries(text, at, added) if at is not None else ():
        if _means(new, wanted, path):
            return new
    raise _by_hand(path)


def _without(
    text: str, data: dict[object, object], ssid: Ssid, path: str
) -> tuple[str, dict[object, object]]:
    """The text with this network less, and the data that it was proved to mean."""
    networks = _listed(data, path)
    index = _index(networks, ssid, path)
    wanted = {**data, "networks": networks[:index] + networks[index + 1 :]}
    from_mapping(wanted, path, unread)
    at = outline(text)
    new = without_entry(text, at, index) if at is not None else None
    if new is None or not _means(new, wanted, path):
        raise _by_hand(path)
    return new, wanted


def _portable(entry: Mapping[str, object]) -> dict[str, object]:
    """An entry that YAML can hold: an SSID that is not UTF-8 becomes `ssid_hex`."""
    text = entry.get("ssid")
    try:
        if isinstance(text, str):
            text.encode("utf-8")
    except UnicodeEncodeError:
        ssid = _ssid(entry)
        if ssid is not None:
            rest = {name: value for name, value in entry.items() if name != "ssid"}
            return {"ssid_hex": ssid.hex, **rest}
    return dict(entry)


def _ssid(item: object) -> Ssid | None:
    if isinstance(item, Mapping):
        text, digits = item.get("ssid"), item.get("ssid_hex")
        with contextlib.suppress(ValueError):
            if isinstance(text, str):
                return Ssid.of(text)
            if isinstance(digits, str):
                return Ssid(bytes.fromhex(digits))
    return None


def _index(networks: list[object], ssid: Ssid, path: str) -> int:
    names = [_ssid(item) for item in networks]
    if ssid in names:
        return names.index(ssid)
    known = [str(name) for name in names if name is not None]
    meant = near(str(ssid), known)
    if meant:
        hint = f"did you mean {meant}?"
    else:
        hint = "`wifirelay networks list` shows them" if known else "no network is there at all"
    raise ConfigError(f"{shown(path)}: there is no network {ssid}", hint=hint)


def _mapping(data: object, path: str) -> dict[object, object]:
    if data is None:
        return {}
    if not isinstance(data, dict):
        from_mapping(data, path, unread)  # says what is wrong with it
        raise _by_hand(path)
    return data


def _listed(data: dict[object, object], path: str) -> list[object]:
    networks = data.get("networks")
    if networks is None:
        return []
    if not isinstance(networks, list):
        from_mapping(data, path, unread)
        raise _by_hand(path)
    return networks


def _means(text: str, wanted: dict[object, object], path: str) -> bool:
    """Whether a text means exactly the wanted data, the types of numbers included."""
    try:
        data = parse(text, path)
    except ConfigError:
        return False
    for name, empty in (("networks", []), ("routers", {})):
        if isinstance(data, dict) and data.get(name, ...) is None and wanted.get(name) == empty:
            data[name] = empty
    return repr(data) == repr(wanted)


def _by_hand(path: str) -> ConfigError:
    return ConfigError(
        f"{shown(path)}: cannot be changed without touching other parts of it",
        hint="it was left as it is: change it by hand in an editor",
    )


@contextlib.contextmanager
def _changing(path: str) -> Iterator[str]:
    """The real file behind a path (which may be a link), for us alone while it is changed."""
    try:
        target = os.path.realpath(path)
        _make_directory(os.path.dirname(target))
        directory = os.open(os.path.dirname(target), os.O_RDONLY | os.O_DIRECTORY)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    try:
        with contextlib.suppress(OSError):  # not every file system has locks
            fcntl.flock(directory, fcntl.LOCK_EX)
        try:
            yield target
            os.fsync(directory)
        except OSError as error:
            raise _unwritable(path, error) from None
    finally:
        os.close(directory)


def _make_directory(path: str) -> None:
    if not os.path.isdir(path):
        _make_directory(os.path.dirname(path))
        os.mkdir(path, 0o700)


def _unwritable(path: str, error: Exception) -> ConfigError:
    why = getattr(error, "strerror", None) or "its path is not possible"
    return ConfigError(
        f"{shown(path)} cannot be written: {why}",
        hint="name a file that you may write with --config",
    )


def _replace(target: str, text: str) -> None:
    file, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".config-")  # 0600
    try:
        with open(file, "wb") as stream:
            with contextlib.suppress(FileNotFoundError, PermissionError):
                before = os.stat(target)
                if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(file, before.st_uid, before.st_gid)  # under sudo it stays the owner's
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(file)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
