# SPDX-License-Identifier: GPL-2.0-or-later
"""The rpcd plugin under busybox ash: one JSON object for each call, in every state."""

import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.openwrt_shell import FILES, Scratch, busybox, dead_pid
from wifirelay.sim.worlds import World, make_world

PLUGIN = FILES / "wifirelay.rpcd"
STATE = "/var/run/wifirelay/service-state"
ANSWERS = "/var/run/wifirelay/answers"
READS = ("status", "scan", "plan", "networks")
CHANGES = {"join": "join", "leave": "leave", "rescan": "scan", "run": "run"}
OF_NETWORKS = ("remember", "forget", "prefer")  # tests/test_openwrt_rpcd_keys.py
METHODS = {*READS, *CHANGES, *OF_NETWORKS, "history", "answer"}
BUDGET = 0.030  # seconds for a call that reads
HOSTILE = (
    "$(reboot)",
    '"; reboot; "',
    "`reboot`",
    "%s%n\\",
    "* ? [a-z]",
    "</script><script>",
    "\x1b[31m",
    "line\nline",
    "\u202e\U0001f4a9",
    "\x00",
    "}",
    "-n",
)
ID = "0123456789abcdef"


@pytest.fixture
def root(tmp_path: Path) -> Scratch:
    """A root without a service."""
    return Scratch(tmp_path)


@pytest.fixture
def served(root: Scratch) -> Scratch:
    """A service has just begun: this very process."""
    root.write(f"{STATE}/pid", str(os.getpid()))
    return root


@pytest.fixture
def world() -> Iterator[World]:
    """A simulated router whose ubus takes events; a service seems to live on it."""
    with make_world("home") as made:
        made.router.root.write(f"{STATE}/pid", str(os.getpid()))
        yield made


def parsed(out: bytes) -> dict[str, Any]:
    value = json.loads(out)
    assert isinstance(value, dict)
    return value


def call(root: Scratch, *words: str, stdin: bytes = b"{}") -> dict[str, Any]:
    done = root.ash(PLUGIN.read_text("utf-8"), *words, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b"")
    return parsed(done.stdout)


def asked(world: World, method: str, **arguments: object) -> tuple[dict[str, Any], list[Any]]:
    """A call on the simulated router: its answer, and the events that it sent."""
    return asked_raw(world, method, json.dumps(arguments, ensure_ascii=False).encode())


def asked_raw(world: World, method: str, stdin: bytes) -> tuple[dict[str, Any], list[Any]]:
    events: list[Any] = []
    stop = world.router.watch_events(lambda name, line: events.append((name, json.loads(line))))
    try:
        done = world.router.execute(["sh", str(PLUGIN), "call", method], stdin=stdin)
    finally:
        stop()
    assert (done.rc, done.err) == (0, b"")
    return parsed(done.out), [data["wifirelay.request"] for _, data in events]


def is_error(answer: dict[str, Any], code: int) -> bool:
    assert answer.keys() == {"schema", "exit", "error", "hint"}
    assert answer["error"]
    return (answer["schema"], answer["exit"]) == ("wifirelay.error/1", code)


def event(text: str) -> dict[str, Any]:
    return {
        "schema": "wifirelay.run/1",
        "at": 1.5,
        "text": text,
        "network_hex": text.encode().hex(),
    }


# --- what there is ---


def test_list_names_every_method(root: Scratch) -> None:
    listed = call(root, "list")
    assert set(listed) == METHODS
    assert listed["answer"] == {"id": "id"}
    name = {"ssid": "ssid", "ssid_hex": "hex"}
    assert listed["join"] == {**name, "key": "key", "login": True}
    assert listed["remember"] == listed["forget"] == name
    assert listed["prefer"] == {**name, "priority": 32}  # rpcd's word for any number


