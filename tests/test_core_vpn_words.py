# SPDX-License-Identifier: GPL-2.0-or-later
"""The kill-switch beside rules, zones and forwardings as owners write them."""

import pytest
from known import network
from reading import errors_read_well, reads_well

from wifirelay.core.known import VPN_RULE, Vpn
from wifirelay.core.vpn_only import vpn_only_edits, vpn_only_remarks, zone_of
from wifirelay.errors import Refused
from wifirelay.uci.model import Package, Section

__all__ = ["errors_read_well"]

ONLY = Vpn("wg0", only=True)
WG0 = Section("wg0", "interface", {"proto": "wireguard"})
NETWORK = Package("network", (WG0,))
OFF = ("0", "no", "off", "false", "disabled")


@pytest.mark.parametrize(
    ("everywhere", "said", "over"),
    [
        (True, None, True),
        (False, None, False),
        (True, False, False),
        (False, True, True),
        (True, True, True),
    ],
)
def test_over_which_networks_it_goes_up(everywhere: bool, said: bool | None, over: bool) -> None:
    vpn = Vpn("wg0", everywhere=everywhere)
    assert vpn.over(network(vpn=said)) is over
    assert vpn.over(None) is everywhere


def zone(name: str = "vpn", **options: str | tuple[str, ...]) -> Section:
    given = {"name": name, "network": ("wg0",), "masq": "1", **options}
    return Section(f"zone_{name}", "zone", given)


def way(src: str, dest: str, **options: str) -> Section:
    return Section(f"{src}_{dest}", "forwarding", {"src": src, "dest": dest, **options})


def rule(section: str, **options: str) -> Section:
    given = {"src": "*", "dest": "wan", "target": "ACCEPT", **options}
    return Section(section, "rule", given)


def walls(*sections: Section) -> Package:
    return Package("firewall", sections)


def refused(*sections: Section, network: Package = NETWORK) -> Refused:
    with pytest.raises(Refused) as caught:
        vpn_only_edits(network, walls(*sections), ONLY)
    return caught.value


def remarks(*sections: Section, vpn: Vpn | None = ONLY) -> tuple[str, ...]:
    told = vpn_only_remarks(NETWORK, walls(*sections), vpn)
    for each in told:
        reads_well(each)
    return told


# --- which zone it is in ---


def test_the_zone_is_that_of_its_name_or_of_its_device() -> None:
    other = zone("guest", network=("guest",))
    assert zone_of(walls(other, zone()), WG0) == "vpn"
    assert zone_of(walls(other), WG0) is None
    by_name = zone(network=(), device=("wg0",))
    assert zone_of(walls(other, by_name), WG0) == "vpn"
    tun = Section("wg0", "interface", {"device": "tun7"})
    assert zone_of(walls(zone(network=(), device="tun7")), tun) == "vpn"
    assert zone_of(walls(zone(network=(), device="tun8")), tun) is None


@pytest.mark.parametrize("word", OFF)
def test_a_zone_that_is_switched_off_is_none(word: str) -> None:
    assert zone_of(walls(zone(enabled=word)), WG0) is None
    assert zone_of(walls(zone(enabled=word), zone("second")), WG0) == "second"


# --- where it could not work ---


def test_an_interface_that_is_none_is_refused() -> None:
    for sections in ((), (Section("wg0", "device", {}),)):
        told = refused(zone(), network=Package("network", sections))
        assert told.message == "the router has no interface wg0, the VPN of `vpn.only`"
        assert "`uci show network.wg0` on the router" in told.hint
        assert "proto wireguard in /etc/config/network" in told.hint


def test_every_source_that_went_out_by_wan_gets_its_way_in_the_remedy() -> None:
    old = (way("lan", "wan"), way("guest", "wan"), way("lan", "wan"), way("iot", "vpn"))
    told = refused(zone(), *old[:3])
    assert told.message == (
        "the firewall forwards nothing to the zone `vpn`, where wg0 is: nothing could go out at all"
    )
    ways = [
        f"uci add firewall forwarding; uci set firewall.@forwarding[-1].src={source}; "
        "uci set firewall.@forwarding[-1].dest=vpn"
        for source in ("lan", "guest")
    ]
    assert told.hint == (
        f"`{'; '.join(ways)}`, `uci commit firewall; service firewall reload`, "
        "then `wifirelay setup`"
    )
    assert vpn_only_edits(NETWORK, walls(zone(), *old), ONLY)


def test_sources_that_are_no_network_of_clients_get_none() -> None:
    odd = (way("*", "wan"), way("", "wan"), way("vpn", "wan"), way("iot", "wan", enabled="0"))
    told = refused(zone(), *odd)
    assert told.hint.count("uci add firewall forwarding") == 1
    assert "src=lan; " in told.hint


