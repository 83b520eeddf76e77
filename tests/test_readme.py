# SPDX-License-Identifier: GPL-2.0-or-later
"""Each command of the README, typed at a terminal by somebody who has just cloned it: on simulated
routers, and over real SSH to one as it comes out of its box."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from known import CHECKOUT
from test_docs import TESTS, commands

from tests.desk import Desk
from tests.laptop import new_home
from tests.served import Served, checked
from wifirelay.sim.neighbourhoods import HOME_KEY

LINES = [
    line
    for line in commands((CHECKOUT / "README.md").read_text("utf-8"))
    if re.search(r"wifirelay |ubus ", line) and not line.startswith("#")
]

# What is played at another place, because it takes minutes, or another router
ELSEWHERE = {
    "wifirelay setup": "test_setup_dialogue::test_from_nothing_to_an_uplink",
    "wifirelay networks import FILE": "test_networks_import::test_a_folder_of_every_kind",
    "wifirelay --router $R install --networks": (
        "test_install_ssh::test_install_join_upgrade_and_uninstall"
    ),
    "wifirelay --router $R move-lan": (
        "test_move_lan_command::test_it_moves_and_finds_the_router_again"
    ),
    "wifirelay --router $R uninstall": "test_install_ssh::test_install_join_upgrade_and_uninstall",
}
ALONE = [line for line in LINES if line.startswith(".venv/bin/")]
# What a line asks, and what is typed then; what one shows that goes on until it is ended
TYPED = {
    "trust": ("[y/N]", "yes"),
    "networks add": ("HomeNet", HOME_KEY),
}
ENDLESS = {
    "sim:home web": "http://127.0.0.1:",
    "$R web": "http://127.0.0.1:",
    "simulate home": "Ctrl-C switches it off",
    "$R watch": "HomeNet",
    "$R run": "online through HomeNet",
}
EXITS = {"join WrongKey": 5}


def typed(desk: Desk, line: str) -> str:
    """One line of the page, to its end; all that it showed."""
    return desk.type(
        line,
        answers=[answer for words, answer in TYPED.items() if words in line],
        until=next((text for words, text in ENDLESS.items() if line.endswith(words)), None),
        ends=next((code for words, code in EXITS.items() if words in line), 0),
    )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(new_home(tmp_path))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with checked(Served(tmp_path, set_up=False, sentry=False)) as one:
        yield one


@pytest.mark.parametrize("line", ALONE)
def test_what_needs_no_router(desk: Desk, line: str) -> None:
    assert typed(desk, line)


@pytest.mark.dropbear
@pytest.mark.timeout(300)
def test_the_way_from_a_laptop(desk: Desk, served: Served) -> None:
    """In the order of the page; what is recorded on it is looked at then."""
    desk.router = f"127.0.0.1:{served.ssh().port}"
    for line in LINES:
        if line in ALONE or line in ELSEWHERE:
            continue
        if "--routers" in line:
            desk.type("wifirelay routers add mast $R")
        if line.startswith("ubus "):
            words = shlex.split(line.partition(">")[0])
            (desk.home / "air.json").write_bytes(served.router.execute(tuple(words)).out)
            continue
        said = typed(desk, line)
        if line.endswith(" join"):
            assert "online through HomeNet" in said
    assert "<html" in (desk.home / "router.html").read_text("utf-8")
    assert served.router.interfaces.behind() is not None  # `run` leaves the uplink as it is


def test_what_is_played_elsewhere_is_on_the_page_and_has_its_test() -> None:
    assert set(ELSEWHERE) <= set(LINES)
    for place in ELSEWHERE.values():
        file, _, name = place.partition("::")
        assert f"def {name}(" in TESTS[file]
    assert len(ALONE) >= 5 and len(LINES) >= 20
