# SPDX-License-Identifier: GPL-2.0-or-later
"""The world `wds`: a farm, whose buildings are bridged by stations with four addresses."""

from wifirelay.core.known import WDS, KnownNetwork, Wanted
from wifirelay.sim.air import AccessPoint
from wifirelay.sim.neighbourhoods import Neighbourhood, known
from wifirelay.values import Band, Security, Ssid

FARM_KEY = "hay and horses"


def farm(seed: int = 0) -> Neighbourhood:
    """Two access points of the owner's with WDS, one of a neighbour's without, an open one, and
    one whose network is the router's own subnet."""
    del seed
    points = (
        _point(0, "House", -48, subnet="10.10.1.0/24"),
        _point(1, "Barn", -57, subnet="10.10.2.0/24"),
        _point(2, "Village", -52, subnet="10.10.3.0/24", wds=False),
        _point(3, "Same", -55, subnet="192.168.1.0/24"),
        _point(4, "Visitors", -50, None, subnet="10.10.5.0/24"),
        _point(5, "Yard", -60, None, subnet="10.10.6.0/24"),
    )
    names = ("House", "Barn", "Village", "Same")
    networks = (
        *(known(name, FARM_KEY) for name in names),
        known("Visitors"),
        KnownNetwork(Ssid.of("Yard"), security=Wanted.OPEN),
    )
    text = "a farm: two access points with WDS and one without, an open one, and a clash"
    return Neighbourhood(text, points, networks, {"kind": WDS})


def _point(
    number: int,
    name: str,
    signal: int,
    key: str | None = FARM_KEY,
    *,
    subnet: str,
    wds: bool = True,
) -> AccessPoint:
    security = Security.OPEN if key is None else Security.PSK2
    bssid = f"02:00:00:00:40:{number:02X}"
    channel = (1, 6, 11)[number % 3]
    return AccessPoint(
        *(name.encode(), bssid, Band.GHZ2, channel, signal, security, key), subnet=subnet, wds=wds
    )
