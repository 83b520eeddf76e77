# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of what the relay stands on: what is missing by name, and the commands that help."""

from dataclasses import replace
from typing import Any

import pytest
from healthy import BROKEN, GOOD, bare, firewall, found, says, subnet
from known import logical, network, own, wireless

from wifirelay.core.baseline import setup_edits
from wifirelay.core.doctor.facts import Neighbours, Sentry
from wifirelay.core.doctor.finding import Unknown, Verdict
from wifirelay.core.known import FixedAddress, Relay, Vpn
from wifirelay.core.owned import Owned
from wifirelay.uci.model import Package, Section
from wifirelay.uci.staged import Change

FIXED = network("Lab", fixed=FixedAddress("192.168.5.20/24", "192.168.5.1"))
SILENT = Unknown("not in this recording")


def fixed_interface() -> str:
    """The name of the interface that setup makes for FIXED."""
    owned = Owned(wireless(), Package("network"), firewall())
    edits = setup_edits(owned, GOOD.relay, known=(FIXED,))
    return next(e.section for e in edits if (e.option, e.value) == ("ipaddr", "192.168.5.20"))


# --- files ---


@pytest.mark.parametrize("name", ["wireless", "network", "firewall"])
def test_a_file_that_cannot_be_read_is_named(name: str) -> None:
    one = says("configuration", "problem", **{name: BROKEN})
    assert one.evidence == f"/etc/config/{name} cannot be read: the router could not answer"
    assert one.remedy == f"`uci show {name}` on the router names the line"
    one = says("configuration", "unknown", **{name: SILENT})
    assert one.evidence == "not in this recording"


def test_a_broken_file_counts_more_than_one_that_nobody_looked_at() -> None:
    one = says("configuration", "problem", wireless=SILENT, network=BROKEN, firewall=BROKEN)
    assert "/etc/config/network" in one.evidence
    assert "/etc/config/firewall" in one.evidence
    says("configuration", "problem", "/etc/config/wireless", wireless=BROKEN, firewall=SILENT)
    assert says("configuration", "ok").evidence == "wireless, network, firewall can be read"


# --- setup ---


def wwan(**options: str) -> Package:
    return Package("network", (Section("wwan", "interface", {"proto": "dhcp", **options}),))


@pytest.mark.parametrize("word", ["0", "false", "no", "off", "disabled"])
def test_an_interface_that_does_not_come_up_is_switched_off(word: str) -> None:
    one = says("setup", "problem", "wwan is switched off", network=wwan(auto=word))
    assert "uci delete network.wwan.auto; uci delete network.wwan.disabled" in one.remedy
    says("setup", "ok", network=wwan(auto="1"))


def test_what_setup_has_not_done_is_named() -> None:
    assert says("setup", "ok").evidence == "done for radio0"
    radios = [Section(f"radio{n}", "wifi-device", {}) for n in (1, 2)]
    three = Package("wireless", (*wireless(), *radios))
    one = says("setup", "warning", "`wifirelay setup`", wireless=three)
    assert one.evidence == "radio1, radio2 has no own section: it is not used"
    # what is known to be missing is said, though the rest cannot be looked at
    says("setup", "warning", "radio1, radio2", wireless=three, network=BROKEN)
    both = Package("wireless", (*three, own("wifirelay_1", "radio1"), own("wifirelay_2", "radio2")))
    assert says("setup", "ok", wireless=both).evidence == "done for radio0, radio1, radio2"
    says("setup", "unknown", "logread", wireless=BROKEN)
    says("setup", "problem", "wan0 is missing", relay=Relay(interface="wan0"))


def test_a_network_with_an_address_needs_an_interface() -> None:
    lacks = {"known": (network(), FIXED)}
    one = says("setup", "warning", "Lab has the address 192.168.5.20/24", "`wifirelay", **lacks)
    assert "no interface for it: it is not joined" in one.evidence
    there = Section(fixed_interface(), "interface", {"proto": "static"})
    done = Package("network", (*wwan(), there))
    zone = firewall(network=("wan", "wwan", there.name))
    says("setup", "ok", network=done, firewall=zone, **lacks)
    says("setup", "ok", known=(network(),))


# --- the firewall ---


