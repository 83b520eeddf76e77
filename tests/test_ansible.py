# SPDX-License-Identifier: GPL-2.0-or-later
"""The Ansible role as the owner of a fleet uses it: ten routers over real SSH, secrets in a vault,
real Ansible, and the program `wifirelay` on the control node."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from known import CHECKOUT

from tests.fleet import DEAD, LARGE, ROLES, SMALL, Fleet, Node, Told, beside
from tests.laptop import free_port

pytestmark = [pytest.mark.dropbear, pytest.mark.timeout(600)]  # a busy machine: 165 s

SENTRY = "/usr/sbin/wifirelay-sentry"
KEPT = "/lib/upgrade/keep.d/wifirelay-sentry"
CONFIG = "/etc/config/wifirelay"
EXAMPLES = CHECKOUT / "openwrt/ansible"


@dataclass(frozen=True)
class Story:
    """One fleet from nothing to nothing to do, and what was said on the way."""

    fleet: Fleet
    checked: Told
    first: Told
    second: Told
    untouched: bool  # after the check
    idle: bool  # after the second run
    writes: list[str]  # on flash, by the second run


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    fleet = Fleet(tmp_path_factory.mktemp("fleet"))
    try:
        before = fleet.flash()
        checked = fleet.told("--check", "--diff", "-vvv")
        untouched = fleet.flash() == before
        first = fleet.told("--diff", "-vvvv")
        after = fleet.flash()
        marks = {name: len(each.router.flash_writes) for name, each in fleet.routers.items()}
        second = fleet.told("--diff")
        writes = [
            path
            for name, each in fleet.routers.items()
            for _, path in each.router.flash_writes[marks[name] :]
            if path != "/etc/config/wireless"  # the service keeps its uplink
        ]
        yield Story(fleet, checked, first, second, untouched, _same(fleet, after), writes)
    finally:
        fleet.close()


def _same(fleet: Fleet, before: dict[str, dict[str, str]]) -> bool:
    def without_uplink(flash: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        return {
            name: {path: text for path, text in files.items() if not path.endswith("/wireless")}
            for name, files in flash.items()
        }

    return without_uplink(fleet.flash()) == without_uplink(before)


def test_a_check_says_what_would_change_and_changes_nothing(story: Story) -> None:
    assert story.checked.changed() == {*SMALL, *LARGE}
    assert story.untouched
    assert "+ set network.wwan=interface" in story.checked.text
    assert f"+ file {SENTRY}" in story.checked.text
    assert "+ set wifirelay.homenet.key='***'" in story.checked.text
    assert "+ file /usr/lib/wifirelay\n" in story.checked.text


def test_a_run_sets_all_up_and_a_dead_one_stops_nobody(story: Story) -> None:
    assert story.first.changed() == {*SMALL, *LARGE}
    for name in SMALL:
        assert story.fleet.text(name, SENTRY)
        assert "wifirelay" in story.fleet.text(name, "/etc/config/wireless")
        assert not story.fleet.text(name, CONFIG)
        assert not story.fleet.text(name, "/usr/bin/wifirelay")
        assert story.fleet.routers[name].lab.state().sentry_lives
    for name in LARGE:
        assert story.fleet.key in story.fleet.text(name, CONFIG)
        assert story.fleet.text(name, "/var/run/wifirelay/service-state/pid")
    for told in (story.checked, story.first, story.second):
        assert told.recap(DEAD)["unreachable"] == 1
        assert told.code == 4  # Ansible: some host could not be reached
        assert "nothing listens there" in told.text


def test_the_second_run_changes_nothing(story: Story) -> None:
    assert story.second.changed() == set()
    assert all(story.second.recap(name)["ok"] == 2 for name in (*SMALL, *LARGE))
    assert story.idle
    assert story.writes == []
    assert not re.search(r"^\+ ", story.second.text, re.MULTILINE)


def test_nothing_that_is_said_is_secret(story: Story) -> None:
    """`Fleet.told` has looked at every process meanwhile."""
    assert '"networks": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"' in story.first.text
    for told in (story.checked, story.first, story.second):
        story.fleet.no_secret(told.text)


def test_what_has_changed_since_is_put_right_and_nothing_else(story: Story) -> None:
    fleet = story.fleet
    Path(fleet.routers["small-3"].router.root.here(KEPT)).write_text("/etc/else\n")
    fleet.routers["large-0"].router.execute(["/etc/init.d/wifirelay", "disable"])
    told = fleet.told("--diff", "--limit", "small-3:small-4:large")
    assert told.changed() == {"small-3", "large-0"}
    assert re.findall(r"^\+ .*$", told.text, re.MULTILINE) == [
        f"+ file {KEPT}",
        "+ start wifirelay",
    ]
    assert told.code == 0
    fleet.take("another key of HomeNet")
    told = fleet.told("--diff", "--limit", "small-3:large")
    assert told.changed() == set(LARGE)
    assert set(re.findall(r"^\+ .*$", told.text, re.MULTILINE)) == {
        "+ set wifirelay.homenet.key='***'"
    }
    for name in LARGE:
        assert "another key of HomeNet" in fleet.text(name, CONFIG)
        assert fleet.key not in fleet.text(name, CONFIG)


def test_ansibles_own_ssh_finds_them_by_the_same_inventory(story: Story) -> None:
    told = story.fleet.run(
        "large-0:small-1", "-m", "raw", "-a", f"test -x {SENTRY}; echo lives", program="ansible"
    )
    assert told.code == 0, told.text
    assert told.text.count("lives") == 2


def test_without_python_the_service_is_refused_with_the_remedy(story: Story) -> None:
    before = story.fleet.flash()["small-2"]
    told = story.fleet.told("--limit", "small-2", "-e", "wifirelay_kind=service")
    assert told.recap("small-2")["failed"] == 1
    assert "opkg update && opkg install python3-light" in told.text
    assert story.fleet.flash()["small-2"] == before


def test_another_host_key_is_another_router(story: Story) -> None:
    fleet = story.fleet
    lines = [line.split() for line in Path(fleet.known_hosts).read_text().splitlines()]
    others = [[one[0], *other[1:]] for one, other in pairwise(lines)]
    swapped = "".join(" ".join(words) + "\n" for words in others)
    fleet.take(fleet.key, known_hosts=fleet.write("swapped", swapped))
    told = fleet.told("--limit", "small-1")
    assert told.recap("small-1")["unreachable"] == 1
    assert "host key of [127.0.0.1]" in told.text and "has changed" in told.text


# --- without a router ---


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


def failing(node: Node, *words: str, **hosts: dict[str, object]) -> str:
    """What a run says of these, where no router is; one run, for each costs seconds."""
    address = {"ansible_host": "127.0.0.1", "ansible_port": free_port()}
    node.inventory({name: address | host for name, host in hosts.items()})
    told = node.play(*words)
    assert told.code == 2, told.text
    assert node.left() == []
    assert all(told.recap(name)["failed"] == 1 for name in hosts)
    return told.text


def service(networks: object) -> dict[str, object]:
    return {"wifirelay_kind": "service", "wifirelay_networks": networks}


def test_what_is_wrong_is_said_with_its_place_and_no_key(node: Node) -> None:
    """A key that was forgotten makes no network open."""
    told = failing(
        node,
        "-vvv",
        short=service([{"ssid": "HomeNet", "key": "k3y"}]),
        forgotten=service([{"ssid": "HomeNet", "key": None}]),
        text=service("f0rgotten dashes"),
        kind={"wifirelay_kind": "servise"},
    )
    assert "wifirelay_networks[0].key: the key has 3 characters" in told
    assert "wifirelay_networks[0].key: has no value" in told
    assert "wifirelay_networks: is text, not a list" in told
    assert "must be one of: sentry, service" in told
    assert "k3y" not in told and "f0rgotten" not in told


def test_another_wifirelay_or_none(node: Node) -> None:
    old = node.write("old", "#!/bin/sh\ncat >/dev/null\necho '{}'\n")
    broken = node.write("broken", "#!/bin/sh\ncat >/dev/null\necho oops >&2\nexit 1\n")
    for path in (old, broken):
        Path(path).chmod(0o700)
    told = failing(
        node,
        none={"wifirelay_command": "/nowhere/wifirelay"},
        old={"wifirelay_command": old},
        broken={"wifirelay_command": broken},
    )
    assert "pipx install wifirelay" in told
    assert "too old for this role" in told
    assert "gave no answer: oops" in told


def test_defaults_arguments_and_table_name_the_same_variables() -> None:
    role = ROLES / "wifirelay"
    defaults = yaml.safe_load((role / "defaults/main.yml").read_text())
    specs = yaml.safe_load((role / "meta/argument_specs.yml").read_text())
    options = specs["argument_specs"]["main"]["options"]
    assert set(defaults) == set(options)
    table = re.findall(r"^\| `(wifirelay_\w+)`", (role / "README.md").read_text(), re.MULTILINE)
    assert set(table) == set(options)


def test_the_examples_are_for_this_role(tmp_path: Path) -> None:
    node = Node(tmp_path)
    words = ["-i", "examples/inventory.yml", "examples/fleet.yml", "--list-hosts", "--list-tasks"]
    done = subprocess.run(
        [beside("ansible-playbook"), *words],
        cwd=EXAMPLES,
        env=node.environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "hosts (3)" in done.stdout
    assert "Install and configure wifirelay" in done.stdout
