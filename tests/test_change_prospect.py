# SPDX-License-Identifier: GPL-2.0-or-later
"""What a router would join of what it hears: which of its abilities are asked, and what they, the
owner's choice and what is remembered come to in the plan."""

from tests.changing import LOST, Scripted, failed, raised
from tests.known import bss, network, router
from wifirelay.change.prospect import prospect
from wifirelay.core.known import RANDOM, REFUSE, Relay
from wifirelay.core.mac import MAC
from wifirelay.core.plan import Action, Plan
from wifirelay.core.twins import Past
from wifirelay.errors import LinkLost, NotRecorded
from wifirelay.transport.base import Completed
from wifirelay.uci.model import Package, Section
from wifirelay.values import Security, Ssid

HOME, CAFE = network("Home"), network("Cafe", None)
NEAR, FAR = bss("Home", signal=-50), bss("Cafe", signal=-80, security=Security.OPEN)
DONE = Completed(0)


def joined(plan: Plan) -> str:
    assert plan.decision.candidate is not None
    return str(plan.decision.candidate.network.ssid)


def test_only_the_abilities_that_the_networks_need_are_asked_in_one_round_trip() -> None:
    asked = Scripted({"wpa_supplicant": DONE})
    here, plan = prospect(asked, router(), (NEAR, FAR), (HOME, CAFE), Relay())
    assert asked.asked == ["wpa_supplicant -vowe", "wpa_supplicant -vsae"]
    assert asked.trips == [2]
    assert here.abilities == {"owe": True, "sae": True}
    assert plan.decision.action is Action.JOIN
    assert joined(plan) == "Home"


def test_what_the_router_cannot_do_is_not_planned() -> None:
    safe = bss("Home", security=Security.SAE)
    asked = Scripted({"wpa_supplicant -vsae": failed(1)})
    _, plan = prospect(asked, router(), (safe,), (HOME,), Relay())
    assert plan.decision.action is not Action.JOIN
    asked = Scripted({"wpa_supplicant -vsae": NotRecorded("no")})
    here, plan = prospect(asked, router(), (safe,), (HOME,), Relay())
    assert here.abilities == {}
    assert joined(plan) == "Home"


def test_the_owner_s_choice_goes_before_what_is_better() -> None:
    asked = Scripted({"wpa_supplicant": DONE})
    _, plan = prospect(asked, router(), (NEAR, FAR), (HOME, CAFE), Relay(), chosen=Ssid.of("Cafe"))
    assert joined(plan) == "Cafe"


def test_what_is_remembered_counts() -> None:
    """A network that has been there with WPA3 is somebody else's without it."""
    past = Past(REFUSE)
    past.proved(0.0, HOME, bss("Home", bssid="02:00:00:00:99:01", security=Security.SAE))
    heard = (bss("Home", security=Security.PSK2),)
    asked = Scripted({"wpa_supplicant": DONE})
    _, plan = prospect(asked, router(), heard, (HOME,), Relay())
    assert plan.decision.action is Action.JOIN
    _, plan = prospect(asked, router(), heard, (HOME,), Relay(), past=past)
    assert plan.decision.action is not Action.JOIN


def test_an_address_of_chance_is_another_each_time() -> None:
    masked = network("Home", mac=RANDOM)
    asked = Scripted({"wpa_supplicant": DONE})
    found = set()
    for _ in range(3):
        _, plan = prospect(asked, router(), (NEAR,), (masked,), Relay())
        found |= {each.value for each in plan.edits if each.option == MAC}
    assert len(found) == 3


def test_the_radios_are_the_relay_s() -> None:
    radios = [
        Section(name, "wifi-device", {"band": "2g", "disabled": "0"})
        for name in ("radio0", "radio1")
    ]
    own = [
        Section(f"wifirelay{tail}", "wifi-iface", {"device": name, "disabled": "1"})
        for name, tail in (("radio0", ""), ("radio1", "_radio1"))
    ]
    here = router(Package("wireless", (*radios, *own)))
    heard = (NEAR, bss("Home", radio="radio1", signal=-60))
    asked = Scripted({"wpa_supplicant": DONE})
    _, plan = prospect(asked, here, heard, (HOME,), Relay(radios=("radio1",)))
    assert plan.decision.candidate is not None
    assert plan.decision.candidate.radio == "radio1"


def test_a_router_out_of_reach() -> None:
    with raised(LinkLost, LOST.message):
        prospect(Scripted({"wpa_supplicant": LOST}), router(), (NEAR,), (HOME,), Relay())
