# SPDX-License-Identifier: GPL-2.0-or-later
"""What `wifirelay watch` is shown in its tests: objects of docs/json.md, named as a test likes."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from wifirelay.values import Ssid
from wifirelay.view.picture import Picture, Source

HOME = Ssid(b"HomeNet")
AWAY = "ssh://root@192.0.2.1:22"  # an address of nobody's: whoever calls it waits


def named(key: str, ssid: Ssid) -> dict[str, str]:
    return {key: ssid.text, "ssid_hex": ssid.hex}


def status(ssid: Ssid = HOME, **changes: Any) -> dict[str, Any]:
    """On this network, at -55 dBm."""
    up = {
        **named("network", ssid),
        "section": "wifirelay_radio1",
        "radio": "radio1",
        "state": "connected",
        "kept": "flash",
        "bssid": "02:00:00:00:10:01",
        "signal_dbm": -55,
        "addresses": ["192.0.2.7/24"],
        "gateway": "192.0.2.1",
        "dns": [],
    }
    point = {**named("ssid", ssid), "section": "ap", "radio": "radio1", "on_air": True}
    return {
        "schema": "wifirelay.status/1",
        "model": ssid.text,
        "release": "OpenWrt 24.10.2",
        "set_up": True,
        "access_points": [point],
        "uplinks": [up],
        "internet": {
            "verdict": "online",
            "why": "answers",
            "portal_url": None,
            "portal_api": None,
        },
        "sentry": None,
        "last_trial": None,
        "service": None,
        "staged": {"own": [], "foreign": [], "foreign_packages": []},
        **changes,
    }


def bss(ssid: Ssid, channel: int, dbm: int, *, known: bool = False, **more: Any) -> dict[str, Any]:
    band = "2g" if channel < 15 else "5g"
    return {
        **named("ssid", ssid),
        "bssid": f"02:00:00:00:20:{channel:02X}",
        "radio": "radio0",
        "band": band,
        "channel": channel,
        "width_mhz": 20,
        "signal_dbm": dbm,
        "security": "psk2",
        "known": known,
        **more,
    }


def candidate(ssid: Ssid, score: float | None, why_not: str | None = None) -> dict[str, Any]:
    terms = [
        {"name": "signal", "points": 25.0, "why": ""},
        {"name": "band", "points": 2, "why": ""},
    ]
    return {
        **named("network", ssid),
        "bssid": "02:00:00:00:10:01",
        "radio": "radio1",
        "band": "5g",
        "channel": 36,
        "signal_dbm": -55,
        "security": "psk2",
        "eligible": score is not None,
        "score": score,
        "terms": terms if score is not None else [],
        "why_not": why_not,
    }


def event(text: str, kind: str = "joined") -> dict[str, Any]:
    return {
        "schema": "wifirelay.run/1",
        "at": 1.0,
        "when": "2026-01-02T03:04:05+0000",
        "kind": kind,
        "text": text,
        "network": None,
        "ssid_hex": None,
        "cause": None,
    }


def picture(ssid: Ssid = HOME, **changes: Any) -> Picture:
    """Everything that there is to show, named so."""
    heard = [bss(ssid, 36, -55, known=True, bssid="02:00:00:00:10:01")]
    heard += [bss(ssid, channel, -40 - channel) for channel in (1, 6, 11, 149)]
    made = Picture(
        AWAY,
        Source.ROUTER,
        5.0,
        status(ssid),
        {"bss": heard},
        {"candidates": [candidate(ssid, 38.0), candidate(ssid, None, f"failed: {ssid}")]},
        tuple(event(f"joined {ssid.text}") for _ in range(60)),
        (-55.0, None, -71.0, -58.0),
        heard_age=12.0,
        online_for=720.0,
    )
    return replace(made, **changes)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def bent(data: st.DataObject, shape: dict[str, Any]) -> dict[str, Any]:
    """A status some of whose values are anything at all."""
    for part in (shape, shape["service"], shape["uplinks"][0], shape["access_points"][0]):
        for key in data.draw(st.sets(st.sampled_from(sorted(part)), max_size=3)):
            part[key] = data.draw(_JSON)
    return shape
