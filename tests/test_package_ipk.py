# SPDX-License-Identifier: GPL-2.0-or-later
"""The .ipk as opkg gets it: unpacked with plain tar; and that it is the same every time."""

import gzip
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from known import CHECKOUT
from packaged import SELDOM, TABLE, TREE, files, interpreter, run_package

from wifirelay import __version__
from wifirelay.package.contents import python_sources

NAME = f"wifirelay_{__version__}-1_all.ipk"
LUCI = f"luci-app-{NAME}"


@pytest.fixture(scope="module")
def ipk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = run_package("ipk", "--out", str(out), "--python", sys.executable)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{out / NAME}\n{out / LUCI}\n", "")
    return out / NAME


@pytest.fixture(scope="module")
def unpacked(ipk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three members, and `data` and `control` unpacked, modes as they are."""
    top = tmp_path_factory.mktemp("ipk")
    subprocess.run(["tar", "-xzf", ipk, "-C", top], check=True)
    for part in ("data", "control"):
        (top / part).mkdir()
        subprocess.run(["tar", "-xpzf", top / f"{part}.tar.gz", "-C", top / part], check=True)
    return top


def listed(archive: Path) -> list[tuple[str, str, str]]:
    """(mode, owner, name) of each member, in order."""
    done = subprocess.run(
        ["tar", "--numeric-owner", "-tvzf", archive], capture_output=True, text=True, check=True
    )
    found = []
    for line in done.stdout.splitlines():
        mode, owner, _, date, clock, name = line.split(None, 5)
        assert (date, clock) == ("1970-01-01", "00:00"), line
        found.append((mode, owner, name))
    return found


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


def test_the_archive_has_the_members_that_opkg_reads(ipk: Path, unpacked: Path) -> None:
    names = [name for _, _, name in listed(ipk)]
    assert names == ["./debian-binary", "./data.tar.gz", "./control.tar.gz"]
    assert (unpacked / "debian-binary").read_bytes() == b"2.0\n"


def test_the_data_is_exactly_the_documented_table(unpacked: Path) -> None:
    wanted = dict(TABLE)
    for file in python_sources():
        seldom = file.path.removeprefix(TREE) in SELDOM
        compiled = file.path.endswith(".py") and not seldom
        wanted[f"{file.path}c" if compiled else file.path] = "644"
    found = {
        f"/{path.relative_to(unpacked / 'data')}": f"{stat.S_IMODE(path.stat().st_mode):o}"
        for path in (unpacked / "data").rglob("*")
        if not path.is_dir()
    }
    assert found == wanted


def test_the_data_is_what_was_built(unpacked: Path) -> None:
    for file in files():
        assert (unpacked / "data" / file.path[1:]).read_bytes() == file.content, file.path


def test_everything_is_roots_and_in_order(unpacked: Path) -> None:
    members = listed(unpacked / "data.tar.gz")
    names = [name for _, _, name in members]
    assert {owner for _, owner, _ in members} == {"0/0"}
    assert names[0] == "./"
    assert all(name.startswith("./") for name in names)
    assert len(names) == len(set(names))
    folders = [name for name in names if name.endswith("/")]
    assert [mode for mode, _, name in members if name.endswith("/")] == ["drwxr-xr-x"] * len(
        folders
    )
    for number, name in enumerate(names):  # a folder comes before what is in it
        parent = os.path.dirname(name.rstrip("/")) + "/"
        assert name == "./" or names.index(parent) < number


def fields(unpacked: Path) -> dict[str, str]:
    text = (unpacked / "control/control").read_text()
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_control(unpacked: Path) -> None:
    major, minor = interpreter().version
    found = fields(unpacked)
    assert found["Package"] == "wifirelay"
    assert found["Version"] == f"{__version__}-1"
    assert found["Architecture"] == "all"
    assert found["License"] == "GPL-2.0-or-later"
    assert found["Section"] == "net"
    assert found["Depends"].split(", ") == [
        f"python3-light (>= {major}.{minor})",
        f"python3-light (<< {major}.{minor + 1})",
        "rpcd",
        "rpcd-mod-iwinfo",
        "jsonfilter",
    ]
    assert f"Python {major}.{minor}" in found["Description"]
    data = (unpacked / "data.tar.gz").read_bytes()
    assert found["Installed-Size"] == str(len(gzip.decompress(data)))


def test_conffiles_and_scripts(unpacked: Path) -> None:
    assert (unpacked / "control/conffiles").read_text() == "/etc/config/wifirelay\n"
    modes = {
        path.name: f"{stat.S_IMODE(path.stat().st_mode):o}"
        for path in (unpacked / "control").iterdir()
    }
    scripts = ("preinst", "postinst", "postinst-pkg", "prerm", "prerm-pkg", "postrm")
    assert modes == {"control": "644", "conffiles": "644", **dict.fromkeys(scripts, "755")}


def test_it_runs_as_unpacked(unpacked: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-ISB", unpacked / "data/usr/bin/wifirelay", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"wifirelay {__version__}\n", "")


# --- the same every time ---


@pytest.fixture(scope="module")
def other_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy at another place, with other times and its own leftovers."""
    copy = tmp_path_factory.mktemp("copy") / "a longer name for it"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("wifirelay", "openwrt", "scripts"):
        shutil.copytree(CHECKOUT / name, copy / name, ignore=ignored)
    for path in (copy / "wifirelay").rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o600)
    (copy / "wifirelay/__pycache__").mkdir()
    (copy / "wifirelay/__pycache__/old.cpython-311.pyc").write_bytes(b"old")
    return copy


