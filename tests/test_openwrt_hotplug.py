# SPDX-License-Identifier: GPL-2.0-or-later
"""The hotplug scripts and the reset button, and the way back to the baseline that it starts."""

import json
import os
from pathlib import Path

import pytest

from tests.lab import RETURN, Lab, lab
from tests.openwrt_shell import FILES, Scratch, dead_pid, eventually, let_go, make_fifo
from wifirelay.change.onrouter import Token
from wifirelay.change.scripts import script
from wifirelay.change.undo import plan_undo
from wifirelay.core.known import Relay
from wifirelay.errors import TrialFailed
from wifirelay.router.config import package
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Command

HOTPLUG, BUTTON = FILES / "wifirelay.hotplug", FILES / "wifirelay.button"
BASELINE = FILES / "wifirelay-baseline"
PID = "/var/run/wifirelay/service-state/pid"
OWN = "wifirelay_radio1"


@pytest.fixture
def root(tmp_path: Path) -> Scratch:
    """A service lives: this very process."""
    scratch = Scratch(tmp_path)
    scratch.write(PID, str(os.getpid()))
    scratch.stub("ubus")
    return scratch


def poked(root: Scratch, **variables: str) -> list[str]:
    """What an event makes the hotplug script send, all of it waited for."""
    done = root.ash(f'. "{HOTPLUG}"; wait', env=variables)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return root.called()


# --- hotplug ---


@pytest.mark.parametrize("action", ["ifup", "ifdown", "ifupdate", "ifup-failed"])
def test_an_interface_pokes_the_service(root: Scratch, action: str) -> None:
    (call,) = poked(root, HOTPLUG_TYPE="iface", ACTION=action, INTERFACE="wwan", DEVICE="phy0-sta0")
    assert call == 'ubus -t 5 send wifirelay.poke {"interface":"wwan"}'


@pytest.mark.parametrize("action", ["add", "remove"])
def test_a_radio_pokes_the_service(root: Scratch, action: str) -> None:
    (call,) = poked(root, HOTPLUG_TYPE="ieee80211", ACTION=action, DEVICENAME="phy0")
    assert call == "ubus -t 5 send wifirelay.poke {}"


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"ACTION": "ifup", "INTERFACE": "loopback"},
        {"ACTION": "iflink", "INTERFACE": "wan"},
        {"ACTION": "free", "INTERFACE": "wan"},
        {"ACTION": "change", "DEVICENAME": "phy0"},
        {"ACTION": "ifup*", "INTERFACE": "wan"},
    ],
)
def test_nothing_else_does(root: Scratch, variables: dict[str, str]) -> None:
    assert poked(root, **variables) == []


@pytest.mark.parametrize("name", ["", 'a"}', "$(reboot)", "a b", "ä", "a\nb"])
def test_a_strange_name_makes_no_strange_event(root: Scratch, name: str) -> None:
    assert poked(root, ACTION="ifup", INTERFACE=name) == ["ubus -t 5 send wifirelay.poke {}"]


@pytest.mark.parametrize("pid", [None, "", "dead", "x", "$(reboot)", "-1", "1 2"])
def test_without_a_living_service_nothing_is_started(root: Scratch, pid: str | None) -> None:
    if pid is None:
        (root.root / PID.lstrip("/")).unlink()
    else:
        root.write(PID, str(dead_pid()) if pid == "dead" else pid)
    assert poked(root, ACTION="ifup", INTERFACE="wan") == []
    assert poked(root, ACTION="add") == []


@pytest.mark.parametrize("path", [HOTPLUG, BUTTON], ids=["hotplug", "button"])
def test_leaves_no_trace_in_the_shell_that_reads_it(root: Scratch, path: Path) -> None:
    root.write("/usr/libexec/wifirelay-baseline", "#!/bin/sh\n", 0o755)
    done = root.ash(
        f'cd "$WIFIRELAY_ROOT"; set >before; . "{path}"; set >after; wait; echo "$-"',
        env={"ACTION": "ifup", "INTERFACE": "wan", "BUTTON": "reset", "SEEN": "3"},
    )
    flags = root.ash('echo "$-"').stdout
    assert (done.stdout, done.stderr) == (flags, b""), "no option of the shell is changed"
    shown = [set((root.root / name).read_text().splitlines()) for name in ("before", "after")]
    assert {each for each in shown[0] ^ shown[1] if not each.startswith("_=")} == set()


