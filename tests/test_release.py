# SPDX-License-Identifier: GPL-2.0-or-later
"""`scripts/release` as its maintainer runs it, in a repository made for the test: the same commit
gives the same bytes, what must not be released is refused, nothing is published."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from known import CHECKOUT

from wifirelay import __version__
from wifirelay.errors import UsageError
from wifirelay.package.apk import find_apk
from wifirelay.package.control import LUCI, WIFIRELAY, Identity
from wifirelay.package.ipk import ipk_name
from wifirelay.package.tree import find_interpreter

WHEN = 1_767_225_600  # the commit's time
DATED = f"## Unreleased\n\n## {__version__} - 2026-01-01\n"


def git(where: Path, *words: str) -> str:
    env = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{who}_NAME": "A" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "a@example.org" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_DATE": f"{WHEN} +0000" for who in ("AUTHOR", "COMMITTER")},
    }
    done = subprocess.run(["git", *words], cwd=where, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit_changelog(where: Path, old: str, new: str) -> None:
    path = where / "CHANGELOG.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    git(where, "commit", "-qam", "the changelog")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a repository of one commit, about to be released."""
    folder = tmp_path_factory.mktemp("original") / "wifirelay"
    ignored = (CHECKOUT / ".gitignore").read_text("utf-8").replace("/", "").split()
    shutil.copytree(CHECKOUT, folder, ignore=shutil.ignore_patterns(".git", *ignored))
    path = folder / "CHANGELOG.md"
    path.write_text(path.read_text("utf-8").replace("## Unreleased\n", DATED, 1), "utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")
    return folder


@pytest.fixture
def clone(original: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", str(original), "clone")
    return tmp_path / "clone"


def run_release(
    where: Path, *words: str, umask: int = 0o022, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(where / "scripts/release"), *words],
        cwd=where.parent,
        env={**os.environ, **env},
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )


def refused(where: Path, *words: str) -> str:
    done = run_release(where, *words)
    assert done.returncode in (2, 6), done.stderr
    assert done.stdout == ""
    assert not (where / "dist").exists()
    return done.stderr


def test_two_checkouts_of_a_commit_give_the_same_bytes(original: Path, clone: Path) -> None:
    (clone / "tests" / "__pycache__").mkdir()
    (clone / "tests" / "__pycache__" / "left.pyc").write_bytes(b"over")  # ignored, so no way in
    first = run_release(original)
    assert first.returncode == 0, first.stderr
    other = run_release(clone, "--out", "made", umask=0o077, TZ="Asia/Tokyo", SOURCE_DATE_EPOCH="5")
    assert other.returncode == 0, other.stderr
    here, there = original / "dist" / __version__, clone.parent / "made"
    names = sorted(path.name for path in here.iterdir())
    expected = {
        f"wifirelay-{__version__}-py3-none-any.whl",
        f"wifirelay-{__version__}.tar.gz",
        ipk_name(Identity(WIFIRELAY, __version__, (3, 11))),
        ipk_name(Identity(LUCI, __version__, None)),
        "wifirelay.1",
        "SHA256SUMS",
    }
    table = (CHECKOUT / "docs/releasing.md").read_text("utf-8").partition("| file | for |")[2]
    listed = re.findall(r"`([^` ]+)`", "".join(re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)))
    listed = [name.replace("1.2.3", __version__) for name in listed]
    assert expected == {name for name in listed if not name.endswith(".apk")}
    try:
        find_apk()
        find_interpreter("python3.13")
        expected |= {name for name in listed if name.endswith(".apk")}
    except UsageError as error:
        assert f"no .apk: {error.message}" in first.stdout
    assert set(names) == expected
    assert names == sorted(path.name for path in there.iterdir())
    for name in names:
        assert (here / name).read_bytes() == (there / name).read_bytes(), name
    sums = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=here, capture_output=True)
    assert sums.returncode == 0 and sums.stdout.count(b": OK") == len(names) - 1
    with tarfile.open(here / f"wifirelay-{__version__}.tar.gz") as tar:
        assert {member.mtime for member in tar} == {WHEN}
        assert not [name for name in tar.getnames() if "__pycache__" in name]
    assert f"git tag -s v{__version__}" in first.stdout
    assert git(original, "tag") == git(original, "status", "--porcelain") == ""
    again = run_release(original)
    assert again.returncode == 2 and "is there already" in again.stderr


def test_a_dirty_tree_is_refused(clone: Path) -> None:
    (clone / "new.txt").write_text("not committed")
    assert "not clean: ?? new.txt" in refused(clone, "--snapshot")
    git(clone, "add", "new.txt")
    assert "not clean: A  new.txt" in refused(clone)


def test_a_version_without_a_date_is_refused(clone: Path) -> None:
    commit_changelog(clone, f"{__version__} - 2026-01-01", __version__)
    assert f"a dated section of {__version__}" in refused(clone)
    commit_changelog(clone, f"## {__version__}\n", f"## {__version__} - 2026-02-31\n")
    assert "dated section" in refused(clone)


def test_another_versions_date_does_not_count(clone: Path) -> None:
    commit_changelog(clone, DATED, f"## Unreleased\n\n## {__version__}1 - 2026-01-01\n")
    assert f"a dated section of {__version__}" in refused(clone)


def test_lines_that_are_not_released_yet_are_refused(clone: Path) -> None:
    commit_changelog(clone, "## Unreleased\n", "## [Unreleased]\n\n- one more\n")
    assert "under Unreleased" in refused(clone)


def test_a_version_is_released_once(clone: Path) -> None:
    git(clone, "tag", f"v{__version__}")
    commit_changelog(clone, "2026-01-01", "2026-01-02")
    assert "the tag of another commit" in refused(clone)


def test_what_is_no_checkout_is_refused(clone: Path) -> None:
    shutil.rmtree(clone / ".git")
    assert "git checkout" in refused(clone)


def test_a_snapshot_needs_no_changelog_and_is_named_so(clone: Path) -> None:
    commit_changelog(clone, DATED, "## Unreleased\n")
    done = run_release(clone, "--snapshot")
    assert done.returncode == 0, done.stderr
    commit = git(clone, "rev-parse", "--short=12", "HEAD").strip()
    assert (clone / "dist" / f"{__version__}-snapshot-{commit}" / "SHA256SUMS").exists()
    assert "git tag" not in done.stdout
