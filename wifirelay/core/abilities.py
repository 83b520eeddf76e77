# SPDX-License-Identifier: GPL-2.0-or-later
"""What a join needs of the router's wpa_supplicant, and what is missing there: said before a
trial, which could only fail. What is not known is not held against it."""

from collections.abc import Iterable

from wifirelay.core.known import KnownNetwork
from wifirelay.core.sections import encryption
from wifirelay.router.programs import RAW_PSK, Abilities
from wifirelay.values import Security

# `wpad-basic-*` has no EAP, `wpad-basic` and `wpad-mini` neither SAE nor OWE.
FULL_WPAD = "wpad-mbedtls (on 22.03 wpad-wolfssl)"
_NEEDS = {"sae": "sae", "owe": "owe", "wpa2": "eap", "wpa3": "eap"}
_NAMES = {"sae": "SAE (WPA3)", "owe": "OWE", "eap": "EAP (enterprise)"}


def worth_asking(known: Iterable[KnownNetwork]) -> tuple[str, ...]:
    """The abilities that these networks may need: each question is a process on the router."""
    found = set()
    for network in known:
        if network.eap is not None:
            found.add("eap")
        elif network.key is None:
            found.add("owe")
        else:
            found.add(RAW_PSK if network.raw_psk else "sae")
    return tuple(sorted(found))


def lacking(network: KnownNetwork, security: Security | None, abilities: Abilities) -> str | None:
    """Why this router cannot join it, with the remedy, or None. `security` is None where it was
    not heard."""
    if network.raw_psk and abilities.raw_psk is False:
        return (
            "its key is 64 hexadecimal digits, which this release writes as a passphrase: put "
            "the passphrase itself into the configuration"
        )
    need = _NEEDS.get(encryption(network, security, abilities))
    if need is None or getattr(abilities, need) is not False:
        return None
    return (
        f"this router's wpa_supplicant has no {_NAMES[need]}: install {FULL_WPAD} in place of "
        "its wpad"
    )
