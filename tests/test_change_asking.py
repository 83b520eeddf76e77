# SPDX-License-Identifier: GPL-2.0-or-later
"""Asking the service that looks after a router: what is sent, how long is waited, what comes."""

import json
import os
from typing import Any

import pytest

from tests.changing import LOST, Scripted, Steps, Ticks, failed, raised, said, state
from wifirelay.change.asking import (
    DONE_LIMIT,
    HEARD_LIMIT,
    POLL,
    Serving,
    ask,
    joined_from,
    serving,
    ssid_from,
)
from wifirelay.change.keys import take_key
from wifirelay.change.onrouter import EVENT, Lock
from wifirelay.change.outcome import Joined
from wifirelay.change.restore import controller_name
from wifirelay.errors import (
    NothingToJoin,
    NotOnAir,
    Refused,
    RouterAnswer,
    TrialFailed,
    UsageError,
    WifirelayError,
)
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Completed
from wifirelay.values import Secret, Ssid

MAST = Serving(Lock("abc", 1500, "mast\x1b pid 1"), 1000)
SERVED = state("service/owner abc 1500 mast")
NOTHING = Completed(0)
HEARD = said({"state": "heard"})
DONE = said({"state": "done", "exit": 0, "joined": None})


class Asked:
    """One request to a service: its answers in turn, half a second apart."""

    def __init__(self, *answers: Any, **more: Any) -> None:
        self.router = Scripted({"ubus send": NOTHING, "told": answers, "state": SERVED, **more})
        self.clock, self.steps = Ticks(50.0), Steps()

    def __call__(self, key: str | None = None) -> dict[str, Any]:
        secret = Secret(key) if key is not None else None
        return ask(self.router, self.clock, MAST, {"do": "leave"}, self.steps, key=secret)


# --- who serves ---


def test_a_service_that_lives_is_found() -> None:
    found = serving(Scripted({"state": SERVED}))
    assert found == Serving(Lock("abc", 1500, "mast"), 1000)
    assert found.name == "mast"


def test_a_router_without_a_service() -> None:
    assert serving(Scripted({"state": state()})) is None
    assert serving(Scripted({"state": state("service/owner abc 1000 mast")})) is None


def test_a_service_that_died_on_this_machine_is_taken_off() -> None:
    name = controller_name().replace(f"pid {os.getpid()}", "pid 4194304")  # above any pid
    router = Scripted({"state": state(f"service/owner abc 1500 {name}"), "unserve": NOTHING})
    assert serving(router) is None
    assert router.asked == ["state", "unserve abc"]


# --- the request ---


def test_the_request_is_an_event_that_expires() -> None:
    asked = Asked(DONE)
    assert asked() == {"state": "done", "exit": 0, "joined": None}
    (sent,) = asked.router.of("ubus send")
    assert sent.argv[:3] == ("ubus", "send", EVENT)
    assert " " not in sent.argv[3]
    request = json.loads(sent.argv[3])
    assert request == {"id": request["id"], "until": 1000 + HEARD_LIMIT, "do": "leave"}
    assert len(bytes.fromhex(request["id"])) == 8
    assert asked.router.asked[1:] == [f"told {request['id']}"]
    assert asked.steps.shape == ["arm..."]
    assert r"mast\x1b pid 1" in asked.steps.texts[0]


def test_no_two_requests_are_the_same() -> None:
    ids = set()
    for _ in range(3):
        asked = Asked(DONE)
        asked()
        ids.add(asked.router.asked[-1])
    assert len(ids) == 3


def test_a_router_that_cannot_send_events() -> None:
    asked = Asked(DONE, **{"ubus send": failed(4)})
    with raised(RouterAnswer, "cannot send events", "4"):
        asked()
    assert len(asked.router.asked) == 1


# --- a key that it brings along ---


def test_a_key_lies_on_the_router_before_the_request_is_sent() -> None:
    asked = Asked(DONE, key_put=NOTHING)
    asked("a key ' of some kind")
    sent = json.loads(asked.router.of("ubus send")[0].argv[3])
    assert sent["with_key"] is True
    assert [name.partition(" ")[0] for name in asked.router.asked] == ["key_put", "ubus", "told"]
    (put,) = asked.router.of("key_put")
    assert put.argv[4:] == (sent["id"], str(sent["until"]))
    assert put.stdin == b"a key ' of some kind\n"
    words = [word for command in asked.router.commands for word in command.argv]
    assert not [word for word in words if "of some kind" in word]


def test_a_key_that_nobody_takes_is_taken_away() -> None:
    for answers, kind in (
        ([NOTHING], Refused),
        ([said({"state": "done", "exit": 5})], TrialFailed),
    ):
        asked = Asked(*answers, key_put=NOTHING, key_take=failed(1))
        with pytest.raises(kind):
            asked("a key of some kind")
        assert asked.router.asked[-1].startswith("key_take ")
    asked = Asked(DONE, **{"ubus send": failed(4), "key_put": NOTHING, "key_take": LOST})
    with raised(RouterAnswer, "cannot send events"):
        asked("a key of some kind")


def test_a_router_that_takes_no_key_is_asked_nothing() -> None:
    asked = Asked(DONE, key_put=failed(25), key_take=failed(1))
    with raised(RouterAnswer, "could not take the key", hint="full"):
        asked("a key of some kind")
    assert asked.router.of("ubus send") == []


