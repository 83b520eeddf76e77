# SPDX-License-Identifier: GPL-2.0-or-later
"""What setup tells its owner before it writes, and what the configuration's parts come to in it."""

from typing import Any

from test_change_setup import DHCP, FIREWALL, ME, NETWORK, RULE, STAGED, ZONE, done, router

from tests.changing import Steps, Ticks, check_text, raised, said, uci
from tests.known import network, own, wireless
from wifirelay.change.setup import look, prepare, set_up
from wifirelay.core.known import STABLE, FixedAddress, Relay, Vpn
from wifirelay.core.mac import SECRET
from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section

LAN = Section("lan", "interface", {"proto": "static", "ipaddr": "192.168.5.1/24"})
THEIRS = Section("wwan", "interface", {"proto": "dhcp"})
WG0 = Section("wg0", "interface", {"proto": "wireguard"})
MWAN3 = {"rc list": said({"mwan3": {"enabled": True}})}
MADE = "wifirelay_created"


def interfaces(*sections: Section) -> dict[str, Any]:
    return {"uci get network": uci(Package("network", sections))}


def told(relay: Relay, **answers: Any) -> list[str]:
    remarks = look(router(**answers), relay).remarks
    for each in remarks:
        check_text(each)
    return list(remarks)


# --- looking ---


def test_by_default_the_configuration_is_the_router_s_own() -> None:
    asked = router(**{"rc list": said({"wifirelay": {"running": True}})})
    assert not look(asked, Relay()).owned.others
    assert look(asked, Relay(), own=False).owned.others


def test_what_runs_or_starts_at_boot_is_known() -> None:
    rows = {"odhcpd": {"running": True}, "relayd": {"enabled": True}, "uhttpd": {}}
    found = look(router(**{"rc list": said(rows)}), Relay())
    assert found.owned.services == frozenset({"odhcpd", "relayd"})


def test_to_be_taken_out_no_package_more_is_looked_at() -> None:
    asked = router()
    look(asked, Relay(ipv6="relay"), leaving=True)
    assert not [each for each in asked.asked if "dhcp" in each]


def test_to_be_taken_out_others_are_told_beside_what_stays() -> None:
    note = 'option:["network","wwan","metric","5","9"]'
    section = own(**{MADE: note})
    asked = router(**MWAN3, **interfaces(THEIRS), **{"uci get wireless": uci(wireless(section))})
    found = look(asked, Relay(), leaving=True)
    assert "mwan3" in found.remarks[0]


def test_relayd_says_which_address_is_the_router_s() -> None:
    remarks = told(Relay(kind="relayd"), **MWAN3, **interfaces(LAN), **DHCP_OF_LAN)
    assert "mwan3" in remarks[0]
    assert [each for each in remarks if "beside 192.168.5.1 by hand" in each]


DHCP_OF_LAN = {"uci get dhcp": uci(Package("dhcp", (Section("lan", "dhcp", {}),)))}


def test_what_is_held_back_is_not_said_to_come() -> None:
    """The router's own service relays by nat, and goes on so."""
    bridge = Section("br", "device", {"name": "br-lan", "type": "bridge"})
    lan = Section("lan", "interface", {**LAN.options, "device": "br-lan"})
    there = interfaces(bridge, lan, Section("wwan", "interface", {"proto": "dhcp"}))
    server = uci(Package("dhcp", (Section("lan", "dhcp", {"interface": "lan"}),)))
    made = uci(wireless(own(**{MADE: ("interface:wwan",)})))
    asked = {**MWAN3, **there, "uci get dhcp": server, "uci get wireless": made}
    relay = Relay(kind="wds")
    assert [each for each in told(relay, **asked) if "does not give addresses" in each]
    asked["rc list"] = said({"wifirelay": {"enabled": True}})
    found = look(router(**asked), relay, own=False)
    assert not [each for each in found.remarks if "addresses" in each]
    found, edits = prepare(found, relay, (), "")
    assert [each for each in found.remarks if "this is not done" in each]
    assert not [edit for edit in edits if edit.package == "dhcp"]


def test_a_hostname_that_is_in_vain_is_said_with_its_remedy() -> None:
    remarks = told(Relay(hostname="none"), **MWAN3, **interfaces(THEIRS))
    assert len(remarks) == 2
    assert "`hostname: none` has no effect in wwan, which setup did not make: `uci " in remarks[1]
    assert len(told(Relay(hostname="none"), **interfaces())) == 0


def test_what_lets_traffic_past_a_kill_switch_is_said() -> None:
    zone = Section("vpn", "zone", {"name": "vpn", "network": "wg0"})
    firewall = {"uci get firewall": uci(Package("firewall", (ZONE, zone)))}
    guarded = Relay(vpn=Vpn("wg0", only=True))
    remarks = told(guarded, **MWAN3, **interfaces(WG0), **firewall)
    assert len(remarks) == 2
    assert "`vpn` does not masquerade" in remarks[1]
    assert told(Relay(vpn=Vpn("wg0")), **interfaces(WG0), **firewall) == []
    assert told(guarded, **interfaces(), **firewall) == []


# --- the edits ---