@pytest.mark.parametrize("which", ["ubus", "baseline"])
def test_never_waits_for_what_it_starts(root: Scratch, which: str) -> None:
    """The program hangs, and neither the handler nor a reader of its output does."""
    pipe = make_fifo(root.root / "pipe")
    body = 'read -r _ <"$WIFIRELAY_ROOT/pipe"; echo done >"$WIFIRELAY_ROOT/done"'
    if which == "ubus":
        root.stub("ubus", body)
        path, variables = HOTPLUG, {"ACTION": "ifup", "INTERFACE": "wan"}
    else:
        root.write("/usr/libexec/wifirelay-baseline", f"#!/bin/sh\n{body}\n", 0o755)
        path, variables = BUTTON, {"ACTION": "released", "BUTTON": "reset", "SEEN": "4"}
    done = root.ash(f'. "{path}"', env=variables)  # returns at the end of its output
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert not (root.root / "done").exists()
    let_go(pipe)
    eventually((root.root / "done").exists, "it was not let go on in the background")


def test_the_poke_is_an_event_on_the_router() -> None:
    with lab() as bench:
        router = bench.world.router
        router.root.write(PID, str(os.getpid()))
        events: list[tuple[str, str]] = []
        stop = router.watch_events(lambda *each: events.append(each))
        text = f'ACTION=ifup INTERFACE=wan; . "{HOTPLUG}"; wait'
        assert router.execute(["sh", "-c", text]).rc == 0
        stop()
        ((name, line),) = events
        assert name == "wifirelay.poke"
        assert json.loads(line) == {"wifirelay.poke": {"interface": "wan"}}


# --- the button ---


@pytest.mark.parametrize(
    ("button", "action", "seen", "pressed"),
    [
        *(("reset", "released", str(seen), seen in (3, 4)) for seen in range(13)),
        ("reset", "released", "30", False),
        ("reset", "released", "", False),
        ("reset", "pressed", "3", False),
        ("reset", "timeout", "3", False),
        ("wps", "released", "3", False),
    ],
)
def test_only_a_reset_button_held_for_3_or_4_seconds(
    root: Scratch, button: str, action: str, seen: str, pressed: bool
) -> None:
    """Shorter is OpenWrt's reboot, longer its factory reset."""
    text = '#!/bin/sh\necho "baseline $#" >>"$WIFIRELAY_ROOT/called"\n'
    root.write("/usr/libexec/wifirelay-baseline", text, 0o755)
    done = root.ash(f'. "{BUTTON}"; wait', env={"BUTTON": button, "ACTION": action, "SEEN": seen})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert root.called() == (["baseline 0"] if pressed else [])


# --- back to the baseline ---


def press(bench: Lab, text: str | None = None) -> float:
    """Run the script to its end; the seconds that it took."""
    begun = bench.world.clock.monotonic()
    argv = ["sh", str(BASELINE)] if text is None else ["sh", "-c", text]
    done = bench.world.router.execute(argv)
    if text is None:
        assert (done.rc, done.out, done.err) == (0, b"", b"")
    return bench.world.clock.monotonic() - begun


def shell(bench: Lab, text: str) -> None:
    done = bench.world.router.execute(["sh", "-c", f"R=$WIFIRELAY_ROOT/var/run/wifirelay; {text}"])
    assert (done.rc, done.err) == (0, b"")


def enabled(text: bytes) -> list[str]:
    """Own sections that this text of /etc/config/wireless leaves enabled."""
    found, name, off = [], "", True
    for line in [*text.decode().splitlines(), "config end"]:
        words = line.replace("'", "").split()
        if words[:1] == ["config"]:
            if not off and name.startswith("wifirelay"):
                found.append(name)
            name, off = (words[2] if len(words) > 2 else ""), False
        elif words[:2] == ["option", "disabled"]:
            off = words[2] == "1"
    return found


def check_home(
    bench: Lab, before: dict[str, dict[str, object]], *, flash: bool = True, hours: float = 1.0
) -> None:
    """Own sections disabled, own access points on the air, all else as before; and so it stays."""
    bench.wait_on_air(RETURN)
    for seconds in (0.0, 3600.0 * hours):
        bench.world.clock.sleep(seconds)
        own = {
            name: each for name, each in bench.wireless().items() if name.startswith("wifirelay")
        }
        assert own
        assert {each["disabled"] for each in own.values()} == {"1"}
        bench.check_hands_off(before)
        bench.wait_on_air(1.0)
        state = bench.state()
        assert (state.unfinished, state.lock, state.held, state.resting) == (None, None, (), False)
        assert state.paused.startswith("the reset button was held: ")
    assert (enabled(bench.files()["wireless"]) == []) == flash
    assert not os.path.exists(bench.world.router.root.here("/var/run/wifirelay/undo"))


