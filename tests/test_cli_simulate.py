# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay simulate`: a router behind SSH that the program itself works with; the demo."""

import glob
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

import pytest
from dropbear import INSTALLED
from shapes import Run, Say, check, home, run, say

from wifirelay.change.status import State, read_status
from wifirelay.cli.main import main
from wifirelay.config.yaml_file import load
from wifirelay.core.known import Relay
from wifirelay.errors import (
    ConfigError,
    ConnectError,
    LinkLost,
    LoginRefused,
    UsageError,
    WifirelayError,
)
from wifirelay.sim.dropbear import Dropbear
from wifirelay.sim.serving import Serving
from wifirelay.sim.worlds import WORLDS, make_world
from wifirelay.transport import hostkeys
from wifirelay.transport.base import Command
from wifirelay.transport.login import Login
from wifirelay.transport.ssh import SshTransport
from wifirelay.values import Secret

__all__ = ["home", "run", "say"]


KINDS = ("dropbear", "paramiko")


def only(kind, monkeypatch):
    """Let it be served by this kind of server."""
    if kind == "dropbear" and not INSTALLED:
        pytest.skip("dropbear-bin is not installed")
    if kind == "paramiko":

        def missing(self, port=0):
            raise ConfigError("dropbear is not installed")

        monkeypatch.setattr(Dropbear, "start", missing)


@pytest.fixture(params=KINDS)
def serving(request, monkeypatch, home):
    """A served world, ten times as fast as real."""
    only(request.param, monkeypatch)
    with Serving("home", speed=10.0) as serving:
        assert serving.address.kind == request.param
        yield serving


def connect(serving, login):
    address = serving.address
    return SshTransport(address.host, address.port, login=login, known_hosts=address.known_hosts)


def test_only_the_key_lets_in(serving):
    """Whoever logs in runs programs of this machine as who serves: nobody else shall."""
    assert os.stat(serving.address.key_file).st_mode & 0o777 == 0o600
    assert os.stat(serving.folder).st_mode & 0o777 == 0o700
    for login in (
        Login(agent=False, default_keys=False, blank=True),
        Login(password=Secret("")),
        Login(password=Secret("root")),
    ):
        link = connect(serving, login)
        with pytest.raises(LoginRefused):
            link.run(Command(("id",)))
        link.close()


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_password_only_when_asked_for(kind, monkeypatch, home):
    only(kind, monkeypatch)
    with Serving("home", speed=10.0, blank=True) as serving:
        assert serving.address.kind == kind
        link = connect(serving, Login(agent=False, default_keys=False, blank=True))
        assert link.run(Command(("uci", "changes"))).rc == 0
        link.close()


def test_no_password_is_warned_of(say: Say):
    code, out, err = say("simulate", "--seconds", "0", "--no-password")
    assert code == 0
    assert "warning" in err
    assert "every user of this machine" in err
    assert "--router ssh://root@127.0.0.1:" in out
    code, out, err = say("simulate", "--seconds", "0")
    assert (code, err) == (0, "")
    assert "--router ssh://root@127.0.0.1:" not in out
    assert say("simulate", "--demo", "--no-password")[0] == 2


def test_log_in(serving):
    link = connect(serving, Login(key_file=serving.address.key_file))
    try:
        status = read_status(link)
        assert link.round_trips <= 3
        assert {uplink.state for uplink in status.uplinks} == {State.DISABLED}
        assert status.on_router is not None
        assert status.on_router.sentry_lives
    finally:
        link.close()


def test_its_shell(serving):
    link = connect(serving, Login(key_file=serving.address.key_file))
    try:
        assert "24.10.2" in link.run(Command(("cat", "/etc/openwrt_release"))).text
        assert link.run(Command(("sh", "-c", "uci -q get wireless.radio0.band"))).text == "2g\n"
        assert link.run(Command(("uci", "batch"), stdin=b"set wireless.x=y\n")).rc == 0
        failed = link.run(Command(("sh", "-c", "echo out; echo err >&2; exit 7")))
        assert (failed.rc, failed.out, failed.err) == (7, b"out\n", b"err\n")
    finally:
        link.close()


def test_a_reboot_cuts_the_session(serving):
    link = connect(serving, Login(key_file=serving.address.key_file))
    try:
        assert link.run(Command(("uci", "changes"))).rc == 0
        serving.world.router.power_cut()
        serving.wait(0.5)
        assert link.run(Command(("uci", "changes"))).rc in (0, 1)  # over a new connection
    finally:
        link.close()


