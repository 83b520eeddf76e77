# SPDX-License-Identifier: GPL-2.0-or-later
"""A station in the own network's bridge (WDS), as values: who feeds what, what is written, and who
may be joined."""

from dataclasses import replace
from itertools import pairwise

import pytest
from flashed import Flash
from hypothesis import given
from hypothesis import strategies as st
from known import bss, lan, logical, network, own, router, wireless
from reading import errors_read_well, reads_well

from wifirelay.change.status import describe_uplinks
from wifirelay.core.baseline import held_back, setup_edits
from wifirelay.core.bridging import check_moved
from wifirelay.core.candidates import Current
from wifirelay.core.known import FixedAddress, KnownNetwork, Relay
from wifirelay.core.moves import Do, Situation
from wifirelay.core.owned import CREATED, Owned
from wifirelay.core.plan import Plan, make_plan, working_uplink
from wifirelay.core.policy import Steady
from wifirelay.core.relaying import meaning
from wifirelay.core.sections import all_own, at_rest, baseline, joined, leave_edits
from wifirelay.core.wds import carries, is_bridged, lease_names, otherwise, through_bridge
from wifirelay.errors import Refused
from wifirelay.router.devices import Device
from wifirelay.router.interfaces import LogicalInterface, overlapping, preferred_route
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.router.station import Association
from wifirelay.router.verdict import Verdict
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, Section
from wifirelay.values import Security, Ssid

__all__ = ["errors_read_well"]
RELAY = Relay(kind="wds")
WWAN = replace(logical("wwan", "br-lan", "10.10.1.176/24"), proto="dhcp")
LAN = replace(lan(), proto="static", default_route=False)
BOTH = {"lan": LAN, "wwan": WWAN}


def port(name: str = "wifirelay", **options: str) -> Section:
    """An own section in the bridge."""
    return own(name, **{"network": "lan", "wds": "1", **options})


def here(*, carrier: bool = True, on: bool = True, more: dict[str, str] | None = None) -> Router:
    """A router whose station is in the bridge, with a lease that came through it."""
    given = {"ssid": "Home", "encryption": "psk2", "disabled": "0" if on else "1", **(more or {})}
    base = router(uplink="Home")
    devices = {**base.devices, "phy0-sta0": Device("phy0-sta0", carrier, None)}
    return replace(base, wireless=wireless(port(**given)), devices=devices, interfaces=BOTH)


STILL = "radio0 is set up for relay.kind wds, the configuration says"

# --- who feeds what ---


@pytest.mark.parametrize(
    ("section", "bridged"),
    [
        (port(), True),
        (own(), False),
        (own(network="lan"), False),
        (own(wds="1"), False),
        (port(wds="0"), False),
        (port(network="lan guest"), False),
    ],
)
def test_a_section_in_the_bridge(section: Section, bridged: bool) -> None:
    assert is_bridged(section) is bridged
    assert lease_names(section, BOTH) == (("wwan",) if bridged else section.items("network"))


@pytest.mark.parametrize(
    ("interfaces", "names"),
    [
        (BOTH, ("wwan",)),
        ({"wwan": WWAN}, ()),
        ({**BOTH, "lan": replace(LAN, up=False)}, ()),
        ({**BOTH, "lan": replace(LAN, proto="dhcp")}, ("wwan",)),
        ({**BOTH, "wwan": replace(WWAN, proto="dhcpv6")}, ()),
        ({**BOTH, "wwan": replace(WWAN, l3_device="eth0")}, ()),
        ({**BOTH, "wwan": replace(WWAN, l3_device=None)}, ("wwan",)),  # netifd tells its device
    ],
)
def test_what_asks_through_the_bridge(
    interfaces: dict[str, LogicalInterface], names: tuple[str, ...]
) -> None:
    assert lease_names(port(), interfaces) == names


def test_without_a_device_nothing_goes_through_the_bridge() -> None:
    nowhere = replace(WWAN, l3_device=None, device=None)
    bare = replace(LAN, l3_device=None, device=None)
    assert not through_bridge(nowhere, {"lan": bare})
    assert through_bridge(WWAN, {"lan": LAN})


