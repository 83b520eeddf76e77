# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay watch` run: who is asked, its lines, and its screen in a real terminal (tmux)."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from shapes import Run, Say, check, home, run, say, target

from tests.watched import AWAY, event, status
from wifirelay.cli.context import Context
from wifirelay.cli.looking import Looking
from wifirelay.cli.open import open_target
from wifirelay.config.model import Settings
from wifirelay.service.folder import HISTORY, OWNER, PLAN, SCAN, STATUS, Folder, folder_for
from wifirelay.transport.base import Command, Completed
from wifirelay.transport.target import parse_target
from wifirelay.view.picture import Source

__all__ = ["home", "run", "say"]

STRENGTHS = re.compile(r"-\d\d  -\d\d  -\d\d")  # in numbers: on a tall screen only


class Plugin:
    """A router whose service answers through rpcd's plugin, and that does nothing else."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[list[str]] = []

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        self.asked.append([" ".join(command.argv) for command in commands])
        given = [self.answers.get(command.argv[2], {}) for command in commands]
        return tuple(Completed(0, json.dumps(each).encode()) for each in given)


def looking_at(plugin: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Looking:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    opened = replace(open_target("sim:home", Settings()), transport=plugin, known=())  # type: ignore[arg-type]
    opened.close()
    opened = replace(opened, target=parse_target(AWAY))
    args = argparse.Namespace(config=None, router=AWAY, json=False, verbose=False)
    return Looking(Context(args, Settings(), opened), lambda _: None)


def test_the_service_on_the_router_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = Plugin(
        {
            "status": status(),
            "scan": {"schema": "wifirelay.scan/1", "bss": []},
            "plan": {"schema": "wifirelay.error/1", "exit": 4},
            "history": {"schema": "wifirelay.history/1", "history": [event("one"), 7]},
        }
    )
    looking = looking_at(plugin, tmp_path, monkeypatch)
    seen = looking.look(scan=False)
    assert (seen.source, seen.status, seen.plan) == (Source.ROUTER_SERVICE, status(), None)
    assert seen.events == (event("one"),)
    assert not any("rescan" in each for each in plugin.asked[-1])
    looking.look(scan=True)
    assert plugin.asked[-1][-1] == "/usr/libexec/rpcd/wifirelay call rescan"


def test_a_service_on_the_router_that_has_just_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = looking_at(Plugin({"status": {"exit": 4}}), tmp_path, monkeypatch)
    assert looking.look(scan=False).status is None


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str) -> Folder:
    """What a service of this machine has written about a router that cannot be reached."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = Folder(folder_for(AWAY))
    folder.make()
    folder.write(OWNER, str(os.getpid()))
    service = {
        "controller": "laptop",
        "pid": os.getpid(),
        "when": "2026-01-02T03:04:05+0000",
        "doing": "rest",
        "why": "HomeNet works",
        "online_seconds": 60,
        "unreachable": None,
        "paused": None,
        "candidates": [],
    }
    folder.write_json(STATUS, status(service=service))
    folder.write_json(SCAN, {"bss": []})
    folder.write_json(PLAN, {"candidates": []})
    folder.write(HISTORY, json.dumps(event("one")) + "\n")
    return folder


