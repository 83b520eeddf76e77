# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in the air of each ready-made world, and which of it the owner knows."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from wifirelay.core.known import KnownNetwork
from wifirelay.sim.air import AccessPoint, Internet
from wifirelay.values import Band, Secret, Security, Ssid

HOME_KEY = "correct horse battery"
PHONE_KEY = "phone in my pocket"
PHONE_MAC = "DA:00:00:00:77:01"  # it has logged in at the hotel
ODD_NAME = '咖啡馆 "quoted" & spaces'
ODD_KEY = 'p@ss "w" & $x'


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Access points, the owner's networks, and what the world is for."""

    description: str
    points: tuple[AccessPoint, ...]
    known: tuple[KnownNetwork, ...]
    relay: Mapping[str, Any] = field(default_factory=dict)  # what of `Relay` it is set up for


def known(name: str | bytes, key: str | None = None, *, priority: int = 0) -> KnownNetwork:
    """One network that the owner listed."""
    ssid = Ssid(name) if isinstance(name, bytes) else Ssid.of(name)
    return KnownNetwork(ssid, Secret(key) if key is not None else None, priority=priority)


def _bssid(number: int) -> str:
    return f"02:00:00:00:{0x10 + number // 256:02X}:{number % 256:02X}"


def _neighbours(
    chance: random.Random, count: int, first: int, *, strongest: int = -50
) -> tuple[AccessPoint, ...]:
    points = []
    for number in range(first, first + count):
        five = chance.random() < 0.35
        kind = chance.choice((Security.PSK2, Security.PSK2, Security.SAE_MIXED, Security.SAE))
        points.append(
            AccessPoint(
                f"Neighbour-{number:03d}".encode(),
                _bssid(number),
                Band.GHZ5 if five else Band.GHZ2,
                chance.choice((36, 40, 44, 48, 149, 157)) if five else chance.choice((1, 6, 11)),
                chance.randint(-92, strongest),
                kind,
                f"not ours {number}",
                width=80 if five else 20,
                noise=2.0,
            )
        )
    return tuple(points)


def home(seed: int = 0) -> Neighbourhood:
    """Two access points of one network, a phone's hotspot, a few neighbours."""
    points = (
        AccessPoint(b"HomeNet", _bssid(0), Band.GHZ2, 6, -47, Security.PSK2, HOME_KEY),
        AccessPoint(b"HomeNet", _bssid(1), Band.GHZ5, 36, -55, Security.PSK2, HOME_KEY, width=80),
        AccessPoint(
            b"Phone",
            _bssid(2),
            Band.GHZ2,
            11,
            -68,
            Security.SAE,
            PHONE_KEY,
            subnet="10.10.3.0/24",
        ),
        *_neighbours(random.Random(seed), 6, 16, strongest=-60),  # noqa: S311
    )
    return Neighbourhood(
        "two access points of HomeNet, a phone's hotspot, neighbours",
        points,
        (known("HomeNet", HOME_KEY), known("Phone", PHONE_KEY)),
    )


def hotel(seed: int = 0) -> Neighbourhood:
    """Sixty BSSs; the guests' network is open, weak and has a login page, where a phone has
    logged in before."""
    chance = random.Random(seed)  # noqa: S311
    guests = tuple(
        AccessPoint(
            b"HotelGuest",
            _bssid(number),
            Band.GHZ5 if number % 3 == 2 else Band.GHZ2,
            (1, 11, 44)[number % 3],
            -74 - number,
            Security.OPEN,
            subnet="10.20.0.0/24",
            internet=Internet.PORTAL,
            portal="login.hotel.example",
            login="room=12&name=Smith",
            admits=(PHONE_MAC,),
            noise=3.0,
        )
        for number in range(4)
    )
    return Neighbourhood(
        "a crowded hotel: its guest network is weak, open, and wants a login",
        guests + _neighbours(chance, 56, 16, strongest=-45),
        (known("HotelGuest"), known("HomeNet", HOME_KEY)),
    )


