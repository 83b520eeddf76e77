# SPDX-License-Identifier: GPL-2.0-or-later
"""What wifirelay reads of a router, on each state that the lab recorded."""

from dataclasses import dataclass

import pytest
from known import RECORDINGS, replay

from wifirelay.core.known import Relay
from wifirelay.core.plan import enabled_uplinks, working_uplink
from wifirelay.router.board import board, system_info
from wifirelay.router.channels import channels
from wifirelay.router.config import package, staged_changes
from wifirelay.router.devices import devices
from wifirelay.router.interfaces import interfaces, overlapping
from wifirelay.router.observe import observe
from wifirelay.router.station import Association, association
from wifirelay.router.wireless import wireless_status
from wifirelay.uci.staged import foreign
from wifirelay.values import Band, Ssid


@dataclass(frozen=True)
class State:
    """What is true of the router in one recording."""

    uplink: str | None = None  # the SSID that the own section is enabled for
    bssid: str | None = None  # of the access point that it is associated with
    lease: str | None = None
    on_air: bool = True  # the own access point


LAB = {
    "fresh": State(),
    "baseline": State(),
    "hostile-air": State(),
    "connected": State("HomeNet", "02:00:00:00:02:00", "10.10.1.176/24"),
    "portal": State("AirportFree", "02:00:00:00:0D:00", "10.10.11.176/24"),
    "subnet-clash": State("Collide", "02:00:00:00:0E:00", "192.168.1."),
    "dead-dhcp": State("DeadDHCP", "02:00:00:00:0C:00"),
    "upstream-lost": State("HomeNet", on_air=False),
    "wrong-key": State("WrongPass", on_air=False),
}


@pytest.fixture(params=RECORDINGS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_recording_is_described() -> None:
    assert set(LAB) == set(RECORDINGS)


# --- the facts ---


def test_what_netifd_runs(name: str) -> None:
    status = wireless_status().read(replay(name))
    assert [(each.name, each.up, each.disabled, each.gave_up) for each in status.radios] == [
        ("radio0", True, False, False),
        ("radio1", False, True, False),
    ]
    (mine,) = status.access_points()
    assert (mine.section, mine.radio, mine.ifname) == ("default_radio0", "radio0", "phy0-ap0")
    assert mine.ssid == Ssid(b"MyRouter")
    assert status.access_points("radio1") == ()
    station = status.interface("wifirelay")
    uplink = LAB[name].uplink
    if uplink is None:
        assert station is None  # a disabled section is not there
    else:
        assert station is not None
        assert (station.mode, station.ssid, station.ifname) == (
            "sta",
            Ssid.of(uplink),
            "phy0-sta0",
        )


def test_the_carrier_tells_whether_the_own_access_point_is_on_the_air(name: str) -> None:
    router = observe(replay(name))
    assert router.on_air("default_radio0") is LAB[name].on_air
    assert devices().read(replay(name))["phy0-ap0"].carrier is LAB[name].on_air
    assert not router.on_air("nobody")
    assert "02:00:00:00:00:00" in router.own_macs


def test_association_is_with_the_access_point(name: str) -> None:
    """Not the station's own address, which `iwinfo info` shows."""
    if LAB[name].uplink is None:
        assert association("phy0-ap0").read(replay(name)) is None
        return
    found = association("phy0-sta0").read(replay(name))
    bssid = LAB[name].bssid
    assert found == (Association(bssid, -30) if bssid else None)


def test_the_lease(name: str) -> None:
    all_of_them = interfaces().read(replay(name))
    assert all_of_them["lan"].addresses == ("192.168.1.1/24",)
    wwan = all_of_them.get("wwan")
    lease = LAB[name].lease
    assert wwan is not None
    assert wwan.proto == "dhcp"
    assert wwan.up is (lease is not None)
    assert wwan.default_route is (lease is not None)
    if lease is not None:
        assert wwan.addresses[0].startswith(lease)
        assert wwan.l3_device == "phy0-sta0"
        assert wwan.gateway
        assert wwan.dns
    else:
        assert wwan.addresses == ()
    assert wwan.pending is (name == "dead-dhcp")


def test_an_overlap_is_found_in_subnet_clash_and_nowhere_else(name: str) -> None:
    logical_ones = interfaces().read(replay(name))
    wwan = logical_ones.get("wwan")
    clash = overlapping(wwan, logical_ones) if wwan is not None else None
    if name == "subnet-clash":
        assert clash is not None
        assert (clash[0].name, str(clash[1])) == ("lan", "192.168.1.0/24")
    else:
        assert clash is None


def test_staged_edits(name: str) -> None:
    changes = staged_changes().read(replay(name))
    assert all(change.own for change in changes)
    assert foreign(changes, packages=["wireless", "network", "firewall"]) == ()
    staged = {change.option: change.value for change in changes}
    uplink = LAB[name].uplink
    if uplink is None:
        assert changes == ()
    else:
        assert (staged["ssid"], staged["disabled"]) == (uplink, "0")


def test_the_configuration(name: str) -> None:
    wireless = package("wireless").read(replay(name))
    assert [each.name for each in wireless.of_kind("wifi-device")] == ["radio0", "radio1"]
    radio1 = wireless.section("radio1")
    assert radio1 is not None
    assert not radio1.enabled
    own = wireless.section("wifirelay")
    assert (own is None) is (name == "fresh")
    if own is not None:
        assert own.enabled is (LAB[name].uplink is not None)
    zones = package("firewall").read(replay(name)).of_kind("zone")
    assert "wan" in [zone.get("name") for zone in zones]
    assert all(zone.anonymous for zone in zones)


def test_what_the_uplink_is(name: str) -> None:
    router = observe(replay(name))
    state = LAB[name]
    current = working_uplink(router, Relay())
    if state.lease is not None and name != "subnet-clash":  # that one is of no use
        assert current is not None
        assert (current.ssid, current.radio) == (Ssid.of(state.uplink or ""), "radio0")
    else:
        assert current is None
    assert [each.name for each in enabled_uplinks(router)] == (
        ["wifirelay"] if state.uplink else []
    )
    assert working_uplink(router, Relay(interface="wwan9")) is None


def test_channels_of_the_lab(name: str) -> None:
    found = channels("radio0").read(replay(name))
    assert found.listed is not None
    assert len(found.listed) == 26
    assert (Band.GHZ2, 6) in found.listed
    assert (Band.GHZ2, 14) not in found.listed
    assert found.silent == frozenset()


def test_the_board(name: str) -> None:
    found = board().read(replay(name))
    assert (found.distribution, found.hostname) == ("OpenWrt", "OpenWrt")
    found.check_supported()
    info = system_info().read(replay(name))
    assert info.uptime > 100
    assert info.flash_free is not None
    assert info.flash_free > 1_000_000