def test_the_acl_lets_readers_read_and_writers_write() -> None:
    acl = json.loads((FILES / "wifirelay.acl.json").read_text("utf-8"))
    assert set(acl) == {"wifirelay"}, "nothing for whoever has not logged in"
    group = acl["wifirelay"]
    assert set(group) == {"description", "read", "write"}
    assert set(group["read"]["ubus"]["wifirelay"]) == METHODS - {
        *CHANGES,
        *OF_NETWORKS,
    }
    assert set(group["write"]["ubus"]["wifirelay"]) == {*CHANGES, *OF_NETWORKS}
    assert all(group[right]["ubus"].keys() == {"wifirelay"} for right in ("read", "write"))
    assert group["read"].keys() == {"ubus"}, "who only looks reads no key"
    assert group["write"].keys() == {"ubus", "uci"}
    assert group["write"]["uci"] == ["wifirelay"]


@pytest.mark.parametrize(
    "words", [(), ("call",), ("call", "reboot"), ("call", "../status"), ("x",)]
)
def test_anything_else_is_an_error(served: Scratch, words: tuple[str, ...]) -> None:
    assert is_error(call(served, *words), 2)


# --- no service, a new one, a dead one ---


@pytest.mark.parametrize("method", sorted(METHODS - {"answer"}))
def test_without_a_service(root: Scratch, method: str) -> None:
    answer = call(root, "call", method)
    assert is_error(answer, 6)
    assert answer["error"] == "the service does not run"
    assert "enabled" in answer["hint"]


@pytest.mark.parametrize("pid", ["dead", "", "x", "1 2", "$(reboot)"])
@pytest.mark.parametrize("method", ["status", "leave"])
def test_what_a_killed_service_left_is_not_the_truth(root: Scratch, method: str, pid: str) -> None:
    root.write(f"{STATE}/pid", str(dead_pid()) if pid == "dead" else pid)
    root.write(f"{STATE}/status.json", '{"schema": "wifirelay.status/1"}')
    assert is_error(call(root, "call", method), 6)


@pytest.mark.parametrize("method", [*READS, "history"])
def test_a_service_that_has_just_begun(served: Scratch, method: str) -> None:
    answer = call(served, "call", method)
    assert is_error(answer, 4)
    assert answer["error"] == "not known yet"


@pytest.mark.parametrize("text", ["", "\n", '{"schema": "wifirelay.sta', "[1]", "null"])
def test_what_is_no_whole_object_is_not_shown(served: Scratch, text: str) -> None:
    served.write(f"{STATE}/status.json", text)
    assert is_error(call(served, "call", "status"), 4)


# --- reads ---


@pytest.mark.parametrize("method", READS)
def test_reads_answer_with_the_file_as_it_is(served: Scratch, method: str) -> None:
    value = {"schema": f"wifirelay.{method}/1", "names": list(HOSTILE)}
    served.write(f"{STATE}/{method}.json", json.dumps(value))
    assert call(served, "call", method) == value


def test_a_file_with_an_end_of_line_is_the_same(served: Scratch) -> None:
    served.write(f"{STATE}/plan.json", '{"a": 1}\n')
    assert call(served, "call", "plan") == {"a": 1}


@pytest.mark.parametrize("method", ["scan", "history"])
def test_more_than_rpcd_takes_is_an_error_instead(served: Scratch, method: str) -> None:
    value = json.dumps({"schema": "x", "names": ["x" * 1000] * 260})
    served.write(f"{STATE}/scan.json", value)
    served.write(f"{STATE}/history.jsonl", value + "\n")
    assert is_error(call(served, "call", method), 8)


def test_the_largest_answer_that_rpcd_takes(served: Scratch) -> None:
    text = '{"a": "' + "x" * (250000 - 9) + '"}'
    served.write(f"{STATE}/scan.json", text)
    assert len(call(served, "call", "scan")["a"]) == 250000 - 9


@pytest.mark.parametrize("alive", [True, False])
def test_the_history_of_a_service_that_has_ended_too(root: Scratch, alive: bool) -> None:
    if alive:
        root.write(f"{STATE}/pid", str(os.getpid()))
    events = [event(text) for text in HOSTILE]
    root.write(f"{STATE}/history.jsonl", "".join(f"{json.dumps(each)}\n" for each in events))
    assert call(root, "call", "history") == {"schema": "wifirelay.history/1", "history": events}