def test_a_restart_of_the_server(serving):
    """All sessions end, the world goes on, the known host key still fits."""
    link = connect(serving, Login(key_file=serving.address.key_file))
    try:
        lines = link.follow(Command(("sh", "-c", "echo on; exec sleep 1000")))
        assert lines.lines(10.0) == [b"on"]
        begun = serving.world.router.now
        serving.restart(0.5)
        with pytest.raises(LinkLost):
            lines.lines(10.0)
        with pytest.raises(ConnectError):
            link.run(Command(("uci", "changes")))
        serving.wait(1.5)
        assert serving.world.router.now > begun + 5.0
        assert link.run(Command(("uci", "changes"))).rc == 0
        serving.restart()
        assert link.run(Command(("uci", "changes"))).rc == 0
        serving.restart(100.0)  # and the end comes first
    finally:
        link.close()


def test_a_restart_that_fails_is_told(serving):
    serving.restart(100.0)
    with socket.create_server(("127.0.0.1", serving.address.port)):
        serving.restart(0.1)
        with pytest.raises((OSError, WifirelayError)):
            serving.wait(10.0)


def test_a_port_that_is_taken(home):
    with (
        Serving("home", speed=10.0) as first,
        pytest.raises(UsageError, match="cannot listen"),
    ):
        Serving("home", port=first.address.port)