def test_its_carrier_tells_whether_a_port_is_joined() -> None:
    assert carries(here(), port(), "phy0-sta0", WWAN)
    assert not carries(here(carrier=False), port(), "phy0-sta0", WWAN)
    assert not carries(here(), port(), "phy1-sta0", WWAN)
    assert not carries(here(), port(), "phy0-sta0", replace(WWAN, l3_device="eth0"))
    assert not carries(here(), own(), "phy0-sta0", WWAN)
    apart = replace(WWAN, l3_device="phy0-sta0")
    assert carries(here(carrier=False), own(), "phy0-sta0", apart)
    assert carries(here(), own(), "phy0-sta0", replace(WWAN, device="phy0-sta0"))


def test_the_uplink_works_while_its_station_is_joined() -> None:
    found = working_uplink(here(), RELAY)
    assert found is not None
    assert (found.ssid, found.radio, found.secured) == (Ssid.of("Home"), "radio0", True)
    assert working_uplink(here(carrier=False), RELAY) is None
    assert working_uplink(here(on=False), RELAY) is None


def test_status_shows_its_lease() -> None:
    link = {"wifirelay": Association("02:00:00:00:10:01", -48)}
    (uplink,) = describe_uplinks(here(), link, ())
    assert (uplink.state, uplink.addresses) == ("connected", ("10.10.1.176/24",))
    (uplink,) = describe_uplinks(here(carrier=False), {"wifirelay": None}, ())
    assert (uplink.state, uplink.addresses) == ("searching", ())


def test_its_own_subnet_counts_though_it_is_on_the_same_device() -> None:
    same = replace(WWAN, addresses=("192.168.1.176/24",))
    found = overlapping(same, {"lan": LAN, "wwan": same})
    assert found is not None
    assert found[0].name == "lan"
    assert overlapping(WWAN, BOTH) is None
    beside = replace(WWAN, name="wwan_modem")  # its companion on the same device is none
    assert overlapping(WWAN, {**BOTH, "wwan_modem": beside}) is None
    clash = replace(here(), interfaces={"lan": LAN, "wwan": same})
    assert working_uplink(clash, RELAY) is None


@pytest.mark.parametrize("name", ["lan2", "guest"])
def test_so_do_other_networks_of_the_router_s_own_in_its_bridge(name: str) -> None:
    """On `@lan`, or on its device: what it has there, it answers for in the upstream's network."""
    there = replace(LAN, name=name, addresses=("10.10.1.1/24",))
    found = overlapping(WWAN, {**BOTH, name: there})
    assert found is not None
    assert found[0] is there
    for asks in ("dhcp", "dhcpv6", "464xlat"):
        assert overlapping(WWAN, {**BOTH, name: replace(there, proto=asks)}) is None
    apart = replace(WWAN, l3_device="phy0-sta0")
    beside = replace(there, l3_device="phy0-sta0")  # on the station itself
    assert overlapping(apart, {"lan": LAN, "wwan": apart, name: beside}) is None


@pytest.mark.parametrize(
    ("name", "proto", "before"),
    [
        ("lan", "static", True),
        ("lan", "dhcp", True),
        ("lan2", "static", True),
        ("wwan6", "dhcpv6", False),
        ("wwan_6_4", "464xlat", False),
    ],
)
def test_a_gateway_of_an_own_network_goes_before_its_default_route(
    name: str, proto: str, before: bool
) -> None:
    other = replace(LAN, name=name, proto=proto, default_route=True, gateway="192.168.1.254")
    mine = replace(WWAN, metric=20)
    others = {**BOTH, "wwan": mine, name: other}
    assert preferred_route(mine, others) == (name if before else None)
    assert preferred_route(mine, {**others, name: replace(other, metric=21)}) is None
    assert preferred_route(mine, {**others, name: replace(other, default_route=False)}) is None


# --- what a join writes, and a leave ---


def test_the_two_options_are_written_together_or_not_at_all() -> None:
    options = joined(network("Home"), "radio0", RELAY, Security.PSK2, None)
    assert (options["network"], options["wds"]) == ("lan", "1")
    assert baseline("radio0", RELAY) == {
        "device": "radio0",
        "network": "lan",
        "mode": "sta",
        "disabled": "1",
        "wds": "1",
    }
    for kind in ("nat", "relayd"):
        other = joined(network("Home"), "radio0", Relay(kind=kind), Security.PSK2, None)
        assert (other["network"], "wds" in other) == ("wwan", False)
        assert "wds" not in baseline("radio0", Relay(kind=kind))


