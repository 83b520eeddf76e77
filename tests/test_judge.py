# SPDX-License-Identifier: GPL-2.0-or-later
"""What judges mutants (`judge.py`, for `scripts/mutation`), on a few of a made-up module."""

import json
import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
# A function as mutmut leaves it: asked, it is the mutant that the environment names.
MODULE = """
import os
from mutmut.state import state

def at_least(number, least):
    which = os.environ["MUTANT_UNDER_TEST"]
    if which == "stats":
        state()._stats.add("small.x_at_least")
    if which == "small.x_at_least__mutmut_1":
        return number < least
    if which == "small.x_at_least__mutmut_2":
        return number > least
    if which == "small.x_at_least__mutmut_3":
        raise SystemExit
    while which == "small.x_at_least__mutmut_4":
        pass
    return number >= least
"""
# Of mutmut, which the tests do without: where a function notes that it was reached.
STATE = """
class State:
    _stats = set()

def state():
    return State
"""
CASES = """
from small import at_least

def test_more_is_at_least_as_much():
    assert at_least(3, 2)
"""
NAMES = [f"small.x_at_least__mutmut_{number}" for number in (1, 2, 3)]
ENDLESS = "small.x_at_least__mutmut_4"
ELSEWHERE = "small.x_unreached__mutmut_1"


def judged(
    folder: Path, cases: str, *words: str, more: tuple[str, ...] = ()
) -> tuple[int, str, dict[str, int | None]]:
    """Exit code, what was written, and the results: of NAMES, and at first of `more` as well."""
    (folder / "mutmut").mkdir(exist_ok=True)
    (folder / "mutmut/state.py").write_text(STATE)
    (folder / "small.py").write_text(MODULE)
    (folder / "test_small.py").write_text(cases)
    meta = folder / "small.py.meta"
    if not meta.exists():
        meta.write_text(json.dumps({"exit_code_by_key": dict.fromkeys([*NAMES, *more])}))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "judge", "--patience=1", *words, "test_small.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(TESTS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, json.loads(meta.read_text())["exit_code_by_key"]


def test_what_dies_what_lives_and_what_ends_never(tmp_path: Path) -> None:
    code, told, results = judged(tmp_path, CASES, more=(ENDLESS, ELSEWHERE))
    assert code == 0, told
    assert [results[name] for name in NAMES] == [1, 0, 1]
    assert results[ENDLESS] == -24  # by SIGXCPU
    assert results[ELSEWHERE] == 33
    assert "5 mutants, 1 tests, 0 s" in told


def test_one_that_is_judged_is_left_alone_unless_it_is_alive(tmp_path: Path) -> None:
    judged(tmp_path, CASES)
    stricter = CASES + "\ndef test_as_much_is_enough():\n    assert at_least(2, 2)\n"
    _, told, results = judged(tmp_path, stricter)
    assert "0 mutants, 2 tests" in told
    assert results[NAMES[1]] == 0
    _, told, results = judged(tmp_path, stricter, "--again")
    assert "1 mutants, 2 tests" in told
    assert results[NAMES[1]] == 1


def test_the_time_of_tests_can_be_limited_to_the_fastest(tmp_path: Path) -> None:
    slow = "import time\n" + CASES + "\ndef test_as_much_is_enough():\n    assert at_least(2, 2)\n"
    slow += "    until = time.process_time() + 0.3\n    while time.process_time() < until: pass\n"
    assert judged(tmp_path, slow, "--within=0.2")[2][NAMES[1]] == 0
    assert judged(tmp_path, slow, "--again")[2][NAMES[1]] == 1


def test_a_test_that_fails_without_a_mutant_is_an_error(tmp_path: Path) -> None:
    code, told, results = judged(tmp_path, CASES + "\ndef test_wrong():\n    assert False\n")
    assert code == 1
    assert "1 fail without a mutant, nothing judged:\ntest_small.py::test_wrong" in told
    assert set(results.values()) == {None}
