# SPDX-License-Identifier: GPL-2.0-or-later
"""A pause of the service: who makes one, what outlives what, who ends it."""

import os

import pytest

from tests.unattended import Mast, asked, mast
from wifirelay.change.onrouter import POKE, on_router
from wifirelay.change.rest import pause
from wifirelay.service.events import Kind
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Command

WHY = "the reset button was held: `wifirelay run` goes on"


def button(bench: Mast) -> None:
    """What the reset button leaves: the uplink off, and the reason in a file."""
    transport = SimTransport(bench.world.router)
    pause(transport, WHY)
    off = "set wireless.wifirelay.disabled='1'\nset wireless.wifirelay_radio1.disabled='1'\n"
    transport.run(Command(("uci", "batch"), off.encode()))
    transport.run(Command(("wifi", "reload")))
    transport.run(Command(("ubus", "send", POKE, "{}")))


def paused(bench: Mast) -> str:
    return on_router().read(SimTransport(bench.world.router)).paused


def test_the_button_pauses_until_somebody_says_run() -> None:
    with mast() as bench:
        bench.run(100)
        assert bench.uplink == "HomeNet"
        bench.later(10, lambda: button(bench))
        bench.run(3600)
        assert bench.uplink is None
        assert bench.on_air()
        assert bench.told.standings[-1].paused == WHY
        assert bench.kinds().count(Kind.TRYING) == 1
        assert asked(bench, {"do": "run"}) == {
            "state": "done",
            "exit": 0,
            "was_paused": WHY,
            "forgot": False,
        }
        bench.run(60)
        assert bench.uplink == "HomeNet"
        assert paused(bench) == ""


def test_run_without_a_pause_changes_nothing() -> None:
    with mast() as bench:
        bench.run(100)
        assert asked(bench, {"do": "run"})["was_paused"] == ""
        bench.run(60)
        assert bench.kinds().count(Kind.TRYING) == 1


def test_the_pause_of_the_button_is_seen_at_once_by_a_poke() -> None:
    with mast() as bench:
        bench.run(100)
        begun = bench.now
        bench.later(50, lambda: button(bench))
        event = bench.until(Kind.OTHERS, 120)
        assert (event.text, round(event.at - begun)) == (WHY, 51)


@pytest.mark.parametrize("how", ["leave", "the owner's hand", "button"])
def test_a_pause_outlives_a_respawn_by_procd_and_ends_with_an_owners_start(how: str) -> None:
    with mast() as bench:
        bench.run(100)
        if how == "leave":
            asked(bench, {"do": "leave"})
            bench.run(1)
        elif how == "button":
            button(bench)
            bench.run(5)
        else:
            transport = SimTransport(bench.world.router)
            for section in ("wifirelay", "wifirelay_radio1"):
                transport.run(Command(("uci", "set", f"wireless.{section}.disabled=1")))
            transport.run(Command(("wifi", "reload")))
            bench.run(100)
        assert paused(bench)
        bench.service = bench.new_service(keep_pause=True)
        bench.run(600)
        assert bench.uplink is None
        assert bench.told.standings[-1].paused
        bench.service = bench.new_service()
        bench.run(60)
        assert bench.uplink == "HomeNet"
        assert paused(bench) == ""


def test_a_reboot_ends_it() -> None:
    with mast() as bench:
        bench.run(100)
        asked(bench, {"do": "leave"})
        bench.world.router.reboot()
        bench.run(200)
        assert bench.uplink == "HomeNet"


def test_a_refused_leave_leaves_no_pause() -> None:
    with mast() as bench:
        bench.run(100)
        transport = SimTransport(bench.world.router)
        transport.run(Command(("uci", "set", "wireless.default_radio0.ssid=Renamed")))
        with pytest.raises(Exception, match="somebody else's edits"):
            asked(bench, {"do": "leave"})
        assert paused(bench) == ""
        assert bench.told.standings[-1].paused == ""


def test_a_ram_disk_that_is_full_does_not_let_it_go_on() -> None:
    """Nobody can write the reason down: the process itself remembers."""
    with mast() as bench:
        bench.run(100)
        folder = bench.world.router.root.here("/var/run/wifirelay")
        os.mkdir(os.path.join(folder, ".paused"))  # what is written first cannot be written
        with pytest.raises(Exception, match="could not note the pause"):
            asked(bench, {"do": "leave"})
        os.rmdir(os.path.join(folder, ".paused"))
        assert bench.uplink == "HomeNet"


def test_a_press_in_the_middle_of_a_scan_is_heeded() -> None:
    """The service has looked before, and would join next: arming asks the router once more."""
    with mast() as bench:
        pressed: list[int] = []

        def fault(boundary: int, command: Command, when: str) -> None:
            if when == "after" and "scan" in command.argv and not pressed:
                pressed.append(boundary)
                pause(SimTransport(bench.world.router), WHY)

        bench.transport.fault = fault
        bench.run(600)
        assert pressed
        assert bench.uplink is None
        assert Kind.JOINED not in bench.kinds()
        assert bench.told.standings[-1].paused == WHY
        assert asked(bench, {"do": "run"})["was_paused"] == WHY
        bench.run(60)
        assert bench.uplink == "HomeNet"


def test_only_a_join_that_succeeds_ends_a_pause() -> None:
    with mast() as bench:
        bench.run(100)
        asked(bench, {"do": "leave"})
        bench.world.air.switch_off("Phone")
        with pytest.raises(Exception, match="Phone is not heard"):
            asked(bench, {"do": "join", "ssid_hex": b"Phone".hex()})
        assert paused(bench)
        asked(bench, {"do": "join", "ssid_hex": b"HomeNet".hex()})
        assert paused(bench) == ""
        assert bench.uplink == "HomeNet"


def test_a_start_by_the_owner_ends_it_in_a_service_that_runs_on() -> None:
    """`/etc/init.d/wifirelay start` beside one that runs: the file goes, and a poke comes."""
    with mast() as bench:
        bench.run(100)
        bench.later(10, lambda: button(bench))
        bench.run(100)
        assert bench.told.standings[-1].paused == WHY

        def start() -> None:
            transport = SimTransport(bench.world.router)
            pause(transport, "")
            transport.run(Command(("ubus", "send", POKE, "{}")))

        bench.later(10, start)
        bench.run(60)
        assert bench.uplink == "HomeNet"
        assert any("ended the pause" in event.text for event in bench.told.events)
