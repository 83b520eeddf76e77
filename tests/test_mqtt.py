# SPDX-License-Identifier: GPL-2.0-or-later
"""What is published for Home Assistant, as values: any router, any name. And the options."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzzing.names import NAMES
from tests.known import CHECKOUT
from tests.shapes import SCHEMAS, Run, Say, check, home, run, say
from tests.test_metrics import SERVICE
from tests.watched import bent, candidate, status
from wifirelay.values import Ssid, shown
from wifirelay.view.home import COMMANDS, ENTITIES, Topics, discovery, state_object

__all__ = ["home", "run", "say"]

DOCS = (CHECKOUT / "docs/metrics.md").read_text("utf-8")
TOPICS = Topics("wifirelay/attic", "homeassistant")
KEYS = set(SCHEMAS["mqtt"]["properties"])
LONGEST = 255  # characters of a state of Home Assistant's


def state(shape: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return check(state_object("sim:home", shape, more.pop("plan", None), **more))


def test_a_router_that_is_online() -> None:
    assert state(status(service=SERVICE)) == {
        "schema": "wifirelay.mqtt/1",
        "router": "sim:home",
        "reachable": True,
        "trouble": None,
        "network": "HomeNet",
        "ssid_hex": "486f6d654e6574",
        "uplink": "connected",
        "radio": "radio1",
        "signal_dbm": -55,
        "kept": "flash",
        "internet": "online",
        "internet_up": True,
        "own_access_points": 1,
        "own_access_points_up": 1,
        "own_up": True,
        "candidate": "HomeNet",
        "why": "HomeNet works",
    }


def test_at_the_baseline() -> None:
    shape = status(uplinks=[], internet=None)
    shape["access_points"][0]["on_air"] = False
    found = state(shape, plan={"candidates": [candidate(Ssid(b"Cafe"), None, "no")]})
    assert (found["uplink"], found["internet_up"], found["network"]) == ("disabled", False, None)
    assert (found["own_up"], found["own_access_points_up"], found["candidate"]) == (False, 0, None)
    plan = {"candidates": [candidate(Ssid(b"Cafe"), None, "no"), candidate(Ssid(b"Bar"), 1.0)]}
    assert state(shape, plan=plan)["candidate"] == "Bar"


@pytest.mark.parametrize(
    ("shape", "trouble"),
    [
        (None, "no route"),
        (status(service=SERVICE), "no route"),
        (status(service={**SERVICE, "unreachable": "no route"}), ""),
    ],
)
def test_nothing_of_before_is_told_of_a_router_out_of_reach(
    shape: dict[str, Any] | None, trouble: str
) -> None:
    found = state(shape, trouble=trouble)
    known = {key for key, value in found.items() if value is not None}
    assert known - {"why"} == {"schema", "router", "reachable", "trouble"}
    assert (found["reachable"], found["trouble"]) == (False, "no route")


@pytest.mark.parametrize("what", sorted(NAMES))
def test_a_name_of_the_corpus(what: str) -> None:
    """As Home Assistant reads it: strict UTF-8, and not too long."""
    ssid = NAMES[what]
    shape = status(ssid, service={**SERVICE, "why": ssid.text * 20})
    payload = json.dumps(state(shape))
    found = json.loads(payload.encode("ascii"))
    assert found["network"] == shown(ssid.text)
    assert bytes.fromhex(found["ssid_hex"] or "") == ssid.raw
    for value in found.values():
        text = str(value)
        assert text.encode("utf-8").decode() == text
        assert text.isprintable()
        assert len(text) <= LONGEST


@given(st.data())
def test_a_status_that_is_none_makes_no_nonsense(data: st.DataObject) -> None:
    shape = bent(data, status(service=dict(SERVICE), sentry={"alive": True}))
    found = state(shape)
    assert all(len(str(value)) <= LONGEST for value in found.values())


def test_discovery_names_what_there_is() -> None:
    made = dict(discovery(TOPICS, "sim:home", "1.2", commands=True))
    assert len(made) == len(ENTITIES) + len(COMMANDS)
    idents = set()
    for topic, config in made.items():
        assert config is not None
        found = re.fullmatch(
            r"homeassistant/(sensor|binary_sensor|button)/([\w-]+)/([\w-]+)/config", topic
        )
        assert found is not None
        assert found[2] == "wifirelay_attic"
        idents.add(config["unique_id"])
        assert config["device"]["identifiers"] == ["wifirelay_attic"]
        assert config["availability"][0] == {"topic": "wifirelay/attic/availability"}
        if found[1] == "button":
            assert config["command_topic"] == f"wifirelay/attic/command/{found[3]}"
            continue
        assert config["state_topic"] == "wifirelay/attic/state"
        templates = [config["value_template"]]
        templates += [each.get("value_template") for each in config["availability"][1:]]
        for template in templates:
            key = re.fullmatch(r"\{\{ value_json\.(\w+) \}\}", template)
            assert key is not None
            assert key[1] in KEYS
    assert len(idents) == len(made)


def test_options_are_all_that_the_state_may_say() -> None:
    for each in ENTITIES:
        if "options" in each.more:
            allowed = SCHEMAS["mqtt"]["properties"][each.key]["enum"]
            assert set(each.more["options"]) == set(allowed) - {None}


def test_truths_are_written_as_home_assistant_writes_them() -> None:
    """Its templates show true as Python does."""
    for each in ENTITIES:
        if each.component == "binary_sensor":
            assert (each.more["payload_on"], each.more["payload_off"]) == (str(True), str(False))


def test_without_commands_the_buttons_of_before_go() -> None:
    made = dict(discovery(TOPICS, "sim:home", "1.2", commands=False))
    assert {topic for topic, config in made.items() if config is None} == {
        TOPICS.config("button", key) for key in COMMANDS
    }


def test_the_document_has_every_key_and_entity() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \|$", DOCS, re.MULTILINE))
    assert set(rows) == KEYS - {"schema"}
    shown_as = {key: title.strip() for key, title in rows.items() if title.strip() != "-"}
    assert shown_as == {each.key: each.title for each in ENTITIES}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--broker", "a b"), "is not HOST or HOST:PORT"),
        (("--broker", "host:0"), "is not HOST or HOST:PORT"),
        (("--broker", "host:99999"), "is not HOST or HOST:PORT"),
        (("--broker", "user@host"), "is not HOST or HOST:PORT"),
        (("--broker", "h", "--topic", "a/#"), "--topic: a/# cannot be a topic"),
        (("--broker", "h", "--topic", "$SYS/x"), "cannot be a topic"),
        (("--broker", "h", "--topic", "x" * 300), "--topic: at most"),
        (("--broker", "h", "--prefix", "+"), "--prefix: + cannot be a topic"),
        (("--broker", "h", "--ca", "/nowhere"), "--ca: /nowhere cannot be used: No such file"),
        (("--broker", "h", "--ca", __file__), "it holds no PEM certificate"),
        (("--broker", "h", "--user", "u", "--password-file", "/nowhere"), "there is no file"),
        (("--broker", "h", "--user", "u", "--password-env", "NOWHERE"), "NOWHERE is not set"),
        (("--broker", "h", "--interval", "0"), "--interval"),
        (("--broker", "h", "--seconds", "-1"), "--seconds"),
        ((), "--broker"),
    ],
)
def test_words_that_are_wrong(run: Run, words: tuple[str, ...], problem: str) -> None:
    code, shape = run("--router", "sim:home", "mqtt", *words)
    assert code == 2
    assert problem in shape["error"]


def test_a_password_needs_a_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_PASSWORD", "of the broker")
    words = ("mqtt", "--broker", "h", "--password-env", "BROKER_PASSWORD")
    code, shape = run("--router", "sim:home", *words)
    assert (code, shape["error"]) == (2, "a password, and no --user")


def test_a_password_in_the_clear_is_said(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_PASSWORD", "of the broker")
    words = ("mqtt", "--user", "u", "--password-env", "BROKER_PASSWORD", "--seconds", "0")
    _, _, err = say("--router", "sim:home", *words, "--broker", "192.0.2.1")
    assert "warning: the password goes to the broker without encryption: --tls" in err
    _, _, err = say("--router", "sim:home", *words, "--broker", "[::1]:1")
    assert "warning" not in err


def test_a_recording_has_nothing_to_follow(run: Run) -> None:
    from tests.shapes import target

    assert run("--router", target("baseline"), "mqtt", "--broker", "h")[0] == 2


def test_without_paho(home: str, tmp_path: Path) -> None:
    (tmp_path / "paho.py").write_text("raise ModuleNotFoundError('no paho', name='paho')\n")
    done = subprocess.run(
        [sys.executable, "-m", "wifirelay", "--router", "sim:home", "mqtt", "--broker", "h"],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{tmp_path}:{CHECKOUT}", "HOME": home},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "mqtt needs paho-mqtt, which is not installed (paho)" in done.stderr
    assert "pip install 'wifirelay[mqtt]'" in done.stderr