class Program:
    """`wifirelay watch`, its standard output a pipe."""

    def __init__(self, *argv: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wifirelay", *argv, "watch", "--interval", "1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def stop(self) -> tuple[int, str]:
        self.process.terminate()
        _, err = self.process.communicate(timeout=20)
        return self.process.returncode, err


def test_lines_of_what_a_service_of_this_machine_knows(kept: Folder) -> None:
    """The router itself is not reached, and need not be."""
    program = Program("--router", AWAY)
    try:
        first = program.line()
        assert "uplink HomeNet on radio1: connected" in first
        assert "on this machine, rest: HomeNet works" in first
        kept.write_json(STATUS, status(internet={"verdict": "offline", "why": "no answer"}))
        line = program.line()
        assert line in ("internet: offline: no answer\n", "service: on this machine, : \n")
    finally:
        assert program.stop() == (0, "")


def test_json_lines(kept: Folder) -> None:
    program = Program("--router", AWAY, "--json")
    try:
        first = check(json.loads(program.line()))
        assert (first["source"], first["trouble"]) == ("service", None)
        changed = first["status"] | {"set_up": False}
        kept.write_json(STATUS, changed)
        assert check(json.loads(program.line()))["status"] == changed
    finally:
        assert program.stop() == (0, "")


@pytest.mark.parametrize("form", ["--plain", "--json"])
def test_it_ends_after_so_many_seconds(say: Say, form: str) -> None:
    code, out, err = say("--router", "sim:home", "watch", form, "--seconds", "4")
    assert (code, err) == (0, "")
    assert out.count("\n") == 1
    assert "\x1b" not in out


def test_a_router_out_of_reach_is_said(say: Say, home: str) -> None:
    code, out, _ = say("--router", "ssh://root@127.0.0.1:1", "watch", "--plain", "--seconds", "3")
    assert code == 0
    assert out.startswith("ssh://root@127.0.0.1:1: out of reach: ")


def test_a_recording_is_one_still_picture(say: Say, run: Run) -> None:
    code, out, _ = say("--router", target("baseline"), "watch")
    assert code == 0
    assert "off: at baseline" in out
    assert out.endswith("a recording stands still: this is all of it\n")
    code, shape = run("--router", target("baseline"), "watch")
    assert (code, shape["source"]) == (0, "recording")


@pytest.mark.parametrize(
    "wrong", [("--interval", "0"), ("--interval", "nan"), ("--seconds", "-1"), ("--seconds", "nan")]
)
def test_wrong_numbers(say: Say, wrong: tuple[str, str]) -> None:
    code, out, err = say("--router", "sim:home", "watch", *wrong)
    assert (code, out) == (2, "")
    assert wrong[0] in err


# --- the screen, in tmux ---


class Terminal:
    """A tmux server of its own with one window, and a shell in it."""

    def __init__(self, folder: Path) -> None:
        self.socket = str(folder / "tmux")
        self.environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        self.environment |= {"COLUMNS": "80", "LINES": "24"}  # as a shell may have left them
        self.environment.pop("TMUX", None)
        self("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "sh")
        self.until("a shell", lambda: self.screen().strip())

    def __call__(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", self.socket, *words],
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=20,
        ).stdout

    def screen(self) -> str:
        return self("capture-pane", "-p")

    def type(self, text: str, *keys: str) -> None:
        self("send-keys", "-l", text)
        if keys:
            self("send-keys", *keys)

    def until(self, what: str, so: Callable[[], object], limit: float = 60.0) -> None:
        end = time.monotonic() + limit
        while not so():
            assert time.monotonic() < end, f"not within {limit:g} s: {what}\n{self.screen()}"
            time.sleep(0.05)

    def shows(self, *texts: str) -> str:
        self.until(f"{texts}", lambda: all(text in self.screen() for text in texts))
        return self.screen()

    def watch(self, *words: str) -> None:
        """The command, and behind it its exit code and what the terminal is set to."""
        argv = " ".join([sys.executable, "-m", "wifirelay", *words])
        self.type(f"clear; before=$(stty -g); {argv}; echo ended $?", "Enter")

    def restored(self, code: int = 0) -> None:
        self.shows(f"ended {code}")
        self.type('[ "$before" = "$(stty -g)" ] && echo as be\'\'fore', "Enter")
        self.shows("as before")
        assert self("display-message", "-p", "#{alternate_on} #{cursor_flag}") == "0 1\n"


@pytest.fixture
def terminal(tmp_path: Path, home: str) -> Iterator[Terminal]:
    if shutil.which("tmux") is None:
        if os.environ.get("CI"):
            pytest.fail("tmux is not installed")
        pytest.skip("tmux is not installed")
    made = Terminal(tmp_path)
    try:
        yield made
    finally:
        made("kill-server")


def test_keys_and_sizes(terminal: Terminal) -> None:
    terminal.watch("--router", "sim:home", "watch")
    first = terminal.shows("off: at baseline", "signal +25.0", "2.4 GHz", "q quit")
    assert not STRENGTHS.search(first)
    terminal.type("r")
    terminal.shows("scanning ...")
    terminal.shows("q quit")
    terminal("resize-window", "-x", "120", "-y", "40")
    terminal.until("a tall screen", lambda: STRENGTHS.search(terminal.screen()))
    assert "q quit" in terminal.screen().rstrip("\n").splitlines()[-1]
    terminal("resize-window", "-x", "60", "-y", "15")
    terminal.until("a small one", lambda: len(terminal.screen().rstrip().splitlines()) == 15)
    terminal.type("q")
    terminal.restored()


@pytest.mark.parametrize("key", ["C-c", "C-z q"])
def test_however_it_ends_the_terminal_is_as_before(terminal: Terminal, key: str) -> None:
    """Ctrl-C, also before the first look has ended; Ctrl-Z does nothing."""
    terminal.watch("--router", "sim:home", "watch")
    terminal.shows("sim:home  ")
    terminal("send-keys", *key.split())
    terminal.restored()


def test_a_failure_is_told_behind_the_screen(terminal: Terminal, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("relay: {radios: [radio7]}\nnetworks: [{ssid: CafeOpen}]\n")
    config.chmod(0o600)
    terminal.watch("--config", str(config), "--router", "sim:home", "watch")
    terminal.shows("the router has no radio radio7")
    terminal.restored(2)


def test_a_terminal_that_can_do_nothing_gets_lines(terminal: Terminal) -> None:
    terminal.type("export TERM=dumb", "Enter")
    terminal.watch("--router", "sim:home", "watch", "--seconds", "2")
    terminal.shows("sim:home: uplink off: at baseline;")
    terminal.restored()


def test_without_rich(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "rich.py").write_text("raise ModuleNotFoundError('no rich', name='rich')\n")
    terminal.type(f"export PYTHONPATH={tmp_path}", "Enter")
    terminal.watch("--router", "sim:home", "watch")
    terminal.shows("needs rich, which is not installed", "pip install 'wifirelay[tui]'")
    terminal.restored(2)


def test_a_router_that_goes_away_and_comes_back(
    terminal: Terminal, run: Run, tmp_path: Path
) -> None:
    """A real SSH server, ended and started again on its port."""
    from wifirelay.cli.simulate import _write_config
    from wifirelay.sim.serving import Serving

    with Serving("home") as serving:
        config = _write_config(serving)
        run("trust", f"127.0.0.1:{serving.address.port}", "--yes")
        terminal.watch("--config", config, "watch", "--interval", "1")
        terminal.shows("off: at baseline", "signal +25.0")
        serving.restart(after=5.0)
        terminal.shows("out of reach: ", "ago", "signal +25.0")
        terminal.until("reached again", lambda: "out of reach" not in terminal.screen())
        terminal.shows("off: at baseline", "q quit")
        terminal.type("q")
        terminal.restored()
