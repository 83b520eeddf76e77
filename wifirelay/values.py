# SPDX-License-Identifier: GPL-2.0-or-later
"""Frozen values that all layers share: SSIDs, BSSIDs, secrets, bands, kinds of security."""

import re
from dataclasses import dataclass
from enum import Enum

SSID_BYTES = 32  # IEEE 802.11-2020, 9.4.2.2: the SSID element holds 0 to 32 octets

# Printable to Python, and not to be seen: what Unicode calls "default ignorable" (variation
# selectors, fillers, joiners that are marks), and two that are blank.
_UNSEEN = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
_BLANK = "\\x20"
_BSSID = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2}){5}\Z")


class Secret:
    """A key or password. Neither `str`, `repr` nor an f-string shows it; `reveal` does."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself: for standard input of a router's command, and nothing else."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled or copied into files")


@dataclass(frozen=True, slots=True, order=True)
class Ssid:
    """A network's name: 0 to 32 bytes chosen by a stranger, in no particular encoding."""

    raw: bytes

    @classmethod
    def of(cls, text: str) -> "Ssid":
        """From text as routers and people give it (surrogateescape keeps foreign bytes)."""
        return cls(text.encode("utf-8", "surrogateescape"))

    @property
    def text(self) -> str:
        """For JSON and UCI: bytes that are not UTF-8 become `\\udcXX`."""
        return self.raw.decode("utf-8", "surrogateescape")

    @property
    def hex(self) -> str:
        return self.raw.hex()

    def __str__(self) -> str:
        return shown(self.text)

    def unjoinable(self) -> str | None:
        """Why UCI or wpa_supplicant cannot take this name, or None.

        UCI refuses control characters other than tab, newline and carriage return
        (`uci` of 2025-12: "Parse error"); a line break would end the line
        `ssid="..."` of wpa_supplicant's configuration, and a tab is refused with
        them: the design joins names "without control characters".
        """
        if not self.raw:
            return "the SSID is empty"
        if len(self.raw) > SSID_BYTES:
            return f"the SSID has {len(self.raw)} bytes, more than {SSID_BYTES}"
        if any(byte < 0x20 or byte == 0x7F for byte in self.raw):
            return "the SSID holds control characters, which UCI and wpa_supplicant cannot take"
        return None


def shown(text: str) -> str:
    """Text from the air or a router made harmless for a terminal, a log or a table.

    Everything that is not printable (control characters, terminal escapes, line
    separators, bidirectional overrides, zero-width characters, foreign bytes), blanks at
    either end and the backslash become `\\x1b`, `\\u202e` and so on; the rest stays as it
    is. So it is always one line, and no two texts differ only in what cannot be seen.
    """
    text = text.replace("\\", "\\\\")
    inner = text.strip(" ")
    left = len(text) - len(text.lstrip(" "))
    return _BLANK * left + printable(inner) + _BLANK * (len(text) - left - len(inner))


def printable(text: str) -> str:
    """A message that may hold `shown` parts made harmless as a whole: backslashes stay."""
    return "".join(char if _seen(char) else _escaped(char) for char in text)


def _seen(char: str) -> bool:
    return char.isprintable() and (char < _UNSEEN[0] or char not in _UNSEEN)


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: one byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def span(seconds: float) -> str:
    """A length of time for people."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172800 else f"{seconds / 86400:.0f} days"


def parse_bssid(text: str) -> str:
    """A BSSID in wifirelay's one form, upper case `AA:BB:CC:DD:EE:FF`.

    Raises ValueError for anything else.
    """
    bssid = text.strip().upper().replace("-", ":")
    if not _BSSID.match(bssid):
        raise ValueError(f"{shown(text)!r} is not a BSSID such as 02:00:00:00:06:00")
    return bssid


class Band(str, Enum):
    """A frequency band by UCI's name for it."""

    GHZ2 = "2g"
    GHZ5 = "5g"
    GHZ6 = "6g"

    __str__ = str.__str__

    @classmethod
    def of_mhz(cls, mhz: int) -> "Band | None":
        """The band of a frequency in MHz; None outside of Wi-Fi's three."""
        if 2400 <= mhz < 2500:
            return cls.GHZ2
        if 4900 <= mhz < 5925:
            return cls.GHZ5
        if 5925 <= mhz <= 7125:
            return cls.GHZ6
        return None


class Security(str, Enum):
    """What a BSS asks for, by the words of wifirelay's JSON."""

    OPEN = "open"
    OWE = "owe"
    PSK2 = "psk2"
    SAE_MIXED = "sae-mixed"
    SAE = "sae"
    WPA2_EAP = "wpa2-eap"
    WPA3_EAP = "wpa3-eap"
    WPA1 = "wpa1"
    WEP = "wep"
    UNKNOWN = "unknown"

    __str__ = str.__str__