def test_a_leave_stays_with_what_setup_wrote() -> None:
    for relay in (RELAY, Relay()):
        assert at_rest(port(ssid="Home"), relay) == baseline("radio0", RELAY)
        assert at_rest(own(ssid="Home"), relay) == baseline("radio0", Relay())
        edits = leave_edits(wireless(port(ssid="Home", disabled="0")), relay)
        assert {edit.option for edit in edits} == {"ssid", "disabled"}


def test_a_join_in_another_way_takes_wds_out() -> None:
    on = replace(router(), wireless=wireless(own(wds="1")))
    edits = {edit.shown() for edit in plan([bss("Home")], network("Home"), on, Relay()).edits}
    assert "delete wireless.wifirelay.wds" in edits


@pytest.mark.parametrize(
    ("kind", "look", "check"), [("nat", 180, 45), ("relayd", 180, 45), ("wds", 45, 150)]
)
def test_where_no_event_tells_of_a_loss_it_is_looked_for(kind: str, look: int, check: int) -> None:
    policy = Steady([network("Home")], Relay(kind=kind))
    current = Current(Ssid.of("Home"), "radio0", "02:00:00:00:02:00", secured=True)
    moments: dict[Do, list[int]] = {Do.LOOK: [], Do.CHECK: [], Do.KEEP: []}
    for now in range(3000):
        while (move := policy.next(float(now), Situation(current, enabled=True))).do in moments:
            moments[move.do].append(now)
            if move.do is Do.LOOK:
                policy.looked(float(now), -50, "02:00:00:00:02:00")
            elif move.do is Do.CHECK:
                policy.checked(float(now), Verdict.ONLINE)
            else:
                policy.kept(float(now), flash=True)
    for do, pause in ((Do.LOOK, look), (Do.CHECK, check)):
        assert max(after - before for before, after in pairwise(moments[do])) == pause


# --- who may be joined ---


def plan(heard: list[Bss], known: KnownNetwork, on: Router, relay: Relay = RELAY) -> Plan:
    return make_plan(on, heard, [known], relay)


def why(known: KnownNetwork, on: Router, relay: Relay = RELAY, **more: Security) -> str | None:
    return plan([bss("Home", **more)], known, on, relay).candidates[0].why_not


SET_UP = replace(router(), wireless=wireless(port()), interfaces=BOTH)


def test_a_network_with_a_key_is_joined() -> None:
    assert why(network("Home"), SET_UP) is None


@pytest.mark.parametrize(
    ("word", "security", "joins"),
    [
        ("auto", Security.OPEN, False),
        ("auto", Security.OWE, False),
        ("open", Security.OPEN, True),
        ("owe", Security.OWE, True),
    ],
)
def test_an_open_one_only_where_its_owner_says_so(
    word: str, security: Security, joins: bool
) -> None:
    known = network("Home", None, security=word)
    reason = why(known, SET_UP, security=security)
    assert (reason is None) is joins
    if reason is not None:
        assert "relay.kind wds" in reason
        assert "security: open" in reason
    plain = replace(router(), interfaces={"lan": LAN})
    assert why(known, plain, Relay(), security=security) is None
    assert why(known, plain, Relay(kind="relayd"), security=security) is None


def test_what_works_open_is_not_held_against_itself() -> None:
    known = network("Home", None)
    on = here(more={"encryption": "none"})
    found = make_plan(on, [bss("Home", security=Security.OPEN)], [known], RELAY)
    assert found.candidates[0].why_not is None


def test_a_hidden_open_one_is_not_tried_blind() -> None:
    for word, blind in (("auto", 0), ("open", 1)):
        known = network("Home", None, hidden=True, security=word)
        found = make_plan(SET_UP, [], [known], RELAY)
        assert len([each for each in found.candidates if each.eligible]) == blind


