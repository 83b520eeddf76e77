# SPDX-License-Identifier: GPL-2.0-or-later
"""`WIFI:` texts of QR codes: real ones, escapes, what is left out, what is broken."""

import pytest

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.errors import ConfigError
from wifirelay.imports.found import WEP
from wifirelay.imports.qr import parse
from wifirelay.values import Secret, Ssid

SECRET = "hunter2hunter2"


def known(name: str, key: str | None, security: Wanted = Wanted.AUTO) -> KnownNetwork:
    return KnownNetwork(Ssid.of(name), None if key is None else Secret(key), security)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        # ZXing's own example; Android's and nmcli's sharing; iOS's; routers' stickers
        ("WIFI:T:WPA;S:mynetwork;P:mypass12;;", known("mynetwork", "mypass12")),
        ("WIFI:S:Home Net;T:WPA;P:a\\:b\\;c\\,d\\\\e;H:;;", known("Home Net", "a:b;c,d\\e")),
        ("WIFI:S:Home;T:SAE;P:hunter22;H:false;;", known("Home", "hunter22", Wanted.SAE)),
        ("WIFI:T:WPA;R:1;S:Home;P:hunter22;;", known("Home", "hunter22", Wanted.SAE)),
        ('WIFI:S:"cafe";T:WPA;P:"deadbeef";;', known("cafe", "deadbeef")),
        ('WIFI:T:WPA;S:\\"foo\\;bar\\\\baz\\";P:hunter22;;', known('"foo;bar\\baz"', "hunter22")),
        ("WIFI:T:nopass;S:Cafe;;", known("Cafe", None)),
        ("WIFI:T:nopass;S:Cafe;P:;H:false;;", known("Cafe", None)),
        ("WIFI:T:nopass;R:8;S:Cafe;;", known("Cafe", None, Wanted.OWE)),
        ("WIFI:S:Cafe;;", known("Cafe", None)),
        ("WIFI:S:Home;P:hunter22;;", known("Home", "hunter22")),
        ("wifi:t:wpa2;s:Home;p:hunter22;", known("Home", "hunter22")),
        ("QR-Code:WIFI:T:WPA;S:caf\u00e9;P:hunter22;;", known("caf\u00e9", "hunter22")),
        (f"WIFI:T:WPA;S:A;P:{'0' * 64};;", known("A", "0" * 64)),
        (f"WIFI:T:nopass;S:{'e9' * 20};;", known("\udce9" * 20, None)),
    ],
)
def test_real_ones(text: str, network: KnownNetwork) -> None:
    assert parse(text, "x").networks == (network,)


def test_enterprise() -> None:
    text = f"WIFI:T:WPA2-EAP;S:uni;E:TTLS;PH2:PAP;A:anon;I:me\\:x;P:{SECRET};H:true;;"
    found = parse(text, "x")
    login = Eap("ttls", "me:x", Secret(SECRET), anonymous_identity="anon", phase2="PAP")
    assert found.networks == (
        KnownNetwork(Ssid(b"uni"), security=Wanted.WPA2_EAP, hidden=True, eap=login),
    )
    assert "ca_cert is missing" in found.remarks[0][1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("WIFI:T:WEP;S:A;P:abcde;;", WEP),
        ("WIFI:T:WPA;S:A;P:short;;", "the key has 5 characters"),
        ("WIFI:T:WPA;S:A;;", "its key is not in there"),
        (f"WIFI:T:SAE;S:A;P:{SECRET};I:id;;", "an identifier"),
        (f"WIFI:T:WAPI;S:A;P:{SECRET};;", "its kind of security, WAPI, is not known"),
        (f"WIFI:T:WPA2-EAP;S:A;E:PWD;I:i;P:{SECRET};;", "its EAP method is pwd"),
        (f"WIFI:T:WPA2-EAP;S:A;E:PEAP;P:{SECRET};;", "no identity"),
        (f"WIFI:T:WPA;S:{'x' * 33};P:{SECRET};;", "the SSID has 33 bytes"),
    ],
)
def test_left_out(text: str, reason: str) -> None:
    found = parse(text, "x")
    assert found.networks == ()
    ((_, why),) = found.left_out
    assert reason in why
    assert SECRET not in why


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("https://example.org", "x:1: is no WIFI: text"),
        (f"WIFI:T:WPA;S:A;P:{SECRET};;\n\n{SECRET}\n", "x:3: is no WIFI: text"),
        (f"WIFI:T:WPA;P:{SECRET};;", "x:1: has no name"),
        (f"WIFI:T:WPA;S:;P:{SECRET};;", "x:1: has no name"),
        (f"WIFI:T:WPA;S:A;P:ab;{SECRET};;", "x:1: has a part that is no field"),
        (f"WIFI:T:WPA;S:A;P:ab;hun:{SECRET};;", "x:1: has a part that is no field"),
        (f"WIFI:T:WPA;S:A;P:{SECRET};P:b;;", "x:1: has a part that is no field"),
        (f"WIFI:T:WPA;S:A;P:{SECRET}\\", "x:1: has a part that is no field"),
        ("\nWIFI:", "x:2: has no name"),
        (f"WIFI:T:WPA;S:A;P:{SECRET}", "x:1: has no end"),
    ],
)
def test_broken(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "x")
    assert caught.value.message.startswith(problem)
    assert caught.value.hint
    assert "hun" not in caught.value.message + caught.value.hint


def test_a_public_key_stays_behind() -> None:
    found = parse(f"WIFI:T:SAE;S:A;P:{SECRET};K:MDkw;;", "x")
    assert found.remarks == (("A", "not carried over: K"),)


def test_several_lines() -> None:
    found = parse("\ufeffWIFI:S:A;;\r\n\r\n  WIFI:S:B;;\n", "x")
    assert [str(network.ssid) for network in found.networks] == ["A", "B"]
