# SPDX-License-Identifier: GPL-2.0-or-later
"""Every command's JSON is what its schema says, for simulated and for recorded routers."""

import json
import os
import re

import pytest
from jsonschema import Draft202012Validator
from shapes import NAMES, SCHEMAS, check, home, run, say, target

from wifirelay.cli.main import COMMANDS

__all__ = ["home", "run", "say"]

KNOWN = """
networks:
  - {ssid: HomeNet, key: "known in the tests"}
  - {ssid: CafeOpen}
  - {ssid: Backroom, key: "known in the tests", hidden: true}
"""
DOCS = os.path.join(os.path.dirname(os.path.dirname(__file__)), "docs", "json.md")


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schema_is_one(name):
    schema = SCHEMAS[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:wifirelay:{name}:1"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_schemas_take_nothing_that_they_do_not_name(name):
    def walk(node):
        if isinstance(node, list):
            for each in node:
                walk(each)
        if isinstance(node, dict):
            if "properties" in node:
                assert node["additionalProperties"] is False
                assert set(node["required"]) <= set(node["properties"])
            for each in node.values():
                walk(each)

    walk(SCHEMAS[name])


def test_every_command_has_a_schema():
    assert set(COMMANDS) <= set(SCHEMAS)
    assert set(SCHEMAS) == set(COMMANDS) | {"error", "history", "import", "many"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", ["scan", "plan", "status"])
def test_recordings(run, tmp_path, name, command):
    config = tmp_path / "config.yaml"
    config.write_text(KNOWN)
    config.chmod(0o600)
    code, shape = run("--router", target(name), "--config", str(config), command)
    assert (code, shape["schema"]) == (0, f"wifirelay.{command}/1")


@pytest.mark.parametrize("world", ["home", "hotel", "hostile", "broken"])
@pytest.mark.parametrize("command", ["scan", "plan", "status"])
def test_worlds(run, world, command):
    code, shape = run("--router", f"sim:{world}", command)
    assert (code, shape["schema"]) == (0, f"wifirelay.{command}/1")


def test_join(run):
    code, shape = run("--router", "sim:home", "join")
    assert code == 0
    assert shape["network"] == "HomeNet"
    assert shape["uplink"]["kept"] == "flash"


def test_join_fails(run):
    code, shape = run("--router", "sim:broken", "join", "Portal")
    assert (code, shape["cause"]) == (5, "portal")


def test_run(say):
    code, out, _ = say("--json", "--router", "sim:home", "run", "--seconds", "100")
    kinds = [check(json.loads(line))["kind"] for line in out.splitlines()]
    assert (code, kinds) == (0, ["started", "reached", "trying", "joined", "stopped"])


def test_leave(run):
    assert run("--router", "sim:home", "leave") == (
        0,
        {"schema": "wifirelay.leave/1", "left": [], "flash": "unchanged"},
    )


@pytest.mark.parametrize("words", [("--show",), ("--yes",), ("--undo", "--show")])
def test_setup(run, words):
    code, shape = run("--router", "sim:home", "setup", *words)
    assert (code, shape["schema"]) == (0, "wifirelay.setup/1")


def test_record(run, tmp_path):
    code, shape = run("--router", "sim:home", "record", str(tmp_path / "r.jsonl"))
    assert (code, shape["radios"]) == (0, ["radio0", "radio1"])


def test_networks(run, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(KNOWN)
    code, shape = run("--config", str(config), "networks", "list")
    assert (code, len(shape["networks"])) == (0, 3)


def test_documented_examples():
    with open(DOCS, encoding="utf-8") as file:
        blocks = re.findall(r"```json\n(.*?)```", file.read(), re.DOTALL)
    shown = {check(json.loads(block))["schema"] for block in blocks}
    assert shown == {f"wifirelay.{name}/1" for name in SCHEMAS}
