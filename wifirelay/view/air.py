# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in the air, for programs (`wifirelay.scan/1`) and for people."""

from collections.abc import Iterable, Mapping
from typing import Any

from wifirelay.core.known import KnownNetwork
from wifirelay.router.scan import Bss
from wifirelay.view.plan import named
from wifirelay.view.table import table

Suspects = Mapping[tuple[str, str | None], str]  # why, by radio and BSSID
_NONE: Suspects = {}


def scan_object(
    radios: Iterable[str],
    heard: tuple[Bss, ...],
    known: Iterable[KnownNetwork],
    suspects: Suspects = _NONE,
) -> dict[str, Any]:
    """`suspects` are the access points that may be evil twins."""
    names = {network.ssid for network in known}
    return {
        "schema": "wifirelay.scan/1",
        "radios": list(radios),
        "bss": [
            {
                **named("ssid", bss.ssid),
                "bssid": bss.bssid,
                "radio": bss.radio,
                "band": bss.band.value if bss.band is not None else None,
                "channel": bss.channel,
                "width_mhz": bss.width,
                "signal_dbm": bss.signal,
                "security": bss.security.value,
                "known": bss.ssid in names,
                "suspect": suspects.get((bss.radio, bss.bssid)),
            }
            for bss in _sorted(heard)
        ],
    }


def scan_lines(
    heard: tuple[Bss, ...], known: Iterable[KnownNetwork], suspects: Suspects = _NONE
) -> list[str]:
    """A table, strongest first, known networks marked with a star, their suspects with `!`."""
    if not heard:
        return ["nothing is heard"]
    names = {network.ssid for network in known}
    lines = table(
        ("", "SSID", "BSSID", "RADIO", "BAND", "CH", "dBm", "SECURITY"),
        [
            (
                "!" if (bss.radio, bss.bssid) in suspects else "*" if bss.ssid in names else "",
                str(bss.ssid) if bss.ssid is not None else "(hidden)",
                bss.bssid or "?",
                bss.radio,
                bss.band.value if bss.band is not None else "?",
                str(bss.channel),
                str(bss.signal) if bss.signal is not None else "?",
                bss.security.value,
            )
            for bss in _sorted(heard)
        ],
        right=(5, 6),
    )
    if suspects:
        lines += ["", "! possibly an evil twin: `wifirelay plan` says why"]
    return lines


def _sorted(heard: tuple[Bss, ...]) -> list[Bss]:
    return sorted(
        heard,
        key=lambda bss: (
            -(bss.signal if bss.signal is not None else -999),
            bss.bssid or "",
            bss.radio,
        ),
    )
