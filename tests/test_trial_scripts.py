# SPDX-License-Identifier: GPL-2.0-or-later
"""The router-side scripts by themselves: late, repeated and foreign commands do nothing."""

import os

import pytest

from tests.lab import Lab, lab
from wifirelay.change import scripts
from wifirelay.change.onrouter import Token
from wifirelay.change.scripts import Exit, script
from wifirelay.change.undo import plan_undo
from wifirelay.router.config import package
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Completed

MINE, OTHER = "00000000000000aa", "00000000000000bb"
EDITS = b"set wireless.wifirelay.ssid='HomeNet'\nset wireless.wifirelay.disabled='0'\n"


def run(bench: Lab, name: str, *args: str, stdin: bytes = b"") -> Completed:
    return SimTransport(bench.world.router).run(script(name, *args, stdin=stdin))


def arm(bench: Lab, trial: str = MINE, seconds: int = 120) -> Completed:
    wireless = package("wireless").read(SimTransport(bench.world.router))
    undo = plan_undo(wireless, None).as_input()
    return run(bench, "arm", trial, str(seconds), "tests", stdin=undo)


CHANGING = {
    "stage": ("stage", (MINE,), EDITS),
    "apply": ("apply", (MINE,), b""),
    "confirm": ("confirm", (MINE, "flash"), b""),
}


@pytest.mark.parametrize("which", CHANGING)
def test_nothing_happens_without_a_token(which: str) -> None:
    name, args, stdin = CHANGING[which]
    with lab() as bench:
        before = bench.wireless()
        assert run(bench, name, *args, stdin=stdin).rc == Exit.CLAIMED
        bench.check_baseline(before)
        assert ("wifi", "reload") not in bench.world.router.argvs


@pytest.mark.parametrize("which", CHANGING)
def test_nothing_happens_with_anothers_token(which: str) -> None:
    name, args, stdin = CHANGING[which]
    with lab() as bench:
        before = bench.wireless()
        assert arm(bench, OTHER).rc == Exit.DONE
        assert run(bench, name, *args, stdin=stdin).rc == Exit.CLAIMED
        bench.check_baseline(before)
        assert bench.state().token is not None


@pytest.mark.parametrize("which", CHANGING)
def test_nothing_happens_when_too_little_time_is_left(which: str) -> None:
    name, args, stdin = CHANGING[which]
    with lab() as bench:
        before = bench.wireless()
        assert arm(bench, seconds=30).rc == Exit.DONE
        bench.world.clock.sleep(24.0)
        assert run(bench, name, *args, stdin=stdin).rc == Exit.CLAIMED
        assert bench.wireless() == before
        assert bench.files() == bench.flash


@pytest.mark.parametrize("which", CHANGING)
def test_nothing_happens_after_a_reboot(which: str) -> None:
    """A token of another boot does not count, even if RAM had kept it."""
    name, args, stdin = CHANGING[which]
    with lab() as bench:
        before = bench.wireless()
        assert arm(bench).rc == Exit.DONE
        token = bench.world.router.root.here("/var/run/wifirelay/armed")
        with open(token, encoding="ascii") as file:
            text = file.read()
        with open(token, "w", encoding="ascii") as file:
            file.write(text.replace(bench.state().boot, "another-boot"))
        assert run(bench, name, *args, stdin=stdin).rc == Exit.CLAIMED
        assert bench.wireless() == before


