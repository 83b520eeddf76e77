# SPDX-License-Identifier: GPL-2.0-or-later
"""Setup's edits as values, word for word; which radios and access points count; own sections."""

from collections.abc import Iterable

import pytest
from known import network, own, wireless
from reading import errors_read_well

from wifirelay.core.baseline import setup_edits, undo_edits
from wifirelay.core.known import Eap, Relay
from wifirelay.core.owned import CREATED, Owned
from wifirelay.core.radios import (
    access_points,
    configured_band,
    radio_names,
    usable_radios,
)
from wifirelay.core.sections import encryption, joined, own_options, section_name
from wifirelay.core.wanzone import wan_zone
from wifirelay.errors import ConfigError, Refused
from wifirelay.uci.edits import Edit
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band, Secret, Security

__all__ = ["errors_read_well"]

RELAY = Relay()
ZONE = Section("cfg02", "zone", {"name": "wan", "network": ("wan",)}, anonymous=True)
LAN_ZONE = Section("cfg01", "zone", {"name": "lan", "network": ("lan",)}, anonymous=True)


def bare(*sections: Section) -> Package:
    """`wireless` with these sections and no own one."""
    return Package("wireless", sections)


def device(name: str, **options: str) -> Section:
    return Section(name, "wifi-device", options)


def owned(
    package: Package, *interfaces: Section, zones: tuple[Section, ...] = (LAN_ZONE, ZONE)
) -> Owned:
    return Owned(package, Package("network", interfaces), Package("firewall", zones))


def lines(edits: Iterable[Edit]) -> list[str]:
    return [edit.shown() for edit in edits]


# --- setup ---


def test_the_edits_of_setup_are_these() -> None:
    edits = setup_edits(owned(bare(device("radio0"), device("radio1"))), RELAY)
    assert lines(edits) == [
        "set network.wwan=interface",
        "set network.wwan.proto='dhcp'",
        "set network.wwan.metric='20'",
        "set network.wwan6=interface",
        "set network.wwan6.proto='dhcpv6'",
        "set network.wwan6.device='@wwan'",
        "set network.wwan6.metric='20'",
        "set network.wwan.reqopts='114'",
        "add_list firewall.@zone[1].network='wwan'",
        "add_list firewall.@zone[1].network='wwan6'",
        "set wireless.wifirelay=wifi-iface",
        "set wireless.wifirelay.device='radio0'",
        "set wireless.wifirelay.network='wwan'",
        "set wireless.wifirelay.mode='sta'",
        "set wireless.wifirelay.disabled='1'",
        "set wireless.wifirelay_radio1=wifi-iface",
        "set wireless.wifirelay_radio1.device='radio1'",
        "set wireless.wifirelay_radio1.network='wwan'",
        "set wireless.wifirelay_radio1.mode='sta'",
        "set wireless.wifirelay_radio1.disabled='1'",
        *(
            f"add_list wireless.wifirelay.{CREATED}='{item}'"
            for item in ("interface:wwan", "interface:wwan6", "zone:wwan", "zone:wwan6")
        ),
    ]


def test_what_was_created_is_noted_in_the_own_section_that_is_there() -> None:
    there = own("wifirelay_old", "radio1")
    edits = setup_edits(owned(bare(device("radio0"), device("radio1"), there)), RELAY)
    keepers = {edit.section for edit in edits if edit.option == CREATED}
    assert keepers == {"wifirelay_old"}


def test_without_a_radio_setup_refuses_as_it_could_not_note_what_it_creates() -> None:
    """OpenWrt's default: its radios are disabled until the owner enables one."""
    off = bare(device("radio0", disabled="1"))
    with pytest.raises(Refused, match=r"^no radio of this router is enabled$") as refused:
        setup_edits(owned(off), RELAY)
    assert "`relay: {radios: [radio0]}`" in (refused.value.hint or "")
    edits = setup_edits(owned(off), Relay(radios=("radio0",)))
    assert {edit.section for edit in edits if edit.option == CREATED} == {"wifirelay"}
    again = setup_edits(owned(bare(device("radio0", disabled="1"), own())), RELAY)
    assert {edit.package for edit in again} == {"network", "firewall", "wireless"}


def test_a_named_zone_is_written_by_its_name() -> None:
    named = Section("outside", "zone", {"name": "wan"})
    assert wan_zone(Package("firewall", (LAN_ZONE, named))) == ("outside", named)
    assert wan_zone(Package("firewall", (LAN_ZONE, ZONE))) == ("@zone[1]", ZONE)
    assert wan_zone(Package("firewall", (LAN_ZONE,))) is None
    edits = setup_edits(owned(bare(device("radio0")), zones=(named,)), RELAY)
    assert {edit.section for edit in edits if edit.package == "firewall"} == {"outside"}


@pytest.mark.parametrize(
    ("options", "proto"), [({"proto": "pppoe"}, "pppoe"), ({}, "none"), ({"proto": ""}, "none")]
)
def test_an_interface_of_that_name_that_is_something_else_is_refused(
    options: dict[str, str], proto: str
) -> None:
    there = Section("wwan", "interface", options)
    with pytest.raises(Refused) as refused:
        setup_edits(owned(bare(device("radio0")), there), RELAY)
    assert str(refused.value) == f"the router has another interface called wwan (proto {proto})"
    assert "`relay: {interface: wlanwan}`" in (refused.value.hint or "")


def test_dhcp_on_a_device_of_its_own_is_something_else_too() -> None:
    there = Section("wwan", "interface", {"proto": "dhcp", "device": "eth1"})
    with pytest.raises(Refused):
        setup_edits(owned(bare(device("radio0")), there), RELAY)


