# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay networks import`: from files, folders and standard input into the YAML file."""

import io
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from foreign_files import keyfile_text, qr_text, station_text, supplicant_text, uplink_text
from shapes import Run, Say, home, run, say

from wifirelay.cli import networks_import
from wifirelay.config.edit_file import put_networks
from wifirelay.config.entry import Put
from wifirelay.config.yaml_file import load
from wifirelay.core.known import KnownNetwork, Wanted
from wifirelay.values import Secret, Ssid

__all__ = ["home", "run", "say"]

KEY = "hunter2hunter2"
A = KnownNetwork(Ssid(b"A"), Secret(KEY), priority=3)
B = KnownNetwork(Ssid(b"B"), Secret(KEY), Wanted.SAE)
C = KnownNetwork(Ssid(b"C"))
D = KnownNetwork(Ssid(b"Caf\xe9"), Secret(KEY), hidden=True)
MINE = """\
# mine
router: local
networks:
  # at home
  - {ssid: A, key: "my own key", metered: true}  # do not touch
  - ssid: Z
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "own/config.yaml"
    path.parent.mkdir()
    path.write_text(MINE)
    path.chmod(0o600)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One of each kind, and files that are none."""
    path = tmp_path / "files"
    path.mkdir()
    (path / "a.nmconnection").write_text(keyfile_text(A))
    (path / "code.txt").write_text(qr_text(B))
    (path / "travelmate").write_text(uplink_text(C), "utf-8", "surrogateescape")
    (path / "wireless").write_text(station_text(C, disabled=True), "utf-8", "surrogateescape")
    (path / "wpa.conf").write_text(supplicant_text(D))
    (path / "readme.md").write_text("# nothing\n")
    (path / "picture").write_bytes(b"\0\1\2")
    (path / ".hidden").write_text(qr_text(KnownNetwork(Ssid(b"no"))))
    (path / "below").mkdir()
    return path


def stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_folder_of_every_kind(run: Run, config: Path, folder: Path) -> None:
    code, shape = run("--config", str(config), "networks", "import", str(folder))
    assert code == 0
    outcomes = [(each["ssid"], each["outcome"]) for each in shape["networks"]]
    assert outcomes == [("A", "differs"), ("B", "added"), ("Caf\udce9", "added"), ("C", "added")]
    assert (shape["file"], shape["dry_run"]) == (str(config), False)
    assert config.read_text().startswith(MINE)  # comments, order and form stay
    assert load(str(config)).networks[2:] == (B, D, C)
    assert config.stat().st_mode & 0o777 == 0o600


def test_for_people(say: Say, tmp_path: Path, folder: Path) -> None:
    config = tmp_path / "new/config.yaml"
    (folder / "old.conf").write_text('network={\nssid="Old"\nkey_mgmt=NONE\nwep_key0=abcde\n}\n')
    words = ("--config", str(config), "networks", "import", str(folder))
    code, out, err = say(*words)
    assert (code, err) == (0, "")
    at = str(folder)
    assert out.splitlines() == [
        f"added A (auto, key, priority 3; from {at}/a.nmconnection)",
        f"added B (sae, key; from {at}/code.txt)",
        f"added Caf\\xe9 (auto, key, hidden; from {at}/wpa.conf)",
        f"added C (auto; from {at}/travelmate, {at}/wireless)",
        "left out Old: WEP protects nothing, and is never joined",
        f"{config}: 4 added, 1 left out",
    ]
    code, out, _ = say(*words)
    assert out.splitlines()[-1] == f"{config}: 4 known already, 1 left out"
    (folder / "a.nmconnection").write_text(keyfile_text(replace(A, priority=9)))
    code, out, _ = say(*words)
    assert out.splitlines()[0] == f"known with other settings: A (from {at}/a.nmconnection)"
    assert out.splitlines()[-2:] == [
        f"{config}: 3 known already, 1 known with other settings, 1 left out",
        "what is known with other settings stays so: --replace takes the new ones",
    ]
    (folder / "a.nmconnection").write_text(keyfile_text(A))
    assert say(*words, "--replace")[1].splitlines()[-1] == f"{config}: 4 known already, 1 left out"


def test_replace(run: Run, config: Path, folder: Path) -> None:
    words = ("--config", str(config), "networks", "import", "--replace", str(folder))
    code, shape = run(*words)
    assert code == 0
    assert [each["outcome"] for each in shape["networks"]] == ["replaced", *["added"] * 3]
    settings = load(str(config))
    assert [network.ssid.text for network in settings.networks] == ["Z", "A", "B", "Caf\udce9", "C"]
    kept = replace(A, metered=True)  # of the owner's: no such file could say it
    assert settings.networks[1:] == (kept, B, D, C)
    assert "# mine" in config.read_text()
    code, shape = run(*words)
    assert [each["outcome"] for each in shape["networks"]] == ["known"] * 4


def test_a_dry_run_writes_nothing(run: Run, say: Say, config: Path, folder: Path) -> None:
    words = ("networks", "import", "--dry-run", "--replace", str(folder))
    code, shape = run("--config", str(config), *words)
    assert (code, shape["dry_run"]) == (0, True)
    assert [each["outcome"] for each in shape["networks"]] == ["replaced", *["added"] * 3]
    assert config.read_text() == MINE
    code, out, _ = say("--config", str(config.parent / "no/new.yaml"), *words)
    assert code == 0
    assert out.splitlines()[0].startswith("would be added: A (")
    assert not (config.parent / "no").exists()


