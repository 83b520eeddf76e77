# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of `iwinfo X scan`: nothing is escaped, so a hostile SSID can forge lines."""

from collections.abc import Sequence

from wifirelay.sim.air import AccessPoint
from wifirelay.values import Band, Security

_ENCRYPTION = {
    Security.OPEN: "none",
    Security.OWE: "WPA3 OWE (CCMP)",
    Security.WPA1: "WPA PSK (TKIP)",
    Security.PSK2: "WPA2 PSK (CCMP)",
    Security.SAE_MIXED: "mixed WPA2/WPA3 PSK/SAE (CCMP)",
    Security.SAE: "WPA3 SAE (CCMP)",
    Security.WPA2_EAP: "WPA2 802.1X (CCMP)",
    Security.WPA3_EAP: "WPA3 802.1X (CCMP)",
}
_BANDS = {Band.GHZ2: "2.4 GHz", Band.GHZ5: "5 GHz", Band.GHZ6: "6 GHz"}


def scan_text(points: Sequence[AccessPoint]) -> str:
    """What the program prints; a scan that failed ends with exit code 0 as well."""
    if not points:
        return "No scan results\n\n"
    return "".join(_cell(number, point) for number, point in enumerate(points, 1))


def _cell(number: int, point: AccessPoint) -> str:
    hidden = point.hidden or not point.text
    name = "unknown" if hidden else f'"{point.text}"'
    where = f"Frequency: {point.mhz / 1000:.3f} GHz  Band: {_BANDS[point.band]}"
    quality = min(max(point.signal, -110), -40) + 110
    indent = " " * 10
    lines = [
        f"Cell {number:02d} - Address: {point.bssid}",
        f"{indent}ESSID: {name}",
        f"{indent}Mode: Master  {where}  Channel: {point.channel}",
        f"{indent}Signal: {point.signal} dBm  Quality: {quality}/70",
        f"{indent}Encryption: {_ENCRYPTION.get(point.security, 'WEP Open/Shared (WEP-40)')}",
    ]
    if point.ht:
        lines += [
            f"{indent}HT Operation:",
            f"{indent * 2}Primary Channel: {point.channel}",
            f"{indent * 2}Secondary Channel Offset: no secondary",
            f"{indent * 2}Channel Width: 20 MHz",
        ]
    return "\n".join(lines) + "\n\n"
