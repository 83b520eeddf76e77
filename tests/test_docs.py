# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents name what is there: tests, files, commands, links."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from wifirelay.cli.main import COMMANDS

HERE = Path(__file__).resolve().parent.parent
PAGES = [
    HERE / "README.md",
    HERE / "CHANGELOG.md",
    HERE / "SECURITY.md",
    *sorted((HERE / "docs").glob("*.md")),
]
TESTS = {path.stem: path.read_text("utf-8") for path in (HERE / "tests").glob("test_*.py")}
PROMISES = [f"**G{number} " for number in range(1, 9)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_every_promise_names_tests_that_exist() -> None:
    text = (HERE / "docs" / "safety.md").read_text("utf-8")
    for promise in PROMISES:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| {promise}")]
        assert "test_" in row
    named = re.findall(r"`(?:(test_\w+|\.\.\.)::)?(test_\w+\*?)", text)
    assert len(named) > 25
    last = ""
    for module, name in named:
        if module == "":
            assert any(fnmatch(each, name) for each in TESTS), name
            last = name
            continue
        last = last if module == "..." else module
        assert f"def {name}(" in TESTS[last], f"{last}::{name}"


def test_the_list_of_tests_is_of_tests_that_exist() -> None:
    text = (HERE / "docs" / "testing.md").read_text("utf-8")
    for name in re.findall(r"`(test_\w+\*?)`", text):
        assert any(fnmatch(each, name) for each in TESTS), name


def test_every_test_file_is_in_the_list() -> None:
    text = (HERE / "docs" / "testing.md").read_text("utf-8")
    patterns = re.findall(r"`(test_\w+\*?)`", text)
    for name in TESTS:
        assert any(fnmatch(name, pattern) for pattern in patterns), name


def test_files_that_documents_name_are_there() -> None:
    for page in PAGES:
        for name in re.findall(
            r"`((?:scripts|docs|tests|openwrt|wifirelay)/[\w./-]+)`", page.read_text("utf-8")
        ):
            assert (HERE / name).exists(), f"{page.name}: {name}"


def test_the_readme_shows_commands_that_exist() -> None:
    text = (HERE / "README.md").read_text("utf-8")
    shown = re.findall(r"^    (?:\.venv/bin/)?wifirelay (.+)$", text, re.MULTILINE)
    assert len(shown) >= 10
    for line in shown:
        words = [word for word in line.partition("#")[0].split() if not word.startswith("-")]
        assert set(words) & COMMANDS.keys(), line
