# SPDX-License-Identifier: GPL-2.0-or-later
"""What a check-up reads of a router in words: in how few round trips, what becomes Unknown where
something cannot be had, and what is no diagnosis at all."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import pytest

from tests.changing import LOST, Answer, Scripted, failed, raised, said, state, uci
from tests.known import network, replay
from wifirelay.change.checkup import NOT_RECORDED, read_facts
from wifirelay.core.doctor.facts import Facts, Neighbours, Sentry
from wifirelay.core.doctor.finding import Unknown
from wifirelay.core.known import Relay
from wifirelay.errors import DeadlineExceeded, LinkLost, NotRecorded, RouterAnswer, TooLong
from wifirelay.router.services import Services
from wifirelay.transport.base import Completed
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band

DONE = Completed(0)
SLOW, LONG = DeadlineExceeded("iw took more than 10 s"), TooLong("iw tells more than 1 MiB")
BATCH = 20  # what is asked of every router
OPEN_ZONE = Section("wan", "zone", {"name": "wan", "network": "wan wwan", "input": "ACCEPT"})


def services(*running: str, enabled: tuple[str, ...] = ()) -> Completed:
    names = {*running, *enabled}
    rows = {each: {"running": each in running, "enabled": each in enabled} for each in names}
    return said(rows)


def router(answers: Mapping[str, Answer | Sequence[Answer]] | None = None) -> Scripted:
    """One in good health, on which OpenWrt's own programs answer as they were recorded."""
    own: dict[str, Any] = {
        "true": DONE,
        "ubus list": Completed(0, b"network\nuci\n"),
        "captive": DONE,
        "grep": failed(1),
        "rc list": services("cron", enabled=("cron",)),
        "network get_proto_handlers": said({"static": {}, "dhcp": {}}),
        "state": state("held.wifirelay 1000"),
        "wpa_supplicant -veap": DONE,
        "wpa_supplicant -vsae": failed(1),
        "wpa_supplicant -vowe": failed(127),
    }
    return Scripted({**own, **(answers or {})}, replay("baseline"))


def unknown(found: Facts) -> dict[str, Unknown]:
    """What could not be had, by name."""
    values = {each.name: getattr(found, each.name) for each in fields(found)}
    return {name: value for name, value in values.items() if isinstance(value, Unknown)}


# --- all that there is ---


def test_a_good_router_is_read_in_two_round_trips() -> None:
    asked = router()
    found = read_facts(asked, Relay())
    assert asked.trips == [BATCH, 2]
    assert asked.asked[BATCH:] == ["iwinfo info radio0", "iwinfo freqlist radio0"]
    assert unknown(found) == {}
    assert found.objects == frozenset({"network", "uci"})
    assert found.login_api == ""
    assert found.raw_psk is False
    assert found.features == {"eap": True, "sae": False, "owe": None}
    assert found.sentry == Sentry(installed=True, lives=True, held=("wifirelay",))
    assert found.services == Services(*[frozenset({"cron"})] * 3)
    assert found.protocols == frozenset({"static", "dhcp"})
    assert found.neighbours == Neighbours()
    assert found.open_zone == ""


def test_what_its_owner_wants_comes_along() -> None:
    relay, known = Relay(interface="wwan2"), (network(),)
    found = read_facts(router(), relay, known, now=1_700_000_000.0)
    assert (found.relay, found.known, found.now) == (relay, known, 1_700_000_000.0)
    plain = read_facts(router(), Relay())
    assert (plain.relay, plain.known, plain.now) == (Relay(), (), None)


def two_radios() -> Completed:
    radios = [
        Section(name, "wifi-device", {"band": "2g", "disabled": off})
        for name, off in (("radio0", "0"), ("radio1", "0"), ("radio2", "1"))
    ]
    return uci(Package("wireless", tuple(radios)))


@pytest.mark.parametrize(
    ("relay", "names"),
    [
        (Relay(), ["radio0", "radio1"]),
        (Relay(radios=("radio1",)), ["radio1"]),
        (Relay(radios=("radio2", "radio9")), ["radio2"]),
    ],
)
def test_radios_are_asked_that_the_uplink_may_use(relay: Relay, names: list[str]) -> None:
    freqs = {"radio0": 1, "radio1": 6, "radio2": 11}
    more: dict[str, Any] = {
        f"iwinfo freqlist {name}": said({"results": [{"channel": number, "mhz": 2412, "band": 2}]})
        for name, number in freqs.items()
    }
    infos: dict[str, Any] = {
        f"iwinfo info {name}": said({"phy": f"phy-{name}", "hwmodes": ["n"]}) for name in freqs
    }
    asked = router({"uci get wireless": two_radios(), **more, **infos})
    found = read_facts(asked, relay)
    assert asked.trips == [BATCH, 2 * len(names)]
    assert list(found.radios) == list(found.channels) == names
    for name in names:
        radio, heard = found.radios[name], found.channels[name]
        assert not isinstance(radio, Unknown) and radio.phy == f"phy-{name}"
        assert not isinstance(heard, Unknown)
        assert heard.listed == frozenset({(Band.GHZ2, freqs[name])})


# --- what cannot be had ---


