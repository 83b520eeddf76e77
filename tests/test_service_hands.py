# SPDX-License-Identifier: GPL-2.0-or-later
"""The service beside other hands: edits of others, other uplinks, other controllers."""

import json
import os
import shutil

import pytest

from tests.lab import Lab
from tests.unattended import Mast, Told, asked, mast
from wifirelay.change.asking import ask, serving
from wifirelay.change.scripts import script
from wifirelay.core.known import Relay
from wifirelay.errors import NothingToJoin, Refused, UsageError
from wifirelay.service.events import Kind
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Command


def uci(bench: Mast, *words: str) -> None:
    done = SimTransport(bench.world.router).run(Command(("uci", *words)))
    assert done.rc == 0, done


def reload(bench: Mast) -> None:
    SimTransport(bench.world.router).run(Command(("wifi", "reload")))


def test_nothing_is_joined_beside_fresh_edits_of_others_and_old_ones_are_left_alone() -> None:
    with mast(relay=Relay()) as bench:
        uci(bench, "set", "wireless.default_radio0.ssid=Renamed")
        before = Lab(bench.world)
        bench.run(500)
        assert bench.uplink is None
        assert Kind.OTHERS in bench.kinds()
        assert any("default_radio0" in event.text for event in bench.told.events)
        bench.until(Kind.JOINED, 900)
        bench.run(3000)  # long enough to be kept: but not along with somebody's edits
        assert before.files() == before.flash
        staged = [change for change in before.look()[0].changes if not change.own]
        assert [change.option for change in staged] == ["ssid"]


def test_old_edits_of_the_very_radio_still_stop_it() -> None:
    with mast(relay=Relay(radios=("radio0",))) as bench:
        uci(bench, "set", "wireless.radio0.channel=1")
        bench.run(2000)
        assert bench.uplink is None
        assert bench.on_air()


def test_what_lan_has_in_use_anyway_stops_nothing() -> None:
    """The old address, staged against flash, where somebody committed a move nobody confirmed."""
    with mast(relay=Relay()) as bench:
        uci(bench, "set", "network.lan.ipaddr=192.168.77.1")
        uci(bench, "commit", "network")
        uci(bench, "set", "network.lan.ipaddr=192.168.1.1")
        bench.until(Kind.JOINED, 120.0)
        assert Kind.OTHERS not in bench.kinds()
        (change,) = [each for each in Lab(bench.world).look()[0].changes if not each.own]
        assert change.option == "ipaddr"


def test_somebody_elses_commit_is_noticed_and_costs_no_second_one() -> None:
    with mast() as bench:
        bench.run(100)
        uci(bench, "commit", "wireless")
        writes = len(bench.world.router.flash_writes)
        bench.run(1500)
        assert any("commit has put" in event.text for event in bench.told.events)
        assert len(bench.world.router.flash_writes) == writes
        assert bench.uplink == "HomeNet"


def test_an_owner_who_switches_the_uplink_off_is_obeyed_until_they_join_again() -> None:
    with mast() as bench:
        bench.run(100)
        uci(bench, "set", "wireless.wifirelay_radio1.disabled=1")
        reload(bench)
        bench.run(1500)
        assert bench.uplink is None
        assert bench.on_air()
        assert "somebody disabled" in bench.told.standings[-1].paused
        asked(bench, {"do": "join", "ssid_hex": None})
        bench.run(100)
        assert bench.uplink is not None


def test_a_router_whose_setup_was_taken_back_is_waited_for() -> None:
    with mast() as bench:
        bench.run(100)
        for name in ("wifirelay", "wifirelay_radio1"):
            uci(bench, "delete", f"wireless.{name}")
        uci(bench, "commit", "wireless")
        reload(bench)
        bench.run(900)
        assert bench.uplink is None
        assert any("not set up" in event.text for event in bench.told.events)
        assert bench.on_air()


def test_a_cable_comes_first_and_wifi_when_it_gives_no_internet() -> None:
    with mast(wired=True) as bench:
        bench.run(600)
        assert bench.uplink is None
        assert bench.kinds().count(Kind.TRYING) == 0
        assert any("gives the internet" in event.text for event in bench.told.events)


def test_the_owner_may_want_both() -> None:
    with mast(wired=True, relay=Relay(beside_wired=True)) as bench:
        bench.run(120)
        assert bench.uplink == "HomeNet"


