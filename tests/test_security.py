# SPDX-License-Identifier: GPL-2.0-or-later
"""What a hostile router, recording or upstream sends: nothing controls the terminal or is a bug."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.known import recording
from tests.shapes import Say, home, say
from tests.ssh_server import Server
from wifirelay.change import asking
from wifirelay.change.asking import Serving
from wifirelay.change.onrouter import Lock
from wifirelay.cli import join, leave
from wifirelay.transport.recorded import Recording, save_recording

__all__ = ["home", "say"]

EVIL = "\x1b]0;owned\x07\u202e\r\u2028FORGED"


def harmless(text: str) -> bool:
    """Whether it moves nothing on a terminal but to the next line."""
    return all(char.isprintable() or char == "\n" for char in text)


# --- a hostile router answers as if a service lived there ---

JOINED: dict[str, Any] = {
    "ssid_text": "HomeNet",
    "radio": "radio0",
    "bssid": "02:00:00:00:10:00",
    "signal": -50,
    "address": "10.0.0.2/24",
    "kept": "flash",
    "note": "",
    "seconds": 20.0,
    "internet": "online",
    "portal": "",
}
JOIN = {"action": "join", "why": "the best", "ssid_hex": "41", "joined": JOINED}
LEFT = {"left": ["41"], "flash": "clean"}


@pytest.fixture
def answered(home: str, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Runs a command through a service whose answer is this one."""
    config = tmp_path / "config.yaml"
    config.write_text("networks:\n  - {ssid: HomeNet, key: correct horse battery}\n")
    config.chmod(0o600)
    service = Serving(Lock("o", 9999, "mast" + EVIL), 1)
    for module in (asking, join, leave):
        monkeypatch.setattr(module, "serving", lambda transport: service)

    def run(command: str, answer: object) -> tuple[int, str, str]:
        told = {"state": "done", "exit": 0, **answer} if isinstance(answer, dict) else answer
        monkeypatch.setattr(asking, "_told", lambda transport, asked: told)
        return say("--router", "sim:home", "--config", str(config), command)

    yield run


def test_a_proper_answer_of_a_service(answered: Any) -> None:
    code, out, _ = answered("join", JOIN)
    assert code == 0 and "online through HomeNet (02:00:00:00:10:00, -50 dBm) on radio0" in out
    code, out, _ = answered("leave", LEFT)
    assert (code, out) == (0, "left A: at baseline\n")


@pytest.mark.parametrize("name", [name for name in JOINED if isinstance(JOINED[name], str)])
def test_no_text_of_a_service_controls_the_terminal(answered: Any, name: str) -> None:
    said = answered("join", {**JOIN, "joined": {**JOINED, name: JOINED[name] + EVIL}})
    assert said[0] == (8 if name in ("internet", "portal") else 0)
    assert harmless(said[1] + said[2])
    for more in ({"why": EVIL, "joined": None}, {"exit": 5, "error": EVIL, "hint": EVIL}):
        said = answered("join", {**JOIN, **more})
        assert harmless(said[1] + said[2])
    said = answered("leave", {"left": [EVIL.encode().hex()[:60]], "flash": EVIL})
    assert said[0] == 0 and harmless(said[1] + said[2])


BROKEN = [
    {},
    {"action": "dance"},
    {"action": []},
    {"ssid_hex": "zz"},
    {"ssid_hex": 5},
    {"ssid_hex": "41" * 33},
    {"joined": 3},
    {"joined": {}},
    *({"joined": {**JOINED, name: {}}} for name in JOINED),
    {"joined": {**JOINED, "signal": 1.5}},
    {"joined": {**JOINED, "seconds": float("nan")}},
    {"joined": {**JOINED, "seconds": True}},
    {"joined": {**JOINED, "ssid_text": "\ud800"}},
    {"joined": {**JOINED, "more": 1}},
    {"exit": []},
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: json.dumps(broken)[:50])
def test_a_broken_answer_of_a_service_to_join_is_no_bug(
    answered: Any, broken: dict[str, Any]
) -> None:
    code, _, err = answered("join", {**JOIN, **broken} if broken else {})
    assert code == 8
    assert "a bug" not in err and harmless(err)


@pytest.mark.parametrize(
    "broken",
    [{}, {"left": 5}, {"left": ["zz"]}, {"left": [5]}, {"flash": 7}, {"left": ["41" * 33]}],
    ids=json.dumps,
)
def test_a_broken_answer_of_a_service_to_leave_is_no_bug(
    answered: Any, broken: dict[str, Any]
) -> None:
    code, _, err = answered("leave", {**LEFT, **broken} if broken else {})
    assert code == 8
    assert "a bug" not in err and harmless(err)


# --- a hostile router, or a stranger's recording ---


