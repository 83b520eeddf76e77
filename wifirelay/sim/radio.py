# SPDX-License-Identifier: GPL-2.0-or-later
"""Radios of the simulated router: which bands they hear, which channels they may use."""

from dataclasses import dataclass, field

from wifirelay.values import Band


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel as `iwinfo freqlist` lists it; `disabled` ones are not listed at all."""

    band: Band
    number: int
    flags: tuple[str, ...] = ()
    no_ir: bool = False  # no access point may start here
    radar: bool = False  # only after listening for radar
    disabled: bool = False

    @property
    def mhz(self) -> int:
        return mhz(self.band, self.number)


def mhz(band: Band, channel: int) -> int:
    """Centre frequency in MHz of a channel (IEEE 802.11-2020, annex E)."""
    if band is Band.GHZ2:
        return 2484 if channel == 14 else 2407 + 5 * channel
    return (5000 if band is Band.GHZ5 else 5950) + 5 * channel


def _flags_2g(number: int) -> tuple[str, ...]:
    narrow = ("no_ht40-",) if number < 5 else ("no_ht40+",) if number > 9 else ()
    return (*narrow, "no_80mhz", "no_160mhz")


# Flags as in the OpenWrt 24.10 lab (country CN). iwinfo has no flag for radar.
CHANNELS_2G = tuple(Channel(Band.GHZ2, n, _flags_2g(n)) for n in range(1, 14))
CHANNELS_5G = (
    Channel(Band.GHZ5, 36, ("no_ht40-", "indoor_only")),
    *(Channel(Band.GHZ5, n, ("indoor_only",)) for n in (40, 44, 48)),
    *(Channel(Band.GHZ5, n, ("indoor_only",), radar=True) for n in (52, 56, 60)),
    Channel(Band.GHZ5, 64, ("no_ht40+", "indoor_only"), radar=True),
    Channel(Band.GHZ5, 149, ("no_ht40-", "no_160mhz")),
    *(Channel(Band.GHZ5, n, ("no_160mhz",)) for n in (153, 157, 161)),
    Channel(Band.GHZ5, 165, ("no_ht40+", "no_160mhz")),
)


@dataclass(frozen=True, slots=True)
class Radio:
    """One radio: UCI's name for it, its phy, and what it hears."""

    name: str
    phy: str
    hears: frozenset[Band]
    channels: tuple[Channel, ...] = field(default=CHANNELS_2G + CHANNELS_5G)
    wds: bool = True  # its driver takes stations with four addresses

    @property
    def index(self) -> int:
        return int(self.phy.removeprefix("phy"))

    @property
    def mac(self) -> str:
        return f"02:00:00:00:{self.index:02x}:00"

    @property
    def station_mac(self) -> str:
        return f"42:00:00:00:{self.index:02x}:00"

    def channel(self, band: Band, number: int) -> Channel | None:
        """That channel, when this radio may use it."""
        for channel in self.channels:
            if (channel.band, channel.number) == (band, number) and not channel.disabled:
                return channel
        return None


RADIO0 = Radio("radio0", "phy0", frozenset({Band.GHZ2}), CHANNELS_2G)
RADIO1 = Radio("radio1", "phy1", frozenset({Band.GHZ5}), CHANNELS_5G)
