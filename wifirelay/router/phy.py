# SPDX-License-Identifier: GPL-2.0-or-later
"""What a radio's driver can do: `iw phy`. Nothing else tells how many interfaces fit together.

`iw` prints it for people: lines are read as they were recorded (OpenWrt of 2025-02), and what is
not understood is left out.
"""

import re
from dataclasses import dataclass

from wifirelay.errors import RouterAnswer
from wifirelay.router.ubus import Fact
from wifirelay.transport.base import Command, Completed
from wifirelay.values import shown

MOST = 512 * 1024  # bytes: a radio of 2025 takes 10 KiB
_PHY = re.compile(r"^Wiphy (\S+)[ \t]*$", re.MULTILINE)
_MODES = re.compile(r"^\tSupported interface modes:\n((?:\t\t\s*\* .*\n)*)", re.MULTILINE)
_COMBINATIONS = re.compile(r"^\tvalid interface combinations:\n((?:\t\t.*\n)*)", re.MULTILINE)
_LIMIT = re.compile(r"#\{([^{}]{1,400})\} <= (\d{1,6})")
_TOTAL = re.compile(r"total <= (\d{1,6})")
_CHANNELS = re.compile(r"#channels <= (\d{1,6})")


@dataclass(frozen=True, slots=True)
class Combination:
    """One set of interfaces that a driver runs at once."""

    limits: tuple[tuple[frozenset[str], int], ...]  # kinds, and how many of them together
    total: int
    channels: int  # different ones at a time

    def takes(self, wanted: dict[str, int]) -> bool:
        """Whether so many interfaces of each kind ("AP", "managed") fit, each kind counted
        against one limit."""
        if sum(wanted.values()) > self.total:
            return False
        left = [most for _, most in self.limits]
        for kind, count in wanted.items():
            at = next((n for n, (kinds, _) in enumerate(self.limits) if kind in kinds), None)
            if at is None:
                return False
            left[at] -= count
        return min(left, default=0) >= 0


@dataclass(frozen=True, slots=True)
class Phy:
    """One wireless device of the kernel."""

    name: str  # "phy0"
    modes: frozenset[str]  # "AP", "managed"; empty: not told
    combinations: tuple[Combination, ...]  # empty: no two interfaces at once
    scans_beside_ap: bool  # says that it scans while it runs an access point

    def beside(self, access_points: int) -> Combination | None:
        """The combination with most channels that runs a station beside so many access points."""
        wanted = {"AP": access_points, "managed": 1}
        fit = [each for each in self.combinations if each.takes(wanted)]
        return max(fit, key=lambda each: each.channels, default=None)


def phys() -> Fact[dict[str, Phy]]:
    """All of them by name; none where `iw` says nothing. RouterAnswer where it fails."""
    command = Command(("iw", "phy"), most=MOST)

    def parse(completed: Completed) -> dict[str, Phy]:
        if completed.rc != 0:
            said = shown(completed.errors.strip()[:80])
            raise RouterAnswer(f"`iw phy` failed on the router: {said or completed.rc}")
        return parse_phys(completed.text)

    return Fact(command, parse)


def parse_phys(text: str) -> dict[str, Phy]:
    """From the text of `iw phy`."""
    parts = _PHY.split(text)
    return {name: _phy(name, block) for name, block in zip(parts[1::2], parts[2::2], strict=True)}


def _phy(name: str, block: str) -> Phy:
    modes = _MODES.search(block)
    found = _COMBINATIONS.search(block)
    # Each begins with a star, and goes on in lines without one.
    texts = re.split(r"^\t\t \* ", found[1], flags=re.MULTILINE)[1:] if found else []
    return Phy(
        name=name,
        modes=frozenset(re.findall(r"\* (.+)", modes[1])) if modes else frozenset(),
        combinations=tuple(each for text in texts if (each := _combination(text)) is not None),
        scans_beside_ap="Device supports AP scan." in block,
    )


def _combination(text: str) -> Combination | None:
    limits = tuple(
        (frozenset(kind.strip() for kind in kinds.split(",")), int(most))
        for kinds, most in _LIMIT.findall(text)
    )
    total, channels = _TOTAL.search(text), _CHANNELS.search(text)
    if not limits or total is None:
        return None
    return Combination(limits, int(total[1]), int(channels[1]) if channels else 1)
