# SPDX-License-Identifier: GPL-2.0-or-later
"""The rpcd plugin under busybox ash: a key on its way to the service, and the known networks."""

import json
import os
import stat
from collections.abc import Iterator
from typing import Any

import pytest

from tests.openwrt_shell import FILES
from wifirelay.change.keys import take_key
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world

PLUGIN = FILES / "wifirelay.rpcd"
RUN = "/var/run/wifirelay"
KEYS = f"{RUN}/keys"
NAME = "486f6d654e6574"
KEYS_OF_ALL_KINDS = (
    "12345678",
    "x" * 63,
    "0123456789abcdef" * 4,
    "  blanks  too  ",
    "quote'quote\"quote`",
    "$(reboot) ${HOME} \\n %s",
    "-n -e \\c \\0101",
    '"key":null,"ssid":"x"',
    "* ? [a-z] ~",
    "schlüssel €\U0001f4a9",
    "true",
    "}",
)


@pytest.fixture
def world() -> Iterator[World]:
    """A simulated router whose ubus takes events; a service seems to live on it."""
    with make_world("home") as made:
        made.router.root.write(f"{RUN}/service-state/pid", str(os.getpid()))
        yield made


def call(world: World, method: str, stdin: object) -> tuple[dict[str, Any], list[Any]]:
    """A call on the simulated router: its answer, and the requests that it sent."""
    events: list[Any] = []
    raw = stdin if isinstance(stdin, bytes) else json.dumps(stdin).encode()
    stop = world.router.watch_events(lambda name, line: events.append((name, json.loads(line))))
    try:
        done = world.router.execute(["sh", str(PLUGIN), "call", method], stdin=raw)
    finally:
        stop()
    assert (done.rc, done.err) == (0, b"")
    answer = json.loads(done.out)
    assert isinstance(answer, dict)
    return answer, [data["wifirelay.request"] for _, data in events]


def refused(world: World, method: str, stdin: object) -> str:
    """Why a call was refused, which was sent to nobody and left nothing."""
    answer, events = call(world, method, stdin)
    assert (answer.get("exit"), events, left(world)) == (2, [], [])
    return str(answer["error"])


def left(world: World) -> list[str]:
    folder = world.router.root.here(KEYS)
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


@pytest.mark.parametrize("key", KEYS_OF_ALL_KINDS)
def test_a_key_arrives_as_it_is_and_is_seen_nowhere_on_its_way(world: World, key: str) -> None:
    given = {"ssid_hex": NAME, "key": key, "ubus_rpc_session": "5" * 32}
    answer, (request,) = call(world, "join", given)
    assert answer["state"] == "sent"
    assert request == {
        "id": answer["id"],
        "until": int(world.router.uptime) + 25,
        "do": "join",
        "ssid_hex": NAME,
        "with_key": True,
    }
    words = [word for argv in world.router.argvs for word in argv]
    assert len(words) > 5
    assert not [word for word in words if len(key) > 4 and key in word]
    path = world.router.root.here(f"{KEYS}/{answer['id']}")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.stat(os.path.dirname(path)).st_mode & 0o077 == 0
    taken = take_key(SimTransport(world.router), answer["id"])
    assert taken is not None
    assert taken.reveal() == key
    assert left(world) == []
    assert take_key(SimTransport(world.router), answer["id"]) is None


def test_without_a_key_there_is_no_file(world: World) -> None:
    for given in ({"ssid_hex": NAME}, {"ssid_hex": NAME, "key": None}, {}):
        _, (request,) = call(world, "join", given)
        assert "with_key" not in request
    assert left(world) == []


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "empty"),
        ("\n", "line break"),
        ("12345678\n", "line break"),
        ("1234\n5678", "line break"),
        ("1234\r5678", "control"),
        ("1234\x1b5678", "control"),
        ("1234\x7f5678", "control"),
        ("1234\x005678", "NUL"),
        ("x" * 257, "too long"),
        (12345678, "no text"),
        (True, "no text"),
        (["12345678"], "no text"),
        ({"a": "12345678"}, "no text"),
    ],
)
def test_what_can_be_no_key_is_sent_to_nobody(world: World, key: object, why: str) -> None:
    assert why in refused(world, "join", {"ssid_hex": NAME, "key": key})


def test_a_key_without_a_network_is_nobodys(world: World) -> None:
    assert "no network" in refused(world, "join", {"key": "12345678"})


def test_a_login_page_is_accepted_where_that_is_asked_for(world: World) -> None:
    for given, wanted in ((True, True), (False, None), (None, None)):
        _, (request,) = call(world, "join", {"ssid_hex": NAME, "login": given})
        assert request.get("login") is wanted
    _, (request,) = call(world, "join", {"login": True})
    assert (request["ssid_hex"], request["login"]) == (None, True)
    for wrong in ("yes", 7, [True], '",x'):
        assert "login" in refused(world, "join", {"ssid_hex": NAME, "login": wrong})


def test_what_nobody_has_taken_goes_with_the_next_call(world: World) -> None:
    first = call(world, "join", {"ssid_hex": NAME, "key": "12345678"})[0]["id"]
    second = call(world, "join", {"ssid_hex": NAME, "key": "87654321"})[0]["id"]
    assert left(world) == sorted([first, second])  # two at a time
    world.router.advance(27)
    assert call(world, "answer", {"id": first})[0] == {"state": "lost"}
    assert left(world) == [second]
    call(world, "rescan", {})
    assert left(world) == []


def test_a_request_that_cannot_be_sent_leaves_no_key(world: World) -> None:
    root = world.router.root
    os.unlink(root.here("/shims/ubus"))
    root.write("/shims/ubus", "#!/bin/sh\nexit 255\n", 0o755)
    answer, _ = call(world, "join", {"ssid_hex": NAME, "key": "12345678"})
    assert (answer["exit"], left(world)) == (8, [])


# --- the known networks ---


@pytest.mark.parametrize("method", ["remember", "forget"])
def test_a_network_is_remembered_or_forgotten_by_name(world: World, method: str) -> None:
    for given in ({"ssid_hex": NAME}, {"ssid": "HomeNet"}):
        answer, (request,) = call(world, method, given)
        assert answer["state"] == "sent"
        assert (request["do"], request["ssid_hex"]) == (method, NAME)
    for wrong in (b"", b"{", {}, {"ssid_hex": "0g"}, {"ssid": "a" * 33}, {"ssid_hex": ""}):
        refused(world, method, wrong)


@pytest.mark.parametrize("number", [0, 7, 1000, -1, -1000])
def test_a_priority_is_a_number(world: World, number: int) -> None:
    _, (request,) = call(world, "prefer", {"ssid_hex": NAME, "priority": number})
    assert (request["do"], request["ssid_hex"]) == ("prefer", NAME)
    assert request["priority"] == number


@pytest.mark.parametrize(
    "priority",
    [
        *(1001, -1001, 99999999999999999999, 1.5, "", "x", "1 2", "--1", "$(reboot)"),
        *('0,"do":"leave"', "007", "1\n", "\n1", True, None, [1], {"a": 1}),
    ],
)
def test_and_nothing_else(world: World, priority: object) -> None:
    given = {"ssid_hex": NAME, "priority": priority}
    if priority == "1\n":  # jsonfilter's own end of line looks like that one
        assert call(world, "prefer", given)[1][0]["priority"] == 1
        return
    assert "whole number" in refused(world, "prefer", given)


def test_a_priority_needs_its_network(world: World) -> None:
    assert "no network" in refused(world, "prefer", {"priority": 1})