@pytest.mark.parametrize(
    ("command", "fact"),
    [
        ("system board", "board"),
        ("system info", "system"),
        ("ubus list", "objects"),
        ("uci get wireless", "wireless"),
        ("uci get network", "network"),
        ("uci get firewall", "firewall"),
        ("uci get dhcp", "dhcp"),
        ("uci changes", "changes"),
        ("network.wireless status", "status"),
        ("network.device status", "devices"),
        ("network.interface dump", "interfaces"),
        ("rc list", "services"),
        ("network get_proto_handlers", "protocols"),
        ("state", "sentry"),
    ],
)
@pytest.mark.parametrize("answer", [failed(4), SLOW, LONG, NotRecorded("no such command")])
def test_what_cannot_be_had_costs_its_own_fact_alone(
    command: str, fact: str, answer: Answer
) -> None:
    asked = router({command: answer})
    missing = unknown(read_facts(asked, Relay()))
    assert missing.pop("neighbours", missing[fact]) == missing[fact]  # by the services
    assert list(missing) == [fact]
    assert missing[fact].broken is not isinstance(answer, NotRecorded)
    if isinstance(answer, NotRecorded):
        assert missing[fact] == NOT_RECORDED
    elif isinstance(answer, (DeadlineExceeded, TooLong)):
        assert missing[fact].why == answer.message
    assert ("true" in asked.asked) is (answer is SLOW)


def test_without_the_wireless_configuration_no_radio_is_asked() -> None:
    asked = router({"uci get wireless": failed(4)})
    found = read_facts(asked, Relay())
    assert (found.radios, found.channels) == ({}, {})
    assert not [each for each in asked.asked if each.startswith("iwinfo")]


def test_a_feature_that_is_not_told_makes_all_of_them_unknown() -> None:
    found = read_facts(router({"wpa_supplicant -vsae": NotRecorded("no")}), Relay())
    assert found.features == NOT_RECORDED
    assert unknown(found) == {"features": NOT_RECORDED}


def test_a_radio_that_is_not_told_is_unknown_alone() -> None:
    found = read_facts(router({"iwinfo info radio0": failed(4)}), Relay())
    radio, heard = found.radios["radio0"], found.channels["radio0"]
    assert isinstance(radio, Unknown) and radio.broken
    assert not isinstance(heard, Unknown)
    found = read_facts(router({"iwinfo freqlist radio0": NotRecorded("no")}), Relay())
    assert found.channels == {"radio0": NOT_RECORDED}
    assert not isinstance(found.radios["radio0"], Unknown)


def test_after_one_that_has_no_end_each_is_asked_alone() -> None:
    asked = router({"iw phy": SLOW})
    found = read_facts(asked, Relay())
    assert unknown(found) == {"phys": Unknown(SLOW.message, broken=True)}
    assert asked.trips == [BATCH, 1, *([1] * BATCH), 1, 2]
    assert asked.asked.count("true") == 2  # after the batch, and after the one


# --- no diagnosis ---


def test_what_is_no_openwrt_router_cannot_be_read() -> None:
    nothing = failed(127, "ubus: not found")
    with raised(RouterAnswer, "cannot be read", "system board", hint="OpenWrt"):
        read_facts(router({"system board": nothing, "uci get wireless": nothing}), Relay())
    absent = NotRecorded("no")
    found = read_facts(router({"system board": absent, "uci get wireless": absent}), Relay())
    assert list(unknown(found)) == ["board", "wireless"]


@pytest.mark.parametrize("command", ["true", "ubus list"])
def test_a_link_that_stalls_is_no_diagnosis(command: str) -> None:
    with raised(LinkLost, LOST.message):
        read_facts(router({"iw phy": SLOW, command: LOST}), Relay())
    with raised(LinkLost, LOST.message):
        read_facts(router({"iw phy": [SLOW, SLOW], "true": [DONE, LOST]}), Relay())


# --- others on the router ---


def test_others_are_told_of_as_setup_would() -> None:
    found = read_facts(
        router({"rc list": services("mwan3", "travelmate")}), Relay(interface="wwan2")
    )
    beside = found.neighbours
    assert isinstance(beside, Neighbours)
    assert "travelmate runs" in beside.refusal
    assert "travelmate stop" in beside.hint
    assert len(beside.remarks) == 1
    assert "mwan3" in beside.remarks[0]
    assert "wwan2" in beside.remarks[0]
    alone = read_facts(router({"rc list": services(enabled=("mwan3",))}), Relay()).neighbours
    assert isinstance(alone, Neighbours)
    assert (alone.refusal, alone.hint, len(alone.remarks)) == ("", "", 1)


def test_a_travelmate_that_is_not_wanted_is_no_neighbour() -> None:
    idle = uci(Package("travelmate", (Section("global", "travelmate", {"trm_enabled": "0"}),)))
    asked = router({"rc list": services(enabled=("travelmate",)), "uci get travelmate": idle})
    assert read_facts(asked, Relay()).neighbours == Neighbours()
    asked = router(
        {"rc list": services(enabled=("travelmate",)), "uci get travelmate": NotRecorded("no")}
    )
    beside = read_facts(asked, Relay()).neighbours
    assert isinstance(beside, Unknown)
    assert beside.why == "travelmate is there; a recording does not tell whether it is wanted"
    assert not beside.broken


def test_a_wan_zone_that_takes_all_input_is_told() -> None:
    found = read_facts(
        router({"uci get firewall": uci(Package("firewall", (OPEN_ZONE,)))}), Relay()
    )
    assert "input 'ACCEPT'" in found.open_zone
    assert found.neighbours == Neighbours()
    asked = router(
        {"uci get firewall": uci(Package("firewall", (OPEN_ZONE,))), "rc list": services("mwan3")}
    )
    assert "mwan3" not in read_facts(asked, Relay()).open_zone
    assert read_facts(router({"uci get firewall": failed(4)}), Relay()).open_zone == ""
