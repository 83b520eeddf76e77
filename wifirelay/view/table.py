# SPDX-License-Identifier: GPL-2.0-or-later
"""A plain table. Cells from the air are made harmless here, so none can forge a line."""

from collections.abc import Sequence

from wifirelay.values import printable

try:
    import unicodedata
except ImportError:  # python3-light has none: there every character counts as one column
    unicodedata = None  # type: ignore[assignment]


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> list[str]:
    """Lines of a table; the columns in `right` are set to the right."""
    cells = [[printable(cell) for cell in row] for row in (head, *rows)]
    widths = [max(columns(row[index]) for row in cells) for index in range(len(head))]
    return [
        "  ".join(
            _pad(cell, width, to_right=index in right)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def columns(text: str) -> int:
    """How many terminal columns a printable text takes: marks stand above or below what is
    before them, as the later parts of a Hangul syllable do; East Asian wide ones count two."""
    if unicodedata is None or text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _pad(text: str, width: int, *, to_right: bool) -> str:
    gap = " " * (width - columns(text))
    return gap + text if to_right else text + gap
