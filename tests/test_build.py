# SPDX-License-Identifier: GPL-2.0-or-later
"""The package as users get it: built, installed alone, and run."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive."""
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(HERE)],
        check=True,
        capture_output=True,
    )
    return target


def test_the_wheel_holds_what_runs_on_the_router(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "wifirelay/onrouter/wifirelay-sentry" in names
    assert "wifirelay/onrouter/wifirelay-sentry.init" in names
    assert "wifirelay/change/scripts/arm.sh" in names
    assert "wifirelay/schemas/plan.json" in names
    assert not [name for name in names if name.startswith("tests")]


def test_the_source_archive_holds_tests_and_docs(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"README.md", "LICENSE", "docs/safety.md", "tests/lab.py"} <= names


def test_the_installed_package_joins(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            tmp_path,
            wheel,
        ],
        check=True,
        capture_output=True,
    )
    done = subprocess.run(
        [sys.executable, "-m", "wifirelay", "--router", "sim:home", "join"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "online through HomeNet" in done.stdout
