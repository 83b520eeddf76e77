# SPDX-License-Identifier: GPL-2.0-or-later
"""A plan's decision and its reason, word for word: the facts in them are what people act on."""

from dataclasses import replace
from typing import Any

import pytest
from known import bss, logical, network, own, router, wireless

from wifirelay.core.candidates import Candidate
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.plan import Action, Decision, Plan, make_plan, plan_join, working_uplink
from wifirelay.router.devices import Device
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.router.wireless import Interface
from wifirelay.values import Band, Security, Ssid

RELAY = Relay()
TWO = "02:00:00:00:02:02"


def cafe(signal: int = -70, **more: Any) -> Bss:
    return bss("Cafe", bssid=TWO, signal=signal, **more)


def plan(air: list[Bss], known: list[KnownNetwork], on: Router | None = None, **more: Any) -> Plan:
    return make_plan(on or router(), air, known, RELAY, **more)


def said(*args: Any, **more: Any) -> tuple[str, str]:
    decision = plan(*args, **more).decision
    return decision.action.value, decision.why


# --- why it joins ---


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ([network()], "HomeNet is the only known network that can be joined"),
        (
            [network(priority=3), network("Cafe")],
            "HomeNet has the highest priority (3) of what is heard",
        ),
        ([network(), network("Cafe", metered=True)], "HomeNet is not metered, Cafe is"),
        (
            [network(), network("Cafe")],
            "HomeNet has the best score (31.6), before Cafe (25.0)",
        ),
        (
            [network(metered=True), network("Cafe", metered=True)],
            "HomeNet has the best score (31.6), before Cafe (25.0)",
        ),
    ],
)
def test_the_reason_for_this_one_of_all(known: list[KnownNetwork], why: str) -> None:
    assert said([bss(), cafe()], known) == ("join", why)


def test_a_second_access_point_of_it_is_no_rival_and_one_that_cannot_be_joined_neither() -> None:
    air = [bss(), bss(bssid=TWO, signal=-60), bss("Weak", bssid="02:00:00:00:02:03", signal=-95)]
    assert said(air, [network(), network("Weak")])[1] == (
        "HomeNet is the only known network that can be joined"
    )


def test_other_reasons_to_join() -> None:
    known = [network(), network("Cafe"), network("Back", hidden=True)]
    assert said([cafe(-90), bss()], known, chosen=Ssid.of("Cafe")) == (
        "join",
        "Cafe was asked for",
    )
    assert said([], known) == (
        "join",
        "Back is hidden and nothing else is to be had: tried blind",
    )
    on = router(uplink="HomeNet")
    weak = bss(signal=-82)
    assert said([weak, cafe(-50)], known, on) == (
        "join",
        "Cafe has the best score (31.6), before HomeNet (17.0); it is worth leaving HomeNet",
    )


# --- why it does nothing, or lets go ---


def test_reasons_for_nothing() -> None:
    known = [network(), network("Cafe")]
    assert said([], known) == ("nothing", "no known network is heard")
    assert said([bss(signal=-90)], known) == (
        "nothing",
        "no known network can be joined (HomeNet: too weak: -90 dBm, 2g needs -80 dBm)",
    )
    assert said([bss()], known, chosen=Ssid.of("Cafe")) == ("nothing", "Cafe is not heard")
    open_one = bss(security=Security.OPEN)
    assert said([cafe(), open_one], known, chosen=Ssid.of("HomeNet")) == (
        "nothing",
        "HomeNet cannot be joined: open, but known as secured: possibly an evil twin",
    )


def test_reasons_for_letting_go() -> None:
    on = router(wireless(own(ssid="Gone", disabled="0")))
    why = "the uplink to Gone does not work"
    assert said([], [network()], on) == ("leave", f"{why}; no known network is heard")
    off_air = replace(on, devices={"phy0-ap0": Device("phy0-ap0", False, "02:00:00:00:00:00")})
    assert said([], [network()], off_air) == (
        "leave",
        f"{why} and keeps own access points off the air; no known network is heard",
    )


# --- why it stays, and on what ---


def stays(air: list[Bss], known: list[KnownNetwork]) -> tuple[str, Candidate | None]:
    decision = plan(air, known, router(uplink="HomeNet")).decision
    assert decision.action is Action.STAY
    return decision.why, decision.candidate


