# SPDX-License-Identifier: GPL-2.0-or-later
"""Why a BSS is not joined, in the words that its owner reads."""

from typing import Any

import pytest
from known import bss, network
from reading import reads_well

from wifirelay.core.known import Eap, KnownNetwork
from wifirelay.core.refusals import UsableRadio, why_not
from wifirelay.router.channels import Channels
from wifirelay.values import Band, Security, Ssid

FREE = UsableRadio("radio0", None, Channels(), has_access_point=False)
CAMPUS = network(key=None, eap=Eap("peap", "me"))


def why(known: KnownNetwork, radio: UsableRadio | None = FREE, **heard: Any) -> str:
    told = why_not(
        known, bss(**heard), radio, is_current=False, chosen=heard.get("chosen"), lenient=0
    )
    for word in ("WPA1", "WPA2", "WPA3", "WEP", "BSSID"):
        assert word.lower() not in (told or "").split()
        told = (told or "").replace(word, f"<{word.lower()}>")
    reads_well(told or "")
    return told or ""


@pytest.mark.parametrize(
    ("known", "security", "told"),
    [
        (network(), Security.OPEN, "open, but known as secured: possibly an evil twin"),
        (CAMPUS, Security.OPEN, "open, but known as secured: possibly an evil twin"),
        (network(), Security.WEP, "<wep> (or key management that the router cannot name): never"),
        (network(), Security.WPA1, "<wpa1> alone: never joined, it can be broken; its owner"),
        (network(), Security.UNKNOWN, "what the router says of its security makes no sense"),
        (network(key=None, security="owe"), Security.OPEN, "open, and the configuration wants owe"),
        (
            network(key=None, security="owe"),
            Security.PSK2,
            "its security is psk2, the configuration wants owe",
        ),
        (network(security="sae"), Security.PSK2, "its security is psk2, the configuration wants"),
        (network(), Security.WPA2_EAP, "its security is wpa2-eap, which the known secret does not"),
        (CAMPUS, Security.PSK2, "its security is psk2, which the known secret does not fit"),
        (network(key=None), Security.PSK2, "it needs a key (psk2), and none is known"),
        (network(key=None, security="open"), Security.PSK2, "its security is psk2, the config"),
    ],
)
def test_security(known: KnownNetwork, security: Security, told: str) -> None:
    assert why(known, security=security).startswith(told)


def test_what_cannot_be_joined_at_all() -> None:
    assert why(network(), bssid=None) == "the router reported no proper <bssid> for it"
    assert why(network(), mode="Mesh Point") == "not an access point (Mesh Point)"
    assert why(network(), radio=None) == "radio0 is not one of the radios to use"
    assert why(network(), channel=0) == "the router did not tell its channel"
    assert why(network(), band=None) == "the router did not tell its channel"
    assert why(network(), channel=1) == ""


def test_what_the_configuration_lists() -> None:
    other = "02:00:00:00:09:00"
    assert why(network(bssids=(other,))).startswith("its <bssid> is not one that the configuration")
    assert why(network(not_bssids=("02:00:00:00:02:00",))).endswith("lists under not_bssid")
    assert why(network(radios=("radio1",))).startswith("radio0 is not a radio that the config")
    only5 = network(bands=(Band.GHZ5,))
    assert (
        why(only5)
        == f"it is on {Band.GHZ2}, which the configuration does not list for this network"
    )
    assert why(only5, band=None) == "the router did not tell its channel"
    assert why(network(bands=(Band.GHZ2,), radios=("radio0",))) == ""


def test_what_the_radio_is_for() -> None:
    radio = UsableRadio("radio0", Band.GHZ5, Channels(), has_access_point=False)
    assert why(network(), radio) == f"it is on {Band.GHZ2}, radio0 is configured for {Band.GHZ5}"
    never = UsableRadio("radio0", None, Channels(), False, why_not="its country is missing")
    assert why(network(), never) == "its country is missing"
    unable = UsableRadio("radio0", None, Channels(), False, abilities={"sae": False})
    sae = bss(security=Security.SAE)
    told = why_not(network(), sae, unable, is_current=False, chosen=None, lenient=0)
    assert told is not None and "has no SAE" in told
    assert why(network(), unable, security=Security.PSK2) == ""


def test_the_signal_at_its_edge() -> None:
    assert why(network(), signal=-80) == ""
    assert why(network(), signal=-81) == f"too weak: -81 dBm, {Band.GHZ2} needs -80 dBm"
    assert why(network(min_signal=-60), signal=-60) == ""
    assert why(network(min_signal=-60), signal=-61) == (
        "-61 dBm is below its min_signal of -60 dBm"
    )
    assert why(network(min_signal=-90), signal=-89) == ""
    assert why(network(), signal=None) == ""


def test_another_one_was_asked_for() -> None:
    told = why_not(network(), bss(), FREE, is_current=False, chosen=Ssid.of("Cafe"), lenient=0)
    assert told == "Cafe was asked for"
    asked = Ssid.of("HomeNet")
    weak = bss(signal=-95)
    assert why_not(network(), weak, FREE, is_current=False, chosen=asked, lenient=0) is None
    assert (
        why_not(network(), bss(signal=-83), FREE, is_current=True, chosen=None, lenient=9) is None
    )
    told = why_not(network(), bss(signal=-84), FREE, is_current=True, chosen=None, lenient=9)
    assert told is not None and told.endswith("needs -83 dBm")
    lenient = why_not(network(), bss(signal=-86), FREE, is_current=False, chosen=None, lenient=6)
    assert lenient is None
