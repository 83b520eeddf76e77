# SPDX-License-Identifier: GPL-2.0-or-later
"""What a campaign came to: a row for each family and policy, and who beats whom."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wifirelay.evaluation.campaign import DAY, Run
from wifirelay.evaluation.policies import OURS
from wifirelay.values import printable


@dataclass(frozen=True, slots=True)
class Row:
    """All runs of one policy in one family. Shares from 0 to 1, durations in seconds."""

    family: str
    policy: str
    runs: int
    days: float
    online: float  # share of the time
    of_bound: float  # share of what an all-knowing policy could have had at most
    below: float  # share of the time: online, though a preferred network could be used
    outage: float  # own access points, a day
    switches: float  # a day
    failed: float  # trials, a day
    writes: float  # to flash, a day
    scans: float  # a day
    gaps: int
    median: float | None  # from loss to online
    p95: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """wifirelay's own policy against the others in one family."""

    family: str
    first: bool  # none is longer online
    beaten_by: tuple[str, ...]  # longer online, and with less own-access-point outage


def rows(runs: Sequence[Run]) -> list[Row]:
    """In the order in which families and policies come."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.family, run.policy), []).append(run)
    order = {family: number for number, family in enumerate(dict.fromkeys(r.family for r in runs))}
    return [_row(*key, groups[key]) for key in sorted(groups, key=lambda key: order[key[0]])]


def _row(family: str, policy: str, runs: list[Run]) -> Row:
    accounts = [run.account for run in runs]
    seconds = sum(each.seconds for each in accounts)
    online = sum(each.online for each in accounts)
    bound = sum(run.bound for run in runs)
    gaps = sorted(gap for each in accounts for gap in each.gaps)
    days = seconds / DAY
    return Row(
        family=family,
        policy=policy,
        runs=len(runs),
        days=days,
        online=online / seconds,
        of_bound=online / bound if bound else 1.0,
        below=sum(each.below for each in accounts) / seconds,
        outage=sum(each.dark for each in accounts) / days,
        switches=sum(each.switches for each in accounts) / days,
        failed=sum(each.failed for each in accounts) / days,
        writes=sum(each.writes for each in accounts) / days,
        scans=sum(each.scans for each in accounts) / days,
        gaps=len(gaps),
        median=percentile(gaps, 0.5),
        p95=percentile(gaps, 0.95),
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """By nearest rank, of sorted values."""
    if not values:
        return None
    return values[max(0, math.ceil(share * len(values)) - 1)]


def standings(found: Sequence[Row]) -> list[Standing]:
    """Where both wifirelay's policy and another one were played."""
    result = []
    for family in dict.fromkeys(row.family for row in found):
        mine = [row for row in found if row.family == family and row.policy == OURS]
        others = [row for row in found if row.family == family and row.policy != OURS]
        if not mine or not others:
            continue
        ours = mine[0]
        result.append(
            Standing(
                family,
                all(ours.online >= row.online for row in others),
                tuple(
                    row.policy
                    for row in others
                    if row.online > ours.online and row.outage < ours.outage
                ),
            )
        )
    return result


_HEAD = (
    *("family", "policy", "online %", "of bound %", "AP outage s/day", "switches/day"),
    *("flash/day", "scans/day", "loss to online s: median", "95th", "below preferred %"),
)


def lines(found: Sequence[Row]) -> list[str]:
    """A Markdown table, and the verdict."""
    cells = [_HEAD, *(_cells(row) for row in found)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    text = [_line(cells[0], widths), _rule(widths), *(_line(row, widths) for row in cells[1:])]
    return [printable(line) for line in (*text, *_verdict(standings(found)))]


def _cells(row: Row) -> tuple[str, ...]:
    def plain(value: float | None, digits: int) -> str:
        return "" if value is None else f"{value:.{digits}f}"

    return (
        row.family.replace("|", "\\|"),
        row.policy,
        plain(100 * row.online, 2),
        plain(100 * row.of_bound, 2),
        plain(row.outage, 1),
        plain(row.switches, 1),
        plain(row.writes, 1),
        plain(row.scans, 0),
        plain(row.median, 0),
        plain(row.p95, 0),
        plain(100 * row.below, 2),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if column < 2 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return f"| {' | '.join(cells)} |"


def _rule(widths: Sequence[int]) -> str:
    marks = ["-" * w if column < 2 else "-" * (w - 1) + ":" for column, w in enumerate(widths)]
    return f"| {' | '.join(marks)} |"


def _verdict(found: Sequence[Standing]) -> list[str]:
    if not found:
        return []
    behind = [each.family for each in found if not each.first]
    text = f"{OURS} is longest online in {len(found) - len(behind)} of {len(found)} families"
    text += f"; not in {', '.join(behind)}." if behind else "."
    beaten = [f"{each.family} (by {', '.join(each.beaten_by)})" for each in found if each.beaten_by]
    more = (
        f"Beaten in both time online and own-access-point outage: {'; '.join(beaten)}."
        if beaten
        else "In no family does another policy beat it in both time online and own-access-point "
        "outage."
    )
    return ["", text, more]


def as_object(found: Sequence[Row]) -> dict[str, Any]:
    """`wifirelay.evaluate/1`"""
    standing = standings(found)
    return {
        "schema": "wifirelay.evaluate/1",
        "rows": [
            {
                "family": row.family,
                "policy": row.policy,
                "runs": row.runs,
                "days": round(row.days, 4),
                "online_share": round(row.online, 6),
                "share_of_bound": round(row.of_bound, 6),
                "below_preferred_share": round(row.below, 6),
                "own_ap_outage_seconds_per_day": round(row.outage, 3),
                "switches_per_day": round(row.switches, 3),
                "failed_trials_per_day": round(row.failed, 3),
                "flash_writes_per_day": round(row.writes, 3),
                "scans_per_day": round(row.scans, 3),
                "losses": row.gaps,
                "loss_to_online_seconds": {"median": row.median, "p95": row.p95},
            }
            for row in found
        ],
        "verdict": {
            "policy": OURS,
            "families": [
                {"family": each.family, "first": each.first, "beaten_by": list(each.beaten_by)}
                for each in standing
            ],
        }
        if standing
        else None,
    }
