# SPDX-License-Identifier: GPL-2.0-or-later
"""Adding and removing networks: the rest of the owner's file stays, byte for byte."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wifirelay.config import edit_file
from wifirelay.config.edit_file import add_network, remove_network
from wifirelay.config.yaml_file import load, parse
from wifirelay.config.yaml_outline import outline
from wifirelay.config.yaml_text import scalar, with_entries, without_entry
from wifirelay.errors import ConfigError
from wifirelay.values import Secret, Ssid

NEW = {"ssid": "New", "key": "12345678", "priority": 3, "bssid": ["02:00:00:00:06:00"]}
BLOCK = """\
- ssid: "New"
  key: "12345678"
  priority: 3
  bssid: ["02:00:00:00:06:00"]
"""
FLOW = '{ssid: "New", key: "12345678", priority: 3, bssid: ["02:00:00:00:06:00"]}'


def indented(text, by):
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


# name: (before, after adding NEW)
ADDED = {
    "nothing": ("", "networks:\n" + indented(BLOCK, 2)),
    "only a comment": ("# mine", "# mine\nnetworks:\n" + indented(BLOCK, 2)),
    "a marker": ("---\n", "---\nnetworks:\n" + indented(BLOCK, 2)),
    "no list": ("router: local # x\n\n# end\n", None),
    "no list, no line end": ("router: local", "router: local\nnetworks:\n" + indented(BLOCK, 2)),
    "no list, document end": (
        "router: local\n...\n",
        "router: local\nnetworks:\n" + indented(BLOCK, 2) + "...\n",
    ),
    "a bare list": (
        "networks: # none yet\nrouter: local\n",
        "networks: # none yet\n" + indented(BLOCK, 2) + "router: local\n",
    ),
    "a bare list at the end": ("networks:", "networks:\n" + indented(BLOCK, 2)),
    "null": (
        "networks: ~\nrouter: local\n",
        "networks:\n" + indented(BLOCK, 2) + "router: local\n",
    ),
    "an empty list": (
        "networks: []  # none yet\nrouter: local\n",
        "networks:  # none yet\n" + indented(BLOCK, 2) + "router: local\n",
    ),
    "an empty list with a comment": (
        "networks: [ # none\n]\n",
        f"networks: [ # none\n{FLOW}]\n",
    ),
    "a block list": (
        "networks:\n  - ssid: A # a\n    # about A\n\n# after\nrouter: local\n",
        "networks:\n  - ssid: A # a\n    # about A\n"
        + indented(BLOCK, 2)
        + "\n# after\nrouter: local\n",
    ),
    "a block list at the left": (
        "networks:\n- ssid: A\nrouter: local\n",
        "networks:\n- ssid: A\n" + BLOCK + "router: local\n",
    ),
    "no line end": ("networks:\n- ssid: A", "networks:\n- ssid: A\n" + BLOCK),
    "a list of flow mappings": (
        "networks:\n  - {ssid: A, key: xxxxxxxx} # a\n",
        f"networks:\n  - {{ssid: A, key: xxxxxxxx}} # a\n  - {FLOW}\n",
    ),
    "a literal behind": (
        "networks:\n- ssid: |-\n    A\n\nrouter: local\n",
        "networks:\n- ssid: |-\n    A\n\n" + BLOCK + "router: local\n",
    ),
    "inner lists": (
        "networks:\n- ssid: A\n  bssid:\n  - 02:00:00:00:06:01\n  - 02:00:00:00:06:02\n",
        "networks:\n- ssid: A\n  bssid:\n  - 02:00:00:00:06:01\n  - 02:00:00:00:06:02\n" + BLOCK,
    ),
    "an alias behind": (
        "networks:\n- {ssid: &a A}\n- ssid: B\n  key_file: *a\n",
        "networks:\n- {ssid: &a A}\n- ssid: B\n  key_file: *a\n" + BLOCK,
    ),
    "a flow list": (
        "networks: [{ssid: A}, {ssid: B}] # x\n",
        f"networks: [{{ssid: A}}, {{ssid: B}}, {FLOW}] # x\n",
    ),
    "a flow list on lines": (
        "networks: [\n  {ssid: A}, # a\n  {ssid: B} # b\n  # end\n]\n",
        f"networks: [\n  {{ssid: A}}, # a\n  {{ssid: B}}, # b\n  {FLOW}\n  # end\n]\n",
    ),
    "a flow list with a last comma": (
        "networks: [\n  {ssid: A},\n]\n",
        f"networks: [\n  {{ssid: A}},\n  {FLOW},\n]\n",
    ),
    "a flow list, half on lines": (
        "networks: [{ssid: A},\n  {ssid: B}\n  ]\n",
        f"networks: [{{ssid: A}},\n  {{ssid: B}},\n  {FLOW}\n  ]\n",
    ),
    "all flow": ('{"router": "local", "networks": []}', None),
    "all flow without list": ("{router: local}\n", f"{{router: local, networks: [{FLOW}]}}\n"),
    "all flow, empty": ("{}\n", f"{{networks: [{FLOW}]}}\n"),
    "all flow, last comma": ("{router: local, }\n", None),
    "all flow, null": ("{networks: null, router: local}", None),
    "windows": (
        "networks:\r\n- ssid: A\r\nrouter: local\r\n",
        "networks:\r\n- ssid: A\r\n" + BLOCK.replace("\n", "\r\n") + "router: local\r\n",
    ),
    "a byte order mark": ("\ufeffrouter: local\n", None),
    "indented": (
        "  router: local\n  networks:\n    - ssid: A\n",
        "  router: local\n  networks:\n    - ssid: A\n" + indented(BLOCK, 4),
    ),
    "explicit key": ("? networks\n: - ssid: A\n", None),
    "dash alone": (
        "networks:\n  -\n    ssid: A\n",
        "networks:\n  -\n    ssid: A\n" + indented(BLOCK, 2),
    ),
    "anchored": ("networks: &n\n  - &a\n    ssid: A\n", None),
}


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "config.yaml")


def write(path, text):
    with open(path, "wb") as file:
        file.write(text.encode())
    os.chmod(path, 0o600)


def read(path):
    with open(path, "rb") as file:
        return file.read().decode()


@pytest.mark.parametrize("name", ADDED)
def test_add_and_take_away_again(path, name):
    before, after = ADDED[name]
    write(path, before)
    add_network(path, NEW)
    if after is not None:
        assert read(path) == after
    old = parse(before, "before") or {}
    made = parse(read(path), "after")
    assert made["networks"][-1] == NEW
    assert made["networks"][:-1] == (old.get("networks") or [])
    assert {**made, "networks": 0} == {**old, "networks": 0}
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert load(path, edit_file.unread).networks[-1].ssid == Ssid.of("New")
    remove_network(path, Ssid.of("New"))
    again = parse(read(path), "again")
    assert again["networks"] == (old.get("networks") or [])
    if old.get("networks") and before.endswith("\n"):
        assert read(path) == before
    for line in before.splitlines():
        if line.strip().startswith("#"):
            assert line in read(path)


REMOVED = {
    "the first": ("networks:\n# one\n- ssid: A # a\n  # of A\n# two\n- ssid: B\n", 0,
                  "networks:\n# one\n# two\n- ssid: B\n"),
    "the middle": ("networks:\n  - {ssid: A}\n  - {ssid: B} # b\n\n  - {ssid: C}\n", 1,
                   "networks:\n  - {ssid: A}\n\n  - {ssid: C}\n"),
    "the only one": ("networks: # x\n  - ssid: A\n# end\nrouter: local\n", 0,
                     "networks: [] # x\n# end\nrouter: local\n"),
    "no line end": ("networks:\n- ssid: A\n- ssid: B", 1, "networks:\n- ssid: A\n"),
    "flow, first": ("networks: [{ssid: A}, {ssid: B}]\n", 0, "networks: [{ssid: B}]\n"),
    "flow, last": ("networks: [{ssid: A}, {ssid: B}]\n", 1, "networks: [{ssid: A}]\n"),
    "flow, only": ("networks: [{ssid: A}]\n", 0, "networks: []\n"),
    "flow on lines": ("networks: [\n  {ssid: A}, # a\n  {ssid: B} # b\n]\n", 1,
                      "networks: [\n  {ssid: A} # a\n]\n"),
    "flow, comment between": ("networks: [{ssid: A}, # a\n  {ssid: B}]\n", 1,
                         "networks: [{ssid: A} # a\n  ]\n"),
    "hex": ('networks:\n- ssid_hex: "41"\n- ssid: B\n', 0, "networks:\n- ssid: B\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", REMOVED)
def test_remove(path, name):
    before, index, after = REMOVED[name]
    write(path, before)
    remove_network(path, Ssid.of("ABC"[index]))
    assert read(path) == after


def test_makes_file_and_directories_private(tmp_path):
    path = str(tmp_path / "a" / "b" / "config.yaml")
    add_network(path, NEW)
    assert load(path).networks[0].key == Secret("12345678")
    assert load(path).warnings == ()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    for part in ("a", "a/b"):
        assert stat.S_IMODE(os.stat(tmp_path / part).st_mode) == 0o700


def test_a_link_stays_a_link(tmp_path, path):
    write(str(tmp_path / "real.yaml"), "router: local\n")
    os.symlink("real.yaml", path)
    add_network(path, NEW)
    assert os.readlink(path) == "real.yaml"
    assert "New" in read(str(tmp_path / "real.yaml"))


def test_an_open_file_is_closed(path):
    write(path, "router: local\n")
    os.chmod(path, 0o644)
    add_network(path, NEW)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def refused(path, action, *args):
    before = read(path) if os.path.isfile(path) else None
    with pytest.raises(ConfigError) as caught:
        action(path, *args)
    assert (read(path) if os.path.isfile(path) else None) == before
    assert sorted(os.listdir(os.path.dirname(path))) == (["config.yaml"] if before else [])
    assert caught.value.hint
    assert "12345678" not in caught.value.message + caught.value.hint
    return caught.value


def test_there_already(path):
    write(path, "networks:\n- ssid: B\n- ssid_hex: '4e6577'\n")
    error = refused(path, add_network, NEW)
    assert "networks[1]: New is already there" in error.message
    assert "remove" in error.hint


def test_unknown(path):
    write(path, "networks: [{ssid: HomeNet}, {ssid: Boat}]\n")
    error = refused(path, remove_network, Ssid.of("homenet"))
    assert "no network homenet" in error.message
    assert "HomeNet" in error.hint
    assert "list" in refused(path, remove_network, Ssid.of("zzz")).hint
    write(path, "router: local\n")
    assert "no network is there" in refused(path, remove_network, Ssid.of("A")).hint


def test_removing_from_nothing(tmp_path, path):
    assert "no configuration file" in refused(path, remove_network, Ssid.of("A")).message
    with pytest.raises(ConfigError):
        remove_network(str(tmp_path / "no" / "c.yaml"), Ssid.of("A"))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("networks: [\n", "config.yaml:2:1"),
        ("router: a\nrouter: b\n", "given twice"),
        ("- a\n", "top level"),
        ("networks: {ssid: A}\n", "not a list"),
        ("networks: [{ssid: A, keyy: 12345678}]\n", "networks[0].keyy"),
        ("<<: {networks: [{ssid: A}]}\n", "without touching other parts"),
        ("x: &n [{ssid: A}]\nnetworks: *n\n", "x: is not a known key"),
    ],
)
def test_broken_files_are_left_alone(path, text, problem):
    write(path, text)
    assert problem in refused(path, add_network, NEW).message


def test_a_network_that_would_be_refused_is_not_written(path):
    write(path, "router: local\n")
    assert "7 characters" in refused(path, add_network, {"ssid": "A", "key": "1234567"}).message
    assert "ssid" in refused(path, add_network, {"key": "12345678"}).message


def test_an_entry_that_others_refer_to_stays(path):
    write(path, "networks:\n- &a {ssid: A, priority: 1}\n- {<<: *a, ssid: B}\n")
    assert "without touching" in refused(path, remove_network, Ssid.of("A")).message
    remove_network(path, Ssid.of("B"))


def test_the_one_broken_network_can_be_removed(path):
    write(path, "networks:\n- ssid: A\n- {ssid: B, key: x}\n")
    remove_network(path, Ssid.of("B"))
    assert read(path) == "networks:\n- ssid: A\n"


def test_secrets_elsewhere_need_not_be_there(path):
    write(path, "networks:\n- {ssid: A, key_env: NOT_SET_HERE}\n- {ssid: B, key_file: /no}\n")
    add_network(path, NEW)
    remove_network(path, Ssid.of("A"))
    assert "New" in read(path)


def test_a_failed_write_leaves_the_file(path, monkeypatch):
    write(path, "router: local\n")

    def full(_file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(edit_file.os, "fsync", full)
    assert "No space left" in refused(path, add_network, NEW).message


def test_two_at_once_are_both_there(path):
    write(path, "router: local\n")
    names = [f"Net{number}" for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: add_network(path, {"ssid": name}), names))
    assert sorted(str(network.ssid) for network in load(path).networks) == sorted(names)


def test_a_directory_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be"):
        add_network(str(tmp_path / "file" / "config.yaml"), NEW)
    with pytest.raises(ConfigError, match="cannot be"):
        add_network("a\0b", NEW)


texts = st.text(st.characters(codec="utf-8"), max_size=40) | st.text(
    st.sampled_from("\"'\\#:-?{}[]&*!|>%@`, \u00a0\u2028\x85\ufeffüé日😀a0"), max_size=40
)
ssids = st.one_of(
    st.binary(min_size=1, max_size=32),
    texts.map(str.encode),
).map(Ssid).filter(lambda ssid: ssid.unjoinable() is None)  # fmt: skip
keys = texts.filter(
    lambda text: 8 <= len(text.encode()) <= 63 and min(text) >= " " and "\x7f" not in text
)
FRAMES = [
    "# mine\nnetworks:\n  # first\n  - ssid: Old # old\n\n# then\nrouter: local # here\n",
    "networks: [ # mine\n  {ssid: Old}, # old\n  ]\n# end\n",
    "router: local\nnetworks:\n- {ssid: Old, priority: 1}\n# end\n",
]


@settings(deadline=None)
@given(
    ssids,
    keys | st.none(),
    st.integers(-1000, 1000),
    st.booleans(),
    st.sampled_from(FRAMES),
    st.booleans(),
)
@example(Ssid.of("\ufeff"), "12345678", 0, False, FRAMES[0], True)
@example(Ssid.of("' # {"), "\"\\'#{: \u2028x", 0, True, FRAMES[1], False)
def test_any_network_survives(tmp_path_factory, ssid, key, priority, hidden, frame, fast):
    path = str(tmp_path_factory.mktemp("edit") / "config.yaml")
    write(path, frame)
    entry = {"ssid": ssid.text, "priority": priority, "hidden": hidden}
    if key is not None:
        entry["key"] = key
    old = load(path).networks
    if ssid == Ssid.of("Old"):
        return
    with pytest.MonkeyPatch.context() as patch:
        if not fast:
            patch.delattr(yaml, "CSafeLoader", raising=False)
        add_network(path, entry)
        made = load(path)
        assert made.networks[:-1] == old
        new = made.networks[-1]
        assert (new.ssid, new.priority, new.hidden) == (ssid, priority, hidden)
        assert new.key == (None if key is None else Secret(key))
        lines = read(path).splitlines(keepends=True)
        assert [line for line in frame.splitlines(keepends=True) if line not in lines] == []
        remove_network(path, ssid)
        assert read(path) == frame


@given(texts)
def test_a_scalar_comes_back(text):
    for value in (text, [text, True], {"key": text}):
        assert parse(f"a: {scalar(value)}", "x") == {"a": value}


def test_only_configuration_values_become_yaml():
    with pytest.raises(TypeError):
        scalar(None)


@pytest.mark.parametrize("text", ["- a", "a: [", "networks: x", "networks: *a", "networks: {a: b}"])
def test_outline_of_something_else(text):
    assert outline(text) is None


def test_nothing_to_cut():
    assert without_entry("router: a", outline("router: a"), 0) is None
    assert without_entry("networks: []", outline("networks: []"), 0) is None
    assert list(with_entries("{a: b}", outline("{a: b}"), [{"ssid": "A"}]))