def test_standard_input(run: Run, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, keyfile_text(B).encode() + keyfile_text(C).encode())
    code, shape = run("--config", str(config), "networks", "import", "-")
    assert code == 0
    assert [each["source"] for each in shape["networks"]] == ["standard input"] * 2
    assert load(str(config)).networks[2:] == (B, C)


def test_the_kind_can_be_said(run: Run, config: Path, tmp_path: Path, folder: Path) -> None:
    words = ("--config", str(config), "networks", "import", "--from")
    code, shape = run(*words, "qr", str(folder))
    assert [each["ssid"] for each in shape["networks"]] == ["B"]
    file = tmp_path / "x"
    file.write_text(" = WIFI:T:nopass;S:N;;\n")
    code, shape = run(*words, "qr", str(file))
    assert (code, "is no WIFI: text" in shape["error"]) == (2, True)
    code, shape = run(*words[:-1], str(file))
    assert (code, "not in a format that is known" in shape["error"]) == (2, True)
    assert "--from" in shape["hint"]


def test_the_same_name_twice(run: Run, config: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "1", tmp_path / "2"
    one.write_text(keyfile_text(B))
    other.write_text(keyfile_text(KnownNetwork(B.ssid, Secret("another key"), Wanted.SAE)))
    code, shape = run("--config", str(config), "networks", "import", str(one), str(other))
    assert code == 0
    assert load(str(config)).networks[2:] == (B,)
    (left,) = shape["left_out"]
    assert (left["source"], left["name"]) == (str(other), "B")
    assert f"is taken from {one}" in left["reason"]


BROKEN = f'network={{\n\tssid="N"\n\tpsk={KEY}\n}}\n'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"ctrl_interface=/run\n", "there is no network in there"),
        (BROKEN.encode(), ":3: psk is neither text nor a PSK"),
        (b'network={\nssid="Old"\nwep_key0=abcde\n}\n', "no network is taken: Old: WEP"),
        (b"network={\0}\n", "is not text"),
        (b"x" * (networks_import.LARGEST + 1), "has more than"),
    ],
)
def test_bad_input(run: Run, config: Path, tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    good = tmp_path / "good"
    good.write_text(keyfile_text(B))
    words = ("--config", str(config), "networks", "import")
    code, shape = run(*words, str(file))
    assert code == 2
    assert problem in shape["error"]
    assert shape["hint"]
    assert KEY not in shape["error"] + shape["hint"]
    if problem.startswith(("there is no", "no network is")):
        return
    code, _ = run(*words, str(good), str(file))  # all or nothing
    assert code == 2
    assert config.read_text() == MINE


def test_many_reasons_are_cut_short(run: Run, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text('network={\nssid="Old"\nwep_key0=abcde\n}\n' * 7)
    code, shape = run("--config", str(config), "networks", "import", str(file))
    assert code == 2
    assert shape["error"].endswith("; and 2 more")


def test_what_cannot_be_read(
    run: Run, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--config", str(config), "networks", "import")
    assert "there is no file" in run(*words, str(tmp_path / "none"))[1]["error"]
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in run(*words, str(tmp_path / "pipe"))[1]["error"]
    assert "has no file in a format" in run(*words, str(config.parent))[1]["error"]
    (tmp_path / "file").touch()

    def refused(*_words: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("wifirelay.cli.networks_import.os.open", refused)
    code, shape = run(*words, str(tmp_path / "file"))
    assert code == 2
    assert shape["hint"] == f"sudo cat {tmp_path}/file | wifirelay networks import -"
    monkeypatch.setattr("wifirelay.cli.networks_import.os.listdir", refused)
    _, shape = run(*words, str(config.parent))
    assert (
        shape["hint"]
        == f"sudo sh -c 'cat \"$1\"/*' - {config.parent} | wifirelay networks import -"
    )


def test_a_configuration_with_an_error_is_left_as_it_is(
    run: Run, config: Path, folder: Path
) -> None:
    config.write_text(MINE + "  - {ssid: Y, prioritty: 3}\n")
    before = config.read_text()
    code, shape = run("--config", str(config), "networks", "import", str(folder))
    assert (code, "networks[2].prioritty" in shape["error"]) == (2, True)
    assert config.read_text() == before


def test_many_networks_at_once(config: Path) -> None:
    many = [KnownNetwork(Ssid(b"N%d" % number), Secret(KEY)) for number in range(40)]
    assert set(put_networks(str(config), many)) == {Put.ADDED}
    assert load(str(config)).networks[2:] == tuple(many)
    assert set(put_networks(str(config), many)) == {Put.KNOWN}


@pytest.mark.parametrize("words", [(), ("--from", "wep", "x"), ("--key", KEY, "x")])
def test_usage(run: Run, config: Path, words: tuple[str, ...]) -> None:
    code, shape = run("--config", str(config), "networks", "import", *words)
    assert code == 2
    assert KEY not in shape["error"]


def test_a_router_has_the_part_without_it(
    run: Run, config: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wifirelay.cli.networks_import", None)
    code, shape = run("--config", str(config), "networks", "import", str(folder))
    assert code == 2
    assert "not part of wifirelay on a router" in shape["error"]
