# SPDX-License-Identifier: GPL-2.0-or-later
"""G1 when nobody is there: the sentry alone with the router, hours after the controller."""

import os

import pytest

from tests.lab import RETURN, Killed, Lab, killer, lab
from wifirelay.change.onrouter import Token
from wifirelay.core.known import Relay
from wifirelay.errors import TrialFailed
from wifirelay.transport.base import Command

SENTRY = "wifirelay_radio1"


def sentry_program() -> str:
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.path.join(here, "openwrt", "files", "wifirelay-sentry")


def test_is_at_most_4_kib() -> None:
    assert os.path.getsize(sentry_program()) <= 4096


@pytest.mark.parametrize("keep", [True, False])
def test_laptop_closed_and_the_upstream_gone_an_hour_later(keep: bool) -> None:
    with lab(relay=Relay(keep_on_flash=keep)) as bench:
        clock, air = bench.world.clock, bench.world.air
        bench.join()
        joined = bench.wireless()
        clock.sleep(3600.0)
        bench.wait_on_air(1.0)
        writes = list(bench.world.router.flash_writes)
        air.switch_off("HomeNet")
        clock.sleep(3.0)
        assert not bench.on_air(), "a searching station takes the access point off the air"
        assert bench.wait_on_air(RETURN) <= RETURN
        assert bench.wireless()[SENTRY]["disabled"] == "1"
        assert bench.state().held == (SENTRY,)
        # It is heard again: allowed again, after a pause, with nobody's help.
        air.switch_on("HomeNet")
        clock.sleep(200.0)
        assert bench.wireless() == joined
        bench.wait_on_air(1.0)
        assert bench.look()[1].decision.action.value == "stay"
        assert bench.world.router.flash_writes == writes


def test_the_pause_grows_while_the_upstream_comes_and_goes() -> None:
    with lab() as bench:
        clock, air = bench.world.clock, bench.world.air
        bench.join()
        held = []
        for _ in range(3):
            air.switch_off("HomeNet")
            clock.sleep(10.0)
            bench.wait_on_air(RETURN)
            begun = clock.monotonic()
            air.switch_on("HomeNet")
            while bench.wireless()[SENTRY]["disabled"] == "1":
                assert clock.monotonic() < begun + 1000, "never allowed again"
                clock.sleep(5.0)
            held.append(clock.monotonic() - begun)
            clock.sleep(40.0)
        assert held[0] < held[1] < held[2]


def test_reboot_where_the_committed_upstream_is_not() -> None:
    with lab() as bench:
        bench.join()
        bench.world.air.switch_off("HomeNet")
        router = bench.world.router
        router.power_cut()
        router.power_on()
        clock = bench.world.clock
        begun = clock.monotonic()
        while not router.reachable:
            clock.sleep(1.0)
            assert clock.monotonic() < begun + 60
        writes = len(router.flash_writes)
        # default_radio0 has nothing to do with it, default_radio1 waits for the sentry.
        assert bench.wait_on_air(RETURN) <= RETURN
        assert len(router.flash_writes) == writes
        bench.world.air.switch_on("HomeNet")
        clock.sleep(240.0)
        bench.wait_on_air(1.0)
        assert bench.look()[1].decision.action.value == "stay"


def test_power_cut_in_the_middle_of_a_trial_boots_into_the_baseline() -> None:
    with lab() as bench:
        before = bench.wireless()

        def cut(boundary: int, command: Command, when: str) -> None:
            if "assoclist" in command.shown() and when == "before":
                bench.transport.dead = True
                bench.world.router.power_cut()
                raise Killed

        bench.transport.fault = cut
        with pytest.raises(Killed):
            bench.join()
        bench.world.router.power_on()
        bench.world.clock.sleep(60.0)
        bench.check_baseline(before)
        assert bench.restarted().join() is not None


