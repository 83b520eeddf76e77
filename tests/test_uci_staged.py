# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody else's staged edits: read from rpcd's list, told apart from own ones, shown safely."""

import pytest

from wifirelay.errors import RouterAnswer
from wifirelay.uci.quote import Unquotable, check_name
from wifirelay.uci.staged import Change, foreign, parse_changes


@pytest.mark.parametrize(
    ("row", "change", "shown"),
    [
        (
            ["set", "lan", "ipaddr", "10.0.0.1"],
            Change("network", "set", "lan", "ipaddr", "10.0.0.1"),
            "set network.lan.ipaddr=10.0.0.1",
        ),
        (
            ["set", "guest", "interface"],
            Change("network", "set", "guest", None, "interface"),
            "set network.guest=interface",
        ),
        (
            ["add", "cfg0a", "route"],
            Change("network", "add", "cfg0a", None, "route"),
            "add network.cfg0a=route",
        ),
        (
            ["remove", "lan", "ipaddr"],
            Change("network", "remove", "lan", "ipaddr"),
            "remove network.lan.ipaddr",
        ),
        (
            ["delete", "lan", "ipaddr"],
            Change("network", "delete", "lan", "ipaddr"),
            "delete network.lan.ipaddr",
        ),
        (["remove", "lan"], Change("network", "remove", "lan"), "remove network.lan"),
        (
            ["list-add", "lan", "dns", "9.9.9.9"],
            Change("network", "list-add", "lan", "dns", "9.9.9.9"),
            "list-add network.lan.dns=9.9.9.9",
        ),
        (["order", "lan", 2], Change("network", "order", "lan", None, "2"), "order network.lan=2"),
        (
            ["set", "wg0", "private_key", "hunter2"],
            Change("network", "set", "wg0", "private_key", "hunter2"),
            "set network.wg0.private_key=***",
        ),
    ],
)
def test_each_kind_of_edit_is_read_and_shown(row: list[object], change: Change, shown: str) -> None:
    assert parse_changes({"changes": {"network": [row]}}) == (change,)
    assert change.shown() == shown


def test_all_packages_are_read_in_order() -> None:
    rows = {"network": [["remove", "a"], ["remove", "b"]], "system": [["remove", "c"]]}
    found = [(each.package, each.section) for each in parse_changes({"changes": rows})]
    assert found == [("network", "a"), ("network", "b"), ("system", "c")]
    assert parse_changes({"changes": {}}) == ()


@pytest.mark.parametrize("rows", [None, "set", {"a": 1}, 3])
def test_a_package_without_a_list_has_no_edits(rows: object) -> None:
    assert parse_changes({"changes": {"network": rows}}) == ()


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"changes": []}, {"changes": None}])
def test_what_is_no_list_of_edits_is_refused(answer: object) -> None:
    with pytest.raises(RouterAnswer) as refused:
        parse_changes(answer)
    assert str(refused.value) == "the router's list of staged edits came in an unknown form"


@pytest.mark.parametrize("row", [None, 1, "ab", {"set": 1, "b": 2}, [], ["set"]])
def test_an_edit_that_is_none_is_refused_with_its_package(row: object) -> None:
    with pytest.raises(RouterAnswer, match=r"^a staged edit of network came in an unknown form"):
        parse_changes({"changes": {"network": [row]}})


def test_foreign_are_those_outside_of_own_wireless_sections() -> None:
    own = Change("wireless", "set", "wifirelay_radio0", "ssid", "x")
    others = Change("wireless", "set", "default_radio0", "ssid", "x")
    named = Change("network", "set", "wifirelay", "proto", "dhcp")  # of no own package
    far = Change("system", "set", "led", "name", "x")
    assert (own.own, others.own, named.own) == (True, False, False)
    every = (own, others, named, far)
    assert foreign(every, packages=["wireless", "network"]) == (others, named)
    assert foreign(every, packages=["system"]) == (far,)
    assert foreign(every, packages=[]) == ()


def test_a_name_that_is_refused_is_in_the_message() -> None:
    with pytest.raises(Unquotable, match="'a b' is not a UCI name"):
        check_name("a b")
