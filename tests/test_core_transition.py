# SPDX-License-Identifier: GPL-2.0-or-later
"""Which open access point a hidden one that encrypts is the other half of, and which is joined."""

from dataclasses import replace

import pytest
from known import bss, network

from wifirelay.core.candidates import Current, find
from wifirelay.core.refusals import UsableRadio
from wifirelay.core.transition import pinned, with_names
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.values import Band, Security, Ssid

OPEN = bss("Cafe", bssid="02:00:00:00:21:00", security=Security.OPEN)
HIDDEN = bss(None, bssid="06:00:00:00:21:01", security=Security.OWE)


def named(*heard: Bss) -> list[str | None]:
    """The names of the encrypted ones."""
    found = with_names(heard)
    assert [replace(each, ssid=None) for each in found] == [
        replace(each, ssid=None) for each in heard
    ]
    return [each.ssid.text if each.ssid else None for each in found if pinned(each)]


def test_it_has_the_name_of_the_open_one_of_its_device() -> None:
    assert named(OPEN, HIDDEN) == ["Cafe"]
    assert named(HIDDEN, OPEN) == ["Cafe"]
    other = bss("Bar", bssid="02:00:00:77:21:00", security=Security.OPEN)
    assert named(other, OPEN, HIDDEN) == ["Cafe"]
    second = replace(OPEN, ssid=Ssid.of("Guests"), bssid="0A:00:00:00:21:02")
    assert named(OPEN, second, HIDDEN) == ["Cafe"]  # the one that was heard first


@pytest.mark.parametrize(
    "change",
    [
        {"radio": "radio1"},
        {"channel": 11},
        {"bssid": "02:00:00:00:22:00"},
        {"bssid": None},
        {"ssid": None},
        {"security": Security.PSK2},
    ],
)
def test_what_is_not_its_other_half_names_nothing(change: dict[str, object]) -> None:
    assert named(replace(OPEN, **change), HIDDEN) == [None]  # type: ignore[arg-type]


def test_only_hidden_ones_that_encrypt_are_named() -> None:
    told = replace(HIDDEN, ssid=Ssid.of("Own"))
    assert named(OPEN, told, replace(HIDDEN, bssid=None)) == ["Own", None]
    sealed = replace(HIDDEN, security=Security.SAE)
    assert with_names((OPEN, sealed)) == (OPEN, sealed)
    assert not pinned(sealed)


# --- which of the two is joined ---


def ways(*heard: Bss, radios: dict[str, UsableRadio], current: Current | None = None) -> list[str]:
    """What may be joined of Cafe, and why what may not be is not; best first."""
    found, _ = find(heard, [network("Cafe", None)], radios, current=current)
    for each in found:
        assert each.bss is not None
        assert each.eligible or each.terms == ()
    return [each.why_not or each.bss.security.value for each in found if each.bss is not None]


def test_open_ones_wait_while_one_that_encrypts_can_be_joined() -> None:
    radios = {"radio0": UsableRadio("radio0", Band.GHZ2, Channels(), has_access_point=True)}
    sealed = replace(HIDDEN, ssid=OPEN.ssid, signal=-80)
    beside = "open, and one that encrypts is heard beside it"
    assert ways(OPEN, sealed, radios=radios) == ["owe", beside]
    assert ways(OPEN, HIDDEN, radios=radios) == ["owe", beside]
    assert ways(OPEN, radios=radios) == ["open"]
    elsewhere = replace(sealed, radio="radio1")  # where nothing can be joined
    assert "open" in ways(OPEN, elsewhere, radios=radios)
    here = Current(Ssid.of("Cafe"), "radio0", OPEN.bssid)
    assert set(ways(OPEN, sealed, radios=radios, current=here)) == {"open", "owe"}
    other = Current(Ssid.of("Home"), "radio0", OPEN.bssid)
    assert ways(OPEN, sealed, radios=radios, current=other) == ["owe", beside]
