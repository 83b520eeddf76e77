# SPDX-License-Identifier: GPL-2.0-or-later
"""What `networks import` did or would do, for people and for programs (`wifirelay.import/1`).

No secret is ever in it. Names are of other programs' files, and made harmless here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wifirelay.core.known import KnownNetwork
from wifirelay.values import shown
from wifirelay.view.networks import network_object

Item = tuple[str, str, str]  # source, name, what there is to say


@dataclass(frozen=True, slots=True)
class Row:
    """A network that a source holds, and what became of it: added, replaced, known."""

    source: str
    outcome: str
    network: KnownNetwork


def import_object(
    file: str, rows: Iterable[Row], left_out: Iterable[Item], remarks: Iterable[Item], *, dry: bool
) -> dict[str, Any]:
    """For programs; `file` is where the known networks are."""
    return {
        "schema": "wifirelay.import/1",
        "file": file,
        "dry_run": dry,
        "networks": [
            {"source": row.source, "outcome": row.outcome, **network_object(row.network)}
            for row in rows
        ],
        "left_out": [_item(item, "reason") for item in left_out],
        "remarks": [_item(item, "remark") for item in remarks],
    }


def _item(item: Item, word: str) -> dict[str, str]:
    source, name, text = item
    return {"source": source, "name": name, word: text}


def import_lines(
    file: str,
    rows: Sequence[Row],
    left_out: Sequence[Item],
    remarks: Iterable[Item],
    *,
    dry: bool,
    replacing: bool,
) -> list[str]:
    """For people: a line for each network, then the sum. `replacing`: what is known already has
    these very settings."""
    words = _WOULD if dry else _DID
    lines = [f"{words[row.outcome]} {_described(row)}" for row in rows]
    lines += [f"left out {shown(name)}: {reason}" for _, name, reason in left_out]
    lines += [f"note: {shown(name)}: {remark}" for _, name, remark in remarks]
    counts = [sum(row.outcome == outcome for row in rows) for outcome in words]
    numbers = zip(counts, words.values(), strict=True)
    said = [f"{count} {word.rstrip(':')}" for count, word in numbers if count]
    said += [f"{len(left_out)} left out"] if left_out else []
    lines.append(f"{shown(file)}: {', '.join(said)}")
    if not replacing and any(row.outcome == "differs" for row in rows):
        lines.append("what is known with other settings stays so: --replace takes the new ones")
    return lines


_DID = {
    "added": "added",
    "replaced": "replaced",
    "known": "known already:",
    "differs": "known with other settings:",
}
_WOULD = {
    "added": "would be added:",
    "replaced": "would be replaced:",
    "known": "known already:",
    "differs": "known with other settings:",
}


def _described(row: Row) -> str:
    """The network's name comes first, and all else in brackets."""
    network = row.network
    if row.outcome in ("known", "differs"):
        return f"{network.ssid} (from {shown(row.source)})"
    limits = [network.security.value]
    limits += ["key"] if network.key is not None else []
    limits += [f"priority {network.priority}"] if network.priority else []
    limits += [word for word in ("hidden", "metered") if getattr(network, word)]
    limits += [f"only {', '.join(network.bssids)}"] if network.bssids else []
    return f"{network.ssid} ({', '.join(limits)}; from {shown(row.source)})"
