# SPDX-License-Identifier: GPL-2.0-or-later
"""A wpa_supplicant.conf: real ones, what each line means, what is left out, what is broken."""

import pytest

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.errors import ConfigError
from wifirelay.imports.found import OLD_WPA, WEP
from wifirelay.imports.supplicant import parse
from wifirelay.values import Secret, Ssid

SECRET = "hunter2hunter2"
RAW = "0123456789abcdef" * 4
# As Raspberry Pi OS, Debian's README and wpa_supplicant's own example have them
REAL = f"""\
# /etc/wpa_supplicant/wpa_supplicant.conf
ctrl_interface=DIR=/var/run/wpa_supplicant GROUP=netdev
update_config=1
country=DE

network={{
\tssid="HomeNet"
\t#psk="{SECRET}"
\tpsk={RAW}
\tpriority=5
}}
network={{
  ssid="Cafe #1"   # on the corner
  key_mgmt=NONE
}}

cred={{
\trealm="example.org"
\tpassword="{SECRET}"
}}
blob-base64-ca={{
U2VjcmV0
}}
network={{
        ssid="example"
        scan_ssid=1
        key_mgmt=WPA-EAP
        pairwise=CCMP
        eap=PEAP
        identity="user@example.com"
        anonymous_identity="anonymous@example.com"
        password="{SECRET}"
        ca_cert="/etc/cert/ca.pem"
        phase1="peaplabel=0"
        phase2="auth=MSCHAPV2"
}}
"""


def block(*lines: str) -> str:
    return "\n".join(["network={", *lines, "}"])


def test_a_real_file() -> None:
    found = parse(REAL, "x")
    assert found.networks == (
        KnownNetwork(Ssid(b"HomeNet"), Secret(RAW), priority=5),
        KnownNetwork(Ssid(b"Cafe #1")),
        KnownNetwork(
            Ssid(b"example"),
            security=Wanted.WPA2_EAP,
            hidden=True,
            eap=Eap(
                "peap",
                "user@example.com",
                Secret(SECRET),
                anonymous_identity="anonymous@example.com",
                ca_cert="/etc/cert/ca.pem",
            ),
        ),
    )
    assert found.left_out == ()
    assert found.remarks == (
        ("example", "ca_cert: copy /etc/cert/ca.pem to the same path on the router"),
        ("example", "not carried over: pairwise, phase1"),
    )


@pytest.mark.parametrize(
    ("written", "raw"),
    [
        ('"plain"', b"plain"),
        ('"with "quotes" inside"', b'with "quotes" inside'),
        ('"back\\slash \\x41"', b"back\\slash \\x41"),
        ("436166e9", b"Caf\xe9"),
        ('P"Caf\\xe9"', b"Caf\xe9"),
        ('P"\\"\\\\ \\x41\\101\\x7"', b'"\\ AA\x07'),
        ('"# no comment"', b"# no comment"),
        ('"it" # "is"', b'it" # "is'),  # as wpa_supplicant reads it
        ("plain", None),
        ('P"open', None),
        ("436", None),
    ],
)
def test_names(written: str, raw: bytes | None) -> None:
    text = block(f"ssid={written}", "key_mgmt=NONE")
    if raw is None:
        with pytest.raises(ConfigError, match="x:2: ssid is no string"):
            parse(text, "x")
        return
    found = parse(text, "x")
    if b"\x07" in raw:
        assert "control characters" in found.left_out[0][1]
    else:
        assert found.networks == (KnownNetwork(Ssid(raw)),)


