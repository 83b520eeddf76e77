# SPDX-License-Identifier: GPL-2.0-or-later
"""Radios and Wi-Fi interfaces as netifd runs them: `ubus call network.wireless status`.

`up` there means "the setup script ended", neither that a station is associated nor that
an access point is on the air (openwrt-facts 2.1, 11): devices.py tells the latter.
"""

from dataclasses import dataclass
from typing import Any

from wifirelay.router.ubus import Fact, as_dict, as_list, as_str, as_word, call, ubus_fact
from wifirelay.values import Ssid

STATUS = call("network.wireless", "status")


@dataclass(frozen=True, slots=True)
class Interface:
    """One Wi-Fi interface that netifd has taken from the (staged or committed) configuration."""

    section: str
    radio: str
    mode: str  # ap, sta, ...
    ssid: Ssid | None
    ifname: str | None  # only after setup


@dataclass(frozen=True, slots=True)
class RadioStatus:
    """One radio as netifd sees it."""

    name: str
    up: bool
    disabled: bool
    gave_up: bool  # retry_setup_failed: stays down until its configuration changes
    interfaces: tuple[Interface, ...]


@dataclass(frozen=True, slots=True)
class WirelessStatus:
    """All radios, in netifd's order."""

    radios: tuple[RadioStatus, ...] = ()

    def interface(self, section: str) -> Interface | None:
        return next((each for each in self.interfaces if each.section == section), None)

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        return tuple(each for radio in self.radios for each in radio.interfaces)

    def access_points(self, radio: str | None = None) -> tuple[Interface, ...]:
        """The own access points, of one radio if named."""
        return tuple(
            each for each in self.interfaces if each.mode == "ap" and radio in (None, each.radio)
        )


def wireless_status() -> Fact[WirelessStatus]:
    return ubus_fact(STATUS, parse_wireless_status)


def parse_wireless_status(answer: object) -> WirelessStatus:
    radios = as_dict(answer, "wireless status")
    return WirelessStatus(
        tuple(
            RadioStatus(
                name=name,
                up=raw.get("up") is True,
                disabled=raw.get("disabled") is True,
                gave_up=raw.get("retry_setup_failed") is True,
                interfaces=tuple(
                    _interface(name, each)
                    for each in as_list(raw.get("interfaces"))
                    if isinstance(each, dict) and isinstance(each.get("section"), str)
                ),
            )
            for name, raw in radios.items()
            if isinstance(raw, dict)
        )
    )


def _interface(radio: str, raw: dict[str, Any]) -> Interface:
    config = raw.get("config")
    config = config if isinstance(config, dict) else {}
    ssid = as_str(config.get("ssid"))
    return Interface(
        section=raw["section"],
        radio=radio,
        mode=as_str(config.get("mode")) or "ap",
        ssid=Ssid.of(ssid) if ssid else None,
        ifname=as_word(raw.get("ifname")),
    )
