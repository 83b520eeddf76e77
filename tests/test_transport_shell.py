# SPDX-License-Identifier: GPL-2.0-or-later
"""Command lines and batches, by the shells that routers and laptops really have."""

import shutil
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifirelay.transport import shell
from wifirelay.transport.base import Completed

SHELLS = [
    pytest.param(argv, id=argv[-1])
    for argv in (["busybox", "ash"], ["dash"], ["sh"])
    if shutil.which(argv[0])
]
TOKEN = "0123456789abcdef0123456789abcdef"
WORDS = st.binary(max_size=60).map(
    lambda raw: raw.replace(b"\0", b"").decode("utf-8", "surrogateescape")
)


def by(argv: list[str], line: bytes, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*argv, "-c", line], input=stdin, capture_output=True, check=False)


@pytest.mark.parametrize("argv", SHELLS)
@settings(max_examples=60, deadline=None)
@given(words=st.lists(WORDS, max_size=5))
def test_a_shell_splits_a_quoted_line_into_the_same_words(
    argv: list[str], words: list[str]
) -> None:
    script = "import os, sys; sys.stdout.buffer.write(b'\\0'.join(map(os.fsencode, sys.argv[1:])))"
    line = shell.quote([sys.executable, "-I", "-X", "utf8", "-c", script, *words])
    wanted = b"\0".join(word.encode("utf-8", "surrogateescape") for word in words)
    assert by(argv, line).stdout == wanted


@pytest.mark.parametrize("argv", SHELLS)
@pytest.mark.parametrize("first", ["if", "while", "a=b", "!", "{", "it's", "$(id)", "-x", "a\nb"])
def test_the_first_word_is_never_syntax(argv: list[str], first: str) -> None:
    answer = by(argv, shell.quote([first, "x"]))
    assert answer.returncode in (2, 127)  # dash: `-x` alone is 127, as all others
    assert b"yntax" not in answer.stderr
    assert answer.stdout == b""


@pytest.mark.parametrize("words", [[], [""], ["a\0b"], ["a", "\0"]])
def test_what_no_command_line_can_hold_is_refused(words: list[str]) -> None:
    with pytest.raises(ValueError, match="command"):
        shell.quote(words)


def batched(argv: list[str], commands: list[list[str]]) -> tuple[Completed, ...]:
    line, stdin = shell.fitted(shell.batch(commands, TOKEN), None)
    answer = by(argv, line, stdin or b"")
    return shell.split(answer.stdout, answer.stderr, TOKEN, len(commands))


@pytest.mark.parametrize("argv", SHELLS)
def test_a_batch_gives_each_answer_byte_for_byte(argv: list[str]) -> None:
    commands = [
        ["printf", "no newline"],
        ["printf", "a\\0b\\377\\n"],
        ["sh", "-c", "echo out; echo err >&2; exit 3"],
        ["true"],
        ["cat"],
        ["sh", "-c", "printf err >&2; kill -9 $$"],
        ["no-such-program"],
        ["exit", "5"],
        ["printf", "\\n"],
    ]
    answers = batched(argv, commands)
    assert [answer.rc for answer in answers] == [0, 0, 3, 0, 0, 137, 127, 5, 0]
    assert [answer.out for answer in answers] == [
        *(b"no newline", b"a\0b\xff\n", b"out\n", b"", b"", b"", b"", b"", b"\n")
    ]
    assert answers[2].err == b"err\n"
    assert answers[5].err.startswith(b"err")
    assert b"not found" in answers[6].err
    assert answers[7].err == b""


@pytest.mark.parametrize("argv", SHELLS)
def test_a_batch_too_long_for_dropbear_goes_on_standard_input(argv: list[str]) -> None:
    commands = [["echo", str(number), "x" * 500] for number in range(40)]
    line, stdin = shell.fitted(shell.batch(commands, TOKEN), None)
    assert len(line) < shell.LINE_LIMIT
    assert stdin is not None
    assert [a.out.split()[0] for a in batched(argv, commands)] == [b"%d" % n for n in range(40)]


def test_a_long_line_with_an_input_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="standard input"):
        shell.fitted(b"x" * 9001, b"input")


@settings(max_examples=60)
@given(outs=st.lists(st.tuples(st.binary(), st.binary(), st.integers(0, 255)), max_size=5))
def test_split_undoes_what_a_shell_joins(outs: list[tuple[bytes, bytes, int]]) -> None:
    token = TOKEN.encode()
    out = b"".join(o + token + b" %d\n" % rc for o, _, rc in outs)
    err = b"".join(e + token + b"\n" for _, e, _ in outs)
    assert shell.split(out, err, TOKEN, len(outs)) == tuple(Completed(r, o, e) for o, e, r in outs)


def test_an_answer_cut_anywhere_is_incomplete() -> None:
    token = TOKEN.encode()
    out, err = b"one" + token + b" 0\ntwo" + token + b" 1\n", token + b"\nx" + token + b"\n"
    assert len(shell.split(out, err, TOKEN, 2)) == 2
    for end in range(len(out)):
        with pytest.raises(shell.Incomplete, match="of 2 commands"):
            shell.split(out[:end], err, TOKEN, 2)
    for end in range(len(err)):
        with pytest.raises(shell.Incomplete):
            shell.split(out, err[:end], TOKEN, 2)


@pytest.mark.parametrize("argv", SHELLS)
def test_a_followed_command_ends_with_its_exit_code(argv: list[str]) -> None:
    line = shell.following(["sh", "-c", "echo one; echo two; exit 4"])
    with subprocess.Popen(
        [*argv, "-c", line], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.read() == b"one\ntwo\n"
        assert child.wait(10) == 4


@pytest.mark.parametrize("argv", SHELLS)
def test_a_followed_command_ends_when_its_reader_goes_away(argv: list[str]) -> None:
    line = shell.following(["sh", "-c", "echo $$; exec sleep 1000"])
    with subprocess.Popen(
        [*argv, "-c", line], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline().strip().isdigit()
        child.stdin.close()
        assert child.wait(10) == 143