def spoiled(value: Any, names: set[str] | None) -> Any:
    """JSON with every text made hostile, or those of these names."""
    if isinstance(value, dict):
        return {
            name: item + EVIL
            if isinstance(item, str) and (names is None or name in names)
            else spoiled(item, names)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [spoiled(item, names) for item in value]
    return value


def hostile(original: Recording, path: Path, names: set[str] | None = None) -> str:
    """A recording of a router like this one that wants the terminal; its target."""
    exchanges = []
    for each in original.exchanges:
        try:
            out = json.dumps(spoiled(json.loads(each.out), names))
        except ValueError:
            out = each.out if names is not None else each.out + EVIL
        exchanges.append(replace(each, out=out, err=each.err + EVIL))
    save_recording(replace(original, exchanges=tuple(exchanges)), str(path))
    return f"recording:{path}"


@pytest.mark.parametrize(
    "name", ["bssid", "mode", "ssid", "hwmode", "htmode", "model", "release", "proto", "ifname"]
)
@pytest.mark.parametrize("words", [("status",), ("scan",), ("plan", "-v")], ids=" ".join)
def test_no_text_of_a_router_controls_the_terminal(
    say: Say, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("networks:\n  - {ssid: HomeNet, key: correct horse battery}\n")
    config.chmod(0o600)
    for names in ({name}, None):
        target = hostile(recording("connected"), tmp_path / "evil.jsonl", names)
        code, out, err = say("--router", target, "--config", str(config), *words)
        assert code != 1, err
        assert harmless(out + err)
        assert not any(line.startswith("FORGED") for line in (out + err).splitlines())


# --- where secrets go ---


def test_the_password_is_for_the_configured_router_alone(say: Say, tmp_path: Path) -> None:
    """Another router is trusted as well: it learns its own password, and no other one's."""
    secret = tmp_path / "password"
    secret.write_text("the right one\n")
    secret.chmod(0o600)
    config = tmp_path / "config.yaml"

    def status(router: str, port: int) -> tuple[int, str, str]:
        named = f"router: ssh://root@{router}\n" if router else ""
        config.write_text(f"{named}login: {{password_file: {secret}}}\n")
        config.chmod(0o600)
        meant = f"ssh://root@127.0.0.1:{port}"
        return say("--config", str(config), "--router", meant, "status", "--no-probe")

    with Server(password="another one") as server:
        assert say("trust", f"127.0.0.1:{server.port}", "--yes")[0] == 0
        code, _, err = status("192.0.2.1", server.port)
        assert code == 3
        assert "the configuration's password is for ssh://root@192.0.2.1:22, and not" in err
        assert not any("password" in each for each in server.attempts)
        for own in (f"127.0.0.1:{server.port}", ""):
            server.attempts.clear()
            code, _, err = status(own, server.port)
            assert code == 3 and "not offered" not in err
            assert any("password" in each for each in server.attempts)


def test_the_password_of_all_is_for_those_that_are_listed(say: Say, tmp_path: Path) -> None:
    """By their names and by their addresses; not for one with its own login, nor for a stranger."""
    secret, own = tmp_path / "password", tmp_path / "own"
    for path in (secret, own):
        path.write_text(f"of {path.name}\n")
        path.chmod(0o600)
    config = tmp_path / "config.yaml"
    with (
        Server(password="of password") as one,
        Server(password="of own") as other,
        Server(password="of password") as stranger,
    ):
        config.write_text(
            f"login: {{password_file: {secret}}}\n"
            f"routers: {{one: {{router: 127.0.0.1:{one.port}}}, other: {{router: "
            f"127.0.0.1:{other.port}, login: {{password_file: {own}}}}}}}\n"
        )
        config.chmod(0o600)
        servers = {"one": one, "other": other, "stranger": stranger}
        for server in servers.values():
            assert say("trust", f"127.0.0.1:{server.port}", "--yes")[0] == 0

        def tried(router: str, name: str) -> tuple[int, bool]:
            server = servers[name]
            server.attempts.clear()
            before = server.logins
            say("--config", str(config), "--router", router, "status", "--no-probe")
            return server.logins - before, "password" in server.attempts

        assert tried("one", "one") == (1, True)
        assert tried(f"127.0.0.1:{one.port}", "one") == (1, True)
        assert tried("other", "other") == (1, True)
        assert tried(f"127.0.0.1:{other.port}", "other") == (0, False)
        assert tried(f"127.0.0.1:{stranger.port}", "stranger") == (0, False)


def test_no_program_inherits_the_variable_of_a_key(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the programs that `--router local` starts tells its environment."""
    seen = tmp_path / "seen"
    ubus = tmp_path / "ubus"
    ubus.write_text(f"#!/bin/sh\nenv >>{seen}\nexit 4\n")
    ubus.chmod(0o755)
    config = tmp_path / "config.yaml"
    config.write_text("networks:\n  - {ssid: HomeNet, key_env: HOME_KEY}\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME_KEY", "correct horse battery")
    assert say("--router", "local", "--config", str(config), "scan")[0] == 8
    assert "PATH=" in seen.read_text()
    assert "HOME_KEY" not in seen.read_text()