def road(seed: int = 0) -> Neighbourhood:
    """Networks that come and go while the owner travels, for three hours."""
    chance = random.Random(seed)  # noqa: S311
    names = (("Campsite", None), ("Marina", "boats and more"), ("Cousin", "family dinner"))
    points = []
    for number, (name, key) in enumerate(names * 2):
        start = chance.uniform(0, 1200)
        schedule: list[tuple[float, bool]] = []
        moment = start
        while moment < 3 * 3600:
            stay = chance.uniform(120, 1800)
            schedule += [(moment, True), (moment + stay, False)]
            moment += stay + chance.uniform(30, 1500)
        points.append(
            AccessPoint(
                name.encode(),
                _bssid(number),
                Band.GHZ5 if number % 4 == 3 else Band.GHZ2,
                149 if number % 4 == 3 else (1, 6, 11)[number % 3],
                chance.randint(-80, -50),
                Security.OPEN if key is None else Security.PSK2,
                key,
                subnet=f"10.10.{30 + number}.0/24",
                internet=Internet.OK if chance.random() < 0.8 else Internet.NONE,
                on=False,
                schedule=tuple(schedule),
                noise=3.0,
            )
        )
    phone = AccessPoint(
        b"Phone", _bssid(9), Band.GHZ2, 1, -45, Security.SAE, PHONE_KEY, subnet="10.10.3.0/24"
    )
    networks = [known(name, key, priority=5) for name, key in names]
    metered = replace(known("Phone", PHONE_KEY), metered=True)
    return Neighbourhood(
        "on the road: networks come and go, a metered phone stays",
        (*points, phone, *_neighbours(chance, 8, 16)),
        (*networks, metered),
    )


def camp(seed: int = 0) -> Neighbourhood:
    """Nobody's own: open networks, one with a login page, one secured; an evil twin of home."""
    psk, free, owe = Security.PSK2, Security.OPEN, Security.OWE
    page = Internet.PORTAL
    points = (
        AccessPoint(b"FREE-Camp", _bssid(0), Band.GHZ2, 6, -60, free, subnet="10.10.1.0/24"),
        AccessPoint(
            b"Beach Guest", _bssid(1), Band.GHZ2, 1, -48, free, subnet="10.10.2.0/24", internet=page
        ),
        AccessPoint(b"Chalet Guest", _bssid(2), Band.GHZ2, 11, -66, owe, subnet="10.10.3.0/24"),
        AccessPoint(b"Owner Guest", _bssid(3), Band.GHZ2, 11, -40, psk, "not for campers"),
        AccessPoint(b"HomeNet", _bssid(4), Band.GHZ2, 6, -45, free, subnet="10.10.4.0/24"),
        *_neighbours(random.Random(seed), 6, 16, strongest=-60),  # noqa: S311
    )
    return Neighbourhood(
        "a camp site: nothing known but an evil twin, some open networks",
        points,
        (known("HomeNet", HOME_KEY),),
    )


# What a stranger may call a network; as heard in the OpenWrt lab
HOSTILE_NAMES = (
    b"$(reboot)",
    b"'; reboot; '",
    b"<img src=x onerror=alert(1)>",
    b"\x1b[31mRED\x1b[0m",
    b"caf\xe9",
    b"a\nCell 99 - Address: 0A",
    "é".encode() * 16,
    b" edge blanks ",
    b"ab\0cd",
    "\u202egnp.exe".encode(),
    b'"quoted"',
    b"back\\slash",
    b"%s%n%x",
    "😀📶".encode(),
    b"-e",
    b"x" * 32,
    b"*",
    b"a'b",
    b"tab\tname",
)


_CAFE = "un café crème"


