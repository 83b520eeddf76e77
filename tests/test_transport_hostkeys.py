# SPDX-License-Identifier: GPL-2.0-or-later
"""known_hosts: reading everybody's, writing one's own."""

import base64
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from wifirelay.errors import ConfigError, HostKeyRefused
from wifirelay.transport.hostkeys import HostKey, Stored, check, name_of, store, stored

# a published example (RFC 8709 has none; this one was made for the tests)
TEXT = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
KEY = HostKey("ssh-ed25519", base64.b64decode(TEXT))
OTHER = HostKey("ssh-ed25519", KEY.blob[:-1] + b"x")


def write(path: Path, *lines: str) -> str:
    path.write_text("".join(line + "\n" for line in lines))
    return str(path)


@pytest.mark.parametrize(
    ("names", "host", "port", "found"),
    [
        ("router", "router", 22, True),
        ("router", "ROUTER", 22, True),
        ("router", "router", 23, False),
        ("[router]:23", "router", 23, True),
        ("[router]:23", "router", 22, False),
        ("[r]:23", "e", 23, False),
        ("other,router,10.0.0.1", "10.0.0.1", 22, True),
        ("*.lan", "a.lan", 22, True),
        ("*.lan,!bad.lan", "bad.lan", 22, False),
        ("!bad.lan,*.lan", "good.lan", 22, True),
        ("10.0.0.?", "10.0.0.7", 22, True),
        ("[[]fe80::1]:23", "fe80::1", 23, False),
        ("[fe80::1]:23", "fe80::1", 23, True),
        ("|1|garbage", "router", 22, False),
        ("|1|!|!", "router", 22, False),
    ],
)
def test_which_lines_mean_a_host(
    tmp_path: Path, names: str, host: str, port: int, found: bool
) -> None:
    path = write(tmp_path / "k", "# comment", "", f"{names} ssh-ed25519 {TEXT} a comment")
    assert stored(host, port, [path]).keys == ((KEY,) if found else ())


def test_lines_that_are_not_understood_are_passed_over(tmp_path: Path) -> None:
    path = write(
        tmp_path / "k",
        "router",
        "router ssh-ed25519",
        "router ssh-ed25519 not-base64",
        f"@cert-authority router ssh-ed25519 {TEXT}",
        f"@unheard-of router ssh-ed25519 {TEXT}",
    )
    assert stored("router", 22, [path]) == Stored()
    assert stored("router", 22, [str(tmp_path / "missing"), path + "/x"]) == Stored()
    with pytest.raises(ConfigError, match="cannot read"):
        stored("router", 22, [str(tmp_path)])


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs OpenSSH")
def test_names_hashed_by_openssh_and_its_fingerprint(tmp_path: Path) -> None:
    path = write(tmp_path / "k", KEY.line("router", 22), OTHER.line("router", 2222))
    shown = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, text=True, check=True)
    assert shown.stdout.split()[1] == KEY.fingerprint
    subprocess.run(["ssh-keygen", "-Hf", path], capture_output=True, check=True)
    assert "router" not in Path(path).read_text()
    assert stored("router", 22, [path]).keys == (KEY,)
    assert stored("router", 2222, [path]).keys == (OTHER,)
    assert store("router", 22, OTHER, path, replace=True)
    assert stored("router", 22, [path]).keys == (OTHER,)
    assert stored("router", 2222, [path]).keys == (OTHER,)


def test_store_makes_a_private_file_and_changes_nothing_twice(tmp_path: Path) -> None:
    path = str(tmp_path / "new/folder/known_hosts")
    assert store("router", 22, KEY, path, replace=False)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700
    before = os.stat(path)
    assert not store("router", 22, KEY, path, replace=False)
    assert os.stat(path).st_ino == before.st_ino
    assert store("router", 23, OTHER, path, replace=False)
    assert Path(path).read_text().splitlines() == [KEY.line("router", 22), OTHER.line("router", 23)]


def test_store_replaces_only_when_told_to_and_only_that_host(tmp_path: Path) -> None:
    path = write(
        tmp_path / "k",
        "# mine",
        f"router,10.0.0.1 ssh-ed25519 {TEXT} note",
        f"@revoked elsewhere ssh-ed25519 {TEXT}",
        "not a line",
    )
    with pytest.raises(HostKeyRefused, match="changed"):
        store("router", 22, OTHER, path, replace=False)
    assert store("router", 22, OTHER, path, replace=True)
    assert Path(path).read_text().splitlines() == [
        "# mine",
        f"10.0.0.1 ssh-ed25519 {TEXT} note",
        f"@revoked elsewhere ssh-ed25519 {TEXT}",
        "not a line",
        OTHER.line("router", 22),
    ]
    assert os.listdir(tmp_path) == ["k"]


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ("*", "*,!router"),
        ("Router,*.lan,r?uter", "*.lan,r?uter,!router"),
        ("*.lan,router,!bad.lan", "*.lan,!bad.lan"),
        ("router,!bad.lan", None),
    ],
)
@pytest.mark.parametrize("marker", ["", "@revoked "])
def test_a_pattern_for_others_stays_for_them(
    marker: str, names: str, left: str | None, tmp_path: Path
) -> None:
    path = write(tmp_path / "k", f"{marker}{names} ssh-ed25519 {TEXT}")
    others = [stored(name, 22, [path]) for name in ("a.lan", "bad.lan", "rauter")]
    assert store("router", 22, OTHER, path, replace=True)
    kept = [f"{marker}{left} ssh-ed25519 {TEXT}"] if left is not None else []
    assert Path(path).read_text().splitlines() == [*kept, OTHER.line("router", 22)]
    assert stored("router", 22, [path]) == Stored((OTHER,))
    assert [stored(name, 22, [path]) for name in ("a.lan", "bad.lan", "rauter")] == others


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot write"):
        store("router", 22, KEY, str(tmp_path / "file/known_hosts"), replace=False)


def test_a_revoked_key_is_refused_though_it_is_stored(tmp_path: Path) -> None:
    path = write(tmp_path / "k", KEY.line("router", 22), f"@revoked * ssh-ed25519 {TEXT}")
    with pytest.raises(HostKeyRefused, match="revoked"):
        check(KEY, stored("router", 22, [path]), "router", 22)
    with pytest.raises(HostKeyRefused, match="revoked"):
        store("router", 22, KEY, path, replace=False)


def test_hints_name_the_command_to_type() -> None:
    for host, port, command in (
        ("router", 22, "`wifirelay trust router`"),
        ("router", 2222, "`wifirelay trust router:2222`"),
        ("fe80::1", 2222, "`wifirelay trust [fe80::1]:2222`"),
    ):
        with pytest.raises(HostKeyRefused, match="unknown") as caught:
            check(KEY, Stored(), host, port)
        assert command in caught.value.hint
    assert name_of("Router", 22) == "router"
