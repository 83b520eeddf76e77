# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands as children of this process."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from wifirelay.clock import SystemClock
from wifirelay.errors import DeadlineExceeded, LinkLost, TooLong
from wifirelay.transport.base import Command, Completed, Following
from wifirelay.transport.local import LocalTransport


def sh(script: str, stdin: bytes | None = None, deadline: float = 20.0) -> Command:
    return Command(("sh", "-c", script), stdin, deadline)


def run(command: Command) -> Completed:
    return LocalTransport().run(command)


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie of somebody else's counts)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_gone(pid: int) -> bool:
    until = time.monotonic() + 10
    while not gone(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return gone(pid)


def test_exit_code_and_both_streams_come_back_as_bytes() -> None:
    answer = run(sh("printf 'a\\0\\377'; printf err >&2; exit 3"))
    assert answer == Completed(3, b"a\0\xff", b"err")


def test_argv_is_no_shell_text_and_keeps_foreign_bytes() -> None:
    words = ("$(id)", "a b", "it's", "\udcff\udcfe", "café", "*")
    answer = run(Command(("printf", "%s\\n", *words)))
    assert answer.text.splitlines() == list(words)


def test_standard_input_arrives_and_without_one_there_is_none() -> None:
    assert run(sh("cat", b"secret\0\xff")).out == b"secret\0\xff"
    assert run(sh("cat")).out == b""


def test_much_output_on_both_streams_with_much_input_does_not_block() -> None:
    script = "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; cat"
    answer = run(Command(("sh", "-c", script), b"x" * 3_000_000, most=9_000_000))
    assert (len(answer.out), len(answer.err)) == (6_000_000, 3_000_000)


def test_input_that_nobody_reads_is_no_error() -> None:
    assert run(sh("exit 7", b"x" * 1_000_000)).rc == 7


def test_what_a_shell_says_of_programs_that_cannot_run(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no program")
    missing = run(Command(("no-such-program",)))
    assert (missing.rc, missing.err) == (127, b"no-such-program: not found\n")
    assert run(Command((f"{text}/x",))).rc == 127
    assert run(Command((str(text),))).rc == 126
    text.chmod(0o755)
    assert run(Command((str(text),))).rc == 126  # no format that the kernel knows
    assert run(Command(("true", "x" * 3_000_000))).rc == 126  # longer than the kernel takes


def test_a_command_killed_by_a_signal_has_the_code_that_a_shell_gives() -> None:
    assert run(sh("kill -9 $$")).rc == 137


def test_an_answer_without_an_end_ends_the_command(tmp_path: Path) -> None:
    """H3: a probe's page, say. Nothing is kept beyond `most`, which counts both streams."""
    note = tmp_path / "pid"
    start = time.monotonic()
    for flood in ("cat /dev/zero", "cat /dev/zero >&2"):
        with pytest.raises(TooLong, match=r"answered more than 65536 bytes"):
            run(Command(("sh", "-c", f"echo $$ >{note}; exec {flood}"), most=65536))
        assert wait_gone(int(note.read_text()))
    assert time.monotonic() - start < 5
    both = ("sh", "-c", "head -c 600 /dev/zero; head -c 400 /dev/zero >&2")
    assert len(run(Command(both, most=1000)).out) == 600
    with pytest.raises(TooLong):
        run(Command(both, most=999))
    with pytest.raises(TooLong):
        LocalTransport().run_all([Command(("true",)), Command(both, most=999)])


def test_the_deadline_counts_while_much_comes_slowly() -> None:
    with pytest.raises(DeadlineExceeded):
        run(sh("while :; do echo x; sleep 0.01; done", deadline=0.3))


def test_the_deadline_ends_the_command_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    start = time.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"sh -c .* did not end within 0\.3 s"):
        run(sh(f"sleep 1000 & echo $! >{note}; wait", deadline=0.3))
    assert time.monotonic() - start < 5
    assert wait_gone(int(note.read_text()))


def test_the_deadline_counts_for_a_child_that_holds_the_output(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(DeadlineExceeded):
        run(sh(f"sleep 1000 & echo $! >{note}", deadline=0.3))
    assert wait_gone(int(note.read_text()))


def test_several_commands_run_in_turn_and_a_failure_stops_none() -> None:
    transport = LocalTransport()
    answers = transport.run_all([sh("echo a; exit 1"), sh("cat; echo b"), Command(("nothing",))])
    assert [(answer.rc, answer.out) for answer in answers] == [(1, b"a\n"), (0, b"b\n"), (127, b"")]
    with pytest.raises(ValueError, match="standard input"):
        transport.run_all([sh("cat", b"x")])
    transport.close()


def test_the_environment_is_inherited_without_what_is_withheld(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BACKROOM_KEY", "correct horse")
    monkeypatch.setenv("WIFIRELAY_ROOT", "/somewhere")
    answer = LocalTransport(withheld=["BACKROOM_KEY"]).run(Command(("env",)))
    assert "correct horse" not in answer.text
    assert "WIFIRELAY_ROOT=/somewhere" in answer.text.splitlines()


def gathered(lines: Following, count: int | None = None) -> list[bytes]:
    """All lines until the command has ended, or so many."""
    seen: list[bytes] = []
    until = time.monotonic() + 10
    while not lines.ended and (count is None or len(seen) < count):
        assert time.monotonic() < until
        seen += lines.lines(1.0)
    return seen


def test_followed_lines_come_as_they_are_written_and_end_with_the_command() -> None:
    lines = LocalTransport().follow(sh("echo one; printf 'two\\n\\nlast'; echo noise >&2"))
    assert gathered(lines) == [b"one", b"two", b"", b"last"]
    assert lines.ended
    assert lines.lines(1000.0) == []
    missing = LocalTransport().follow(Command(("no-such-program",)))
    assert missing.ended
    assert missing.lines(1000.0) == []
    missing.close()


def test_waiting_for_lines_has_a_limit() -> None:
    lines = LocalTransport().follow(sh("printf par; sleep 0.5; echo tial; exec sleep 1000"))
    start = time.monotonic()
    assert lines.lines(0.1) == []
    assert 0.09 < time.monotonic() - start < 0.4
    assert lines.lines(0.0) == []
    assert lines.lines(10.0) == [b"partial"], "what came before the limit is kept"
    assert not lines.ended
    lines.close()


def test_several_lines_come_at_once_and_long_ones_whole() -> None:
    lines = LocalTransport().follow(
        sh("printf 'a\\nb\\nc'; sleep 0.3; head -c 300000 /dev/zero; echo")
    )
    assert lines.lines(10.0) == [b"a", b"b"]
    assert lines.lines(10.0) == [b"c" + bytes(300000)]
    assert lines.lines(10.0) == []
    assert lines.ended


def test_a_line_without_an_end_ends_the_command() -> None:
    """H7: nothing is kept beyond a limit."""
    lines = LocalTransport().follow(sh("echo $$; echo on; exec cat /dev/zero"))
    pid = int(gathered(lines, 2)[0])
    until = time.monotonic() + 10
    with pytest.raises(LinkLost, match="line of more than 1048576 bytes"):
        while time.monotonic() < until:
            lines.lines(0.1)
    assert lines.ended
    assert wait_gone(pid)


def test_a_descriptor_ends_the_wait_for_lines() -> None:
    lines = LocalTransport().follow(sh("read x; exec sleep 1000"))
    pipe, wake = os.pipe()
    threading.Timer(0.2, os.write, [wake, b"x"]).start()
    start = time.monotonic()
    assert lines.lines(10.0, pipe) == []
    assert 0.1 < time.monotonic() - start < 5
    assert lines.lines(10.0, pipe) == [], "it is readable still"
    assert time.monotonic() - start < 5
    lines.close()
    busy = LocalTransport().follow(sh("echo one; exec sleep 1000"))
    assert gathered(busy, 1) == [b"one"], "lines before all"
    busy.close()
    os.close(pipe)
    os.close(wake)


def test_closing_the_lines_ends_the_command() -> None:
    lines = LocalTransport().follow(sh("echo $$; sleep 1000 & echo $!; wait"))
    pids = [int(line) for line in gathered(lines, 2)]
    lines.close()
    assert all(wait_gone(pid) for pid in pids)
    assert lines.ended
    assert lines.lines(10.0) == []
    lines.close()


def test_letting_go_of_the_lines_ends_the_command() -> None:
    lines = LocalTransport().follow(sh("echo $$; exec sleep 1000"))
    pid = int(gathered(lines, 1)[0])
    del lines
    assert wait_gone(pid)


def test_the_clock_waits_and_is_woken() -> None:
    clock = SystemClock()
    pipe, wake = os.pipe()
    start = clock.monotonic()
    clock.wait(0.1, pipe)
    clock.wait(0.1)
    clock.wait(-1.0)
    assert 0.19 < clock.monotonic() - start < 2
    os.write(wake, b"x")
    clock.wait(1e9, pipe)
    assert clock.monotonic() - start < 2
    os.close(pipe)
    os.close(wake)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts in /proc")
def test_no_descriptor_is_left_open() -> None:
    def count() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = count()
    for _ in range(3):
        run(sh("cat", b"x"))
        run(Command(("no-such-program",)))
        with pytest.raises(DeadlineExceeded):
            run(sh("sleep 1000", deadline=0.05))
    assert count() == before