def test_one_with_an_address_of_its_own_is_not_joined() -> None:
    known = network("Home", fixed=FixedAddress("192.168.5.20/24", "192.168.5.1"))
    reason = why(known, SET_UP) or ""
    assert reason.endswith("(relay.kind wds)")


@pytest.mark.parametrize(
    ("section", "kind", "said"),
    [
        (port(), "wds", None),
        (own(), "nat", None),
        (own(), "relayd", None),
        (own(), "wds", "radio0 is not set up for relay.kind wds: `wifirelay setup`"),
        (port(), "nat", f"{STILL} nat (the default): `wifirelay setup`"),
        (port(), "relayd", f"{STILL} relayd: `wifirelay setup`"),
        (own(radio="radio1"), "wds", None),
        (own("mine"), "wds", None),
    ],
)
def test_nothing_is_joined_before_setup_has_written_the_kind(
    section: Section, kind: str, said: str | None
) -> None:
    package = wireless(section)
    assert otherwise(package, "radio0", kind) == said
    on = replace(router(), wireless=package, interfaces={})
    if section.get("device") == "radio0":
        assert why(network("Home"), on, Relay(kind=kind)) == said


def test_of_two_own_sections_on_a_radio_the_first_counts() -> None:
    copied = wireless(own(), port(name="wifirelay_copy"))
    assert otherwise(copied, "radio0", "nat") is None
    assert otherwise(copied, "radio0", "wds") is not None


def test_a_radio_that_its_owner_disabled_says_that_first() -> None:
    off = wireless(own(), radio0={"disabled": "1"})
    on = replace(router(), wireless=off)
    reason = why(network("Home"), on, Relay(kind="wds", radios=("radio0",))) or ""
    assert "is disabled" in reason


# --- what setup writes ---

ZONES = tuple(
    Section(f"cfg{n}", "zone", {"name": name}, True) for n, name in enumerate(("lan", "wan"))
)
SERVER = Section("lan", "dhcp", {"interface": "lan", "ra": "server"})
BR_LAN = Section("cfg9", "device", {"name": "br-lan", "type": "bridge"}, True)


def bridged(*more: Section, **options: str) -> Owned:
    """A router whose own network is a bridge, unless it is said otherwise."""
    given = {"proto": "static", "device": "br-lan", "ipaddr": "192.168.77.1/24", **options}
    return having(Section("lan", "interface", given), *(more or (BR_LAN,)))


def having(*network: Section) -> Owned:
    """A router whose `network` holds these."""
    return Owned(
        wireless(),
        Package("network", network),
        Package("firewall", ZONES),
        Package("dhcp", (SERVER,)),
        frozenset({"odhcpd"}),
    )


def test_the_edits() -> None:
    radio = Package("wireless", (Section("radio0", "wifi-device", {}),))
    edits = setup_edits(replace(bridged(), wireless=radio), RELAY)
    assert [edit.shown() for edit in edits if edit.option != CREATED] == [
        "set network.wwan=interface",
        "set network.wwan.proto='dhcp'",
        "set network.wwan.device='@lan'",
        "set network.wwan.metric='20'",
        "set network.wwan6=interface",
        "set network.wwan6.proto='dhcpv6'",
        "set network.wwan6.device='@wwan'",
        "set network.wwan6.metric='20'",
        "set network.wwan.reqopts='114'",
        "set dhcp.lan.ignore='1'",
        "set dhcp.lan.dhcpv4='disabled'",
        "set dhcp.lan.ra='disabled'",
        "set dhcp.lan.dhcpv6='disabled'",
        "set dhcp.lan.ndp='disabled'",
        "set wireless.wifirelay=wifi-iface",
        "set wireless.wifirelay.device='radio0'",
        "set wireless.wifirelay.network='lan'",
        "set wireless.wifirelay.mode='sta'",
        "set wireless.wifirelay.disabled='1'",
        "set wireless.wifirelay.wds='1'",
    ]
    notes = [edit.value or "" for edit in edits if edit.option == CREATED]
    assert not [note for note in notes if note.startswith("zone:")]


