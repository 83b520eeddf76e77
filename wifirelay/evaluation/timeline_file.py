# SPDX-License-Identifier: GPL-2.0-or-later
"""Worlds as CSV files: a log of what was in the air somewhere, to play policies in.

The first line names the columns. Needed are

    at         seconds from the beginning
    bssid      02:00:00:00:06:00
    ssid       the name; bytes that are not UTF-8 stay as they are
    channel    1 to 14: 2.4 GHz; 36 to 177: 5 GHz
    signal     dBm from `at` on; empty: not heard any more
    reachable  what is behind it: yes | no | portal | no-dhcp | wrong-key | busy

and there may be

    security   open | owe | psk2 | sae-mixed | sae | wpa2-eap | wpa3-eap | wpa1 | wep | unknown;
               default psk2
    known      yes | no, default yes: whether the owner knows this network and this is really it
               (a network is known when one of its rows says yes; `no` is for an evil twin, too)
    priority   of the known network, a whole number, default 0
    metered    yes | no, default no
    width      MHz, default 20

A row holds until the next one of its BSSID. The rows are in order of time, and the last one's
`at` is the world's end. Channel, name, security and width of a BSSID do not change.
"""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar
from zlib import crc32

from wifirelay.core.known import Eap, KnownNetwork
from wifirelay.errors import ConfigError, UsageError
from wifirelay.evaluation.world import Behind, Step, Track, World
from wifirelay.values import SSID_BYTES, Secret, Security, Ssid, parse_bssid, shown

NEEDED = ("at", "bssid", "ssid", "channel", "signal", "reachable")
OPTIONAL = ("security", "known", "priority", "metered", "width")
REACHABLE = {
    "yes": Behind.OK,
    "no": Behind.NO_INTERNET,
    "portal": Behind.PORTAL,
    "no-dhcp": Behind.DEAD_DHCP,
    "wrong-key": Behind.WRONG_KEY,
    "busy": Behind.BUSY,
}
_WORDS = {behind: word for word, behind in REACHABLE.items()}
_YES = {"yes": True, "no": False}
_WIDTHS = {str(width): width for width in (20, 40, 80, 160, 320)}
Word = TypeVar("Word")
LONGEST = 366 * 86400.0  # seconds; a number above is a mistake, such as a time of day in 1970


@dataclass(frozen=True, slots=True)
class _Bss:
    """What does not change of one BSSID."""

    ssid: Ssid
    channel: int
    security: Security
    width: int
    known: bool


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    at: float = 0.0
    bss: dict[str, _Bss] = field(default_factory=dict)
    steps: dict[str, list[Step]] = field(default_factory=dict)
    known: dict[Ssid, KnownNetwork] = field(default_factory=dict)


def load_timeline(path: str) -> World:
    """The world of a file. Raises ConfigError with line, problem and remedy."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            text = file.read()
    except OSError as error:
        raise UsageError(
            f"{shown(path)} cannot be read: {error.strerror}",
            hint="name a CSV file with the columns " + ",".join(NEEDED),
        ) from error
    return read_timeline(text, path)


def read_timeline(text: str, name: str) -> World:
    """The world of a file's text; its seed follows from the text."""
    reading = _Reading()
    line = 1
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = _head(next(rows, []))
        for row in rows:
            if row:
                line = rows.line_num
                _row(reading, head, row)
        line = max(1, rows.line_num)
        if not reading.bss:
            raise ConfigError("no row after the first line", hint="each row is one change of a BSS")
        if reading.at <= 0:
            raise ConfigError(
                "the world lasts no time", hint="the last row's `at` is its end: give it later ones"
            )
    except csv.Error as error:
        raise ConfigError(
            f"{shown(name)}:{max(1, rows.line_num)}: not CSV: {error}",
            hint="quote fields that hold quotes, and end each quote",
        ) from error
    except ConfigError as error:
        raise ConfigError(f"{shown(name)}:{line}: {error.message}", hint=error.hint) from error
    tracks = [
        Track(bssid, bss.ssid, bss.channel, bss.security, tuple(reading.steps[bssid]), bss.width)
        for bssid, bss in reading.bss.items()
    ]
    seed = crc32(text.encode("utf-8", "surrogateescape"))
    return World(name, seed, reading.at, tracks, reading.known.values())


def _head(names: list[str]) -> dict[str, int]:
    if names:
        names[0] = names[0].removeprefix("\ufeff")  # as spreadsheets write it
    for name in NEEDED:
        if name not in names:
            raise ConfigError(
                f"the first line has no column `{name}`", hint="it begins with " + ",".join(NEEDED)
            )
    for name in names:
        if name not in (*NEEDED, *OPTIONAL) or names.count(name) > 1:
            raise ConfigError(
                f"column {shown(name)!r} is unknown, or there twice",
                hint="besides the needed ones there may be " + ",".join(OPTIONAL),
            )
    return {name: number for number, name in enumerate(names)}


