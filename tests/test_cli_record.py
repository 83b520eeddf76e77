# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay record`: what it writes replays, and holds no secret."""

import json
import os

import pytest
from shapes import Run, Say, home, run, say

from wifirelay.cli import open as opening
from wifirelay.cli.open import Opened
from wifirelay.sim.configs import AP_KEY
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world
from wifirelay.transport.recorded import canonical, load_recording
from wifirelay.transport.target import Kind, Target

__all__ = ["home", "run", "say"]

# What the project's own recordings hold, and a report of a router should hold too.
WANTED = """
ubus call system board|ubus call system info|cat /etc/openwrt_release|ubus list
ubus call uci get {"config":"wireless"}|ubus call uci get {"config":"network"}
ubus call uci get {"config":"firewall"}|ubus call uci get {"config":"dhcp"}
uci show wireless|uci show network|uci show firewall|uci show dhcp
uci export wireless|uci export network|uci changes|ubus call uci changes {}
ubus call network.wireless status|ubus call network.interface dump
ubus call network.device status|ubus call iwinfo devices
ubus call iwinfo info {"device":"radio0"}|ubus call iwinfo assoclist {"device":"radio0"}
ubus call iwinfo freqlist {"device":"radio0"}|ubus call iwinfo freqlist {"device":"radio1"}
ubus call iwinfo info {"device":"phy0-ap0"}|ubus call iwinfo scan {"device":"phy0-ap0"}
ubus call wpa_supplicant phy_status {"phy":"phy0"}|logread -l 120|df -k /overlay|free|uptime
"""


def config(tmp_path, world):
    entries = "".join(
        f"  - {{ssid: {json.dumps(n.ssid.text)}, key: {json.dumps(n.key.reveal())}}}\n"
        for n in world.known
    )
    path = tmp_path / "config.yaml"
    path.write_text(f"networks:\n{entries}")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def world(monkeypatch):
    with make_world("home") as world:
        transport = SimTransport(world.router)
        opened = Opened(
            Target(Kind.SIM, world="home"), transport, world.clock, lambda: None, world.known
        )
        monkeypatch.setattr(opening, "_simulated", lambda target: opened)
        yield world


def record(run, path, *more):
    code, shape = run("--router", "sim:home", "record", str(path), *more)
    assert code == 0
    return shape


def secrets(world):
    return [AP_KEY, *(network.key.reveal() for network in world.known)]


def test_a_plan_on_it_is_the_router_s_own(run: Run, world, tmp_path):
    file = tmp_path / "r.jsonl"
    record(run, file)
    known = config(tmp_path, world)
    fresh = run("--router", "sim:home", "plan")[1]
    replayed = run("--router", f"recording:{file}", "--config", known, "plan")[1]
    for part in ("decision", "candidates", "edits"):
        assert replayed[part] == fresh[part]
    for command in ("scan", "status"):
        assert run("--router", f"recording:{file}", "--config", known, command)[0] == 0


def test_its_status_is_the_router_s_own_even_while_joined(run: Run, world, tmp_path):
    assert run("--router", "sim:home", "join")[0] == 0
    file = tmp_path / "r.jsonl"
    record(run, file)
    live = run("--router", "sim:home", "status", "--no-probe")[1]
    assert live["uplinks"][0]["state"] == "connected"
    assert run("--router", f"recording:{file}", "status")[1] == live
    text = file.read_text()
    assert not [secret for secret in secrets(world) if secret in text]


def test_no_secret_is_in_it(run: Run, world, tmp_path):
    file = tmp_path / "r.jsonl"
    world.router.execute(["logger", "-t", "owner", "the key is", world.known[0].key.reveal()])
    record(run, file, "--note", f"with {world.known[1].key.reveal()}")
    text = file.read_text()
    assert not [secret for secret in secrets(world) if secret in text]
    keys = [
        section["key"]
        for each in load_recording(str(file)).exchanges
        if "wireless" in each.argv[-1] and "get" in each.argv
        for section in json.loads(each.out)["values"].values()
        if "key" in section
    ]
    assert keys
    assert set(keys) == {"***"}
    assert os.stat(file).st_mode & 0o777 == 0o600


def test_it_holds_what_helps(run: Run, world, tmp_path):
    file = tmp_path / "r.jsonl"
    shape = record(run, file)
    asked = [canonical(each.argv) for each in load_recording(str(file)).exchanges]
    wanted = [tuple(line.split()) for line in WANTED.replace("|", "\n").splitlines() if line]
    assert [words for words in wanted if canonical(words) not in asked] == []
    for radio in shape["radios"]:
        scan = ("ubus", "call", "iwinfo", "scan", f'{{"device":"{radio}"}}')
        assert asked.count(canonical(scan)) == 2
    assert shape["exchanges"] == len(asked)


def test_anonymous(run: Run, world, tmp_path):
    file = tmp_path / "r.jsonl"
    assert record(run, file, "--anonymous")["anonymous"] is True
    text = file.read_text()
    names = [point.text for point in world.air.points] + ["MyRouter"]
    assert not [name for name in names if name in text]
    assert not [point.bssid for point in world.air.points if point.bssid in text]
    scan = run("--router", f"recording:{file}", "scan")[1]
    assert len(scan["bss"]) == len(world.air.points)


def test_nothing_is_overwritten(run: Run, say: Say, world, tmp_path):
    file = tmp_path / "r.jsonl"
    file.write_text("mine")
    code, _, err = say("--router", "sim:home", "record", str(file))
    assert code == 2
    assert "--force" in err
    assert file.read_text() == "mine"
    record(run, file, "--force")
    assert load_recording(str(file)).exchanges


def test_a_recording_of_a_recording(run: Run, world, tmp_path):
    first = tmp_path / "first.jsonl"
    record(run, first)
    code, _ = run("--router", f"recording:{first}", "record", str(tmp_path / "second.jsonl"))
    assert code == 0
    assert len(load_recording(str(tmp_path / "second.jsonl")).exchanges) > 60
