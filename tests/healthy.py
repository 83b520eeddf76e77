# SPDX-License-Identifier: GPL-2.0-or-later
"""A router in perfect health, as a check-up sees it, and what a check says of a change to it;
recordings with other answers."""

from dataclasses import replace
from typing import Any

from known import logical, recording, wireless
from reading import reads_well

from wifirelay.core.doctor import device
from wifirelay.core.doctor.checks import PER_RADIO, check_up
from wifirelay.core.doctor.facts import Facts, Neighbours, Sentry
from wifirelay.core.doctor.finding import Finding, Unknown
from wifirelay.router.board import Board, SystemInfo
from wifirelay.router.channels import Channels
from wifirelay.router.devices import Device
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.phy import Combination, Phy
from wifirelay.router.radio import RadioInfo
from wifirelay.router.services import Services
from wifirelay.router.wireless import Interface, RadioStatus, WirelessStatus
from wifirelay.transport.recorded import Exchange, RecordedTransport, Recording
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band, Ssid

MIB = 1 << 20
NOON = 1_795_438_013  # 2026-11-23
BOARD = Board("Router", "OpenWrt", "OpenWrt", "24.10.2", "OpenWrt 24.10.2 r1", built=1_738_624_045)
BESIDE = Combination(((frozenset({"managed"}), 1), (frozenset({"AP"}), 4)), total=4, channels=1)
PHY = Phy("phy0", frozenset({"managed", "AP"}), (BESIDE,), scans_beside_ap=True)
GHZ2 = frozenset((Band.GHZ2, number) for number in range(1, 14))
GHZ5 = frozenset((Band.GHZ5, number) for number in (36, 40, 44, 48, 52, 56, 149))
ZONE: dict[str, str | tuple[str, ...]] = {
    "name": "wan",
    "network": ("wan", "wwan"),
    "input": "REJECT",
    "masq": "1",
}
ALL = frozenset(device._NEEDED)


def firewall(*sections: Section, **zone: str | tuple[str, ...]) -> Package:
    default = (Section("cfg1", "forwarding", {"src": "lan", "dest": "wan"}),)
    whole: dict[str, str | tuple[str, ...]] = {**ZONE, **zone}
    return Package("firewall", (Section("wan", "zone", whole), *(sections or default)))


def status(*interfaces: Interface, up: bool = True, gave_up: bool = False) -> WirelessStatus:
    found = interfaces or (ap(),)
    return WirelessStatus((RadioStatus("radio0", up, False, gave_up, found),))


def ap() -> Interface:
    return Interface("default_radio0", "radio0", "ap", Ssid.of("MyRouter"), "phy0-ap0")


def subnet(name: str, device_name: str, address: str) -> LogicalInterface:
    """A network of the router's own."""
    return replace(logical(name, device_name, address), default_route=False)


def radio0(**options: str) -> Package:
    return wireless(radio0={"country": "DE", **options})


def bare(name: str = "radio0", **options: str) -> Package:
    """One radio without an access point."""
    return Package("wireless", (Section(name, "wifi-device", {"band": "2g", **options}),))


# A router with nothing to complain about.
GOOD = Facts(
    board=BOARD,
    system=SystemInfo(100, 8 * MIB, 64 * MIB, NOON),
    objects=ALL,
    login_api="",
    features={"eap": True, "sae": True, "owe": True},
    phys={"phy0": PHY},
    wireless=wireless(radio0={"country": "DE"}),
    network=Package("network", (Section("wwan", "interface", {"proto": "dhcp"}),)),
    firewall=firewall(),
    changes=(),
    status=status(),
    devices={"phy0-ap0": Device("phy0-ap0", True, None)},
    interfaces={"lan": subnet("lan", "br-lan", "192.168.77.1/24")},
    services=Services(frozenset(), frozenset({"wifirelay-sentry"})),
    sentry=Sentry(installed=True, lives=True),
    neighbours=Neighbours(),
    radios={"radio0": RadioInfo("phy0", "DE")},
    channels={"radio0": Channels(GHZ2)},
    now=NOON + 5.0,
)
BROKEN = Unknown("the router could not answer", broken=True)


def found(facts: Facts, check: str) -> Finding:
    (one,) = [each for each in check_up(facts) if each.check == check]
    return one


def says(check: str, verdict: str, *texts: str, **facts: Any) -> Finding:
    """The check's finding on the good router with other facts: its verdict, and words in it."""
    one = found(replace(GOOD, **facts), check)
    assert one.verdict == verdict, one
    for text in texts:
        assert text in f"{one.evidence} -> {one.remedy}", one
    assert (one.remedy == "") is (verdict == "ok") or verdict == "unknown", one
    assert bool(one.about) is (check in PER_RADIO), one
    reads_well(one.evidence)
    reads_well(one.remedy)
    return one


# --- recordings with other answers ---

GET_WIRELESS = ("ubus", "call", "uci", "get", '{"config":"wireless"}')


def answer_of(name: str, argv: tuple[str, ...]) -> Exchange:
    return next(each for each in recording(name).exchanges if each.argv == argv)


def changed(name: str, answers: dict[tuple[str, ...], str]) -> RecordedTransport:
    """A replay of a recording with other answers to some commands."""
    kept = [each for each in recording(name).exchanges if each.argv not in answers]
    made = [Exchange(0.0, argv, None, 0, out, "") for argv, out in answers.items()]
    return RecordedTransport(Recording((*kept, *made)))