@pytest.mark.parametrize("step", [14, 16, 20, 30])
def test_killed_beside_the_controller_procd_brings_it_back(step: int) -> None:
    """The sentry dies in the middle of the trial, the controller with it."""
    with lab() as bench:
        before = bench.wireless()
        killer(step, bench)
        with pytest.raises(Killed):
            bench.join()
        bench.world.router.kill_sentry()
        bench.world.clock.sleep(120.0 + RETURN)
        assert bench.state().sentry_lives
        assert bench.state().unfinished is None
        bench.check_baseline(before)


def test_a_trial_goes_on_while_the_sentry_is_restarted() -> None:
    with lab() as bench:

        def fault(boundary: int, command: Command, when: str) -> None:
            if boundary == 20 and when == "before":
                bench.world.router.kill_sentry()

        bench.transport.fault = fault
        assert bench.join() is not None
        token = bench.state().token
        assert token is not None
        assert token.state is Token.ENDED


def test_somebody_elses_commit_makes_a_trial_permanent_and_the_sentry_ends_it() -> None:
    """A package installation commits everything in the middle of a trial; then all die."""
    with lab("broken") as bench:
        before = bench.wireless()

        def fault(boundary: int, command: Command, when: str) -> None:
            if "assoclist" in command.shown() and when == "before":
                bench.transport.fault = None
                bench.world.router.execute(("uci", "commit"), None)
                bench.transport.dead = True
                raise Killed

        bench.transport.fault = fault
        with pytest.raises(Killed):
            bench.join("DeadDhcp")
        bench.world.clock.sleep(120.0 + RETURN)
        own = bench.wireless()["wifirelay"]
        assert own["disabled"] == "1"
        bench.check_hands_off(before)
        bench.wait_on_air(1.0)


def test_leaves_alone_an_access_point_that_the_owner_switched_off() -> None:
    """No own section is enabled: whatever is off the air is none of its business."""
    with lab() as bench:
        router = bench.world.router
        router.execute(("uci", "set", "wireless.default_radio1.disabled=1"), None)
        router.execute(("uci", "commit", "wireless"), None)
        router.execute(("wifi", "reload"), None)
        bench.world.clock.sleep(300.0)
        assert bench.state().held == ()
        assert not router.on_air("default_radio1")


def test_leaves_its_second_duty_to_a_service_that_renews_its_lease() -> None:
    with lab() as bench:
        bench.join()
        clock, router = bench.world.clock, bench.world.router
        lease = f"echo {int(router.uptime) + 200} >$WIFIRELAY_ROOT/var/run/wifirelay/lease"
        router.execute(("sh", "-c", lease), None)
        bench.world.air.switch_off("HomeNet")
        clock.sleep(120.0)
        assert bench.state().held == ()
        clock.sleep(200.0)
        assert bench.state().held == (SENTRY,)
        bench.wait_on_air(1.0)


def test_an_uplink_held_off_is_allowed_again_after_a_failed_trial_of_another() -> None:
    with lab("broken") as bench:
        clock, air = bench.world.clock, bench.world.air
        bench.join("Works")
        air.switch_off("Works")
        clock.sleep(70.0)
        assert bench.state().held == ("wifirelay",)
        with pytest.raises(TrialFailed):
            bench.join("WrongKey")
        air.switch_on("Works")
        clock.sleep(400.0)
        own = bench.wireless()["wifirelay"]
        assert (own["ssid"], own["disabled"]) == ("Works", "0")
        bench.wait_on_air(1.0)


def test_an_uplink_that_searched_is_allowed_again_after_a_failed_trial_of_another() -> None:
    """Not held yet, just gone: the rollback disables it, the sentry looks after it."""
    with lab("broken") as bench:
        clock, air = bench.world.clock, bench.world.air
        bench.join("Works")
        air.switch_off("Works")
        clock.sleep(5.0)
        with pytest.raises(TrialFailed):
            bench.join("WrongKey")
        assert bench.wireless()["wifirelay"]["disabled"] == "1"
        air.switch_on("Works")
        clock.sleep(400.0)
        own = bench.wireless()["wifirelay"]
        assert (own["ssid"], own["disabled"]) == ("Works", "0")


