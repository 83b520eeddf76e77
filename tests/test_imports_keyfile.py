# SPDX-License-Identifier: GPL-2.0-or-later
"""NetworkManager's keyfiles: real ones, what each key means, what is left out, what is broken."""

import pytest

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.errors import ConfigError
from wifirelay.imports.found import WEP
from wifirelay.imports.keyfile import parse
from wifirelay.values import Secret, Ssid

SECRET = "hunter2hunter2"
# As NetworkManager 1.42 writes them
HOME = f"""\
[connection]
id=HomeNet 1
uuid=6f1a6d3e-8f0c-4a6c-9c3a-0a4d35f1ce5f
type=wifi
autoconnect-priority=-3
interface-name=wlp3s0
metered=1
timestamp=1700000000

[wifi]
bssid=02:00:00:00:06:0A
hidden=true
mode=infrastructure
seen-bssids=02:00:00:00:06:0A;
ssid=HomeNet

[wifi-security]
auth-alg=open
key-mgmt=wpa-psk
psk={SECRET}

[ipv4]
method=auto

[ipv6]
addr-gen-mode=stable-privacy
method=auto

[proxy]
"""
EDUROAM = f"""\
[connection]
id=eduroam
type=802-11-wireless

[802-11-wireless]
ssid=101;100;117;114;111;97;109;

[802-11-wireless-security]
key-mgmt=wpa-eap

[802-1x]
anonymous-identity=anonymous@example.org
ca-cert=/home/me/.config/cat_installer/ca.pem
eap=ttls;
identity=me@example.org
password={SECRET}
phase2-auth=pap
"""
WIRED = "[connection]\nid=Wired connection 1\ntype=ethernet\n\n[ethernet]\n"


def wifi(*lines: str, security: tuple[str, ...] = ()) -> str:
    text = ["[connection]", "id=A", "type=wifi", "[wifi]", "ssid=A", *lines]
    return "\n".join([*text, *(["[wifi-security]", *security] if security else [])])


def eap(*lines: str) -> str:
    return wifi(security=("key-mgmt=wpa-eap", "[802-1x]", "eap=peap;", *lines))


def test_real_files_one_after_another() -> None:
    found = parse(HOME + EDUROAM + WIRED, "x")
    assert found.networks == (
        KnownNetwork(
            Ssid(b"HomeNet"),
            Secret(SECRET),
            priority=-3,
            bssids=("02:00:00:00:06:0A",),
            hidden=True,
            metered=True,
        ),
        KnownNetwork(
            Ssid(b"eduroam"),
            security=Wanted.WPA2_EAP,
            eap=Eap(
                "ttls",
                "me@example.org",
                Secret(SECRET),
                anonymous_identity="anonymous@example.org",
                phase2="PAP",
                ca_cert="/home/me/.config/cat_installer/ca.pem",
            ),
        ),
    )
    assert found.left_out == (("Wired connection 1", "it is no Wi-Fi network (ethernet)"),)
    assert found.remarks == (
        (
            "eduroam",
            "ca_cert: copy /home/me/.config/cat_installer/ca.pem to the same path on the router",
        ),
    )


@pytest.mark.parametrize(
    ("written", "raw"),
    [
        ("Home Net", b"Home Net"),
        ("72;111;", b"Ho"),
        ("67;97;102;233;", b"Caf\xe9"),
        (" 72 ; 111 ;", b"Ho"),
        ("72;111", b"72;111"),
        ("12345678", b"12345678"),
        ("999;", b"999;"),
        ("\\sblank", b" blank"),
        ("a\\\\;b", b"a;b"),
        ("a\\;b", b"a;b"),
        ("a;b", b"a;b"),
        ("back\\\\slash", b"back\\slash"),
        ("a=b#c", b"a=b#c"),
        ("caf\u00e9", "caf\u00e9".encode()),
    ],
)
def test_names(written: str, raw: bytes) -> None:
    found = parse(f"[connection]\ntype=wifi\n[wifi]\nssid={written}\n", "x")
    assert found.networks == (KnownNetwork(Ssid(raw)),)


