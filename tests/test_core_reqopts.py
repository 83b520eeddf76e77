# SPDX-License-Identifier: GPL-2.0-or-later
"""DHCP's option 114 is asked for on setup's own interface; what else is asked for stays."""

import pytest
from known import Uci, meaning

from wifirelay.core.baseline import Owned, setup_edits, undo_edits
from wifirelay.core.known import Relay
from wifirelay.uci.edits import Edit, Verb

WIRELESS = "config wifi-device 'radio0'\n\toption band '2g'\n"
FIREWALL = "config zone\n\toption name 'wan'\n\tlist network 'wan'\n"
OWNERS = "config interface 'wwan'\n\toption proto 'dhcp'\n\toption reqopts '43'\n"


def read(uci: Uci) -> Owned:
    return Owned(uci.read("wireless"), uci.read("network"), uci.read("firewall"))


def put(uci: Uci, network: str = "") -> Uci:
    return uci.put(wireless=WIRELESS, firewall=FIREWALL, network=network)


def set_up(uci: Uci) -> list[str]:
    edits = setup_edits(read(uci), Relay())
    uci.apply(edits)
    uci.commit()
    assert setup_edits(read(uci), Relay()) == ()
    return [edit.shown() for edit in edits if edit.option == "reqopts"]


def asked(uci: Uci) -> object:
    section = uci.read("network").section("wwan")
    assert section is not None
    return section.options.get("reqopts")


def test_a_first_setup_asks_for_it(uci: Uci) -> None:
    put(uci)
    before = [meaning(uci.read(name)) for name in ("wireless", "network", "firewall")]
    assert set_up(uci) == ["set network.wwan.reqopts='114'"]
    assert asked(uci) == "114"
    uci.apply(undo_edits(read(uci)))
    uci.commit()
    assert [meaning(uci.read(name)) for name in ("wireless", "network", "firewall")] == before


def test_an_older_setup_asks_for_it_when_it_is_set_up_again(uci: Uci) -> None:
    set_up(put(uci))
    uci.apply([Edit(Verb.DELETE, "network", "wwan", "reqopts")])
    uci.commit()
    assert set_up(uci) == ["set network.wwan.reqopts='114'"]


@pytest.mark.parametrize(
    ("there", "edits", "after"),
    [
        (
            [Edit(Verb.SET, "network", "wwan", "reqopts", "43 0x2b")],
            ["set network.wwan.reqopts='43 0x2b 114'"],
            "43 0x2b 114",
        ),
        ([Edit(Verb.SET, "network", "wwan", "reqopts", "114 43")], [], "114 43"),
        (
            [
                Edit(Verb.DELETE, "network", "wwan", "reqopts"),
                Edit(Verb.ADD_LIST, "network", "wwan", "reqopts", "43"),
                Edit(Verb.ADD_LIST, "network", "wwan", "reqopts", "114"),
            ],
            ["delete network.wwan.reqopts", "set network.wwan.reqopts='43 114'"],
            "43 114",
        ),
    ],
)
def test_what_its_owner_asks_for_stays(
    uci: Uci, there: list[Edit], edits: list[str], after: str
) -> None:
    set_up(put(uci))
    uci.apply(there)
    uci.commit()
    assert set_up(uci) == edits
    assert asked(uci) == after


def test_an_interface_of_the_owner_s_is_left_alone(uci: Uci) -> None:
    assert set_up(put(uci, OWNERS)) == []
    assert asked(uci) == "43"
