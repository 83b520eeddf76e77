# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's own access points: which there are, and waiting until they are on the air."""

import re
from collections.abc import Iterator

from wifirelay.clock import Clock
from wifirelay.core.radios import access_points
from wifirelay.core.sections import own_sections
from wifirelay.errors import RouterAnswer, TransportError
from wifirelay.router.devices import Device, devices
from wifirelay.router.observe import read_all
from wifirelay.router.state import Router
from wifirelay.router.wireless import WirelessStatus, wireless_status
from wifirelay.transport.base import Transport

RETURN_LIMIT = 45.0  # seconds after a rollback: seen 6 s, 33 s when reloads meet
POLL = 0.25  # seconds between two looks
# Seconds that access points must stay on the air to be back: a reload removes the station
# 0.8 s before it takes the access point down for a moment (OpenWrt of 2025-02).
STEADY = 1.5


AccessPoints = tuple[tuple[str, str], ...]  # (section, radio)


def own_access_points(router: Router) -> AccessPoints:
    """The own access points that are on the air now."""
    return tuple(
        (interface.section, interface.radio)
        for interface in router.status.access_points()
        if router.on_air(interface.section)
    )


def configured_access_points(router: Router) -> AccessPoints:
    """The access points that should be on the air beside the own sections."""
    return tuple(
        (point.name, radio)
        for radio in own_sections(router.wireless)
        for point in access_points(router.wireless, radio)
    )


def wait_on_air(transport: Transport, clock: Clock, on_air: AccessPoints) -> tuple[str, ...]:
    """Wait until these own access points are back after a reload, steadily, and the stations
    of disabled own sections are gone. Returns the sections that are not back in time.

    A reload does nothing at all for some seconds (5 s on the lab's router): what is on the
    air at the first look may be from before it.
    """
    end = clock.monotonic() + RETURN_LIMIT
    absent = tuple(section for section, _ in on_air)
    back_at: float | None = None
    while True:
        try:
            status, found = read_all(transport, [wireless_status(), devices()])
        except (TransportError, RouterAnswer):  # its radio may be the link's; or netifd is busy
            ready = False
        else:
            absent = missing(on_air, status, found)
            kept = {each.ifname for each in status.interfaces}
            leftover = [name for name in found if _is_station(name) and name not in kept]
            ready = not absent and not leftover
        now = clock.monotonic()
        back_at = (now if back_at is None else back_at) if ready else None
        if back_at is not None and now - back_at >= STEADY:
            return ()
        if now >= end:
            return absent
        clock.sleep(POLL)


def _is_station(device: str) -> bool:
    """By netifd's naming since 23.05 (phy0-sta0); on 22.03 nothing tells, nor is it needed."""
    return re.fullmatch(r"phy[0-9.]+-sta\d+", device) is not None


def all_on_air(
    wanted: tuple[tuple[str, str], ...], status: WirelessStatus, found: dict[str, Device]
) -> bool:
    """Whether each of these own access points has a carrier: nothing else tells the truth."""
    return not missing(wanted, status, found)


def missing(
    wanted: tuple[tuple[str, str], ...], status: WirelessStatus, found: dict[str, Device]
) -> tuple[str, ...]:
    """The sections of these access points that are off the air."""

    def absent() -> Iterator[str]:
        for section, _ in wanted:
            interface = status.interface(section)
            device = found.get(interface.ifname or "") if interface is not None else None
            if device is None or not device.carrier:
                yield section

    return tuple(absent())
