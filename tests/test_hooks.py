# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that are told: real ones, beside the service, ended in time with all they started."""

import json
import os
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from known import CHECKOUT

from tests.hooked import HOME, LIMIT, Hooks, event, eventually, hook, line, program
from wifirelay.config.hooks import WORDS, Hook
from wifirelay.service import hooks as running
from wifirelay.service.events import Event, Kind
from wifirelay.service.hooks import HOOK, WAITING

Tell = Callable[..., Hooks]


@pytest.fixture
def tell() -> Iterator[Tell]:
    """Hooks that are told of events; none of theirs is left behind."""
    made: list[Hooks] = []

    def tell(which: Hook, *events: Event) -> Hooks:
        made.append(Hooks(which))
        made[-1].tell(*events)
        return made[-1]

    yield tell
    for each in made:
        each.end()
    assert not [one for one in threading.enumerate() if one is not threading.main_thread()]


def alive(pid: str) -> bool:
    """A process that still does something."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_it_gets_the_line_of_run_json_and_nothing_else(tell: Tell, tmp_path: Path) -> None:
    text = 'cat >HERE/got; echo "$# $(pwd)" >HERE/how; env >HERE/env; ls /proc/$$/fd >HERE/fds'
    told = event(ssid=HOME, cause="portal")
    hooks = tell(hook(program(tmp_path, text)), told)
    hooks.end(LIMIT)
    assert (tmp_path / "got").read_text() == line(told) + "\n"
    assert json.loads((tmp_path / "got").read_text())["kind"] == "joined"
    assert (tmp_path / "how").read_text() == "0 /\n"
    names = {each.partition("=")[0] for each in (tmp_path / "env").read_text().splitlines()}
    assert names <= {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}  # what a shell sets itself
    assert hooks.wrong == []


def test_no_argument_and_no_variable_has_anything_of_the_event(tell: Tell, tmp_path: Path) -> None:
    text = "echo $$ >HERE/pid; cat >/dev/null; exec sleep 30"
    tell(hook(program(tmp_path, text)), event(text="a word that is nowhere else", ssid=HOME))
    pid = eventually(lambda: _text(tmp_path / "pid"), "it did not begin").strip()
    eventually(lambda: "sleep" in Path(f"/proc/{pid}/cmdline").read_text(), "it did not go on")
    seen = Path(f"/proc/{pid}/cmdline").read_text() + Path(f"/proc/{pid}/environ").read_text()
    assert "PATH=" in seen
    assert "nowhere" not in seen and "HomeNet" not in seen


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_events_come_in_their_order(tell: Tell, tmp_path: Path) -> None:
    events = [event(text=str(number)) for number in range(WAITING)]
    tell(hook(program(tmp_path, "cat >>HERE/got")), *events).end(LIMIT)
    got = (tmp_path / "got").read_text().splitlines()
    assert [json.loads(each)["text"] for each in got] == [str(n) for n in range(WAITING)]


def test_one_that_hangs_is_killed_with_all_it_started(tell: Tell, tmp_path: Path) -> None:
    text = "sleep 300 & echo $! $$ >HERE/pids; trap '' TERM HUP INT; wait"
    began = time.monotonic()
    hooks = tell(hook(program(tmp_path, text), timeout=1.0), event())
    assert time.monotonic() - began < 0.5, "nobody waits for it"
    hooks.end(LIMIT)
    (complaint,) = hooks.wrong
    assert complaint == f"hook {tmp_path}/hook: killed after 1 s"
    for pid in (tmp_path / "pids").read_text().split():
        eventually(lambda pid=pid: not alive(pid), "it lives")


def test_what_it_leaves_behind_ends_with_it(tell: Tell, tmp_path: Path) -> None:
    hooks = tell(hook(program(tmp_path, "sleep 300 & echo $! >HERE/pid")), event())
    hooks.end(LIMIT)
    assert hooks.wrong == []
    pid = (tmp_path / "pid").read_text().strip()
    eventually(lambda: not alive(pid), "it lives")


@pytest.mark.parametrize(
    ("text", "said"),
    [("exit 3", "exit code 3"), ("kill -9 $$", "exit code -9")],
)
def test_a_failure_is_said_once(tell: Tell, tmp_path: Path, text: str, said: str) -> None:
    hooks = tell(hook(program(tmp_path, text)), event(), event(), event())
    hooks.end(LIMIT)
    assert hooks.wrong == [f"hook {tmp_path}/hook: {said}"]


def test_an_hour_later_it_is_said_again(
    tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "QUIET", 0.0)
    hooks = tell(hook(program(tmp_path, "exit 3")), event(), event())
    hooks.end(LIMIT)
    assert len(hooks.wrong) == 2


def test_one_that_reads_nothing_is_no_failure(tell: Tell, tmp_path: Path) -> None:
    hooks = tell(hook(program(tmp_path, "exec <&-; exit 0")), event(text="x" * 30000))
    hooks.end(LIMIT)
    assert hooks.wrong == []


def test_one_that_does_not_read_what_no_pipe_takes_holds_nothing_up(
    tell: Tell, tmp_path: Path
) -> None:
    hooks = tell(hook(program(tmp_path, ": >HERE/began; sleep 300"), timeout=1.0))
    hooks.tell(event(text="x" * 300_000))
    hooks.end(LIMIT)
    assert (tmp_path / "began").exists()
    assert hooks.wrong == [f"hook {tmp_path}/hook: killed after 1 s"]


def test_a_program_that_cannot_begin_is_said(tell: Tell, tmp_path: Path) -> None:
    path = program(tmp_path, "exit 0")
    Path(path).write_bytes(b"#!/no/such/interpreter\n")
    hooks = tell(hook(path), event())
    hooks.end(LIMIT)
    assert "exit code 12" in hooks.wrong[0]  # 126 or 127, by the shell


def test_the_oldest_are_dropped_and_that_is_said(tell: Tell, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    text = "cat >>HERE/got; [ -e HERE/began ] || { : >HERE/began; cat HERE/gate; }"
    hooks = tell(hook(program(tmp_path, text), timeout=LIMIT), event(text="first"))
    eventually(lambda: (tmp_path / "began").exists(), "it did not begin")
    hooks.tell(*(event(text=str(number)) for number in range(WAITING + 3)))
    gate.write_text("go on\n")
    hooks.end(LIMIT)
    got = [json.loads(each)["text"] for each in (tmp_path / "got").read_text().splitlines()]
    assert got == ["first", *map(str, range(3, WAITING + 3))]
    assert hooks.wrong == [f"hook {tmp_path}/hook: too slow, events were dropped"]


def test_one_that_hangs_is_not_in_the_way_of_another(tmp_path: Path) -> None:
    hangs = hook(program(tmp_path, "sleep 300", "hangs"), timeout=60.0)
    hooks = Hooks(hangs, hook(program(tmp_path, "cat >HERE/got", "works")))
    hooks.tell(event())
    try:
        eventually(lambda: _text(tmp_path / "got"), "the other one was not told")
    finally:
        hooks.end()


def test_the_end_leaves_none_running_and_begins_nothing(tell: Tell, tmp_path: Path) -> None:
    text = "sleep 300 & echo $! $$ >>HERE/pids; wait"
    hooks = tell(hook(program(tmp_path, text), timeout=60.0), event(), event())
    pids = eventually(lambda: _text(tmp_path / "pids"), "it did not begin").split()
    began = time.monotonic()
    hooks.end()
    assert time.monotonic() - began < 1.5
    eventually(lambda: not any(map(alive, pids)), "one lives")
    assert not [one for one in threading.enumerate() if one is not threading.main_thread()]
    assert (tmp_path / "pids").read_text().split() == pids, "the second one never began"
    assert hooks.wrong == [], "that is no fault of its own"


def test_what_has_become_unsafe_since_is_not_run(tell: Tell, tmp_path: Path) -> None:
    path = program(tmp_path, ": >HERE/ran")
    hooks = tell(hook(path))
    os.chmod(path, 0o777)
    hooks.tell(event())
    hooks.end(LIMIT)
    assert not (tmp_path / "ran").exists()
    assert hooks.wrong == [
        f"hook {path}: must be yours or root's, and closed to others: chmod go-w"
    ]


def test_no_thread_is_no_reason_to_fall_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    hooks = Hooks(hook(program(tmp_path, "cat >>HERE/got")))
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none)
        hooks.tell(event(text="1"))
    assert "can't start new thread" in hooks.wrong[0]
    hooks.tell(event(text="2"))
    hooks.end(LIMIT)
    assert len((tmp_path / "got").read_text().splitlines()) == 2, "there is memory again"


def test_no_process_is_no_reason_to_fall_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*words: object, **more: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    hooks = Hooks(hook(program(tmp_path, "exit 0")))
    monkeypatch.setattr(subprocess, "Popen", none)
    hooks.tell(event())
    hooks.end(LIMIT)
    assert "Resource temporarily unavailable" in hooks.wrong[0]


@pytest.mark.parametrize(
    "error", [OSError(24, "Too many open files"), AttributeError("module 'os' has no such")]
)
def test_one_that_cannot_be_watched_is_ended_at_once(
    tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def none(pid: int) -> int:
        eventually(lambda: _text(tmp_path / "pid"), "it did not begin")
        raise error

    monkeypatch.setattr(os, "pidfd_open", none)
    hooks = tell(hook(program(tmp_path, "echo $$ >HERE/pid; exec sleep 300"), timeout=60.0))
    hooks.tell(event())
    hooks.end(LIMIT)
    assert str(error) in hooks.wrong[0]
    pid = (tmp_path / "pid").read_text().strip()
    eventually(lambda: not alive(pid), "it lives")


def test_no_descriptor_is_left_open(tell: Tell, tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    hooks = tell(hook(program(tmp_path, "exit 0")), *(event() for _ in range(5)))
    hooks.end(LIMIT)
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_words_are_kinds_of_events_and_one_cause() -> None:
    assert set(WORDS) <= set(map(str, Kind))


def test_the_document_has_the_table_of_words() -> None:
    text = (CHECKOUT / "docs/hooks.md").read_text("utf-8")
    table = text.partition("## When")[2].partition("##")[0]
    rows = [row.split("|")[1].strip(" `") for row in table.splitlines() if row.startswith("| `")]
    assert rows == list(WORDS)


def test_only_who_wants_to_know_is_told(tmp_path: Path) -> None:
    hooks = Hooks(hook(program(tmp_path, "cat >>HERE/got"), on=("lost", "needs-login", "trouble")))
    hooks.tell(
        event(Kind.JOINED),
        event(Kind.LOST, text="1"),
        event(Kind.FAILED, cause="wrong-key"),
        event(Kind.PORTAL, text="2", cause="portal"),
        event(Kind.STOPPED),
        event(Kind.TROUBLE, cause=HOOK),
        event(Kind.TROUBLE, text="3"),
    )
    hooks.end(LIMIT)
    got = (tmp_path / "got").read_text().splitlines()
    assert [json.loads(each)["text"] for each in got] == ["1", "2", "3"]


def test_the_programs_of_these_tests_are_safe(tmp_path: Path) -> None:
    assert stat.S_IMODE(os.stat(program(tmp_path, "exit 0")).st_mode) == 0o755
