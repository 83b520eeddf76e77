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
    for path in (HERE / "openwrt/files").iterdir():
        assert f"wifirelay/onrouter/{path.name}" in names
    assert "wifirelay/change/scripts/arm.sh" in names
    assert "wifirelay/schemas/plan.json" in names
    assert "wifirelay/py.typed" in names
    assert not [name for name in names if name.startswith("tests")]


def test_the_source_archive_holds_tests_and_docs(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert {"README.md", "LICENSE", "docs/safety.md", "tests/lab.py"} <= names
    assert {"openwrt/Makefile", "scripts/package"} <= names


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to put on Python's path."""
    (wheel,) = built.glob("*.whl")
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--target", target, wheel], check=True, capture_output=True)
    return target


def run_installed(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_installed_package_joins(installed: Path) -> None:
    done = run_installed(installed, "-m", "wifirelay", "--router", "sim:home", "join")
    assert done.returncode == 0, done.stderr
    assert "online through HomeNet" in done.stdout


# What `wifirelay install` sends to a router
SENT = """
import hashlib
from wifirelay.package import contents
digest = hashlib.sha256(contents.compiler() + contents.default_config())
for file in (*contents.packaged_files(), *contents.python_sources()):
    digest.update(f"{file.path} {file.mode} {len(file.content)} ".encode() + file.content)
print(contents.__file__, digest.hexdigest())
"""


def test_the_installed_package_sends_what_a_checkout_sends(installed: Path) -> None:
    sent = [
        run_installed(installed, "-c", SENT),
        subprocess.run(
            [sys.executable, "-c", SENT], cwd=HERE, capture_output=True, text=True, check=False
        ),
    ]
    assert [done.returncode for done in sent] == [0, 0], sent[0].stderr
    (here, digest), (there, other) = (done.stdout.split() for done in sent)
    assert here.startswith(str(installed)) and there.startswith(str(HERE))
    assert digest == other
