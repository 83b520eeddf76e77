# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that are told: real ones, beside the service, ended in time with all they started."""

import json
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from known import CHECKOUT

from tests.hooked import HOME, LIMIT, event, eventually, hook, line, program
from wifirelay.config.hooks import WORDS, Hook
from wifirelay.service import hooks as running
from wifirelay.service.events import Event, Kind
from wifirelay.service.hooks import WAITING, Hooks, Runner, words

Tell = Callable[..., Hooks]


@pytest.fixture
def tell() -> Iterator[Tell]:
    """Hooks that are told of events; none of theirs is left behind."""
    made: list[Hooks] = []

    def tell(which: Hook, *events: Event) -> Hooks:
        made.append(Hooks())
        made[-1].configured([which])
        for each in events:
            made[-1].tell(each, line(each))
        return made[-1]

    yield tell
    for each in made:
        each.end()
        each.finish(LIMIT)
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
    hooks.finish(LIMIT)
    assert (tmp_path / "got").read_text() == line(told) + "\n"
    assert json.loads((tmp_path / "got").read_text())["kind"] == "joined"
    assert (tmp_path / "how").read_text() == "0 /\n"
    names = {each.partition("=")[0] for each in (tmp_path / "env").read_text().splitlines()}
    assert names <= {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}  # what a shell sets itself
    assert hooks.complaints() == []


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
    tell(hook(program(tmp_path, "cat >>HERE/got")), *events).finish(LIMIT)
    got = (tmp_path / "got").read_text().splitlines()
    assert [json.loads(each)["text"] for each in got] == [str(n) for n in range(WAITING)]


def test_one_that_hangs_is_killed_with_all_it_started(tell: Tell, tmp_path: Path) -> None:
    text = "sleep 300 & echo $! $$ >HERE/pids; trap '' TERM HUP INT; wait"
    began = time.monotonic()
    hooks = tell(hook(program(tmp_path, text), timeout=1.0), event())
    assert time.monotonic() - began < 0.5, "nobody waits for it"
    hooks.finish(LIMIT)
    (complaint,) = hooks.complaints()
    assert complaint == f"hook {tmp_path}/hook: did not end within 1 s, and was killed"
    for pid in (tmp_path / "pids").read_text().split():
        eventually(lambda pid=pid: not alive(pid), "it lives")


def test_what_it_leaves_behind_ends_with_it(tell: Tell, tmp_path: Path) -> None:
    hooks = tell(hook(program(tmp_path, "sleep 300 & echo $! >HERE/pid")), event())
    hooks.finish(LIMIT)
    assert hooks.complaints() == []
    pid = (tmp_path / "pid").read_text().strip()
    eventually(lambda: not alive(pid), "it lives")


@pytest.mark.parametrize(
    ("text", "said"),
    [("exit 3", "ended with exit code 3"), ("kill -9 $$", "was ended by signal 9")],
)
def test_a_failure_is_said_once(tell: Tell, tmp_path: Path, text: str, said: str) -> None:
    hooks = tell(hook(program(tmp_path, text)), event(), event(), event())
    hooks.finish(LIMIT)
    assert hooks.complaints() == [f"hook {tmp_path}/hook: {said}"]
    hooks.tell(event(), line(event()))
    hooks.finish(LIMIT)
    assert hooks.complaints() == []