def last_log(bench: Lab) -> str:
    lines = [line for line in bench.world.router.log.lines if " wifirelay: " in line]
    return lines[-1].partition(" wifirelay: ")[2]


@pytest.mark.parametrize("keep", [True, False], ids=["committed", "staged"])
def test_from_an_uplink(keep: bool) -> None:
    with lab(relay=Relay(keep_on_flash=keep)) as bench:
        before = bench.wireless()
        bench.join()
        bench.world.clock.sleep(60.0)
        writes = len(bench.world.router.flash_writes)
        assert press(bench) < 10
        assert bench.world.router.argvs.count(("wifi", "reload")) == 2  # the join's, and this one
        assert len(bench.world.router.flash_writes) - writes == int(keep)
        check_home(bench, before)
        words = "on flash too" if keep else "flash has no uplink"
        assert last_log(bench) == (
            f"the reset button was held: the uplink is off, {words}; the service is paused"
        )


def test_the_uplink_does_not_come_back_with_a_reboot() -> None:
    with lab() as bench:
        bench.join()
        press(bench)
        bench.world.router.power_cut()
        bench.world.clock.sleep(60.0)
        bench.wait_on_air(RETURN)
        assert bench.wireless()[OWN]["disabled"] == "1"
        assert not bench.state().paused, "a reboot lets the service go on"


def test_at_the_baseline_already() -> None:
    with lab() as bench:
        before = bench.wireless()
        for _ in range(2):
            press(bench)
        assert bench.files() == bench.flash
        assert bench.world.router.flash_writes == []
        check_home(bench, before)


def test_twice_is_once() -> None:
    with lab() as bench:
        before = bench.wireless()
        bench.join()
        press(bench)
        files, writes = bench.files(), list(bench.world.router.flash_writes)
        press(bench)
        assert (bench.files(), bench.world.router.flash_writes) == (files, writes)
        check_home(bench, before)


def test_on_a_router_that_was_not_set_up() -> None:
    """No sentry, no own section: a pause, and nothing else."""
    with lab(set_up=False) as bench:
        before = bench.wireless()
        press(bench)
        assert bench.wireless() == before
        assert bench.files() == bench.flash
        assert bench.state().paused


@pytest.mark.parametrize("boundary", [12, 13, 14, 19, 25, 31, 33])
def test_in_the_middle_of_a_trial_whose_controller_lives(boundary: int) -> None:
    """Before any of its commands, from staging to confirming: it hears that its trial is over."""
    with lab() as bench:
        before = bench.wireless()
        spent: list[float] = []

        def fault(number: int, command: Command, when: str) -> None:
            if number == boundary and when == "before":
                assert bench.state().unfinished is not None
                bench.transport.fault = None
                spent.append(press(bench))

        bench.transport.fault = fault
        with pytest.raises(TrialFailed):
            bench.join()
        assert spent[0] < 10
        assert bench.files() == bench.flash
        check_home(bench, before, hours=0.1)


@pytest.mark.parametrize("claimed", ["armed", "confirming", "rolling"])
def test_in_the_middle_of_a_trial_whose_controller_is_gone(claimed: str) -> None:
    with lab() as bench:
        before = bench.wireless()
        arm(bench)
        shell(bench, f'[ {claimed} = armed ] || mv "$R/armed" "$R/{claimed}"')
        assert press(bench) < 80
        check_home(bench, before)
        token = bench.state().token
        assert token is not None
        assert token.state is Token.ENDED
        if claimed != "rolling":  # else it is the sentry's
            assert token.result == "rolled-back button"


def test_a_trial_that_nobody_ends_without_a_sentry() -> None:
    with lab() as bench:
        before = bench.wireless()
        arm(bench)
        router = bench.world.router
        router.procd.absent = True
        router.kill_sentry()
        shell(bench, 'mv "$R/armed" "$R/rolling"')
        assert press(bench) < 80
        check_home(bench, before)


@pytest.mark.parametrize("lease", [10, 40, 1000])
def test_waits_for_whoever_is_at_it_but_not_for_ever(lease: int) -> None:
    with lab() as bench:
        before = bench.wireless()
        bench.join()
        until = int(bench.world.router.uptime) + lease
        shell(bench, f'mkdir "$R/lock"; echo "00000000000000bb {until} a laptop" >"$R/lock/owner"')
        assert min(lease, 69) <= press(bench) < min(lease, 70) + 10
        check_home(bench, before)


