# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration: one model, whichever reader (YAML, UCI) parsed the text.

Takes plain mappings, lists and scalars and makes `Settings` of them, or one ConfigError. What
both kinds of file have is read here for both; the shape of a whole file is YAML's, and UCI's is
in uci_file.py. Knows nothing of parsing or terminals, and needs python3-light only.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wifirelay.config import secrets
from wifirelay.config.fields import Fields, kind, problem
from wifirelay.config.network import network_from
from wifirelay.config.secrets import ReadSecret, read_secret
from wifirelay.config.writing import Place
from wifirelay.core.feeds import CLAT, is_made, is_own
from wifirelay.core.known import (
    IPV6,
    KINDS,
    NAT,
    RELAYD,
    SHOW,
    TWIN_WORDS,
    WDS,
    KnownNetwork,
    Relay,
    Vpn,
)
from wifirelay.values import Secret, Ssid, shown

if TYPE_CHECKING:
    from wifirelay.config.hooks import Hook
    from wifirelay.config.routers import Listed

TOP_KEYS = ("router", "relay", "networks", "open", "vpn", "login", "routers", "hooks")
RELAY_KEYS = (
    *("interface", "radios", "keep", "deadline", "beside_wired", "hostname"),
    *("kind", "ipv6", "twins"),
)
OPEN_KEYS = ("names", "not", "limit", "stay")
VPN_KEYS = ("interface", "only", "everywhere")
LOGIN_KEYS = ("key_file", "known_hosts", "password_file", "password_env")
DEADLINE = (30, 600)  # seconds

