# SPDX-License-Identifier: GPL-2.0-or-later
"""Judges mutmut's mutants: a plugin of pytest, run where mutmut left the mutated sources.

    python -m pytest -p judge [--jobs N] [--again] [--within SECONDS] TESTS

The tests are collected once. Each runs once without a mutant, which tells the functions that it
reaches and how long it takes; one that fails then is an error, and nothing is judged. After that
each mutant has a fork of this process to itself, which runs the tests that reach its function
until one fails: first what killed the function's last mutants, then the tests named after its
module, then the fastest. Starting Python, pytest and the tests' modules took longer than all that.

Results are mutmut's: `exit_code_by_key` in its `*.py.meta`, saved after each mutant. Those that
have one are not judged again, but with --again those are that no test killed. docs/mutation.md has
the rest.
"""

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

SURVIVED, KILLED, NO_TESTS = 0, 1, 33  # as mutmut numbers them; a signal ends what takes too long
ALIVE = (SURVIVED, NO_TESTS, 5, None)
MEMORY = 4 << 30  # bytes that a mutant may take: some collect for ever
TIMES = 4  # as long as its tests take without it, and --patience, a mutant may run
SIGN = "MUTANT_UNDER_TEST"  # mutmut's functions ask the environment which of their mutants they are


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("judge")
    group.addoption("--jobs", type=int, default=2)
    group.addoption("--again", action="store_true", help="those that are alive as well")
    group.addoption("--within", type=float, help="tests of so many seconds for each mutant at most")
    group.addoption("--patience", type=float, default=10, help="seconds of the processor")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Judge(), "judging")


@dataclass(frozen=True)
class Module:
    """A module's results, in mutmut's file."""

    meta: Path
    content: dict[str, Any]

    @property
    def codes(self) -> dict[str, int | None]:
        """Exit codes by the mutants' names."""
        codes: dict[str, int | None] = self.content["exit_code_by_key"]
        return codes

    def save(self) -> None:
        """In one step: who ends the run here loses nothing."""
        beside = self.meta.with_name(self.meta.name + ".new")
        beside.write_text(json.dumps(self.content), "utf-8")
        beside.replace(self.meta)


@dataclass(frozen=True)
class Trial:
    """A mutant that is being judged."""

    module: Module
    mutant: str
    tests: Sequence[pytest.Item]
    killer: int  # a pipe's end: which of the tests failed


@dataclass
class Reach:
    """Which tests reach which functions, how long they take, and what killed mutants of each."""

    tests: dict[str, list[pytest.Item]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)  # of the processor
    killers: dict[str, list[pytest.Item]] = field(default_factory=dict)  # the last one first

    def of(self, mutant: str, within: float | None) -> list[pytest.Item]:
        """The tests for `mutant`, most promising first, of `within` seconds or a single one."""
        stem, function = mutant.split(".")[-2], function_of(mutant)
        likely = sorted(
            self.tests.get(function, []),
            key=lambda test: (f"_{stem}" not in test.path.stem, self.seconds[test.nodeid]),
        )
        killers = [test for test in self.killers.get(function, []) if test in likely]
        chosen: list[pytest.Item] = []
        spent = 0.0
        for test in (*killers, *(test for test in likely if test not in killers)):
            spent += self.seconds[test.nodeid]
            if within is None or not chosen or spent <= within:
                chosen.append(test)
            else:
                spent -= self.seconds[test.nodeid]
        return chosen

    def killed(self, mutant: str, test: pytest.Item) -> None:
        """`test` noticed it, and may notice the next one of that function."""
        killers = self.killers.setdefault(function_of(mutant), [])
        if test in killers:
            killers.remove(test)
        killers.insert(0, test)


def function_of(mutant: str) -> str:
    """mutmut's name of the function: `package.module.x_function__mutmut_7` without the number."""
    return mutant.partition("__mutmut_")[0]


