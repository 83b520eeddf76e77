# SPDX-License-Identifier: GPL-2.0-or-later
"""Channels on which a radio may run an access point: `ubus call iwinfo freqlist`."""

from dataclasses import dataclass

from wifirelay.router.ubus import Fact, answer, as_dict, as_int, as_list, call
from wifirelay.transport.base import Completed
from wifirelay.values import Band

# 5250 to 5350 and 5470 to 5730 MHz: radar detection is due before an access point may
# start there, 60 s and more (ETSI EN 301 893, FCC 15.407, SRRC). iwinfo's freqlist does not
# say so: its flags for CN's channels 52 to 64 are the same as for 36 (OpenWrt of 2025-02).
_RADAR = (range(52, 65), range(100, 145))


@dataclass(frozen=True, slots=True)
class Channels:
    """What a radio may use; `listed` is None when the router cannot tell."""

    listed: frozenset[tuple[Band, int]] | None = None
    silent: frozenset[tuple[Band, int]] = frozenset()  # no_ir: it may listen, not start

    def refusal(self, band: Band, channel: int, *, own_access_point: bool) -> str | None:
        """Why this radio cannot relay a network on this channel, or None.

        With an own access point on the radio, that one has to follow to the channel.
        """
        if self.listed is not None and (band, channel) not in self.listed:
            return f"channel {channel} ({band}) is not allowed on this radio in its country"
        if not own_access_point:
            return None
        if (band, channel) in self.silent:
            return f"the own access point may not start on channel {channel} (no-IR)"
        if band is Band.GHZ5 and any(channel in radar for radar in _RADAR):
            return (
                f"the own access point would have to follow to the radar channel {channel} "
                "and be off the air for 60 s or more"
            )
        return None


def channels(radio: str) -> Fact[Channels]:
    """Unknown (no limits) when the router has no answer: not every driver gives the list."""
    command = call("iwinfo", "freqlist", {"device": radio})

    def parse(completed: Completed) -> Channels:
        return parse_channels(answer(command, completed)) if completed.rc == 0 else Channels()

    return Fact(command, parse)


def parse_channels(answered: object) -> Channels:
    listed, silent = set(), set()
    for raw in as_list(as_dict(answered, "channel list").get("results")):
        if not isinstance(raw, dict):
            continue
        mhz, channel = as_int(raw.get("mhz")), as_int(raw.get("channel"))
        band = Band.of_mhz(mhz) if mhz is not None else None
        if band is None or channel is None:
            continue
        flags = as_list(raw.get("flags"))
        if "disabled" in flags:
            continue
        listed.add((band, channel))
        if "no_ir" in flags or raw.get("restricted") is True:
            silent.add((band, channel))
    return Channels(frozenset(listed), frozenset(silent)) if listed else Channels()