def test_two_builds_are_identical(ipk: Path, other_checkout: Path, tmp_path: Path) -> None:
    done = run_package(
        *("ipk", "--out", "here", "--python", sys.executable),
        cwd=tmp_path,
        umask=0o077,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": str(tmp_path)},
        program=other_checkout / "scripts/package",
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in (NAME, LUCI):
        assert (tmp_path / "here" / name).read_bytes() == (ipk.parent / name).read_bytes()


def test_source_date_epoch_is_the_time_of_all(ipk: Path, tmp_path: Path) -> None:
    done = run_package(
        *("ipk", "--out", str(tmp_path), "--python", sys.executable),
        env={"SOURCE_DATE_EPOCH": "86400"},
    )
    assert done.returncode == 0
    listing = subprocess.run(
        ["tar", "-tvzf", tmp_path / NAME], capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"\d{4}-\d\d-\d\d", listing) == ["1970-01-02"] * 3
    assert (tmp_path / NAME).read_bytes() != ipk.read_bytes()


# --- the command ---


def test_help_says_what_is_made() -> None:
    done = run_package("--help")
    assert done.returncode == 0
    for word in ("ipk", "apk", "tree", "23.05", "25.12", "SOURCE_DATE_EPOCH"):
        assert word in done.stdout
    assert "python3.11" in run_package("ipk", "--help").stdout
    assert "python3.13" in run_package("apk", "--help").stdout


def test_tree_is_a_folder_with_the_same(tmp_path: Path) -> None:
    out = tmp_path / "tree"
    words = ("tree", "--out", str(out), "--python", sys.executable)
    done = run_package(*words, umask=0o077)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{out}\n", "")
    found = {
        f"/{path.relative_to(out)}": (path.read_bytes(), f"{stat.S_IMODE(path.stat().st_mode):o}")
        for path in out.rglob("*")
        if not path.is_dir()
    }
    assert found == {file.path: (file.content, file.mode) for file in files()}
    assert stat.S_IMODE((out / TREE[1:]).stat().st_mode) == 0o755
    done = run_package(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not empty" in done.stderr


@pytest.mark.parametrize(
    ("words", "env", "said"),
    [
        (("ipk", "--python", "python3.99"), {}, "python3.99 is not a Python of this machine"),
        (("ipk", "--out", "/proc/none", "--python", sys.executable), {}, "cannot be written"),
        (("ipk", "--python", sys.executable), {"SOURCE_DATE_EPOCH": "now"}, "SOURCE_DATE_EPOCH"),
        (("deb",), {}, "invalid choice"),
        ((), {}, "required"),
    ],
    ids=["python", "out", "epoch", "kind", "nothing"],
)
def test_errors_say_what_is_wrong(
    words: tuple[str, ...], env: dict[str, str], said: str, tmp_path: Path
) -> None:
    done = run_package(*words, env=env, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
