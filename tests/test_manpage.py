# SPDX-License-Identifier: GPL-2.0-or-later
"""`scripts/manpage`: mandoc has nothing to say against the page, and it has every command, argument
and option that the parser has."""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from known import CHECKOUT
from test_style import clean, tool

from wifirelay.cli.main import COMMANDS, build_parser


def made(**env: str) -> str:
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "scripts/manpage")],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def read() -> str:
    """The page as a reader sees it."""
    done = subprocess.run(
        [tool("mandoc"), "-Tascii", "-Owidth=200"], input=made(), capture_output=True, text=True
    )
    return re.sub(r".\x08", "", done.stdout)


def test_mandoc_has_nothing_to_say() -> None:
    clean(tool("mandoc"), "-Tlint", "-Wstyle", stdin=made())


def test_the_date_is_the_sources() -> None:
    assert made(SOURCE_DATE_EPOCH="86400").startswith(".Dd January 2, 1970\n")


def chapters(text: str) -> dict[str, str]:
    """By the command's words: what stands below its heading."""
    pieces = re.split(r"^   (\S.*)$", text.partition("\nCOMMANDS\n")[2], flags=re.MULTILINE)
    words = [" ".join(re.findall(r"(?<!\S)[a-z-]+(?!\S)", title)) for title in pieces[1::2]]
    return dict(zip(words, pieces[2::2], strict=True))


def every(
    parser: argparse.ArgumentParser, words: str
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield words, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from every(below, f"{words} {name}".strip())


def test_every_command_and_option_is_in_its_chapter(read: str) -> None:
    whole = build_parser(whole=True)
    shared = {each for action in whole._actions for each in action.option_strings}
    found = chapters(read)
    for name, text in COMMANDS.items():
        assert f"{text[0].upper()}{text[1:]}." in " ".join(found[name].split())
    seen = 0
    for words, parser in every(whole, ""):
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                continue
            names = set(action.option_strings) - (shared if words else set())
            place = found[words] if words else read.partition("COMMANDS")[0]
            for each in names or ({str(action.metavar)} if not action.option_strings else ()):
                assert re.search(rf"^     (.*, )?{re.escape(each)}\b", place, re.MULTILINE), each
                seen += 1
            if action.help and names:
                assert action.help.split()[0] in place
    assert seen > 60


def test_exit_codes_and_files_are_there(read: str) -> None:
    codes = re.findall(r"(?:: |, )(\d+) ", " ".join((build_parser().epilog or "").split()))
    assert len(codes) >= 9
    assert re.findall(r"^     (\d+) ", read.partition("EXIT STATUS")[2], re.MULTILINE) == codes
    assert "~/.config/wifirelay/config.yaml" in read
