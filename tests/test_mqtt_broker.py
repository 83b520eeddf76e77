# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay mqtt` as a process, with a real mosquitto that goes, comes back, and refuses."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.mosquitto import LIMIT, Ear, Mosquitto, until
from tests.shapes import check, home
from wifirelay.view.home import COMMANDS

__all__ = ["home"]

BASE = "wifirelay/home"
STATE, AVAILABILITY = f"{BASE}/state", f"{BASE}/availability"
PASSWORD = "known to the broker alone"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path)
    made.start()
    yield made
    made.stop()


class Program:
    """`wifirelay mqtt` that runs; what it says is read all the time."""

    def __init__(self, argv: list[str], env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wifirelay", *argv],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **env},
        )
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.said.extend(iter(self.process.stderr.readline, ""))

    def says(self, text: str, times: int = 1) -> None:
        until(f"{text!r} in {self.said}", lambda: self.count(text) >= times)

    def count(self, text: str) -> int:
        return sum(text in line for line in self.said)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join(LIMIT)
        for each in (self.process.stdout, self.process.stderr):
            assert each is not None
            each.close()

    def ended(self) -> int:
        code = self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        assert "Traceback" not in "".join(self.said)
        return code


@contextmanager
def mqtt(
    broker: "Mosquitto | Deaf", *words: str, router: str = "sim:home", **env: str
) -> Iterator[Program]:
    """Ends as its user would end it."""
    argv = ["--router", router, "mqtt", "--broker", broker.address, "--interval", "1", *words]
    program = Program(argv, env)
    try:
        yield program
        if program.process.poll() is None:
            program.process.send_signal(signal.SIGTERM)
            assert program.ended() == 0, program.said
    finally:
        program.close()


def now(broker: Mosquitto) -> dict[str, str]:
    """What is retained, for whoever comes now: as soon as there is a state."""
    found: dict[str, str] = {}

    def whole() -> bool:
        with Ear(broker) as ear:
            ear.say("the end", "of what was retained")  # comes behind it
            found.clear()
            found.update(ear.retained)
        return {STATE, AVAILABILITY} <= set(found)

    until("a state", whole)
    return found


def ended(*words: str) -> tuple[int, dict[str, Any]]:
    """One that ends by itself: exit code, and the only object that it says."""
    argv = [sys.executable, "-m", "wifirelay", "--router", "sim:home", "mqtt", "--json", *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, check(json.loads(done.stdout))


def test_what_is_retained(home: str, broker: Mosquitto) -> None:
    with mqtt(broker) as program:
        program.says(f"connected to the broker {broker.address}; all is below {BASE}/")
        found = now(broker)
        assert found[AVAILABILITY] == "online"
        state = check(json.loads(found[STATE]))
        assert (state["router"], state["uplink"], state["own_up"]) == ("sim:home", "disabled", True)
        configs = {topic: json.loads(text) for topic, text in found.items() if "/config" in topic}
        assert {each["state_topic"] for each in configs.values()} == {STATE}
        assert "homeassistant/binary_sensor/wifirelay_home/internet_up/config" in configs
        assert not [topic for topic in configs if "/button/" in topic]
    assert now(broker)[AVAILABILITY] == "offline"


def test_whoever_is_killed_is_offline(home: str, broker: Mosquitto) -> None:
    """The broker tells it: our last will."""
    with Ear(broker) as ear, mqtt(broker) as program:
        ear.hears(AVAILABILITY, "online")
        until("a state", lambda: ear.last(STATE))
        program.process.kill()
        program.process.wait()
        ear.hears(AVAILABILITY, "offline")
    assert now(broker)[AVAILABILITY] == "offline"


def test_a_broker_that_forgets_and_comes_back(home: str, broker: Mosquitto) -> None:
    with mqtt(broker) as program:
        before = now(broker)
        broker.stop()
        program.says("is out of reach: ")
        broker.start()
        program.says(f"the broker {broker.address} is there again")
        assert now(broker) == before
        assert program.count("is out of reach: ") == program.count("is there again") == 1
        assert program.count("connected to") == 1


def test_a_broker_that_is_not_there_yet(home: str, broker: Mosquitto) -> None:
    broker.stop()
    with mqtt(broker) as program:
        program.says(f"the broker {broker.address} is out of reach: Connection refused; trying")
        broker.start()
        assert now(broker)[AVAILABILITY] == "online"
        assert program.count("out of reach") == 1


def test_json_lines_are_what_is_retained(home: str, broker: Mosquitto) -> None:
    with mqtt(broker, "--json", "--topic", "x/y z", "--prefix", "ha") as program:
        assert program.process.stdout is not None
        line = program.process.stdout.readline()
        check(json.loads(line))
        program.says("connected to")
        with Ear(broker) as ear:
            ear.hears("x/y z/state", line.rstrip("\n"))
            until("discovery", lambda: ear.last("ha/sensor/x_y_z/network/config"))
            assert not [topic for topic, _ in ear.heard if topic.startswith("homeassistant")]


def test_a_router_that_cannot_be_reached(home: str, broker: Mosquitto) -> None:
    with mqtt(broker, "--topic", BASE, router="ssh://root@127.0.0.1:1") as program:
        program.says("the router ssh://root@127.0.0.1:1 is out of reach: ")
        state = check(json.loads(now(broker)[STATE]))
        assert (state["reachable"], state["uplink"]) == (False, None)
        assert "nothing listens there" in state["trouble"]
        assert program.count("out of reach") == 1


class Deaf:
    """A server that hangs up at once. Counts who came."""

    def __init__(self) -> None:
        self.came = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):  # the door is closed
            while True:
                self._door.accept()[0].close()
                self.came += 1

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()


