# SPDX-License-Identifier: GPL-2.0-or-later
"""`--routers` over real SSH: some answer, one is dead, one refuses, one hangs; none waits for it.

The program is a process of its own with a home of its own. Two routers are behind dropbear; where
a fault is needed that no real server has, the server is one inside of the test.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import paramiko
import pexpect
import pytest
import yaml

from tests.laptop import Laptop, free_port, new_home
from tests.served import STEPS, Served, checked, password
from tests.ssh_server import Server, hang
from wifirelay.sim.dropbear import descendants
from wifirelay.transport import hostkeys

pytestmark = pytest.mark.dropbear

SOON = 15.0  # seconds for an end that was asked for; a busy machine needs some of them


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with checked(Served(tmp_path)) as one:
        yield one


@pytest.fixture
def laptop(served: Served, tmp_path: Path) -> Laptop:
    return Laptop(new_home(tmp_path), served)


def listed(laptop: Laptop, routers: dict[str, int], **more: Any) -> None:
    """A configuration with these routers, by port, and the world's networks."""
    networks = [
        {"ssid": known.ssid.text, "key": known.key.reveal()}
        for known in laptop.served.world.known
        if known.key is not None
    ]
    settings: dict[str, Any] = {
        "networks": networks,
        "routers": {
            name: {"router": f"ssh://root@127.0.0.1:{port}", **more.get(name, {})}
            for name, port in routers.items()
        },
    }
    laptop.write(".config/wifirelay/config.yaml", yaml.safe_dump(settings, sort_keys=False))


def knows(laptop: Laptop, *servers: Server) -> None:
    for server in servers:
        path = str(laptop.home / ".config/wifirelay/known_hosts")
        hostkeys.store("127.0.0.1", server.port, server.key, path, replace=True)


def by_name(shape: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in shape["routers"]}


def test_one_dead_one_refusing_one_hanging(
    served: Served, laptop: Laptop, stack: ExitStack
) -> None:
    first, second = served.ssh(), served.ssh()
    refusing = served.ssh(password=password())
    stuck = stack.enter_context(Server(hang, blank=True))
    ports = {
        "stuck": stuck.port,
        "dead": free_port(),
        "first": first.port,
        "refuses": refusing.port,
        "second": second.port,
    }
    listed(laptop, ports)
    trusted = laptop.run("--routers", "all", "--json", "trust", "--yes", expect=3).object
    assert {each["name"]: each["exit"] for each in trusted["routers"]} == {
        **dict.fromkeys(ports, 0),
        "dead": 3,
    }
    stored = (laptop.home / ".config/wifirelay/known_hosts").read_text().splitlines()
    assert len(stored) == 4  # four at once, and none of them lost

    limit = 15.0  # enough for one who answers, on a busy machine
    done = laptop.run("--json", "--routers", "all", f"--limit={limit:g}", "status", expect=3)
    shape = done.object
    assert [each["name"] for each in shape["routers"]] == list(ports)
    found = by_name(shape)
    for name in ("first", "second"):
        assert (found[name]["exit"], found[name]["answer"]["schema"]) == (0, "wifirelay.status/1")
        assert found[name]["seconds"] < found["stuck"]["seconds"]
        assert found[name]["target"] == f"ssh://root@127.0.0.1:{ports[name]}"
    assert "nothing listens" in found["dead"]["answer"]["error"]
    assert "login refused" in found["refuses"]["answer"]["error"]
    assert "no answer within 15 s" in found["stuck"]["answer"]["error"]
    assert limit <= found["stuck"]["seconds"] < limit + SOON
    assert {found[name]["exit"] for name in ("dead", "refuses", "stuck")} == {3}

    running = laptop.start("--routers", "all", "status")
    served.wait("four lines", lambda: running.out.count("\n") == 5)  # one still hangs
    assert running.process.poll() is None
    running.process.send_signal(signal.SIGINT)
    assert running.ended() == 130
    lines = running.out.splitlines()
    assert lines[0].split() == ["ROUTER", "SECONDS", "ANSWER"]
    assert {line.split()[0] for line in lines[1:5]} == set(ports) - {"stuck"}
    assert lines[5].startswith("stuck ")
    assert "2 of 5 routers done; failed: stuck (130), dead (3), refuses (3)" in lines


def test_so_many_at_a_time_and_no_more(served: Served, laptop: Laptop, stack: ExitStack) -> None:
    go = threading.Event()

    def held(server: Server, channel: paramiko.Channel, command: bytes) -> None:
        go.wait(30)
        channel.send_exit_status(1)
        channel.close()

    servers = [stack.enter_context(Server(held, blank=True)) for _ in range(6)]
    listed(laptop, {f"r{number}": server.port for number, server in enumerate(servers)})
    knows(laptop, *servers)
    running = laptop.start("--json", "--routers", "all", "--jobs", "3", "status")
    served.wait("three that are held", lambda: sum(bool(each.commands) for each in servers) == 3)
    assert len(descendants(running.process.pid, deep=True)) == 3
    go.set()
    assert running.ended() == 8
    assert len(running.object["routers"]) == 6
    assert all(server.commands for server in servers)


def test_ctrl_c_ends_all_within_seconds(served: Served, laptop: Laptop, stack: ExitStack) -> None:
    servers = [stack.enter_context(Server(hang, blank=True)) for _ in range(3)]
    listed(laptop, {f"r{number}": server.port for number, server in enumerate(servers)})
    knows(laptop, *servers)
    running = laptop.start("--json", "--routers", "all", "--jobs", "2", "status")
    served.wait("two that hang", lambda: sum(bool(each.commands) for each in servers) == 2)
    children = descendants(running.process.pid, deep=True)
    assert len(children) == 2
    running.process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    assert running.ended() == 130
    assert time.monotonic() - begun < SOON
    answers = [each["answer"] for each in running.object["routers"]]
    assert [each["error"] for each in answers] == ["interrupted"] * 3
    assert [each["hint"] for each in answers] == ["", "", "nothing was begun there"]
    assert not servers[2].commands
    assert not any(os.path.exists(f"/proc/{pid}") for pid in children)