def test_each_interface_that_is_not_in_the_zone_is_named() -> None:
    there = Section(fixed_interface(), "interface", {"proto": "static"})
    others = Section("guest", "interface", {"proto": "static"})
    done = Package("network", (*wwan(), others, there))
    one = says("firewall", "problem", "`wifirelay", network=done, firewall=firewall(network="wan"))
    assert one.evidence == f"wwan, {there.name} is not in the zone `wan`"
    zone = firewall(network=("wwan", there.name))
    says("firewall", "ok", network=done, firewall=zone)
    one = says("firewall", "problem", network=done)
    assert one.evidence == f"{there.name} is not in the zone `wan`"
    says("firewall", "problem", "wwan is not", network=BROKEN, firewall=firewall(network="wan"))
    says("firewall", "ok", wireless=BROKEN, firewall=firewall(network="wan"))


def test_a_bridge_has_a_zone_of_its_own() -> None:
    relayd = Relay(kind="relayd")
    says("firewall", "ok", relay=relayd, firewall=firewall(network="wan"))


def test_commands_for_the_firewall_find_its_zone() -> None:
    one = says("firewall", "warning", firewall=firewall(masq="0"))
    assert "`uci set firewall.wan.masq=1; uci commit firewall`" in one.remedy
    zone = Section("cfg9", "zone", {"name": "wan", "network": "wwan"}, anonymous=True)
    lan = Section("cfg8", "zone", {"name": "lan"}, anonymous=True)
    way = Section("cfg7", "forwarding", {"src": "lan", "dest": "wan"})
    one = says("firewall", "warning", firewall=Package("firewall", (lan, zone, way)))
    assert "firewall.@zone[1].masq=1" in one.remedy


def test_one_way_out_is_enough() -> None:
    def way(**options: str) -> Section:
        return Section("cfg1", "forwarding", {"src": "lan", **options})

    says("firewall", "ok", firewall=firewall(way(dest="vpn"), way(dest="wan", enabled="1")))
    says("firewall", "ok", firewall=firewall(way(dest="wan", enabled="0"), way(dest="wan")))
    for each in (way(dest="vpn"), way()):
        says("firewall", "warning", "nothing is forwarded", firewall=firewall(each))


def test_a_zone_that_takes_all_is_told_with_its_remedy_apart() -> None:
    one = says("firewall", "warning", open_zone="it takes all. Set it to it. Then reload")
    assert (one.evidence, one.remedy) == ("it takes all", "Set it to it. Then reload")


# --- the sentry ---


def test_the_sentry() -> None:
    gone = Sentry(installed=False, lives=False)
    says("sentry", "problem", "new firmware", "`wifirelay setup`", sentry=gone)
    says("sentry", "problem", sentry=gone, wireless=BROKEN)
    says("sentry", "unknown", sentry=SILENT, wireless=BROKEN)
    one = says("sentry", "problem", sentry=Sentry(installed=True, lives=False))
    assert one.remedy == "`/etc/init.d/wifirelay-sentry restart` on the router"
    assert says("sentry", "ok").evidence == "it lives"
    held = Sentry(True, True, ("wifirelay", "wifirelay_1"))
    one = says("sentry", "warning", "`wifirelay leave`", sentry=held)
    assert "it holds wifirelay, wifirelay_1: the network was lost" in one.evidence


# --- staged edits ---


def edit(package: str, section: str, option: str = "x", value: str = "1") -> Change:
    return Change(package, "set", section, option, value)


def test_staged_edits_of_others() -> None:
    mine = [edit("wireless", "wifirelay"), edit("wireless", "wifirelay", "y")]
    assert says("staged", "ok").evidence == "nothing"
    assert says("staged", "ok", changes=tuple(mine)).evidence == "2 own edits, not on flash"
    theirs = (edit("network", "lan"), edit("firewall", "wan"), *mine, edit("network", "wan"))
    one = says("staged", "problem", changes=theirs)
    assert one.evidence == (
        "somebody else's edits are staged: set network.lan.x=1; set firewall.wan.x=1; "
        "set network.wan.x=1"
    )
    assert one.remedy == (
        "`uci commit firewall` or `uci revert firewall`, `uci commit network` or "
        "`uci revert network`"
    )
    six = says("staged", "problem", changes=(edit("network", "lan"),) * 6).evidence
    assert six.endswith("set network.lan.x=1 and 1 more")
    assert six.count("network.lan") == 5
    five = says("staged", "problem", changes=(edit("network", "lan"),) * 5).evidence
    assert five.count("network.lan") == 5
    assert "more" not in five


def test_the_address_that_lan_has_anyway() -> None:
    mine = edit("network", "lan", "ipaddr", "192.168.1.1")
    given: dict[str, Any] = {"interfaces": {"lan": logical("lan", "br-lan", "192.168.1.1/24")}}
    one = says("staged", "warning", "another address of lan", changes=(mine,), **given)
    assert one.remedy == "`uci commit network`"
    two = (mine, edit("firewall", "wan"))
    one = says("staged", "problem", changes=two, **given)
    assert one.remedy.endswith("`uci revert firewall`, `uci commit network`")


