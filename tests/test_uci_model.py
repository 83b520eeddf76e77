# SPDX-License-Identifier: GPL-2.0-or-later
"""A UCI package from rpcd's JSON: order, lists, booleans, and answers that are none."""

from typing import Any

import pytest

from wifirelay.errors import RouterAnswer
from wifirelay.uci.model import Package, Section, parse_package


def section(**options: str | tuple[str, ...]) -> Section:
    return Section("lan", "interface", options)


def raw(kind: str = "interface", **more: Any) -> dict[str, Any]:
    return {".type": kind, **{name.replace("_", ".", 1): each for name, each in more.items()}}


# --- one section ---


def test_a_plain_value_and_a_list_are_read_as_both() -> None:
    there = section(one="wan wan6", two=("wan", "wan6"))
    assert (there.get("one"), there.get("two")) == ("wan wan6", "wan wan6")
    assert there.items("one") == there.items("two") == ("wan", "wan6")
    assert (there.get("three"), there.items("three")) == ("", ())
    assert there.get("three", "else") == "else"


@pytest.mark.parametrize("word", ["1", "true", "yes", "on", "enabled", "True", "ON"])
def test_netifds_words_for_yes_disable_a_section(word: str) -> None:
    assert section(disabled=word).true("disabled")
    assert not section(disabled=word).enabled


@pytest.mark.parametrize("word", ["0", "false", "no", "off", "", "2", "disabled"])
def test_any_other_word_leaves_it_enabled(word: str) -> None:
    assert not section(disabled=word).true("disabled")
    assert section(disabled=word).enabled
    assert section().enabled


def test_repr_shows_no_value() -> None:
    assert "hunter2" not in repr(Package("wireless", (section(key="hunter2"),)))


# --- a package ---


def test_a_package_is_read_with_all_that_it_says() -> None:
    answer = {
        "values": {
            "lan": raw(_anonymous=False, _name="lan", _index=1, ports=["1", 2], mtu=1500),
            "cfg01": raw("zone", _anonymous=True, _index=0, name="wan"),
        }
    }
    package = parse_package("network", answer)
    assert package == Package(
        "network",
        (
            Section("cfg01", "zone", {"name": "wan"}, anonymous=True, index=0),
            Section("lan", "interface", {"ports": ("1", "2"), "mtu": "1500"}, index=1),
        ),
    )
    assert [each.name for each in package] == ["cfg01", "lan"]
    assert package.section("lan") is package.sections[1]
    assert package.section("wan") is None
    assert package.of_kind("zone") == package.sections[:1]


def test_the_index_gives_the_order_and_where_it_is_missing_the_answer_does() -> None:
    values = {"c": raw(_index=2), "a": raw(_index=0), "b": raw(_index=1)}
    assert [each.name for each in parse_package("network", {"values": values})] == ["a", "b", "c"]
    package = parse_package("network", {"values": {"b": raw(), "a": raw(_index="?"), "c": raw()}})
    assert [(each.name, each.index) for each in package] == [("b", 0), ("a", 1), ("c", 2)]


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"values": []}, {"values": None}])
def test_what_is_no_package_is_named(answer: object) -> None:
    with pytest.raises(RouterAnswer, match="UCI package firewall came in an unknown form"):
        parse_package("firewall", answer)


@pytest.mark.parametrize("value", [None, "x", [], {}, {".type": 1}, {".type": None}])
def test_what_is_no_section_is_named(value: object) -> None:
    with pytest.raises(RouterAnswer, match=r"UCI section firewall\.lan came in an unknown form"):
        parse_package("firewall", {"values": {"lan": value}})
