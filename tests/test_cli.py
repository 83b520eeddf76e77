# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line: exit codes, messages, what goes where, and that nothing is ever a traceback."""

import io
import json
import os
import re
import subprocess
import sys

import pytest
from shapes import RECORDINGS, Run, Say, check, home, run, say, target

from wifirelay.change.setup import look
from wifirelay.cli import open as opening
from wifirelay.cli.main import COMMANDS, main
from wifirelay.cli.open import Opened
from wifirelay.core.known import Relay
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world
from wifirelay.transport.target import Kind, Target

__all__ = ["home", "run", "say"]


def config(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


# usage


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "COMMAND"),
        (["frobnicate"], "frobnicate"),
        (["scan", "--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["scan", "--frobnicate"], "see `wifirelay scan --help`"),
        (["networks", "add", "X", "--ipv6-only"], "arguments: --ipv6-only"),
        (["networks", "add", "X", "--ipv6_only"], "arguments: --ipv6_only"),
        (["networks", "add", "X", "--wrong"], "see `wifirelay networks add --help`"),
        (["networks", "add", "X", "--kay=hunter2", "-zhunter2"], ": --kay -z"),
        (["--frobnicate", "scan"], "see `wifirelay --help`"),
        (["--frobnicate", "scan"], "--frobnicate"),
        (["--router", "sim:nowhere", "scan"], "no world 'nowhere'"),
        (["--router", "http://router", "scan"], "http://"),
        (["--router", "root:hunter2@router", "scan"], "password"),
        (["--router", "recording:", "scan"], "missing"),
        (["--router", "recording:/no/such/file", "scan"], "/no/such/file"),
        (["--config", "/no/such/config.yaml", "plan"], "/no/such/config.yaml"),
        (["--router", target("baseline"), "plan"], "no known networks"),
        (["--router", "sim:home", "plan", "x" * 33], "33"),
        (["--router", "sim:home", "join", "x" * 33], "33"),
        (["--router", "sim:home", "join", "Unheard"], "not a known network"),
        (["simulate", "--demo", "--port", "2222"], "--port"),
        (["simulate", "--speed", "0"], "--speed"),
        (["simulate", "--seconds", "-1"], "--seconds"),
        (["simulate", "--port", "70000"], "70000"),
        (["simulate", "nowhere"], "nowhere"),
        (["simulate", "nowhere", "--demo"], "nowhere"),
        (["--router", "sim:home", "record", "/no/such/folder/r.jsonl"], "cannot be written"),
    ],
)
def test_usage_errors(say, run, argv, said):
    code, out, err = say(*argv)
    assert (code, out) == (2, "")
    assert said in err
    assert "hunter2" not in err
    if argv:
        code, shape = run(*argv)
        assert code == 2
        assert said in shape["error"] + shape["hint"]


@pytest.mark.parametrize("command", ["join", "leave", "setup"])
def test_a_recording_cannot_be_changed(run, tmp_path, command):
    path = config(tmp_path, "networks: [{ssid: HomeNet, key: 'known in the tests'}]")
    code, shape = run("--router", target("baseline"), "--config", path, command)
    assert code == 2
    assert shape["error"] == f"{command} changes a router, and a recording is none"


def test_stray_words_are_not_repeated(say):
    code, out, err = say("scan", "--key", "hunter2hunter2")
    assert (code, out) == (2, "")
    assert "--key" in err
    assert "hunter2hunter2" not in err


@pytest.mark.parametrize(
    "argv",
    [
        ["--router", "sim:home", "--json", "scan"],
        ["scan", "--router", "sim:home", "--json"],
        ["--json", "scan", "--router", "sim:home"],
        ["--router", "sim:home", "scan", "--json", "-v", "--debug"],
    ],
)
def test_global_options_stand_before_and_after(say, argv):
    code, out, _ = say(*argv)
    assert code == 0
    assert check(json.loads(out))["radios"] == ["radio0", "radio1"]


def test_the_last_one_of_a_global_option_counts(say):
    code, out, _ = say("--router", "sim:nowhere", "scan", "--router", "sim:home")
    assert code == 0
    assert "HomeNet" in out


