# SPDX-License-Identifier: GPL-2.0-or-later
"""What is installed on the router: the objects of ubus, the features of wpa_supplicant."""

from collections.abc import Mapping

from wifirelay.errors import RouterAnswer
from wifirelay.router.ubus import Fact
from wifirelay.transport.base import Command, Completed

FEATURES = ("eap", "sae", "owe")  # what the flavours of wpad differ in, for a station
RAW_PSK = "raw_psk"
# What writes wpa_supplicant's configuration from 25.12 on. Without a case for 64 characters it
# puts a PSK into quotes: a passphrase of an impossible length (openwrt/openwrt, 2025 and 2026).
_WRITER = "/usr/share/ucode/wifi/supplicant.uc"


# What the router can do as a station, by these names. None, or none: not known, and nothing is
# held against it.
Abilities = Mapping[str, bool | None]
NOT_ASKED: Abilities = {}


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
    return Fact(Command(("wpa_supplicant", f"-v{name}")), _said)


def ability(name: str) -> Fact[bool | None]:
    """One of FEATURES, or whether the release writes a key of 64 hexadecimal digits as one: None
    where its scripts are other ones, for the shell's know it."""
    if name != RAW_PSK:
        return feature(name)
    return Fact(Command(("grep", "-q", "== 64", _WRITER)), _said)


def _said(completed: Completed) -> bool | None:
    return None if completed.rc not in (0, 1) else completed.rc == 0
