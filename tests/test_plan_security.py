# SPDX-License-Identifier: GPL-2.0-or-later
"""The design's table of securities, row by row: JSON word, fitting config words, UCI's word."""

import pytest
from known import bss, network, router, wireless

from wifirelay.core.known import Eap, KnownNetwork, Relay, Wanted
from wifirelay.core.plan import make_plan
from wifirelay.router.scan import parse_encryption
from wifirelay.values import Secret, Security

EAP = Eap("peap", "me", Secret("hunter2"))
TABLE = [  # what a scan shows, JSON word, config words that match (besides auto), UCI's word
    ({"enabled": False}, "open", {"open"}, "none"),
    ({"wpa": [3], "authentication": ["owe"]}, "owe", {"owe"}, "owe"),
    ({"wpa": [2], "authentication": ["psk"]}, "psk2", {"psk2", "sae-mixed"}, "psk2"),
    ({"wpa": [1, 2], "authentication": ["psk"]}, "psk2", {"psk2", "sae-mixed"}, "psk2"),
    (
        {"wpa": [2, 3], "authentication": ["psk", "sae"]},
        "sae-mixed",
        {"psk2", "sae", "sae-mixed"},
        "sae-mixed",
    ),
    ({"wpa": [3], "authentication": ["sae"]}, "sae", {"sae", "sae-mixed"}, "sae"),
    ({"wpa": [2], "authentication": ["802.1x"]}, "wpa2-eap", {"wpa2-eap"}, "wpa2"),
    ({"wpa": [3], "authentication": ["802.1x"]}, "wpa3-eap", {"wpa3-eap"}, "wpa3"),
    ({"wpa": [1], "authentication": ["psk"]}, "wpa1", set(), None),
    ({"wep": ["open"]}, "wep", set(), None),
    ({"wpa": [9], "authentication": ["psk"]}, "unknown", set(), None),
]
ROWS = [f"{word}-{number}" for number, (_, word, _, _) in enumerate(TABLE)]
WITHOUT_KEY = {"open", "owe"}


def known(word: str, **more: str) -> KnownNetwork:
    if word.endswith("eap"):
        return network(key=None, eap=EAP, security=word)
    return network(key=None if word in WITHOUT_KEY else "correct horse", security=word, **more)


def written(subject: KnownNetwork, security: Security) -> str | None:
    """The `encryption` that a join writes; None when it is not eligible."""
    on = router(wireless())
    found = make_plan(on, [bss(security=security)], [subject], Relay())
    (candidate,) = found.candidates
    assert candidate.eligible is (candidate.why_not is None)
    values = [edit.value for edit in found.edits if edit.option == "encryption"]
    assert len(values) == candidate.eligible
    return values[0] if values else None


def test_the_table_has_every_word() -> None:
    assert {word for _, word, _, _ in TABLE} == {each.value for each in Security}
    assert {word for _, _, words, _ in TABLE for word in words} | {"auto"} == {
        each.value for each in Wanted
    }


@pytest.mark.parametrize(("scan", "word", "fits", "uci"), TABLE, ids=ROWS)
def test_a_row(scan: dict[str, object], word: str, fits: set[str], uci: str | None) -> None:
    security = parse_encryption({"enabled": True, "ciphers": ["ccmp"], **scan})
    assert security.value == word
    for wanted in Wanted:
        if wanted is Wanted.AUTO:
            continue
        expected = uci if wanted.value in fits else None
        if (word, wanted.value) == ("sae-mixed", "sae"):
            expected = "sae"  # insists on SAE at a BSS in transition mode
        assert written(known(wanted.value), security) == expected, wanted


@pytest.mark.parametrize(
    ("subject", "fits"),
    [
        (network(), {"psk2", "sae-mixed", "sae"}),
        (network(key=None), {"open", "owe"}),
        (network(key=None, eap=EAP), {"wpa2-eap", "wpa3-eap"}),
        (network(key="short"), {"sae"}),  # too short for a passphrase of WPA2
        (network(key="0123456789abcdef" * 4), {"psk2", "sae-mixed"}),  # a PSK, of no use to SAE
    ],
)
def test_auto_takes_any_kind_that_the_key_fits(subject: KnownNetwork, fits: set[str]) -> None:
    for security in Security:
        assert (written(subject, security) is not None) is (security.value in fits), security


def test_a_psk_in_hexadecimal_is_joined_as_wpa2_in_transition_mode() -> None:
    assert written(network(key="0123456789abcdef" * 4), Security.SAE_MIXED) == "psk2"


@pytest.mark.parametrize(
    "subject", [network(), network(security="psk2"), network(key=None, eap=EAP)]
)
def test_an_open_bss_of_a_secured_network_is_reported_as_an_evil_twin(
    subject: KnownNetwork,
) -> None:
    found = make_plan(router(), [bss(security=Security.OPEN)], [subject], Relay())
    assert found.edits == ()
    assert "evil twin" in (found.candidates[0].why_not or "")


@pytest.mark.parametrize("method", ["peap", "ttls", "tls"])
def test_what_an_enterprise_join_writes(method: str) -> None:
    eap = Eap(
        method,
        "me",
        Secret("hunter2"),
        "anon",
        "PAP",
        "/ca",
        "/cert",
        "/key",
        Secret("hunter3"),
    )
    subject = network(key=None, eap=eap, security="wpa3-eap")
    found = make_plan(router(), [bss(security=Security.WPA3_EAP)], [subject], Relay())
    values = {edit.option: edit.value for edit in found.edits}
    assert values["eap_type"] == method
    assert (values.get("auth") == "PAP") is (method != "tls")
    assert (values["identity"], values["password"]) == ("me", "hunter2")
    assert (values["ca_cert"], values["priv_key_pwd"]) == ("/ca", "hunter3")
    assert "key" not in values
    assert not [edit for edit in found.edits if "hunter" in edit.shown()]
