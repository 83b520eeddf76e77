# SPDX-License-Identifier: GPL-2.0-or-later
"""The YAML reader: where it looks, what it refuses that PyYAML takes, and what it never shows."""

import os
import re

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from wifirelay.config.model import Settings
from wifirelay.config.secrets import unread
from wifirelay.config.yaml_file import default_path, load, parse
from wifirelay.core.known import Relay, Wanted
from wifirelay.errors import ConfigError
from wifirelay.values import Secret, Ssid

SECRET = "hunter2hunter2"


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request, monkeypatch):
    """Both of PyYAML's parsers: which one a laptop has depends on its wheel."""
    if request.param == "SafeLoader":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML without libyaml")


@pytest.fixture
def write(tmp_path):
    def write(content, name="config.yaml", mode=0o600):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return str(path)

    return write


def refused(path):
    with pytest.raises(ConfigError) as caught:
        load(path)
    error = caught.value
    assert error.hint
    assert SECRET not in error.message + error.hint
    assert error.__cause__ is None, "a cause could hold the text"
    assert error.__suppress_context__ or error.__context__ is None
    return error


def test_default_path(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    for base in (None, "", "relative/ignored"):
        if base is None:
            monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        else:
            monkeypatch.setenv("XDG_CONFIG_HOME", base)
        assert default_path() == "/home/me/.config/wifirelay/config.yaml"
    monkeypatch.setenv("XDG_CONFIG_HOME", "/x")
    assert default_path() == "/x/wifirelay/config.yaml"


def test_the_documented_example(write, tmp_path, monkeypatch, loader):
    page = os.path.join(os.path.dirname(__file__), "..", "docs", "configuration.md")
    with open(page, encoding="utf-8") as file:
        examples = re.findall(r"^```yaml\n(.*?)^```$", file.read(), re.M | re.S)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("BACKROOM_KEY", "x")
    (tmp_path / ".secrets").mkdir()
    write("office key\n", ".secrets/office")
    write("eap password\n", ".secrets/eduroam")
    made = load(write(examples[0]))
    assert made.warnings == ()
    assert made.router == "ssh://root@192.168.1.1"
    assert made.relay == Relay(radios=("radio1", "radio0"))
    names = [str(network.ssid) for network in made.networks]
    assert names[:5] == ["HomeNet", "Office5G", "Backroom", "My phone", "CafeOpen"]
    home, office, backroom, phone, cafe, latin, eduroam = made.networks
    assert home.key == Secret("correct horse battery")
    assert office.key == Secret("office key")
    assert (backroom.key, backroom.security) == (Secret("x"), Wanted.SAE)
    assert phone.metered
    assert cafe.key is None
    assert latin.ssid == Ssid(b"Caf\xe9")
    assert eduroam.eap.password == Secret("eap password")
    assert made.login.key_file == str(tmp_path / ".ssh/id_ed25519")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "{}\n", "networks:\n", "\ufeff# bom"])
def test_empty_configurations(write, text, loader):
    path = write(text)
    assert load(path) == Settings(source=path)


def test_a_byte_order_mark_does_no_harm(write, loader):
    assert load(write("\ufeffrouter: local\r\n")).router == "local"


def test_missing_file_says_how_to_make_one(tmp_path):
    error = refused(str(tmp_path / "no.yaml"))
    assert str(tmp_path / "no.yaml") in error.message
    assert "wifirelay networks add" in error.hint


def test_unreadable(tmp_path):
    assert "cannot be read: Is a directory" in refused(str(tmp_path)).message
    assert "cannot be read" in refused("a\0b").message


def test_not_utf8(write):
    assert ":2: is not UTF-8" in refused(write(b"router: local\n# caf\xe9\n")).message


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        (f"networks:\n  - {{ssid: A, key: {SECRET}\n", "3:1", ""),
        (f"a: b\n key: {SECRET}\n", "2:", ""),
        (f"key: *{SECRET}\n", "1:6", "alias"),
        (f"key: !{SECRET} x\n", "1:6", "tag"),
        (f"key: !!python/object:{SECRET} x\n", "1:6", "tag"),
        (f"key: !{SECRET}!x y\n", "1:6", ""),
        (f"key: @{SECRET}\n", "1:6", ""),
        (f'key: "{SECRET}\\q"\n', "1:", ""),
        (f"key: '{SECRET}\n", "2:1", ""),
        (f"? [{SECRET}]\n: x\n", "1:3", "not plain text"),
        (f"login: {{{SECRET}, {SECRET}}}\n", "1:25", "given twice, first in line 1"),
        ("router: local\nrouter: x\n", "2:1", "key router is given twice, first in line 1"),
        ("networks:\n- ssid: A\n  ssid: B\n", "3:3", "key ssid is given twice, first in line 2"),
        (f"networks:\n- ssid: A\n  key:{SECRET}\n", "4:1", ""),
        (f"networks:\n- ssid: A\n    key:{SECRET}\n", "2:9", "runs on"),
        (f"networks: [{{ssid: A,\n  key:\n  {SECRET}\n  x}}]\n", "3:3", "runs on"),
        ("router: 2024-13-45\n", "1:9", "date"),
        ("router: !!bool x\n", "1:9", "looks like"),
        ("router: !!timestamp x\n", "1:9", "looks like"),
        ('router: !!int ""\n', "1:9", "looks like"),
        ("router: 0x_\n", "1:9", "number"),
        (f"router: {'1' * 5000}\n", "1:9", "number"),
        ("router: a\n---\nrouter: b\n", "2:1", "document"),
        ("router: local\n  # ok\nx: \x1b[31m\n", "3:4", "U+001B"),
        ("router: =\n", "1:9", ""),
        ("[" * 20000, "", ""),
    ],
)
def test_refused_yaml(write, text, place, problem, loader):
    path = write(text)
    error = refused(path)
    assert error.message.startswith(f"{path}:{place}")
    assert problem in error.message
    assert error.message.isprintable()


