# SPDX-License-Identifier: GPL-2.0-or-later
"""The JSON Schema files, and the program run in process with its answer checked against them."""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

import wifirelay
from wifirelay.cli.main import main

FOLDER = os.path.join(os.path.dirname(wifirelay.__file__), "schemas")
RECORDINGS = os.path.join(os.path.dirname(__file__), "data", "recordings")
NAMES = sorted(
    name.removesuffix(".jsonl") for name in os.listdir(RECORDINGS) if name.endswith(".jsonl")
)


def _load(name: str) -> dict[str, Any]:
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        schema: dict[str, Any] = json.load(file)
    return schema


SCHEMAS = {name.removesuffix(".json"): _load(name) for name in sorted(os.listdir(FOLDER))}
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], DRAFT202012.create_resource(schema)) for schema in SCHEMAS.values()
)


def check(shape: dict[str, Any]) -> dict[str, Any]:
    """The object itself, once it is valid by the schema that it names."""
    name = shape["schema"].removeprefix("wifirelay.").removesuffix("/1")
    Draft202012Validator(SCHEMAS[name], registry=REGISTRY).validate(shape)
    return shape


Run = Callable[..., tuple[int, dict[str, Any]]]
Say = Callable[..., tuple[int, str, str]]


def target(name: str) -> str:
    return f"recording:{os.path.join(RECORDINGS, name)}.jsonl"


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], home: str) -> Say:
    """Runs the program; exit code, standard output, standard error. Never a traceback."""

    def say(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return say


@pytest.fixture
def run(say: Say) -> Run:
    """Runs the program with `--json`; exit code, and its one object, which is valid."""

    def run(*argv: str) -> tuple[int, dict[str, Any]]:
        code, out, _ = say(*argv, "--json")
        shape = check(json.loads(out))
        assert (shape["schema"] == "wifirelay.error/1") is (code != 0)
        if code:
            assert shape["exit"] == code
        return code, shape

    return run


@pytest.fixture
def home(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A home without any configuration, keys or agent."""
    path = tmp_path / "home"
    path.mkdir()
    monkeypatch.setenv("HOME", str(path))
    for name in ("XDG_CONFIG_HOME", "SSH_AUTH_SOCK"):
        monkeypatch.delenv(name, raising=False)
    return str(path)
