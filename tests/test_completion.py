# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay completion`, in the shells themselves: the TAB key pressed on a terminal."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from shapes import home, run, say
from test_style import tool

from wifirelay.cli.completion import SHELLS
from wifirelay.cli.main import COMMANDS, build_parser, main

__all__ = ["home", "run", "say"]

# What is typed (@ is the TAB key) and the words that the command then gets
PRESSED = [
    ("jo@--lo@", "join --login"),
    ("join SomeNet --lo@", "join SomeNet --login"),
    ("networks add --key-f@only@", "networks add --key-file only-one.yaml"),
    ("netw@pref@", "networks prefer"),
    ("setup --un@", "setup --undo"),
    ("completion fi@", "completion fish"),
    ("--config only-on@", "--config only-one.yaml"),
    ("watch --conf@only-on@", "watch --config only-one.yaml"),
    ("report only-on@", "report only-one.yaml"),
    ("evaluate --he@", "evaluate --help"),
]
STUB = "wifirelay() { echo 'got':\"$*\"; }"  # instead of the program: what it would be given
START = {
    "bash": ("--norc", "--noprofile", "-i"),
    "zsh": ("-f", "-i"),
}
LOAD = {
    "bash": "source ./script",
    "zsh": "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -D",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "only-one.yaml").touch()
    (tmp_path / "functions").mkdir()
    return tmp_path


def script(shell: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "wifirelay", "completion", shell],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("shell", sorted(START))
def test_the_tab_key_completes(folder: Path, shell: str) -> None:
    for place in ("script", "functions/_wifirelay"):
        (folder / place).write_text(script(shell))
    env = {"PS1": "ready> ", "PATH": "/usr/bin:/bin", "HOME": str(folder), "TERM": "dumb"}
    terminal = pexpect.spawn(
        tool(shell), list(START[shell]), cwd=str(folder), env=env, encoding="utf-8", timeout=30
    )
    try:
        terminal.sendline(f"{LOAD[shell]}; {STUB}; echo lo''aded")
        terminal.expect("loaded\r")
        for typed, words in PRESSED:
            terminal.sendline(f"wifirelay {typed}".replace("@", "\t"))
            terminal.expect(r"got:([^\r\n]*)\r")
            assert isinstance(terminal.match, re.Match)
            assert terminal.match[1].split() == words.split(), typed
    finally:
        terminal.close(force=True)


@pytest.mark.parametrize(("typed", "words"), PRESSED)
def test_fish_completes(folder: Path, typed: str, words: str) -> None:
    """fish has a command that says what its TAB key would offer."""
    (folder / "script.fish").write_text(script("fish"))
    before = typed.removesuffix("@").replace("@", " ")
    for short, whole in (
        ("jo ", "join "),
        ("netw ", "networks "),
        ("--conf ", "--config "),
        ("--key-f", "--key-file "),
    ):
        before = before.replace(short, whole)
    done = subprocess.run(
        [tool("fish"), "-N", "-c", 'source script.fish; complete -C "wifirelay $typed"'],
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "TERM": "dumb", "typed": before},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    offered = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert offered == [words.split()[-1]]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in_the_script(shell: str) -> None:
    text = script(shell)
    missing = [name for name in COMMANDS if name not in text]
    long = [o for o in _options(build_parser(whole=True)) if o.startswith("--")]
    missing += [each for each in long if each.removeprefix("--") not in text]
    assert len(long) > 60 and missing == []
    assert "\t" not in text and "\\x" not in text  # as shtab made it: nothing was replaced


def _options(parser: argparse.ArgumentParser) -> list[str]:
    found = [each for action in parser._actions for each in action.option_strings]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found += [each for below in action.choices.values() for each in _options(below)]
    return found


def test_json_has_the_same_script(run) -> None:  # type: ignore[no-untyped-def]
    code, shape = run("completion", "zsh")
    assert (code, shape["shell"]) == (0, "zsh")
    assert shape["script"].rstrip("\n") == script("zsh").rstrip("\n")


def test_another_shell_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "invalid choice: 'tcsh'" in capsys.readouterr().err


def test_without_shtab_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert "pip install 'wifirelay[completion]'" in capsys.readouterr().err


def test_it_needs_no_router_and_no_configuration(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wifirelay", "--config", "/nowhere", "completion", "bash"],
        env={"HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