def test_without_a_zone_the_refusal_says_what_to_add() -> None:
    with pytest.raises(
        Refused, match=r"^the router's firewall has no zone named `wan`$"
    ) as refused:
        setup_edits(owned(bare(device("radio0")), zones=(LAN_ZONE,)), RELAY)
    assert "add one" in (refused.value.hint or "")


# --- undoing it ---


def test_undoing_leaves_alone_what_the_owner_has_taken_out_already() -> None:
    items = ("interface:wwan", "interface:wwan6", "zone:wwan", "zone:wwan6")
    section = Section("wifirelay", "wifi-iface", {"device": "radio0", CREATED: items})
    zone = Section("outside", "zone", {"name": "wan", "network": ("wan", "wwan")})
    there = Section("wwan6", "interface", {})
    assert lines(undo_edits(owned(bare(section), there, zones=(zone,)))) == [
        "delete wireless.wifirelay",
        "del_list firewall.outside.network='wwan'",
        "delete network.wwan6",
    ]
    assert lines(undo_edits(owned(bare(section), zones=()))) == ["delete wireless.wifirelay"]


# --- radios ---


def test_a_radio_that_is_not_there_is_named_with_those_that_are() -> None:
    there = bare(device("radio0"), device("radio1"))
    with pytest.raises(ConfigError) as refused:
        radio_names(there, Relay(radios=("radio1", "radio9")))
    assert str(refused.value) == "relay.radios[1]: the router has no radio radio9"
    assert refused.value.hint == "it has radio0, radio1"
    with pytest.raises(ConfigError) as refused:
        radio_names(bare(), Relay(radios=("radio9",)))
    assert refused.value.hint == "it has none"


def test_a_disabled_radio_that_is_named_says_what_to_do() -> None:
    radios = usable_radios(bare(device("radio0", disabled="1")), Relay(radios=("radio0",)), {})
    assert radios["radio0"].why_not == (
        "radio0 is disabled in the router's configuration: enable it there first, "
        "wifirelay does not change what is the owner's"
    )


def test_only_the_owners_enabled_access_points_count() -> None:
    def iface(name: str, **options: str) -> Section:
        return Section(name, "wifi-iface", {"device": "radio0", **options})

    package = bare(
        iface("plain"),  # netifd's default mode is ap
        iface("said", mode="ap"),
        iface("off", mode="ap", disabled="1"),
        iface("station", mode="sta"),
        iface("mesh", mode="mesh"),
        iface("other", mode="ap", device="radio1"),
        iface("both", device="radio1 radio0"),
        iface("wifirelay_x", mode="ap"),
        Section("vlan", "wifi-vlan", {"device": "radio0"}),
    )
    assert [each.name for each in access_points(package, "radio0")] == ["plain", "said", "both"]
    assert usable_radios(wireless(), RELAY, {})["radio0"].has_access_point
    assert not usable_radios(bare(device("radio0")), RELAY, {})["radio0"].has_access_point


@pytest.mark.parametrize(
    ("options", "band"),
    [
        ({"band": "2g"}, Band.GHZ2),
        ({"band": "6g", "hwmode": "11a"}, Band.GHZ6),
        ({"hwmode": "11a"}, Band.GHZ5),
        ({"hwmode": "11g"}, Band.GHZ2),
        ({"hwmode": "11b"}, Band.GHZ2),
        ({"band": "60g"}, None),
        ({}, None),
    ],
)
def test_the_band_by_either_option(options: dict[str, str], band: Band | None) -> None:
    assert configured_band(device("radio0", **options)) is band


# --- own sections ---


def test_the_name_of_a_radios_own_section() -> None:
    taken = Section("wifirelay", "wifi-vlan", {})
    assert section_name("radio0", bare()) == "wifirelay"
    assert section_name("radio0", bare(own("wifirelay_mine"))) == "wifirelay_mine"
    assert section_name("radio1", bare(own())) == "wifirelay_radio1"
    assert section_name("radio1", bare(own("wifirelay_radio0"))) == "wifirelay_radio1"
    assert section_name("radio0", bare(taken)) == "wifirelay_radio0"


def test_what_every_own_section_holds() -> None:
    package = wireless(own(), own("wifirelay_radio1", "radio1", ssid="Cafe"))
    assert own_options(package) == {
        "wifirelay": dict(own().options),
        "wifirelay_radio1": {**own(radio="radio1").options, "ssid": "Cafe"},
    }


def test_an_enterprise_login_tried_blind_and_without_a_password() -> None:
    subject = network(key=None, hidden=True, eap=Eap("tls", "me", client_cert="/etc/me.pem"))
    assert encryption(subject, None) == "wpa2"
    options = joined(subject, "radio0", RELAY, Security.WPA3_EAP, None)
    assert options == {
        "device": "radio0",
        "network": "wwan",
        "mode": "sta",
        "ssid": "HomeNet",
        "encryption": "wpa3",
        "eap_type": "tls",
        "identity": "me",
        "client_cert": "/etc/me.pem",
        "disabled": "0",
    }
    login = Eap("peap", "me", Secret("pw"), phase2="MSCHAPV2", priv_key_password=Secret("k"))
    with_login = joined(network(key=None, eap=login), "radio0", RELAY, Security.WPA2_EAP, None)
    assert (with_login["password"], with_login["priv_key_pwd"]) == ("pw", "k")
    assert with_login["auth"] == "MSCHAPV2"