@pytest.fixture
def deaf() -> Iterator[Deaf]:
    made = Deaf()
    yield made
    made.close()


def test_what_stays_away_is_said_once(home: str, broker: Mosquitto, deaf: Deaf) -> None:
    with mqtt(deaf) as program:
        until("three attempts", lambda: deaf.came >= 3)
        assert program.count("out of reach") == 1
        assert program.process.poll() is None
    deaf.came = 0
    with mqtt(broker, router=f"ssh://root@{deaf.address}") as program:
        until("three looks", lambda: deaf.came >= 3)
        assert program.count("out of reach") == 1


# --- who is let in ---


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path, user="router", password=PASSWORD)
    made.start()
    yield made
    made.stop()


def secret(folder: Path, text: str) -> str:
    path = folder / "password"
    path.write_text(f"{text}\n")
    path.chmod(0o600)
    return str(path)


def test_a_password_out_of_a_file(home: str, guarded: Mosquitto, tmp_path: Path) -> None:
    words = ("--user", "router", "--password-file", secret(tmp_path, PASSWORD))
    with mqtt(guarded, *words) as program:
        program.says("connected to the broker")
        folder = Path(f"/proc/{program.process.pid}")
        seen = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        assert PASSWORD.encode() not in seen
    assert program.count(PASSWORD) == 0


def test_a_password_out_of_the_environment(home: str, guarded: Mosquitto) -> None:
    words = ("--user", "router", "--password-env", "BROKER_PASSWORD")
    with mqtt(guarded, *words, BROKER_PASSWORD=PASSWORD) as program:
        program.says("connected to the broker")


@pytest.mark.parametrize("wrong", [("--user", "router"), ("--user", "else"), ()])
def test_a_login_that_is_refused_ends_it(
    home: str, guarded: Mosquitto, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    words = [*wrong, "--password-file", secret(tmp_path, "of yesterday")] if wrong else []
    code, shape = ended("--broker", guarded.address, *words)
    user = f"as {wrong[1]}" if wrong else "without a name"
    assert (code, shape["error"]) == (
        3,
        f"the broker {guarded.address} does not let us in {user}",
    )
    assert "--password-file" in shape["hint"]
    assert "yesterday" not in json.dumps(shape)


def test_a_login_that_is_refused_later_is_tried_again(
    home: str, guarded: Mosquitto, tmp_path: Path
) -> None:
    """Its owner may be changing passwords at the broker."""
    words = ("--user", "router", "--password-file", secret(tmp_path, PASSWORD))
    with mqtt(guarded, *words) as program:
        program.says("connected to the broker")
        guarded.stop()
        program.says("out of reach")
        guarded.config.write_text(f"listener {guarded.port} 127.0.0.1\nallow_anonymous false\n")
        guarded.start()
        guarded.stop()
        assert program.process.poll() is None
        assert program.count("out of reach") == 1


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[Mosquitto, str]]:
    """With the file of its authority: it has signed itself."""
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "ca.pem")
    new = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x"
    names = "-addext subjectAltName=IP:127.0.0.1"
    argv = [*new.split(), *names.split(), "-keyout", key, "-out", certificate]
    subprocess.run(argv, check=True, capture_output=True)
    made = Mosquitto(tmp_path, f"certfile {certificate}", f"keyfile {key}")
    made.start()
    yield made, certificate
    made.stop()


