# SPDX-License-Identifier: GPL-2.0-or-later
"""`--routers` without SSH: who is meant, what is refused, each answer's line, the exit code."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapes import NAMES, Run, Say, check, home, run, say, target

from wifirelay.cli.context import Context
from wifirelay.cli.main import COMMANDS, build_parser, main
from wifirelay.cli.many import COMMANDS as MANY
from wifirelay.cli.open_ssh import check_name
from wifirelay.config.model import from_mapping
from wifirelay.errors import UsageError
from wifirelay.transport.target import parse_target
from wifirelay.view.many import WORST, Answered, answer_line, end_lines, worst_exit

__all__ = ["home", "run", "say"]

HOSTILE = "\x1b[31mred\x1b[0m\u202eevil\nboat2      0.1  joined \udcff"
CONFIG = f"""
networks:
  - {{ssid: HomeNet, key: "correct horse battery"}}
routers:
  boat1: {{router: "sim:home", groups: [boats]}}
  boat2: {{router: "sim:hotel", groups: [boats, north]}}
  cabin: {{router: "{target(NAMES[0])}"}}
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    return str(path)


def several(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["--json", *words])
    return code, check(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize("command", ["scan", "plan", "status", "doctor"])
def test_every_look(
    config: str, home: str, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code, shape = several(capsys, "--config", config, "--routers", "all", command)
    assert code == 0, shape
    assert [each["name"] for each in shape["routers"]] == ["boat1", "boat2", "cabin"]
    assert shape["command"] == command
    for each in shape["routers"]:
        assert each["answer"]["schema"] == f"wifirelay.{command}/1"
        assert each["seconds"] > 0


def test_the_commands_own_words_go_along(
    config: str, home: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["status", "--history", "--jobs=2", "--limit", "60", f"--config={config}"]
    code, shape = several(capsys, *words, "--routers=north")
    assert (code, [each["name"] for each in shape["routers"]]) == (0, ["boat2"])
    assert shape["routers"][0]["answer"]["schema"] == "wifirelay.history/1"
    code, shape = several(
        capsys, "--config", config, "--routers", "boat1", "plan", "--", "--routers"
    )
    assert (code, shape["routers"][0]["exit"]) == (2, 2)
    assert "--routers is not a known network" in shape["routers"][0]["answer"]["error"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("boats", ["boat1", "boat2"]),
        ("north,boat1", ["boat1", "boat2"]),
        ("cabin, north", ["boat2", "cabin"]),
        ("all,cabin", ["boat1", "boat2", "cabin"]),
    ],
)
def test_names_and_groups(
    config: str, home: str, capsys: pytest.CaptureFixture[str], names: str, found: list[str]
) -> None:
    _, shape = several(capsys, "--config", config, "--routers", names, "trust", "--yes")
    assert [each["name"] for each in shape["routers"]] == found
    assert {each["exit"] for each in shape["routers"]} == {2}  # none of them has a host key


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--routers", "boatz", "status"], "did you mean boats?"),
        (["--routers", "", "status"], "no router and no group is named ''"),
        (["--routers", "boat1,", "status"], "no router and no group is named ''"),
        (["--routers", "all", "--router", "boat1", "status"], "exclude each other"),
        (["--routers", "all", "--jobs", "0", "status"], "--jobs: 1 to 64"),
        (["--routers", "all", "--limit", "nan", "status"], "--limit: seconds from 1"),
        (["--jobs", "4", "status"], "--routers all"),
        (["--limit", "4", "status"], "--routers all"),
        (["--routers", "all", "trust", "10.0.0.1"], "not both"),
        (["--routers", "all", "join"], "--yes"),
        (["--routers", "all", "evaluate"], "one by one"),
    ],
)
def test_refused(config: str, say: Say, words: list[str], told: str) -> None:
    code, out, err = say("--config", config, *words)
    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - set(MANY)))
