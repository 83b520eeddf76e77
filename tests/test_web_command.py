# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay web` as a process, with the simulated router and over SSH; and its other parts."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.dropbear import INSTALLED
from tests.openwrt_shell import FILES
from tests.shapes import Run, check, home, run, say, target
from wifirelay.config.yaml_file import load
from wifirelay.core.known import KnownNetwork, Wanted
from wifirelay.errors import RouterAnswer, UsageError
from wifirelay.sim.serving import Serving
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world
from wifirelay.values import Secret, Ssid
from wifirelay.web.book import FileBook, MemoryBook
from wifirelay.web.installed import PLUGIN, Installed, serves

__all__ = ["home", "run", "say"]

LIMIT = 60.0  # seconds of this machine
HOME = b"HomeNet".hex()


class Served:
    """A `wifirelay web` that runs, and whoever has its address."""

    def __init__(self, process: subprocess.Popen[str], shape: dict[str, Any]) -> None:
        self.process, self.shape = process, shape
        self.address, _, self.token = shape["url"].partition("/#token=")

    def call(self, method: str, **arguments: object) -> dict[str, Any]:
        link = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=LIMIT)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        link.request("POST", f"/api/{method}", json.dumps(arguments), headers)
        answer = link.getresponse()
        assert answer.status == 200
        shape = json.loads(answer.read())
        link.close()
        assert isinstance(shape, dict)
        return shape

    def known(self, method: str) -> dict[str, Any]:
        """What it reads, as soon as it is known."""
        end = time.monotonic() + LIMIT
        while (shape := self.call(method))["schema"] == "wifirelay.error/1":
            assert shape["exit"] == 4, shape
            assert time.monotonic() < end
            time.sleep(0.05)
        return check(shape)

    def do(self, method: str, **arguments: object) -> dict[str, Any]:
        asked = self.call(method, **arguments)["id"]
        end = time.monotonic() + LIMIT
        while (answer := self.call("answer", id=asked))["state"] != "done":
            assert time.monotonic() < end, answer
            time.sleep(0.05)
        return answer


@contextmanager
def web(*words: str, extra: tuple[str, ...] = ()) -> Iterator[Served]:
    command = [sys.executable, "-m", "wifirelay", *words, "web", "--json", *extra]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "}\n")
            text = "".join(lines) + "}"
            yield Served(process, check(json.loads(text)))
        finally:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=LIMIT)
            assert (process.returncode, out) == (0, "")
            assert "Traceback" not in err


def test_a_simulated_router_lives_while_the_page_is_served(home: str) -> None:
    with web("--router", "sim:home") as served:
        assert served.shape["router"] == "sim:home"
        assert served.known("plan")["decision"]["network"] == "HomeNet"
        answer = served.do("join", ssid_hex=HOME)
        assert (answer["exit"], answer["joined"]["ssid_text"]) == (0, "HomeNet")
        assert served.known("status")["uplinks"][0]["state"] == "connected"
        folder = Path(f"/proc/{served.process.pid}")
        seen = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        assert served.token.encode() not in seen


def test_its_own_files_are_there(home: str) -> None:
    with web("--router", "sim:home") as served:
        link = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=LIMIT)
        link.request("GET", "/")
        answer = link.getresponse()
        page = answer.read().decode()
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert served.token not in page
        for name in ("page.css", "main.js"):
            assert f"{name}" in page
            link.request("GET", f"/{name}")
            answer = link.getresponse()
            assert answer.status == 200
            answer.read()
        link.close()


@pytest.mark.dropbear
@pytest.mark.skipif(not INSTALLED, reason="dropbear-bin is not installed")
def test_a_router_over_ssh_and_the_owners_file(home: str, tmp_path: Path) -> None:
    with Serving("home", speed=10.0) as serving:
        address = serving.address
        known_hosts = Path(home) / ".config" / "wifirelay" / "known_hosts"
        known_hosts.parent.mkdir(parents=True, exist_ok=True)
        known_hosts.write_text(Path(address.known_hosts).read_text())
        config = tmp_path / "config.yaml"
        key = next(each for each in serving.world.known if each.ssid == Ssid(b"HomeNet")).key
        assert key is not None
        config.write_text(
            f"# mine\nrouter: ssh://root@127.0.0.1:{address.port}\n"
            f"login: {{key_file: {json.dumps(address.key_file)}}}\n"
        )
        config.chmod(0o600)
        with web("--config", str(config)) as served:
            assert check(served.call("networks"))["networks"] == []
            assert served.known("scan")["bss"]
            answer = served.do("join", ssid_hex=HOME, key=key.reveal())
            assert answer["exit"] == 0, answer
            assert "HomeNet" not in config.read_text()
            assert served.do("remember", ssid_hex=HOME)["exit"] == 0
            assert served.do("prefer", ssid_hex=HOME, priority=3)["exit"] == 0
            assert config.read_text().startswith("# mine\n")
            network = load(str(config)).networks[0]
            assert (network.ssid, network.key, network.priority) == (Ssid(b"HomeNet"), key, 3)
            assert served.known("status")["uplinks"][0]["kept"] == "flash"
            assert served.do("leave")["left"] == [HOME]


