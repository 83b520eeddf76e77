# SPDX-License-Identifier: GPL-2.0-or-later
"""Others that look after uplinks: who is refused, with which remedy, and what an owner is told."""

import pytest

from tests.changing import Scripted, check_text, failed, raised, said, uci
from wifirelay.change.neighbours import TRAVELMATE, VENDORS, check_neighbours, remarks
from wifirelay.core.known import Relay
from wifirelay.errors import Refused
from wifirelay.router.services import Services
from wifirelay.transport.base import Completed
from wifirelay.uci.model import Package, Section

NOBODY = Scripted({})
GET = "uci get travelmate"


def services(*running: str, enabled: tuple[str, ...] = ()) -> Services:
    return Services(frozenset(running), frozenset(enabled))


def travelmate(*sections: Section) -> Scripted:
    return Scripted({GET: uci(Package("travelmate", sections))})


@pytest.mark.parametrize("name", [TRAVELMATE, *VENDORS])
def test_one_that_runs_is_refused(name: str) -> None:
    stop = f"`/etc/init.d/{name} stop; /etc/init.d/{name} disable`"
    with raised(
        Refused, f"{name} runs on this router", hint=("of a kind", "Stop it first", stop)
    ) as caught:
        check_neighbours(NOBODY, services("cron", name, enabled=(name,)))
    assert ("vendor's page" in caught[0].hint) is (name != TRAVELMATE)
    assert caught[0].hint.endswith("`") is (name == TRAVELMATE)


@pytest.mark.parametrize("name", VENDORS)
def test_one_that_will_run_after_a_boot_is_refused(name: str) -> None:
    with raised(Refused, f"{name} is enabled", "next boot", hint="vendor's page"):
        check_neighbours(NOBODY, services(enabled=(name,)))


def test_travelmate_is_enabled_in_any_case_and_its_own_switch_says_more() -> None:
    enabled = services(enabled=(TRAVELMATE,))
    on = Section("global", "travelmate", {"trm_enabled": "1"})
    with raised(Refused, "travelmate is enabled", "next boot", hint="travelmate disable"):
        check_neighbours(travelmate(on), enabled)
    off = Section("global", "travelmate", {"trm_enabled": "0"})
    check_neighbours(travelmate(off), enabled)
    check_neighbours(travelmate(Section("other", "travelmate", {"trm_enabled": "1"})), enabled)
    check_neighbours(travelmate(Section("global", "travelmate", {})), enabled)
    check_neighbours(Scripted({GET: failed(4)}), enabled)
    check_neighbours(Scripted({GET: Completed(0, b"{")}), enabled)


def test_a_vendors_is_found_behind_a_travelmate_that_does_nothing() -> None:
    with raised(Refused, "gl-repeater runs", hint="gl-repeater stop"):
        check_neighbours(Scripted({GET: said(7)}), services("gl-repeater", enabled=(TRAVELMATE,)))


def test_others_are_no_neighbours() -> None:
    check_neighbours(NOBODY, services("network", "dnsmasq", enabled=("network", "mwan3")))


# --- remarks ---


def firewall(zone: str | None = "REJECT", defaults: str | None = None) -> Package:
    options = {"name": "wan", **({"input": zone} if zone is not None else {})}
    default = {"input": defaults} if defaults is not None else {}
    return Package("firewall", (Section("a", "defaults", default), Section("b", "zone", options)))


def told(found: Services, package: Package) -> tuple[str, ...]:
    texts = remarks(found, Relay(interface="relay"), package)
    for text in texts:
        check_text(text)
    return texts


def test_mostly_there_is_nothing_to_tell() -> None:
    assert told(services("network"), firewall()) == ()


@pytest.mark.parametrize("found", [services("mwan3"), services(enabled=("mwan3",))])
def test_mwan3_has_to_be_told_of_the_uplink(found: Services) -> None:
    (text,) = told(found, firewall())
    assert "mwan3" in text
    assert "add relay to /etc/config/mwan3" in text
    assert "member and a policy" in text


@pytest.mark.parametrize(
    ("zone", "defaults", "open_"),
    [
        ("ACCEPT", None, True),
        ("accept", "REJECT", True),
        (None, "ACCEPT", True),
        (None, "REJECT", False),
        ("DROP", "ACCEPT", False),
        (None, None, False),
    ],
)
def test_a_firewall_that_lets_strangers_in(
    zone: str | None, defaults: str | None, open_: bool
) -> None:
    texts = told(services(), firewall(zone, defaults))
    assert len(texts) == open_
    for text in texts:
        assert all(word in text for word in ("zone `wan`", "'ACCEPT'", "LuCI and SSH", "REJECT"))


def test_without_a_zone_nobody_comes_in() -> None:
    accept = Package("firewall", (Section("a", "defaults", {"input": "ACCEPT"}),))
    assert told(services(), accept) == ()


def test_of_two_defaults_the_first_that_says_something_counts() -> None:
    sections = [Section(str(n), "defaults", o) for n, o in enumerate(({}, {"input": "ACCEPT"}))]
    zone = Section("b", "zone", {"name": "wan"})
    assert len(told(services("mwan3"), Package("firewall", (*sections, zone)))) == 2
