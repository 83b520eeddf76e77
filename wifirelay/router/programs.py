# SPDX-License-Identifier: GPL-2.0-or-later
"""What is installed on the router: the objects of ubus, the features of wpa_supplicant."""

from wifirelay.errors import RouterAnswer
from wifirelay.router.ubus import Fact
from wifirelay.transport.base import Command, Completed

FEATURES = ("eap", "sae", "owe")  # what the flavours of wpad differ in, for a station


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
