# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents name what is there: tests, files, commands, links."""

import argparse
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from known import Uci

from wifirelay.cli.main import COMMANDS, build_parser
from wifirelay.config.secrets import Obtained
from wifirelay.config.uci_file import settings_from
from wifirelay.config.yaml_file import load
from wifirelay.core.known import Relay
from wifirelay.values import Secret

HERE = Path(__file__).resolve().parent.parent
PAGES = [
    *sorted(HERE.glob("README*.md")),
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


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Those of a command, and of its own commands."""
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from options(below)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_that_documents_name_are_there(page: Path) -> None:
    text = page.read_text("utf-8")
    shown = re.findall(r"`wifirelay ([^`]+)`", text)
    shown += re.findall(r"^(?:    |\$ )(?:\S*/)?wifirelay (.+)$", text, re.MULTILINE)
    for line in shown:
        words = re.split(r"\s#|[|;<>]", line.replace("\n", " "))[0].split()
        named = [word for word in words if word in COMMANDS]
        parser = build_parser(named[0] if named else None)
        known = set(options(parser))
        for word in words:
            if re.fullmatch(r"--?[a-z][a-z-]*", word):
                assert word in known, f"wifirelay {line}"


def commands(text: str) -> list[str]:
    """The indented blocks, without their comments."""
    lines = re.findall(r"^    (.+)$", text, re.MULTILINE)
    return [re.split(r"(?:^|\s+)# ", line)[0] for line in lines]


def test_the_chinese_readme_says_what_the_english_one_says() -> None:
    """Commands, links, code, headings and tables are the same, in the same order; words are not."""
    english, chinese = ((HERE / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
    assert len(commands(english)) > 25
    assert commands(chinese) == commands(english)
    links = [re.findall(r"\]\(([^)]+)\)", text) for text in (english, chinese)]
    assert links[0].pop(0) == "README.zh.md" and links[1].pop(0) == "README.md"
    assert links[0] == links[1]
    code = [re.findall(r"(?<!`)`([^`\n]+)`", text) for text in (english, chinese)]
    assert sorted(code[0]) == sorted(code[1])
    for mark in (r"^(#+) ", r"^(\|[-|]+\|)$", r"(\|)", r"^(\* )", r"(\*\*)"):
        found = [re.findall(mark, text, re.MULTILINE) for text in (english, chinese)]
        assert found[0] == found[1], mark
    assert not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,} [a-z]{3,}", prose(chinese))
    exits = [
        re.findall(r"(\d+) ", text[text.rindex("* [docs/style.md]") :])
        for text in (english, chinese)
    ]
    assert exits[0] == exits[1]


def prose(text: str) -> str:
    """Without blocks and code."""
    return re.sub(r"^    .*$|`[^`]+`", "", text, flags=re.MULTILINE)


def test_the_comparison_marks_what_is_not_there() -> None:
    """A row per feature with a cell per program; `**no**` stands in this program's column alone."""
    text = (HERE / "README.md").read_text("utf-8").partition("## Compared")[2].partition("## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 25
    for row in rows[2:]:
        assert len(row) == 6 and all(cell.strip() for cell in row), row
        assert "**" not in "".join([row[0], *row[2:]]), row
    assert rows[0][1].strip() == "wifirelay"


def blocks(page: Path) -> Iterator[str]:
    """The fenced blocks of a page that are a configuration, whole or a part of one."""
    for block in re.findall(r"^```\w*\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S):
        if re.match(r"config (wifirelay|network|hook)\b", block) or re.search(
            r"^(relay|networks|routers|vpn):", block, re.M
        ):
            yield block


@pytest.mark.parametrize(
    ("page", "block"),
    [(page, block) for page in PAGES for block in blocks(page)],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_each_configuration_is_one(page: Path, block: str, tmp_path: Path, uci: Uci) -> None:
    def secret(place: str, name: str) -> Obtained:
        return Obtained(Secret(f"{place} {name}"))

    if block.startswith("config "):
        made = settings_from(uci.put(wifirelay=block).read("wifirelay"), secret)
    else:
        path = tmp_path / "config.yaml"
        path.write_text(block, "utf-8")
        path.chmod(0o600)
        made = load(str(path), secret)
    assert made.networks or made.routers or made.hooks or made.relay != Relay()
    there = [each for each in made.warnings if "is no executable file" not in each]  # not here
    assert there == []


def test_there_are_configurations_to_read() -> None:
    assert len([block for page in PAGES for block in blocks(page)]) >= 9
