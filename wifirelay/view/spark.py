# SPDX-License-Identifier: GPL-2.0-or-later
"""Signal strengths as single characters: a bar for one, a row of bars for many."""

from collections.abc import Iterable, Sequence

FLOOR, CEILING = -95, -35  # dBm: below is noise, above nothing gets better
BLOCKS, ASCII = "▁▂▃▄▅▆▇█", "_.:-=+*#"
NONE = " "


def bar(dbm: float | None, levels: str = BLOCKS) -> str:
    """One character for this strength in dBm; a blank for none."""
    if dbm is None:
        return NONE
    share = (dbm - FLOOR) / (CEILING - FLOOR)
    return levels[min(max(int(share * len(levels)), 0), len(levels) - 1)]


def sparkline(dbm: Sequence[float | None], columns: int, levels: str = BLOCKS) -> str:
    """The last `columns` of them, oldest first."""
    return "".join(bar(each, levels) for each in dbm[-columns:]) if columns > 0 else ""


def weakest(dbm: Iterable[float | None]) -> float | None:
    """The lowest that was told."""
    return min((each for each in dbm if each is not None), default=None)