@pytest.mark.parametrize("text", ["- a\n", "hello\n", "5\n", "true\n"])
def test_top_level_is_a_mapping(write, text, loader):
    assert "the top level is" in refused(write(text)).message


@pytest.mark.parametrize(
    "value", ["12345", "on", "No", "1.5", "2024-05-01", "12:30:45", "0x1f", ".inf", "[a]", "{a: b}"]
)
def test_text_that_yaml_takes_for_something_else(write, value, loader):
    error = refused(write(f"networks:\n  - ssid: {value}\n"))
    assert "networks[0].ssid: is " in error.message
    assert "quotes" in error.hint


def test_merge_keys_and_aliases_are_plain_yaml(write, loader):
    text = "networks:\n- &a {ssid: A, priority: 3}\n- {<<: *a, ssid: B}\n"
    assert [network.priority for network in load(write(text)).networks] == [3, 3]


def test_an_endless_alias_is_no_endless_loop(write, loader):
    assert "networks[0]" in refused(write("networks: &a\n- *a\n")).message


@pytest.mark.parametrize(
    ("text", "mode", "warned"),
    [
        ("networks: [{ssid: A, key: 12345678x}]", 0o644, True),
        ("networks: [{ssid: A, key: 12345678x}]", 0o620, True),
        ("networks: [{ssid: A, key: 12345678x}]", 0o600, False),
        ("networks: [{ssid: A, key: 12345678x}]", 0o400, False),
        ("networks: [{ssid: A}]", 0o644, False),
        (
            "networks: [{ssid: A, security: wpa2-eap, eap: {method: peap, identity: i, "
            "ca_cert: /c, password: p}}]",
            0o644,
            True,
        ),
    ],
)
def test_mode_of_a_file_with_secrets(write, text, mode, warned):
    path = write(text, mode=mode)
    made = load(path).warnings
    assert bool(made) == warned
    assert all(f"chmod 600 {path}" in warning for warning in made)


def test_key_files(write, tmp_path):
    path = write("networks: [{ssid: A, key_file: k}]")
    write("correct horse\r\n", "k")
    assert load(path).networks[0].key == Secret("correct horse")
    assert load(path).warnings == ()
    (tmp_path / "k").chmod(0o640)
    assert (
        f"networks[0].key_file: {tmp_path}/k is open to others (mode 0640)"
        in (load(path).warnings[0])
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "there is no file"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"caf\xe9caf\xe9", "is not UTF-8"),
        (b"x" * 5000, "more than 4096 bytes"),
        (f"{SECRET}\n{SECRET}\n".encode(), "line break"),
        (b"hunter2\n", "7 characters"),
    ],
)
def test_bad_key_files(write, content, problem):
    if content is not None:
        write(content, "k")
    error = refused(write("networks: [{ssid: A, key_file: k}]"))
    assert "networks[0].key_file: " in error.message
    assert problem in error.message


def test_key_files_that_are_no_files(write, tmp_path):
    path = write("networks: [{ssid: A, key_file: k}]")
    os.mkfifo(tmp_path / "k")
    assert "not a regular file" in refused(path).message
    (tmp_path / "k").unlink()
    (tmp_path / "k").mkdir()
    assert "not a regular file" in refused(path).message
    long = write(f"networks: [{{ssid: A, key_file: {'k' * 300}}}]")
    assert "cannot be read: File name too long" in refused(long).message


def test_key_variables(write, monkeypatch):
    path = write("networks: [{ssid: A, key_env: HOME_KEY}]")
    monkeypatch.delenv("HOME_KEY", raising=False)
    assert "networks[0].key_env: the environment variable HOME_KEY is not set" in (
        refused(path).message
    )
    assert load(path, unread).networks[0].key is not None
    monkeypatch.setenv("HOME_KEY", "")
    assert "is empty" in refused(path).message
    monkeypatch.setenv("HOME_KEY", SECRET)
    assert load(path).networks[0].key == Secret(SECRET)


@pytest.mark.parametrize("written", [SECRET, f"{SECRET}!"])
def test_a_secret_in_the_place_of_a_variable_is_not_shown(write, written):
    refused(write(f"networks: [{{ssid: A, key_env: '{written}'}}]"))


def test_without_pyyaml(write, monkeypatch):
    path = write("router: local\n")
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    assert "PyYAML" in refused(path).message


@given(st.text(max_size=80))
@example("a: \x85")
@example("? ")
@example("&a : *a")
@example("{}: 1")
@example("!!set {a}")
@example("!!binary x")
@example("%YAML 9.9\n---\n")
@example("a: !<tag:yaml.org,2002:omap> 3")
def test_any_text_is_data_or_a_configuration_error(text):
    try:
        parse(text, "c.yaml")
    except ConfigError as error:
        assert error.message.isprintable()