def test_somebodys_commit_while_it_holds_does_not_make_that_permanent() -> None:
    with lab() as bench:
        clock, air = bench.world.clock, bench.world.air
        bench.join()
        air.switch_off("HomeNet")
        clock.sleep(70.0)
        assert bench.state().held == (SENTRY,)
        bench.world.router.execute(("uci", "commit"), None)
        air.switch_on("HomeNet")
        clock.sleep(300.0)
        assert bench.wireless()[SENTRY]["disabled"] == "0"
        bench.wait_on_air(1.0)


def test_does_not_touch_a_lock_that_is_held() -> None:
    with lab() as bench:
        clock, router = bench.world.clock, bench.world.router
        bench.join()
        name = "$WIFIRELAY_ROOT/var/run/wifirelay/lock"
        lease = int(router.uptime) + 150
        text = f"mkdir {name}; echo somebody {lease} otherhost pid 1 >{name}/owner"
        router.execute(("sh", "-c", text), None)
        bench.world.air.switch_off("HomeNet")
        clock.sleep(100.0)
        lock = bench.state().lock
        assert lock is not None
        assert lock.owner == "somebody"
        assert bench.state().held == ()
        clock.sleep(100.0)
        assert bench.state().held == (SENTRY,), "its lease is over"
        bench.wait_on_air(1.0)


def test_darkness_of_an_earlier_trial_does_not_count_for_a_later_one() -> None:
    with lab("broken") as bench:
        for _ in range(2):
            with pytest.raises(TrialFailed):
                bench.join("WrongKey")
            bench.world.clock.sleep(600.0)
        joined = bench.join("Works")
        assert joined is not None
        assert bench.state().unfinished is None


def test_an_uplink_that_is_returned_to_and_gone_as_well_is_soon_off() -> None:
    """Both waits of the sentry, and its two reloads, fit into what G1 allows."""
    with lab(relay=Relay(radios=("radio0",))) as bench:
        bench.join("Phone")
        trial = bench.trial(*bench.look("HomeNet"))
        trial._arm()
        trial._stage("radio0")
        trial._apply(bench.world.clock.monotonic() + 60.0)
        for ssid in ("Phone", "HomeNet"):
            bench.world.air.switch_off(ssid)
        bench.world.clock.sleep(6.0)  # the controller is dead; netifd has taken the old one down
        assert not bench.on_air()
        assert bench.wait_on_air(RETURN) <= RETURN - 6.0
        assert bench.state().unfinished is None


def test_a_station_that_runs_although_it_is_disabled_by_now_does_not_keep_the_air() -> None:
    """A commit on a read-only flash loses what is staged, and nobody reloads."""
    with lab(relay=Relay(keep_on_flash=False)) as bench:
        before = bench.wireless()
        bench.join()
        bench.world.router.execute(["uci", "revert", "wireless"])
        assert bench.wireless() == before
        bench.world.clock.sleep(20.0)
        bench.world.air.switch_off("HomeNet")
        bench.world.clock.sleep(6.0)
        assert not bench.on_air()
        assert bench.wait_on_air(RETURN) <= RETURN - 6.0
        bench.world.air.switch_on("HomeNet")
        bench.world.clock.sleep(300.0)
        assert bench.wireless() == before, "it is not allowed: nothing held it"


def test_starts_no_process_while_all_is_well() -> None:
    """Connected and quiet: the sentry's share of the 4 processes a minute."""
    with lab() as bench:
        bench.join()
        clock, router = bench.world.clock, bench.world.router
        _settle(bench)
        before = sum(router.processes.values())
        clock.sleep(600.0)
        a_minute = (sum(router.processes.values()) - before) / 10
        assert a_minute <= 4


def _settle(bench: Lab) -> None:
    """Until the machine's clock has left the second in which the files were written: the
    sentry compares whole seconds, and ten minutes of router time pass in less."""
    path = bench.world.router.root.here("/etc/config/wireless")
    while True:
        bench.world.clock.sleep(5.0)
        seen = bench.world.router.root.here("/var/run/wifirelay/seen")
        if int(os.stat(seen).st_mtime) > int(os.stat(path).st_mtime):
            bench.world.clock.sleep(10.0)
            return
