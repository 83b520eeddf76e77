# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay move-lan`: what it shows, prints and exits with; the router found again."""

from pathlib import Path

import pytest
from shapes import home, run, say

from wifirelay.cli.open_ssh import open_moved
from wifirelay.config.model import Login, Settings
from wifirelay.errors import HostKeyRefused
from wifirelay.sim.serving import Serving
from wifirelay.transport import hostkeys
from wifirelay.transport.base import Command
from wifirelay.transport.target import parse_target

__all__ = ["home", "run", "say"]


def test_it_shows_and_changes_nothing(run):
    code, shape = run("--router", "sim:home", "move-lan", "--show")
    assert code == 0
    assert shape == {
        "schema": "wifirelay.move-lan/1",
        "state": "shown",
        "from": "192.168.1.1/24",
        "to": "192.168.77.1/24",
        "edits": ["set network.lan.ipaddr='192.168.77.1'"],
        "remarks": [],
    }


def test_it_moves_and_finds_the_router_again(run):
    code, shape = run("--router", "sim:home", "move-lan", "10.9.8.1/24", "--yes")
    assert (code, shape["state"], shape["to"]) == (0, "moved", "10.9.8.1/24")


def test_there_already(run):
    code, shape = run("--router", "sim:home", "move-lan", "192.168.1.1")
    assert (code, shape["state"], shape["edits"]) == (0, "unchanged", [])


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (("--yes", "10.9.8.7/33"), 2, "no prefix length"),
        (("--yes", "--wait", "5"), 2, "--wait 5"),
        ((), 2, "asks before it changes the router"),
        (("--confirm",), 6, "no move of lan waits"),
        (("--confirm", "192.168.77.1/24"), 2, "--confirm takes no address"),
        (("--yes", "10.9.8.1/26"), 6, "too small"),
    ],
)
def test_what_it_refuses(run, words, code, text):
    found, shape = run("--router", "sim:home", "move-lan", *words)
    assert (found, shape["exit"]) == (code, code)
    assert text in shape["error"]


def test_a_recording_is_none(run):
    recording = Path(__file__).parent / "data/recordings/baseline.jsonl"
    code, shape = run("--router", f"recording:{recording}", "move-lan", "--show")
    assert code == 2
    assert "a recording is none" in shape["error"]


def test_the_lines_for_people(say):
    code, out, err = say("--router", "sim:home", "move-lan", "--yes")
    assert code == 0
    assert out.splitlines() == ["lan is 192.168.77.1/24"]
    assert "lan moves from 192.168.1.1/24 to 192.168.77.1/24" in err
    assert "set network.lan.ipaddr='192.168.77.1'" in err
    assert "reached at 192.168.77.1, and kept on flash" in err


def test_what_is_to_do_now_is_marked_as_that(say):
    err = say("--router", "sim:home", "move-lan", "--yes")[2]
    (line,) = [each for each in err.splitlines() if "get an address of 192.168.77.0/24" in each]
    assert line.startswith("  confirm     DO NOW  ")


def test_where_the_router_gives_no_addresses_one_is_named(say):
    err = say("--router", "sim:wds", "move-lan", "--yes")[2]
    told = [each for each in err.splitlines() if "192.168.77.2/255.255.255.0 by hand" in each]
    assert told[0].startswith("note: the router gives no addresses")
    assert told[1].startswith("  confirm     DO NOW  give this machine")
    assert "get an address" not in err


def test_in_the_same_subnet_nobody_is_told_of_a_new_one(say):
    err = say("--router", "sim:home", "move-lan", "192.168.1.77/24", "--yes")[2]
    assert "loses it for a moment" in err
    assert "new subnet" not in err
    assert "note: many upstream networks have 192.168.1.0/24 too" in err


# --- over SSH ---


def test_the_same_router_is_known_at_another_address_and_nobody_else(tmp_path):
    """The name stands for the new address: its key is the router's, and is stored for it."""
    with Serving("home") as served:
        address = served.address
        target = parse_target(f"ssh://root@{address.host}:{address.port}")
        login = Login(key_file=address.key_file, known_hosts=address.known_hosts)
        settings = Settings(login=login)
        moved = open_moved(target, settings, "localhost")
        moved._own_known_hosts = str(tmp_path / "own")
        try:
            assert moved.run(Command(("true",))).rc == 0
        finally:
            moved.close()
        stored = hostkeys.stored("localhost", address.port, [str(tmp_path / "own")])
        assert stored.keys == (address.host_key,)
        other = parse_target(f"ssh://root@router.example:{address.port}")
        stranger = open_moved(other, settings, "localhost")
        with pytest.raises(HostKeyRefused, match="unknown"):
            stranger.run(Command(("true",)))
        stranger.close()


def test_dropbear_says_by_which_address_somebody_came():
    with Serving("home") as served:
        address = served.address
        target = parse_target(f"ssh://root@{address.host}:{address.port}")
        login = Login(key_file=address.key_file, known_hosts=address.known_hosts)
        link = open_moved(target, Settings(login=login), address.host)
        try:
            told = link.run(Command(("sh", "-c", "echo $SSH_CONNECTION"))).text.split()
        finally:
            link.close()
        assert address.kind != "dropbear" or told[2] == address.host