def test_an_hour_later_it_is_said_again(
    tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tell(hook(program(tmp_path, "exit 3")), event())
    hooks.finish(LIMIT)
    assert len(hooks.complaints()) == 1
    monkeypatch.setattr(running, "QUIET", 0.0)
    hooks.tell(event(), line(event()))
    hooks.finish(LIMIT)
    assert len(hooks.complaints()) == 1


def test_one_that_reads_nothing_is_no_failure(tell: Tell, tmp_path: Path) -> None:
    hooks = tell(hook(program(tmp_path, "exec <&-; exit 0")), event(text="x" * 30000))
    hooks.finish(LIMIT)
    assert hooks.complaints() == []


def test_what_no_pipe_takes_is_said(tell: Tell, tmp_path: Path) -> None:
    """Nothing waits for a reader: the queue would stand."""
    hooks = tell(hook(program(tmp_path, "sleep 300")), event(text="x" * 100_000))
    hooks.finish(LIMIT)
    assert "too long for a pipe" in hooks.complaints()[0]


def test_a_program_that_cannot_begin_is_said(tell: Tell, tmp_path: Path) -> None:
    path = program(tmp_path, "exit 0")
    Path(path).write_bytes(b"#!/no/such/interpreter\n")
    hooks = tell(hook(path), event())
    hooks.finish(LIMIT)
    assert "ended with exit code 12" in hooks.complaints()[0]  # 126 or 127, by the shell


def test_the_oldest_are_dropped_and_that_is_said(tell: Tell, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    text = "cat >>HERE/got; [ -e HERE/began ] || { : >HERE/began; cat HERE/gate; }"
    hooks = tell(hook(program(tmp_path, text), timeout=LIMIT), event(text="first"))
    eventually(lambda: (tmp_path / "began").exists(), "it did not begin")
    for number in range(WAITING + 3):
        hooks.tell(event(), line(event(text=str(number))))
    gate.write_text("go on\n")
    hooks.finish(LIMIT)
    got = [json.loads(each)["text"] for each in (tmp_path / "got").read_text().splitlines()]
    assert got == ["first", *map(str, range(3, WAITING + 3))]
    assert hooks.complaints() == [
        f"hook {tmp_path}/hook: 3 events were dropped: it is too slow for them"
    ]


def test_one_that_hangs_is_not_in_the_way_of_another(tmp_path: Path) -> None:
    hooks = Hooks()
    hangs = hook(program(tmp_path, "sleep 300", "hangs"), timeout=60.0)
    hooks.configured([hangs, hook(program(tmp_path, "cat >HERE/got", "works"))])
    hooks.tell(event(), line(event()))
    try:
        eventually(lambda: _text(tmp_path / "got"), "the other one was not told")
    finally:
        hooks.end()
        hooks.finish(LIMIT)


def test_the_end_leaves_none_running(tell: Tell, tmp_path: Path) -> None:
    text = "sleep 300 & echo $! $$ >HERE/pids; wait"
    hooks = tell(hook(program(tmp_path, text), timeout=60.0), event(), event())
    pids = eventually(lambda: _text(tmp_path / "pids"), "it did not begin").split()
    hooks.end()
    hooks.finish(LIMIT)
    eventually(lambda: not any(map(alive, pids)), "one lives")
    hooks.tell(event(), line(event()))  # says nothing to anybody any more
    assert not [one for one in threading.enumerate() if one is not threading.main_thread()]


def test_a_new_configuration_ends_what_it_has_no_more(tell: Tell, tmp_path: Path) -> None:
    goes = hook(program(tmp_path, "echo $$ >HERE/goes-pid; exec sleep 300", "goes"), timeout=60.0)
    stays = hook(program(tmp_path, "sleep 0.3; cat >>HERE/got", "stays"))
    hooks = tell(goes)
    hooks.configured([goes, stays])
    hooks.tell(event(), line(event()))
    pid = eventually(lambda: _text(tmp_path / "goes-pid"), "it did not begin").strip()
    hooks.configured([stays])
    hooks.finish(LIMIT)
    eventually(lambda: not alive(pid), "it lives")
    assert len((tmp_path / "got").read_text().splitlines()) == 1, "it was not cut off"


def test_what_has_become_unsafe_since_is_not_run(tell: Tell, tmp_path: Path) -> None:
    path = program(tmp_path, ": >HERE/ran")
    hooks = tell(hook(path))
    os.chmod(path, 0o777)
    hooks.tell(event(), line(event()))
    hooks.finish(LIMIT)
    assert not (tmp_path / "ran").exists()
    (complaint,) = hooks.complaints()
    assert "open to others (mode 0777): chmod go-w" in complaint


def test_no_thread_is_no_reason_to_fall_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    runner = Runner(hook(program(tmp_path, "exit 0")))
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", none)
        runner.add(line(event()))
    assert "no thread can be started" in runner.complaint()


def test_no_descriptor_is_left_open(tell: Tell, tmp_path: Path) -> None:
    hooks = tell(hook(program(tmp_path, "exit 0")), event())
    hooks.finish(LIMIT)
    before = len(os.listdir("/proc/self/fd"))
    for number in range(5):
        hooks.tell(event(), line(event(text=str(number))))
    hooks.finish(LIMIT)
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_words_of_each_event() -> None:
    found = {kind: words(event(kind)) for kind in Kind}
    assert {word for each in found.values() for word in each} | {"portal"} == set(WORDS)
    assert words(event(Kind.FAILED, cause="portal")) == {"failed", "portal"}
    assert words(event(Kind.OFFLINE, cause="portal")) == {"offline", "portal"}
    assert words(event(Kind.FAILED, cause="wrong-key")) == {"failed"}
    assert not found[Kind.STARTED] and not words(event(Kind.RESTING, cause="portal"))


def test_the_document_has_the_table_of_words() -> None:
    text = (CHECKOUT / "docs/hooks.md").read_text("utf-8")
    rows = [row.split("|")[1:3] for row in text.splitlines() if row.startswith("| `")]
    table = {word.strip(" `"): kind for word, kind in rows if word.strip(" `") in WORDS}
    assert set(table) == set(WORDS)
    for kind in Kind:
        for word in words(event(kind)):
            assert f"`{kind}`" in table[word], word


def test_only_who_wants_to_know_is_told(tmp_path: Path) -> None:
    hooks = Hooks()
    path = program(tmp_path, "cat >>HERE/got")
    hooks.configured([Hook(frozenset({"lost", "portal"}), path)])
    for each in (
        event(Kind.JOINED),
        event(Kind.LOST, text="1"),
        event(Kind.FAILED),
        event(Kind.FAILED, text="2", cause="portal"),
        event(Kind.STOPPED),
    ):
        hooks.tell(each, line(each))
    hooks.finish(LIMIT)
    got = (tmp_path / "got").read_text().splitlines()
    assert [json.loads(each)["text"] for each in got] == ["1", "2"]


def test_the_programs_of_these_tests_are_safe(tmp_path: Path) -> None:
    assert stat.S_IMODE(os.stat(program(tmp_path, "exit 0")).st_mode) == 0o755