@pytest.mark.parametrize("word", OFF)
def test_a_way_that_is_switched_off_is_none(word: str) -> None:
    refused(zone(), way("lan", "vpn", enabled=word))
    told = refused(zone(), way("guest", "wan", enabled=word))
    assert "src=lan; " in told.hint


@pytest.mark.parametrize(
    "fine", [way("lan", "*"), way("*", "vpn"), way("guest", "vpn", enabled="1")]
)
def test_a_way_for_whatever_clients_is_enough(fine: Section) -> None:
    assert vpn_only_edits(NETWORK, walls(zone(), fine), ONLY)


@pytest.mark.parametrize("none", [way("", "vpn"), way("wan", "vpn"), way("vpn", "vpn")])
def test_a_way_for_no_client_is_not(none: Section) -> None:
    refused(zone(), none)


def test_in_the_zone_of_the_uplink_nothing_would_be_let_out_to_it() -> None:
    lan, wan = zone("lan", network=("lan",)), zone("wan")
    told = refused(lan, wan, way("lan", "wan"))
    assert told.message.startswith("wg0 is in the firewall's zone `wan`, where nothing")
    begins = "give it a zone of its own: `uci del_list firewall.@zone[1].network=wg0; uci add"
    assert told.hint.startswith(begins)
    assert told.hint.count("dest=vpn`, `uci commit firewall") == 1


def test_in_no_zone_the_remedy_makes_one() -> None:
    told = refused(way("lan", "wan"))
    assert told.message == "wg0 is in no zone of the firewall: nothing could go out through it"
    assert told.hint == (
        "give it one: `uci add firewall zone; uci set firewall.@zone[-1].name=vpn; "
        "uci add_list firewall.@zone[-1].network=wg0; uci set firewall.@zone[-1].input=REJECT; "
        "uci set firewall.@zone[-1].output=ACCEPT; uci set firewall.@zone[-1].forward=REJECT; "
        "uci set firewall.@zone[-1].masq=1; uci set firewall.@zone[-1].mtu_fix=1; "
        "uci add firewall forwarding; uci set firewall.@forwarding[-1].src=lan; "
        "uci set firewall.@forwarding[-1].dest=vpn`, "
        "`uci commit firewall; service firewall reload`, then `wifirelay setup`"
    )


def test_a_section_of_its_name_that_is_something_else_becomes_the_rule() -> None:
    odd = Section(VPN_RULE, "redirect", {"src": "*", "dest_ip": "192.0.2.1"})
    edits = vpn_only_edits(NETWORK, walls(zone(), way("lan", "vpn"), odd), ONLY)
    shown = [each.shown() for each in edits]
    assert shown[0] == f"set firewall.{VPN_RULE}=rule"
    assert f"delete firewall.{VPN_RULE}.dest_ip" in shown
    assert f"set firewall.{VPN_RULE}.src='*'" not in shown
    assert vpn_only_edits(NETWORK, walls(), None) == ()
    for vpn in (None, Vpn("wg0")):
        (gone,) = vpn_only_edits(NETWORK, walls(odd), vpn)
        assert gone.shown() == f"delete firewall.{VPN_RULE}"


# --- what an owner is told of his own rules ---


def test_rules_that_come_before_it_are_named() -> None:
    ours = rule(VPN_RULE, target="REJECT")
    before = [rule("one", name="Ping"), rule("two", dest="*", target="accept")]
    (told,) = remarks(zone(), *before, ours, rule("three"))
    assert told.startswith("rules of yours for `src *` come before the kill-switch")
    assert "let traffic past the VPN: Ping, two. Name their source zone instead" in told
    harmless = [
        rule("a", src="lan"),
        rule("b", dest="lan"),
        rule("c", target="DROP"),
        *(rule(word, enabled=word) for word in OFF),
    ]
    assert remarks(zone(), *harmless, ours) == ()
    (told,) = remarks(zone(), *harmless, rule("last"))
    assert "VPN: last. Name" in told


def test_a_zone_that_does_not_masquerade_is_named() -> None:
    (told,) = remarks(zone("other", network=("x",)), zone(masq="0"))
    assert told.startswith("the firewall's zone `vpn` does not masquerade: connections that run")
    assert told.endswith("Set its `masq` to 1, and `masq6` where the VPN has IPv6")
    assert remarks() == ()
    for vpn in (None, Vpn("wg0"), Vpn("wg7", only=True)):
        assert remarks(zone(masq="0"), vpn=vpn) == ()