def test_a_repeated_arm_does_not_undo_a_confirmed_trial() -> None:
    with lab() as bench:
        assert arm(bench).rc == Exit.DONE
        assert run(bench, "stage", MINE, stdin=EDITS).rc == Exit.DONE
        assert run(bench, "confirm", MINE, "flash").rc == Exit.DONE
        confirmed = bench.wireless()
        assert arm(bench).rc == Exit.CLAIMED
        assert bench.state().unfinished is None
        bench.world.clock.sleep(200.0)  # past the deadline that it asked for
        assert bench.wireless() == confirmed
        assert arm(bench, OTHER).rc == Exit.DONE


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("stage", EDITS),
        ("stage_lan", b"set network.lan.ipaddr='192.168.77.1'\n"),
    ],
)
def test_what_is_taken_back_while_it_is_staged_is_reloaded_once_more(
    name: str, edit: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reload of whoever took it back may have read what was staged by then."""
    real = scripts.text
    taken = 'uci -q batch\nmv "$R/armed" "$R/ended"\nrm -r "$R/lock"\n'
    monkeypatch.setattr(scripts, "text", lambda part: real(part).replace("uci -q batch\n", taken))
    with lab() as bench:
        before = bench.wireless()
        assert arm(bench).rc == Exit.DONE
        assert run(bench, name, MINE, "0", stdin=edit).rc == Exit.CLAIMED
        assert not bench.world.router.argvs.count(("wifi", "reload"))
        bench.world.clock.sleep(11.0)
        assert bench.wireless() == before
        assert bench.world.router.argvs.count(("wifi", "reload")) == 1


def test_a_repeated_apply_does_not_reload_again() -> None:
    with lab() as bench:
        arm(bench)
        run(bench, "stage", MINE, stdin=EDITS)
        for _ in range(3):
            assert run(bench, "apply", MINE).rc == Exit.DONE
        assert bench.world.router.argvs.count(("wifi", "reload")) == 1


def test_a_repeated_confirm_says_the_same_and_writes_once() -> None:
    with lab() as bench:
        arm(bench)
        run(bench, "stage", MINE, stdin=EDITS)
        answers = [run(bench, "confirm", MINE, "flash").text for _ in range(3)]
        assert answers == ["flash\n"] * 3
        assert len(bench.world.router.flash_writes) == 1


def test_exactly_one_of_confirm_and_rollback_wins() -> None:
    with lab() as bench:
        arm(bench)
        run(bench, "stage", MINE, stdin=EDITS)
        assert run(bench, "rollback", MINE).text == "rolled-back controller\n"
        assert run(bench, "confirm", MINE, "flash").rc == Exit.CLAIMED
        assert bench.files() == bench.flash
    with lab() as bench:
        arm(bench)
        run(bench, "stage", MINE, stdin=EDITS)
        assert run(bench, "confirm", MINE, "session").rc == Exit.DONE
        assert run(bench, "rollback", MINE).text.startswith("confirmed session")
        assert bench.wireless()["wifirelay"]["disabled"] == "0"


def test_a_confirmation_that_died_half_way_is_rolled_back_by_the_sentry() -> None:
    with lab() as bench:
        before = bench.wireless()
        arm(bench)
        run(bench, "stage", MINE, stdin=EDITS)
        run(bench, "apply", MINE)
        folder = bench.world.router.root.here("/var/run/wifirelay")
        SimTransport(bench.world.router).run(
            script("unlock", OTHER)  # any script: it lets the sentry look
        )

        os.rename(f"{folder}/armed", f"{folder}/confirming")
        bench.world.clock.sleep(60.0)
        state = bench.state()
        assert state.token is not None
        assert state.token.state is Token.ENDED
        assert state.token.result == "rolled-back sentry left half done"
        bench.check_baseline(before)


def test_the_lock_is_one_controllers() -> None:
    with lab() as bench:
        assert run(bench, "leave", OTHER, "laptop two").rc == Exit.DONE  # holds the lock
        refused = arm(bench)
        assert refused.rc == Exit.LOCKED
        assert "laptop two" in refused.errors
        bench.world.clock.sleep(61.0)
        assert arm(bench).rc == Exit.DONE
        lock = bench.state().lock
        assert lock is not None
        assert lock.owner == MINE


def test_a_lock_without_an_owner_does_not_stand_for_ever() -> None:
    """Its maker died between making the directory and writing its name: the sentry takes it
    away, whatever the router's clock says of its age."""
    with lab() as bench:
        bench.world.router.execute(
            ("sh", "-c", "mkdir -p $WIFIRELAY_ROOT/var/run/wifirelay/lock"), None
        )
        bench.world.clock.sleep(30.0)
        assert bench.state().lock is None
        assert not os.path.exists(bench.world.router.root.here("/var/run/wifirelay/lock"))
        assert arm(bench).rc == Exit.DONE


def test_no_second_trial_beside_one() -> None:
    with lab() as bench:
        assert arm(bench, OTHER).rc == Exit.DONE
        assert arm(bench, MINE).rc == Exit.UNFINISHED


def test_the_state_script_starts_no_process() -> None:
    with lab() as bench:
        arm(bench)
        before = sum(bench.world.router.processes.values())
        state = bench.state()
        assert state.token is not None
        assert sum(bench.world.router.processes.values()) == before + 1  # the shell itself


def test_a_repeated_end_of_leaving_is_harmless() -> None:
    with lab() as bench:
        bench.join()
        writes = len(bench.world.router.flash_writes)
        stdin = b"set wireless.wifirelay_radio1.disabled='1'\n"
        assert run(bench, "leave", MINE, "tests", stdin=stdin).rc == Exit.DONE
        answers = [run(bench, "keep_left", MINE).text for _ in range(2)]
        assert answers == ["committed\n", "unchanged\n"]
        assert len(bench.world.router.flash_writes) == writes + 1


def test_taking_setup_out_takes_its_files_and_all_state_but_a_services() -> None:
    path = "/usr/sbin/wifirelay-sentry"
    with lab() as bench:
        root = bench.world.router.root
        bench.world.router.procd.stop("wifirelay-sentry")
        root.write("/var/run/wifirelay/service-state/status.json", "{}")
        assert run(bench, "uninstall", path).rc == Exit.DONE
        assert not os.path.exists(root.here(path))
        assert os.listdir(root.here("/var/run/wifirelay")) == ["service-state"]


@pytest.mark.parametrize(
    "owner", ["/usr/lib/opkg/info/wifirelay.control", "/lib/apk/packages/wifirelay.list"]
)
def test_a_package_keeps_its_own_files(owner: str) -> None:
    path = "/usr/sbin/wifirelay-sentry"
    with lab() as bench:
        root = bench.world.router.root
        bench.world.router.procd.stop("wifirelay-sentry")
        root.write(owner, "")
        assert run(bench, "uninstall", path).rc == Exit.DONE
        assert os.path.exists(root.here(path))
        assert not os.path.exists(root.here("/var/run/wifirelay"))
