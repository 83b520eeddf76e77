# SPDX-License-Identifier: GPL-2.0-or-later
"""travelmate's uplinks with the stations of /etc/config/wireless, and the text of UCI itself."""

import time

import pytest
from foreign_files import station_text, uplink_text

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.errors import ConfigError
from wifirelay.imports.found import OLD_WPA, WEP
from wifirelay.imports.kinds import Kind, Source, read, recognised
from wifirelay.imports.travelmate import parse
from wifirelay.imports.uci_words import sections
from wifirelay.uci.model import Value
from wifirelay.values import Secret, Ssid

SECRET = "hunter2'hunter2"
# As travelmate 2.1 and LuCI write them
TRAVELMATE = """
config travelmate 'global'
\toption trm_enabled '1'
\toption trm_iface 'trm_wwan'
\toption trm_captive '1'

config uplink
\toption device 'radio1'
\toption ssid 'HomeNet'
\toption bssid '02:00:00:00:06:0a'
\toption enabled '1'
\toption con_start_expiry '0'
\toption con_end_expiry '0'

config uplink
\toption enabled '1'
\toption device 'radio0'
\toption ssid 'Hotel Guest'
\toption opensta '1'
\toption script '/etc/travelmate/hotel.login'
\toption script_args 'me hunter2'

config uplink
\toption enabled '0'
\toption device 'radio1'
\toption ssid 'Flaky'
"""
WIRELESS = """
config wifi-device 'radio0'
\toption type 'mac80211'
\toption disabled '0'

config wifi-iface 'default_radio0'
\toption device 'radio0'
\toption network 'lan'
\toption mode 'ap'
\toption ssid 'MyRouter'
\toption encryption 'psk2'
\toption key 'hunter2 own'

config wifi-iface 'trm_uplink2'
\toption device 'radio0'
\toption network 'trm_wwan'
\toption mode 'sta'
\toption ssid 'Hotel Guest'
\toption encryption 'none'
\toption disabled '1'

config wifi-iface 'trm_uplink1'
\toption device 'radio1'
\toption network 'trm_wwan'
\toption mode 'sta'
\toption ssid 'HomeNet'
\toption bssid '02:00:00:00:06:0A'
\toption encryption 'psk2+ccmp'
\toption key 'hunter2'\\''hunter2'
\toption disabled '1'
\toption macaddr '06:00:00:00:00:01'

config wifi-iface 'trm_uplink3'
\toption device 'radio1'
\toption network 'trm_wwan'
\toption mode 'sta'
\toption ssid 'Flaky'
\toption encryption 'sae'
\toption key 'hunter2 flaky'
\toption disabled '1'

config wifi-iface 'other'
\toption device 'radio1'
\toption mode 'sta'
\toption ssid 'Own'
\toption encryption 'owe'
"""
HOTEL = KnownNetwork(Ssid(b"Hotel Guest"))
HOME = KnownNetwork(Ssid(b"HomeNet"), Secret(SECRET), priority=-1, bssids=("02:00:00:00:06:0A",))
FLAKY = KnownNetwork(Ssid(b"Flaky"), Secret("hunter2 flaky"), Wanted.SAE, priority=-2)
OFF = (
    "Flaky",
    "it is switched off in travelmate, by hand or after failures; --disabled takes it, too",
)
OTHER = ("Own", "it is no uplink of travelmate's")


def test_real_files_in_the_order_of_the_stations() -> None:
    found = parse(sections(TRAVELMATE + WIRELESS, "x"), "x")
    assert found.networks == (HOTEL, HOME)
    assert found.left_out == (OFF, OTHER)
    assert found.remarks == (
        ("Hotel Guest", "not carried over: script, script_args"),
        ("HomeNet", "not carried over: macaddr"),
    )
    found = parse(sections(TRAVELMATE + WIRELESS, "x"), "x", disabled=True)
    assert found.networks == (HOTEL, HOME, FLAKY)


def test_two_files_in_any_order_and_what_uci_export_prints() -> None:
    one, other = Source("t", TRAVELMATE), Source("w", WIRELESS)
    found = read([one, other], disabled=False)
    assert [network for _, network in found.networks] == [HOTEL, HOME]
    assert {source for source, _ in found.networks} == {"t, w"}
    assert read([other, one], disabled=False).left_out[0][1:] == OFF
    export = f"package travelmate\n{TRAVELMATE}\npackage wireless\n{WIRELESS}"
    assert recognised(export) is Kind.TRAVELMATE
    found = read([Source("-", export)], disabled=False)
    assert [network for _, network in found.networks] == [HOTEL, HOME]


def test_uplinks_without_their_stations() -> None:
    with pytest.raises(ConfigError) as caught:
        read([Source("t", TRAVELMATE)], disabled=False)
    assert caught.value.message == "t: holds travelmate's uplinks without their keys"
    assert "/etc/config/wireless" in caught.value.hint
    found = parse(sections(TRAVELMATE + "\nconfig wifi-iface\n\toption mode 'ap'\n", "x"), "x")
    assert [name for name, _ in found.left_out] == ["HomeNet", "Hotel Guest", "Flaky"]
    assert {why for _, why in found.left_out} == {
        "its station is not in /etc/config/wireless, where its key would be"
    }


def test_stations_of_a_router_without_travelmate() -> None:
    network = KnownNetwork(Ssid(b"A"), Secret(SECRET))
    found = parse(sections(station_text(network), "x"), "x")
    assert found.networks == (network,)
    text = station_text(network, disabled=True)
    assert "--disabled" in parse(sections(text, "x"), "x").left_out[0][1]
    assert parse(sections(text, "x"), "x", disabled=True).networks == (network,)


