# SPDX-License-Identifier: GPL-2.0-or-later
"""`open` of the configuration, in both kinds of file: what it means, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from test_config_uci import section

from wifirelay.config.model import Settings, from_mapping
from wifirelay.config.uci_file import OPEN, PATH, settings_from
from wifirelay.config.yaml_file import load
from wifirelay.core.known import Allowed, Wanted
from wifirelay.errors import ConfigError
from wifirelay.uci.model import Package, Section
from wifirelay.values import Ssid

WHOLE: dict[str, Any] = {
    "names": ["*Guest*", "Free Wi-Fi"],
    "not": ["*Setup*"],
    "limit": 3,
    "stay": 24,
    "security": "owe",
}
MEANT = Allowed(("*Guest*", "Free Wi-Fi"), ("*Setup*",), 3, 24, Wanted.OWE)


def yaml(opened: object) -> Settings:
    return from_mapping({"open": opened}, "config.yaml")


def opened(name: str = "open", **options: Any) -> Section:
    """A section as UCI has it: texts, and lists of them."""
    texts = {
        key: tuple(value) if isinstance(value, list) else str(value)
        for key, value in options.items()
    }
    return Section(name, OPEN, texts, anonymous=name.startswith("cfg"))


def uci(*sections: Section) -> Settings:
    return settings_from(Package("wifirelay", sections))


def test_without_it_nothing_is_allowed() -> None:
    assert from_mapping({}, "config.yaml").relay.allowed is None
    assert uci().relay.allowed is None


def test_all_of_it_in_both_files() -> None:
    assert yaml(WHOLE).relay.allowed == MEANT
    assert uci(opened(**WHOLE)).relay.allowed == MEANT
    assert uci(opened("cfg0123", **WHOLE)).relay.allowed == MEANT


def test_the_least_of_it() -> None:
    default = Allowed(("FREE-*",))
    assert (default.limit, default.stay, default.security) == (10, 8, Wanted.AUTO)
    assert yaml({"names": "FREE-*"}).relay.allowed == default
    assert uci(opened(names="FREE-*")).relay.allowed == default
    assert yaml({"names": ["FREE-*"]}).warnings == ()


def test_an_option_is_one_pattern_though_it_has_blanks() -> None:
    allowed = uci(opened(names="Free Wi-Fi")).relay.allowed
    assert allowed is not None and allowed.names == ("Free Wi-Fi",)


def test_a_section_that_is_switched_off_is_checked_and_not_used() -> None:
    assert uci(opened(**WHOLE, enabled="0")).relay.allowed is None
    assert uci(opened(names="*", enabled="0")).warnings == ()
    with pytest.raises(ConfigError):
        uci(opened(names="*", stay="99", enabled="0"))


def test_networks_that_are_listed_and_switched_off_are_not_meant() -> None:
    off = section("cafe", ssid="Cafe Guest", enabled="0")
    allowed = uci(off, opened(names="*Guest*")).relay.allowed
    assert allowed is not None and allowed.off == {Ssid.of("Cafe Guest")}


def test_the_rest_of_the_configuration_is_as_it_was() -> None:
    relay = uci(section("main", "wifirelay", keep="session"), opened(names="x")).relay
    assert not relay.keep_on_flash and relay.allowed == Allowed(("x",))
    made = from_mapping({"relay": {"keep": "session"}, "open": {"names": "x"}}, "config.yaml")
    assert made.relay == relay


@pytest.mark.parametrize("pattern", ["*", "**", "*?"])
def test_whoever_allows_everything_is_warned(pattern: str) -> None:
    (warning,) = yaml({"names": ["a", pattern]}).warnings
    assert warning == f"open.names has {pattern}: that allows every open network there is"
    (warning,) = uci(opened(names=pattern)).warnings
    assert warning.startswith("wifirelay.open.names has ")


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({}, "names", "is missing", "*Guest*"),
    ({"names": []}, "names", "empty list", "leave"),
    ({"names": ["a", ""]}, "names[1]", "cannot be a name's pattern", "1 to 64"),
    ({"names": ["a" * 65]}, "names[0]", "cannot be a name's pattern", "1 to 64"),
    ({"names": ["a\nb"]}, "names[0]", "cannot be a name's pattern", "control"),
    ({"names": ["a"] * 51}, "names", "has 51 patterns", "at most 50"),
    ({"names": "a", "not": ["\x1b"]}, "not[0]", "cannot be a name's pattern", "control"),
    ({"names": "a", "limit": 0}, "limit", "0 is not from 1 to 50", "networks"),
    ({"names": "a", "limit": 51}, "limit", "51 is not", "networks"),
    ({"names": "a", "stay": 0}, "stay", "0 is not from 1 to 24", "hours"),
    ({"names": "a", "stay": 25}, "stay", "25 is not", "hours"),
    ({"names": "a", "stay": "8h"}, "stay", "not a whole number", "hours"),
    ({"names": "a", "security": "psk2"}, "security", "not possible", "auto, open, owe"),
    ({"names": "a", "nmaes": "b"}, "nmaes", "is not a known", "`names`"),
    ({"names": "a", "key": "hunter2hunter2"}, "key", "is not a known", "names here"),
]


@pytest.mark.parametrize(("options", "key", "problem", "hint"), WRONG)
def test_refused_by_both(options: dict[str, Any], key: str, problem: str, hint: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        yaml(options)
    assert wrong.value.message.startswith(f"config.yaml: open.{key}: ")
    assert problem in wrong.value.message and hint in wrong.value.hint
    assert "hunter2" not in wrong.value.message + wrong.value.hint
    with pytest.raises(ConfigError) as wrong:
        uci(opened(**options))
    assert wrong.value.message.startswith(f"{PATH}: wifirelay.open.{key}: ")
    assert problem in wrong.value.message and hint in wrong.value.hint
    assert "hunter2" not in wrong.value.message + wrong.value.hint


@pytest.mark.parametrize("value", [True, "*Guest*", ["*Guest*"], 3])
def test_yaml_wants_a_mapping(value: object) -> None:
    with pytest.raises(ConfigError, match=r"config.yaml: open: is .*, not a mapping"):
        yaml(value)


def test_a_star_without_quotes_is_no_text_to_yaml(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("open: {names: [*Guest*]}\n")
    with pytest.raises(ConfigError) as wrong:
        load(str(path))
    assert "config.yaml:1:" in wrong.value.message and "quotes" in wrong.value.hint
    path.write_text('open: {names: ["*Guest*"]}\n')
    assert load(str(path)).relay.allowed == Allowed(("*Guest*",))


def test_two_sections_and_a_wrong_name() -> None:
    with pytest.raises(ConfigError) as wrong:
        uci(opened(names="a"), opened("cfg02", names="b"))
    assert "wifirelay.@open[1]: is a second section of type open" in wrong.value.message
    with pytest.raises(ConfigError) as wrong:
        uci(opened("main", names="a"))
    assert "main is the name of the section of type wifirelay" in wrong.value.message
    assert "another name" in wrong.value.hint
