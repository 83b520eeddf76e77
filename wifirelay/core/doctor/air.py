# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of what is on the air now: the own access points, and what takes them off."""

from collections.abc import Iterator, Mapping

from wifirelay.core.doctor.facts import Facts, used_radios
from wifirelay.core.doctor.finding import (
    Finding,
    Unknown,
    ok,
    problem,
    together,
    unknown,
    warning,
    word,
)
from wifirelay.core.radios import access_points as configured
from wifirelay.core.sections import all_own
from wifirelay.router.devices import Device
from wifirelay.router.wireless import WirelessStatus
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import OWN_PREFIX
from wifirelay.values import Ssid, shown


def access_points(facts: Facts) -> Finding:
    """Is each on the air? Its carrier tells: netifd says `up` and hostapd ENABLED in any case."""
    check = "access-points"
    wireless, status, devices = facts.wireless, facts.status, facts.devices
    if isinstance(wireless, Unknown):
        return unknown(check, wireless)
    if isinstance(status, Unknown):
        return unknown(check, status)
    if isinstance(devices, Unknown):
        return unknown(check, devices)
    own = [
        (radio.name, section)
        for radio in wireless.of_kind("wifi-device")
        if radio.enabled
        for section in configured(wireless, radio.name)
    ]
    if not own:
        return ok(check, "none is configured on an enabled radio: none to keep on the air")
    wrong = [
        _off(section, _searching(wireless, radio, status, devices))
        for radio, section in own
        if not _carrier(section.name, status, devices)
    ]
    return together(wrong, ok(check, f"{', '.join(_name(s) for _, s in own)}: on the air"))


def _off(section: Section, searcher: str) -> Finding:
    text = f"{_name(section)} is off the air"
    if searcher:
        return problem(
            "access-points",
            f"{text}: the station of section {shown(searcher)} searches on its radio",
            "`wifirelay leave`"
            if searcher.startswith(OWN_PREFIX)
            else switched_off(word(searcher)),
        )
    return problem(
        "access-points",
        text,
        "see `logread -e hostapd`; on a radar channel wait a minute or ten; then `wifi reload`",
    )


def switched_off(section: str) -> str:
    """The commands that end a station for good: staged only, it would be in everybody's way."""
    return f"`uci set wireless.{section}.disabled=1; uci commit wireless; wifi reload`"


def _carrier(section: str, status: WirelessStatus, devices: Mapping[str, Device]) -> bool:
    interface = status.interface(section)
    device = devices.get(interface.ifname or "") if interface is not None else None
    return device is not None and device.carrier


def _searching(
    wireless: Package, radio: str, status: WirelessStatus, devices: Mapping[str, Device]
) -> str:
    """The section of a station on this radio that has no network."""
    for section in wireless.of_kind("wifi-iface"):
        if (
            section.get("mode") == "sta"
            and section.enabled
            and radio in section.items("device")
            and status.interface(section.name) is not None
            and not _carrier(section.name, status, devices)
        ):
            return section.name
    return ""


def _name(section: Section) -> str:
    text = section.get("ssid")
    return str(Ssid.of(text)) if text else shown(section.name)


def stations(facts: Facts) -> Finding:
    """Stations that are not wifirelay's: nobody ends them when their network is gone."""
    if isinstance(facts.wireless, Unknown):
        return unknown("stations", facts.wireless)
    wireless = facts.wireless
    used = {device.name for device in used_radios(wireless, facts.relay)}
    enabled = {device.name for device in wireless.of_kind("wifi-device") if device.enabled}

    def wrong() -> Iterator[Finding]:
        for section in wireless.of_kind("wifi-iface"):
            on = enabled.intersection(section.items("device"))
            if (
                section.get("mode") != "sta"
                or not section.enabled
                or section.name.startswith(OWN_PREFIX)
                or not on
            ):
                continue
            name, where = word(section.name), shown(min(on))
            evidence = f"section {name} is a station on {where} that is not wifirelay's"
            remedy = switched_off(name)
            if on & used:
                yield problem(
                    "stations",
                    f"{evidence}: it takes the radio's channel, and the own access points off "
                    "the air while it searches",
                    f"let wifirelay know its network instead, and {remedy}",
                )
            else:
                yield warning(
                    "stations",
                    f"{evidence}: own access points there are off the air while it searches",
                    f"if it is not needed: {remedy}",
                )

    own = sum(section.enabled for section in all_own(wireless))
    fine = "wifirelay's own is the only one" if own else "none is enabled"
    return together(wrong(), ok("stations", fine))