def test_an_option_s_value_is_no_command(say, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan").write_text("networks: [{ssid: HomeNet, key: 'known in the tests'}]")
    code, _, err = say("--config", "plan", "--router", "sim:home", "join", "Unheard")
    assert code == 2
    assert "not a known network" in err


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_help(command, capsys, home):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert command in capsys.readouterr().out


def test_debug_shows_the_traceback(home):
    with pytest.raises(Exception, match="nowhere"):
        main(["--debug", "--router", "sim:nowhere", "scan"])


def test_a_bug_is_exit_1_without_a_traceback(run, monkeypatch):
    def broken(*args, **more):
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr("wifirelay.cli.scan.observe", broken)
    code, shape = run("--router", "sim:home", "scan")
    assert code == 1
    assert "ZeroDivisionError" in shape["error"]
    assert "hunter2" not in json.dumps(shape)


def test_ctrl_c(say, monkeypatch):
    def stopped(*args, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr("wifirelay.cli.scan.observe", stopped)
    assert say("--router", "sim:home", "scan")[0] == 130


# configuration and recordings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("relay: {radios: [radio7]}\n", "radio7"),
        ("networks: [{ssid: Seven, key: seven77}]", "networks[0]"),
        ("networks: [{ssid: " + "x" * 33 + "}]", "33"),
        ("networks: [{ssid: A, priorty: 3}]", "priorty"),
        ("networks: {", "config.yaml"),
    ],
)
def test_impossible_configurations(run, tmp_path, text, said):
    if "networks" not in text:
        text += "networks: [{ssid: HomeNet, key: 'known in the tests'}]"
    path = config(tmp_path, text)
    code, shape = run("--router", "sim:home", "--config", path, "plan")
    assert code == 2
    assert said in shape["error"]
    assert "seven77" not in json.dumps(shape)


def test_open_configuration_is_warned_of(say, tmp_path):
    path = config(tmp_path, "networks: [{ssid: HomeNet, key: 'known in the tests'}]")
    os.chmod(path, 0o644)
    code, _, err = say("--router", "sim:home", "--config", path, "plan")
    assert code == 0
    assert "chmod 600" in err


