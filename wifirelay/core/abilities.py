# SPDX-License-Identifier: GPL-2.0-or-later
"""What a join needs of the router's wpa_supplicant, and what is missing there: said before a
trial, which could only fail. What is not known is not held against it."""

from collections.abc import Iterable

from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.sections import encryption
from wifirelay.router.programs import RAW_PSK, Abilities
from wifirelay.values import Security

# `wpad-basic-*` has no EAP, `wpad-basic` and `wpad-mini` neither SAE nor OWE.
FULL_WPAD = "wpad-mbedtls (on 22.03 wpad-wolfssl)"
_NEEDS = {"sae": "sae", "owe": "owe", "wpa2": "eap", "wpa3": "eap"}


def worth_asking(known: Iterable[KnownNetwork], relay: Relay) -> tuple[str, ...]:
    """The abilities that these networks may need, and open ones that nobody listed: each question
    is a process on the router."""
    strangers = () if relay.allowed is None else ("owe",)
    return tuple(sorted({*strangers, *(_asked(network) for network in known)}))


def _asked(network: KnownNetwork) -> str:
    if network.eap is not None:
        return "eap"
    if network.key is None:
        return "owe"
    return RAW_PSK if network.raw_psk else "sae"


def lacking(network: KnownNetwork, security: Security | None, abilities: Abilities) -> str | None:
    """Why this router cannot join it, with the remedy, or None. `security` is None where it was
    not heard."""
    if network.raw_psk and abilities.get(RAW_PSK) is False:
        return "this release cannot use a key of 64 hexadecimal digits: configure the passphrase"
    need = _NEEDS.get(encryption(network, security, abilities), "")
    if abilities.get(need) is not False:
        return None
    return f"this router's wpa_supplicant has no {need.upper()}: install {FULL_WPAD}"
