# SPDX-License-Identifier: GPL-2.0-or-later
"""The kill-switch: its rule in the firewall, what it lets through by firewall4's own order, and
where it is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known import Uci, meaning
from reading import errors_read_well

from wifirelay.core.baseline import Owned, held_back, setup_edits, undo_edits
from wifirelay.core.known import VPN_RULE, Relay, Vpn
from wifirelay.core.vpn_only import vpn_only_remarks, zone_of
from wifirelay.errors import Refused
from wifirelay.sim.configs import texts
from wifirelay.sim.uci import uci as run_uci
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section

__all__ = ["errors_read_well"]

ONLY = Relay(vpn=Vpn("wg0", only=True))
ALONGSIDE, NONE = Relay(vpn=Vpn("wg0")), Relay()
AS_EXPORTED = """config rule 'wifirelay_vpn_only'
	option name 'wifirelay: the LAN goes through the VPN alone'
	option src '*'
	option dest 'wan'
	option proto 'all'
	option target 'REJECT'
"""


def put(uci: Uci, *, vpn: bool = True) -> Uci:
    found = texts(set_up=False, vpn=vpn)
    return uci.put(**{name: found[name] for name in ("wireless", "network", "firewall")})


def read(uci: Uci) -> Owned:
    return Owned(uci.read("wireless"), uci.read("network"), uci.read("firewall"))


def set_up(uci: Uci, relay: Relay) -> list[str]:
    edits = setup_edits(read(uci), relay)
    uci.apply(edits)
    uci.commit()
    assert setup_edits(read(uci), relay) == ()
    return [edit.shown() for edit in edits if edit.section == VPN_RULE]


def command(uci: Uci, line: str) -> None:
    """What an owner types."""
    words = line.split()
    assert words[0] == "uci"
    done = run_uci(words[1:], b"", uci.folders)
    assert done.rc == 0, (line, done.errors)


def forwarded(firewall: Package, source: str, dest: str) -> bool:
    """Whether firewall4 lets a new connection from one zone's device to another's.

    fw4.uc (`parse_rule`, `parse_forwarding`) and ruleset.uc: a rule with `src *` and a `dest` is in
    the chain `forward`, before the jumps to the zones' chains; one with a zone as `src` is in
    `forward_ZONE`. Rules come in the order of their sections, forwardings after all rules, and last
    the zone's `forward` policy, which is about its own devices alone, and that of the defaults.
    """
    rules = [each for each in firewall.of_kind("rule") if each.get("enabled", "1") != "0"]
    for chain in ("*", source):
        for each in rules:
            verdict = each.get("target") in ("ACCEPT", "REJECT", "DROP")
            if verdict and each.get("src") == chain and each.get("dest") in (dest, "*"):
                return each.get("target") == "ACCEPT"
        for each in firewall.of_kind("forwarding"):
            if (each.get("src"), each.get("dest")) == (chain, dest):
                return True
    return any(each.get("forward") == "ACCEPT" for each in firewall.of_kind("defaults"))


def test_setup_writes_one_rule_and_takes_it_out_again(uci: Uci) -> None:
    put(uci)
    set_up(uci, ALONGSIDE)
    before = uci.text("firewall")
    shown = set_up(uci, ONLY)
    assert shown[0] == f"set firewall.{VPN_RULE}=rule"
    exported = run_uci(["export", "firewall"], b"", uci.folders).text
    assert exported.count(VPN_RULE) == 1
    assert AS_EXPORTED in exported
    assert set_up(uci, ALONGSIDE) == [f"delete firewall.{VPN_RULE}"]
    assert uci.text("firewall") == before
    set_up(uci, ONLY)
    assert set_up(uci, NONE) == [f"delete firewall.{VPN_RULE}"]
    assert uci.text("firewall") == before


def test_undoing_takes_it_out_exactly(uci: Uci) -> None:
    put(uci)
    before = meaning(uci.read("firewall"))
    set_up(uci, ONLY)
    assert meaning(uci.read("firewall")) != before
    uci.apply(undo_edits(read(uci)))
    assert meaning(uci.read("firewall")) == before


@pytest.mark.parametrize("source", ["lan", "guest", "wan", "vpn"])
def test_by_firewall4s_order_nothing_is_forwarded_past_the_vpn(uci: Uci, source: str) -> None:
    put(uci)
    more = "\nconfig zone\n\toption name 'guest'\n\nconfig forwarding\n\toption src 'guest'\n"
    text = uci.text("firewall").decode() + more + "\toption dest 'wan'\n"
    text += "\nconfig rule\n\toption src 'lan'\n\toption dest 'wan'\n\toption target 'ACCEPT'\n"
    uci.put(firewall=text)
    assert forwarded(uci.read("firewall"), "lan", "wan")
    assert forwarded(uci.read("firewall"), "guest", "wan")
    set_up(uci, ONLY)
    firewall = uci.read("firewall")
    assert not forwarded(firewall, source, "wan")
    assert forwarded(firewall, "lan", "vpn")
    assert not forwarded(firewall, "guest", "vpn")


def test_a_rule_that_was_changed_is_put_right(uci: Uci) -> None:
    put(uci)
    set_up(uci, ONLY)
    before = meaning(uci.read("firewall"))
    change = [
        Edit(Verb.SET, "firewall", VPN_RULE, "enabled", "0"),
        Edit(Verb.SET, "firewall", VPN_RULE, "src", "lan"),
    ]
    uci.apply(change)
    assert set_up(uci, ONLY) == [
        f"delete firewall.{VPN_RULE}.enabled",
        f"set firewall.{VPN_RULE}.src='*'",
    ]
    assert meaning(uci.read("firewall")) == before


def test_where_the_router_has_its_own_configuration_the_rule_stays(uci: Uci) -> None:
    put(uci)
    set_up(uci, ONLY)
    there = replace(read(uci), others=True)
    for relay in (ALONGSIDE, NONE):
        assert setup_edits(there, relay) == ()
        (held,) = held_back(there, relay, (), tidy=True)
        assert held.shown() == f"delete firewall.{VPN_RULE}"
    assert held_back(there, ONLY, (), tidy=True) == ()
    assert Edit(Verb.DELETE, "firewall", VPN_RULE) in undo_edits(there)
    uci.apply([Edit(Verb.SET, "firewall", VPN_RULE, "enabled", "0")])
    edits = setup_edits(replace(read(uci), others=True), ONLY)
    assert [edit.shown() for edit in edits] == [f"delete firewall.{VPN_RULE}.enabled"]


REFUSED = [
    ("delete network.wg0", "the router has no interface wg0", "uci show network.wg0"),
    (
        "del_list firewall.@zone[2].network=wg0; add_list firewall.@zone[1].network=wg0",
        "wg0 is in the firewall's zone `wan`",
        "uci del_list firewall.@zone[1].network=wg0; uci add firewall zone",
    ),
    (
        "del_list firewall.@zone[2].network=wg0",
        "wg0 is in no zone of the firewall",
        "uci add_list firewall.@zone[-1].network=wg0",
    ),
    (
        "delete firewall.@forwarding[1]",
        "the firewall forwards nothing to the zone `vpn`",
        "uci set firewall.@forwarding[-1].dest=vpn`",
    ),
    (
        "set firewall.@forwarding[1].enabled=0",
        "the firewall forwards nothing to the zone `vpn`",
        "uci set firewall.@forwarding[-1].src=lan",
    ),
    (
        "set firewall.@forwarding[1].src=wan",
        "the firewall forwards nothing to the zone `vpn`",
        "uci set firewall.@forwarding[-1].src=lan",
    ),
]


@pytest.mark.parametrize(("edits", "message", "hint"), REFUSED)
def test_where_it_could_not_work_it_is_refused_with_the_remedy(
    uci: Uci, edits: str, message: str, hint: str
) -> None:
    put(uci)
    for edit in edits.split("; "):
        command(uci, f"uci {edit}")
    uci.commit()
    with pytest.raises(Refused, match=message.replace("`", ".")) as refused:
        setup_edits(read(uci), ONLY)
    assert hint in refused.value.hint
    assert setup_edits(read(uci), ALONGSIDE)  # without it all of this is the owner's


@pytest.mark.parametrize(("edits", "message", "hint"), REFUSED[1:])
def test_the_remedy_works_as_it_is_written(uci: Uci, edits: str, message: str, hint: str) -> None:
    del message, hint
    put(uci)
    for edit in edits.split("; "):
        command(uci, f"uci {edit}")
    uci.commit()
    with pytest.raises(Refused) as refused:
        setup_edits(read(uci), ONLY)
    for each in refused.value.hint.partition("`")[2].partition("`")[0].split("; "):
        command(uci, each)
    uci.commit()
    set_up(uci, ONLY)
    firewall = uci.read("firewall")
    assert (forwarded(firewall, "lan", "wan"), forwarded(firewall, "lan", "vpn")) == (False, True)


def test_a_zone_may_name_the_device(uci: Uci) -> None:
    put(uci)
    for edit in ("del_list firewall.@zone[2].network=wg0", "add_list firewall.@zone[2].device=wg0"):
        command(uci, f"uci {edit}")
    section = Section("wg0", "interface", {"proto": "wireguard"})
    assert zone_of(uci.read("firewall"), section) == "vpn"
    assert set_up(uci, ONLY)


def test_what_an_owner_is_told_of_his_own_rules(uci: Uci) -> None:
    put(uci)
    network = uci.read("network")
    assert vpn_only_remarks(network, uci.read("firewall"), ONLY.vpn) == ()
    command(uci, "uci delete firewall.@zone[2].masq")
    command(uci, "uci set firewall.mine=rule")
    for option in ("src=*", "dest=*", "target=ACCEPT"):
        command(uci, f"uci set firewall.mine.{option}")
    masq, rules = vpn_only_remarks(network, uci.read("firewall"), ONLY.vpn)
    assert masq.startswith("the firewall's zone `vpn` does not masquerade")
    assert rules.endswith("let traffic past the VPN: mine. Name their source zone instead")
    assert vpn_only_remarks(network, uci.read("firewall"), ALONGSIDE.vpn) == ()


@settings(max_examples=30)
@given(st.lists(st.sampled_from([ONLY, ALONGSIDE, NONE]), max_size=5))
def test_however_often_it_is_set_up_undoing_leaves_what_was_there(
    tmp_path_factory: pytest.TempPathFactory, relays: list[Relay]
) -> None:
    uci = put(Uci(Path(tmp_path_factory.mktemp("uci"))))
    before = [meaning(uci.read(name)) for name in ("wireless", "network", "firewall")]
    for relay in relays:
        set_up(uci, relay)
        there = uci.read("firewall").section(VPN_RULE) is not None
        assert there is (relay is ONLY)
    uci.apply(undo_edits(read(uci)))
    assert [meaning(uci.read(name)) for name in ("wireless", "network", "firewall")] == before