def test_the_secret_of_stable_addresses_is_the_one_that_is_handed_in() -> None:
    found = look(router(**interfaces(THEIRS)), Relay())
    _, edits = prepare(found, Relay(), (network(mac=STABLE),), "5ec2e7")
    assert Edit(Verb.SET, "wireless", "wifirelay", SECRET, "5ec2e7") in edits
    _, edits = prepare(found, Relay(), (network(),), "5ec2e7")
    assert not [each for each in edits if each.option == SECRET]


FIXED = network(fixed=FixedAddress("192.0.2.5/24", "192.0.2.1", ("192.0.2.1",)))


def with_an_address() -> tuple[dict[str, Any], str]:
    """A router that was set up for FIXED, and the name of the interface that it made for it."""
    found = look(router(**interfaces(THEIRS)), Relay())
    _, edits = prepare(found, Relay(), (FIXED,), "")
    (name,) = (
        str(each.value).removeprefix("interface:")
        for each in edits
        if each.option == MADE and str(each.value).startswith("interface:wwan_")
    )
    section = Section(name, "interface", {"proto": "static"})
    noted = own(**{MADE: f"interface:{name}"})
    return {**interfaces(THEIRS, section), "uci get wireless": uci(wireless(noted))}, name


def test_what_no_known_network_wants_goes_only_where_all_are_known() -> None:
    answers, name = with_an_address()
    goes = Edit(Verb.DELETE, "network", name)
    found = look(router(**answers), Relay())
    assert goes in prepare(found, Relay(), (), "", tidy=True)[1]
    assert goes not in prepare(found, Relay(), (), "", tidy=False)[1]
    assert goes not in prepare(found, Relay(), (), "")[1]
    assert goes not in prepare(found, Relay(), (FIXED,), "", tidy=True)[1]


def test_what_a_service_of_its_own_may_want_is_named_one_after_another() -> None:
    answers, name = with_an_address()
    service = {"rc list": said({"wifirelay": {"enabled": True}})}
    firewall = {"uci get firewall": uci(Package("firewall", (ZONE, RULE)))}
    found = look(router(**{**answers, **service, **firewall}), Relay(), own=False)
    rule = Edit(Verb.DELETE, "firewall", RULE.name).shown()
    goes = Edit(Verb.DELETE, "network", name).shown()
    (remark,) = prepare(found, Relay(), (), "", tidy=True)[0].remarks
    check_text(remark)
    assert sorted(remark.partition("not done: ")[2].partition(". ")[0].split("; ")) == sorted(
        [rule, goes]
    )
    (remark,) = prepare(found, Relay(), (), "")[0].remarks
    assert goes not in remark


# --- what is staged, and what is up ---


def test_edits_that_touch_no_wireless_go_beside_a_session() -> None:
    """`uci commit` takes a whole package; others than wireless hold nothing of a session."""
    wwan6 = Section("wwan6", "interface", {"proto": "dhcpv6", "device": "@wwan"})
    zone = Section("wan", "zone", {"name": "wan", "network": ("wwan", "wwan6")})
    answers = {
        **interfaces(THEIRS, wwan6),
        "uci get firewall": uci(Package("firewall", (zone, RULE))),
        "uci changes": STAGED,
    }
    _, edits = prepare(look(router(**answers), Relay()), Relay(), (), "")
    assert edits == (Edit(Verb.DELETE, "firewall", RULE.name),)


def test_each_section_with_staged_edits_is_named() -> None:
    rows = [["set", name, "ssid", "Home"] for name in ("wifirelay_radio1", "wifirelay")]
    asked = router(**interfaces(THEIRS), **{"uci changes": said({"changes": {"wireless": rows}})})
    with raised(Refused, "edits of wifirelay, wifirelay_radio1 are", hint="leave"):
        prepare(look(asked, Relay()), Relay(), (), "")


def test_each_interface_that_is_set_up_anew_is_named() -> None:
    rows = [{"interface": name, "up": True, "proto": "dhcp"} for name in ("wwan", "wwan6", "wan6")]
    made = own(ssid="Home", disabled="0", wifirelay_created="interface:wwan")
    asked = router(
        **interfaces(),
        **{
            "uci get wireless": uci(wireless(made)),
            "network.interface dump": said({"interface": rows}),
        },
    )
    found, _ = prepare(look(asked, Relay()), Relay(), (), "")
    (remark,) = found.remarks
    check_text(remark)
    assert "an uplink is up, and wwan and wwan6 " in remark


# --- those that are told of it ---


def test_a_service_is_poked_with_an_event_that_says_nothing() -> None:
    asked = router()
    set_up(asked, Ticks(), (NETWORK,), Steps(), ME)
    assert "ubus send wifirelay.poke {}" in asked.asked
    assert "rc list" not in asked.asked  # nobody else reads what was edited


def test_who_gives_addresses_is_told_of_edits_of_dhcp() -> None:
    rows = {name: {"enabled": True} for name in ("dnsmasq", "odhcpd", "relayd")}
    asked = router(**{"rc list": said(rows)})
    set_up(asked, Ticks(), (DHCP, FIREWALL), Steps(), ME)
    assert done(asked)[-3:] == ["firewall reload", "dnsmasq reload", "odhcpd reload"]