@pytest.mark.parametrize("taken", [b"12345678", "\u043a\u043b\u044e\u0447".encode()])
def test_whoever_takes_it_gets_it_as_it_is(taken: bytes) -> None:
    router = Scripted({"key_take": Completed(0, taken)})
    assert take_key(router, "abc") == Secret(taken.decode())
    assert router.asked == ["key_take abc"]


def test_what_is_taken_may_be_no_text_or_nothing() -> None:
    for taken in (Completed(0, b"1234\xff5678"), failed(1)):
        assert take_key(Scripted({"key_take": taken}), "abc") is None


# --- waiting ---


def test_it_waits_while_the_service_works() -> None:
    asked = Asked(NOTHING, NOTHING, HEARD, HEARD, DONE)
    assert asked()["exit"] == 0
    assert asked.clock.naps == [POLL] * 4


def test_a_service_that_does_not_react() -> None:
    asked = Asked(NOTHING)
    with raised(Refused, r"mast\x1b pid 1", "does not react", hint=("log", "lease")):
        asked()
    assert asked.clock.now == 50.0 + HEARD_LIMIT


def test_one_that_has_heard_has_its_time() -> None:
    asked = Asked(NOTHING, HEARD)
    with raised(Refused, "not ended in time"):
        asked()
    assert asked.clock.now == 50.0 + DONE_LIMIT


def test_a_lost_link_is_waited_for() -> None:
    asked = Asked(HEARD, LOST, LOST, DONE, state=LOST)
    assert asked()["state"] == "done"
    asked = Asked(LOST, LOST, HEARD, DONE)
    assert asked()["state"] == "done"


def test_an_answer_that_is_gone_again_means_another_service() -> None:
    asked = Asked(HEARD, NOTHING)
    with raised(Refused, "started anew", hint="again"):
        asked()
    assert asked.clock.now == 50.0 + POLL


def test_gone_while_nobody_serves_it_is_still_waited_for() -> None:
    asked = Asked(HEARD, NOTHING, DONE, state=[state(), SERVED])
    assert asked()["state"] == "done"


@pytest.mark.parametrize("text", [b"{", b"[]", b'"done"', b"[" * 10_000, b"\xff"])
def test_an_answer_that_is_none_is_waited_over(text: bytes) -> None:
    assert Asked(Completed(0, text), DONE)()["exit"] == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (2, UsageError),
        (4, NothingToJoin),
        (5, TrialFailed),
        (6, Refused),
        (7, NotOnAir),
        (8, RouterAnswer),
        (1, RouterAnswer),
        (None, RouterAnswer),
    ],
)
def test_what_the_service_raised_is_raised_here(
    code: int | None, kind: type[WifirelayError]
) -> None:
    answer = {"state": "done", "exit": code, "error": "so it is", "hint": "do that"}
    with raised(kind, "so it is", hint="do that") as caught:
        Asked(said({**answer, "cause": "portal"}))()
    assert caught[0].message == "so it is"
    assert caught[0].hint == "do that"
    if isinstance(caught[0], TrialFailed):
        assert caught[0].cause == "portal"
        with raised(kind, "so it is", hint="do that") as caught:
            Asked(said(answer))()
        assert caught[0].cause == ""


# --- what it has joined ---

JOINED = {
    "ssid_text": "HomeNet",
    "radio": "radio1",
    "bssid": "02:00:00:00:10:01",
    "signal": -55,
    "address": "10.10.1.2/24",
    "kept": "flash",
    "note": "",
    "seconds": 21.5,
    "internet": "portal",
    "portal": "http://login.example/?a=1",
}


def test_what_was_joined_comes_as_a_value() -> None:
    assert joined_from(None) is None
    joined = joined_from(JOINED)
    assert joined == Joined(**{**JOINED, "internet": Verdict.PORTAL})  # type: ignore[arg-type]
    assert joined is not None
    assert joined.internet is Verdict.PORTAL
    assert joined_from({**JOINED, "bssid": None, "signal": None, "seconds": 3}) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        *({name: True} for name in JOINED),
        {"ssid_text": None},
        {"ssid_text": "\ud800"},
        {"signal": "-55"},
        {"seconds": "21"},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"seconds": 10**400},
        {"internet": "perhaps"},
        {"portal": "javascript:alert(1)"},
        {"portal": "http://login.example/\x1b[31m"},
        {"more": 1},
    ],
)
def test_an_answer_of_another_release_is_not_understood(wrong: dict[str, object]) -> None:
    with raised(RouterAnswer, "not understood", hint="`wifirelay install`"):
        joined_from({**JOINED, **wrong})


@pytest.mark.parametrize("name", sorted(JOINED))
def test_nothing_may_be_missing(name: str) -> None:
    with raised(RouterAnswer, "not understood", hint="`wifirelay install`"):
        joined_from({key: value for key, value in JOINED.items() if key != name})


@pytest.mark.parametrize("raw", [[], "HomeNet", 7, {}])
def test_no_object_at_all(raw: object) -> None:
    with raised(RouterAnswer, "not understood", hint="`wifirelay install`"):
        joined_from(raw)


def test_a_networks_name_comes_in_hexadecimal() -> None:
    assert ssid_from("486f6d65") == Ssid(b"Home")
    assert ssid_from("00" * 32) == Ssid(bytes(32))
    assert ssid_from("") == Ssid(b"")


@pytest.mark.parametrize("raw", ["00" * 33, "4", "no", None, 7, b"00"])
def test_a_name_that_is_none(raw: object) -> None:
    with raised(RouterAnswer, "not understood", hint="`wifirelay install`"):
        ssid_from(raw)
