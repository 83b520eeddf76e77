# SPDX-License-Identifier: GPL-2.0-or-later
"""The house rules that a machine can check: linters, types, shell, sizes, words."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from known import CHECKOUT

from wifirelay.change.scripts import SHARED

PACKAGE = CHECKOUT / "wifirelay"
ROUTER_FILES = CHECKOUT / "openwrt/files"
SCRIPTS = PACKAGE / "change/scripts"
SPDX = "# SPDX-License-Identifier: GPL-2.0-or-later"
LONGEST = 320  # lines of a module
# Words of the place where this was made; in pieces, so that they are not in this file.
FOREIGN = ["/" + "work" + "/", "shared" + "/docs", "re" + "cordings/../"]
BAD_NAMES = re.compile("man" + "ager|hel" + "per|(^|_)ut" + "ils?($|_)", re.IGNORECASE)


def tool(name: str) -> str:
    """The path of a tool. Without it: a failure in CI, where all are installed, else a skip."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed")
    return found


def clean(*argv: str, stdin: str | None = None) -> None:
    """Run a checker: its complaints are the failure."""
    done = subprocess.run(
        argv,
        input=stdin,
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, f"{' '.join(argv)}\n{done.stdout}"


def sources() -> Iterator[Path]:
    for folder in ("wifirelay", "tests", "scripts", "docs", "openwrt", ".ci", ".github"):
        for path in sorted((CHECKOUT / folder).rglob("*")):
            if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts):
                yield path
    yield from sorted(path for path in CHECKOUT.glob("*") if path.is_file())


PYTHON = [path for path in sources() if path.suffix == ".py"]


def named(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


# --- Python ---


@pytest.mark.parametrize("words", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff(words: tuple[str, ...]) -> None:
    clean(tool("ruff"), *words, "--quiet" if words[0] == "check" else "--diff", ".")


def test_mypy() -> None:
    clean(tool("mypy"), "--strict", "--no-error-summary", "-p", "wifirelay")


@pytest.mark.parametrize("path", PYTHON, ids=named)
def test_every_module_says_its_licence_and_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    if not text and path.name == "__init__.py":
        return
    assert text.startswith((SPDX + "\n", "#!/usr/bin/env python3\n" + SPDX + "\n"))
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", [p for p in PYTHON if PACKAGE in p.parents], ids=named)
def test_a_module_is_one_idea(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


def test_names_say_what_things_are() -> None:
    found = [named(path) for path in PYTHON if BAD_NAMES.search(path.stem)]
    for path in PYTHON:
        if PACKAGE not in path.parents:
            continue
        found += [
            f"{named(path)}: {node.name}"
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and BAD_NAMES.search(node.name)
        ]
    assert found == []


# --- shell ---

SHELL = sorted(
    path
    for path in ROUTER_FILES.iterdir()
    if path.suffix not in (".py", ".launcher", ".config", ".json")
)
PARTS = {"prelude", *SHARED.values()}  # of other scripts
SCRIPT_NAMES = sorted(path.stem for path in SCRIPTS.glob("*.sh") if path.stem not in PARTS)
ALONE = (
    "captive",
    "state",
    "survey",
    "sums",
    "fingerprint",
)  # these read only, and go without the prelude


def script_text(name: str) -> str:
    """A script as wifirelay.change.scripts sends it, its directives for shellcheck kept."""
    parts = [name] if name in ALONE else ["prelude", *filter(None, [SHARED.get(name)]), name]
    return "".join((SCRIPTS / f"{part}.sh").read_text("utf-8") for part in parts)


def test_the_scripts_are_joined_as_they_are_sent() -> None:
    from wifirelay.change.scripts import read_script, script

    def code(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.lstrip().startswith("#")]

    for name in SCRIPT_NAMES:
        command = read_script(name) if name in ALONE else script(name)
        assert command.argv[:2] == ("sh", "-c")
        assert command.argv[2].splitlines() == code(script_text(name))


def test_every_shell_file_for_routers_is_looked_at() -> None:
    ends = [
        "-sentry",
        "-sentry.init",
        "-baseline",
        ".init",
        ".hotplug",
        ".button",
        ".rpcd",
        ".udhcpc",
    ]
    ours = {f"wifirelay{end}" for end in ends}
    assert ours <= {path.name for path in SHELL}
    for name in ours:
        assert SPDX in (ROUTER_FILES / name).read_text("utf-8").splitlines()[:2], name


@pytest.mark.parametrize("path", SHELL, ids=named)
def test_shellcheck_of_the_routers_files(path: Path) -> None:
    words = [] if path.suffix == ".init" else ["-s", "dash"]  # the init script says ash itself
    clean(tool("shellcheck"), *words, str(path))


@pytest.mark.parametrize("name", SCRIPT_NAMES)
def test_shellcheck_of_a_script(name: str) -> None:
    clean(tool("shellcheck"), "-s", "dash", "-", stdin=script_text(name))


@pytest.mark.parametrize("path", SHELL, ids=named)
def test_busybox_reads_the_routers_files(path: Path) -> None:
    clean(tool("busybox"), "ash", "-n", str(path))


@pytest.mark.parametrize("name", SCRIPT_NAMES)
def test_busybox_reads_a_script(name: str) -> None:
    clean(tool("busybox"), "ash", "-n", stdin=script_text(name))


def test_the_sentry_is_small() -> None:
    assert (ROUTER_FILES / "wifirelay-sentry").stat().st_size <= 4096


@pytest.mark.parametrize("path", [*SHELL, *sorted(SCRIPTS.glob("*.sh"))], ids=named)
def test_router_side_shell_stays_under_its_root(path: Path) -> None:
    """Every path on the router begins at $WIFIRELAY_ROOT, but for a command that procd starts."""
    for line in path.read_text("utf-8").splitlines():
        if path.suffix == ".init" and line.lstrip().startswith("procd_set_param command "):
            continue
        code = re.sub(r"(^|\s)#.*", "", line).replace("/dev/null", "")
        assert not re.search(r"(^|[\s\"'=<>])/(etc|tmp|var|proc|sys|usr|lib)/", code), line


# --- words ---


def test_nothing_names_the_place_where_it_was_made() -> None:
    found = []
    for path in sources():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{named(path)}: {word}" for word in FOREIGN if word in text]
    assert found == []
