# SPDX-License-Identifier: GPL-2.0-or-later
"""A key on its way to the service: taken once, gone then, and seen in nothing else."""

import json
import os
from collections.abc import Iterator

import pytest

from tests.listed import HOME, KEYS, PHONE, Listed, join, listed
from tests.unattended import asked
from wifirelay.change.keys import put_key, take_key
from wifirelay.change.onrouter import WITH_KEY
from wifirelay.change.scripts import script
from wifirelay.config.uci_file import load_uci
from wifirelay.core.known import Wanted
from wifirelay.errors import Refused, TrialFailed, UsageError, WifirelayError
from wifirelay.sim.air import AccessPoint
from wifirelay.sim.neighbourhoods import HOME_KEY, PHONE_KEY
from wifirelay.sim.transport import SimTransport
from wifirelay.transport.base import Command
from wifirelay.values import Band, Secret, Security, Ssid

IDS = tuple(f"00000000000000a{number}" for number in range(4))
AWKWARD = (
    "$(reboot); `reboot`",
    'it\'s "quoted" \\ twice\\\\',
    "  blanks  too  ",
    "-n %s ${HOME} #x ;|&",
    "schlüssel €\U0001f4a9",
    "'",
)


def put(bench: Listed, asked_by: str, key: str = PHONE_KEY, seconds: int = 25) -> int:
    """A key lies there for this request. Returns until when."""
    until = int(bench.world.router.uptime) + seconds
    put_key(bench.transport, asked_by, until, Secret(key))
    return until


def request(asked_by: str, until: int, **more: object) -> dict[str, object]:
    return {"id": asked_by, "until": until, "do": "join", "ssid_hex": PHONE, WITH_KEY: True} | more


def told(bench: Listed, asked_by: str) -> dict[str, object]:
    answer = json.loads(bench.transport.run(script("told", asked_by)).text or "{}")
    assert isinstance(answer, dict)
    return answer


