# SPDX-License-Identifier: GPL-2.0-or-later
"""G4: no key in any process's arguments, output, log, recording, file or exception.

The simulated router records every argv that reaches it, the sentry's included.
"""

import io
import json
import os
import traceback
from collections.abc import Iterator

import pytest

from tests.lab import RETURN, Killed, Lab, killer, lab
from wifirelay.cli.main import main
from wifirelay.core.known import Relay
from wifirelay.errors import TrialFailed, WifirelayError
from wifirelay.sim.neighbourhoods import HOME_KEY, ODD_KEY, PHONE_KEY
from wifirelay.transport.recorded import RecordingTransport


def secrets_of(bench: Lab) -> set[str]:
    """Every key that the world knows: the owner's networks', the own access points'."""
    keys = {network.key.reveal() for network in bench.known if network.key is not None}
    keys |= {str(options["key"]) for options in bench.wireless().values() if "key" in options}
    assert len(keys) >= 2
    return keys


def check_argvs(bench: Lab, keys: set[str]) -> None:
    argvs = bench.world.router.argvs
    assert len(argvs) > 20
    for argv in argvs:
        for word in argv:
            leaked = [key for key in keys if key in word]
            assert not leaked, argv[:3]


def check_log(bench: Lab, keys: set[str]) -> None:
    text = bench.world.router.log.read()
    assert not [key for key in keys if key in text]


def test_a_join_its_failure_its_end_and_the_sentry_leave_none() -> None:
    with lab("broken") as bench:
        keys = secrets_of(bench)
        bench.join("Works")
        for ssid in ("WrongKey", "DeadDhcp", "Portal"):
            with pytest.raises(TrialFailed) as failed:
                bench.join(ssid)
            text = "".join(traceback.format_exception(failed.value))
            assert not [key for key in keys if key in text]
            bench.world.clock.sleep(30.0)
        # The sentry's turn: the upstream goes, it holds the uplink, and allows it again.
        bench.world.air.switch_off("Works")
        bench.world.clock.sleep(120.0)
        assert bench.state().held
        bench.world.air.switch_on("Works")
        bench.world.clock.sleep(300.0)
        bench.leave()
        check_argvs(bench, keys | secrets_of(bench))
        check_log(bench, keys)
        assert not [e for e in bench.events if any(key in e.text for key in keys)]


def test_a_killed_trial_leaves_none_and_no_file_with_one() -> None:
    with lab(relay=Relay(deadline=60)) as bench:
        keys = secrets_of(bench) - {str(o.get("key")) for o in bench.wireless().values()}
        killer(20, bench)
        with pytest.raises(Killed):
            bench.join()
        bench.wait_for_the_sentry(60.0 + RETURN)
        check_argvs(bench, secrets_of(bench))
        left = dict(_files(bench.world.router.root.path))
        assert any(path.endswith("/ended") for path in left)
        assert not [path for path, text in left.items() if any(k.encode() in text for k in keys)]


def test_while_it_lasts_the_plan_of_undoing_is_the_owners_only() -> None:
    with lab() as bench:
        killer(20, bench)
        with pytest.raises(Killed):
            bench.join()
        folder = bench.world.router.root.here("/var/run/wifirelay")
        assert os.stat(os.path.join(folder, "undo")).st_mode & 0o077 == 0
        assert os.stat(folder).st_mode & 0o077 == 0


def test_reprs_and_exceptions_of_all_that_holds_one() -> None:
    with lab() as bench:
        keys = secrets_of(bench)
        router, plan = bench.look()
        trial = bench.trial(router, plan)
        text = " ".join(map(repr, (router, plan, plan.edits, trial, bench.known)))
        assert not [key for key in keys if key in text]


def test_recordings_have_none() -> None:
    with lab() as bench:
        keys = secrets_of(bench)
        known = [network.key for network in bench.known if network.key is not None]
        recorder = RecordingTransport(bench.transport, bench.world.clock, secrets=known)
        bench.transport = recorder  # type: ignore[assignment]
        bench.join()
        text = repr(recorder.recording("a join"))
        assert "***" in text
        assert not [key for key in keys if key in text]


@pytest.mark.parametrize("world", ["home", "hostile", "broken"])
@pytest.mark.parametrize(
    "words",
    [
        ["plan"],
        ["plan", "--json"],
        ["plan", "-v"],
        ["scan", "--json"],
        ["join", "-v"],
        ["join", "--json"],
        ["status"],
        ["status", "--json"],
        ["setup", "--show"],
        ["leave", "--json"],
    ],
    ids=" ".join,
)
def test_no_command_prints_one(
    world: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--router", f"sim:{world}", *words])
    said = "".join(capsys.readouterr())
    assert code in (0, 5)
    assert said
    assert not [key for key in _all_keys() if key in said]


def test_no_configuration_error_shows_one(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    path = os.path.join(str(tmp_path), "config.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("networks:\n  - {ssid: X, key: seven77, unknown: 1}\n")
    assert main(["--config", path, "--router", "sim:home", "plan"]) == 2
    assert "seven77" not in "".join(capsys.readouterr())


def test_an_unknown_option_does_not_repeat_what_follows_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["networks", "add", "X", "--key", "hunter22"]) == 2
    assert "hunter22" not in "".join(capsys.readouterr())


def test_a_bug_shows_no_values(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"with a key {HOME_KEY}")

    monkeypatch.setattr("wifirelay.cli.plan.look", broken)
    assert main(["--router", "sim:home", "--json", "plan"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["exit"] == 1
    assert HOME_KEY not in captured.out + captured.err


def test_errors_are_text_only() -> None:
    stream = io.StringIO()
    traceback.print_exception(WifirelayError("x", hint="y"), file=stream)
    assert "x" in stream.getvalue()


def _all_keys() -> set[str]:
    return {HOME_KEY, PHONE_KEY, ODD_KEY, "the right key", "a wrong key", "  blanks  too  "}


def _files(root: str) -> Iterator[tuple[str, bytes]]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and "/shims" not in path:
                with open(path, "rb") as file:
                    yield path, file.read()