@pytest.mark.parametrize("events", [0, 1, 3])
def test_a_history_that_was_cut_ends_before(served: Scratch, events: int) -> None:
    whole = "".join(f"{json.dumps(event(str(each)))}\n" for each in range(events))
    cut = json.dumps({"a": {"b": "c"}})
    for end in range(len(cut)):  # also where what is there ends in a brace
        served.write(f"{STATE}/history.jsonl", whole + cut[:end])
        answer = call(served, "call", "history")
        assert [each["text"] for each in answer["history"]] == [str(n) for n in range(events)]


def test_reads_take_no_arguments_and_wait_for_none(served: Scratch) -> None:
    """The page's session comes with each call; a person's `call status` has no input at all."""
    served.write(f"{STATE}/status.json", '{"a": 1}')
    for stdin in (b'{"ubus_rpc_session": "0123"}', b"", b"not JSON"):
        assert call(served, "call", "status", stdin=stdin) == {"a": 1}
    with open("/dev/zero", "rb") as endless:
        done = subprocess.run(
            [busybox(), "ash", str(PLUGIN), "call", "status"],
            stdin=endless,
            capture_output=True,
            env=served.environment(),
            timeout=20,
        )
    assert parsed(done.stdout) == {"a": 1}


def test_a_read_takes_less_than_30_ms(served: Scratch) -> None:
    """On files of usual sizes; the plain time of this machine, the start of ash in it."""
    bss = {"ssid": "HomeNet", "bssid": "02:00:00:00:02:00", "signal": -60, "why": "x" * 200}
    for name in READS:
        served.write(f"{STATE}/{name}.json", json.dumps({"schema": name, "found": [bss] * 60}))
    lines = "".join(f"{json.dumps(event('x' * 150))}\n" for _ in range(200))
    served.write(f"{STATE}/history.jsonl", lines)
    words = [busybox(), "ash", str(PLUGIN), "call"]
    for method in (*READS, "history"):
        spent = []
        for _ in range(20):
            begun = time.perf_counter()
            done = subprocess.run(
                [*words, method],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env=served.environment(),
                check=True,
            )
            spent.append(time.perf_counter() - begun)
        assert "schema" in parsed(done.stdout)
        assert statistics.median(spent) < BUDGET, (method, spent)


# --- changes ---


@pytest.mark.parametrize("method", sorted(CHANGES))
def test_a_change_is_a_request_to_the_service(world: World, method: str) -> None:
    answer, (request,) = asked(world, method)
    assert answer.keys() == {"id", "state"}
    assert answer["state"] == "sent"
    assert len(bytes.fromhex(answer["id"])) == 8
    assert request == {
        "id": answer["id"],
        "until": int(world.router.uptime) + 25,
        "do": CHANGES[method],
        "ssid_hex": None,
    }
    assert asked(world, method)[0]["id"] != answer["id"]


@pytest.mark.parametrize(
    "name", [*HOSTILE[:9], *HOSTILE[10:], "HomeNet", "ends\n", "\n\n", " a ", "a" * 32, "é" * 16]
)
def test_a_network_is_named_by_its_very_bytes(world: World, name: str) -> None:
    answer, (request,) = asked(world, "join", ssid=name)
    assert answer["state"] == "sent"
    assert request["ssid_hex"] == name.encode().hex()


def test_a_name_that_is_no_text_is_named_in_hexadecimal(world: World) -> None:
    for name in ("436166e9", "00", "00ff" * 16, "0A0a"):
        _, (request,) = asked(world, "join", ssid_hex=name, ssid="not this one")
        assert request["ssid_hex"] == name
    _, (request,) = asked_raw(world, "join", b'{"ssid": "Caf\xe9"}')
    assert request["ssid_hex"] == "436166e9"


