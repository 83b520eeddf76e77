# SPDX-License-Identifier: GPL-2.0-or-later
"""Which of the router's radios may carry the uplink, and what limits each."""

from collections.abc import Mapping
from dataclasses import replace

from wifirelay.core.known import NAT, Relay
from wifirelay.core.refusals import UsableRadio
from wifirelay.core.wds import is_aliased, otherwise
from wifirelay.errors import ConfigError
from wifirelay.router.channels import Channels
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.programs import NOT_ASKED, Abilities
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import OWN_PREFIX
from wifirelay.values import Band

_HWMODE = {"11a": Band.GHZ5, "11b": Band.GHZ2, "11g": Band.GHZ2}  # before `band`, still read


def radio_names(wireless: Package, relay: Relay) -> tuple[str, ...]:
    """The radios to use, in order of preference: the configured ones, else all that are enabled.

    Raises ConfigError for a configured radio that the router does not have.
    """
    there = _devices(wireless)
    for number, name in enumerate(relay.radios):
        if name not in there:
            raise ConfigError(
                f"relay.radios[{number}]: the router has no radio {name}",
                hint=f"it has {', '.join(there) or 'none'}",
            )
    if relay.radios:
        return relay.radios
    return tuple(name for name, section in there.items() if section.enabled)


def usable_radios(
    wireless: Package,
    relay: Relay,
    channels: Mapping[str, Channels],
    abilities: Abilities = NOT_ASKED,
    interfaces: Mapping[str, LogicalInterface] | None = None,
) -> dict[str, UsableRadio]:
    """The radios to use with their limits, in order of preference. `interfaces` are the router's;
    None: not known."""
    devices = _devices(wireless)
    kind = relay.kind, is_aliased(relay.interface, interfaces or {})
    radios = {
        name: _usable(devices[name], wireless, channels.get(name, Channels()), abilities, *kind)
        for name in radio_names(wireless, relay)
    }
    if interfaces is None:
        return radios
    return {
        name: replace(
            radio,
            uplink=relay.interface,
            interfaces=interfaces,
            vpn=relay.tunnel,
            kind=relay.kind if relay.kind != NAT else "",
        )
        for name, radio in radios.items()
    }


def _devices(wireless: Package) -> dict[str, Section]:
    return {section.name: section for section in wireless.of_kind("wifi-device")}


def _usable(
    device: Section,
    wireless: Package,
    channels: Channels,
    abilities: Abilities,
    kind: str,
    aliased: bool | None,
) -> UsableRadio:
    name = device.name
    why_not = otherwise(wireless, name, kind, aliased)
    if not device.enabled:
        why_not = (
            f"{name} is disabled in the router's configuration: enable it there first, "
            "wifirelay does not change what is the owner's"
        )
    return UsableRadio(
        name=name,
        band=configured_band(device),
        channels=channels,
        has_access_point=bool(access_points(wireless, name)),
        why_not=why_not,
        abilities=abilities,
    )


def configured_band(device: Section) -> Band | None:
    """The band that a `wifi-device` section is set to; None when it sets none."""
    try:
        return Band(device.get("band"))
    except ValueError:
        return _HWMODE.get(device.get("hwmode"))


def access_points(wireless: Package, radio: str) -> tuple[Section, ...]:
    """The owner's enabled access points on this radio."""
    return tuple(
        section
        for section in wireless.of_kind("wifi-iface")
        if section.get("mode", "ap") == "ap"
        and section.enabled
        and radio in section.items("device")
        and not section.name.startswith(OWN_PREFIX)
    )
