# SPDX-License-Identifier: GPL-2.0-or-later
"""UCI's text as `networks import` reads it: as the simulated `uci` does, and so the real one."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifirelay.errors import ConfigError
from wifirelay.imports.uci_words import sections
from wifirelay.sim.uci import UciError, UciFolders, load
from wifirelay.uci.model import Value

DATA = Path(__file__).parent / "data"
CASES = [json.loads(line) for line in (DATA / "uci.jsonl").read_text("utf-8").splitlines()]
TEXTS = sorted(
    {text for case in CASES for files in (case["config"], case["files"]) for text in files.values()}
)
Read = list[tuple[str, dict[str, Value]]]


def ours(text: str) -> Read:
    return [(each.kind, dict(each.options)) for each in sections(text, "x")]


def theirs(text: str, folder: Path) -> Read:
    (folder / "x").write_bytes(text.encode("utf-8", "surrogateescape"))
    package = load("x", UciFolders(str(folder), str(folder / "none"), root=str(folder)))
    return [
        (each.type, {n: v if isinstance(v, str) else tuple(v) for n, v in each.options.items()})
        for each in package.sections
    ]


@pytest.mark.parametrize("text", TEXTS)
def test_files_that_the_real_uci_wrote_or_read(text: str, tmp_path: Path) -> None:
    try:
        expected = theirs(text, tmp_path)
    except UciError:
        return  # names that UCI refuses: nothing here depends on them
    assert ours(text) == expected


PIECES = st.sampled_from(
    [
        *(
            "option ",
            "list ",
            "config b\n",
            "a ",
            "b ",
            "'",
            '"',
            "\\",
            "\n",
            " ",
            "\t",
            " # c'\n",
            "#",
        ),
        *(
            "'x y'",
            '"x\\"y"',
            "x",
            "caf\u00e9",
            "\\\n",
            '"a\\\nb"',
            "option a b\n",
            "list a 'c'\n",
            "''",
        ),
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=12))
def test_whatever_uci_reads_is_read_the_same(pieces: list[str]) -> None:
    text = "config a\n\t" + "".join(pieces) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        try:
            expected = theirs(text, Path(folder))
        except UciError:
            return
    assert ours(text) == expected


def test_what_is_no_uci_is_refused() -> None:
    with pytest.raises(ConfigError, match="x:1: is no line of UCI"):
        sections("hello\n", "x")