_INTERFACE = re.compile(r"[A-Za-z0-9_]{1,15}\Z")  # IFNAMSIZ, and UCI's section names
_RADIO = re.compile(r"[A-Za-z0-9_]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in to the router over SSH, beyond what SSH finds by itself."""

    key_file: str | None = None
    known_hosts: str | None = None  # looked into before the usual files
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an owner configures. `Settings()` is what holds without any file."""

    router: str | None = None  # TARGET of the command line
    relay: Relay = field(default_factory=Relay)
    networks: tuple[KnownNetwork, ...] = ()
    login: Login = field(default_factory=Login)
    source: str = ""  # the file, for messages
    warnings: tuple[str, ...] = ()  # what is allowed and unwise; no secrets
    enabled: bool = True  # whether the router's service runs by itself (UCI only)
    led: str | None = None  # shows offline, trying, online: a name in /sys/class/leds (UCI only)
    off: tuple[Ssid, ...] = ()  # networks that are there and not to be used (UCI only)
    routers: "tuple[Listed, ...]" = ()  # the inventory (YAML only)
    hooks: "tuple[Hook, ...]" = ()  # who is told what the service does


def from_mapping(data: object, where: str, reader: ReadSecret = read_secret) -> Settings:
    """Settings out of parsed text; `where` is its file, for errors and relative paths.

    Raises ConfigError at the first thing that is wrong.
    """
    fields = Fields(data, Place(where), TOP_KEYS)
    warnings: list[str] = []
    relay = relay_from(fields.inner("relay", RELAY_KEYS)) if fields.has("relay") else Relay()
    return Settings(
        router=router_from(fields),
        relay=with_vpn(fields, with_open(fields, relay)),
        networks=_networks(data, where, reader, warnings),
        login=login_from(fields, reader, warnings),
        routers=_routers(data, fields, reader, warnings),
        hooks=hooks_among(fields.raw("hooks"), where, reader, warnings),
        source=where,
        warnings=tuple(warnings),
    )


def hooks_among(
    items: object, where: str, reader: ReadSecret, warnings: list[str]
) -> "tuple[Hook, ...]":
    """Those that are in use. Raises ConfigError."""
    if items in (None, []):
        return ()
    from wifirelay.config.hooks import hooks_from  # costs memory

    return hooks_from(items, where, reader, warnings)


def _routers(
    data: object, fields: Fields, reader: ReadSecret, warnings: list[str]
) -> "tuple[Listed, ...]":
    if not isinstance(data, dict) or data.get("routers") is None:
        return ()
    from wifirelay.config.routers import routers_from  # a router has it not: it is one

    return routers_from(fields, data.get("relay") or {}, reader, warnings)


def router_from(fields: Fields) -> str | None:
    """The TARGET under `router`, None when there is none. Raises ConfigError."""
    router = fields.line("router")
    if router is None:
        return None
    examples = "such as ssh://root@192.168.1.1, local, recording:FILE or sim:WORLD"
    scheme, colon, rest = router.partition("://")
    if colon and scheme != "ssh":
        raise fields.error("router", f"{shown(scheme)}:// is not possible", f"a target {examples}")
    if router.startswith(("recording:", "sim:")):
        return router
    user, at, _host = (rest if colon else router).rpartition("@")
    if at and ":" in user:
        raise fields.error(
            "router",
            "holds a password",
            "take it out; put it in a file and name that: login: {password_file: ...}",
        )
    if any(char.isspace() for char in router):
        raise fields.error("router", "holds a space", f"a target {examples}")
    return router


def relay_from(fields: Fields) -> Relay:
    """How the owner wants it to relay. Raises ConfigError."""
    defaults = Relay()
    interface = _interface(fields, "wwan") or defaults.interface
    beside = (interface, interface + "6", interface.removesuffix(CLAT))
    if any(is_made(name, interface) for name in beside):
        raise fields.error(
            "interface",
            f"{interface} is like the names that `wifirelay setup` makes for networks",
            "another one, such as wwan",
        )
    radios = fields.lines("radios", "radio1", "radio0")
    for index, radio in enumerate(radios):
        place = f"radios[{index}]"
        if not _RADIO.match(radio):
            raise fields.error(
                place, f"{shown(radio)!r} cannot be a radio's name", "names such as radio0"
            )
        if radio in radios[:index]:
            raise fields.error(place, f"{radio} is named twice", "name each radio once")
    kind_of, ipv6 = _relaying(fields)
    return Relay(
        interface=interface,
        radios=radios,
        keep_on_flash=fields.word("keep", ("flash", "session"), "flash") == "flash",
        deadline=fields.seconds("deadline", *DEADLINE, defaults.deadline),
        beside_wired=fields.truth("beside_wired"),
        hostname=fields.word("hostname", ("sent", "none"), ""),
        kind=kind_of,
        ipv6=ipv6,
        twins=fields.word("twins", TWIN_WORDS, SHOW),
    )


def _relaying(fields: Fields) -> tuple[str, str]:
    kind_of = fields.word("kind", KINDS, KINDS[0])
    ipv6 = fields.word("ipv6", IPV6, IPV6[0])
    if kind_of != NAT and ipv6 != IPV6[0]:
        passes = "which passes IPv4 alone" if kind_of == RELAYD else "which passes all there is"
        text = f"{ipv6!r} does not go with {fields.name('kind')} {kind_of}, {passes}"
        raise fields.error("ipv6", text, "take one of the two out")
    return kind_of, ipv6


def _interface(fields: Fields, such: str) -> str | None:
    interface = fields.line("interface")
    if interface is not None and not _INTERFACE.match(interface):
        raise fields.error(
            "interface",
            f"{shown(interface)!r} cannot be an interface's name",
            f"1 to 15 letters, digits and underscores, such as {such}",
        )
    return interface


def with_vpn(fields: Fields, relay: Relay) -> Relay:
    """The same with the VPN, where `vpn` is there. Raises ConfigError."""
    if fields.first("vpn") is None:
        return relay
    inner = fields.inner("vpn", VPN_KEYS)
    interface = _interface(inner, "wg0")
    if interface is None:
        raise inner.error("interface", "is missing", "the VPN's interface, such as wg0")
    if is_own(interface, relay.interface):
        raise inner.error(
            "interface", f"{interface} is the uplink's", "name the VPN's, such as wg0"
        )
    only, everywhere = inner.truth("only"), inner.truth("everywhere", default=True)
    if only and relay.kind != NAT:
        text = f"does not go with kind {relay.kind}, whose clients go out beside the zone `wan`"
        raise inner.error("only", text, "take one of the two out")
    return replace(relay, vpn=Vpn(interface, only, everywhere))


def with_open(fields: Fields, relay: Relay) -> Relay:
    """The same with what `open` allows, where that is there. Raises ConfigError."""
    if (first := fields.first("open")) is None:
        return relay
    if relay.kind == WDS:
        text = "does not go with kind wds: your own network would be one with a stranger's"
        raise fields.error(first, text, "take one of the two out")
    from wifirelay.core.strangers import Allowed  # seldom

    inner = fields.inner("open", OPEN_KEYS)
    names = inner.lines("names", "*Guest*", alone=True, blanks=True)
    if not names:
        raise inner.error("names", "is missing", "name what is allowed, such as *Guest*")
    allowed = Allowed(
        names,
        inner.lines("not", "*Setup*", alone=True, blanks=True),
        inner.whole("limit", 1, 50, "networks a day") or 10,
        3600.0 * (inner.whole("stay", 1, 23, "hours") or 8),
    )
    return replace(relay, allowed=allowed)


def _networks(
    data: object, where: str, reader: ReadSecret, warnings: list[str]
) -> tuple[KnownNetwork, ...]:
    # A bare `networks:` is a list whose entries were all taken out, or made comments.
    items = data.get("networks") if isinstance(data, dict) else None
    if items is None:
        return ()
    if not isinstance(items, list | tuple):
        raise problem(
            where, "networks", f"is {kind(items)}, not a list", "start each network with `- ssid:`"
        )
    found = []
    for index, item in enumerate(items):
        place = Place(where, f"networks[{index}]")
        found.append((place, network_from(item, place, reader, warnings)))
    check_apart(found, "entry")
    return tuple(network for _, network in found)


def check_apart(found: Iterable[tuple[Place, KnownNetwork]], what: str) -> None:
    """Raises ConfigError when one SSID is listed twice; `what` is what holds a network."""
    seen: dict[Ssid, str] = {}
    for place, network in found:
        if network.ssid in seen:
            raise problem(
                place.where,
                place.path,
                f"the SSID {network.ssid} is already that of {seen[network.ssid]}",
                f"join the two into one {what}",
            )
        seen[network.ssid] = place.path


def login_from(outer: Fields, reader: ReadSecret, warnings: list[str]) -> Login:
    """How to log in, as `login` has it. Raises ConfigError."""
    if not outer.has("login"):
        return Login()
    fields = outer.inner("login", LOGIN_KEYS)
    return Login(
        key_file=secrets.path(fields, "key_file"),
        known_hosts=secrets.path(fields, "known_hosts"),
        password=secrets.read(fields, "password", reader, warnings, inline=False),
    )
