# SPDX-License-Identifier: GPL-2.0-or-later
"""Leaving: own sections at their baseline, own access points back, flash too; or what is wrong."""

from contextlib import suppress
from typing import Any

import pytest

from tests.changing import (
    LOST,
    Scripted,
    Steps,
    Ticks,
    carriers,
    failed,
    radios,
    raised,
    said,
    state,
    uci,
)
from tests.known import own, wireless
from wifirelay.change.leave import REACH_LIMIT, Left, leave
from wifirelay.change.onair import RETURN_LIMIT, STEADY
from wifirelay.change.scripts import Exit
from wifirelay.core.known import Relay
from wifirelay.core.mac import LENT, SECRET
from wifirelay.core.sections import JOIN_OPTIONS
from wifirelay.errors import LinkLost, NotOnAir, Refused, RouterAnswer
from wifirelay.transport.base import Completed
from wifirelay.uci.model import Section

ME = "me pid 7"
DONE = Completed(0)
JOINED = own(ssid="Home", encryption="psk2", key="a key", disabled="0")
OURS = ("default_radio0", "ap", "Mine", "phy0-ap0")
DEVICES = "network.device status"


def router(**answers: Any) -> Scripted:
    return Scripted(
        {
            "state": state(),
            "uci get wireless": uci(wireless(JOINED, own("wifirelay_radio1", "radio1"))),
            "uci changes": said({"changes": {}}),
            "network.wireless status": radios(OURS),
            DEVICES: carriers(phy0_ap0=True),
            "network.interface dump": said({"interface": []}),
            "leave": DONE,
            "keep_left": Completed(0, b"committed\n"),
            "unlock": DONE,
            **answers,
        }
    )


def left(asked: Scripted, clock: Ticks | None = None) -> Left:
    return leave(asked, clock or Ticks(), Relay(), Steps(), ME)


def test_leaving_brings_every_own_section_to_its_baseline() -> None:
    asked, clock, steps = router(), Ticks(), Steps()
    assert leave(asked, clock, Relay(), steps, ME) == Left(("Home",), "committed")
    (command,) = asked.of("leave")
    run_id = command.argv[4]
    assert len(bytes.fromhex(run_id)) == 8
    assert command.argv[5:] == (ME, "0")
    assert [each.argv[4:] for each in asked.of("keep_left")] == [(run_id,)]
    lines = (command.stdin or b"").decode().splitlines()
    for section, radio in (("wifirelay", "radio0"), ("wifirelay_radio1", "radio1")):
        place = f"wireless.{section}."
        about = [line for line in lines if place in line]
        assert [line for line in about if line.startswith("set")] == [
            f"set {place}device='{radio}'",
            f"set {place}network='wwan'",
            f"set {place}mode='sta'",
            f"set {place}disabled='1'",
        ]
        assert len(about) == len(JOIN_OPTIONS) + len(LENT)
        assert f"delete {place}key" in about
    assert steps.shape == ["apply...", "apply"]
    assert "at baseline" in steps.texts[1]
    assert clock.now == STEADY


def test_a_section_without_its_radio_stays_without() -> None:
    bare = Section("wifirelay", "wifi-iface", {"disabled": "1"})
    asked = router(**{"uci get wireless": uci(wireless(bare))})
    assert left(asked).was == ()
    assert b"delete wireless.wifirelay.device\n" in (asked.of("leave")[0].stdin or b"")


def test_what_a_dead_controller_left_is_ended_first() -> None:
    asked = router(state=state("lock/owner abc 1000 a laptop"))
    left(asked)
    assert asked.asked[:2] == ["state", "unlock abc"]


def test_a_trial_that_was_cut_short_is_rolled_back_first() -> None:
    asked, steps = router(state=state("armed 0123 b007 1050"), rollback=DONE), Steps()
    leave(asked, Ticks(), Relay(), steps, ME)
    assert [each.split()[0] for each in asked.asked if each[:4] in ("roll", "leav")] == [
        "rollback",
        "leave",
    ]
    assert steps.shape == ["roll-back...", "roll-back", "apply...", "apply"]


def test_the_secret_of_stable_addresses_outlives_it() -> None:
    """It may be staged only, and the revert would take it along."""
    joined = own(ssid="Home", disabled="0", **{SECRET: "5ec2e7"})
    asked = router(**{"uci get wireless": uci(wireless(joined, own("wifirelay_radio1", "radio1")))})
    left(asked)
    lines = (asked.of("leave")[0].stdin or b"").decode().splitlines()
    assert [line for line in lines if "5ec2e7" in line or SECRET in line] == [
        f"set wireless.wifirelay.{SECRET}='5ec2e7'"
    ]


