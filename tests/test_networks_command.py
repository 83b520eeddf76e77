# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay networks`: what it takes, writes and prints, and that no key is ever in it."""

import argparse
import getpass
import io
import json
import os
import warnings

import pytest
from jsonschema import Draft202012Validator

import wifirelay
from wifirelay.cli import networks
from wifirelay.config.yaml_file import load
from wifirelay.core.known import Wanted
from wifirelay.errors import ConfigError, UsageError
from wifirelay.values import Secret, Ssid

SECRET = "hunter2hunter2"
with open(os.path.join(os.path.dirname(wifirelay.__file__), "schemas", "networks.json")) as file:
    SCHEMA = json.load(file)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "wifirelay" / "config.yaml")


@pytest.fixture
def command(path):
    """Runs `networks ...`, checks the object against the schema and that no key is in it."""

    def command(*argv):
        parser = argparse.ArgumentParser()
        networks.add_arguments(parser)
        answer, lines = networks.carry_out(parser.parse_args(argv), path)
        Draft202012Validator(SCHEMA).validate(answer)
        printed = json.dumps(answer) + "\n".join(lines)
        assert SECRET not in printed
        assert all(line.isprintable() for line in lines)
        assert (answer["schema"], answer["file"]) == ("wifirelay.networks/1", path)
        return answer, lines

    return command


def stdin(monkeypatch, content, *, terminal=False):
    stream = io.TextIOWrapper(io.BytesIO(content))
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setattr("sys.stdin", stream)


def test_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


def test_add_list_remove(command, path, monkeypatch):
    stdin(monkeypatch, f"{SECRET}\n".encode())
    answer, lines = command(
        *("add", "--key-stdin", "--priority", "-5", "--security", "psk2", "--hidden", "--metered"),
        *("--bssid", "02-00-00-00-06-aa", "--bssid", "02:00:00:00:06:01"),
        *("--min-signal", "-75", "Home Net"),
    )
    assert lines == [f"added Home Net to {path}"]
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
    assert load(path).networks[0].key == Secret(SECRET)
    command("add", "--open", "Cafe")
    answer, lines = command("list")
    assert answer["action"] == "list"
    assert answer["networks"][0] == network
    assert [" ".join(line.split()) for line in lines] == [
        "PRIORITY SECURITY KEY LIMITS NETWORK",
        "-5 psk2 yes hidden, metered, from -75 dBm, only 2 BSSIDs Home Net",
        "0 auto no - Cafe",
    ]
    answer, lines = command("remove", "Home Net")
    assert lines == [f"removed Home Net from {path}"]
    assert [network["ssid"] for network in answer["networks"]] == ["Cafe"]
    command("remove", "Cafe")
    answer, lines = command("list")
    assert answer["networks"] == []
    assert lines == [f"no networks in {path}; add one: wifirelay networks add SSID"]


def test_list_shows_warnings_and_single_limits(command, path):
    os.makedirs(os.path.dirname(path))
    with open(path, "w") as file:
        file.write(
            "networks:\n"
            f"- {{ssid: A, key: {SECRET}, bssid: '02:00:00:00:06:00'}}\n"
            "- {ssid: E, security: wpa2-eap, eap: {method: peap, identity: i, password: p}}\n"
        )
    os.chmod(path, 0o644)
    _answer, lines = command("list")
    assert "only 02:00:00:00:06:00" in lines[1]
    assert lines[2].split()[1:3] == ["wpa2-eap", "eap"]
    assert [line.split(":")[0] for line in lines[3:]] == ["warning", "warning"]


def test_a_hostile_name_stays_on_its_line(command, path):
    name = "x\u202e\u2028  9  open"
    command("add", "--open", "--", name)
    answer, lines = command("list")
    assert answer["networks"][0]["ssid"] == name
    assert lines[1].endswith("-       x\\u202e\\u2028  9  open")


def test_bytes_that_are_not_utf8(command, path):
    name = os.fsdecode(b"Caf\xe9")
    answer, lines = command("add", "--open", name)
    assert answer["networks"][0]["ssid"] == "Caf\udce9"
    assert "added Caf\\xe9" in lines[0]
    assert load(path).networks[0].ssid == Ssid(b"Caf\xe9")
    command("remove", name)


def test_a_name_like_an_option(command):
    assert command("add", "--open", "--", "-x")[0]["networks"][0]["ssid"] == "-x"


def test_key_typed_without_echo(command, path, monkeypatch):
    prompts = []
    stdin(monkeypatch, b"", terminal=True)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: prompts.append(prompt) or SECRET)
    command("add", "A\u202e")
    assert prompts == ["Key of A\\u202e: "]
    assert load(path).networks[0].key == Secret(SECRET)


def _end_of_file(_prompt):
    raise EOFError