def texts(root: str) -> Iterator[tuple[str, bytes]]:
    """Every file of the router but its programs, with its path."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and "/shims" not in path:
                with open(path, "rb") as file:
                    yield path[len(root) :], file.read()


def test_it_is_in_no_event_no_argument_no_log_and_no_file_but_the_radios() -> None:
    with listed() as bench:
        router = bench.world.router
        events: list[str] = []
        stop = router.watch_events(lambda name, line: events.append(name + line))
        bench.run(60)
        join(bench)
        with pytest.raises(TrialFailed) as failed:
            join(
                bench,
                "battery horse correct",
                b"HomeNet".hex() if bench.uplink != "HomeNet" else PHONE,
            )
        asked(bench, {"do": "remember", "ssid_hex": PHONE})
        bench.run(60)
        stop()
        assert bench.keys() == []
        keys = (PHONE_KEY, "battery horse correct")
        seen = [*events, *(" ".join(argv) for argv in router.argvs), router.log.read()]
        seen += [repr(each) for each in (*bench.told.events, *bench.told.standings)]
        seen += [repr(each) for each in (*bench.told.steps, *bench.told.airs, bench.told.memory)]
        seen += [repr(failed.value), failed.value.hint, repr(bench.service.guests.known)]
        assert len(events) > 3
        assert len(router.argvs) > 50
        assert not [text[:80] for text in seen if any(key in text for key in keys)]
        holding = [
            p for p, text in texts(router.root.path) if any(k.encode() in text for k in keys)
        ]
        assert set(holding) <= {
            "/etc/config/wifirelay",
            "/tmp/.uci/wireless",
            "/etc/config/wireless",
        }


@pytest.mark.parametrize("key", AWKWARD)
def test_any_key_arrives_works_and_is_written_as_it_is(key: str) -> None:
    odd = len(key.encode()) < 8
    with listed() as bench:
        kind = Security.SAE if odd else Security.PSK2
        bssid = "02:00:00:00:77:01"
        bench.world.air.add(AccessPoint(b"Odd", bssid, Band.GHZ2, 6, -50, kind, key))
        bench.run(60)
        if odd:  # the reader's own rule: only `security sae` takes so short a one
            with pytest.raises(UsageError, match="1 characters"):
                join(bench, key, b"Odd".hex())
            assert bench.guest() is None
            return
        join(bench, key, b"Odd".hex())
        asked(bench, {"do": "remember", "ssid_hex": b"Odd".hex()})
        found = load_uci(bench.transport, here=False).networks[-1]
        assert found.key is not None
        assert (found.ssid, found.key.reveal(), found.security) == (Ssid(b"Odd"), key, Wanted.AUTO)
        assert bench.uplink == "Odd"


@pytest.mark.parametrize("key", ["", "sh0rt", "x" * 64, "é" * 32])
def test_a_key_of_the_wrong_length_is_told_before_anything_is_tried(key: str) -> None:
    with listed() as bench:
        bench.run(60)
        scans = len([argv for argv in bench.world.router.argvs if "scan" in argv])
        with pytest.raises(WifirelayError) as refused:
            join(bench, key)
        assert refused.value.exit_code in (2, 6)
        assert not key or key not in refused.value.message + refused.value.hint
        assert len([argv for argv in bench.world.router.argvs if "scan" in argv]) == scans
        assert (bench.guest(), bench.keys()) == (None, [])


@pytest.mark.parametrize("key", ["1234\n5678", "1234\x005678", "1234\x7f5678", "1234\ud8005678"])
def test_what_no_router_can_store_is_not_even_sent(key: str) -> None:
    with listed() as bench:
        bench.run(10)
        before = len(bench.world.router.argvs)
        with pytest.raises(UsageError, match="the key holds"):
            put(bench, IDS[0], key)
        assert len(bench.world.router.argvs) == before
        assert bench.keys() == []


def test_two_requests_each_with_its_own_the_second_in_the_middle_of_a_trial() -> None:
    with listed() as bench:
        bench.run(60)
        bench.service._connect()
        first, second = request(IDS[0], put(bench, IDS[0])), {}

        def ask_again() -> None:
            second.update(request(IDS[1], put(bench, IDS[1], HOME_KEY), ssid_hex=HOME))
            words = ("ubus", "send", "wifirelay.request", json.dumps(second))
            SimTransport(bench.world.router).run(Command(words))

        bench.later(10, ask_again)
        bench.service._requests.take_all([first])
        assert told(bench, IDS[0])["exit"] == 0
        assert told(bench, IDS[1])["state"] == "taken"
        assert bench.keys() == []  # both are taken
        bench.run(90)
        assert told(bench, IDS[1]).get("exit") == 0
        assert bench.uplink == "HomeNet"


def test_one_that_comes_too_late_is_gone_and_nothing_is_done() -> None:
    with listed() as bench:
        bench.run(60)
        bench.service._connect()
        late = request(IDS[0], put(bench, IDS[0], seconds=-1))
        bench.service._requests.take_all([late])
        assert (bench.keys(), told(bench, IDS[0])) == ([], {})
        leave = {"id": IDS[2], "until": int(bench.world.router.uptime) + 25, "do": "leave"}
        overtaken = request(IDS[1], put(bench, IDS[1]))
        bench.service._requests.take_all([overtaken, leave])
        assert (bench.keys(), told(bench, IDS[1])["exit"]) == ([], Refused.exit_code)
        assert bench.guest() is None


def test_one_that_has_not_arrived_joins_nothing() -> None:
    with listed() as bench:
        bench.run(60)
        bench.service._connect()
        until = int(bench.world.router.uptime) + 25
        bench.service._requests.take_all([request(IDS[0], until)])
        answer = told(bench, IDS[0])
        assert answer["exit"] == Refused.exit_code
        assert "has not arrived" in str(answer["error"])
        bench.world.router.root.write(f"{KEYS}/{IDS[1]}", "")
        path = bench.world.router.root.here(f"{KEYS}/{IDS[1]}")
        with open(path, "wb") as file:
            file.write(b"99999\n1234\xff5678")  # no text
        bench.service._requests.take_all([request(IDS[1], until)])
        assert told(bench, IDS[1])["exit"] == Refused.exit_code
        assert bench.keys() == []


@pytest.mark.parametrize("flag", [1, "true", [True], None])
def test_only_a_truth_says_that_there_is_one(flag: object) -> None:
    with listed() as bench:
        bench.run(30)
        bench.service._connect()
        until = put(bench, IDS[0])
        bench.service._requests.take_all([request(IDS[0], until, **{WITH_KEY: flag})])
        assert "needs a key" in str(told(bench, IDS[0])["error"])
        assert bench.keys() == [IDS[0]]


def test_what_nobody_took_is_swept() -> None:
    with listed() as bench:
        bench.run(10)
        bench.service._connect()
        put(bench, IDS[0])
        put(bench, IDS[1], seconds=400)
        bench.world.router.advance(30)
        assert bench.keys() == [IDS[0], IDS[1]]
        bench.transport.run(script("answer", IDS[2], stdin=b"{}"))
        assert bench.keys() == [IDS[1]]
        bench.world.router.advance(400)
        bench.service.turn(bench.now + 5)  # its lease is renewed
        assert bench.keys() == []
        put(bench, IDS[0], seconds=4000)
        bench.run(1)
        bench.service = bench.new_service()
        bench.run(10)  # another process: what the one before was asked for nobody does
        assert bench.keys() == []


def test_it_is_taken_once_and_no_other_file_is_a_key() -> None:
    with listed() as bench:
        put(bench, IDS[0])
        taken = take_key(bench.transport, IDS[0])
        assert taken == Secret(PHONE_KEY)
        assert take_key(bench.transport, IDS[0]) is None
        bench.world.router.root.write(f"{KEYS}/{IDS[1]}", "")
        assert take_key(bench.transport, IDS[1]) is None
        assert bench.keys() == []