@pytest.mark.skipif(not INSTALLED, reason="dropbear-bin is not installed")
def test_the_whole_way(run: Run, home, tmp_path, monkeypatch):
    """As a newcomer would: start it, trust it, look, join, leave; then it goes away."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-m", "wifirelay", "simulate", "--json", "--speed", "20"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = []
        while (line := process.stdout.readline()) != "}\n":
            assert line
            lines.append(line)
        shape = check(json.loads("".join([*lines, line])))
        assert (shape["mode"], shape["server"], shape["world"]) == ("serve", "dropbear", "home")
        config = ("--config", shape["config"])
        assert load(shape["config"]).warnings == ()
        assert run(*config, "scan")[0] == 3
        assert (
            run("trust", f"127.0.0.1:{shape['port']}", "--yes")[1]["fingerprint"]
            == (shape["host_key"]["fingerprint"])
        )
        assert {bss["ssid"] for bss in run(*config, "scan")[1]["bss"]} >= {"HomeNet", "Phone"}
        assert run(*config, "plan")[1]["decision"]["network"] == "HomeNet"
        assert run(*config, "join", "Phone")[1]["uplink"]["kept"] == "flash"
        assert run(*config, "status")[1]["internet"]["verdict"] == "online"
        assert run(*config, "leave")[1]["left"][0]["ssid"] == "Phone"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == ""
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert glob.glob(str(tmp_path / "wifirelay-*")) == []


def test_odd_names_in_its_configuration(capsys, home, monkeypatch):
    found = {}

    def wait(self, seconds):
        path = os.path.join(self.folder, "config.yaml")
        assert os.stat(path).st_mode & 0o777 == 0o600
        found["networks"], found["known"] = load(path).networks, self.world.known

    monkeypatch.setattr(Serving, "wait", wait)
    assert main(["simulate", "hostile"]) == 0
    assert found["networks"] == found["known"]
    out = capsys.readouterr().out
    for words in (" trust 127.0.0.1:", "plan", "Ctrl-C"):
        assert words in out


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_a_world_brings_what_it_is_set_up_for(world, capsys, home, monkeypatch):
    """In the configuration that is written, and without any: then `setup` has nothing to do."""
    found = {}

    def wait(self, seconds):
        found["written"] = load(os.path.join(self.folder, "config.yaml")).relay

    monkeypatch.setattr(Serving, "wait", wait)
    assert main(["simulate", world]) == 0
    with make_world(world) as made:
        assert found["written"] == replace(Relay(), **made.relay)
    assert (world in ("vpn", "wds")) is (found["written"] != Relay())
    capsys.readouterr()
    assert main(["--router", f"sim:{world}", "--json", "setup", "--show"]) == 0
    assert json.loads(capsys.readouterr().out)["edits"] == []


def test_a_file_of_the_owners_goes_before_what_a_world_brings(capsys, home, tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("networks: [{ssid: House, key: hay and horses}]\n")
    file.chmod(0o600)
    for words, action in (([], "join"), (["--config", str(file)], "nothing")):
        assert main(["--router", "sim:wds", *words, "--json", "plan"]) == 0
        assert json.loads(capsys.readouterr().out)["decision"]["action"] == action


def test_it_ends_by_itself_and_on_ctrl_c(say: Say, monkeypatch):
    begun = time.monotonic()
    code, out, _ = say("simulate", "--seconds", "0", "--fresh")
    assert code == 0
    assert "listens on 127.0.0.1" in out
    assert time.monotonic() - begun < 15

    def stopped(self, seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(Serving, "wait", stopped)
    code, _, err = say("simulate")
    assert code == 0
    assert "switched off" in err
    assert hostkeys.stored("127.0.0.1", 22).keys == ()


def test_nothing_is_left_behind(say: Say, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = set(os.listdir(tmp_path))
    assert say("simulate", "--seconds", "0")[0] == 0
    assert say("simulate", "nowhere")[0] == 2
    assert set(os.listdir(tmp_path)) == kept


# the demonstration


def acts(shape, name):
    return [act for act in shape["acts"] if act["name"] == name]


def test_demo(run: Run):
    begun = time.monotonic()
    code, shape = run("simulate", "--demo")
    assert code == 0
    assert time.monotonic() - begun < 60  # 20 s are promised; tests run many at a time
    assert [act["name"] for act in shape["acts"]] == [
        *("scan", "plan", "join", "status", "loss", "plan", "join", "status")
    ]
    first, second = (act["result"] for act in acts(shape, "join"))
    assert (first["network"], second["network"]) == ("HomeNet", "Phone")
    assert acts(shape, "plan")[0]["result"]["decision"]["network"] == "HomeNet"
    loss = acts(shape, "loss")[0]["result"]
    assert loss["off_air"] == ["default_radio1"]
    assert loss["off_air_after"] < 10
    assert 45 < loss["back_after"] < 90
    assert loss["held_by_sentry"] == ["wifirelay_radio1"]
    for act in acts(shape, "status"):
        assert act["result"]["internet"]["verdict"] == "online"
        assert all(point["on_air"] for point in act["result"]["access_points"])
    assert shape["summary"]["flash_writes"] == 2
    assert sum(act["seconds"] for act in shape["acts"]) == pytest.approx(
        shape["summary"]["router_seconds"], abs=1.0
    )


def test_demo_in_words(say: Say):
    code, out, err = say("simulate", "--demo")
    assert (code, err) == (0, "")
    assert all(line.isprintable() for line in out.splitlines())
    steps = ("scan", "plan", "associated  ok", "confirm     ok", "disappears", "the sentry holds")
    places = [out.index(step) for step in (*steps, "online through Phone", "== summary")]
    assert places == sorted(places)
    assert "correct horse" not in out


def test_demo_from_a_stock_router(run: Run):
    _, shape = run("simulate", "--demo", "--fresh")
    assert shape["acts"][0]["name"] == "setup"
    assert shape["acts"][0]["result"]["edits"]
    assert acts(shape, "join")[-1]["result"]["network"] == "Phone"


def test_demo_where_nothing_works(run: Run):
    _, shape = run("simulate", "hotel", "--demo")
    (join,) = acts(shape, "join")
    assert join["result"]["cause"] == "portal"
    assert acts(shape, "loss") == []
    assert shape["summary"]["flash_writes"] == 0


def test_demo_goes_on_to_what_works(run: Run):
    _, shape = run("simulate", "broken", "--demo")
    results = [act["result"] for act in acts(shape, "join")]
    causes = {result["cause"] for result in results if "cause" in result}
    assert {"wrong-key", "dead-dhcp", "subnet-clash", "no-internet", "no-dns"} <= causes
    joined = [result["network"] for result in results if "network" in result]
    assert joined == ["Vanishing", "Works"]


def test_demo_ignores_the_owner_s_configuration(run: Run, home):
    folder = os.path.join(home, ".config", "wifirelay")
    os.makedirs(folder)
    with open(os.path.join(folder, "config.yaml"), "w") as file:
        file.write("this is: [no configuration\n")
    assert run("simulate", "--demo", "hotel")[0] == 0
