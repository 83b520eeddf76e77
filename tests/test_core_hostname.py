# SPDX-License-Identifier: GPL-2.0-or-later
"""`relay.hostname`: the router's name is kept from the upstream in setup's own interfaces alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known import Uci, meaning

from wifirelay.core.baseline import setup_edits, undo_edits
from wifirelay.core.hostname import hostname_in_vain
from wifirelay.core.known import Relay
from wifirelay.core.owned import Owned
from wifirelay.uci.edits import Edit, Verb

AS_IT_IS, SENT, NONE = Relay(), Relay(hostname="sent"), Relay(hostname="none")
WIRELESS = "config wifi-device 'radio0'\n\toption band '2g'\n"
FIREWALL = "config zone\n\toption name 'wan'\n\tlist network 'wan'\n"
OWNERS = "config interface 'wwan'\n\toption proto 'dhcp'\n\toption hostname 'boat'\n"


def put(uci: Uci, network: str = "") -> Uci:
    return uci.put(wireless=WIRELESS, firewall=FIREWALL, network=network)


def read(uci: Uci) -> Owned:
    return Owned(uci.read("wireless"), uci.read("network"), uci.read("firewall"))


def set_up(uci: Uci, relay: Relay) -> list[str]:
    edits = setup_edits(read(uci), relay)
    uci.apply(edits)
    uci.commit()
    assert setup_edits(read(uci), relay) == ()
    return [edit.shown() for edit in edits]


def name_kept(uci: Uci) -> tuple[str, str]:
    network = uci.read("network")
    v4, v6 = network.section("wwan"), network.section("wwan6")
    assert v4 is not None and v6 is not None
    return v4.get("hostname"), v6.get("noclientfqdn")


def test_setup_writes_it_and_takes_it_out_again(uci: Uci) -> None:
    put(uci)
    set_up(uci, AS_IT_IS)
    before = meaning(uci.read("network")), meaning(uci.read("wireless"))
    assert name_kept(uci) == ("", "")
    assert set_up(uci, NONE) == [
        "set network.wwan.hostname='*'",
        "set network.wwan6.noclientfqdn='1'",
    ]
    assert name_kept(uci) == ("*", "1")
    assert set_up(uci, AS_IT_IS) == []
    assert set_up(uci, SENT) == [
        "delete network.wwan.hostname",
        "delete network.wwan6.noclientfqdn",
    ]
    assert (meaning(uci.read("network")), meaning(uci.read("wireless"))) == before


def test_where_the_router_has_a_configuration_of_its_own_it_is_only_written(uci: Uci) -> None:
    def edits(relay: Relay) -> list[str]:
        there = replace(read(uci), others=True)
        return [edit.shown() for edit in setup_edits(there, relay)]

    put(uci)
    set_up(uci, AS_IT_IS)
    assert edits(NONE) == [
        "set network.wwan.hostname='*'",
        "set network.wwan6.noclientfqdn='1'",
    ]
    set_up(uci, NONE)
    assert edits(SENT) == []


def test_a_first_setup_writes_it_with_the_rest(uci: Uci) -> None:
    set_up(put(uci), NONE)
    assert name_kept(uci) == ("*", "1")
    uci.apply(undo_edits(read(uci)))
    assert meaning(uci.read("network")) == []
    assert not [name for name, _, _ in meaning(uci.read("wireless")) if "wifirelay" in name]


def test_an_interface_of_the_owner_s_is_left_alone(uci: Uci) -> None:
    put(uci, OWNERS)
    before = meaning(uci.read("network"))
    for relay in (NONE, AS_IT_IS, SENT, NONE):
        set_up(uci, relay)
        assert meaning(uci.read("network"))[:1] == before
        kept = "" if relay is SENT else "1"
        assert name_kept(uci) == ("boat", kept)


@pytest.mark.parametrize("by_hand", ["*", "boat"])
def test_what_is_set_by_hand_stays_while_the_configuration_says_nothing(
    uci: Uci, by_hand: str
) -> None:
    set_up(put(uci), AS_IT_IS)
    uci.apply([Edit(Verb.SET, "network", "wwan", "hostname", by_hand)])
    assert set_up(uci, AS_IT_IS) == []
    assert name_kept(uci) == (by_hand, "")


def test_a_name_that_was_set_by_hand_is_sent(uci: Uci) -> None:
    set_up(put(uci), NONE)
    uci.apply([Edit(Verb.SET, "network", "wwan", "hostname", "boat")])
    set_up(uci, SENT)
    assert name_kept(uci) == ("boat", "")


@settings(max_examples=30)
@given(st.lists(st.sampled_from([AS_IT_IS, SENT, NONE]), max_size=5), st.sampled_from(["", OWNERS]))
def test_undoing_leaves_what_was_there(uci: Uci, relays: list[Relay], network: str) -> None:
    put(uci, network)
    before = [meaning(uci.read(name)) for name in ("wireless", "network", "firewall")]
    for relay in relays:
        set_up(uci, relay)
    uci.apply(undo_edits(read(uci)))
    assert [meaning(uci.read(name)) for name in ("wireless", "network", "firewall")] == before


def vain(uci: Uci, relay: Relay) -> tuple[str, str] | None:
    owned = read(uci)
    return hostname_in_vain(owned.network, owned.wireless, relay)


def test_an_owner_is_told_where_it_has_no_effect_and_what_would(uci: Uci) -> None:
    put(uci, OWNERS)
    set_up(uci, NONE)
    said = vain(uci, NONE)
    assert said is not None
    assert said[0] == "`hostname: none` has no effect in wwan, which setup did not make"
    assert said[1].startswith("`uci set network.wwan.hostname='*'; uci commit network`")
    assert (vain(uci, AS_IT_IS), vain(uci, SENT)) == (None, None)
    uci.apply([Edit(Verb.SET, "network", "wwan", "hostname", "*")])
    assert vain(uci, NONE) is None
    sent = vain(uci, SENT)
    assert sent is not None and "`uci delete network.wwan.hostname; uci" in sent[1]


def test_both_interfaces_may_be_their_owner_s(uci: Uci) -> None:
    put(
        uci, OWNERS + "config interface 'wwan6'\n\toption proto 'dhcpv6'\n\toption device '@wwan'\n"
    )
    set_up(uci, NONE)
    said = vain(uci, NONE)
    assert said is not None
    assert "no effect in wwan and wwan6, which" in said[0]
    both = "`uci set network.wwan.hostname='*'; uci set network.wwan6.noclientfqdn='1'; uci commit"
    assert said[1].startswith(both)


@pytest.mark.parametrize("relay", [NONE, SENT, AS_IT_IS])
def test_nothing_is_said_of_setups_own_nor_before_there_are_any(uci: Uci, relay: Relay) -> None:
    assert vain(put(uci), relay) is None
    set_up(uci, relay)
    assert vain(uci, relay) is None