def test_a_second_ctrl_c_does_not_wait(served: Served, laptop: Laptop, stack: ExitStack) -> None:
    """A process that does not heed the first one is killed by the second."""
    server = stack.enter_context(Server(hang, blank=True))
    listed(laptop, {"r0": server.port})
    knows(laptop, server)
    running = laptop.start("--json", "--routers", "all", "join", "--yes")
    served.wait("one that hangs", lambda: bool(server.commands))
    (child,) = descendants(running.process.pid, deep=True)
    os.kill(child, signal.SIGSTOP)
    running.process.send_signal(signal.SIGINT)
    served.wait("the first", lambda: "sentries" in running.err)
    running.process.send_signal(signal.SIGINT)
    begun = time.monotonic()
    assert running.ended() == 130
    assert time.monotonic() - begun < SOON
    (answer,) = [each["answer"] for each in running.object["routers"]]
    assert "its sentry takes" in answer["hint"]


def test_ctrl_c_in_a_trial_takes_it_back(served: Served, laptop: Laptop) -> None:
    server = served.ssh()
    listed(laptop, {"one": server.port, "dead": free_port()})
    laptop.run("--router", "one", "trust", "--yes")
    running = laptop.start("--json", "--routers", "all", "join", "--yes")
    running.until("off the air")
    running.process.send_signal(signal.SIGINT)
    assert running.ended() == 5
    found = by_name(running.object)
    assert found["one"]["answer"]["error"] == "interrupted; rolled back"
    assert found["dead"]["exit"] == 3
    served.at_baseline()


def test_at_a_terminal(served: Served, laptop: Laptop) -> None:
    """It asks once for all; Ctrl-C typed there reaches each router's process by us alone."""
    server = served.ssh()
    listed(laptop, {"one": server.port})
    laptop.run("--router", "one", "trust", "--yes")
    child = pexpect.spawn(
        sys.executable,
        ["-m", "wifirelay", "--routers", "all", "join"],
        env={"HOME": str(laptop.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        encoding="utf-8",
        timeout=60,
        dimensions=(50, 150),
    )
    with closing(child):
        child.expect_exact(f"join on 1 router: one (ssh://root@127.0.0.1:{server.port})? [y/N]")
        child.sendline("y")
        child.expect_exact("0 of 1 routers have answered")
        served.wait("off the air", lambda: STEPS["off the air"](served))
        (pid,) = descendants(child.pid, deep=True)
        assert os.getsid(pid) == pid  # without a terminal: it cannot ask there either
        child.sendintr()
        child.expect_exact("each router's trial is being taken back")
        child.expect_exact("FAILED (5): interrupted; rolled back")
        child.expect(pexpect.EOF)
    assert child.exitstatus == 5
    served.at_baseline()


def test_two_join_at_once_and_share_nothing(
    served: Served, laptop: Laptop, tmp_path: Path, stack: ExitStack
) -> None:
    (tmp_path / "other").mkdir()
    other = Served(tmp_path / "other")
    stack.callback(other.close)
    first, second = served.ssh(), other.ssh(password=password())
    secret = laptop.write("password", "the router's own password")
    more = {"second": {"login": {"password_file": secret}, "relay": {"keep": "session"}}}
    listed(laptop, {"first": first.port, "second": second.port}, **more)
    laptop.run("--routers", "all", "trust", "--yes")
    found = by_name(laptop.run("--json", "--routers", "first,second", "join", "--yes").object)
    assert {name: each["answer"]["network"] for name, each in found.items()} == {
        "first": "HomeNet",
        "second": "HomeNet",
    }
    kept = {name: each["answer"]["uplink"]["kept"] for name, each in found.items()}
    assert kept == {"first": "flash", "second": "session"}  # each by its own `relay`
    served.joined()
    other.on_air()
    other.check()
    assert other.router.flash_writes == []


def test_join_does_not_begin_unasked(served: Served, laptop: Laptop) -> None:
    server = served.ssh()
    listed(laptop, {"one": server.port})
    laptop.run("--routers", "one", "trust", "--yes")
    error = laptop.fails(2, "--routers", "all", "join")
    assert "--yes" in error["hint"]
    assert served.commands() == []


def test_trust_shows_each_key_and_stores_none_unasked(served: Served, laptop: Laptop) -> None:
    first, second = served.ssh(), served.ssh()
    listed(laptop, {"one": first.port, "two": second.port})
    found = by_name(laptop.run("--json", "--routers", "all", "trust", expect=2).object)
    for name, server in (("one", first), ("two", second)):
        assert server.host_key.fingerprint in found[name]["answer"]["error"]
    assert not (laptop.home / ".config/wifirelay/known_hosts").exists()


def test_one_by_its_name(served: Served, laptop: Laptop) -> None:
    """`--router NAME`: its own login, whoever else is listed."""
    server = served.ssh(password=password())
    secret = laptop.write("password", "the router's own password")
    listed(laptop, {"one": server.port}, one={"login": {"password_file": secret}})
    laptop.run("trust", "one", "--yes")
    status = laptop.run("--router", "one", "--json", "status").object
    assert status["schema"] == "wifirelay.status/1"
    assert "login refused" in json.dumps(
        laptop.run("--json", "--router", f"127.0.0.1:{server.port}", "status", expect=3).object
    )