@pytest.mark.parametrize(
    ("security", "wanted", "key"),
    [
        ((), Wanted.AUTO, None),
        (("key-mgmt=wpa-psk", f"psk={SECRET}"), Wanted.AUTO, SECRET),
        (("key-mgmt=sae", "psk=\\sx\\\\ "), Wanted.SAE, " x\\ "),
        (("key-mgmt=owe",), Wanted.OWE, None),
    ],
)
def test_security(security: tuple[str, ...], wanted: Wanted, key: str | None) -> None:
    (network,) = parse(wifi(security=security), "x").networks
    assert (network.security, network.key) == (wanted, None if key is None else Secret(key))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (wifi(security=("key-mgmt=none", "wep-key0=abcde")), WEP),
        (wifi(security=("key-mgmt=ieee8021x", "leap-username=x")), WEP),
        (wifi(security=("key-mgmt=wpa-psk", "psk-flags=1")), "user's keyring (psk-flags=1)"),
        (wifi(security=("key-mgmt=wpa-psk", "psk-flags=2")), "asked for each time"),
        (wifi(security=("key-mgmt=wpa-psk",)), "its psk is not in there"),
        (wifi(security=("key-mgmt=wpa-psk", "psk=short")), "the key has 5 characters"),
        (wifi(security=("key-mgmt=wpa-psk", "psk=caf\udce9caf\udce9")), "its key is not UTF-8"),
        (wifi(security=("key-mgmt=wpa-eap-suite-b-192",)), "is not possible here"),
        (wifi("mode=ap"), "no network to join"),
        (wifi("bssid=02"), "is not a BSSID"),
        (wifi().replace("id=A", "id=A\nautoconnect=false"), "--disabled takes it"),
        ("[connection]\nid=A\ntype=wifi\n[wifi]\n", "it has no ssid"),
        (eap("identity=i", "password-flags=1"), "its password is in its user's keyring"),
        (eap("password=p"), "no identity"),
        (eap("identity=i", "password=p", "domain-suffix-match=x.org"), "domain-suffix-match"),
        (eap("identity=i", "password=p", "system-ca-certs=true"), "system-ca-certs"),
        (eap("identity=i", "password=p", "ca-cert=data:;base64,QQ=="), "its ca_cert is no file"),
        (eap("identity=i", "password=p", "ca-cert=999;"), "no file with a full path"),
        (eap("identity=i", "password=p").replace("peap", "fast"), "its EAP method is fast"),
    ],
)
def test_left_out(text: str, reason: str) -> None:
    found = parse(text, "x")
    assert found.networks == ()
    ((name, why),) = found.left_out
    assert name == "A"
    assert reason in why


def test_what_is_not_joined_by_itself_is_taken_when_asked_for() -> None:
    text = wifi().replace("id=A", "id=A\nautoconnect=false")
    assert parse(text, "x", disabled=True).networks == (KnownNetwork(Ssid(b"A")),)


@pytest.mark.parametrize(
    "written",
    [
        "/etc/ca.pem",
        "file:///etc/ca.pem",
        "".join(f"{byte};" for byte in b"file:///etc/ca.pem\0"),
    ],
)
def test_certificates(written: str) -> None:
    found = parse(
        eap("identity=i", "password=p", "phase2-auth=mschapv2", f"ca-cert={written}"), "x"
    )
    (network,) = found.networks
    assert network.eap == Eap("peap", "i", Secret("p"), ca_cert="/etc/ca.pem")


def test_tls() -> None:
    lines = ("identity=i", "client-cert=/c.pem", "private-key=/k.pem", "private-key-password=p")
    (network,) = parse(eap(*lines).replace("peap", "tls"), "x").networks
    expected = Eap(
        "tls", "i", client_cert="/c.pem", priv_key="/k.pem", priv_key_password=Secret("p")
    )
    assert network.eap == expected


def test_what_stays_behind_is_named() -> None:
    text = wifi("band=bg", "cloned-mac-address=stable") + "\n[ipv4]\nmethod=manual\naddress1=x\n"
    assert parse(text, "x").remarks == (
        ("A", "not carried over: band, cloned-mac-address"),
        ("A", "not carried over: the addresses under [ipv4]"),
    )


def test_a_login_without_certificate_is_taken_with_a_warning() -> None:
    found = parse(eap("identity=i", "password=p"), "x")
    assert len(found.networks) == 1
    assert [remark.split(":")[0] for _, remark in found.remarks] == [
        "its inner method is not said",
        "eap.ca_cert is missing",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"psk={SECRET}\n[wifi]\n", "x:1: is neither a group nor key=value"),
        (f"[wifi]\nssid=A\n{SECRET}\n", "x:3: is neither"),
        ("[connection]\nautoconnect=never\n[wifi]\nssid=A\n", "x:2: autoconnect is not true"),
        ("[connection]\nautoconnect-priority=a\n[wifi]\nssid=A", "x:2: autoconnect-priority is"),
        ("[wifi]\nssid=A\n[wifi-security]\nkey-mgmt=sae\npsk-flags=x", "x:5: psk-flags is not"),
    ],
)
def test_broken(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "x")
    assert caught.value.message.startswith(problem)
    assert caught.value.hint
    assert SECRET not in caught.value.message + caught.value.hint


def test_line_ends_of_windows_and_a_byte_order_mark() -> None:
    assert parse("\ufeff" + HOME.replace("\n", "\r\n"), "x") == parse(HOME, "x")
