# SPDX-License-Identifier: GPL-2.0-or-later
"""The inventory: read, refused with place and remedy, edited with all else as it was."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapes import Run, home, run, say

from wifirelay.config.edit_file import add_network, add_router, remove_router
from wifirelay.config.model import Settings, from_mapping
from wifirelay.config.routers import NAME, chosen, meant
from wifirelay.config.yaml_file import load, parse
from wifirelay.config.yaml_routers import with_router, without_router
from wifirelay.errors import ConfigError, UsageError

__all__ = ["home", "run", "say"]

FILE = """\
# mine
router: ssh://root@192.168.1.1   # at home
relay: {deadline: 90, radios: [radio1]}
login: {key_file: /keys/all}
routers:   # the fleet
  boat1:  # blue
    router: ssh://root@10.0.0.1
    groups: [boats]
    relay:
      keep: session
      # not yet

  # the cabin
  cabin: {router: 10.0.0.2:2222, login: {key_file: /keys/cabin}, groups: north}
networks: []   # none yet
"""


def settings(text: str) -> Settings:
    return from_mapping(parse(text, "c.yaml"), "c.yaml")


def test_read() -> None:
    boat, cabin = settings(FILE).routers
    assert (boat.name, boat.target, boat.groups) == ("boat1", "ssh://root@10.0.0.1", ("boats",))
    assert (cabin.name, cabin.target, cabin.groups) == ("cabin", "10.0.0.2:2222", ("north",))
    assert boat.login is None
    assert cabin.login is not None and cabin.login.key_file == "/keys/cabin"
    # what stands at the top holds, but for what stands with the router
    assert (boat.relay.deadline, boat.relay.radios) == (90.0, ("radio1",))
    assert (boat.relay.keep_on_flash, cabin.relay.keep_on_flash) == (False, True)


def test_meant() -> None:
    read = settings(FILE)
    boat, target = meant(read, "boat1")
    assert (boat.router, target) == ("ssh://root@10.0.0.1", "ssh://root@10.0.0.1")
    assert (boat.login.key_file, boat.relay.keep_on_flash) == ("/keys/all", False)
    assert meant(read, "cabin")[0].login.key_file == "/keys/cabin"
    assert meant(read, "10.0.0.1") == (read, "10.0.0.1")
    assert meant(read, None) == (read, None)
    with pytest.raises(UsageError, match="boats is a group") as refused:
        meant(read, "boats")
    assert "--routers boats" in refused.value.hint


@pytest.mark.parametrize("empty", ["", "routers:", "routers: {}"])
def test_none(empty: str) -> None:
    assert settings(f"router: local\n{empty}\n").routers == ()


@pytest.mark.parametrize(
    ("routers", "told", "hint"),
    [
        ("[a]", "routers: is a list, not a mapping", "NAME: {router:"),
        ("{a: 10.0.0.1}", "routers.a: is text, not a mapping", "router"),
        ("{a: }", "routers.a: has no value", "leave the key out"),
        ("{a: {groups: [x]}}", "routers.a.router: is missing", "router: ssh://"),
        ("{a: {router: x, hots: y}}", "routers.a.hots: is not a known key", "router, groups"),
        ("{a: {router: 'root:pw@x'}}", "routers.a.router: holds a password", "password_file"),
        ("{a: {router: local}}", "routers.a.router: local is the machine itself", "address"),
        ("{12: {router: x}}", "routers: holds a name that is a number", "quotes"),
        ("{on: {router: x}}", "routers: holds a name that is a truth value", "quotes"),
        ("{'a,b': {router: x}}", "routers: 'a,b' cannot be a router's name", "1 to 32"),
        ("{all: {router: x}}", "routers: 'all' cannot be a router's name", "1 to 32"),
        ("{10.0.0.1: {router: x}}", "routers: '10.0.0.1' cannot be a router's name", "1 to 32"),
        ("{a: {router: x, groups: [all]}}", "routers.a.groups[0]: 'all' cannot", "1 to 32"),
        ("{a: {router: x, groups: [a]}}", "routers.a.groups[0]: a is a router's name", "another"),
        ("{a: {router: x}, b: {router: x}}", "routers.b.router: is that of a too", "once"),
        ("{a: {router: x, relay: {keep: no}}}", "routers.a.relay.keep: is a truth", "quotes"),
        ("{a: {router: x, relay: {deadline: 9}}}", "routers.a.relay.deadline: 9 is not", "30"),
        ("{a: {router: x, login: {key: y}}}", "routers.a.login.key: is not a known", "key_file"),
        (
            "{a: {router: x, login: {password_file: /none/there}}}",
            "routers.a.login.password_file: there is no file /none/there",
            "0600",
        ),
    ],
)
def test_refused(routers: str, told: str, hint: str) -> None:
    with pytest.raises(ConfigError) as refused:
        settings(f"routers: {routers}\n")
    assert f"c.yaml: {told}" in str(refused.value)
    assert hint in refused.value.hint
    assert "pw" not in str(refused.value) + refused.value.hint.replace("password", "")


def test_uci_has_none_of_it() -> None:
    from wifirelay.config.secrets import unread
    from wifirelay.config.uci_file import settings_from
    from wifirelay.uci.model import Package, Section

    section = Section("main", "wifirelay", options={"routers": "a"})
    with pytest.raises(ConfigError, match="routers: is not a known option"):
        settings_from(Package("wifirelay", (section,)), unread)


@given(st.sets(st.sampled_from(["boat1", "cabin", "boats", "north", "all"]), min_size=1))
def test_chosen(words: set[str]) -> None:
    read = settings(FILE)
    names = [each.name for each in chosen(read, ",".join(sorted(words)))]
    boat, cabin = bool(words & {"boat1", "boats", "all"}), bool(words & {"cabin", "north", "all"})
    assert names == ["boat1"] * boat + ["cabin"] * cabin


# edited


def test_added_and_removed_again(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(FILE)
    add_router(str(path), "van", {"router": "root@10.0.0.9", "groups": ["boats", "south"]})
    line = '  van: {router: "root@10.0.0.9", groups: ["boats", "south"]}\n'
    assert path.read_text() == FILE.replace("networks:", f"{line}networks:")
    assert path.stat().st_mode & 0o777 == 0o600
    remove_router(str(path), "van")
    assert path.read_text() == FILE
    remove_router(str(path), "cabin")
    assert "/keys/cabin" not in path.read_text()
    remove_router(str(path), "boat1")
    left = path.read_text()
    assert load(str(path)).routers == ()
    assert "# mine" in left and "# the fleet" in left and "# none yet" in left
    add_router(str(path), "boat1", {"router": "10.0.0.1"})
    add_network(str(path), {"ssid": "Cafe"})
    read = load(str(path))
    assert [each.name for each in read.routers] == ["boat1"]
    assert [str(each.ssid) for each in read.networks] == ["Cafe"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'routers:\n  a: {router: "x"}\n'),
        ("---\n", '---\nrouters:\n  a: {router: "x"}\n'),
        ("router: y", 'router: y\nrouters:\n  a: {router: "x"}\n'),
        ("routers: # c\nrelay: {}\n", 'routers: # c\n  a: {router: "x"}\nrelay: {}\n'),
        ("routers: {}\n", 'routers: {a: {router: "x"}}\n'),
        ("routers: {b: {router: y}} # c\n", 'routers: {b: {router: y}, a: {router: "x"}} # c\n'),
        ("routers: {b: {router: y},}\n", 'routers: {b: {router: y},a: {router: "x"}}\n'),
        (
            "routers:\r\n    b:\r\n        router: y\r\n",
            'routers:\r\n    b:\r\n        router: y\r\n    a: {router: "x"}\r\n',
        ),
    ],
)
def test_added_to_any_form(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(before.encode())
    add_router(str(path), "a", {"router": "x"})
    assert path.read_bytes().decode() == after
    remove_router(str(path), "a")
    assert [each.name for each in load(str(path)).routers] == ["b"] * ("b:" in before)


NAMES = st.from_regex(NAME, fullmatch=True).filter(lambda name: name not in ("all", "local"))


@given(st.lists(NAMES, min_size=1, max_size=6, unique=True), st.booleans(), st.data())
def test_any_name_comes_and_goes(names: list[str], flow: bool, data: st.DataObject) -> None:
    """Each text means what it should, and what was put in comes out again."""
    text = "# c\n" + ("routers: {}\n" if flow else "") + "relay: {keep: flash}\n"
    wanted: dict[str, object] = {}
    for name in names:
        wanted[name] = {"router": name}
        text = next(new for new in with_router(text, name, {"router": name}) if got(new) == wanted)
    assert [each.name for each in settings(text).routers] == names
    for name in data.draw(st.permutations(names)):
        del wanted[name]
        text = next(new for new in without_router(text, name) if got(new) == wanted)
    assert text.startswith("# c\n") and "relay: {keep: flash}\n" in text


def got(text: str) -> object:
    try:
        data = parse(text, "c.yaml")
    except ConfigError:
        return None
    assert isinstance(data, dict)
    return data.get("routers") or {}


@pytest.mark.parametrize(
    "text",
    [
        "base: &b {router: y}\nrouters: {a: *b}\n",  # an unknown key, and so no configuration
        "{routers: {a: {router: y}}}\n",  # all in one pair of braces
    ],
)
def test_what_cannot_be_edited_stays(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        add_router(str(path), "b", {"router": "x"})
    assert path.read_text() == text


# the command


def test_the_command(run: Run, say: object, tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "c.yaml")
    code, shape = run("--config", path, "routers", "add", "a", "root@x", "--group", "g")
    assert (code, shape["action"]) == (0, "add")
    one = {"name": "a", "target": "ssh://root@x:22", "groups": ["g"], "own_login": False}
    assert shape["routers"] == [one]
    assert run("routers", "--config", path)[1]["routers"] == [one]
    assert run("--config", path, "routers", "list")[1]["action"] == "list"
    for words, told in (
        (["add", "a", "y"], "routers.a is already there"),
        (["add", "b", "root@x"], "routers.b.router: is that of a too"),
        (["add", "b", "http://x"], "http://"),
        (["add", "all", "y"], "cannot be a router's name"),
        (["add", "b", "y", "--group", "a"], "is a router's name"),
        (["remove", "b"], "there is no router b"),
    ):
        code, shape = run("--config", path, "routers", *words)
        assert code == 2 and told in shape["error"] and shape["hint"], words
    assert run("--config", path, "routers", "remove", "a")[1]["routers"] == []


def test_the_table(say: object, run: Run, tmp_path: Path, capsys: object) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(FILE)
    code, out, _ = say("--config", str(path), "routers")  # type: ignore[operator]
    assert (code, out.splitlines()) == (
        0,
        [
            "ROUTER  TARGET                    GROUPS",
            "boat1   ssh://root@10.0.0.1:22    boats",
            "cabin   ssh://root@10.0.0.2:2222  north",
        ],
    )