def test_commands_that_are_about_one_say_why(config: str, say: Say, command: str) -> None:
    action = {"networks": ["list"], "record": ["file"], "report": ["file"]}.get(command, [])
    action += {"completion": ["bash"], "mqtt": ["--broker", "127.0.0.1"]}.get(command, [])
    code, _, err = say("--config", config, "--routers", "all", command, *action)
    assert code == 2
    assert f"{command} does not go with --routers: " in err


def test_no_inventory(say: Say, home: str) -> None:
    code, _, err = say("--routers", "all", "status")
    assert code == 2
    assert "no routers are listed" in err and "wifirelay routers add" in err


def test_two_names_for_one_router(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("routers: {a: {router: root@Host}, b: {router: 'ssh://admin@host:22/'}}\n")
    code, _, err = say("--config", str(path), "--routers", "all", "status")
    assert code == 2
    assert "a and b are the same router" in err


def test_one_by_name(config: str, run: Run) -> None:
    code, shape = run("--config", config, "--router", "boat1", "scan")
    assert (code, shape["schema"]) == (0, "wifirelay.scan/1")


@pytest.mark.parametrize("command", [["--router", "cabn", "status"], ["trust", "cabn"]])
def test_a_name_that_is_nearly_one(
    config: str, say: Say, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    asked: list[str] = []

    def unheard_of(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unheard_of)
    code, out, err = say("--config", config, *command)
    assert (code, out) == (2, "")
    assert "cabn is not a router of the configuration, and no host is found by this name" in err
    assert "did you mean cabin? `wifirelay routers` lists all" in err
    assert asked == ["cabn"]


def test_an_address_a_listed_host_and_a_host_that_is_there_are_no_typos(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unheard_of(host: str, *_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, f"{host} is not known")

    monkeypatch.setattr(socket, "getaddrinfo", unheard_of)
    settings = from_mapping(
        {"router": "root@gate", "routers": {"cabin": {"router": "root@mast"}}}, "c"
    )
    for text in ("root@10.0.0.1", "cabn.example.org", "ssh://root@[fd00::1]", "mast", "gate"):
        check_name(parse_target(text), settings)
    check_name(parse_target("cabn"), from_mapping({}, "c"))  # nobody to confuse it with
    with pytest.raises(UsageError):
        check_name(parse_target("cabn"), settings)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [])
    check_name(parse_target("cabn"), settings)


def test_a_reload_keeps_to_the_router(config: str, home: str) -> None:
    """`run --router NAME` reads its configuration anew, and stays with that router's."""
    words = ["--config", config, "--router", "cabin", "status"]
    context = Context(build_parser("status").parse_args(words))
    assert context.settings().router == target(NAMES[0])
    path = Path(config)
    path.write_text(path.read_text().replace("cabin: {", "cabin: {relay: {deadline: 77}, "))
    assert context.reload().relay.deadline == 77.0
    assert str(context.opened().target) == target(NAMES[0])


def test_nobody_reads_the_table(config: str, home: str) -> None:
    """A reader that goes away ends no trial."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as out:
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "wifirelay", "--config", config),
                *("--routers", "boat1", "-v", "join", "--yes"),
            ],
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 0
    assert b"boat1:   confirm     ok" in ran.stderr


def test_a_process_that_cannot_be_started(
    config: str, home: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("wifirelay.cli.crew.sys.executable", "/no/such/python")
    code, shape = several(capsys, "--config", config, "--routers", "boats", "status")
    assert code == 1
    errors = [each["answer"]["error"] for each in shape["routers"]]
    assert errors == ["its process ended with 1 and no answer: No such file or directory"] * 2


def test_a_process_without_an_answer(
    config: str, home: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("wifirelay.cli.crew._START", "import sys; print('x'); sys.exit('why')")
    code, shape = several(capsys, "--config", config, "--routers", "boat1", "status")
    assert code == 1
    assert "no answer: why" in shape["routers"][0]["answer"]["error"]


def test_a_question_names_the_routers(
    config: str, home: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("wifirelay.cli.asking.can_ask", lambda: True)
    monkeypatch.setattr("wifirelay.cli.asking.yes", asked.append)  # None: no
    assert main(["--config", config, "--routers", "boats", "join"]) == 2
    assert asked == ["join on 2 routers: boat1 (sim:home), boat2 (sim:hotel)?"]
    assert "nothing was changed" in capsys.readouterr().err


def test_the_table(config: str, say: Say) -> None:
    code, out, err = say("--config", config, "--routers", "boats", "join", "--yes")
    lines = out.splitlines()
    assert code == 4
    assert lines[0] == "ROUTER  SECONDS  ANSWER"
    assert sorted(line.split()[0] for line in lines[1:3]) == ["boat1", "boat2"]
    assert any("joined HomeNet (02:00:00:00:10:01, -55 dBm) on radio1" in line for line in lines)
    assert lines[4] == "1 of 2 routers done; failed: boat2 (4)"
    assert err == ""


def test_verbose_says_whose_remark_it_is(config: str, say: Say) -> None:
    _, _, err = say("--config", config, "--routers", "boat1", "-v", "join", "--yes")
    assert "boat1:   confirm     ok" in err
    assert all(line.startswith(("boat1: ", "  0 of")) for line in err.splitlines())


# pure


def error(code: int, text: str = "no", hint: str = "") -> dict[str, Any]:
    return {"schema": "wifirelay.error/1", "exit": code, "error": text, "hint": hint}


def test_a_hostile_text_forges_no_line() -> None:
    answer = {
        "schema": "wifirelay.join/1",
        "action": "join",
        "network": HOSTILE,
        "why": HOSTILE,
        "uplink": {
            "radio": "radio1",
            "bssid": "02:00:00:00:10:01",
            "signal_dbm": None,
            "address": "10.0.0.2/24",
            "kept": "flash",
            "note": None,
            "seconds": 1.0,
        },
    }
    line = answer_line(Answered("boat1", "sim:home", 0, 1.0, answer), 6)
    assert line.startswith("boat1       1.0  joined \\x1b[31mred")
    assert line.isprintable()


TEXTS = st.text(st.characters(codec=None), max_size=60)


@given(st.lists(st.tuples(st.sampled_from([0, *WORST]), TEXTS, TEXTS), min_size=1, max_size=5))
def test_whatever_is_said_is_one_line_each(told: list[tuple[int, str, str]]) -> None:
    answers = [
        Answered(f"r{number}", "sim:home", code, 1.0, error(code, text, hint))
        for number, (code, text, hint) in enumerate(told)
    ]
    for each in answers:
        line = answer_line(each, 4)
        assert line.isprintable()
        assert line.startswith(f"{each.name}        1.0  FAILED ({each.exit}): ")
    lines = end_lines(answers)
    assert all(line.isprintable() for line in lines)
    assert lines[1].startswith(f"{sum(not each.exit for each in answers)} of {len(answers)} ")


def test_a_wide_name_keeps_the_columns() -> None:
    one, two = (
        answer_line(Answered(name, "sim:home", 3, 1.0, error(3)), 6) for name in ("船一", "boat-1")
    )
    assert one == "船一        1.0  FAILED (3): no"
    assert two == "boat-1      1.0  FAILED (3): no"


def test_hints_are_given_once() -> None:
    answers = [Answered(name, "sim:home", 3, 1.0, error(3, "no", "try")) for name in "ab"]
    assert end_lines(answers) == ["", "0 of 2 routers done; failed: a (3), b (3)", "  a, b: try"]


@pytest.mark.parametrize(
    ("codes", "worst"),
    [([0, 0], 0), ([0, 4, 3], 3), ([2, 6, 5], 6), ([130, 7], 7), ([130, 8], 130), ([1, 7], 1)],
)
def test_the_exit_code_is_the_worst(codes: list[int], worst: int) -> None:
    assert worst_exit(codes) == worst


def test_the_order_of_exit_codes_is_documented() -> None:
    page = (Path(__file__).parent.parent / "docs/many-routers.md").read_text("utf-8")
    assert ", ".join(map(str, WORST)) in page
