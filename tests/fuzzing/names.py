# SPDX-License-Identifier: GPL-2.0-or-later
"""The corpus of names that strangers may choose, and what must hold of all that shows them."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.fuzzing.feeding import INVISIBLE, width
from tests.fuzzing.seeds import DATA
from wifirelay.transport.recorded import Recording, load_recording, save_recording
from wifirelay.values import Ssid

CORPUS = json.loads((DATA / "ssids.json").read_text("ascii"))
NAMES = {row["what"]: Ssid(bytes.fromhex(row["hex"])) for row in CORPUS}
JOINABLE = {what: ssid for what, ssid in NAMES.items() if ssid.unjoinable() is None}
KEY = "the key of every name"
SCAN_ARGV = ("ubus", "call", "iwinfo", "scan")
BSSID = re.compile(r"02:00:00:01:[0-9A-F]{2}:[0-9A-F]{2}")


def bssid(number: int) -> str:
    return f"02:00:00:01:{number >> 8:02X}:{number & 255:02X}"


def safe(*texts: str) -> None:
    """Nothing but lines of what can be seen, and plain blanks between."""
    for text in texts:
        for char in text:
            kind = unicodedata.category(char)
            assert char in "\n " or kind[0] not in "CZ", (ascii(char), ascii(text))
        assert not INVISIBLE.search(text), ascii(text)


def aligned(lines: Sequence[str]) -> None:
    """The BSSIDs stand below one another, one a line."""
    found = [BSSID.findall(line) for line in lines]
    assert all(len(each) == 1 for each in found)
    places = {width(line[: line.index(each[0])]) for line, each in zip(lines, found, strict=True)}
    assert len(places) == 1


def names_of(rows: Iterable[dict[str, Any]]) -> set[bytes]:
    return {bytes.fromhex(row["ssid_hex"]) for row in rows if row["ssid_hex"] is not None}


def config(folder: Path, names: Iterable[Ssid] = JOINABLE.values()) -> str:
    """The owner knows all of them."""
    path = folder / "config.yaml"
    entries = "".join(f"  - {{ssid_hex: '{ssid.hex}', key: '{KEY}'}}\n" for ssid in names)
    path.write_text(f"networks:\n{entries}")
    path.chmod(0o600)
    return str(path)


def hear_all(path: Path) -> None:
    """Write a recording of a router that hears all of the names."""
    rows = [
        {
            "ssid": ssid.text,
            "bssid": bssid(number),
            "mode": "Master",
            "band": 2,
            "channel": 6,
            "mhz": 2437,
            "signal": -40 - number % 30,
            "encryption": {"enabled": True, "wpa": [2], "authentication": ["psk"]},
        }
        for number, ssid in enumerate(NAMES.values())
    ]
    heard = json.dumps({"results": rows}, ensure_ascii=False)
    exchanges = [
        replace(each, rc=0, out=heard) if each.argv[:4] == SCAN_ARGV else each
        for each in load_recording(str(DATA / "recordings/baseline.jsonl")).exchanges
    ]
    save_recording(Recording(tuple(exchanges)), str(path))
