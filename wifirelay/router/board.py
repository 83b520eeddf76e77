# SPDX-License-Identifier: GPL-2.0-or-later
"""Which device and release this is, and what it has room for."""

import re
from dataclasses import dataclass

from wifirelay.errors import Refused
from wifirelay.router.ubus import Fact, as_dict, as_int, as_str, call, ubus_fact

OLDEST = (22, 3)  # the design supports 22.03 and later


@dataclass(frozen=True, slots=True)
class Board:
    """A device and its release."""

    model: str
    hostname: str
    distribution: str
    version: str  # "24.10.0", "SNAPSHOT"
    description: str
    built: int | None = None  # when its image was made, seconds of Unix time; None: not told

    def check_supported(self) -> None:
        """Raises Refused for what is not OpenWrt, or too old."""
        if self.distribution.lower() != "openwrt":
            raise Refused(
                f"this is {self.distribution or 'an unknown system'}, not OpenWrt",
                hint="wifirelay works with OpenWrt 22.03 and later",
            )
        number = re.match(r"([0-9]{1,4})\.([0-9]{1,4})", self.version)
        if number and (int(number[1]), int(number[2])) < OLDEST:
            raise Refused(
                f"OpenWrt {self.version} is too old: 22.03 is the oldest that wifirelay supports",
                hint="upgrade the router",
            )


def board() -> Fact[Board]:
    return ubus_fact(call("system", "board"), parse_board)


def parse_board(answer: object) -> Board:
    raw = as_dict(answer, "board description")
    release = raw.get("release")
    release = release if isinstance(release, dict) else {}
    return Board(
        model=as_str(raw.get("model")) or "unknown model",
        hostname=as_str(raw.get("hostname")) or "",
        distribution=as_str(release.get("distribution")) or "",
        version=as_str(release.get("version")) or "",
        description=as_str(release.get("description")) or "",
        built=_whole_number(release.get("builddate")),
    )


def _whole_number(value: object) -> int | None:
    """A number that comes as text, of a length that can be meant."""
    text = as_str(value) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """How long it has been up, and what it has room for."""

    uptime: int  # seconds
    flash_free: int | None  # bytes that a file may still grow by; None: not told
    memory_free: int | None = None  # bytes that a new process may take; None: not told
    clock: int | None = None  # its own time of day: seconds of Unix time in its time zone


def system_info() -> Fact[SystemInfo]:
    return ubus_fact(call("system", "info"), parse_system_info)


def parse_system_info(answer: object) -> SystemInfo:
    raw = as_dict(answer, "system information")
    root = raw.get("root")  # KiB (procd, system.c); the overlay on a router
    memory = raw.get("memory")  # bytes
    free = as_int(root.get("avail")) if isinstance(root, dict) else None
    return SystemInfo(
        uptime=as_int(raw.get("uptime")) or 0,
        flash_free=free * 1024 if free is not None else None,
        memory_free=as_int(memory.get("available")) if isinstance(memory, dict) else None,
        clock=as_int(raw.get("localtime")),
    )