@pytest.mark.parametrize(
    ("there", "good"),
    [
        (bridged(), True),
        (bridged(device="", type="bridge"), True),
        (bridged(device="eth0"), False),
        (bridged(device=""), False),
        (bridged(replace(BR_LAN, options={"name": "br-lan", "type": "8021q"})), False),
        (bridged(replace(BR_LAN, options={"name": "br-wan", "type": "bridge"})), False),
        (
            bridged(
                BR_LAN,
                Section("v", "bridge-vlan", {"device": "br-lan", "vlan": "7"}),
                device="br-lan.7",
            ),
            True,
        ),
        (bridged(BR_LAN, device="br-lan.7"), False),
        (
            bridged(
                BR_LAN,
                Section("v", "bridge-vlan", {"device": "switch", "vlan": "7"}),
                device="switch.7",
            ),
            False,
        ),
    ],
)
def test_the_own_network_must_be_a_bridge(there: Owned, good: bool) -> None:
    if good:
        assert setup_edits(there, RELAY)
        return
    with pytest.raises(Refused) as caught:
        setup_edits(there, RELAY)
    assert "lan is none" in caught.value.message
    name = (there.network.section("lan") or BR_LAN).get("device")
    assert (name or "not named") in caught.value.message
    assert "type=bridge" in caught.value.hint
    assert f"ports={name or 'eth0'};" in caught.value.hint
    setup_edits(there, Relay())  # any other kind does without


def test_without_a_network_of_its_own_there_is_nothing_to_bridge() -> None:
    with pytest.raises(Refused, match="not named"):
        setup_edits(having(BR_LAN), RELAY)


@pytest.mark.parametrize(
    ("options", "words", "remedy"),
    [
        ({"gateway": "192.168.77.254"}, "the gateway 192.168.77.254", "delete network.lan.gateway"),
        ({"proto": "dhcp"}, "an address by DHCP", "network.lan.proto=static"),
    ],
)
def test_it_is_refused_where_lan_has_a_way_out_of_its_own(
    options: dict[str, str], words: str, remedy: str
) -> None:
    with pytest.raises(Refused) as caught:
        setup_edits(bridged(**options), RELAY)
    assert words in caught.value.message
    assert remedy in caught.value.hint
    setup_edits(bridged(**options), Relay())


@pytest.mark.parametrize(
    ("device", "dhcp", "good"),
    [
        ("@lan", {}, False),
        ("br-lan", {}, False),
        ("br-lan", {"ignore": "1", "ra": "server"}, False),
        ("br-lan", {"ignore": "1", "dhcpv4": "server"}, False),
        ("br-lan", {"ignore": "1"}, True),
        ("br-lan", {"ignore": "yes", "ra": "disabled"}, True),
        ("br-guest", {}, True),
        ("br-lan.7", {}, True),
    ],
)
@pytest.mark.parametrize("anonymous", [False, True])
def test_it_is_refused_where_other_servers_are_in_the_bridge(
    device: str, dhcp: dict[str, str], good: bool, anonymous: bool
) -> None:
    there = bridged(BR_LAN, Section("lan2", "interface", {"proto": "static", "device": device}))
    server = Section(
        "cfg03" if anonymous else "two", "dhcp", {"interface": "lan2", **dhcp}, anonymous
    )
    there = replace(there, dhcp=Package("dhcp", (SERVER, server)))
    setup_edits(there, Relay())
    if good:
        setup_edits(there, RELAY)
        return
    with pytest.raises(Refused, match="lan2 is in the bridge of lan too") as caught:
        setup_edits(there, RELAY)
    place = "dhcp.@dhcp[1]" if anonymous else "dhcp.two"
    for option in ("ignore=1", "ra=disabled"):
        assert f"uci set {place}.{option};" in caught.value.hint


