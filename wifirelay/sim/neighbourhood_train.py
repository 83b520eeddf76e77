# SPDX-License-Identifier: GPL-2.0-or-later
"""A train: its open network names its login page's API by DHCP, and says how long a login lasts."""

from wifirelay.sim.air import AccessPoint, Internet
from wifirelay.sim.neighbourhoods import Neighbourhood, known
from wifirelay.values import Band, Security

API = "https://api.train.example/captive"


def train(seed: int = 0) -> Neighbourhood:
    """Two access points of one network in two cars."""
    del seed
    points = tuple(
        AccessPoint(
            b"TrainWifi",
            f"02:00:00:00:30:0{number}",
            band,
            channel,
            -55 - 5 * number,
            Security.OPEN,
            subnet="10.30.0.0/24",
            internet=Internet.PORTAL,
            portal="login.train.example",
            login="accept=yes",
            api=API,
            session=3600,
        )
        for number, (band, channel) in enumerate(((Band.GHZ5, 44), (Band.GHZ2, 11)))
    )
    return Neighbourhood(
        "a train: its network names its login page by itself (RFC 8910)",
        points,
        (known("TrainWifi"),),
    )
