# SPDX-License-Identifier: GPL-2.0-or-later
"""The .apk, up to the door of `apk mkpkg`: its words, its folder, its scripts. The apk here only
records; no real apk-tools 3 is at hand."""

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest
from packaged import PACKAGES, TABLE, files, identity, interpreter, luci_identity, run_package

from wifirelay import __version__
from wifirelay.errors import UsageError
from wifirelay.package.apk import apk_files, apk_name, find_apk, make_apk, mkpkg_words
from wifirelay.package.control import WIFIRELAY, apk_scripts

# Says its version; `mkpkg` writes down what it was given and everything below --files.
RECORDER = """#!/usr/bin/env -S python3 -IS
import json, os, sys
if sys.argv[1:] == ["--version"]:
    print("apk-tools 3.0.3, compiled for x86_64.")
    sys.exit(0)
words = dict(zip(sys.argv[2:-1], sys.argv[3:]))
found = {}
scripts = {}
for at, word in enumerate(sys.argv):
    if word == "--script":
        name, _, path = sys.argv[at + 1].partition(":")
        scripts[name] = (open(path).read(), os.stat(path).st_mode & 0o7777)
for folder, names, leaves in os.walk(words["--files"]):
    for name in leaves:
        path = os.path.join(folder, name)
        its = os.stat(path)
        found[path[len(words["--files"]):]] = (its.st_mode & 0o7777, its.st_size, its.st_mtime)
with open(words["--output"], "w") as out:
    json.dump({"argv": sys.argv[1:], "files": found, "scripts": scripts,
               "epoch": os.environ["SOURCE_DATE_EPOCH"]}, out)
"""


def put_apk(folder: Path, text: str) -> Path:
    path = folder / "apk"
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return put_apk(tmp_path / "bin", RECORDER)


def test_the_words_are_those_of_openwrts_build() -> None:
    major, minor = interpreter().version
    words = mkpkg_words(identity(), "FILES", "SCRIPTS", "OUT")
    assert words[0] == "mkpkg"
    pairs = list(zip(words[1::2], words[2::2], strict=True))
    info = dict(value.split(":", 1) for key, value in pairs if key == "--info")
    assert info.pop("description").endswith(f"Compiled for Python {major}.{minor}.")
    assert info == {
        "name": "wifirelay",
        "version": f"{__version__}-r1",
        "arch": "noarch",
        "license": "GPL-2.0-or-later",
        "depends": f"python3-light~{major}.{minor} rpcd rpcd-mod-iwinfo jsonfilter",
    }
    assert [value for key, value in pairs if key == "--script"] == [
        f"{name}:SCRIPTS/{name}" for name in apk_scripts(WIFIRELAY)
    ]
    assert pairs[-2:] == [("--files", "FILES"), ("--output", "OUT")]


def test_the_folder_has_what_openwrts_scripts_look_up() -> None:
    at = "/lib/apk/packages/wifirelay"
    content = {
        file.path: file.content.decode()
        for file in apk_files(WIFIRELAY, files())
        if at in file.path
    }
    paths = sorted(file.path for file in files())
    assert content[f"{at}.list"].splitlines() == paths
    assert content[f"{at}.conffiles"] == "/etc/config/wifirelay\n"
    (config,) = (file for file in files() if file.path == "/etc/config/wifirelay")
    digest = hashlib.sha256(config.content).hexdigest()
    assert content[f"{at}.conffiles_static"] == f"/etc/config/wifirelay {digest}\n"
    assert set(TABLE) < set(paths)


def test_the_command_gives_apk_a_folder_and_scripts(recorder: Path, tmp_path: Path) -> None:
    out = tmp_path / "dist"
    done = run_package(
        *("apk", "--out", str(out), "--python", sys.executable),
        umask=0o077,
        env={"SOURCE_DATE_EPOCH": "86400", "PATH": os.environ["PATH"]},
    )
    assert (done.returncode, done.stderr) == (0, "")
    names = (apk_name(identity()), apk_name(luci_identity()))
    assert done.stdout == "".join(f"{out / name}\n" for name in names)
    assert names == (f"wifirelay-{__version__}-r1.apk", f"luci-app-wifirelay-{__version__}-r1.apk")
    for name, (its, made) in zip(names, PACKAGES, strict=True):
        package = its().package
        seen = json.loads((out / name).read_text())
        assert seen["epoch"] == "86400"
        assert seen["files"] == {
            file.path: [int(file.mode, 8), len(file.content), 86400]
            for file in apk_files(package, made())
        }
        scripts = apk_scripts(package).items()
        assert seen["scripts"] == {name: [text, 0o755] for name, text in scripts}
    assert recorder.exists()


def test_what_apk_says_when_it_fails_is_told(tmp_path: Path) -> None:
    failing = put_apk(tmp_path, "#!/bin/sh\necho 'ERROR: info field is wrong' >&2\nexit 1\n")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="`apk mkpkg` failed: ERROR: info field is wrong"):
        make_apk(
            str(failing), identity(), files(), str(tmp_path / "folder"), str(tmp_path / "out.apk")
        )
    assert not (tmp_path / "out.apk").exists()


# --- which apk ---


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (None, "apk is not on PATH"),
        ("echo apk-tools 2.14.4, compiled for x86_64.", r"is apk-tools 2\.14\.4, whose packages"),
        ("echo something else", "is not apk-tools"),
        ("exit 3", "is not apk-tools"),
    ],
    ids=["none", "2", "other", "fails"],
)
def test_without_apk_tools_3_it_says_what_is_missing(
    said: str | None, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if said is not None:
        put_apk(tmp_path, f"#!/bin/sh\n{said}\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=problem) as caught:
        find_apk()
    assert "apk-tools 3" in caught.value.hint
    done = run_package("apk", "--python", sys.executable, env={"PATH": str(tmp_path)})
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("text", ["apk-tools 3.0.3, compiled for x86_64.", "apk-tools 3.0.0_rc5"])
def test_apk_tools_3_is_taken(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put_apk(tmp_path, f"#!/bin/sh\necho '{text}'\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_apk() == str(path)
