# SPDX-License-Identifier: GPL-2.0-or-later
"""Back to where a router was: rolled back, and what a dead controller left is ended first."""

import os
import re
from types import SimpleNamespace
from typing import Any

import pytest

from tests.changing import LOST, Scripted, Steps, Ticks, carriers, radios, raised, said, state, uci
from tests.known import own, wireless
from wifirelay.change.onair import POLL, RETURN_LIMIT, STEADY
from wifirelay.change.onrouter import Lock
from wifirelay.change.restore import END_LIMIT, controller_name, is_dead, roll_back, settle
from wifirelay.errors import LinkLost, Refused
from wifirelay.transport.base import Completed

ON_AIR = (("default_radio0", "radio0"),)
DONE = Completed(0)
UP, DOWN = carriers(phy0_ap0=True), carriers(phy0_ap0=False)
GONE = 4194304  # no process has it: above the kernel's largest


def router(**answers: Any) -> Scripted:
    """One with an access point on the air, whose scripts do as they should."""
    return Scripted(
        {
            "uci get wireless": uci(wireless(own())),
            "uci changes": said({"changes": {}}),
            "network.wireless status": radios(("default_radio0", "ap", "Mine", "phy0-ap0")),
            "network.device status": UP,
            "network.interface dump": said({"interface": []}),
            "rollback": Completed(0, b"rolled-back controller\n"),
            "unlock": DONE,
            "rest": DONE,
            **answers,
        }
    )


def changes(asked: Scripted) -> list[str]:
    """The scripts that changed something."""
    return [each for each in asked.asked if each.split()[0] in ("rollback", "unlock", "rest")]


# --- rolling back ---


def test_rolled_back_with_own_access_points_on_the_air() -> None:
    asked, clock, steps = router(), Ticks(), Steps()
    assert roll_back(asked, clock, "0123", ON_AIR, steps) == ("rolled-back controller", ())
    assert changes(asked) == ["rollback 0123"]
    assert steps.shape == ["roll-back...", "roll-back"]
    assert steps.texts[1] == "as before, own access points are on the air"
    assert clock.now == STEADY


def test_where_there_were_none_none_are_promised() -> None:
    steps = Steps()
    roll_back(router(), Ticks(), "0123", (), steps)
    assert steps.texts[1] == "as before"


def test_access_points_that_do_not_come_back_are_named() -> None:
    asked, clock, steps = router(**{"network.device status": DOWN}), Ticks(), Steps()
    two = (*ON_AIR, ("guest", "radio0"))
    assert roll_back(asked, clock, "0123", two, steps)[1] == ("default_radio0", "guest")
    assert steps.shape[1] == "roll-back!"
    assert "default_radio0, guest" in steps.texts[1]
    assert clock.now == RETURN_LIMIT


def test_a_trial_that_was_confirmed_before_stays() -> None:
    asked, clock, steps = router(rollback=Completed(0, b"confirmed flash\n")), Ticks(), Steps()
    assert roll_back(asked, clock, "0123", ON_AIR, steps) == ("confirmed flash", ())
    assert steps.shape == ["roll-back..."]
    assert clock.now == 0.0


def test_while_the_sentry_is_at_it_it_is_waited_for() -> None:
    rolling, ended = Completed(0, b"rolling\n"), Completed(0, b"rolled-back sentry deadline\n")
    clock = Ticks()
    asked = router(rollback=[rolling, rolling, ended])
    assert roll_back(asked, clock, "0123", (), Steps())[0] == "rolled-back sentry deadline"
    assert clock.now == 2 * POLL + STEADY
    clock = Ticks(100.0)
    assert roll_back(router(rollback=rolling), clock, "0123", (), Steps())[0] == "rolling"
    assert clock.now == 100.0 + END_LIMIT + STEADY


def test_a_router_that_stays_out_of_reach_is_left_to_its_sentry() -> None:
    clock = Ticks(100.0)
    with raised(LinkLost, "the link died"):
        roll_back(router(rollback=LOST), clock, "0123", ON_AIR, Steps())
    assert clock.now == 100.0 + END_LIMIT


# --- whose is the lock ---


