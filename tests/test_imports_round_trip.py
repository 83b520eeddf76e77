# SPDX-License-Identifier: GPL-2.0-or-later
"""Every network that a format can hold comes back equal, whatever its name and key."""

from dataclasses import replace

import pytest
from foreign_files import keyfile_text, qr_text, station_text, supplicant_text, uplink_text
from hypothesis import example, given
from hypothesis import strategies as st

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.imports import keyfile, qr, supplicant, travelmate
from wifirelay.imports.found import checked
from wifirelay.imports.kinds import Kind, Source, read, recognised
from wifirelay.imports.uci_words import sections
from wifirelay.values import Secret, Ssid

CHARS = st.characters(exclude_categories=["Cs", "Cc"])
LINES = st.text(CHARS, min_size=1, max_size=20)
SSIDS = st.one_of(
    st.binary(min_size=1, max_size=32).map(
        lambda raw: bytes(byte if byte >= 0x20 and byte != 0x7F else 0x41 for byte in raw)
    ),
    st.text(CHARS, min_size=1, max_size=8).map(str.encode),
    st.sampled_from([b"cafe", b"12345678", b"72;111;", b' "x" ', b"a\\;b", b"#1", b"it's", b"'"]),
).map(Ssid)
KEYS = st.one_of(
    st.text(CHARS, min_size=8, max_size=15),
    st.text("0123456789abcdefABCDEF", min_size=64, max_size=64),
    st.sampled_from(
        ["  blanks  ", 'a"b"c"#d"', "\\;\\;\\;\\;", "deadbeef", "ab;cd:ef,", "\\s\\s\\s\\s"]
    ),
).map(Secret)
BSSIDS = st.sampled_from([(), ("02:00:00:00:06:0A",)])
PRIORITIES = st.integers(-1000, 1000)
INNER = {
    "peap": ("MSCHAPV2", "EAP-GTC", "EAP-MD5"),
    "ttls": ("MSCHAPV2", "MSCHAP", "PAP", "CHAP", "EAP-MSCHAPV2", "EAP-GTC", "EAP-MD5"),
}
OPTIONAL = st.none() | LINES


@st.composite
def logins(draw: st.DrawFn, *, certificates: bool = True) -> Eap:
    method = draw(st.sampled_from(["peap", "ttls", *(["tls"] if certificates else [])]))
    tls = method == "tls"
    paths = st.none() | LINES.map(lambda text: f"/etc/{text}")
    return Eap(
        method=method,
        identity=draw(LINES),
        password=None if tls else Secret(draw(LINES)),
        anonymous_identity=draw(OPTIONAL),
        phase2="MSCHAPV2" if tls else draw(st.sampled_from(INNER[method])),
        ca_cert=draw(paths) if certificates else None,
        client_cert="/etc/c.pem" if tls else None,
        priv_key="/etc/k.pem" if tls else None,
        priv_key_password=draw(LINES.map(Secret) | st.none()) if tls else None,
    )


@st.composite
def networks(draw: st.DrawFn, *, wpa3: bool = True, certificates: bool = True) -> KnownNetwork:
    words = [Wanted.AUTO, Wanted.SAE, Wanted.OWE, Wanted.WPA2_EAP]
    words += [Wanted.WPA3_EAP] if wpa3 else []
    security = draw(st.sampled_from(words))
    enterprise = security in (Wanted.WPA2_EAP, Wanted.WPA3_EAP)
    keyless = (
        enterprise or security is Wanted.OWE or (security is Wanted.AUTO and draw(st.booleans()))
    )
    return KnownNetwork(
        ssid=draw(SSIDS),
        key=None if keyless else draw(KEYS),
        security=security,
        eap=draw(logins(certificates=certificates)) if enterprise else None,
    )


@given(networks(), PRIORITIES, BSSIDS, st.booleans())
def test_wpa_supplicant(
    network: KnownNetwork, priority: int, bssids: tuple[str, ...], hidden: bool
) -> None:
    network = replace(network, priority=priority, bssids=bssids, hidden=hidden)
    found = supplicant.parse(supplicant_text(network), "x")
    assert (found.networks, found.left_out) == ((network,), ())


@given(networks(wpa3=False), PRIORITIES, BSSIDS, st.booleans(), st.booleans())
@example(KnownNetwork(Ssid(b"a\\;b;")), 0, (), False, False)
def test_networkmanager(
    network: KnownNetwork, priority: int, bssids: tuple[str, ...], hidden: bool, metered: bool
) -> None:
    network = replace(network, priority=priority, bssids=bssids, hidden=hidden, metered=metered)
    found = keyfile.parse(keyfile_text(network), "x")
    assert (found.networks, found.left_out) == ((network,), ())


@given(networks(), BSSIDS)
def test_travelmate(network: KnownNetwork, bssids: tuple[str, ...]) -> None:
    network = replace(network, bssids=bssids)
    text = station_text(network, disabled=True)
    found = travelmate.parse(sections(uplink_text(network) + text, "x"), "x")
    assert (found.networks, found.left_out) == ((network,), ())


@given(networks(certificates=False), st.booleans())
def test_qr(network: KnownNetwork, hidden: bool) -> None:
    network = replace(network, hidden=hidden)
    found = qr.parse(qr_text(network), "x")
    assert (found.networks, found.left_out) == ((network,), ())


@given(networks(wpa3=False, certificates=False))
def test_each_is_recognised_and_fits_into_the_configuration(network: KnownNetwork) -> None:
    texts = {
        Kind.WPA_SUPPLICANT: supplicant_text(network),
        Kind.NETWORKMANAGER: keyfile_text(network),
        Kind.TRAVELMATE: uplink_text(network) + station_text(network),
        Kind.QR: qr_text(network),
    }
    checked(network)
    for kind, text in texts.items():
        assert recognised(text) is kind
    sources = [Source(kind.value, text) for kind, text in texts.items()]
    imported = read(sources, disabled=False)
    assert imported.networks == (("wpa_supplicant", network),)
    assert imported.left_out == ()


@pytest.mark.parametrize("name", [b"cafe", b"00112233445566778899"])
def test_a_name_that_could_be_bytes_is_text_with_a_remark(name: bytes) -> None:
    found = qr.parse(f"WIFI:T:nopass;S:{name.decode()};;", "x")
    assert found.networks == (KnownNetwork(Ssid(name)),)
    assert "taken as text" in found.remarks[0][1]
    assert qr.parse(f'WIFI:T:nopass;S:"{name.decode()}";;', "x").remarks == ()
