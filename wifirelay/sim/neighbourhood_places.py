# SPDX-License-Identifier: GPL-2.0-or-later
"""The worlds `twin` and `journey`: a known network that somebody poses as, and two harbours.

Devices have addresses of a maker's here (AC:DE:48, which IEEE's own examples use): what is
remembered of a place counts no made-up ones.
"""

from dataclasses import replace

from wifirelay.core.known import KnownNetwork
from wifirelay.sim.air import AccessPoint, Internet
from wifirelay.sim.neighbourhoods import HOME_KEY, Neighbourhood, known
from wifirelay.values import Band, Security

HOME_BSSID, TWIN, WEAK_TWIN = "AC:DE:48:10:00:01", "DA:5E:17:00:66:01", "AC:DE:48:66:00:01"
TWIN_AT, WEAK_AT = 300.0, 900.0  # seconds from the start until each of the two appears
GONE_AT = 1500.0  # ... and until the genuine one is off the air
HARBOUR_KEY = "boats and more"
HARBOURS = (7800.0, 9000.0)  # seconds when the boat leaves the first one, and is back there


def twin(seed: int = 0) -> Neighbourhood:
    """HomeNet in WPA2 and WPA3; then a louder one with a made-up address, which has its key; later
    one without WPA3; in the end those two alone."""
    del seed
    mixed, psk = Security.SAE_MIXED, Security.PSK2
    points = (
        AccessPoint(
            b"HomeNet", HOME_BSSID, Band.GHZ2, 6, -66, mixed, HOME_KEY, schedule=((GONE_AT, False),)
        ),
        _off(
            AccessPoint(
                b"HomeNet", TWIN, Band.GHZ2, 11, -40, mixed, HOME_KEY, schedule=((TWIN_AT, True),)
            )
        ),
        _off(
            AccessPoint(
                b"HomeNet", WEAK_TWIN, Band.GHZ2, 1, -45, psk, HOME_KEY, schedule=((WEAK_AT, True),)
            )
        ),
        *_around(0x20, 4),
    )
    return Neighbourhood(
        "a network and, after a while, two that pose as it", points, (known("HomeNet", HOME_KEY),)
    )


def journey(seed: int = 0) -> Neighbourhood:
    """Two harbours. In the first one Pier is louder than Harbour and has no internet; a boat that
    comes back knows."""
    del seed
    away, back = HARBOURS
    first = ((away, False), (back, True))
    points = (
        _berth("Harbour", 0x30, 6, -70, schedule=first),
        _berth("Pier", 0x31, 1, -66, schedule=first, internet=Internet.NONE),
        *_around(0x40, 5, schedule=first),
        _off(_berth("Quay", 0x32, 11, -72, schedule=((away, True), (back, False)))),
        *(_off(each) for each in _around(0x50, 5, schedule=((away, True), (back, False)))),
    )
    return Neighbourhood("a boat: two harbours, and back to the first", points, _BOAT)


_BOAT: tuple[KnownNetwork, ...] = tuple(
    known(name, HARBOUR_KEY) for name in ("Harbour", "Pier", "Quay")
)


def _off(point: AccessPoint) -> AccessPoint:
    return replace(point, on=False)


def _berth(
    name: str,
    device: int,
    channel: int,
    signal: int,
    *,
    schedule: tuple[tuple[float, bool], ...],
    internet: Internet = Internet.OK,
) -> AccessPoint:
    return AccessPoint(
        name.encode(),
        f"AC:DE:48:{device:02X}:00:01",
        Band.GHZ2,
        channel,
        signal,
        Security.PSK2,
        HARBOUR_KEY,
        subnet=f"10.10.{device}.0/24",
        internet=internet,
        schedule=schedule,
    )


def _around(
    first: int, count: int, *, schedule: tuple[tuple[float, bool], ...] = ()
) -> tuple[AccessPoint, ...]:
    return tuple(
        AccessPoint(
            f"Neighbour-{device:03d}".encode(),
            f"AC:DE:48:{device:02X}:00:01",
            Band.GHZ2,
            (1, 6, 11)[device % 3],
            -60 - device % 7,
            Security.PSK2,
            "nobody here knows",
            schedule=schedule,
        )
        for device in range(first, first + count)
    )
