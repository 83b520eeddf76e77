# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading where a router stands: what is asked, in how few round trips, and what may fail."""

import pytest

from tests.changing import failed, state, uci
from tests.known import own, replay, wireless
from tests.proving import ANYWHERE, BSSID, DUMP, FETCH, LAN, LINK, WWAN, Asked, dump
from wifirelay.change.status import State, read_status
from wifirelay.errors import DeadlineExceeded, NotRecorded, RouterAnswer, TooLong
from wifirelay.router.internet import PINGED, PROBES
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed


def test_a_good_day_takes_two_round_trips() -> None:
    asked = Asked()
    status = read_status(asked)
    assert (status.board.model, status.changes) == ("A router", ())
    assert [each.state for each in status.uplinks] == [State.CONNECTED]
    assert status.uplinks[0].bssid == BSSID
    assert status.access_points[0].on_air
    assert status.internet is not None
    assert status.internet.verdict is Verdict.ONLINE
    assert status.on_router is not None
    assert asked.trips == [7, 2]
    assert asked.asked[-2:] == [LINK, f"{FETCH} -T 5 -O - {PROBES[0].url}"]


def test_a_bad_day_takes_three() -> None:
    asked = Asked(**{FETCH: failed(4), "nslookup": failed(1), "ping": failed(1)})
    status = read_status(asked)
    assert status.internet is not None
    assert status.internet.verdict is Verdict.OFFLINE
    assert asked.trips == [7, 2, 4]
    rest = asked.asked[-4:]
    assert PROBES[1].url in rest[0]
    assert rest[1].endswith("10.10.1.1")
    assert [each.split()[-1] for each in rest[2:]] == list(PINGED)
    assert all("-I phy0-sta0" in each for each in rest[2:])


def test_of_many_name_servers_two_are_asked() -> None:
    servers = ["10.10.1.1", "10.10.1.2", "10.10.1.3"]
    asked = Asked(
        **{
            DUMP: dump(LAN, {**WWAN, "dns-server": servers}),
            FETCH: failed(4),
            "nslookup": failed(1),
            "ping": Completed(0),
        }
    )
    status = read_status(asked)
    assert status.internet is not None
    assert status.internet.verdict is Verdict.NO_DNS
    assert [command.argv[-1] for command in asked.of("nslookup")] == servers[:2]


def test_beside_a_cable_it_is_pinged_at_once() -> None:
    cable = {**LAN, "interface": "wan", "l3_device": "eth0", "route": [ANYWHERE]}
    asked = Asked(**{DUMP: dump(LAN, cable, WWAN), "ping": Completed(0)})
    status = read_status(asked)
    assert status.internet is not None
    assert "wan" in status.internet.why
    assert asked.trips == [7, 3]
    assert all("-I phy0-sta0" in each for each in asked.asked[-2:])
    assert asked.of(FETCH) == []


def test_without_probing_only_the_association_is_asked() -> None:
    asked = Asked()
    status = read_status(asked, probing=False)
    assert (status.internet, status.uplinks[0].bssid) == (None, BSSID)
    assert asked.trips == [7, 1]


def test_the_uplinks_device_may_be_the_only_one_that_is_told() -> None:
    lower = {**WWAN, "l3_device": None, "device": "phy0-sta0"}
    cable = {**LAN, "interface": "wan", "l3_device": "eth0", "route": [ANYWHERE]}
    asked = Asked(**{DUMP: dump(LAN, cable, lower), "ping": Completed(0)})
    assert read_status(asked).uplinks[0].state is State.CONNECTED
    assert all("-I phy0-sta0" in each for each in asked.asked[-2:])


def test_what_the_sentry_holds_is_held() -> None:
    asked = Asked(
        **{
            "uci get wireless": uci(wireless(own())),
            DUMP: dump(LAN),
            "state": state("held.wifirelay 1900 30"),
        }
    )
    assert read_status(asked).uplinks[0].state is State.HELD


def test_without_a_lease_there_is_nothing_to_probe() -> None:
    asked = Asked(**{DUMP: dump(LAN)})
    status = read_status(asked)
    assert (status.internet, status.uplinks[0].state) == (None, State.ASSOCIATED)
    assert asked.trips == [7, 1]


def test_without_an_uplink_one_round_trip_tells_all() -> None:
    asked = Asked(**{"uci get wireless": uci(wireless(own())), DUMP: dump(LAN)})
    status = read_status(asked)
    assert (status.internet, status.uplinks[0].state) == (None, State.DISABLED)
    assert asked.trips == [7]


@pytest.mark.parametrize("endless", [DeadlineExceeded("late"), TooLong("endless")])
def test_an_answer_without_an_end_is_the_networks(endless: Exception) -> None:
    asked = Asked(
        **{FETCH: endless, "true": Completed(0), "ping": failed(1), "nslookup": failed(1)}
    )
    status = read_status(asked)
    assert status.internet is not None
    assert status.internet.verdict is not Verdict.ONLINE
    assert status.uplinks[0].bssid == BSSID
    assert asked.trips[:4] == [7, 2, 1, 1]  # each is asked for by itself then


def test_a_router_that_does_not_answer_is_an_error() -> None:
    with pytest.raises(DeadlineExceeded):
        read_status(Asked(**{LINK: DeadlineExceeded("late"), FETCH: DeadlineExceeded("late")}))
    with pytest.raises(RouterAnswer):
        read_status(Asked(**{"system board": failed(4)}))
    asked = Asked(**{LINK: DeadlineExceeded("late")})
    with pytest.raises(DeadlineExceeded):
        read_status(asked, probing=False)
    assert asked.trips == [7, 1]


# --- recordings ---


def test_a_recording_tells_what_it_holds() -> None:
    status = read_status(replay("connected"), recorded=True)
    assert status.on_router is None
    assert status.internet is None
    assert [each.state for each in status.uplinks] == [State.CONNECTED]
    assert status.uplinks[0].bssid is not None


def test_an_association_that_was_not_recorded_is_none() -> None:
    status = read_status(Asked(**{LINK: NotRecorded("no"), "state": state(up=7)}), recorded=True)
    assert status.uplinks[0].state is State.SEARCHING
    assert status.on_router is not None
    assert status.on_router.uptime == 7