@pytest.mark.parametrize(
    "words",
    [
        ("--router", "sim:home", "web", "--listen", "example.org"),
        ("--router", "sim:home", "web", "--listen", "0.0.0.0"),
        ("--router", "sim:home", "web", "--listen", "192.0.2.1"),
        ("--router", "sim:home", "web", "--port", "70000"),
        ("--router", "sim:home", "web", "--speed", "1000"),
        ("--router", "sim:home", "web", "--seconds", "-1"),
        ("--router", "sim:nowhere", "web"),
        ("--router", target("fresh"), "web"),
        ("--router", target("fresh"), "web", "--speed", "2"),
    ],
)
def test_what_cannot_be_is_said(run: Run, words: tuple[str, ...]) -> None:
    code, shape = run(*words)
    assert code == 2
    assert shape["error"]


def test_people_get_an_address_to_open(home: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wifirelay", "--router", "sim:home", "web", "--seconds", "0"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "http://127.0.0.1:" in done.stdout
    assert "/#token=" in done.stdout


# --- the router's own object ---


def test_a_service_on_the_router_answers_itself() -> None:
    with make_world("home") as world:
        transport = SimTransport(world.router)
        assert not serves(transport)
        world.router.root.write(PLUGIN, (FILES / "wifirelay.rpcd").read_text(), 0o755)
        assert not serves(transport), "no service lives"
        state = "/var/run/wifirelay/service-state"
        world.router.root.write(f"{state}/pid", str(os.getpid()))
        assert serves(transport), "it has just begun"
        world.router.root.write(f"{state}/networks.json", '{"schema": "wifirelay.networks/1"}')
        made = Installed(transport)
        assert made.call("networks", {}) == {"schema": "wifirelay.networks/1"}
        assert made.call("scan", {})["exit"] == 4
        asked = made.call("join", {"ssid_hex": HOME, "key": "a key to keep"})
        assert asked["state"] == "sent"
        assert made.call("answer", {"id": asked["id"]}) == {"state": "sent"}
        words = [word for argv in world.router.argvs for word in argv]
        assert not [word for word in words if "a key to keep" in word]
        with pytest.raises(UsageError, match="no such method"):
            made.call("reboot", {})


@pytest.mark.parametrize("text", ["", "[]", "{", "nonsense", "[" * 100000])
def test_what_is_no_answer_of_the_object_is_said(text: str) -> None:
    with make_world("home") as world:
        world.router.root.write(PLUGIN, f"#!/bin/sh\ncat <<'EOF'\n{text}\nEOF\n", 0o755)
        transport = SimTransport(world.router)
        assert not serves(transport)
        with pytest.raises(RouterAnswer):
            Installed(transport).call("status", {})


# --- where known networks stand ---


def network(name: str, **options: Any) -> KnownNetwork:
    return KnownNetwork(Ssid.of(name), **options)


def test_both_books_do_the_same(tmp_path: Path) -> None:
    path = str(tmp_path / "config.yaml")
    for book in (MemoryBook(()), FileBook(path, lambda: load(path))):
        book.remember(network("Café", key=Secret("secret one")))
        book.remember(network("Other"))
        book.prefer(Ssid.of("Café"), 7)
        book.remember(network("Café", key=Secret("secret two")))
        found = {each.ssid.text: each for each in book.networks()}
        assert set(found) == {"Café", "Other"}
        assert (found["Café"].key, found["Café"].priority) == (Secret("secret two"), 7)
        book.forget(Ssid.of("Café"))
        assert [each.ssid.text for each in book.networks()] == ["Other"]
        with pytest.raises(UsageError, match="Café"):
            book.forget(Ssid.of("Café"))
        with pytest.raises(UsageError, match="Café"):
            book.prefer(Ssid.of("Café"), 1)
        assert book.networks()[0].security is Wanted.AUTO