def test_one_network_on_two_radios_comes_once() -> None:
    one = KnownNetwork(Ssid(b"A"), Secret(SECRET), bssids=("02:00:00:00:06:00",))
    other = KnownNetwork(Ssid(b"A"), Secret(SECRET), bssids=("02:00:00:00:06:01",))
    text = "".join(map(uplink_text, (one, other)))
    text += station_text(one) + station_text(other, number=2)
    ((_, network),) = read([Source("x", text)], disabled=False).networks
    assert network == KnownNetwork(Ssid(b"A"), Secret(SECRET), bssids=(*one.bssids, *other.bssids))


def station(**options: str) -> str:
    lines = "".join(f"\toption {name} '{value}'\n" for name, value in options.items())
    return f"config wifi-iface\n\toption mode 'sta'\n\toption ssid 'A'\n{lines}"


@pytest.mark.parametrize(
    ("word", "security", "keyed"),
    [
        ("psk2", Wanted.AUTO, True),
        ("psk2+ccmp", Wanted.AUTO, True),
        ("psk2+tkip+ccmp", Wanted.AUTO, True),
        ("psk2+aes", Wanted.AUTO, True),
        ("psk-mixed", Wanted.AUTO, True),
        ("sae-mixed", Wanted.AUTO, True),
        ("sae", Wanted.SAE, True),
        ("psk3", Wanted.SAE, True),
        ("none", Wanted.AUTO, False),
        ("owe", Wanted.OWE, False),
        ("wpa2", Wanted.WPA2_EAP, False),
        ("wpa2+ccmp", Wanted.WPA2_EAP, False),
        ("wpa3-mixed", Wanted.WPA2_EAP, False),
        ("wpa3", Wanted.WPA3_EAP, False),
    ],
)
def test_encryption(word: str, security: Wanted, keyed: bool) -> None:
    login = {"eap_type": "peap", "identity": "i", "password": "p"} if "eap" in security else {}
    text = station(encryption=word, key="hunter22", **login)
    (network,) = parse(sections(text, "x"), "x").networks
    assert network.security is security
    assert (network.key is not None) is keyed


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"encryption": "wep-open", "key": "1", "key1": "abcde"}, WEP),
        ({"encryption": "wep", "key": "abcde"}, WEP),
        ({"encryption": "psk", "key": "hunter22"}, OLD_WPA),
        ({"encryption": "wpa"}, OLD_WPA),
        ({"encryption": "psk2"}, "its key is not in there"),
        ({"encryption": "psk2", "key": "hunter2"}, "the key has 7 characters"),
        ({"encryption": "wpa3-192"}, "its encryption, wpa3-192, is not possible"),
        ({"encryption": "wpa2", "eap_type": "fast"}, "its EAP method is fast"),
        ({"encryption": "wpa2", "eap_type": "peap", "domain_match": "x"}, "by domain_match"),
        (
            {"encryption": "wpa2", "eap_type": "peap", "ca_cert_usesystem": "1"},
            "by ca_cert_usesystem",
        ),
        ({"encryption": "none", "bssid": "x"}, "bssid: 'x' is not a BSSID"),
    ],
)
def test_left_out(options: dict[str, str], reason: str) -> None:
    found = parse(sections(station(**options), "x"), "x")
    assert found.networks == ()
    ((name, why),) = found.left_out
    assert name == "A"
    assert reason in why
    assert "hunter2" not in why


def test_a_login_has_its_certificates_on_the_router_already() -> None:
    login = {"eap_type": "ttls", "auth": "EAP-MSCHAPV2", "identity": "i", "password": "p"}
    text = station(encryption="wpa2", ca_cert="/etc/ca.pem", **login)
    found = parse(sections(text, "x"), "x")
    expected = Eap("ttls", "i", Secret("p"), phase2="EAP-MSCHAPV2", ca_cert="/etc/ca.pem")
    assert [network.eap for network in found.networks] == [expected]
    assert found.remarks == ()


# --- UCI's text ---


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("option a b", "b"),
        ("option a 'b c'", "b c"),
        ('option a "b \\" c"', 'b " c'),
        ("option a 'b'\\''c'", "b'c"),
        ("option a b\\ c", "b c"),
        ("option a 'two\nlines'", "two\nlines"),
        ("option a b # comment 'x", "b"),
        ('option "a" x"y"z', "xyz"),
        ("list a x\n list a 'y z'", ("x", "y z")),
        ("option a x; option a y", "y"),
        ("\\\n option a x", "x"),
    ],
)
def test_words(text: str, value: Value) -> None:
    (section,) = sections(f"# a\nconfig kind 'name'\n\t{text}\n", "x")
    assert (section.kind, section.name, dict(section.options)) == ("kind", "name", {"a": value})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("config a\noption key 'hunter2\n", "x:2: has a quote or backslash without its end"),
        ('config a\noption key "hunter2\n', "x:2: has a quote"),
        ("config a\n\n option hunter2 hunter2 x\n", "x:3: is no line of UCI"),
        ("option key hunter2\n", "x:1: is no line of UCI"),
        ("config a 'b\nc'\nhunter2", "x:3: is no line of UCI"),
        ("wireless.a.key='hunter2'\n", "x:1: is no line of UCI"),
    ],
)
def test_broken(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        sections(text, "x")
    assert caught.value.message.startswith(problem)
    assert caught.value.hint
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_long_files_are_read_in_seconds() -> None:
    many = [KnownNetwork(Ssid(b"N%d" % number), Secret(SECRET)) for number in range(800)]
    text = "".join(map(uplink_text, many)) + "".join(map(station_text, many))
    text += "config a\n" + "\tlist b 'c'\n" * 50_000
    begun = time.process_time()
    assert len(read([Source("x", text)], disabled=False).networks) == 800
    assert time.process_time() - begun < 20
