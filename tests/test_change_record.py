# SPDX-License-Identifier: GPL-2.0-or-later
"""A recording holds all that is ever asked, whatever fails, and asks in small portions."""

from typing import Any

import pytest

from tests.changing import LOST, Scripted, carriers, check_text, failed, radios, raised, said, state
from tests.proving import LINKED, dump, interface
from wifirelay.change.record import BATCH, general_commands, record_all
from wifirelay.errors import LinkLost, RouterAnswer
from wifirelay.transport.base import SCAN, Command, Completed

RADIO = {".type": "wifi-device", ".index": 0}
VALUES = {
    "radio0": RADIO,
    "radio1": {**RADIO, "disabled": "1"},
    "ap": {".type": "wifi-iface", "device": "radio0", "mode": "ap"},
}


class Everything(Scripted):
    """A router that answers anything, if only with nothing."""

    def __init__(self, **answers: Any) -> None:
        nothing = Completed(0)

        class Nothing:
            def run(self, command: object) -> Completed:
                return nothing

        super().__init__(
            {
                "uci get wireless": said({"values": VALUES}),
                "uci changes": said({"changes": {}}),
                "network.wireless status": radios(
                    ("ap", "ap", "Mine", "phy0-ap0"),
                    ("wifirelay", "sta", "Home", "phy1.1-sta0"),
                    ("odd", "ap", "Odd", "wlan0"),
                    ("down", "ap", "Down", None),
                ),
                "network.device status": carriers(phy0_ap0=True),
                "network.interface dump": said({"interface": []}),
                "iwinfo scan": said({"results": []}),
                "iwinfo freqlist": said({"results": []}),
                **answers,
            },
            Nothing(),  # type: ignore[arg-type]
        )


def recorded(router: Scripted) -> tuple[tuple[str, ...], list[str]]:
    told: list[str] = []
    radios_found = record_all(router, told.append)
    for text in told:
        check_text(text)
    return radios_found, told


def test_all_that_is_ever_asked_is_recorded() -> None:
    router = Everything()
    names, told = recorded(router)
    assert names == ("radio0", "radio1")
    assert len(told) == 5
    assert "scanning with radio0" in told
    asked = set(router.asked)
    for name in ("radio0", "radio1", "phy0-ap0", "phy1.1-sta0", "wlan0"):
        assert {f"iwinfo {word} {name}" for word in ("info", "assoclist", "freqlist")} <= asked
        (scan,) = router.of(f"iwinfo scan {name}")[-1:]
        assert scan.deadline == SCAN
    assert {each for each in asked if each.startswith("wpa_supplicant phy")} == {
        "wpa_supplicant phy_status phy0",
        "wpa_supplicant phy_status phy1",
    }
    assert "state" in asked
    assert not [each for each in asked if "None" in each]


def words(command: Command) -> str:
    """A command without what every `ubus call` begins with."""
    return " ".join(command.argv).removeprefix("ubus -S -t 9 call ")


def test_the_router_as_a_whole() -> None:
    commands = [words(each) for each in general_commands()]
    packages = ("wireless", "network", "firewall", "dhcp")
    assert {
        *("system board", "system info", "cat /etc/openwrt_release", "ubus list"),
        *(f'uci get {{"config":"{each}"}}' for each in packages),
        *(f"uci {word} {each}" for word in ("show", "export") for each in packages),
        *("uci changes", "uci changes {}", "network.wireless status", "network.interface dump"),
        *("network.device status", "iwinfo devices", "rc list {}", "iw dev", "iw phy"),
        *(
            "network get_proto_handlers",
            "wifi status",
            "ip -4 route",
            "ip -4 addr",
            "logread -l 120",
            "df -k /overlay",
        ),
        *("cat /tmp/resolv.conf.d/resolv.conf.auto", "free", "uptime"),
    } <= set(commands)
    router = Everything()
    recorded(router)
    asked = [words(each) for each in router.commands]
    assert set(commands) <= set(asked)
    assert not [each for each in router.commands if each.stdin is not None]


def test_each_radio_and_each_of_its_interfaces() -> None:
    router = Everything()
    recorded(router)
    asked = [words(each) for each in router.commands]
    for word in ("info", "assoclist", "freqlist"):
        assert f'iwinfo {word} {{"device":"phy0-ap0"}}' in asked
    assert 'wpa_supplicant phy_status {"phy":"phy0"}' in asked
    last = router.commands[-5:]
    names = ("phy0-ap0", "phy1.1-sta0", "wlan0", "radio0", "radio1")
    assert [each.argv[-2:] for each in last] == [("scan", f'{{"device":"{n}"}}') for n in names]


def test_an_uplink_is_asked_for_its_association_and_nothing_is_probed() -> None:
    own = {".type": "wifi-iface", "device": "radio0", "network": "wwan", "ssid": "Home"}
    router = Everything(
        **{
            "uci get wireless": said({"values": {**VALUES, "wifirelay": own}}),
            "network.interface dump": dump(interface("wwan", "phy1.1-sta0", "10.10.1.5/24")),
            "iwinfo assoclist": LINKED,
            "system board": said({"model": "A router"}),
            "state": state(),
        }
    )
    recorded(router)
    assert router.asked.count("iwinfo assoclist phy1.1-sta0") == 2
    assert not [each for each in router.asked if each.split()[0] in ("uclient-fetch", "ping")]


def test_it_is_asked_in_portions() -> None:
    router = Everything()
    recorded(router)
    assert max(router.trips) == BATCH
    assert sum(trip > 1 for trip in router.trips) >= 4
    names = [each for each in router.asked if each.startswith("iw ")]
    assert sorted(names) == ["iw dev", "iw phy"]


def test_a_router_without_a_radio_that_is_on() -> None:
    off = {"radio0": {**RADIO, "disabled": "1"}}
    names, told = recorded(Everything(**{"uci get wireless": said({"values": off})}))
    assert names == ("radio0",)
    assert "scanning with no radio" in told


def test_a_router_without_any_radio_is_recorded_as_well() -> None:
    names, told = recorded(Everything(**{"uci get wireless": said({"values": {}})}))
    assert (names, len(told)) == ((), 5)


def test_two_radios_scan() -> None:
    on = {"radio0": RADIO, "radio1": RADIO}
    _, told = recorded(Everything(**{"uci get wireless": said({"values": on})}))
    assert "scanning with radio0, radio1" in told


def test_what_cannot_be_had_is_a_part_of_the_recording() -> None:
    router = Everything(**{"system board": failed(4), "iwinfo scan": failed(5)})
    names, told = recorded(router)
    assert names == ("radio0", "radio1")
    assert len(told) == 5
    assert "uptime" in router.asked


def test_without_the_radios_it_fails_after_having_asked_all_the_same() -> None:
    router = Everything(**{"network.wireless status": failed(4)})
    with raised(RouterAnswer, "not found", hint="logread"):
        record_all(router, lambda _: None)
    assert "uptime" in router.asked
    assert "state" in router.asked


@pytest.mark.parametrize("name", ["uci get wireless", "system board", "uptime"])
def test_a_lost_link_ends_it(name: str) -> None:
    with raised(LinkLost, "the link died"):
        record_all(Everything(**{name: LOST}), lambda _: None)
