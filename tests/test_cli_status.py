# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay status`: what it says of each situation, in at most three round trips."""

import json
import os
from dataclasses import replace

import pytest
from lab import lab, swap
from shapes import Run, Say, check, home, run, say, target

from wifirelay.change.status import State, read_status
from wifirelay.errors import TrialFailed
from wifirelay.sim.air import Internet
from wifirelay.transport.base import Command
from wifirelay.values import Ssid
from wifirelay.view.status import status_line, status_lines, status_object

__all__ = ["home", "run", "say"]


def look(here, **more):
    """The status, its valid object, and its lines, which are harmless."""
    before = here.transport.round_trips
    status = read_status(here.transport, **more)
    assert here.transport.round_trips - before <= 3
    lines = [*status_lines(status), status_line(status)]
    assert all(line.isprintable() for line in lines)
    return status, check(json.loads(json.dumps(status_object(status)))), "\n".join(lines)


# name: state of the uplink, its network, own access points on the air
RECORDED = {
    "baseline": ("disabled", None, True),
    "connected": ("connected", "HomeNet", True),
    "dead-dhcp": ("associated", "DeadDHCP", True),
    "fresh": (None, None, True),
    "hostile-air": ("disabled", None, True),
    "portal": ("connected", "AirportFree", True),
    "subnet-clash": ("connected", "Collide", True),
    "upstream-lost": ("searching", "HomeNet", False),
    "wrong-key": ("searching", "WrongPass", False),
}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recordings(run: Run, name):
    state, network, on_air = RECORDED[name]
    code, shape = run("--router", target(name), "status")
    assert code == 0
    assert (shape["internet"], shape["sentry"]) == (None, None)
    assert [point["on_air"] for point in shape["access_points"]] == [on_air]
    assert shape["set_up"] is (state is not None)
    if state is not None:
        (uplink,) = shape["uplinks"]
        assert (uplink["state"], uplink["network"]) == (state, network)
        assert uplink["kept"] == (None if state == "disabled" else "session")
        assert bool(uplink["addresses"]) is (state == "connected")


def test_recorded_lease(run: Run):
    (uplink,) = run("--router", target("connected"), "status")[1]["uplinks"]
    assert uplink["bssid"] == "02:00:00:00:02:00"
    assert uplink["signal_dbm"] == -30
    assert uplink["addresses"] == ["10.10.1.176/24"]
    assert (uplink["gateway"], uplink["dns"]) == ("10.10.1.1", ["10.10.1.1"])


def test_baseline():
    with lab("home") as here:
        status, shape, text = look(here)
        assert shape["sentry"]["alive"] is True
        assert {uplink.state for uplink in status.uplinks} == {State.DISABLED}
        assert "at baseline" in text
        assert here.transport.round_trips == 1  # nothing more to ask


def test_not_set_up():
    with lab("home", set_up=False) as here:
        _, shape, text = look(here)
        assert (shape["set_up"], shape["sentry"]["installed"]) == (False, False)
        assert "wifirelay setup" in text


def test_joined():
    with lab("home") as here:
        here.join()
        status, shape, text = look(here)
        first = status.uplinks[0]
        assert (first.state, first.kept, first.ssid) == (State.CONNECTED, "flash", Ssid(b"HomeNet"))
        assert (first.bssid, first.addresses) == ("02:00:00:00:10:01", ("10.10.1.176/24",))
        assert shape["internet"]["verdict"] == "online"
        assert shape["last_trial"]["result"] == "confirmed flash"
        assert "kept on flash" in text
        assert look(here, probing=False)[1]["internet"] is None


