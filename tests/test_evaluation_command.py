# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay evaluate`: its table, its JSON, and what it refuses."""

from pathlib import Path

import pytest
from shapes import Run, Say, home, run, say

from wifirelay.evaluation.families import make
from wifirelay.evaluation.timeline_file import write_timeline

__all__ = ["home", "run", "say"]

QUICK = ("--days", "0.2", "--jobs", "1", "--policy", "iwd", "--policy", "travelmate")


def test_json(run: Run) -> None:
    code, shape = run("evaluate", "--family", "camp", "--seeds", "2", "--first-seed", "3", *QUICK)
    assert code == 0
    assert [(row["family"], row["policy"], row["runs"]) for row in shape["rows"]] == [
        ("camp", "iwd", 2),
        ("camp", "travelmate", 2),
    ]
    assert shape["verdict"] is None
    again = run("evaluate", "--family", "camp", "--seeds", "2", "--first-seed", "3", *QUICK)
    assert again == (0, shape)


def test_the_table(say: Say) -> None:
    code, out, err = say("evaluate", "--family", "camp", "--family", "city", "--seeds", "1", *QUICK)
    assert (code, err) == (0, "")
    head, rule, *found = out.splitlines()
    assert head.startswith("| family")
    assert set(rule) == set("|-: ")
    assert [line.split()[1] for line in found] == ["camp", "camp", "city", "city"]


def test_a_timeline(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "harbour.csv"
    path.write_text(write_timeline(make("camp", 1, 0.2)), newline="")
    code, shape = run("evaluate", "--timeline", str(path), *QUICK)
    assert code == 0
    assert {(row["family"], row["runs"]) for row in shape["rows"]} == {("harbour.csv", 1)}
    words = ("--timeline", str(path), "--family", "camp", "--seeds", "1", *QUICK)
    _, shape = run("evaluate", *words)
    assert {row["family"] for row in shape["rows"]} == {"harbour.csv", "camp"}


def test_results_go_to_a_file(run: Run, tmp_path: Path) -> None:
    words = ("evaluate", "--family", "camp", "--seeds", "1", *QUICK)
    path = tmp_path / "results.jsonl"
    first = run(*words, "--results", str(path))
    text = path.read_text()
    assert len(text.splitlines()) == 2
    assert run(*words, "--results", str(path)) == first == run(*words)
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--family", "moon"), "--family: moon"),
        (("--policy", "nobody"), "--policy: nobody"),
        (("--seeds", "0"), "--seeds: 1 to"),
        (("--days", "0"), "--days: 0.01 to"),
        (("--days", "nan"), "--days"),
        (("--jobs", "0"), "--jobs: 1 to"),
        (("--first-seed", "-1"), "--first-seed: 0 to"),
        (("--timeline", "/nowhere.csv"), "/nowhere.csv cannot be read"),
        (("--results", "/"), "cannot be used for results"),
    ],
)
def test_what_is_refused(run: Run, words: tuple[str, ...], problem: str) -> None:
    code, shape = run("evaluate", *words)
    assert code == 2
    assert problem in shape["error"]


def test_two_timelines_of_one_name(run: Run, tmp_path: Path) -> None:
    names = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "x.csv"
        path.write_text(write_timeline(make("camp", 1, 0.1)), newline="")
        names += ["--timeline", str(path)]
    code, shape = run("evaluate", *names, *QUICK)
    assert code == 2
    assert "x.csv names two worlds" in shape["error"]