def test_a_controllers_name_tells_machine_boot_and_process() -> None:
    found = re.fullmatch(r"[A-Za-z0-9.-]{1,40} \(boot (\S+)\) pid (\d+)", controller_name())
    assert found is not None
    assert int(found[2]) == os.getpid()
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        assert found[1] == file.read()[:8]


@pytest.mark.parametrize(
    ("nodename", "name"),
    [
        ("my laptop_1.lan", "my-laptop-1.lan"),
        ("MyBox", "MyBox"),
        ("x" * 60, "x" * 40),
        ("", "unknown"),
    ],
)
def test_a_machines_name_becomes_words_for_a_script(
    nodename: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(nodename=nodename))
    assert controller_name().startswith(f"{name} (boot ")


def test_a_machine_that_does_not_tell_its_boot(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("builtins.open", refuse)
    assert "(boot unknown) pid" in controller_name()


def lock(pid: object = GONE, name: str | None = None) -> Lock:
    mine = controller_name().rpartition(" pid ")[0]
    return Lock("abc", 1060, f"{name or mine} pid {pid}")


def test_only_a_process_of_this_machine_can_be_known_to_be_dead() -> None:
    assert is_dead(lock())
    assert is_dead(lock(os.getpid()))  # nobody else's: a forgotten one of ours
    assert not is_dead(lock(os.getppid()))
    assert not is_dead(lock(name="elsewhere (boot 12345678)"))
    assert not is_dead(lock(pid=""))
    assert not is_dead(lock(pid="1 pid 4194304"))
    assert not is_dead(Lock("abc", 1060, f"{GONE}"))


def test_anothers_process_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def refuse(pid: int, number: int) -> None:
        asked.append((pid, number))
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert not is_dead(lock(7))
    assert asked == [(7, 0)]


# --- settling ---


def settled(*lines: str, **answers: Any) -> tuple[Scripted, Steps, Ticks]:
    asked, steps, clock = router(state=state(*lines), **answers), Steps(), Ticks()
    settle(asked, clock, steps)
    return asked, steps, clock


def test_on_a_quiet_router_there_is_nothing_to_end() -> None:
    asked, steps, _ = settled("ended 0123 b007 900")
    assert asked.asked == ["state"]
    assert steps == []


def test_a_controller_that_may_live_is_left_alone() -> None:
    for words in (["lock/owner abc 1060 a laptop"], ["lock/owner abc 1060 a", "armed a b 1050"]):
        asked, steps = router(state=state(*words)), Steps()
        with raised(Refused, "another controller", hint="in 60 s"):
            settle(asked, Ticks(), steps)
        assert (asked.asked, steps) == (["state"], [])


def test_a_dead_controllers_lock_is_taken_away() -> None:
    asked, steps, _ = settled(f"lock/owner abc 1060 {lock().name}")
    assert changes(asked) == ["unlock abc"]
    assert steps == []


def test_a_lease_that_ran_out_is_taken_away() -> None:
    assert changes(settled("lock/owner abc 1000 a laptop")[0]) == ["unlock abc"]


def test_a_trial_that_was_cut_short_is_rolled_back_first() -> None:
    asked, steps, clock = settled(f"lock/owner abc 1060 {lock().name}", "armed 0123 b007 1050")
    assert changes(asked) == ["rollback 0123", "unlock abc"]
    assert steps.shape == ["roll-back...", "roll-back"]
    assert "earlier trial" in steps.texts[0]
    assert "rolled back" in steps.texts[1]
    assert clock.now == STEADY


def test_own_access_points_are_waited_for_then() -> None:
    down = [DOWN, DOWN, DOWN, UP]  # the first is looked at to know which there are
    _, _, clock = settled("confirming 0123 b007 1050", **{"network.device status": down})
    assert clock.now == 2 * POLL + STEADY


def test_one_that_was_cut_off_between_edits_and_reload_is_done_again() -> None:
    asked, _, _ = settled("resting")
    (rest,) = changes(asked)
    words = rest.split(" ", 2)
    assert len(bytes.fromhex(words[1])) == 8
    assert words[2] == f"{controller_name()} 900"
