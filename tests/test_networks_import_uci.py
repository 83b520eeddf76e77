# SPDX-License-Identifier: GPL-2.0-or-later
"""`networks import` on a router: travelmate's files into the package `wifirelay`."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from foreign_files import qr_text, station_text, uplink_text
from shapes import check
from test_networks_uci import CONFIG, booted, text, world

from wifirelay.cli.main import main
from wifirelay.config.uci_file import PATH, load_uci
from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World
from wifirelay.values import Secret, Ssid

__all__ = ["booted", "world"]

KEY = "hunter2'hunter2"
HOME = KnownNetwork(Ssid(b"Home Net"), Secret(KEY), bssids=("02:00:00:00:06:0A",))
CAFE = KnownNetwork(Ssid(b"Caf\xe9"), priority=-1)
UNI = KnownNetwork(
    Ssid(b"uni"),
    security=Wanted.WPA2_EAP,
    priority=-2,
    eap=Eap("ttls", "me", Secret(KEY), phase2="PAP", ca_cert="/etc/ca.pem"),
)
Import = Callable[..., dict[str, Any]]


@pytest.fixture
def files(tmp_path: Path) -> str:
    """A folder such as /etc/config with travelmate in it."""
    folder = tmp_path / "config"
    folder.mkdir()
    names = (HOME, CAFE, UNI)
    uplinks = "".join(map(uplink_text, names))
    stations = "".join(
        station_text(each, number=number, disabled=True) for number, each in enumerate(names)
    )
    (folder / "travelmate").write_text(uplinks, "utf-8", "surrogateescape")
    (folder / "wireless").write_text(stations, "utf-8", "surrogateescape")
    (folder / "dhcp").write_text("config dnsmasq\n\toption domain 'lan'\n")
    return str(folder)


@pytest.fixture
def take(world: World, capsys: pytest.CaptureFixture[str]) -> Import:
    """Runs `networks import ... --json`; its answer, by its schema and without a key in it."""

    def take(*words: str, code: int = 0) -> dict[str, Any]:
        assert main(["--json", "networks", "import", *words]) == code
        said = capsys.readouterr()
        assert "hunter2" not in said.out + said.err
        return check(json.loads(said.out))

    return take


def there(world: World) -> tuple[KnownNetwork, ...]:
    return load_uci(SimTransport(world.router)).networks


def outcomes(answer: dict[str, Any]) -> list[str]:
    return [each["outcome"] for each in answer["networks"]]


def test_travelmates_networks(take: Import, world: World, files: str) -> None:
    answer = take("--dry-run", files)
    assert (answer["file"], outcomes(answer)) == (PATH, ["added"] * 3)
    assert text(world) == CONFIG
    assert outcomes(take(files)) == ["added"] * 3
    assert there(world) == (HOME, CAFE, UNI)
    assert text(world).startswith(CONFIG.rstrip())
    assert outcomes(take(files)) == ["known"] * 3
    assert not [argv for argv in world.router.argvs for word in argv if "hunter2" in word]


def test_replace(take: Import, world: World, files: str) -> None:
    own = (
        "\nconfig network 'mine'\n\toption enabled '0'\n\toption ssid 'Home Net'\n"
        "\toption key_file '/etc/k'\n\toption metered '1'\n"
    )
    world.router.root.write("/etc/k", "another key\n")
    os.chmod(world.router.root.here("/etc/k"), 0o600)
    world.router.root.write(PATH, CONFIG + own)
    assert outcomes(take(files)) == ["differs", "added", "added"]
    assert own in text(world)
    assert outcomes(take("--replace", files)) == ["replaced", "known", "known"]
    assert "key_file" not in text(world) and "metered" not in text(world)
    assert "option enabled '0'" in text(world)  # whether it is used stays the owner's word
    assert there(world) == (CAFE, UNI)


def test_nothing_is_written_beside_something_that_is_wrong(
    take: Import, world: World, files: str
) -> None:
    wrong = "\nconfig network 'a'\n\toption ssid 'A'\n\toption prioritty '1'\n"
    world.router.root.write(PATH, CONFIG + wrong)
    assert "prioritty" in take(files, code=2)["error"]
    assert text(world) == CONFIG + wrong


def test_beside_somebodys_staged_edits(take: Import, world: World, files: str) -> None:
    world.router.execute(["uci", "set", "wifirelay.main.led=blue"])
    assert "staged" in take(files, code=6)["error"]
    world.router.execute(["uci", "revert", "wifirelay"])
    assert text(world) == CONFIG


def test_where_no_configuration_is(take: Import, world: World, tmp_path: Path) -> None:
    os.unlink(world.router.root.here(PATH))
    (tmp_path / "code").write_text(qr_text(KnownNetwork(Ssid(b"A"), Secret(KEY))))
    assert outcomes(take(str(tmp_path / "code"))) == ["added"]
    assert there(world) == (KnownNetwork(Ssid(b"A"), Secret(KEY)),)
    assert os.stat(world.router.root.here(PATH)).st_mode & 0o777 == 0o600
