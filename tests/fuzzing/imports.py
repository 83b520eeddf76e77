# SPDX-License-Identifier: GPL-2.0-or-later
"""Other programs' files: what `networks import` makes of them, and whether it can be written."""

import os
from collections.abc import Iterator

from tests.fuzzing.feeding import Parser, feed, harmless, text_of
from tests.fuzzing.yaml_config import FOLDER
from wifirelay.config.edit_file import put_networks
from wifirelay.config.secrets import unread
from wifirelay.config.uci_text import uci_edits
from wifirelay.config.yaml_file import load
from wifirelay.errors import ConfigError
from wifirelay.imports import keyfile, qr, supplicant, travelmate
from wifirelay.imports.found import Found
from wifirelay.imports.kinds import Source, read, recognised
from wifirelay.imports.uci_words import sections
from wifirelay.uci.edits import batch
from wifirelay.values import printable, shown
from wifirelay.view.imported import Row, import_lines, import_object

PATH = os.path.join(FOLDER, "imported.yaml")


def _whole(found: Found) -> None:
    """Reasons and remarks are harmless, whatever the names."""
    for name, said in (*found.left_out, *found.remarks):
        harmless([shown(name), printable(said)])
        assert said == printable(said)


def _supplicant(data: bytes) -> None:
    for disabled in (False, True):
        _whole(supplicant.parse(text_of(data), "x", disabled=disabled))


def _keyfile(data: bytes) -> None:
    for disabled in (False, True):
        _whole(keyfile.parse(text_of(data), "x", disabled=disabled))


def _travelmate(data: bytes) -> None:
    for disabled in (False, True):
        _whole(travelmate.parse(sections(text_of(data), "x"), "x", disabled=disabled))


def _qr(data: bytes) -> None:
    _whole(qr.parse(text_of(data), "x"))


def _written(data: bytes) -> None:
    """What is taken can be written in both kinds of configuration, and is read again as it is."""
    source = Source("x", text_of(data))
    recognised(source.text)
    imported = read([source, source], disabled=True)
    networks = [network for _, network in imported.networks]
    assert len({network.ssid for network in networks}) == len(networks)
    if os.path.exists(PATH):
        os.unlink(PATH)
    outcomes = put_networks(PATH, networks[:3])
    if networks:
        assert load(PATH, unread).networks == tuple(networks[:3])
    batch(uci_edits(networks, None))
    rows = [Row("x", str(outcome), each) for outcome, each in zip(outcomes, networks, strict=False)]
    harmless(import_lines(PATH, rows, imported.left_out, (), dry=False, replacing=False))
    import_object(PATH, rows, imported.left_out, imported.remarks, dry=True)


PARSERS = (
    Parser("wpa_supplicant", _supplicant, (ConfigError,)),
    Parser("NetworkManager", _keyfile, (ConfigError,)),
    Parser("travelmate", _travelmate, (ConfigError,)),
    Parser("QR code", _qr, (ConfigError,)),
    Parser("import", _written, (ConfigError,)),
)


def target(data: bytes) -> None:
    feed(PARSERS, data)


def seeds() -> Iterator[bytes]:
    yield (
        b'ctrl_interface=/run\nnetwork={\n\tssid="HomeNet"\n\tpsk="12345678" # mine\n'
        b'\tpriority=3\n\tbssid=02:00:00:00:06:0a\n}\nnetwork={\nssid=P"Caf\\xe9"\nkey_mgmt=NONE\n}\n'
        b'network={\nssid="uni"\nkey_mgmt=WPA-EAP\neap=TTLS\nidentity="me"\npassword="p"\n'
        b'phase2="autheap=GTC"\nca_cert="/etc/ca.pem"\n}\n'
    )
    yield (
        b"[connection]\nid=A\ntype=wifi\nautoconnect-priority=3\n\n[wifi]\nssid=72;111;\n"
        b"hidden=true\n\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=\\s1234567\n[connection]\nid=B\n"
        b"[wifi]\nssid=uni\n[wifi-security]\nkey-mgmt=wpa-eap\n[802-1x]\neap=peap;\nidentity=i\n"
        b"password=p\nphase2-auth=mschapv2\nca-cert=47;99;0;\n"
    )
    yield (
        b"package travelmate\nconfig uplink\n\toption ssid 'A'\n\toption device radio0\n"
        b"\toption enabled '1'\npackage wireless\nconfig wifi-iface 'trm_uplink1'\n"
        b"\toption device 'radio0'\n\toption mode \"sta\"\n\toption ssid 'A'\n"
        b"\toption encryption 'psk2+ccmp'\n\toption key 'it'\\''s mine'\n\tlist x y # z\n"
    )
    yield b"WIFI:T:WPA;S:my\\;net;P:12345678;H:true;;\nWIFI:T:nopass;S:cafe;;\n"
    yield b'QR-Code:WIFI:T:WPA2-EAP;S:"uni";E:PEAP;PH2:MSCHAPV2;A:a;I:i;P:p;;'


WORDS = (
    *("network={\n", "}\n", 'ssid="', 'ssid=P"\\x', "psk=", "key_mgmt=", "WPA-PSK SAE", "WPA-EAP"),
    *("eap=TLS", 'identity="', "disabled=1", "bssid=", "priority=", "scan_ssid=1", "wep_key0="),
    *("[connection]\n", "[wifi]\n", "[wifi-security]\n", "[802-1x]\n", "ssid=", "72;", "\\s"),
    *("key-mgmt=", "psk-flags=1", "autoconnect=false", "ca-cert=", "file://", "config uplink\n"),
    *("config wifi-iface\n", "option mode sta\n", "option key '", "option encryption ", "'\\''"),
    *("WIFI:", "T:WPA;", "S:", "P:", "R:1;", "H:true;", "PH2:", "\\;", '"', "#", "\\\n", "\r\n"),
)
