# SPDX-License-Identifier: GPL-2.0-or-later
"""The world `kinds`: one network of each kind of security, right and wrong, as a traveller meets
them. Knows nothing of what the router's wpa_supplicant can do."""

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.sim.air import AccessPoint
from wifirelay.sim.neighbourhoods import Neighbourhood, known
from wifirelay.values import Band, Secret, Security, Ssid

PASSWORD = "the right password"  # noqa: S105 - made up
WRONG = Secret("a wrong password")


def kinds(seed: int = 0) -> Neighbourhood:
    """Open with an encrypted half, OWE, WPA2, WPA3, both, enterprise, and what is never joined."""
    del seed
    points = (
        _point(0, "Cafe", -45, Security.OPEN),
        # the hidden half of Cafe (OWE transition mode): all but the last byte is the same
        _point(1, "Cafe", -50, Security.OWE, hidden=True),
        _point(2, "Bare", -48, Security.OPEN),
        _point(3, "Sealed", -52, Security.OWE),
        _point(4, "Mixed", -55, Security.SAE_MIXED, PASSWORD),
        _point(5, "New", -57, Security.SAE, PASSWORD),
        _point(6, "WrongNew", -58, Security.SAE, PASSWORD),
        _point(7, "Campus", -60, Security.WPA2_EAP, PASSWORD),
        _point(8, "WrongLogin", -61, Security.WPA2_EAP, PASSWORD),
        _point(9, "Old", -62, Security.WPA1, PASSWORD),
        _point(10, "Ancient", -63, Security.WEP, "12345"),
        _point(11, "Digits", -64, Security.PSK2, "0123456789abcdef" * 4),
    )
    return Neighbourhood(
        "one network of each kind of security",
        points,
        (
            known("Cafe"),
            KnownNetwork(Ssid.of("Bare"), security=Wanted.OWE),
            KnownNetwork(Ssid.of("Sealed"), security=Wanted.OWE),
            known("Mixed", PASSWORD),
            known("New", PASSWORD),
            known("WrongNew", WRONG.reveal()),
            _login("Campus", Secret(PASSWORD), "/etc/ssl/campus.pem"),
            _login("WrongLogin", WRONG, None),
            known("Old", PASSWORD),
            known("Ancient", "12345678"),
            known("Digits", "0123456789abcdef" * 4),
        ),
    )


def _point(
    number: int,
    name: str,
    signal: int,
    security: Security,
    key: str | None = None,
    *,
    hidden: bool = False,
) -> AccessPoint:
    # Bytes 2 to 5 tell devices apart; only Cafe's two halves are one device.
    device = max(number, 1)
    return AccessPoint(
        name.encode(),
        f"02:00:00:00:{0x20 + device:02X}:{number:02X}",
        Band.GHZ2,
        6,
        signal,
        security,
        key,
        hidden=hidden,
        subnet=f"10.10.{40 + number}.0/24",
    )


def _login(name: str, password: Secret, ca_cert: str | None) -> KnownNetwork:
    eap = Eap("peap", "me@example.org", password, ca_cert=ca_cert)
    return KnownNetwork(Ssid.of(name), security=Wanted.WPA2_EAP, eap=eap)