def test_what_let_clients_reach_a_login_page_is_taken_back() -> None:
    asked = router(state=state("portal"), portal=DONE)
    left(asked)
    assert asked.asked[-1] == "portal close"
    asked = router()
    left(asked)
    assert asked.asked[-1] == "state"


# --- refused ---


def test_leaving_needs_a_router_that_is_set_up_and_free() -> None:
    asked = router(**{"uci get wireless": uci(wireless(own("guest")))})
    with raised(Refused, "not set up", hint="`wifirelay setup`"):
        left(asked)
    staged = said({"changes": {"network": [["set", "lan", "ipaddr", "10.0.0.1"]]}})
    asked = router(**{"uci changes": staged})
    with raised(Refused, "network.lan.ipaddr", hint="`uci revert network`"):
        left(asked)
    asked = router(state=state("lock/owner abc 1060 a laptop"))
    with raised(Refused, "a laptop", hint="in 60 s"):
        left(asked)
    assert "leave" not in " ".join(asked.asked)


def test_what_the_router_says_to_leaving() -> None:
    with raised(Refused, "another laptop", hint="later"):
        left(router(leave=failed(Exit.LOCKED, "another laptop")))
    with raised(RouterAnswer, "could not leave", "no room") as caught:
        left(router(leave=failed(1, " no room\n")))
    assert caught[0].message.endswith(": no room")


@pytest.mark.parametrize(("name", "waited"), [("leave", 0.0), ("keep_left", STEADY)])
def test_a_lost_link_is_tried_again_for_half_a_minute(name: str, waited: float) -> None:
    clock = Ticks(70.0)
    with raised(LinkLost, "the link died"):
        left(router(**{name: LOST}), clock)
    assert clock.now == 70.0 + waited + REACH_LIMIT
    assert left(router(**{name: [LOST, Completed(0, b"committed\n")]})).flash == "committed"


# --- own access points ---


@pytest.mark.parametrize(
    "before",
    [carriers(phy0_ap0=True), carriers(phy0_ap0=False)],
    ids=["on the air", "taken off it by the uplink"],
)
def test_own_access_points_have_to_come_back(before: Completed) -> None:
    clock, asked = Ticks(), router(**{DEVICES: [before, carriers(phy0_ap0=False)]})
    with raised(NotOnAir, "uplink is disabled", "default_radio0", hint=("`wifirelay status`",)):
        left(asked, clock)
    assert clock.now == RETURN_LIMIT
    assert len(asked.of("keep_left")) == 1  # the baseline is kept all the same


def test_those_that_are_not_configured_are_not_waited_for() -> None:
    stranger = ("stranger", "ap", "Yours", "phy0-ap1")
    asked = router(**{"network.wireless status": radios(OURS, stranger)})
    assert left(asked).flash == "committed"


def test_one_that_is_on_the_air_without_a_configuration_is() -> None:
    """Somebody has staged or written its end, and it is there still: it is the owner's."""
    stranger = ("stranger", "ap", "Yours", "phy0-ap1")
    there = carriers(phy0_ap0=True, phy0_ap1=True)
    asked = router(
        **{
            "network.wireless status": radios(OURS, stranger),
            DEVICES: [there, carriers(phy0_ap0=True)],
        }
    )
    with raised(NotOnAir, "stranger", hint="`logread`"):
        left(asked)
    asked = router(
        **{
            "network.wireless status": radios(OURS, stranger),
            DEVICES: [there, carriers()],
        }
    )
    with raised(NotOnAir, "but default_radio0, stranger is", hint="`logread`"):
        left(asked)


# --- flash ---


def test_a_flash_that_could_not_be_written() -> None:
    words = ("until the next reboot", "flash")
    with raised(RouterAnswer, *words, "no space", hint=("free some flash", "`wifirelay leave`")):
        left(router(keep_left=failed(25, "no space\n")))
    with raised(RouterAnswer, *words, "exit code 25", hint="free some flash"):
        left(router(keep_left=failed(25)))


BRIDGED = own(ssid="Home", disabled="0", network="lan", wds="1")


@pytest.mark.parametrize("answer", [Completed(0, b"committed\n"), failed(Exit.FLASH), LOST])
@pytest.mark.parametrize("on_air", [True, False])
def test_a_lease_through_the_bridge_is_forgotten_however_it_ends(answer: Any, on_air: bool) -> None:
    asked = router(
        **{
            "uci get wireless": uci(wireless(BRIDGED)),
            "keep_left": answer,
            "renew": DONE,
            DEVICES: carriers(phy0_ap0=on_air),
        }
    )
    with suppress(NotOnAir, RouterAnswer, LinkLost):
        left(asked)
    names = [each.split()[0] for each in asked.asked]
    assert names.count("renew") == 1
    assert names.index("leave") < names.index("renew") < names.index("keep_left")