def test_an_encrypted_connection(home: str, encrypted: tuple[Mosquitto, str]) -> None:
    broker, certificate = encrypted
    with mqtt(broker, "--ca", certificate) as program:
        program.says("connected to the broker")


def test_a_certificate_that_nobody_knows_ends_it(
    home: str, encrypted: tuple[Mosquitto, str]
) -> None:
    broker, certificate = encrypted
    code, shape = ended("--broker", broker.address, "--tls")
    assert code == 3
    assert "has a certificate that is not trusted: self-signed certificate" in shape["error"]
    assert "--ca names" in shape["hint"]
    there = f"localhost:{broker.port}"
    code, shape = ended("--broker", there, "--ca", certificate)
    assert (code, "Hostname mismatch" in shape["error"]) == (3, True)


def test_a_broker_without_tls_is_not_talked_to_in_the_clear(home: str, broker: Mosquitto) -> None:
    with mqtt(broker, "--tls") as program:
        program.says("is out of reach: ")
        assert program.count("connected to") == 0


# --- commands ---


def test_nobody_is_obeyed_unless_asked_for(home: str, broker: Mosquitto) -> None:
    """Another one, at the same topic, is: when that has done it this would have begun."""
    with Ear(broker) as ear, mqtt(broker) as program:
        program.says("connected to")
        with mqtt(broker, "--commands") as other:
            other.says("connected to")
            ear.say(f"{BASE}/command/leave")
            other.says("leave: done")
    assert program.count("leave") == 0


def test_buttons_and_what_they_do(home: str, broker: Mosquitto) -> None:
    with Ear(broker) as ear:
        ear.say(f"{BASE}/command/join", "of yesterday", retain=True)
        with mqtt(broker, "--commands") as program:
            ear.hears(AVAILABILITY, "online")
            until("a state", lambda: ear.last(STATE))
            buttons = {topic for topic in now(broker) if "/button/" in topic}
            assert buttons == {
                f"homeassistant/button/wifirelay_home/{key}/config" for key in COMMANDS
            }
            for _ in range(20):
                ear.say(f"{BASE}/command/dance", "\x1b[2J")
            program.says("no such command: 'dance'; there are rescan, join, leave")
            ear.say(f"{BASE}/command/leave", "PRESS")
            ear.hears(f"{BASE}/result", '{"command": "leave", "exit": 0, "error": null}')
            program.says("leave: done")
            assert program.count("no such command") == 1
        assert program.count("join: ") == 0  # a retained command is of somebody who is gone
    with mqtt(broker):
        until("no buttons", lambda: not [t for t in now(broker) if "/button/" in t])


def test_the_best_network_is_joined(home: str, broker: Mosquitto) -> None:
    with Ear(broker) as ear, mqtt(broker, "--commands") as program:
        until("a state", lambda: ear.last(STATE))
        ear.say(f"{BASE}/command/join")
        until("a result", lambda: ear.last(f"{BASE}/result"), 2 * LIMIT)
        result: dict[str, Any] = json.loads(ear.last(f"{BASE}/result") or "")
        assert result == {"command": "join", "exit": 0, "error": None}, program.said

        def online() -> bool:
            state = check(json.loads(ear.last(STATE) or ""))
            return (state["network"], state["internet_up"]) == ("HomeNet", True)

        until("it is online", online)


def test_a_trial_is_taken_back_when_it_ends(home: str, broker: Mosquitto) -> None:
    with Ear(broker) as ear, mqtt(broker, "--commands") as program:
        until("a state", lambda: ear.last(STATE))
        ear.say(f"{BASE}/command/join")
        program.says("join: asked for by MQTT")
        program.process.send_signal(signal.SIGTERM)
        assert program.ended() == 0
        assert program.count("ending; a trial that runs is taken back first") == 1
        ear.hears(AVAILABILITY, "offline")
