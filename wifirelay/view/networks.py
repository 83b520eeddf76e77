# SPDX-License-Identifier: GPL-2.0-or-later
"""The known networks for programs (`wifirelay.networks/1`). No secret is ever in it."""

from collections.abc import Iterable
from typing import Any

from wifirelay.core.known import KnownNetwork
from wifirelay.view.plan import named


def networks_object(action: str, file: str, networks: Iterable[KnownNetwork]) -> dict[str, Any]:
    """`action` is what was done: list, add, remove, prefer; `file` where they stand."""
    return {
        "schema": "wifirelay.networks/1",
        "action": action,
        "file": file,
        "networks": [network_object(each) for each in networks],
    }


def network_object(network: KnownNetwork) -> dict[str, Any]:
    """One of them."""
    return {
        **named("ssid", network.ssid),
        "security": network.security.value,
        "priority": network.priority,
        "has_key": network.key is not None,
        "bssids": list(network.bssids),
        "not_bssids": list(network.not_bssids),
        "bands": [band.value for band in network.bands],
        "radios": list(network.radios),
        "mac": network.mac,
        "address": network.fixed.address if network.fixed is not None else None,
        "gateway": network.fixed.gateway if network.fixed is not None else None,
        "dns": list(network.fixed.dns) if network.fixed is not None else [],
        "ipv6_only": network.ipv6_only,
        "min_signal": network.min_signal,
        "hidden": network.hidden,
        "metered": network.metered,
        "twins": network.twins or None,
    }
