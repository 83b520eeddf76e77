# SPDX-License-Identifier: GPL-2.0-or-later
"""`open` of the configuration, in both kinds of file: what it means, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from known import allowed
from test_config_uci import section

from wifirelay.config.model import Settings, from_mapping
from wifirelay.config.uci_file import PATH, settings_from
from wifirelay.config.yaml_file import load
from wifirelay.errors import ConfigError
from wifirelay.uci.model import Package, Section
from wifirelay.values import Ssid

WHOLE: dict[str, Any] = {
    "names": ["*Guest*", "Free Wi-Fi"],
    "not": ["*Setup*"],
    "limit": 3,
    "stay": 23,
}
MEANT = allowed("*Guest*", "Free Wi-Fi", but=["*Setup*"], limit=3, hours=23)


def yaml(opened: object) -> Settings:
    return from_mapping({"open": opened}, "config.yaml")


def uci(opened: dict[str, Any], *others: Section) -> Settings:
    """The options of the section `main` as UCI has them: texts, and lists of them."""
    texts = {
        f"open_{key}": tuple(value) if isinstance(value, list) else str(value)
        for key, value in opened.items()
    }
    main = Section("main", "wifirelay", texts)
    return settings_from(Package("wifirelay", (main, *others)))


def test_without_it_nothing_is_allowed() -> None:
    assert from_mapping({}, "config.yaml").relay.allowed is None
    assert uci({}).relay.allowed is None


def test_all_of_it_in_both_files() -> None:
    assert yaml(WHOLE).relay.allowed == MEANT
    assert uci(WHOLE).relay.allowed == MEANT


def test_the_least_of_it() -> None:
    least = allowed("FREE-*", limit=10, hours=8)
    assert yaml({"names": "FREE-*"}).relay.allowed == least
    assert uci({"names": "FREE-*"}).relay.allowed == least


def test_an_option_is_one_pattern_though_it_has_blanks() -> None:
    assert uci({"names": "Free Wi-Fi", "not": "a b"}).relay.allowed == allowed(
        "Free Wi-Fi", but=["a b"]
    )


def test_networks_that_are_listed_and_switched_off_are_not_meant() -> None:
    rule = uci({"names": "*Guest*"}, section("cafe", ssid="Cafe Guest", enabled="0")).relay.allowed
    assert rule is not None and rule.off == {Ssid.of("Cafe Guest")}
    assert not rule.admits(Ssid.of("Cafe Guest")) and rule.admits(Ssid.of("Other Guest"))


def test_the_rest_of_the_configuration_is_as_it_was() -> None:
    made = from_mapping({"relay": {"keep": "session"}, "open": {"names": "x"}}, "config.yaml")
    assert not made.relay.keep_on_flash and made.relay.allowed == allowed("x")
    assert uci({"names": "x"}).relay.keep_on_flash


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"limit": 3}, "names", "is missing", "*Guest*"),
    ({"names": []}, "names", "empty list", "leave"),
    ({"names": "a", "limit": 0}, "limit", "0 is not from 1 to 50", "networks a day"),
    ({"names": "a", "limit": 51}, "limit", "51 is not", "networks a day"),
    ({"names": "a", "stay": 0}, "stay", "0 is not from 1 to 23", "hours"),
    ({"names": "a", "stay": 24}, "stay", "24 is not", "hours"),
    ({"names": "a", "stay": "8h"}, "stay", "not a whole number", "hours"),
    ({"names": "a", "nmaes": "b"}, "nmaes", "is not a known", "names`"),
    ({"names": "a", "key": "hunter2hunter2"}, "key", "is not a known", "names here"),
]


@pytest.mark.parametrize(("options", "key", "problem", "hint"), WRONG)
def test_refused_by_both(options: dict[str, Any], key: str, problem: str, hint: str) -> None:
    for read, where in (
        (yaml, f"config.yaml: open.{key}: "),
        (uci, f"{PATH}: wifirelay.main.open_{key}: "),
    ):
        with pytest.raises(ConfigError) as wrong:
            read(options)
        assert wrong.value.message.startswith(where)
        assert problem in wrong.value.message and hint in wrong.value.hint
        assert "hunter2" not in wrong.value.message + wrong.value.hint


@pytest.mark.parametrize("value", [True, "*Guest*", ["*Guest*"], 3])
def test_yaml_wants_a_mapping(value: object) -> None:
    with pytest.raises(ConfigError, match=r"config.yaml: open: is .*, not a mapping"):
        yaml(value)


def test_yaml_that_says_nothing_is_no_rule() -> None:
    for value, problem in (({}, "open.names: is missing"), (None, "open: has no value")):
        with pytest.raises(ConfigError, match=problem):
            yaml(value)


def test_a_star_without_quotes_is_no_text_to_yaml(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("open: {names: [*Guest*]}\n")
    with pytest.raises(ConfigError) as wrong:
        load(str(path))
    assert "config.yaml:1:" in wrong.value.message and "quotes" in wrong.value.hint
    path.write_text('open: {names: ["*Guest*"]}\n')
    assert load(str(path)).relay.allowed == allowed("*Guest*")