def test_a_second_service_is_refused_and_takes_over_when_the_first_is_gone() -> None:
    with mast() as bench:
        bench.service._connect()  # it lives, and works elsewhere
        second = Mast(bench.world, bench.settings, Told(), controller="laptop (boot 9) pid 2")
        second.run(200)
        assert second.uplink is None
        assert any("another service" in event.text for event in second.told.events)
        second.until(Kind.JOINED, 700)  # the first one's lease ran out
        second.service._connect()
        bench.run(20)
        assert any("another service" in event.text for event in bench.told.events)
        assert bench.kinds().count(Kind.TRYING) == 0


def test_a_service_that_ends_leaves_the_uplink_and_no_lease() -> None:
    with mast() as bench:
        bench.run(100)
        assert Lab(bench.world).state().service is None
        bench.world.router.advance(600)
        assert bench.on_air()
        assert bench.service.observer.uplink is not None


def test_join_goes_through_the_service_and_its_choice_lasts() -> None:
    with mast() as bench:
        bench.run(100)
        assert bench.uplink == "HomeNet"
        answer = asked(bench, {"do": "join", "ssid_hex": b"Phone".hex()})
        assert answer["action"] == "join"
        bench.run(1800)
        assert bench.uplink == "Phone"
        again = asked(bench, {"do": "join", "ssid_hex": b"Phone".hex()})
        assert again["action"] == "stay"


def test_what_cannot_be_joined_is_answered() -> None:
    with mast() as bench:
        bench.world.air.switch_off("Phone")
        bench.run(100)
        with pytest.raises(NothingToJoin, match="Phone is not heard") as caught:
            asked(bench, {"do": "join", "ssid_hex": b"Phone".hex()})
        assert caught.value.hint == ""  # it has just been told
        assert bench.uplink == "HomeNet"


def test_leave_pauses_the_service() -> None:
    with mast() as bench:
        bench.run(800)
        answer = asked(bench, {"do": "leave"})
        assert answer["left"] == [b"HomeNet".hex()]
        bench.run(1800)
        assert bench.uplink is None
        assert bench.on_air()
        asked(bench, {"do": "join", "ssid_hex": None})
        assert bench.uplink == "HomeNet"


def test_a_service_that_does_not_react_is_said() -> None:
    with mast() as bench:
        bench.service._connect()
        transport = SimTransport(bench.world.router)
        service = serving(transport)
        assert service is not None
        with pytest.raises(Refused, match="does not react"):
            ask(transport, bench.world.clock, service, {"do": "leave"}, lambda event: None)


def test_senseless_events_are_passed_over() -> None:
    with mast() as bench:
        bench.run(100)
        send = SimTransport(bench.world.router)
        bench.service._connect()
        for text in (
            '{"id":"../../etc/passwd","do":"leave"}',
            '{"id":5}',
            '{"id":"00000000000000aa","do":"nothing"}',
            '{"id":"00000000000000ab","do":"join","ssid_hex":"zz"}',
            '{"id":"00000000000000ac","do":"join","ssid_hex":[1]}',
        ):
            send.run(Command(("ubus", "send", "wifirelay.request", text)))
        for _ in range(8):
            bench.service.turn(bench.now + 5)
        assert bench.uplink == "HomeNet"


def turns(bench: Mast, seconds: float) -> int:
    """How many moves the service makes in so much time: never a flood."""
    count, end = 0, bench.now + seconds
    bench.service._connect()
    while bench.now < end:
        bench.service.turn(end)
        count += 1
    return count


def test_switched_off_while_it_works_is_obeyed_as_well() -> None:
    with mast() as bench:

        def switch_off() -> None:
            uci(bench, "set", "wireless.wifirelay_radio1.disabled=1")
            reload(bench)

        bench.later(100, switch_off)
        bench.run(900)
        assert bench.uplink is None
        assert bench.kinds().count(Kind.TRYING) == 1
        assert "somebody disabled" in bench.told.standings[-1].paused
        assert not [event for event in bench.told.events if event.kind is Kind.FAILED]


def test_paused_beside_a_cable_it_rests() -> None:
    with mast(wired=True) as bench:
        bench.run(130)
        asked(bench, {"do": "leave"})
        assert turns(bench, 1200) < 30
        bench.service.settings = bench.settings
        assert bench.uplink is None


def test_what_somebody_staged_since_is_not_kept_as_proved() -> None:
    with mast() as bench:
        bench.until(Kind.JOINED)
        bench.run(60)
        uci(bench, "set", "wireless.wifirelay_radio1.ssid=NeverTried")
        bench.run(1200)
        assert bench.world.router.flash_writes == []
        assert b"NeverTried" not in Lab(bench.world).files()["wireless"]


