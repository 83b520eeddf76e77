# SPDX-License-Identifier: GPL-2.0-or-later
"""What a router's wpa_supplicant lacks for a network, as its owner reads it before a trial."""

import pytest
from known import network
from reading import reads_well

from wifirelay.core.abilities import lacking
from wifirelay.core.known import Eap, KnownNetwork
from wifirelay.router.programs import RAW_PSK
from wifirelay.values import Security

RAW = network(key="0123456789abcdef" * 4)
CAMPUS = network(key=None, eap=Eap("peap", "me"))
SEALED = network(key=None, security="owe")


def test_a_key_of_64_digits() -> None:
    told = lacking(RAW, Security.PSK2, {RAW_PSK: False})
    assert told is not None
    assert told.startswith("this release cannot use a key of 64 hexadecimal digits")
    reads_well(told)
    for said in (True, None):
        assert lacking(RAW, Security.PSK2, {RAW_PSK: said}) is None
    assert lacking(network(), Security.PSK2, {RAW_PSK: False}) is None


@pytest.mark.parametrize(
    ("known", "heard", "lacks", "named"),
    [
        (CAMPUS, Security.WPA2_EAP, "eap", "EAP"),
        (CAMPUS, None, "eap", "EAP"),
        (network(security="sae"), Security.SAE, "sae", "SAE"),
        (network(), Security.SAE, "sae", "SAE"),
        (network(), Security.PSK2, "sae", None),
        (network(), Security.SAE_MIXED, "sae", None),  # by WPA2
        (SEALED, Security.OWE, "owe", "OWE"),
        (network(key=None), Security.OWE, "owe", "OWE"),
        (network(key=None), Security.OPEN, "owe", None),
    ],
)
def test_what_is_missing_is_named_with_the_package(
    known: KnownNetwork, heard: Security | None, lacks: str, named: str | None
) -> None:
    abilities = dict.fromkeys(("eap", "sae", "owe"), True)
    assert lacking(known, heard, abilities) is None
    told = lacking(known, heard, abilities | {lacks: False})
    if named is None:
        assert told is None
        return
    begin = f"this router's wpa_supplicant has no {named}: install wpad-mbedtls"
    assert told is not None and told.startswith(begin)
