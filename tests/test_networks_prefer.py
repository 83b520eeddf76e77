# SPDX-License-Identifier: GPL-2.0-or-later
"""`networks prefer`: one network's priority in the owner's file or in UCI, and nothing else."""

import argparse
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifirelay.cli import networks
from wifirelay.config.edit_file import set_priority
from wifirelay.config.secrets import unread
from wifirelay.config.uci_file import PACKAGE, settings_from
from wifirelay.config.uci_text import with_network, with_priority
from wifirelay.config.yaml_file import load
from wifirelay.config.yaml_text import scalar
from wifirelay.errors import ConfigError, UsageError
from wifirelay.uci.model import Package
from wifirelay.values import Ssid

A = Ssid.of("A")

# name: (before, after giving A the priority 7)
FORMS = {
    "a block": (
        "# mine\nnetworks:\n  - ssid: A # a\n    key: '12345678' # k\n    # about A\n  - ssid: B\n",
        "# mine\nnetworks:\n  - ssid: A # a\n    key: '12345678' # k\n    priority: 7\n"
        "    # about A\n  - ssid: B\n",
    ),
    "a block that has one": (
        "networks:\n- ssid: A\n  priority:   -3   # low\n  hidden: true\n# end\n",
        "networks:\n- ssid: A\n  priority:   7   # low\n  hidden: true\n# end\n",
    ),
    "no line end": ("networks:\n- ssid: A", "networks:\n- ssid: A\n  priority: 7\n"),
    "line ends of Windows": (
        "networks:\r\n- ssid: A\r\nrouter: local\r\n",
        "networks:\r\n- ssid: A\r\n  priority: 7\r\nrouter: local\r\n",
    ),
    "braces": (
        "networks:\n- {ssid: A, key: '12345678'} # a\n- {ssid: B}\n",
        "networks:\n- {ssid: A, key: '12345678', priority: 7} # a\n- {ssid: B}\n",
    ),
    "braces that have one": (
        "networks:\n- {priority: 1, ssid: A}\n",
        "networks:\n- {priority: 7, ssid: A}\n",
    ),
    "braces on several lines": (
        "networks: [\n  {\n    ssid: A,  # a\n    hidden: true,  # h\n  },\n]\n",
        "networks: [\n  {\n    ssid: A,  # a\n    hidden: true, priority: 7,  # h\n  },\n]\n",
    ),
    "a list at the end": (
        "networks:\n- ssid: A\n  bssid:\n  - 02:00:00:00:06:01\n",
        "networks:\n- ssid: A\n  bssid:\n  - 02:00:00:00:06:01\n  priority: 7\n",
    ),
}
# what cannot be changed alone: it is left as it is
LEFT = {
    "an anchor that others use": (
        "networks:\n- {ssid: A, priority: &p 3}\n- {ssid: B, priority: *p}\n"
    ),
    "an alias": "networks:\n- {ssid: B, priority: &p 3}\n- {ssid: A, priority: *p}\n",
}


def file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode())
    return str(path)


def read(path: str) -> str:
    return Path(path).read_bytes().decode()


@pytest.mark.parametrize("name", FORMS)
def test_all_the_rest_stays(tmp_path: Path, name: str) -> None:
    before, after = FORMS[name]
    path = file(tmp_path, before)
    set_priority(path, A, 7)
    assert read(path) == after
    set_priority(path, A, 7)
    assert read(path) == after


@pytest.mark.parametrize("name", LEFT)
def test_what_cannot_be_changed_alone_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    path = file(tmp_path, LEFT[name])
    with pytest.raises(ConfigError) as refused:
        set_priority(path, A, 7)
    assert "by hand" in refused.value.hint
    assert read(path) == LEFT[name]


def test_a_network_that_is_not_there(tmp_path: Path) -> None:
    path = file(tmp_path, "networks:\n- ssid: A\n")
    with pytest.raises(ConfigError, match="no network C"):
        set_priority(path, Ssid.of("C"), 7)
    with pytest.raises(ConfigError, match="no network A"):
        with_priority(Package(PACKAGE), A, 7)


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(names, min_size=1, max_size=4, unique=True),
    st.data(),
    st.integers(-1000, 1000),
    st.booleans(),
    st.booleans(),
)
def test_one_number_is_another_one_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    ssids: list[str],
    data: st.DataObject,
    priority: int,
    flow: bool,
    there: bool,
) -> None:
    ssids = [name for name in ssids if Ssid.of(name).unjoinable() is None]
    if not ssids:
        return
    chosen = Ssid.of(data.draw(st.sampled_from(ssids)))
    lines = ["# mine", "networks: # all"]
    for name in ssids:
        entry: dict[str, object] = {"ssid": name, **({"priority": 5} if there else {})}
        entry["hidden"] = True
        if flow:
            lines.append(f"  - {scalar(entry)} # one")
        else:
            inner = [f"{key}: {scalar(value)} # c" for key, value in entry.items()]
            lines += [f"  - {inner[0]}", *(f"    {line}" for line in inner[1:])]
    path = file(tmp_path_factory.mktemp("prefer"), "\n".join([*lines, "# end", ""]))
    before, was = load(path).networks, read(path)
    set_priority(path, chosen, priority)
    assert load(path).networks == tuple(
        replace(each, priority=priority) if each.ssid == chosen else each for each in before
    )
    changed = set(was.splitlines()) ^ set(read(path).splitlines())
    assert len(changed) <= 2
    package = Package(PACKAGE)
    for name in ssids:
        package, _ = with_network(package, {"ssid": name})
    after, edits = with_priority(package, chosen, priority)
    found = {each.ssid: each.priority for each in settings_from(after, unread).networks}
    assert found == {Ssid.of(name): priority if Ssid.of(name) == chosen else 0 for name in ssids}
    assert len(edits) == (priority != 0)
    assert with_priority(after, chosen, priority) == (after, ())


def test_the_command(tmp_path: Path) -> None:
    path = file(tmp_path, "networks:\n- ssid: A\n")
    parser = argparse.ArgumentParser()
    networks.add_arguments(parser)
    answer, lines = networks.carry_out(parser.parse_args(["prefer", "A", "-5"]), path)
    assert (answer["action"], answer["networks"][0]["priority"]) == ("prefer", -5)
    assert lines[0].startswith("A has priority -5")
    with pytest.raises(UsageError, match="-1000 to 1000"):
        networks.carry_out(parser.parse_args(["prefer", "A", "1001"]), path)