def hostile(seed: int = 0) -> Neighbourhood:
    """Names that try to run commands, forge lines, colour terminals; an evil twin."""
    del seed
    named = tuple(
        AccessPoint(
            name, _bssid(32 + number), Band.GHZ2, 11, -40 - number, Security.PSK2, "evil evil"
        )
        for number, name in enumerate(HOSTILE_NAMES)
    )
    odd = AccessPoint(ODD_NAME.encode(), _bssid(0), Band.GHZ2, 6, -58, Security.PSK2, ODD_KEY)
    blanks = AccessPoint(
        b" edge of the sea ", _bssid(1), Band.GHZ2, 1, -62, Security.PSK2, "  blanks  too  "
    )
    latin = AccessPoint(b"caf\xe9 bar", _bssid(2), Band.GHZ2, 11, -66, Security.PSK2, _CAFE)
    points = (
        odd,
        blanks,
        latin,
        AccessPoint(b"HomeNet", _bssid(3), Band.GHZ2, 6, -35, Security.OPEN),
        AccessPoint(b"HomeNet", _bssid(4), Band.GHZ2, 6, -72, Security.PSK2, HOME_KEY),
        AccessPoint(b"", _bssid(5), Band.GHZ2, 6, -50, Security.PSK2, "hidden one", hidden=True),
        AccessPoint(b"OldTKIP", _bssid(6), Band.GHZ2, 11, -60, Security.WPA1, "old and weak"),
        AccessPoint(b"AncientWEP", _bssid(7), Band.GHZ2, 11, -60, Security.WEP, "12345"),
        AccessPoint(b"eduroam", _bssid(8), Band.GHZ2, 11, -60, Security.WPA2_EAP, "campus"),
        *named,
    )
    return Neighbourhood(
        "odd and evil names, and an open twin of a known network",
        points,
        (
            known(ODD_NAME, ODD_KEY),
            known(" edge of the sea ", "  blanks  too  "),
            known(b"caf\xe9 bar", _CAFE),
            known("HomeNet", HOME_KEY),
        ),
    )


def broken(seed: int = 0) -> Neighbourhood:
    """Every way in which a join fails, and one network that works."""
    del seed
    psk, key = Security.PSK2, "the right key"
    points = (
        AccessPoint(b"WrongKey", _bssid(0), Band.GHZ2, 6, -40, psk, key),
        AccessPoint(b"WrongSae", _bssid(1), Band.GHZ2, 1, -42, Security.SAE, key),
        AccessPoint(b"DeadDhcp", _bssid(2), Band.GHZ2, 1, -44, psk, key, dhcp=False),
        AccessPoint(
            b"SixOnly", _bssid(20), Band.GHZ2, 1, -45, psk, key, dhcp=False, ipv6="address"
        ),
        AccessPoint(b"Overlap", _bssid(3), Band.GHZ2, 6, -46, psk, key, subnet="192.168.1.0/24"),
        AccessPoint(
            b"NoInternet",
            _bssid(4),
            Band.GHZ2,
            11,
            -48,
            psk,
            key,
            subnet="10.10.5.0/24",
            internet=Internet.NONE,
        ),
        AccessPoint(
            b"Portal",
            _bssid(5),
            Band.GHZ2,
            11,
            -50,
            Security.OPEN,
            subnet="10.10.11.0/24",
            internet=Internet.PORTAL,
        ),
        AccessPoint(
            b"DnsDead",
            _bssid(6),
            Band.GHZ2,
            6,
            -52,
            psk,
            key,
            subnet="10.10.7.0/24",
            internet=Internet.DNS_DEAD,
        ),
        AccessPoint(
            b"DnsFiltered",
            _bssid(7),
            Band.GHZ2,
            6,
            -53,
            psk,
            key,
            subnet="10.10.8.0/24",
            internet=Internet.DNS_FILTERED,
        ),
        AccessPoint(b"Vanishing", _bssid(8), Band.GHZ2, 1, -54, psk, key),
        AccessPoint(b"Works", _bssid(9), Band.GHZ2, 11, -70, psk, key, subnet="10.10.9.0/24"),
    )
    wrong = {"WrongKey", "WrongSae"}
    networks = tuple(
        known(
            p.text,
            None if p.security is Security.OPEN else "a wrong key" if p.text in wrong else key,
        )
        for p in points
    )
    return Neighbourhood("one network for each way to fail, and one that works", points, networks)