def test_where_else_it_is_refused() -> None:
    with pytest.raises(Refused, match="no section for lan"):
        setup_edits(replace(bridged(), dhcp=Package("dhcp")), RELAY)
    zone = Section("w", "zone", {"name": "wan", "network": "wan wwan"})
    with pytest.raises(Refused, match="wwan is in the firewall's zone `wan`") as caught:
        setup_edits(replace(bridged(), firewall=Package("firewall", (zone,))), RELAY)
    assert "wds" in caught.value.hint
    for device in ("", "eth5", "@wan"):  # somebody's own interface stays as it is
        theirs = Section("wwan", "interface", {"proto": "dhcp", "device": device})
        with pytest.raises(Refused, match="another interface called wwan"):
            setup_edits(bridged(BR_LAN, theirs), RELAY)
    right = Section("wwan", "interface", {"proto": "dhcp", "device": "@lan"})
    edits = [edit.shown() for edit in setup_edits(bridged(BR_LAN, right), RELAY)]
    assert not [edit for edit in edits if edit.startswith("set network.wwan.")]
    with pytest.raises(Refused, match="another interface called wwan"):
        setup_edits(bridged(BR_LAN, right), Relay())


def test_an_interface_that_its_owner_has_bent_since_is_not_bent_back() -> None:
    noted = wireless(replace(own(), options={**own().options, CREATED: ("interface:wwan",)}))
    bent = Section("wwan", "interface", {"proto": "dhcp", "device": "eth5"})
    with pytest.raises(Refused, match="another interface called wwan"):
        setup_edits(replace(bridged(BR_LAN, bent), wireless=noted), RELAY)


def test_only_the_first_of_the_two_interfaces_moves() -> None:
    notes = ("interface:wwan", "interface:wwan6")
    noted = wireless(replace(own(), options={**own().options, CREATED: notes}))
    first = Section("wwan", "interface", {"proto": "dhcp"})
    for device in ("", "@lan"):
        second = Section("wwan6", "interface", {"proto": "dhcpv6", "device": device})
        with pytest.raises(Refused, match="another interface called wwan6"):
            setup_edits(replace(bridged(BR_LAN, first, second), wireless=noted), RELAY)


def test_what_it_means_is_said_before() -> None:
    told = " | ".join(meaning(RELAY, bridged(ipaddr="192.168.77.1/24").network))
    for words in (
        "become one",
        "does not give addresses",
        "beside 192.168.77.1 by hand",
        "loop",
        "login and page",
        "answers for 192.168.77.1 in the upstream's network",
        "move-lan",
        "own Wi-Fi, give",
        "can do WDS, a trial finds out",
    ):
        assert words in told
    assert "beside its own by hand" in " ".join(meaning(RELAY, Package("network")))
    for line in meaning(RELAY, Package("network")):
        reads_well(line)


def test_an_uplink_that_is_on_is_not_joined_in_another_way() -> None:
    on = wireless(own(disabled="0", ssid="Home"))
    edits = setup_edits(replace(bridged(), wireless=on), RELAY)
    with pytest.raises(Refused, match=r"wifirelay is enabled.*without a trial") as caught:
        check_moved(on, edits)
    assert "wifirelay leave" in caught.value.hint
    check_moved(wireless(own()), edits)
    check_moved(on, setup_edits(replace(bridged(), wireless=on), Relay()))
    there = wireless(port(disabled="0", ssid="Home"))
    check_moved(there, setup_edits(replace(bridged(), wireless=there), RELAY))
    with pytest.raises(Refused):
        check_moved(there, setup_edits(replace(bridged(), wireless=there), Relay()))


def test_each_own_section_is_brought_into_the_bridge() -> None:
    mixed = wireless(port(), own("wifirelay_radio1", "radio1"))
    edits = setup_edits(replace(bridged(), wireless=mixed), RELAY)
    assert [edit.shown() for edit in edits if edit.section == "wifirelay_radio1"] == [
        "set wireless.wifirelay_radio1.network='lan'",
        "set wireless.wifirelay_radio1.wds='1'",
    ]
    half = wireless(own(wds="1", network="lan guest"))  # somebody's own idea of it
    edits = setup_edits(replace(bridged(), wireless=half), RELAY)
    assert "set wireless.wifirelay.network='lan'" in [edit.shown() for edit in edits]


# --- from one kind to another, and back ---

WAYS = [
    Relay(),
    Relay(ipv6="relay"),
    Relay(kind="relayd"),
    RELAY,
    Relay(kind="wds", hostname="none"),
]