@pytest.mark.parametrize("arguments", [{}, {"ssid": ""}, {"ssid": None, "ssid_hex": None}])
def test_without_a_name_it_is_the_best(world: World, arguments: dict[str, object]) -> None:
    _, (request,) = asked(world, "join", **arguments)
    assert request["ssid_hex"] is None


@pytest.mark.parametrize(
    "stdin",
    [
        b"",
        b"{",
        b"[",
        b'{"ssid": "' + b"a" * 33 + b'"}',
        '{"ssid": "aé€\\u0000b"}'.encode(),
        b'{"ssid_hex": "0"}',
        b'{"ssid_hex": "0g"}',
        b'{"ssid_hex": "0x41"}',
        b'{"ssid_hex": "41 42"}',
        b'{"ssid_hex": "41\\n42"}',
        b'{"ssid_hex": "' + b"41" * 33 + b'"}',
        b'{"ssid_hex": "\\"}"}',
        b'{"ssid_hex": {"a": 1}}',
    ],
)
def test_arguments_that_make_no_sense_are_sent_to_nobody(world: World, stdin: bytes) -> None:
    answer, events = asked_raw(world, "join", stdin)
    assert is_error(answer, 2)
    assert events == []


def test_no_session_is_seen_in_the_list_of_processes(world: World) -> None:
    asked(world, "join", ssid="HomeNet", ubus_rpc_session="5ec12e7")
    asked(world, "answer", id=ID, ubus_rpc_session="5ec12e7")
    assert not [argv for argv in world.router.argvs if "5ec12e7" in " ".join(argv)]


def test_a_request_that_cannot_be_sent_is_told(world: World) -> None:
    root = world.router.root
    os.unlink(root.here("/shims/ubus"))
    root.write("/shims/ubus", "#!/bin/sh\necho Failed to connect to ubus >&2\nexit 255\n", 0o755)
    assert is_error(asked(world, "leave")[0], 8)


# --- answers ---


def test_an_answer_is_what_the_service_wrote(world: World) -> None:
    told = {"state": "done", "exit": 5, "error": HOSTILE[0], "hint": HOSTILE[1]}
    world.router.root.write(f"{ANSWERS}/{ID}", json.dumps(told) + "\n")
    assert asked(world, "answer", id=ID) == (told, [])
    os.unlink(world.router.root.here(f"{STATE}/pid"))
    assert asked(world, "answer", id=ID)[0] == told


def test_no_answer_yet(world: World) -> None:
    made = asked(world, "rescan")[0]["id"]
    assert asked(world, "answer", id=made)[0] == {"state": "sent"}
    world.router.root.write(f"{ANSWERS}/.{made}", '{"state": "ta')
    assert asked(world, "answer", id=made)[0] == {"state": "sent"}
    world.router.advance(30)  # later the service does not do it any more
    assert asked(world, "answer", id=made)[0] == {"state": "lost"}
    assert asked(world, "answer", id=ID)[0] == {"state": "lost"}  # never made, or swept away
    os.unlink(world.router.root.here(f"{STATE}/pid"))
    assert is_error(asked(world, "answer", id=ID)[0], 6)


@pytest.mark.parametrize(
    "asked_for",
    [
        "",
        "..",
        "../lock/owner",
        "../../../../x",
        f"{ID}/..",
        ID[:-1],
        ID + "0",
        ID.upper(),
        "g" * 16,
        "*" * 16,
        f"\n{ID}",
        "." * 16,
        7,
        None,
        ["a"],
        {"a": "b"},
    ],
)
def test_an_answer_is_no_other_file(world: World, asked_for: object) -> None:
    world.router.root.write("/x", '{"secret": 1}')
    assert is_error(asked(world, "answer", id=asked_for)[0], 2)


def test_an_answer_without_arguments(world: World) -> None:
    for stdin in (b"", b"{", b"{}"):
        assert is_error(asked_raw(world, "answer", stdin)[0], 2)
