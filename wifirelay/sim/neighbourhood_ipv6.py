# SPDX-License-Identifier: GPL-2.0-or-later
"""The world `sixonly`: phones' hotspots of IPv6 alone, with and without a way to IPv4."""

from dataclasses import replace

from wifirelay.sim.air import AccessPoint, Internet
from wifirelay.sim.neighbourhoods import PHONE_KEY, Neighbourhood, known
from wifirelay.values import Band, Security


def sixonly(seed: int = 0) -> Neighbourhood:
    """One that works, one without NAT64, one without internet, and one that gives IPv4 alone."""
    del seed
    phone = AccessPoint(
        b"Phone6",
        "02:00:00:00:64:00",
        Band.GHZ2,
        6,
        -50,
        Security.PSK2,
        PHONE_KEY,
        dhcp=False,
        ipv6="address",
        nat64=True,
    )
    points = (
        phone,
        replace(phone, ssid=b"NoNat64", bssid="02:00:00:00:64:01", signal=-60, nat64=False),
        replace(
            phone,
            ssid=b"NoInternet6",
            bssid="02:00:00:00:64:02",
            signal=-65,
            internet=Internet.NONE,
        ),
        replace(phone, ssid=b"OnlyFour", bssid="02:00:00:00:64:03", signal=-70, dhcp=True, ipv6=""),
    )
    names = ("Phone6", "NoNat64", "NoInternet6", "OnlyFour")
    return Neighbourhood(
        "phones' hotspots of IPv6 alone, and a router with 464xlat",
        points,
        tuple(replace(known(name, PHONE_KEY), ipv6_only=True) for name in names),
    )
