# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's log in RAM, printed as `logread` does (OpenWrt 24.10 lab)."""

import re
import time
from collections import deque
from collections.abc import Callable

LINES = 1000  # logd keeps a number of bytes; about this many lines
EPOCH = 1767225600  # seconds: 2026-01-01, what the simulated router takes for its first day


class Log:
    """Lines with the router's idea of the time."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.lines: deque[str] = deque(maxlen=LINES)
        self.count = 0  # of all lines that there ever were

    def write(self, source: str, text: str) -> None:
        """One entry; `source` is facility, level and program: `daemon.notice netifd`."""
        moment = time.gmtime(EPOCH + self._now())
        stamp = time.strftime("%a %b %e %H:%M:%S %Y", moment)
        lines = text.split("\n")
        self.count += len(lines)
        self.lines.extend(f"{stamp} {source}: {line}" for line in lines)

    def read(self, *, last: int | None = None, pattern: str = "") -> str:
        """What `logread -l LAST -e PATTERN` prints."""
        lines = [line for line in self.lines if not pattern or re.search(pattern, line)]
        if last is not None:
            lines = lines[-last:] if last else []
        return "".join(f"{line}\n" for line in lines)


def ssid_text(ssid: bytes) -> str:
    """An SSID as wpa_supplicant logs it (`printf_encode`): never a raw control byte."""
    named = {0x22: '\\"', 0x5C: "\\\\", 0x1B: "\\e", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}
    return "".join(
        named.get(byte) or (chr(byte) if 32 <= byte <= 126 else f"\\x{byte:02x}") for byte in ssid
    )
