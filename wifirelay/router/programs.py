# SPDX-License-Identifier: GPL-2.0-or-later
"""What is installed on the router: the objects of ubus, the features of wpa_supplicant."""

from dataclasses import dataclass

from wifirelay.errors import RouterAnswer
from wifirelay.router.ubus import Fact
from wifirelay.transport.base import Command, Completed

FEATURES = ("eap", "sae", "owe")  # what the flavours of wpad differ in, for a station
RAW_PSK = "raw_psk"
# What writes wpa_supplicant's configuration from 25.12 on. Without a case for 64 characters it
# puts a PSK into quotes: a passphrase of an impossible length (openwrt/openwrt, 2025 and 2026).
_WRITER = "/usr/share/ucode/wifi/supplicant.uc"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the router can do as a station. None: not known, and nothing is held against it."""

    eap: bool | None = None
    sae: bool | None = None
    owe: bool | None = None
    raw_psk: bool | None = None  # a key of 64 hexadecimal digits


NOT_ASKED = Abilities()


def objects() -> Fact[frozenset[str]]:
    """The names of all ubus objects. Raises RouterAnswer where there is no ubus."""

    def parse(completed: Completed) -> frozenset[str]:
        names = frozenset(completed.text.split())
        if completed.rc != 0 or not names:
            raise RouterAnswer("the router has no ubus: `ubus list` fails")
        return names

    return Fact(Command(("ubus", "list")), parse)


def feature(name: str) -> Fact[bool | None]:
    """Whether wpa_supplicant was built with it: OpenWrt's `-vNAME` exits 0 or 1. None where it
    cannot be started."""

    def parse(completed: Completed) -> bool | None:
        return None if completed.rc not in (0, 1) else completed.rc == 0

    return Fact(Command(("wpa_supplicant", f"-v{name}")), parse)


def raw_psk() -> Fact[bool | None]:
    """Whether the release writes a key of 64 hexadecimal digits as one. None where its scripts
    are other ones: the shell's know it."""

    def parse(completed: Completed) -> bool | None:
        return None if completed.rc not in (0, 1) else completed.rc == 0

    return Fact(Command(("grep", "-q", "== 64", _WRITER)), parse)


def ability(name: str) -> Fact[bool | None]:
    """One field of Abilities."""
    return raw_psk() if name == RAW_PSK else feature(name)