@pytest.mark.parametrize("command", ["scan", "plan", "status"])
def test_a_recording_cut_in_half(run, tmp_path, command):
    with open(os.path.join(RECORDINGS, "baseline.jsonl"), "rb") as file:
        whole = file.read()
    half = tmp_path / "half.jsonl"
    half.write_bytes(whole[: len(whole) // 2])
    path = config(tmp_path, "networks: [{ssid: HomeNet, key: 'known in the tests'}]")
    code, shape = run("--router", f"recording:{half}", "--config", path, command)
    assert code == 2
    assert "line" in shape["error"]


@pytest.mark.parametrize("text", ["", "{", "not JSON at all", "[]", '{"results": 7}'])
def test_a_scan_that_is_none(run, tmp_path, text):
    file = tmp_path / "scan.json"
    file.write_text(text)
    assert run("--router", f"recording:{file}", "scan")[0] == 2


def test_a_bare_scan(run, tmp_path):
    file = tmp_path / "scan.json"
    file.write_text('{"results": []}')
    assert run("--router", f"recording:{file}", "scan")[1]["bss"] == []
    for command in ("status", "doctor"):
        code, shape = run("--router", f"recording:{file}", command)
        assert code == 2, "the router around it is made up"
        assert "a scan alone" in shape["error"]


def test_nothing_to_join(run, tmp_path):
    path = config(tmp_path, "networks: [{ssid: Elsewhere, key: 'known in the tests'}]")
    code, shape = run("--router", "sim:home", "--config", path, "join")
    assert code == 4
    assert "no known network is heard" in shape["error"]
    assert "plan -v" in shape["hint"]
    code, shape = run("--router", "sim:home", "--config", path, "join", "Elsewhere")
    assert (code, shape["error"], shape["hint"]) == (4, "Elsewhere is not heard", "")


# what is printed


def test_hostile_names_stay_on_their_lines(say):
    code, out, _ = say("--router", "sim:hostile", "scan")
    assert code == 0
    assert all(line.isprintable() for line in out.splitlines())
    assert "\x1b" not in out
    table, _, note = out.partition("\n\n")
    heard = json.loads(say("--router", "sim:hostile", "scan", "--json")[1])["bss"]
    assert len(table.splitlines()) == len(heard) + 1
    assert note.startswith("! possibly an evil twin: ")
    assert len(note.splitlines()) == 1


def test_a_terminal_without_unicode(monkeypatch, home):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["--router", "sim:hostile", "scan"]) == 0
    stream.flush()
    assert rb"\u5496" in stream.buffer.getvalue()


def program(*argv, **more):
    return subprocess.run(
        [sys.executable, "-m", "wifirelay", *argv],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **more,
    )


def test_the_real_program(home):
    ran = program("--version")
    assert ran.returncode == 0
    assert ran.stdout.startswith("wifirelay ")
    ran = program("--router", "sim:home", "scan", "--json")
    assert ran.returncode == 0
    assert check(json.loads(ran.stdout))["bss"]
    assert ran.stderr == ""
    assert program("--json").returncode == 2


def test_a_broken_pipe(home):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as out:
        ran = subprocess.run(
            [sys.executable, "-m", "wifirelay", "--router", "sim:hostile", "scan"],
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (0, b"")


# setup and its undoing, on one router


@pytest.fixture
def router(monkeypatch):
    """A stock router that outlives one command."""
    with make_world("home", set_up=False) as world:
        transport = SimTransport(world.router)
        opened = Opened(
            Target(Kind.SIM, world="home"), transport, world.clock, lambda: None, world.known
        )
        monkeypatch.setattr(opening, "_simulated", lambda target: opened)
        yield world.router


def files(router):
    folder = router.root.here("/etc/config")
    found = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            found[name] = file.read()
    return found


def commit_once(router):
    """Let `uci commit` write each file in its own form: no comments, its own blank lines."""
    for name in ("wireless", "network", "firewall"):
        for word in (f"set {name}.touched=nothing", f"delete {name}.touched"):
            router.execute(["uci", *word.split()])
            router.execute(["uci", "commit", name])


def test_setup_shows_does_and_undoes(run: Run, router):
    commit_once(router)
    before = files(router)
    _, shown = run("--router", "sim:home", "setup", "--show")
    assert shown["edits"]
    assert files(router) == before
    _, done = run("--router", "sim:home", "setup", "--yes")
    assert done["edits"] == shown["edits"]
    assert "config wifi-iface 'wifirelay'" in files(router)["wireless"]
    _, again = run("--router", "sim:home", "setup", "--yes")
    assert again["edits"] == []
    assert run("--router", "sim:home", "status")[1]["sentry"]["alive"] is True
    _, joined = run("--router", "sim:home", "join")
    assert joined["uplink"]["kept"] == "flash"
    run("--router", "sim:home", "setup", "--undo", "--yes")
    assert files(router) == before
    status = run("--router", "sim:home", "status")[1]
    assert (status["set_up"], status["sentry"]["installed"]) == (False, False)
    assert all(point["on_air"] for point in status["access_points"])


def test_setup_says_which_interface_it_does_not_change(run: Run, say, router, tmp_path):
    world = make_world("home", set_up=False)
    world.router.execute(("uci", "set", "network.wwan=interface"))
    world.router.execute(("uci", "set", "network.wwan.proto=dhcp"))
    world.router.execute(("uci", "commit", "network"))
    found = look(SimTransport(world.router), Relay(hostname="none"))
    (remark,) = found.remarks
    assert remark.startswith(
        "`hostname: none` has no effect in wwan, which setup did not make: `uci"
    )
    assert look(SimTransport(world.router), Relay()).remarks == ()
    assert look(SimTransport(world.router), Relay(hostname="none"), leaving=True).remarks == ()
    world.close()


def test_setup_again_writes_what_the_configuration_asks_for_by_now(run: Run, say, router, tmp_path):
    assert run("--router", "sim:home", "setup", "--yes")[0] == 0
    text = (
        "relay: {hostname: none}\nnetworks: [{ssid: Phone, key: 'phone in my pocket', mac: stable}]"
    )
    words = ("--router", "sim:home", "--config", config(tmp_path, text))
    assert "wifirelay_secret='***'" in say(*words, "setup", "--show")[2]
    _, done = run(*words, "setup", "--yes")
    secret = re.search("wifirelay_secret '([0-9a-f]{32})'", files(router)["wireless"]).group(1)
    assert [each.split("=")[0] for each in done["edits"] if each.startswith("set")] == [
        "set network.wwan.hostname",
        "set network.wwan6.noclientfqdn",
        "set wireless.wifirelay.wifirelay_secret",
    ]
    assert run(*words, "setup", "--yes")[1]["edits"] == []
    _, plan = run(*words, "plan")
    assert [each for each in plan["edits"] if "macaddr" in each]
    assert run(*words, "plan")[1]["edits"] == plan["edits"]  # always the same
    assert run(*words, "join")[1]["uplink"]["kept"] == "flash"
    assert secret in files(router)["wireless"]
    assert secret not in str(say(*words, "plan", "-v")) + str(say(*words, "status", "--json"))
    assert run(*words, "setup", "--undo", "--yes")[0] == 0
    after = files(router)
    assert "wifirelay" not in after["wireless"]
    assert "noclientfqdn" not in after["network"]


@pytest.mark.parametrize(
    ("edits", "open_to_strangers"),
    [
        ("", False),
        ("set firewall.@zone[1].input='ACCEPT'\n", True),
        ("set firewall.@zone[1].input='accept'\n", True),
        ("delete firewall.@zone[1].input\nset firewall.@defaults[0].input='ACCEPT'\n", True),
        ("delete firewall.@zone[1].input\nset firewall.@defaults[0].input='REJECT'\n", False),
    ],
)
def test_setup_says_that_strangers_would_come_in(run: Run, router, edits, open_to_strangers):
    router.execute(["uci", "batch"], f"{edits}commit firewall\n".encode())
    code, shape = run("--router", "sim:home", "setup", "--show")
    assert code == 0
    said = [each for each in shape["remarks"] if "accepts input" in each]
    assert bool(said) is open_to_strangers
    assert run("--router", "sim:home", "setup", "--yes")[0] == 0


def test_setup_says_what_is_next_where_it_has_not_been(say: Say, router):
    assert say("--router", "sim:home", "setup", "--yes")[1].splitlines()[-1].startswith("set up. N")
    assert say("--router", "sim:home", "setup", "--yes")[1].splitlines()[-1] == "set up"


def test_setup_asks(say: Say, router, monkeypatch):
    before = files(router)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, _, err = say("--router", "sim:home", "setup")
    assert code == 2
    assert "--yes" in err
    answer = io.StringIO("n\n")
    monkeypatch.setattr(answer, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", answer)
    code, _, err = say("--router", "sim:home", "setup")
    assert code == 2
    assert "not confirmed" in err
    assert files(router) == before


def test_join_needs_setup(run: Run, router):
    code, shape = run("--router", "sim:home", "join")
    assert code == 6
    assert shape["hint"] == "run `wifirelay setup`"
    plan = run("--router", "sim:home", "plan")[1]
    assert "after `wifirelay setup`" in plan["decision"]["why"]


def test_a_standard_output_that_is_full_is_an_error_and_no_bug(tmp_path):
    full = os.open("/dev/full", os.O_WRONLY)
    done = subprocess.run(
        [sys.executable, "-m", "wifirelay", "--router", "sim:home", "--json", "leave"],
        stdout=full,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    os.close(full)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["setup"], ["setup", "--undo"], ["networks", "list"]])
def test_closed_streams_are_no_bug(words, tmp_path):
    line = f"{sys.executable} -m wifirelay --router sim:home {' '.join(words)} <&- >&-"
    done = subprocess.run(
        ["sh", "-c", line],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert "a bug" not in done.stderr
    assert done.returncode in (0, 2)
