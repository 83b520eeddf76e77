# SPDX-License-Identifier: GPL-2.0-or-later
"""A radio as its driver runs it: `ubus call iwinfo info` with the radio's name."""

from dataclasses import dataclass

from wifirelay.router.ubus import Fact, as_dict, as_str, as_word, call, ubus_fact


@dataclass(frozen=True, slots=True)
class RadioInfo:
    """Which wireless device of the kernel it is, and whose rules its driver follows."""

    phy: str | None  # "phy0"
    country: str | None  # two letters; "00" is the world's common part


def radio_info(radio: str) -> Fact[RadioInfo]:
    return ubus_fact(call("iwinfo", "info", {"device": radio}), parse_radio_info)


def parse_radio_info(answer: object) -> RadioInfo:
    raw = as_dict(answer, "description of a radio")
    return RadioInfo(as_word(raw.get("phy")), as_str(raw.get("country")) or None)
