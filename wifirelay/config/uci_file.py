# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration as OpenWrt's own: the UCI package `wifirelay`, on the router.

Reads the effective package (the file with root's staged edits merged in) into the one model, with
the model's own errors: each names the path as `uci` writes it. Knows which sections there are;
their options are the model's. Never writes, and never shows a line of the file.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace

from wifirelay.config.fields import Fields, near, problem
from wifirelay.config.model import (
    OPEN_KEYS,
    RELAY_KEYS,
    VPN_KEYS,
    Settings,
    check_apart,
    hooks_among,
    relay_from,
    with_open,
    with_vpn,
)
from wifirelay.config.network import network_from
from wifirelay.config.secrets import FILE, Obtained, ReadSecret, read_secret, unread
from wifirelay.config.writing import UCI, Place
from wifirelay.core.known import KnownNetwork
from wifirelay.errors import ConfigError
from wifirelay.rooted import rooted
from wifirelay.router.config import package
from wifirelay.transport.base import Command, Transport
from wifirelay.uci.edits import is_secret
from wifirelay.uci.model import Package, Section
from wifirelay.values import Ssid, shown

PACKAGE = "wifirelay"
PATH = f"/etc/config/{PACKAGE}"
MAIN, NETWORK = "main", "network"  # the one section of type `wifirelay`; the type of a network
HOOK = "hook"  # the type of a hook
KINDS = (PACKAGE, NETWORK, HOOK)
MAIN_OPTIONS = (
    *("enabled", "led", *RELAY_KEYS),
    *(f"open_{key}" for key in OPEN_KEYS),
    *(f"vpn_{key}" for key in VPN_KEYS),
)

_PARSE_ERROR = re.compile(r"\(([^()\n]{1,100})\) at line ([0-9]+), byte ([0-9]+)")
_ABSENT = "Entry not found"


def load_uci(transport: Transport, *, here: bool = True) -> Settings:
    """The settings of a router. Without the package: those that hold without any file.

    `here`: it is the router that we run on, so that secrets in files can be read, and the mode
    of the package's own file. Raises ConfigError, and RouterAnswer when the router cannot tell.
    """
    found = read_package(transport)
    if found is None:
        return Settings(source=PATH, enabled=False)
    settings = settings_from(found, read_here if here else unread)
    mode = _mode() if here and _holds_secrets(found) else 0
    if mode & 0o077:
        warning = f"{PATH} holds secrets and is open to others (mode {mode:04o}): chmod 600 {PATH}"
        settings = replace(settings, warnings=(warning, *settings.warnings))
    return settings


def read_package(transport: Transport) -> Package | None:
    """The effective package; None when there is none. Raises ConfigError, RouterAnswer.

    rpcd says only that it found nothing, or that it failed: `uci` itself tells why.
    """
    fact = package(PACKAGE)
    completed = transport.run(fact.command)
    if completed.rc == 0:
        return fact.parse(completed)
    said = transport.run(Command(("uci", "show", PACKAGE)))
    if said.rc != 0 and _ABSENT in said.errors:
        return None
    if (wrong := _PARSE_ERROR.search(said.errors)) is not None:
        what, line, byte = wrong.groups()
        raise ConfigError(
            f"{PATH}:{line}:{byte}: {shown(what)}",
            hint="check the quotes near there: option name 'value', each on a line of its own",
        )
    if said.rc == 127:
        raise ConfigError(
            f"{PATH} is read with OpenWrt's `uci`, which is not on this machine",
            hint="name a YAML file with --config",
        )
    return fact.parse(completed)  # raises


def read_here(place: str, name: str) -> Obtained:
    """A secret out of a file of this router."""
    return read_secret(place, rooted(name) if place == FILE else name)


def settings_from(found: Package, reader: ReadSecret = read_here) -> Settings:
    """The model of a package. Raises ConfigError at the first thing that is wrong."""
    main = Settings(source=PATH, enabled=False)
    warnings: list[str] = []
    networks: list[tuple[Place, KnownNetwork]] = []
    off: set[Ssid] = set()
    hooks: list[tuple[Place, object]] | None = None
    for section, place in placed(found):
        if section.kind == PACKAGE:
            main = _main(section, place)
            continue
        if section.kind == HOOK:
            hooks = [*(hooks or ()), (place, dict(section.options))]
            continue
        network = network_from(dict(section.options), place, reader, warnings)
        networks.append((place, network))
        if not _in_use(section, place):
            off.add(network.ssid)
    check_apart(networks, "section")
    relay = main.relay
    if relay.allowed is not None:
        relay = replace(relay, allowed=replace(relay.allowed, off=frozenset(off)))
    return replace(
        main,
        relay=relay,
        networks=tuple(each for _, each in networks if each.ssid not in off),
        off=tuple(each.ssid for _, each in networks if each.ssid in off),
        hooks=hooks_among(hooks, PATH, reader, warnings),
        warnings=tuple(warnings),
    )


def placed(found: Package) -> Iterator[tuple[Section, Place]]:
    """Each section with its place. Raises ConfigError for one that means nothing here."""
    count: dict[str, int] = {}
    for section in found:
        number = count.get(section.kind, 0)
        count[section.kind] = number + 1
        name = f"@{section.kind}[{number}]" if section.anonymous else section.name
        place = Place(PATH, f"{PACKAGE}.{shown(name)}", UCI)
        if section.kind not in KINDS:
            meant = near(section.kind, KINDS)
            hint = f"the types here are {', '.join(KINDS)}"
            raise problem(
                PATH,
                place.path,
                f"{shown(section.kind)} is not a known type of section",
                f"did you mean `{meant}`? {hint}" if meant else hint,
            )
        if (section.kind == PACKAGE) != (section.name == MAIN):
            raise _misnamed(section, place)
        yield section, place


def _misnamed(section: Section, place: Place) -> ConfigError:
    if section.kind != PACKAGE:
        text = f"{MAIN} is the name of the section of type {PACKAGE}"
        return problem(PATH, place.path, text, f"give this {section.kind} another name")
    text = f"the one section of type {PACKAGE} is named {MAIN}"
    return problem(PATH, place.path, text, f"write its options under: config {PACKAGE} '{MAIN}'")


def _main(section: Section, place: Place) -> Settings:
    fields = Fields(dict(section.options), place, MAIN_OPTIONS)
    led = fields.line("led")
    if led is not None and ("/" in led or led.startswith(".")):
        raise fields.error(
            "led", f"{shown(led)!r} cannot be a LED's name", "one of `ls /sys/class/leds`"
        )
    relay = with_vpn(fields, with_open(fields, relay_from(fields)))
    return Settings(relay=relay, source=PATH, enabled=fields.truth("enabled"), led=led)


def _in_use(section: Section, place: Place) -> bool:
    """Whether a network is to be used: without `enabled` it is."""
    said = {name: value for name, value in section.options.items() if name == "enabled"}
    return Fields(said, place, ("enabled",)).truth("enabled", default=True)


def ssid_of(section: Section) -> Ssid | None:
    """The SSID of a network's section, whatever else is wrong with it."""
    digits, text = section.options.get("ssid_hex"), section.options.get("ssid")
    try:
        if isinstance(digits, str):
            return Ssid(bytes.fromhex(digits))
        return Ssid.of(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _holds_secrets(found: Iterable[Section]) -> bool:
    options = (option for section in found for option in section.options)
    return any(is_secret(option) or option == "url" for option in options)


def _mode() -> int:
    try:
        return stat.S_IMODE(os.stat(rooted(PATH)).st_mode)
    except OSError:
        return 0