@pytest.mark.parametrize(
    ("lines", "security", "key"),
    [
        ([f'psk="{SECRET}"'], Wanted.AUTO, SECRET),
        ([f"psk={RAW}", "key_mgmt=WPA-PSK"], Wanted.AUTO, RAW),
        ([f'psk="{SECRET}"', "key_mgmt=WPA-PSK SAE", "ieee80211w=1"], Wanted.AUTO, SECRET),
        ([f'psk="{SECRET}"', "key_mgmt=FT-PSK WPA-PSK-SHA256"], Wanted.AUTO, SECRET),
        ([f'psk="{SECRET}"', "key_mgmt=SAE"], Wanted.SAE, SECRET),
        (['sae_password="x"', "key_mgmt=SAE FT-SAE"], Wanted.SAE, "x"),
        ([f'psk="{SECRET}"', f'sae_password="{SECRET}"', "key_mgmt=SAE"], Wanted.SAE, SECRET),
        ([f'psk="{SECRET}"', "proto=WPA RSN"], Wanted.AUTO, SECRET),
        (["key_mgmt=NONE"], Wanted.AUTO, None),
        (["key_mgmt=OWE"], Wanted.OWE, None),
        (["key_mgmt=NONE OWE"], Wanted.AUTO, None),
    ],
)
def test_security(lines: list[str], security: Wanted, key: str | None) -> None:
    (network,) = parse(block('ssid="A"', *lines), "x").networks
    assert (network.security, network.key) == (security, None if key is None else Secret(key))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["key_mgmt=NONE", "wep_key0=abcde"], WEP),
        (["key_mgmt=IEEE8021X", "eap=TLS"], WEP),
        ([f'psk="{SECRET}"', "proto=WPA"], OLD_WPA),
        (["key_mgmt=WPA-PSK"], "its key is not in there"),
        ([], "its key is not in there"),
        (["psk=ext:home"], "another program has it"),
        (['psk="short"'], "key: the key has 5 characters"),
        ([f'psk="{SECRET}"', 'sae_password="other"', "key_mgmt=SAE WPA-PSK"], "not the same"),
        (['sae_password="x"', 'sae_password_id="y"', "key_mgmt=SAE"], "an identifier"),
        ([f'psk="{SECRET}"', "key_mgmt=WPA-NONE"], "its key_mgmt, WPA-NONE, is not possible"),
        (["mode=1", "key_mgmt=NONE"], "no network to join"),
        (["disabled=1", "key_mgmt=NONE"], "--disabled takes it"),
        (["key_mgmt=NONE", "bssid=02:00"], "bssid: '02:00' is not a BSSID"),
        (["key_mgmt=WPA-EAP", "eap=PWD", 'identity="i"'], "its EAP method is pwd"),
        (["key_mgmt=WPA-EAP", "eap=PEAP TTLS"], "its EAP method is peap ttls"),
        (["key_mgmt=WPA-EAP", "eap=PEAP"], "no identity"),
        (["key_mgmt=WPA-EAP", "eap=PEAP", 'identity="i"'], "its password is not in there"),
        (["key_mgmt=WPA-EAP", "eap=PEAP", 'identity="i"', "password=hash:00"], "as a hash"),
        (["key_mgmt=WPA-EAP", "eap=TTLS", 'phase2="auth=A auth=B"'], "not one method"),
        (
            ["key_mgmt=WPA-EAP", "eap=PEAP", 'identity="i"', 'domain_suffix_match="x.org"'],
            "it checks the server by domain_suffix_match",
        ),
        (
            ["key_mgmt=WPA-EAP", "eap=PEAP", 'identity="i"', 'password="p"', 'ca_cert="blob://c"'],
            "its ca_cert is no file",
        ),
        (
            ["key_mgmt=WPA-EAP", "eap=PEAP", 'identity="i"', 'password="p"', 'phase2="auth=PAP"'],
            "eap.phase2: 'EAP-PAP' is not possible here",
        ),
    ],
)
def test_left_out(lines: list[str], reason: str) -> None:
    found = parse(block('ssid="A"', *lines), "x")
    assert found.networks == ()
    ((name, why),) = found.left_out
    assert name == "A"
    assert reason in why
    assert SECRET not in why


def test_what_is_switched_off_is_taken_when_asked_for() -> None:
    found = parse(block('ssid="A"', "disabled=1", "key_mgmt=NONE"), "x", disabled=True)
    assert found.networks == (KnownNetwork(Ssid(b"A")),)


def test_what_stays_behind_is_named_and_its_values_are_not() -> None:
    lines = ['ssid="A"', f'psk="{SECRET}"', 'id_str="home"', f"{SECRET}!=", "priority=5000"]
    found = parse(block(*lines, "bssid=any"), "x")
    assert found.networks == (KnownNetwork(Ssid(b"A"), Secret(SECRET), priority=1000),)
    assert found.remarks == (
        ("A", "not carried over: id_str, a setting that is no plain name"),
        ("A", "its priority is not from -1000 to 1000: it gets 1000"),
    )
    assert parse(block("key_mgmt=NONE"), "x").left_out[0][0] == "line 1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f'network={{\n\tssid="A"\n\tpsk="{SECRET}"\n', "x:1: this block has no end"),
        (f"network={{\n\t{SECRET}\n}}", "x:2: is not name=value"),
        (f'network={{\n\tssid="A"\n\tpsk={SECRET}\n}}', "x:3: psk is neither text nor a PSK"),
        (f'network={{\n\tssid="A"\n\tpsk="{SECRET}\n}}', "x:3: psk is neither"),
        ('network={\nssid="A"\nkey_mgmt=NONE\npriority=high\n}', "x:4: priority is not a whole"),
    ],
)
def test_broken(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "x")
    assert caught.value.message.startswith(problem)
    assert caught.value.hint
    assert SECRET not in caught.value.message + caught.value.hint


def test_line_ends_of_windows_and_a_byte_order_mark() -> None:
    text = "\ufeff" + REAL.replace("\n", "\r\n")
    assert parse(text, "x") == parse(REAL, "x")


def test_nothing_is_nothing() -> None:
    assert parse("ctrl_interface=/run\n\n", "x").networks == ()