def test_it_stays_on_what_it_hears_of_its_uplink() -> None:
    why, on = stays([cafe(), bss()], [network(), network("Cafe")])
    assert why == "HomeNet works"
    assert on is not None and on.bss == bss()


def test_it_stays_on_a_weak_one_where_nothing_else_can_be_joined() -> None:
    why, on = stays([bss(signal=-90)], [network()])
    assert why == (
        "HomeNet works, and nothing else that is heard can be joined "
        "(too weak: -90 dBm, 2g needs -83 dBm)"
    )
    assert on is not None and on.bss == bss(signal=-90)


def test_it_stays_on_one_that_was_not_heard_this_time() -> None:
    silent = "HomeNet works; it was not heard in this one scan, which proves nothing"
    assert stays([cafe()], [network(), network("Cafe")]) == (
        silent,
        Candidate(network(), "radio0", None),
    )
    assert stays([], [network("Cafe")]) == (silent, None)  # not known any more
    metered = [network(), network("Cafe", metered=True)]
    assert stays([cafe()], metered)[0] == silent


def test_it_moves_to_what_is_not_metered_from_one_that_is_and_was_not_heard() -> None:
    known = [network(metered=True), network("Cafe")]
    assert plan([cafe()], known, router(uplink="HomeNet")).decision.action is Action.JOIN


# --- which uplink works ---


def joined(*sections: tuple[str, str, str | None], encryption: str | None = "psk2") -> Router:
    """Own sections by name, SSID and network device; the lease is on phy0-sta0."""
    extra = {} if encryption is None else {"encryption": encryption}
    package = wireless(*[own(name, disabled="0", **extra) for name, _, _ in sections])
    on = router(package)
    on.interfaces["wwan"] = logical("wwan", "phy0-sta0", "10.10.1.176/24")
    (radio,) = on.status.radios
    found = [
        Interface(name, "radio0", "sta", Ssid.of(ssid) if ssid else None, device)
        for name, ssid, device in sections
    ]
    status = replace(on.status, radios=(replace(radio, interfaces=(*radio.interfaces, *found)),))
    return replace(on, status=status)


def test_of_several_own_sections_the_one_with_the_lease_is_the_uplink() -> None:
    on = joined(
        ("wifirelay", "", "phy0-sta0"),  # no SSID yet
        ("wifirelay_a", "Searching", None),  # no device yet
        ("wifirelay_b", "Other", "phy0-sta1"),
        ("wifirelay_c", "HomeNet", "phy0-sta0"),
    )
    current = working_uplink(on, RELAY)
    assert current is not None
    assert (current.ssid, current.radio, current.bssid) == (Ssid.of("HomeNet"), "radio0", None)
    assert working_uplink(joined(("wifirelay", "", "phy0-sta0")), RELAY) is None
    assert working_uplink(joined(("wifirelay", "HomeNet", None)), RELAY) is None


@pytest.mark.parametrize(
    ("encryption", "secured"),
    [("psk2", True), ("sae", True), ("wpa2", True), ("none", False), ("owe", False), (None, False)],
)
def test_whether_it_was_joined_with_a_secret(encryption: str | None, secured: bool) -> None:
    on = joined(("wifirelay", "HomeNet", "phy0-sta0"), encryption=encryption)
    current = working_uplink(on, RELAY)
    assert current is not None and current.secured is secured


# --- a decision that is made elsewhere ---


def test_the_plan_of_a_join_that_was_decided() -> None:
    candidate = Candidate(network("Cafe", "a passphrase"), "radio0", cafe(band=Band.GHZ2))
    found = plan_join(router(), RELAY, candidate, "it is asked for")
    assert found.decision == Decision(Action.JOIN, "it is asked for", candidate)
    assert (found.candidates, found.ignored) == ((candidate,), ())
    assert [edit.shown() for edit in found.edits] == [
        "set wireless.wifirelay.ssid='Cafe'",
        "set wireless.wifirelay.encryption='psk2'",
        "set wireless.wifirelay.key='***'",
        "set wireless.wifirelay.disabled='0'",
    ]