def _row(reading: _Reading, head: dict[str, int], row: list[str]) -> None:
    if len(row) != len(head):
        raise ConfigError(
            f"{len(row)} fields where the first line has {len(head)}",
            hint="quote fields that hold commas",
        )

    def get(name: str, default: str = "") -> str:
        return row[head[name]] or default if name in head else default

    at = _number("at", get("at"), 0, LONGEST)
    if at < reading.at:
        raise ConfigError(f"at {at:g} is before {reading.at:g}", hint="sort the rows by time")
    reading.at = at
    try:
        bssid = parse_bssid(get("bssid"))
    except ValueError as error:
        raise ConfigError(str(error), hint="six hexadecimal bytes with colons") from error
    ssid = Ssid.of(get("ssid"))
    if not 0 < len(ssid.raw) <= SSID_BYTES:
        raise ConfigError(
            f"the SSID has {len(ssid.raw)} bytes",
            hint=f"1 to {SSID_BYTES}; hidden ones are left out",
        )
    channel = int(_number("channel", get("channel"), 1, 177, whole=True))
    if 14 < channel < 36:
        raise ConfigError(f"channel {channel} does not exist", hint="1 to 14, 36 to 177")
    security = {each.value: each for each in Security}
    bss = _Bss(
        ssid,
        channel,
        _word("security", get("security", "psk2"), security),
        _word("width", get("width", "20"), _WIDTHS),
        _word("known", get("known", "yes"), _YES),
    )
    if reading.bss.setdefault(bssid, bss) != bss:
        raise ConfigError(
            f"{bssid} had another name, channel, security, width or `known` before",
            hint="these do not change; another BSS has another BSSID",
        )
    text = get("signal")
    signal = int(_number("signal", text, -120, -1, whole=True)) if text else None
    behind = _word("reachable", get("reachable"), REACHABLE)
    steps = reading.steps.setdefault(bssid, [])
    if steps and steps[-1].at == at:
        steps.pop()
    steps.append(Step(at, signal, behind))
    if bss.known:
        priority = int(_number("priority", get("priority", "0"), -1000, 1000, whole=True))
        metered = _word("metered", get("metered", "no"), _YES)
        network = _network(bss, priority, metered=metered)
        _know(reading, network)


def _know(reading: _Reading, network: KnownNetwork) -> None:
    if reading.known.setdefault(network.ssid, network) != network:
        raise ConfigError(
            f"{network.ssid} had another priority, `metered` or kind of security before",
            hint="a known network has one of each; mark an evil twin with known=no",
        )


def _network(bss: _Bss, priority: int, *, metered: bool) -> KnownNetwork:
    key = Secret("known in this world")
    enterprise = bss.security in (Security.WPA2_EAP, Security.WPA3_EAP)
    unencrypted = bss.security in (Security.OPEN, Security.OWE)
    return KnownNetwork(
        bss.ssid,
        key=None if enterprise or unencrypted else key,
        priority=priority,
        metered=metered,
        eap=Eap("peap", "owner", key) if enterprise else None,
    )


def _number(name: str, text: str, least: float, most: float, *, whole: bool = False) -> float:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        kind = "a whole number" if whole else "a number"
        raise ConfigError(f"{name} is {shown(text)!r}", hint=f"{kind} from {least:g} to {most:g}")
    return number


def _word(name: str, text: str, words: dict[str, Word]) -> Word:
    if text not in words:
        raise ConfigError(f"{name} is {shown(text)!r}", hint="one of " + ", ".join(words))
    return words[text]


def write_timeline(world: World) -> str:
    """The file's text. What the form does not have (a hidden network, BSSID limits) is lost."""
    out = io.StringIO()
    writer = csv.writer(out)  # lines end with CR LF, or a CR in a name would not be quoted
    writer.writerow((*NEEDED, *OPTIONAL))
    for at, track, step in _changes(world):
        network = world.by_ssid.get(track.ssid) if world.fits(track) else None
        writer.writerow(
            (
                repr(at),
                track.bssid,
                track.ssid.text,
                track.channel,
                "" if step.signal is None else step.signal,
                _WORDS[step.behind],
                track.security.value,
                "yes" if network is not None else "no",
                network.priority if network is not None else 0,
                "yes" if network is not None and network.metered else "no",
                track.width,
            )
        )
    return out.getvalue()


def _changes(world: World) -> Iterator[tuple[float, Track, Step]]:
    """All steps in order of time, and one at the end that changes nothing."""
    every = [
        (step.at, number, track, step)
        for number, track in enumerate(world.tracks)
        for step in track.steps
        if step.at < world.seconds
    ]
    for at, _, track, step in sorted(every, key=lambda each: each[:2]):
        yield at, track, step
    if world.tracks:
        last = world.tracks[0]
        yield world.seconds, last, last.at(world.seconds)