def _echoing(_prompt):
    warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=1)
    raise AssertionError("would have been shown")


@pytest.mark.parametrize("typing", [_end_of_file, _echoing, lambda _prompt: ""])
def test_nothing_typed(command, path, monkeypatch, typing):
    stdin(monkeypatch, b"", terminal=True)
    monkeypatch.setattr(getpass, "getpass", typing)
    with pytest.raises(UsageError) as caught:
        command("add", "A")
    assert caught.value.hint
    assert not os.path.exists(path)


def test_no_terminal(command, monkeypatch):
    stdin(monkeypatch, SECRET.encode())
    with pytest.raises(UsageError) as caught:
        command("add", "A")
    assert "--key-stdin" in caught.value.hint
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(UsageError):
        command("add", "A")
    with pytest.raises(UsageError):
        command("add", "--key-stdin", "A")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no key on standard input"),
        (b"\n", "no key on standard input"),
        (b"caf\xe9caf\xe9", "not UTF-8"),
        (b"hunter2", "the new network: key: the key has 7 characters"),
        (f"{SECRET}\n{SECRET}\n".encode(), "line break"),
        (b"x" * 9999, "the key has 4097 characters"),
    ],
)
def test_bad_keys_on_stdin(command, path, monkeypatch, content, problem):
    stdin(monkeypatch, content)
    with pytest.raises(UsageError) as caught:
        command("add", "--key-stdin", "A")
    assert problem in caught.value.message
    assert SECRET not in caught.value.message
    assert not os.path.exists(path)


def test_key_elsewhere(command, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k").write_text(SECRET)
    (tmp_path / "k").chmod(0o644)
    _answer, lines = command("add", "--key-file", "k", "A")
    assert f"{tmp_path}/k is open to others" in lines[1]
    monkeypatch.setenv("A_KEY", SECRET)
    command("add", "--key-env", "A_KEY", "B")
    assert [network.key for network in load(path).networks] == [Secret(SECRET)] * 2
    with open(path) as file:
        text = file.read()
    assert SECRET not in text
    assert f'key_file: "{tmp_path}/k"' in text
    monkeypatch.delenv("A_KEY")
    answer, _lines = command("remove", "A")
    assert answer["networks"][0]["has_key"] is True
    with pytest.raises(ConfigError, match="A_KEY is not set"):
        command("list")
    with pytest.raises(ConfigError, match="key_env"):
        command("add", "--key-env", "A_KEY", "C")
    with pytest.raises(ConfigError, match="key_file"):
        command("add", "--key-file", "no", "C")


@pytest.mark.parametrize("word", ["open", "owe"])
def test_security_without_key_asks_for_none(command, path, word):
    command("add", "--security", word, "A")
    assert load(path).networks[0].security is Wanted(word)


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (["--open", "x" * 33], "ssid: the SSID has 33 bytes"),
        (["x" * 33], "ssid: the SSID has 33 bytes"),  # before any key is asked for
        (["--open", ""], "ssid: the SSID is empty"),
        (["--open", "--priority", "1001", "A"], "priority: 1001"),
        (["--open", "--min-signal", "75", "A"], "min_signal: 75"),
        (["--open", "--bssid", "02:00", "A"], "bssid: '02:00' is not a BSSID"),
        (["--open", "--security", "psk2", "A"], "key: is missing"),
        (["--key-stdin", "--security", "open", "A"], "key: does not go with security open"),
        (["--key-env", SECRET, "A"], "key_env: this variable is not set"),
    ],
)
def test_refused(command, path, argv, problem):
    with pytest.raises(ConfigError) as caught:
        command("add", *argv)
    assert problem in caught.value.message
    assert caught.value.hint
    assert SECRET not in caught.value.message
    assert not os.path.exists(path)


def test_there_already_and_unknown(command):
    command("add", "--open", "HomeNet")
    with pytest.raises(ConfigError) as caught:
        command("add", "--open", "HomeNet")
    assert "already there" in caught.value.message
    assert "remove" in caught.value.hint
    with pytest.raises(ConfigError) as caught:
        command("remove", "HomeNte")
    assert "did you mean HomeNet?" in caught.value.hint


def test_list_without_a_file(command, path):
    with pytest.raises(ConfigError, match="no configuration file"):
        command("list")


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["add"],
        ["add", "A", "--key", SECRET],
        ["add", "A", "--key-f", "file"],
        ["add", "A", "--open", "--key-stdin"],
        ["add", "A", "--security", "wep"],
        ["remove"],
    ],
)
def test_usage(command, argv, capsys):
    with pytest.raises(SystemExit) as caught:
        command(*argv)
    assert caught.value.code == 2


def test_options_of_the_frame():
    parser = argparse.ArgumentParser()
    networks.add_arguments(parser)
    assert parser.parse_args(["list", "--json"]).json
