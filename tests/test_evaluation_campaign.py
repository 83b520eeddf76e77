# SPDX-License-Identifier: GPL-2.0-or-later
"""Campaigns: the same result each time, with any number of processes, and after a kill."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from known import CHECKOUT

from wifirelay.errors import UsageError
from wifirelay.evaluation import campaign as module
from wifirelay.evaluation.account import Account
from wifirelay.evaluation.campaign import Run, campaign, places, read_results
from wifirelay.evaluation.table import Row, as_object, lines, percentile, rows, standings

NAMES = ("strongest", "fixed-order", "travelmate", "iwd")
WHERE = places(("camp", "evil-twin"), range(1, 3), 0.5)


def test_the_number_of_processes_changes_nothing() -> None:
    once = campaign(WHERE, NAMES)
    assert [run.key for run in once] == [
        (place.family, place.seed, 0.5, name) for place in WHERE for name in NAMES
    ]
    assert campaign(WHERE, NAMES) == once
    assert campaign(WHERE, NAMES, jobs=3) == once


def test_what_is_in_the_file_is_not_played_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "results.jsonl")
    first = campaign(WHERE, NAMES[:2], results=path)
    assert read_results(path) == first
    assert len(Path(path).read_text().splitlines()) == len(first)
    reports: list[tuple[int, int]] = []
    both = campaign(WHERE, NAMES, results=path, report=lambda *each: reports.append(each))
    assert [run for run in both if run.policy in NAMES[:2]] == first
    assert reports == [(done, 16) for done in range(9, 17)]

    def play(*_: object, **__: object) -> Account:
        raise AssertionError("played again")

    monkeypatch.setattr(module, "play", play)
    assert campaign(WHERE, NAMES, results=path) == both


def test_lines_that_were_cut_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    whole = campaign(WHERE, NAMES[:1], results=str(path))
    text = path.read_text()
    for cut in (len(text) - 1, len(text) - 40, text.index("\n") + 5, 1):
        path.write_text(text[:cut])
        assert campaign(WHERE, NAMES[:1], results=str(path)) == whole
        assert read_results(str(path)) == sorted(whole, key=lambda run: run.key)
    path.write_text('{"format": "other"}\n[]\nnull\n{}\n' + text)
    assert read_results(str(path)) == whole


@pytest.mark.parametrize(
    "damage",
    [{"format": "wifirelay.evaluation-run/0"}, {"account": {"online": 1}}, {"more": 1}],
)
def test_lines_of_another_kind_are_passed_over(tmp_path: Path, damage: dict[str, object]) -> None:
    path = tmp_path / "results.jsonl"
    line = json.loads(Run("camp", 1, 1.0, "iwd", 3.0, Account(86400.0)).line())
    path.write_text(json.dumps(line) + "\n")
    assert len(read_results(str(path))) == 1
    path.write_text(json.dumps(line | damage) + "\n")
    assert read_results(str(path)) == []


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """The program itself, killed as soon as something is in its file; then gone on with."""
    path = tmp_path / "results.jsonl"
    words = ["--family", "city", "--seeds", "4", "--days", "2", "--jobs", "1"]
    words += ["--policy", "iwd", "--policy", "strongest", "--results", str(path), "--json"]
    argv = [sys.executable, "-m", "wifirelay", "evaluate", *words]
    running = subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not (path.exists() and b"\n" in path.read_bytes()):
            assert time.monotonic() < end
            assert running.poll() is None
            time.sleep(0.02)
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    before = read_results(str(path))
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, check=True, timeout=120)
    after = read_results(str(path))
    assert 1 <= len(before) <= 8
    assert after[: len(before)] == before
    assert len(after) == 8
    (fresh := tmp_path / "fresh").mkdir()
    argv[argv.index(str(path))] = str(fresh / "results.jsonl")
    again = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, check=True, timeout=120)
    assert again.stdout == done.stdout


@pytest.mark.parametrize("path", ["/", "/dev/full", "/nowhere/at/all"])
def test_a_file_that_cannot_be_used(path: str) -> None:
    with pytest.raises(UsageError, match=f"{path} cannot be used") as caught:
        campaign(WHERE[:1], NAMES[:1], results=path)
    assert caught.value.hint


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(number: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.os, "write", write)
    with pytest.raises(UsageError, match="No space"):
        campaign(WHERE[:1], NAMES[:1], results=str(tmp_path / "results.jsonl"))


def run(policy: str, online: float, dark: float, *gaps: float, family: str = "camp") -> Run:
    account = Account(86400.0, online=online, dark=dark, gaps=gaps, switches=2, writes=1)
    return Run(family, 1, 1.0, policy, 80000.0, account)


def test_a_row_adds_up() -> None:
    (row,) = rows([run("iwd", 40000, 10, 5, 1), run("iwd", 20000, 20, 100)])
    assert (row.runs, row.days, row.gaps) == (2, 2, 3)
    assert row.online == pytest.approx(60000 / 172800)
    assert row.of_bound == pytest.approx(60000 / 160000)
    assert (row.outage, row.switches, row.writes) == (15, 2, 1)
    assert (row.median, row.p95) == (5, 100)
    (row,) = rows([run("iwd", 0, 0)])
    assert (row.median, row.p95) == (None, None)


def test_percentile_is_by_nearest_rank() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 1.0, 0.0)] == [50, 95, 100, 1]


def table_of(*runs: Run) -> tuple[list[Row], list[str]]:
    found = rows(runs)
    return found, lines(found)


def test_the_verdict() -> None:
    found, text = table_of(
        run("wifirelay", 100, 10),
        run("iwd", 90, 5),
        run("wifirelay", 100, 10, family="city"),
        run("iwd", 101, 9, family="city"),
        run("strongest", 102, 11, family="city"),
        run("iwd", 1, 1, family="hotel"),
    )
    first, second = standings(found)
    assert (first.family, first.first, first.beaten_by) == ("camp", True, ())
    assert (second.family, second.first, second.beaten_by) == ("city", False, ("iwd",))
    assert text[-2] == "wifirelay is longest online in 1 of 2 families; not in city."
    assert text[-1] == "Beaten in both time online and own-access-point outage: city (by iwd)."
    _, text = table_of(run("wifirelay", 2, 1), run("iwd", 1, 1))
    assert text[-2:] == [
        "wifirelay is longest online in 1 of 1 families.",
        "In no family does another policy beat it in both time online and own-access-point outage.",
    ]


def test_the_table_is_markdown_that_no_name_can_break() -> None:
    found, text = table_of(run("iwd", 1, 1, family="a|b\n\x1b[31m"))
    assert len({line.replace("\\|", "").count("|") for line in text}) == 1
    assert all(line.isprintable() for line in text)
    assert as_object(found)["verdict"] is None
