# SPDX-License-Identifier: GPL-2.0-or-later
"""How a text for people has to read: findings, and errors with their hints."""

import re

import pytest
from changing import check_text

from wifirelay.errors import WifirelayError

# What is written in capitals, and nowhere otherwise.
CAPITALS = (
    *("API", "DE", "DNS", "IP", "IPv4", "IPv6", "KiB", "MAC", "MHz", "MiB", "NAT", "NAT66", "NTP"),
    *("no-IR", "OpenVPN", "OpenWrt", "OpenWrt's", "RFC", "TLS", "ULA", "US", "VPN", "VPN's", "WEP"),
    *("WDS", "Wi-Fi", "WPA3"),
)


def reads_well(text: str) -> None:
    """As a text for people has to, and with its abbreviations in capitals."""
    check_text(re.sub(rf"\b({'|'.join(CAPITALS)})\b", "it", text))
    words = re.sub("`[^`]*`", "", text).split()
    assert not {each.lower() for each in CAPITALS}.intersection(words), text


@pytest.fixture(autouse=True)
def errors_read_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each error that is raised on purpose; for tests that import this."""
    made = WifirelayError.__init__

    def checked(self: WifirelayError, message: str, *, hint: str = "") -> None:
        reads_well(message)
        reads_well(hint)
        made(self, message, hint=hint)

    monkeypatch.setattr(WifirelayError, "__init__", checked)