def test_staged_edits_of_other_packages() -> None:
    one = says("staged", "warning", changes=(edit("system", "x"), edit("dhcp", "y")))
    assert one.evidence.startswith("edits of dhcp, system are staged")
    both = (edit("dhcp", "lan"), edit("network", "lan"))
    assert "dhcp" not in says("staged", "problem", changes=both).evidence


# --- subnets ---


def test_an_uplink_within_a_subnet_of_the_routers_own() -> None:
    lan = subnet("lan", "br-lan", "192.168.77.1/24")
    up = logical("wwan", "phy0-sta0", "192.168.77.9/24")
    told = {"interfaces": {"lan": lan, "wwan": up}}
    one = says("subnets", "problem", **told)
    assert one.evidence == "the uplink has 192.168.77.9/24, and lan has 192.168.77.0/24"
    two = replace(up, addresses=(*up.addresses, "10.0.0.9/24"))
    one = says("subnets", "problem", interfaces={"lan": lan, "wwan": two})
    assert one.evidence.startswith("the uplink has 192.168.77.9/24, 10.0.0.9/24, and lan")
    assert one.remedy == "`wifirelay leave`; then give lan another subnet"
    fixed = replace(up, name=fixed_interface())
    for first in ("lan", fixed.name):
        order = sorted((lan, fixed), key=lambda each: each.name != first)
        says("subnets", "problem", interfaces={each.name: each for each in order})
    # what another uplink has is no matter of ours, nor what the VPN has
    says("subnets", "ok", interfaces={"lan": lan, "wan": replace(up, name="wan")})
    wg0 = subnet("wg0", "wg0", "192.168.77.2/24")
    vpn = Relay(vpn=Vpn("wg0"))
    one = says("subnets", "ok", interfaces={"wg0": wg0, "wwan": up}, relay=vpn)
    assert one.evidence == "the router has none of its own"
    says("subnets", "problem", "wg0 has", interfaces={"wg0": wg0, "wwan": up})


def test_subnets_that_many_have() -> None:
    lan = subnet("lan", "br-lan", "192.168.1.1/24")
    several = ("10.0.0.1/8", "127.0.0.1/8", "fd00::1/64")
    guest = replace(subnet("guest", "br-guest", ""), addresses=several)
    one = says("subnets", "warning", interfaces={"guest": guest, "lan": lan})
    assert "guest has 10.0.0.0/8, which many" in one.evidence
    assert "lan has 192.168.1.0/24, which many" in one.evidence
    assert "`wifirelay move-lan`" in one.remedy
    assert "give guest a rare one, such as 192.168.77.1/24" in one.remedy
    several = ("192.168.77.1/24", "172.16.5.1/24", "fd00::1/64")
    rare = {"lan": replace(lan, addresses=several)}
    one = says("subnets", "ok", interfaces={**rare, "guest": replace(guest, up=False)})
    assert one.evidence == "lan 192.168.77.0/24, lan 172.16.5.0/24"
    up = logical("wwan", "phy0-sta0", "192.168.1.9/24")
    says("subnets", "ok", interfaces={**rare, "wwan": replace(up, default_route=False)})


def test_a_configured_address_within_a_subnet_of_the_routers_own() -> None:
    lan = subnet("lan", "br-lan", "192.168.5.1/24")
    given: dict[str, Any] = {"known": (network(), FIXED)}
    name = fixed_interface()
    there = {"lan": lan, name: replace(logical(name, "phy0-sta0"), up=False)}
    one = says(
        "subnets", "warning", "Lab: its address", "another subnet", interfaces=there, **given
    )
    assert "192.168.5.20/24 overlaps lan (192.168.5.0/24)" in one.evidence
    says("subnets", "ok", interfaces={"lan": lan}, **given)  # `setup` is what it lacks
    moved = {**there, "lan": subnet("lan", "br-lan", "192.168.77.1/24")}
    says("subnets", "ok", interfaces=moved, **given)


# --- others ---


def test_others_that_look_after_uplinks() -> None:
    assert says("neighbours", "ok").evidence == "nobody else looks after uplinks"
    both = Neighbours("travelmate runs", "stop it", ("mwan3: add wwan: there", "dawn: mind it"))
    one = says("neighbours", "problem", neighbours=both)
    assert one.evidence == "travelmate runs; mwan3; dawn"
    assert one.remedy == "stop it; add wwan: there; mind it"
    assert found(replace(GOOD, wireless=bare()), "neighbours").verdict is Verdict.OK