@given(st.lists(st.sampled_from(WAYS), min_size=1, max_size=4))
def test_whatever_came_before_counts_for_nothing_and_all_goes_back(ways: list[Relay]) -> None:
    flash, fresh = Flash(), Flash()
    before = flash.packages()
    for relay in ways:
        flash.set_up(relay)
    fresh.set_up(ways[-1])
    if not any(relay.hostname for relay in ways):  # that stays until it is asked for
        assert flash.shape() == fresh.shape()
    flash.undo()
    assert flash.packages() == before


def test_a_simulated_router_is_set_up_as_setup_does_it() -> None:
    flash = Flash()
    flash.set_up(RELAY)
    assert Flash(wds=True).shape() == flash.shape()


@pytest.mark.parametrize("first", WAYS[:4])
@pytest.mark.parametrize("second", WAYS[:4])
def test_the_way_that_a_router_s_own_configuration_has_stays(first: Relay, second: Relay) -> None:
    flash = Flash()
    flash.set_up(first)
    edits = setup_edits(flash.owned(others=True), second)
    held = held_back(flash.owned(others=True), second, (), tidy=True)
    if first == second or (first == Relay() and second == WAYS[1]):
        return
    assert edits == ()
    assert held
    if "wds" in (first.kind, second.kind):
        sets = any(edit.shown().startswith("set network.wwan.device") for edit in held)
        assert sets is (second.kind == "wds")


def test_it_stays_though_nothing_had_to_be_borrowed() -> None:
    flash = Flash()
    for name in ("dhcpv4", "ra", "dhcpv6", "ndp"):
        flash.apply([Edit(Verb.SET, "dhcp", "lan", name, "disabled")])
    flash.apply([Edit(Verb.SET, "dhcp", "lan", "ignore", "1")])
    flash.set_up(RELAY)
    assert setup_edits(flash.owned(others=True), Relay()) == ()


@pytest.mark.parametrize(("first", "second"), [("nat", "wds"), ("wds", "nat"), ("relayd", "wds")])
def test_what_is_new_is_of_the_kind_that_the_router_has(first: str, second: str) -> None:
    """... and nothing is joined by it in the other one, whose servers it has not."""
    flash = Flash()
    flash.set_up(Relay(kind=first, radios=("radio0",)))
    flash.apply(setup_edits(flash.owned(others=True), Relay(kind=second)))
    package = flash.packages()[0]
    bridged = {each.get("device"): is_bridged(each) for each in all_own(package)}
    assert bridged == dict.fromkeys(("radio0", "radio1"), first == "wds")
    for radio in bridged:
        assert otherwise(package, radio, first) is None
        assert otherwise(package, radio, second)
    apart = Relay(kind=second, interface="wlanwan")
    flash.apply(setup_edits(flash.owned(others=True), apart))
    made = flash.packages()[1].section("wlanwan")
    assert made is not None
    assert made.get("device") == ("@lan" if first == "wds" else "")


@pytest.mark.parametrize(
    ("kind", "uplink", "good"),
    [
        ("wds", WWAN, True),
        ("wds", replace(WWAN, up=False), True),
        ("wds", replace(WWAN, up=False, l3_device=None), True),
        ("wds", replace(WWAN, l3_device="phy0-sta0"), False),
        ("wds", replace(WWAN, l3_device=None, device=None), False),
        ("wds", None, False),
        ("nat", WWAN, False),
        ("relayd", WWAN, False),
        ("nat", replace(WWAN, l3_device="phy0-sta0"), True),
        ("nat", replace(WWAN, l3_device=None, device=None), True),
        ("nat", None, True),
    ],
)
def test_the_uplink_s_interface_must_be_of_the_kind_as_well(
    kind: str, uplink: LogicalInterface | None, good: bool
) -> None:
    package = wireless(port() if kind == "wds" else own())
    found = {"lan": LAN, **({"wwan": uplink} if uplink is not None else {})}
    on = replace(router(), wireless=package, interfaces=found)
    said = why(network("Home"), on, Relay(kind=kind))
    assert (said is None) is good
    wrong = "not set up for relay.kind wds" if kind == "wds" else f"the configuration says {kind}"
    assert good or wrong in (said or "")
    down = {**found, "lan": replace(LAN, up=False)}  # an alias has no device then
    assert why(network("Home"), replace(on, interfaces=down), Relay(kind=kind)) is None