def test_a_lock_whose_maker_died_at_once() -> None:
    with lab() as bench:
        before = bench.wireless()
        bench.join()
        shell(bench, 'mkdir "$R/lock"')
        assert press(bench) < 10
        check_home(bench, before)


def test_beside_somebody_elses_staged_edits() -> None:
    with lab() as bench:
        bench.join()
        router = bench.world.router
        router.execute(("uci", "set", "wireless.default_radio0.ssid=Theirs"))
        before, files = bench.wireless(), bench.files()
        press(bench)
        check_home(bench, before, flash=False)
        assert bench.files() == files
        assert bench.wireless()["default_radio0"]["ssid"] == "Theirs"
        assert "until the next reboot only, as others have staged edits" in last_log(bench)


def test_edits_of_others_in_other_packages_are_nobodys_obstacle() -> None:
    with lab() as bench:
        bench.join()
        bench.world.router.execute(("uci", "set", "system.@system[0].hostname=theirs"))
        before, system = bench.wireless(), bench.files()["system"]
        press(bench)
        check_home(bench, before)
        assert bench.files()["system"] == system


def test_a_full_flash_is_left_as_it_was() -> None:
    with lab() as bench:
        bench.join()
        before, files = bench.wireless(), bench.files()
        bench.world.router.flash_free_kib = 0
        press(bench)
        check_home(bench, before, flash=False)
        assert bench.files() == files
        assert "until the next reboot only, as flash cannot be written" in last_log(bench)


def test_an_uplink_that_the_sentry_holds_is_not_allowed_again() -> None:
    with lab() as bench:
        before = bench.wireless()
        bench.join()
        air, clock = bench.world.air, bench.world.clock
        air.switch_off("HomeNet")
        clock.sleep(10.0)
        bench.wait_on_air(RETURN)
        assert bench.state().held == (OWN,)
        press(bench)
        air.switch_on("HomeNet")
        check_home(bench, before)


def test_while_the_uplink_searches_own_wifi_comes_back() -> None:
    with lab() as bench:
        before = bench.wireless()
        bench.join()
        bench.world.air.switch_off("HomeNet")
        bench.world.clock.sleep(5.0)
        assert not bench.on_air()
        press(bench)
        bench.wait_on_air(15.0)
        check_home(bench, before)


def test_two_at_the_same_time() -> None:
    """The second waits for the first, and does the same again."""
    with lab() as bench:
        before = bench.wireless()
        bench.join()
        text = f'sh "{BASELINE}" & sh "{BASELINE}"; wait'
        press(bench, text)
        check_home(bench, before)


def test_tells_the_service_before_and_after() -> None:
    with lab() as bench:
        events: list[str] = []
        bench.join()
        stop = bench.world.router.watch_events(lambda name, _: events.append(name))
        press(bench)
        stop()
        pokes = [place for place, name in enumerate(events) if name == "wifirelay.poke"]
        assert len(pokes) == 2
        assert (
            bench.world.router.argvs.count(("ubus", "-t", "5", "send", "wifirelay.poke", "{}")) == 2
        )


def test_killed_at_any_line_the_sentry_ends_it_and_a_second_press_does_all() -> None:
    lines = BASELINE.read_text("utf-8").splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("# First of all")) + 1
    cuts = [n for n in range(first, len(lines)) if not lines[n].startswith(("\t", "done", "fi"))]
    assert len(cuts) > 10
    for cut in cuts:
        with lab() as bench:
            before = bench.wireless()
            arm(bench)
            press(bench, "\n".join([*lines[:cut], "kill -9 $$"]) + "\n")
            bench.world.clock.sleep(200.0)  # the trial's deadline, a lease, and the sentry
            bench.wait_on_air(1.0)
            assert bench.state().unfinished is None, lines[cut]
            assert not bench.state().resting, lines[cut]
            press(bench)
            check_home(bench, before, hours=0.1)


def arm(bench: Lab) -> None:
    """A trial in which the uplink is staged and applied, and whose controller says no more."""
    transport = SimTransport(bench.world.router)
    wireless = package("wireless").read(transport)
    trial = "00000000000000aa"
    undo = plan_undo(wireless, None).as_input()
    edits = (
        b"set wireless.wifirelay.ssid='HomeNet'\nset wireless.wifirelay.encryption='psk2'\n"
        b"set wireless.wifirelay.key='not this one'\nset wireless.wifirelay.disabled='0'\n"
    )
    for command in (
        script("arm", trial, "120", "tests", stdin=undo),
        script("stage", trial, stdin=edits),
        script("apply", trial),
    ):
        assert transport.run(command).rc == 0
