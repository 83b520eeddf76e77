# SPDX-License-Identifier: GPL-2.0-or-later
"""What setup creates, and what its undoing takes out: exactly that, through a real `uci`."""

import pytest
from known import Uci, meaning

from wifirelay.core.baseline import CREATED, Owned, setup_edits, undo_edits
from wifirelay.core.known import Relay
from wifirelay.errors import ConfigError, Refused

WIRELESS = """
config wifi-device 'radio0'
\toption band '2g'

config wifi-device 'radio1'
\toption band '5g'

config wifi-device 'radio2'
\toption band '6g'
\toption disabled '1'

config wifi-iface 'default_radio0'
\toption device 'radio0'
\toption mode 'ap'
"""
NETWORK = """
config interface 'lan'
\toption proto 'static'
"""
OWNERS_WWAN = """
config interface 'wwan'
\toption proto 'dhcp'
\toption hostname 'mine'
"""
LIST = "\tlist network 'wan'\n\tlist network 'wan6'\n"
PLAIN = "\toption network 'wan wan6'\n"
RELAY = Relay()


def zones(networks: str, *, named: bool = False) -> str:
    wan = "config zone 'outside'" if named else "config zone"
    return f"""
config defaults

config zone
\toption name 'lan'
\tlist network 'lan'

{wan}
\toption name 'wan'
{networks}\toption masq '1'
"""


def owned(uci: Uci) -> Owned:
    return Owned(uci.read("wireless"), uci.read("network"), uci.read("firewall"))


def in_wan(uci: Uci) -> tuple[str, ...]:
    zone = next(each for each in uci.read("firewall") if each.get("name") == "wan")
    return zone.items("network")


@pytest.fixture(params=[False, True], ids=["anonymous", "named"])
def router(request: pytest.FixtureRequest, uci: Uci) -> Uci:
    return uci.put(wireless=WIRELESS, network=NETWORK, firewall=zones(LIST, named=request.param))


def snapshot(uci: Uci) -> list[object]:
    packages = ("wireless", "network", "firewall")
    # An anonymous section's id changes with its content: left out of the comparison.
    return [
        [(kind, options) for _, kind, options in meaning(uci.read(package))] for package in packages
    ]


def test_setup_creates_a_baseline_once(router: Uci) -> None:
    before = [meaning(router.read(name))[: 4 if name == "wireless" else 1] for name in NAMES]
    router.apply(setup_edits(owned(router), RELAY))
    wireless = router.read("wireless")
    for name, radio in (("wifirelay", "radio0"), ("wifirelay_radio1", "radio1")):
        section = wireless.section(name)
        assert section is not None
        assert {k: v for k, v in section.options.items() if k != CREATED} == {
            "device": radio,
            "network": "wwan",
            "mode": "sta",
            "disabled": "1",
        }
    assert wireless.section("wifirelay_radio2") is None  # the owner disabled that radio
    network = router.read("network")
    options = [section.options for name in ("wwan", "wwan6") if (section := network.section(name))]
    assert [each["proto"] for each in options] == ["dhcp", "dhcpv6"]
    assert options[1]["device"] == "@wwan"
    assert in_wan(router) == ("wan", "wan6", "wwan", "wwan6")
    assert setup_edits(owned(router), RELAY) == ()
    after = [meaning(router.read(name))[: 4 if name == "wireless" else 1] for name in NAMES]
    assert after == before


NAMES = ("wireless", "network", "firewall")


@pytest.mark.parametrize("committed", [False, True])
def test_undoing_setup_leaves_the_router_as_it_was(router: Uci, committed: bool) -> None:
    before = snapshot(router)
    router.apply(setup_edits(owned(router), RELAY))
    if committed:
        router.commit()
    router.apply(undo_edits(owned(router)))
    router.commit()
    assert snapshot(router) == before
    assert undo_edits(owned(router)) == ()


def test_the_owners_interface_stays_as_it_is(router: Uci) -> None:
    router.put(network=NETWORK + OWNERS_WWAN)
    before = snapshot(router)
    edits = setup_edits(owned(router), RELAY)
    assert not [edit for edit in edits if (edit.package, edit.section) == ("network", "wwan")]
    router.apply(edits)
    assert router.read("network").section("wwan6") is not None
    router.apply(undo_edits(owned(router)))
    assert snapshot(router) == before


@pytest.mark.parametrize(
    ("networks", "after"),
    [
        (LIST, ("wan", "wan6")),
        (PLAIN, ("wan", "wan6")),
        (LIST + "\tlist network 'wwan'\n", ("wan", "wan6", "wwan")),
        ("\toption network 'wan wwan'\n", ("wan", "wwan")),
        ("\toption network 'wwan6 wan wwan'\n", ("wwan6", "wan", "wwan")),
        ("", ()),
    ],
)
def test_the_zone_keeps_what_was_the_owners(
    uci: Uci, networks: str, after: tuple[str, ...]
) -> None:
    uci.put(wireless=WIRELESS, network=NETWORK, firewall=zones(networks))
    uci.apply(setup_edits(owned(uci), RELAY))
    uci.commit()
    assert set(in_wan(uci)) == {*after, "wwan", "wwan6"}
    assert in_wan(uci)[: len(after)] == after
    assert len(set(in_wan(uci))) == len(in_wan(uci))
    assert setup_edits(owned(uci), RELAY) == ()
    uci.apply(undo_edits(owned(uci)))
    uci.commit()
    assert in_wan(uci) == after


def test_another_interface_and_only_some_radios(router: Uci) -> None:
    relay = Relay(interface="uplink", radios=("radio1",))
    router.apply(setup_edits(owned(router), relay))
    assert [each.name for each in router.read() if each.name.startswith("wifirelay")] == [
        "wifirelay"
    ]
    section = router.read().section("wifirelay")
    assert section is not None
    assert (section.get("device"), section.get("network")) == ("radio1", "uplink")
    assert in_wan(router)[-2:] == ("uplink", "uplink6")


def test_a_radio_added_later_gets_its_section_too(router: Uci) -> None:
    before = snapshot(router)
    router.apply(setup_edits(owned(router), Relay(radios=("radio0",))))
    more = setup_edits(owned(router), RELAY)
    assert {edit.section for edit in more} == {"wifirelay_radio1"}
    router.apply(more)
    router.apply(undo_edits(owned(router)))
    router.commit()
    assert snapshot(router) == before


def test_a_section_of_that_name_which_is_something_else_is_not_touched(uci: Uci) -> None:
    other = WIRELESS + "\nconfig wifi-vlan 'wifirelay'\n\toption vid '7'\n"
    uci.put(wireless=other, network=NETWORK, firewall=zones(LIST))
    edits = setup_edits(owned(uci), RELAY)
    assert not [edit for edit in edits if edit.section == "wifirelay"]


def test_without_a_wan_zone_setup_refuses(uci: Uci) -> None:
    lan_only = "config zone\n\toption name 'lan'\n"
    uci.put(wireless=WIRELESS, network=NETWORK, firewall=lan_only)
    with pytest.raises(Refused, match="wan"):
        setup_edits(owned(uci), RELAY)
    with pytest.raises(ConfigError, match="radio9"):
        uci.put(firewall=zones(LIST))
        setup_edits(owned(uci), Relay(radios=("radio9",)))
