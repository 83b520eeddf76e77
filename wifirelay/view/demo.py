# SPDX-License-Identifier: GPL-2.0-or-later
"""What a demonstration came to, for programs (`wifirelay.simulate/1`) and for people."""

from typing import Any

from wifirelay.values import printable
from wifirelay.view.table import table


def demo_object(world: str, acts: list[dict[str, Any]], summary: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": "wifirelay.simulate/1",
        "mode": "demo",
        "world": world,
        "acts": acts,
        "summary": summary,
    }


def demo_lines(shape: dict[str, Any]) -> list[str]:
    """The summary alone: the acts were shown as they happened."""
    summary = shape["summary"]
    rows = [(act["title"], f"{act['seconds']:.1f}") for act in shape["acts"]]
    lines = ["", "== summary", *table(("ACT", "ROUTER SECONDS"), rows, right=(1,)), ""]
    lines += [
        f"own access point {section}: {seconds:.1f} s off the air in all"
        for section, seconds in summary["own_ap_outage_seconds"].items()
    ]
    lines += [
        f"writes to flash: {summary['flash_writes']}",
        f"{summary['router_seconds']:.0f} s of the router's life, in "
        f"{summary['real_seconds']:.1f} s of yours",
    ]
    return [printable(line) for line in lines]
