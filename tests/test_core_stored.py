# SPDX-License-Identifier: GPL-2.0-or-later
"""The policy's memory in a file in RAM: what is stored, taken up, and refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from known import allowed, bss
from test_core_memory import CAFE, HOME, ONE, lose, stay

from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS
from wifirelay.core.known import KnownNetwork
from wifirelay.core.memory import Memory
from wifirelay.values import Ssid

BAR = Ssid.of("Bar Guest")
NEAR = (bss(bssid="AC:DE:48:10:00:01"), bss("Other", bssid="AC:DE:48:20:00:01"))


def full() -> Memory:
    memory = Memory(HABITS)
    memory.troubles.worked(CAFE)
    memory.choose(50.16, CAFE)
    memory.failed(60.16, HOME, bss(bssid=ONE), Cause.PORTAL)
    lose(memory, 70.16, 10.0)
    lose(memory, 80.16, 2000.0)
    memory.commits = [10.04, 20.06]
    memory.allowed = allowed("*")
    memory.tried(90.16, KnownNetwork(BAR, stranger=True))
    memory.past.places.hear(90.0, NEAR)
    memory.past.proved(90.0, KnownNetwork(HOME), NEAR[0])
    return memory


STORED: dict[str, Any] = {
    "proved": [CAFE.hex],
    "troubles": [
        {
            "ssid_hex": HOME.hex,
            "bssid": ONE,
            "cause": cause,
            "times": 1,
            "at": at,
            "until": until,
            "signal": signal,
        }
        for cause, at, until, signal in (
            ("portal", 60.2, 960.2, -50),
            ("lost", 70.2, 90.2, -60),
        )
    ],
    "commits": [10.0, 20.1],
    "chosen": {"ssid_hex": CAFE.hex, "until": 28850.2},
    "losses": [{"ssid_hex": HOME.hex, "at": [70.2, 70.2, 80.2]}],
    "open": {BAR.hex: 90.2},
    "places": [[91, HOME.hex, 90, "DE:48:10:00", "DE:48:20:00"]],
    "proofs": [[HOME.hex, "AC:DE:48:10:00:01", "psk2", 91, 90]],
}


def test_what_is_stored() -> None:
    assert full().as_json() == STORED
    assert Memory(HABITS).as_json() == {
        "proved": [],
        "troubles": [],
        "commits": [],
        "chosen": None,
        "losses": [],
        "open": {},
        "places": [],
        "proofs": [],
    }


def test_what_was_stored_is_taken_up() -> None:
    memory = Memory(HABITS)
    memory.load(json.loads(json.dumps(STORED)), 100.0)
    assert memory.as_json() == STORED
    assert memory.chosen(100.0) == CAFE
    assert not memory.trusted(100.0, HOME)
    assert memory.keep_at(100.0, stay()) == HABITS.keep_after
    memory.load({**STORED, "chosen": None}, 100.0)
    assert memory.chosen(100.0) is None
    nothing = Memory(HABITS).as_json()
    memory.load(nothing, 100.0)
    assert memory.as_json() == nothing


SPOILS: list[Callable[[dict[str, Any]], object]] = [
    lambda stored: stored.pop("commits"),
    lambda stored: stored.pop("chosen"),
    lambda stored: stored.pop("losses"),
    lambda stored: stored.pop("troubles"),
    lambda stored: stored.pop("proved"),
    lambda stored: stored.update(commits=["x"]),
    lambda stored: stored.update(chosen={}),
    lambda stored: stored.update(chosen={"ssid_hex": "zz", "until": 1}),
    lambda stored: stored.update(losses=[{"ssid_hex": "00", "at": [None]}]),
    lambda stored: stored.update(commits=[101.1]),  # of another clock
    lambda stored: stored.update(losses=[{"ssid_hex": "00", "at": [1.0, 101.1]}]),
    lambda stored: stored.update(open={"00": "x"}),
    lambda stored: stored.update(open=[1.0]),
    lambda stored: stored.update(open={"00": 101.1}),
    lambda stored: stored["troubles"][1].update(at=101.1),
    lambda stored: stored.update(places=[[1, "00", 1]], proofs=[["00", "x", "psk2", 1, 1]]),
    lambda stored: stored.update(places=[[1, "00", 101.1, "DE:48:10:00"]]),
    lambda stored: stored.update(places=[[1, "00", 1, "DE:48:10"]]),
    lambda stored: stored.update(places=[[1, "zz", 1]]),
    lambda stored: stored.update(places={}),
    lambda stored: stored.update(proofs=[["00", ONE, "rot13", 1, 1]]),
    lambda stored: stored.update(proofs=[["00", ONE, "psk2", 1, 101.1]]),
    lambda stored: stored.update(proofs=[["00", ONE, "psk2", 1, float("nan")]]),
    lambda stored: stored.update(proofs=[["00", ONE, "psk2", 1, -1e300]]),
    lambda stored: stored.update(proofs=[["00", ONE]]),
]


@pytest.mark.parametrize("number", range(len(SPOILS)))
def test_anything_else_is_refused_and_changes_nothing(number: int) -> None:
    memory = Memory(HABITS)
    memory.load(STORED, 100.0)
    stored = json.loads(json.dumps({**STORED, "proved": [], "commits": [1.0]}))
    SPOILS[number](stored)
    with pytest.raises((ValueError, KeyError, TypeError)):
        memory.load(stored, 100.0)
    assert memory.as_json() == STORED


def test_what_a_version_before_open_networks_stored_is_taken_up() -> None:
    memory, older = Memory(HABITS), {**STORED}
    for each in ("open", "places", "proofs"):
        del older[each]
    memory.load(older, 100.0)
    assert memory.as_json() == {**STORED, "open": {}, "places": [], "proofs": []}


def test_a_moment_that_rounding_put_into_the_future_is_taken() -> None:
    memory = Memory(HABITS)
    stored = json.loads(json.dumps({**STORED, "commits": [101.0]}))
    stored["troubles"][0]["at"] = 101.0
    memory.load(stored, 100.0)
    assert memory.commits == [101.0]
    with pytest.raises(ValueError, match=r"^of another clock$"):
        memory.load({**STORED, "commits": [102.0]}, 100.0)