class Judge:
    """What is registered with pytest: runs the mutants in place of the tests."""

    def __init__(self) -> None:
        self.failed = False
        self.reach = Reach()
        self.running: dict[int, Trial] = {}  # by process id

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    def passes(self, test: pytest.Item, following: pytest.Item | None) -> bool:
        """Run it with what is set up and torn down around it."""
        self.failed = False
        test.ihook.pytest_runtest_protocol(item=test, nextitem=following)
        return not self.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Interrupted("a test's module cannot be read")
        option = session.config.option
        if wrong := self.try_all(session.items):
            tell("\n".join((f"{len(wrong)} fail without a mutant, nothing judged:", *wrong)))
            raise session.Failed
        option.tbstyle = "no"  # nobody reads why a mutant failed
        gc.collect()
        gc.freeze()  # what forks share stays shared
        todo, begun = list(self.todo(option.again)), time.monotonic()
        seconds = sum(self.reach.seconds.values())
        tell(f"{len(todo)} mutants, {len(session.items)} tests, {seconds:.0f} s of a processor")
        for number, (module, mutant) in enumerate(todo, 1):
            tests = self.reach.of(mutant, option.within)
            if not tests:
                module.codes[mutant] = NO_TESTS
                module.save()
                continue
            while len(self.running) >= option.jobs:
                self.wait()
            self.start(module, mutant, tests, option.patience)
            if number % 100 == 0:
                tell(f"{number} of {len(todo)} in {time.monotonic() - begun:.0f} s")
        while self.running:
            self.wait()
        tell(f"judged in {time.monotonic() - begun:.0f} s")
        return True

    def try_all(self, tests: Sequence[pytest.Item]) -> list[str]:
        """Learn what each test reaches and how long it takes. Returns those that fail."""
        from mutmut.state import state

        os.environ[SIGN] = "stats"
        wrong = []
        for test in tests:
            reached = state()._stats  # what mutmut's own runner reads
            reached.clear()
            begun = time.process_time()
            if not self.passes(test, None):
                wrong.append(test.nodeid)
            self.reach.seconds[test.nodeid] = time.process_time() - begun
            for function in reached:
                self.reach.tests.setdefault(function, []).append(test)
        os.environ[SIGN] = ""
        return wrong

    def todo(self, again: bool) -> Iterator[tuple[Module, str]]:
        for meta in sorted(Path().rglob("*.py.meta")):
            module = Module(meta, json.loads(meta.read_text("utf-8")))
            for mutant, code in list(module.codes.items()):
                if code is None or (again and code in ALIVE):
                    yield module, mutant

    def start(
        self, module: Module, mutant: str, tests: Sequence[pytest.Item], patience: float
    ) -> None:
        expected = sum(self.reach.seconds[test.nodeid] for test in tests)
        killer, told = os.pipe()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            self.run(mutant, tests, told, int(patience + TIMES * expected))
        os.close(told)
        self.running[pid] = Trial(module, mutant, tests, killer)

    def run(self, mutant: str, tests: Sequence[pytest.Item], told: int, seconds: int) -> NoReturn:
        """In the fork: the tests until one fails. SIGXCPU ends it after `seconds` of processor."""
        code = KILLED
        gc.disable()  # it would go through all that is shared, and copy it
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            nowhere = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1, 2):
                os.dup2(nowhere, standard)
            os.environ[SIGN] = mutant
            for number, test in enumerate(tests):
                if not self.passes(test, next(iter(tests[number + 1 :]), None)):
                    os.write(told, str(number).encode())
                    break
            else:
                code = SURVIVED
        finally:
            os._exit(code)  # whatever the mutant raised through pytest killed it

    def wait(self) -> None:
        """For one that ended, and save its result."""
        pid, status = os.wait()
        trial = self.running.pop(pid)
        with os.fdopen(trial.killer, "rb") as killer:
            if number := killer.read():
                self.reach.killed(trial.mutant, trial.tests[int(number)])
        trial.module.codes[trial.mutant] = os.waitstatus_to_exitcode(status)
        trial.module.save()


def tell(text: str) -> None:
    print(text, flush=True)