def test_dead_internet_still_takes_three_round_trips():
    with lab("broken") as here:
        with pytest.raises(TrialFailed):
            here.join("NoInternet")
        # the owner insists, by hand
        for option in ("ssid=NoInternet", "encryption=psk2", "key=the right key", "disabled=0"):
            here.transport.run(Command(("uci", "set", f"wireless.wifirelay.{option}")))
        here.transport.run(Command(("wifi", "reload")))
        here.world.clock.sleep(30)
        _, shape, _ = look(here)
        assert shape["uplinks"][0]["state"] == "connected"
        assert shape["uplinks"][0]["kept"] == "session"
        assert shape["internet"]["verdict"] == "offline"
        assert shape["last_trial"]["result"].startswith("rolled-back")


@pytest.mark.parametrize(
    ("internet", "verdict"), [(Internet.TRICKLE, "offline"), (Internet.FLOOD, "portal")]
)
def test_probes_without_an_end(internet, verdict):
    with lab("home") as here:
        here.join()
        points = [each for each in here.world.air.points if each.ssid == b"HomeNet"]
        swap(here.world, [replace(each, internet=internet) for each in points])
        status = read_status(here.transport)
        assert status.uplinks[0].state is State.CONNECTED
        assert status.internet is not None
        assert status.internet.verdict == verdict


def test_searching_and_then_held_by_the_sentry():
    with lab("home") as here:
        here.join()
        here.world.air.switch_off("HomeNet")
        here.world.clock.sleep(5)
        status, shape, text = look(here)
        assert status.uplinks[0].state is State.SEARCHING
        assert [point.on_air for point in status.access_points] == [True, False]
        assert "OFF THE AIR" in text
        assert "off the air: MyRouter5G" in text
        here.world.clock.sleep(70)
        status, shape, text = look(here)
        held = status.uplinks[0]
        assert (held.state, held.kept) == (State.HELD, "flash")
        assert held.ssid == Ssid(b"HomeNet")
        assert shape["sentry"]["holding"] == [held.section]
        assert all(point.on_air for point in status.access_points)
        assert "holds" in text


def test_a_running_trial():
    with lab("home") as here:
        router, plan = here.look()
        trial = here.trial(router, plan)
        trial._arm()
        _, shape, text = look(here)
        assert shape["sentry"]["unfinished_trial"]["state"] == "armed"
        assert 90 < shape["sentry"]["unfinished_trial"]["seconds_left"] <= 120
        assert shape["sentry"]["lock"]["controller"].endswith(f" pid {os.getpid()}")
        assert shape["last_trial"] is None
        assert "a trial runs (armed)" in text


def test_a_dead_sentry():
    with lab("home") as here:
        here.world.router.sentry_absent = True
        here.world.clock.sleep(90)
        _, shape, text = look(here)
        assert (shape["sentry"]["installed"], shape["sentry"]["alive"]) == (True, False)
        assert "DOES NOT LIVE" in text


def test_foreign_edits_without_their_secrets():
    with lab("home") as here:
        for edit in (
            "wireless.default_radio0.key=hunter2hunter2",
            "wireless.default_radio0.ssid=\u202eOther",
            "network.wg0=interface",
            "network.wg0.private_key=hunter2hunter2",
            "system.@system[0].hostname=mast",
        ):
            assert here.transport.run(Command(("uci", "set", edit))).rc == 0
        _, shape, text = look(here)
        assert shape["staged"]["foreign_packages"] == ["network", "system", "wireless"]
        assert "set wireless.default_radio0.key=***" in shape["staged"]["foreign"]
        assert "set network.wg0.private_key=***" in shape["staged"]["foreign"]
        assert len(shape["staged"]["foreign"]) == 5
        assert "hunter2" not in json.dumps(shape) + text
        assert "no `join` before they are gone" in text


def test_command(say: Say):
    code, out, _ = say("--router", "sim:home", "status", "--no-probe")
    assert code == 0
    assert "MyRouter5G" in out


def test_the_history_of_a_service_on_the_router_is_there(say: Say, home: str) -> None:
    code, out, _ = say("--router", "ssh://root@192.0.2.9", "status", "--history")
    assert code == 0
    assert "one on ssh://root@192.0.2.9:22 has its own" in out
    assert "has its own" not in say("--router", "sim:home", "status", "--history")[1]