def test_edits_that_were_settled_stop_it_no_longer() -> None:
    with mast() as bench:
        uci(bench, "set", "wireless.default_radio0.ssid=Renamed")
        bench.later(200, lambda: uci(bench, "revert", "wireless"))
        bench.run(60)
        bench.wishes.wish(scan=True)
        bench.until(Kind.JOINED, 900)
        assert not [event for event in bench.told.events if event.kind is Kind.FAILED]


def test_a_request_that_nobody_waits_for_any_more_is_not_done() -> None:
    with mast() as bench:
        bench.run(100)
        bench.service._connect()
        text = '{"id":"00000000000000aa","do":"leave","until":%d}'
        for until in (int(bench.world.router.uptime) - 1, 0):
            SimTransport(bench.world.router).run(
                Command(("ubus", "send", "wifirelay.request", text % until))
            )
            bench.service.turn(bench.now + 5)
        assert bench.uplink == "HomeNet"
        assert bench.told.standings[-1].paused == ""


def test_a_request_in_the_middle_of_a_trial_waits_for_its_end() -> None:
    with mast() as bench:
        until = int(bench.world.router.uptime) + 60
        text = f'{{"id":"00000000000000aa","do":"leave","until":{until}}}'
        send = SimTransport(bench.world.router)
        bench.later(12, lambda: send.run(Command(("ubus", "send", "wifirelay.request", text))))
        bench.run(200)
        assert bench.kinds().count(Kind.JOINED) == 1
        assert "left, as asked" in bench.told.standings[-1].paused


def test_a_network_that_is_not_known_is_said_at_once_as_by_the_command() -> None:
    with mast() as bench:
        bench.run(100)
        before = bench.now
        with pytest.raises(UsageError, match="Nowhere is not a known network"):
            asked(bench, {"do": "join", "ssid_hex": b"Nowhere".hex(), "known": True})
        assert bench.now - before < 3


def test_a_leave_overtakes_the_joins_that_wait_before_it() -> None:
    with mast() as bench:
        bench.run(100)
        ids = ["00000000000000a1", "00000000000000a2", "00000000000000a3"]
        wanted = [("join", b"Phone".hex()), ("leave", None), ("scan", None)]
        until = int(bench.world.router.uptime) + 25
        bench.service._connect()
        requests = [
            {"id": each, "until": until, "do": do, "ssid_hex": name}
            for each, (do, name) in zip(ids, wanted, strict=True)
        ]
        bench.service._requests.take_all(requests)
        told = [json.loads(bench.transport.run(script("told", each)).text) for each in ids]
        assert [each["exit"] for each in told] == [6, 0, 0]
        assert "overtaken" in told[0]["error"]
        bench.run(300)
        assert bench.uplink is None


def test_what_a_service_was_asked_is_not_done_by_the_next_and_not_waited_for() -> None:
    with mast() as bench:
        bench.run(100)
        answers = bench.world.router.root.here("/var/run/wifirelay/answers")
        bench.world.router.root.write(
            "/var/run/wifirelay/answers/00000000000000aa", '{"state": "taken"}'
        )
        bench.service = bench.new_service()
        bench.run(20)
        assert not os.path.exists(answers)
        with pytest.raises(Refused, match="started anew"):

            class Restarting:
                """The command's clock: meanwhile another process of the service begins."""

                def monotonic(self) -> float:
                    return bench.now

                def sleep(self, seconds: float) -> None:
                    del seconds
                    folder = bench.world.router.root.here("/var/run/wifirelay/answers")
                    if os.path.isdir(folder):
                        shutil.rmtree(folder)
                    else:
                        bench.transport.run(
                            script("answer", sent[-1], stdin=b'{"state":"taken"}\n')
                        )

                def wait(self, seconds: float, wake: int | None = None) -> None:
                    self.sleep(seconds)

            sent: list[str] = []
            stop = bench.world.router.watch_events(
                lambda name, line: (
                    sent.append(json.loads(line)["wifirelay.request"]["id"])
                    if name == "wifirelay.request"
                    else None
                )
            )
            bench.service._connect()
            service = serving(bench.transport)
            assert service is not None
            try:
                ask(bench.transport, Restarting(), service, {"do": "scan"}, lambda event: None)
            finally:
                stop()
