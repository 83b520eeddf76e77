# SPDX-License-Identifier: GPL-2.0-or-later
"""The air of one band as a picture (SVG): channels across, dBm up, a hump for each BSS.

Text only, without a script or a font of its own; every name in it is made harmless.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from html import escape

from wifirelay.router.scan import Bss
from wifirelay.values import Band, Ssid, printable

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 24, 26
FLOOR, CEILING = -100, -20  # dBm
_NAMES = {Band.GHZ2: "2.4 GHz", Band.GHZ5: "5 GHz", Band.GHZ6: "6 GHz"}
_MARGIN = 25.0  # MHz beside the outermost channel
_LABEL = 18  # characters of a name that fit


def frequency(band: Band, channel: int) -> float:
    """The middle of a 20 MHz channel, in MHz (IEEE 802.11)."""
    if band is Band.GHZ2:
        return 2484.0 if channel == 14 else 2407.0 + 5 * channel
    return (5000.0 if band is Band.GHZ5 else 5950.0) + 5 * channel


def air_charts(heard: Iterable[Bss], known: Collection[Ssid]) -> list[str]:
    """An SVG for each band in which something is heard whose channel and strength are told."""
    drawn = [bss for bss in heard if bss.band and bss.channel and bss.signal is not None]
    return [
        _chart(band, [bss for bss in drawn if bss.band is band], known)
        for band in Band
        if any(bss.band is band for bss in drawn)
    ]


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where frequencies and strengths are in the picture."""

    low: float  # MHz
    high: float

    def across(self, megahertz: float) -> float:
        share = (min(max(megahertz, self.low), self.high) - self.low) / (self.high - self.low)
        return LEFT + (WIDTH - LEFT - RIGHT) * share

    def up(self, dbm: float) -> float:
        share = (min(max(dbm, FLOOR), CEILING) - FLOOR) / (CEILING - FLOOR)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _chart(band: Band, heard: list[Bss], known: Collection[Ssid]) -> str:
    middles = {bss.channel: frequency(band, bss.channel) for bss in heard}
    axes = _Axes(min(middles.values()) - _MARGIN, max(middles.values()) + _MARGIN)
    parts = [
        f'<svg class="air" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{_NAMES[band]}, {len(heard)} access points">',
        f'<text class="band" x="{LEFT}" y="14">{_NAMES[band]}</text>',
    ]
    for dbm in range(FLOOR + 10, CEILING, 20):
        y = axes.up(dbm)
        parts += [
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>',
            f'<text class="axis" x="4" y="{y + 4:.1f}">{dbm}</text>',
        ]
    for channel, middle in sorted(middles.items()):
        x = axes.across(middle)
        text = (
            f'<text class="axis" text-anchor="middle" x="{x:.1f}" y="{HEIGHT - 8}">{channel}</text>'
        )
        parts.append(text)
    for bss in sorted(heard, key=lambda each: each.signal or FLOOR):
        parts.append(_hump(bss, axes, known=bss.ssid in known))
    return "".join([*parts, "</svg>"])


def _hump(bss: Bss, axes: _Axes, *, known: bool) -> str:
    """One access point: as wide as its channel, as high as it is strong."""
    if bss.band is None or bss.signal is None:
        raise ValueError("only what has a band and a strength can be drawn")
    middle = frequency(bss.band, bss.channel)
    left, right = axes.across(middle - bss.width / 2), axes.across(middle + bss.width / 2)
    x, top, foot = axes.across(middle), axes.up(bss.signal), axes.up(FLOOR)
    name = printable(str(bss.ssid)) if bss.ssid is not None else "(hidden)"
    short = name if len(name) <= _LABEL else name[: _LABEL - 1] + "\u2026"
    told = f"{name}, channel {bss.channel}, {bss.signal} dBm, {bss.security}"
    # A quadratic curve reaches half as high as its control point.
    path = f"M{left:.1f} {foot:.1f}Q{x:.1f} {2 * top - foot:.1f} {right:.1f} {foot:.1f}"
    return (
        f'<g class="{"known" if known else "other"}"><title>{escape(told)}</title>'
        f'<path d="{path}"/><text text-anchor="middle" x="{x:.1f}" y="{top - 3:.1f}">'
        f"{escape(short)}</text></g>"
    )
