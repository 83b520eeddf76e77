# SPDX-License-Identifier: GPL-2.0-or-later
"""What a router's radios are, for people."""

from wifirelay.core.radios import access_points, configured_band
from wifirelay.router.state import Router
from wifirelay.values import Band, Ssid

_GHZ = {Band.GHZ2: "2.4 GHz", Band.GHZ5: "5 GHz", Band.GHZ6: "6 GHz"}


def radio_lines(router: Router) -> list[str]:
    """What each radio is, and what is on it now."""
    lines, shared = [], False
    for device in router.wireless.of_kind("wifi-device"):
        band = configured_band(device)
        on_it = [
            f"own access point {Ssid.of(str(section.options.get('ssid', '')))}"
            + ("" if router.on_air(section.name) else " (not on the air)")
            for section in access_points(router.wireless, device.name)
        ]
        shared = shared or bool(on_it)
        if not device.enabled:
            on_it = ["disabled, so not used"]
        lines.append(
            f"{device.name}: {_GHZ[band] if band else 'band unknown'}, "
            + (", ".join(on_it) or "no own access point")
        )
    if shared:
        lines.append("an uplink shares its radio with that access point, which takes its channel")
    return lines
