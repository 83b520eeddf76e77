# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay networks` and the choice of the configuration, on a router that has UCI."""

import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from known import CHECKOUT

from wifirelay.cli.context import UCI_PATH, Context
from wifirelay.cli.main import build_parser, main
from wifirelay.config.model import Settings
from wifirelay.config.uci_file import PATH, load_uci
from wifirelay.errors import ConfigError, UsageError
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, make_world
from wifirelay.values import Secret, Ssid

SECRET = "hunter2'hunter2"
SCHEMA = json.loads((CHECKOUT / "wifirelay/schemas/networks.json").read_text("utf-8"))
CONFIG = "\nconfig wifirelay 'main'\n\toption enabled '1'\n\toption keep 'session'\n\n"

Command = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def booted() -> Iterator[World]:
    with make_world("home") as world:
        world.router.boot()
        yield world


@pytest.fixture
def world(booted: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """This process runs on the router: its files, its programs; it has the package."""
    root, shell = booted.router.root, booted.router.shell
    for name, value in shell.environment("controller").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    root.write(PATH, CONFIG)
    os.chmod(root.here(PATH), 0o600)
    booted.router.argvs.clear()
    return booted


@pytest.fixture
def command(world: World, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `networks ... --json`; its answer, by the schema and without a key in it."""

    def command(*words: str, code: int = 0) -> dict[str, Any]:
        assert main(["--json", "networks", *words]) == code
        said = capsys.readouterr()
        assert "hunter2" not in said.out + said.err
        answer: dict[str, Any] = json.loads(said.out)
        if code == 0:
            Draft202012Validator(SCHEMA).validate(answer)
            assert answer["file"] == PATH
        return answer

    return command


def typed(monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))


def text(world: World) -> str:
    with open(world.router.root.here(PATH), encoding="utf-8") as file:
        return file.read()


def named(answer: dict[str, Any]) -> list[str]:
    return [network["ssid"] for network in answer["networks"]]


def test_add_list_remove(command: Command, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, f"{SECRET}\n")
    answer = command(
        *("add", "--key-stdin", "--priority", "-5", "--security", "psk2", "--hidden"),
        *("--bssid", "02-00-00-00-06-aa", "--bssid", "02:00:00:00:06:01", "--metered"),
        *("--min-signal", "-75", "Home Net"),
    )
    network = {
        "ssid": "Home Net",
        "ssid_hex": b"Home Net".hex(),
        "security": "psk2",
        "priority": -5,
        "has_key": True,
        "bssids": ["02:00:00:00:06:AA", "02:00:00:00:06:01"],
        "not_bssids": [],
        "bands": [],
        "radios": [],
        "mac": "device",
        "address": None,
        "gateway": None,
        "dns": [],
        "ipv6_only": False,
        "min_signal": -75,
        "hidden": True,
        "metered": True,
        "twins": None,
    }
    assert (answer["action"], answer["networks"]) == ("add", [network])
    made = load_uci(SimTransport(world.router))
    assert made.networks[0].key == Secret(SECRET)
    assert made.relay.keep_on_flash is False
    command("add", "--open", "Cafe")
    assert "config network 'home_net'" in text(world)
    assert "config network 'cafe'" in text(world)
    assert named(command("list")) == ["Home Net", "Cafe"]
    assert named(command("remove", "Home Net")) == ["Cafe"]
    command("remove", "Cafe")
    assert text(world) == CONFIG
    assert not [argv for argv in world.router.argvs for word in argv if "hunter2" in word]


def test_for_people(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["networks", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"no networks in {PATH}; add one: wifirelay networks add SSID"
    ]
    off = "\nconfig network\n\toption ssid 'Off'\n\toption enabled '0'\n"
    world.router.root.write(PATH, CONFIG + off)
    assert main(["networks", "add", "--open", "On"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"added On to {PATH}"]
    assert main(["networks", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == ["not in use (enabled '0'): Off"]
    assert main(["networks", "remove", "On"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"removed On from {PATH}"]


def test_a_name_that_is_not_utf8(command: Command, world: World) -> None:
    name = os.fsdecode(b"Caf\xe9")
    command("add", "--open", name)
    assert "option ssid_hex '436166e9'" in text(world)
    assert load_uci(SimTransport(world.router)).networks[0].ssid == Ssid(b"Caf\xe9")
    command("remove", name)
    assert text(world) == CONFIG


def test_a_key_that_stays_in_a_file_of_the_router(command: Command, world: World) -> None:
    world.router.root.write("/etc/k", f"{SECRET}\n")
    os.chmod(world.router.root.here("/etc/k"), 0o600)
    answer = command("add", "--key-file", "/etc/k", "A")
    assert answer["networks"][0]["has_key"] is True
    assert "option key_file '/etc/k'" in text(world)
    assert load_uci(SimTransport(world.router)).networks[0].key == Secret(SECRET)


@pytest.mark.parametrize(
    ("words", "problem", "hint"),
    [
        (["--key-env", "HOME_KEY", "A"], "key_env: a service has no environment", "key_file"),
        (["--key-file", "/none", "A"], "key_file: there is no file", "mode 0600"),
        (["--open", "x" * 33], "ssid: the SSID has 33 bytes", "32 bytes"),
        (["--open", "--priority", "1001", "A"], "priority: 1001", "1000"),
        (["--open", "--bssid", "02:00", "A"], "bssid: '02:00' is not a BSSID", "hexadecimal"),
        (["--key-stdin", "A"], "key: the key has 7 characters", "option security 'sae'"),
        (["--key-stdin", "--security", "open", "A"], "key: does not go", "option security 'auto'"),
    ],
)
def test_refused(
    command: Command,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    problem: str,
    hint: str,
) -> None:
    typed(monkeypatch, "hunter2\n")
    answer = command("add", *words, code=2)
    assert problem in str(answer["error"])
    assert hint in str(answer["hint"])
    assert text(world) == CONFIG


def test_there_already_and_unknown(command: Command, world: World) -> None:
    off = "\nconfig network\n\toption ssid 'HomeNet'\n\toption enabled '0'\n"
    world.router.root.write(PATH, CONFIG + off)
    answer = command("add", "--open", "HomeNet", code=2)
    assert "wifirelay.@network[0]: HomeNet is already there" in str(answer["error"])
    answer = command("remove", "HomeNte", code=2)
    assert answer["hint"] == "did you mean HomeNet?"
    assert text(world) == CONFIG + off


def test_nothing_is_written_beside_something_that_is_wrong(command: Command, world: World) -> None:
    wrong = "\nconfig network 'a'\n\toption ssid 'A'\n\toption prioritty '1'\n"
    world.router.root.write(PATH, CONFIG + wrong)
    for words in (["list"], ["add", "--open", "B"], ["remove", "C"]):
        answer = command(*words, code=2)
        assert answer["error"] != ""
    assert text(world) == CONFIG + wrong
    command("remove", "A")  # the remedy
    assert text(world) == CONFIG


def test_beside_somebodys_staged_edits(command: Command, world: World) -> None:
    world.router.execute(["uci", "set", "wifirelay.main.led=blue"])
    answer = command("add", "--open", "A", code=6)
    assert "staged" in str(answer["error"])
    world.router.execute(["uci", "revert", "wifirelay"])


# --- which configuration holds ---


def context(*words: str) -> Context:
    return Context(build_parser("status").parse_args([*words, "status"]))


def test_the_package_holds_on_a_router(world: World, tmp_path: Path) -> None:
    path = tmp_path / "wifirelay/config.yaml"
    path.parent.mkdir()
    path.write_text("networks: [{ssid: Yaml}]\n")
    for words in ([], ["--router", "local"], ["--config", PATH]):
        with context(*words) as made:
            assert made.uci
            assert (made.settings().source, made.settings().enabled) == (PATH, True)
            assert made.relay.keep_on_flash is False
            assert str(made.opened().target) == "local"
    for words in (["--config", str(path)], ["--router", "sim:home"], ["--router", "192.168.1.1"]):
        with context(*words) as made:
            assert not made.uci
            assert made.settings().source == str(path)
    os.unlink(world.router.root.here(PATH))
    with context() as made:
        assert made.settings().source == str(path)
    path.unlink()
    with context() as made:
        assert made.settings() == Settings(source=PATH, enabled=False)
        with pytest.raises(UsageError, match=f"no known networks: {PATH} lists none"):
            made.need_networks()


def test_networks_are_added_where_no_configuration_is(command: Command, world: World) -> None:
    os.unlink(world.router.root.here(PATH))
    assert command("list")["networks"] == []
    command("add", "--open", "A")
    assert os.stat(world.router.root.here(PATH)).st_mode & 0o777 == 0o600


def test_elsewhere_no_router_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIFIRELAY_ROOT", str(tmp_path))  # no router: nothing is there
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "etc/config").mkdir(parents=True)
    (tmp_path / "etc/config/wifirelay").touch()
    with context() as made:
        assert not made.uci
        assert made.settings() == Settings(source=str(tmp_path / "wifirelay/config.yaml"))


def test_a_reload_reads_the_same_one_and_keeps_what_it_had(world: World) -> None:
    with context("--router", "local") as made:
        before = made.settings()
        world.router.root.write(PATH, CONFIG + "\nconfig network\n\toption ssid 'A'\n")
        after = made.reload()
        assert (len(before.networks), len(after.networks)) == (0, 1)
        world.router.root.write(PATH, CONFIG + "\nconfig network\n\toption sid 'A'\n")
        with pytest.raises(ConfigError, match="not a known option"):
            made.reload()
        assert made.settings() is after
        os.unlink(world.router.root.here(PATH))
        assert made.reload() == Settings(source=PATH, enabled=False)


def test_a_router_that_cannot_answer_is_no_reason_to_end_the_service(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rpcd is starting again: what was read before holds."""
    with context("--router", "local") as made:
        before = made.settings()
        for name, answer in (("ubus", "exit 4"), ("uci", "exit 0")):
            (tmp_path / name).write_text(f"#!/bin/sh\n{answer}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        with pytest.raises(ConfigError, match="could not answer"):
            made.reload()
        assert made.settings() is before


def test_warnings_are_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.router.root.write(PATH, "config network\n\toption ssid 'A'\n\toption key 'hunter22'\n")
    os.chmod(world.router.root.here(PATH), 0o644)
    with context() as made:
        made.settings()
    assert f"warning: {PATH} holds secrets and is open to others" in capsys.readouterr().err


def test_the_paths_are_one() -> None:
    assert UCI_PATH == PATH
