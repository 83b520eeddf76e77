# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory's shell does what busybox ash does, and refuses what it does not know."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from known import CHECKOUT

from tests.laboratory.ash import ShellSyntax, Unsupported, drawn, parse
from tests.laboratory.ash.alone import Run
from tests.laboratory.ash.both import Outcome, commands, ours, real

SNIPPETS = [
    text.strip("\n")
    for text in (CHECKOUT / "tests/laboratory/ash/snippets.txt")
    .read_text("utf-8")
    .split("\n----\n")
]
SCRIPTS = [
    *sorted((CHECKOUT / "wifirelay/change/scripts").glob("*.sh")),
    CHECKOUT / "openwrt/files/wifirelay-sentry",
    CHECKOUT / "openwrt/files/wifirelay-baseline",
]


class Died(BaseException):
    """This process was killed."""


@pytest.fixture(scope="session")
def busybox(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Outcome, Outcome]]:
    """Runs a script in both shells: what ours left, and what busybox left."""
    found = shutil.which("busybox")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("busybox is not installed")
        pytest.skip("busybox is not installed")
    top: Path = tmp_path_factory.mktemp("ash")
    (top / "bin").mkdir()
    commands(found, top / "bin")
    folder = top / "folder"
    return lambda script: (ours(script, str(folder)), real(script, folder, str(top / "bin")))


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.splitlines()[0][2:])
def test_as_busybox_does(snippet: str, busybox: Callable[[str], tuple[Outcome, Outcome]]) -> None:
    mine, theirs = busybox(snippet)
    assert mine == theirs


@pytest.mark.parametrize("kind", sorted(drawn.KINDS))
@settings(
    max_examples=100,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make it short takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_drawn_scripts_as_busybox_does(
    kind: str, busybox: Callable[[str], tuple[Outcome, Outcome]], data: st.DataObject
) -> None:
    script = data.draw(drawn.KINDS[kind])
    try:
        mine, theirs = busybox(script)
    except (ShellSyntax, Unsupported):
        reject()
    assert mine == theirs


def test_there_are_enough_snippets() -> None:
    assert len(SNIPPETS) >= 150
    assert len({text.splitlines()[0] for text in SNIPPETS}) == len(SNIPPETS)
    assert all(text.startswith("# ") for text in SNIPPETS)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_script_is_understood(path: Path) -> None:
    assert parse(path.read_text("utf-8")).body is not None


# what is not known is an error, not a guess


UNREADABLE = """
echo a & | echo `echo a` | echo ~ | x=~ | echo ${x=1} | echo ${x?no} | echo $! | echo $-
echo >|f | if true; then fi | for i in a; done | (echo | echo ) | case a in a echo
echo 'a | echo "a | f() echo a b; } | { echo a | echo ${x/a/b} | echo $((1 | cat <<E | done
a ||| b | && a | echo a;; echo b | echo ${@#a} | a "$@"$b | a "$@$@" | : ( ) | export() { :; }
echo $(('1')) | select x in a; do :; done | ! | function f { :; }
"""
IMPOSSIBLE = """
kill -0 1 | local x | [[ a = a ]] | set -e | set a | read x | read -r -n 1 x | read -r | trap
exec cat | command cat | cd | cd - | umask u=rwx | wait | [ a = a -a b = b ] | [ -r f ]
[ a -ef b ] | [ -e /dev/null ] | cat </dev/zero | echo $* | for i in x$@; do :; done
echo ${x-$@} | head -n 1 | ls | cp -r a b | rm -i a | sed s/a/b/ | sed -n 's/a/&/p' | grep a
grep -E a | sha256sum f | chmod u+x f | sleep 1s | mkdir -m 700 a | cat -n | echo $((x = 1))
echo $((1, 2)) | echo $((x++)) | printf '%q' a | printf %c a | command -v ls | echo a >&12
: >f; chmod 755 f; ./f; /tmp/f | sort | unset -v x | (head -n 1) | x=$(ls) | ls || echo or
if ls; then :; fi 2>/dev/null | time -p rm a | [[ -e a && -e b ]] | case [. in [[.]) ;; esac
"""


def each(texts: str) -> list[str]:
    return [text for line in texts.strip().splitlines() for text in line.split(" | ")]


@pytest.mark.parametrize("text", each(UNREADABLE))
def test_what_it_cannot_read(text: str) -> None:
    with pytest.raises(ShellSyntax):
        parse(text)


@pytest.mark.parametrize("text", each(IMPOSSIBLE))
def test_what_it_cannot_do(text: str) -> None:
    with pytest.raises(Unsupported):
        Run()(text)


# what busybox on this machine cannot show


def test_a_simulated_program() -> None:
    run = Run(b"input", arguments=("é",))
    assert run('x=1 export y=2; z=3; w=4 tell "$1" "a b"; echo " $?"') == 0
    environment = "{'PATH': '/bin', 'w': '4', 'y': '2'}"
    assert run.out.data == f"é|a b;{environment};input 3\n".encode()
    assert run.err.data == b"told\n"
    assert run.router.processes == ["tell"]


def test_a_program_in_a_pipeline_and_a_substitution() -> None:
    run = Run()
    assert (
        run("x=$(echo in | tell 2>/dev/null); echo $?; echo ${x##*;}; tell <&- >/tmp/f 2>&1") == 3
    )
    assert run.out.data == b"3\nin\n"
    assert run.disk.read("/tmp/f").endswith(b"nothingtold\n")


def test_builtins_are_no_processes_and_applets_are() -> None:
    run = Run()
    run("[ a ]; echo; printf a; read -r x; : >f; cat f; (mv f g) | cat; x=$(rm g); sleep 2.5")
    assert run.router.processes == ["cat", "mv", "cat", "rm", "sleep"]
    assert run.router.slept == 2.5


@pytest.mark.parametrize(
    "script",
    [
        *("cat a >b", "(cat a) >b", "x=$(cat a >b)", "{ cat a; } >b || :", "cat a | cat >b"),
        *("f() { cat a; } >b; f", "for i in 1; do cat a; done >b", "eval 'cat a' >b"),
        *("x=1 cat a >b", "trap 'echo bye >c' EXIT; cat a >b", "if cat a >b; then :; fi"),
    ],
)
def test_killed_after_the_redirection(script: str) -> None:
    run = Run()
    run.disk.write("/tmp/a", b"new")
    run.disk.write("/tmp/b", b"old")

    def kill(_: str) -> None:
        if run.disk.read("/tmp/b") == b"":
            raise Died

    run.router.on_start = kill
    with pytest.raises(Died):
        run(script)
    assert run.disk.read("/tmp/b") == b""
    assert not run.disk.exists("/tmp/c")


def test_what_was_written_before_a_kill_stays() -> None:
    run = Run()

    def kill(_: str) -> None:
        raise Died

    run.router.on_start = kill
    with pytest.raises(Died):
        run("{ echo a; cat x; echo b; } >f")
    assert run.disk.read("/tmp/f") == b"a\n"


@pytest.mark.parametrize(
    "script",
    [
        *(
            "cat a; echo after",
            "cat a || echo or",
            "x=$(cat a); echo after",
            "cat a | cat; echo no",
        ),
        *("tell; echo after", "f() { cat a; }; f || echo or", "! cat a", "{ cat a; } 2>/dev/null"),
        *("eval 'cat a'; echo after", "(cat a); echo after", "while cat a; do :; done"),
    ],
)
def test_a_full_process_table_ends_the_shell(script: str) -> None:
    run = Run()

    def full(_: str) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    run.router.on_start = full
    assert run(f"trap 'echo bye' EXIT; {script}") == 2
    assert run.out.data == b"bye\n"


def test_a_full_disk() -> None:
    run = Run()
    run.disk.write("/tmp/f", b"old")
    run.disk.full["ram"] = 0
    assert (
        run("echo a >f; echo $?; printf a >g; echo $?; : >h; echo $?; printf '' >i; echo $?") == 0
    )
    assert run.out.data == b"1\n1\n0\n0\n"
    assert run.disk.read("/tmp/f") == b""
    assert run("cat <f >g; echo $?; cp h j; echo $?; mkdir d; echo $?; tell >f; echo $?") == 0
    assert run.out.data == b"1\n1\n0\n0\n0\n0\n0\n3\n"


def test_a_full_disk_and_applets() -> None:
    run = Run()
    run.disk.write("/tmp/f", b"text")
    run.disk.write("/tmp/g", b"old")
    run.disk.full["ram"] = 0
    assert (
        run("cat f >h; echo $?; cp f g; echo $?; cp -p f i; echo $?; echo a | cat >h || exit 7")
        == 7
    )
    assert run.out.data == b"1\n1\n1\n"
    assert [run.disk.read(f"/tmp/{name}") for name in "ghi"] == [b"", b"", b""]


def test_a_disk_that_is_read_only() -> None:
    run = Run()
    run.disk.write("/etc/f", b"old")
    run.disk.read_only.add("flash")
    script = "cd /etc; echo a >f; echo $?; rm -f f; echo $?; mv f g; echo $?; mkdir d; echo $?; "
    assert run(script + "chmod 600 f; echo $?; cat f; (: >g); echo $?; rm -rf /etc/f") == 1
    assert run.out.data == b"1\n1\n1\n1\n1\nold1\n"


def test_file_times_are_compared_in_whole_seconds() -> None:
    """So does busybox 1.35: `st_mtime`, without its nanoseconds."""
    run = Run()
    for name, run.now in (("a", 5.1), ("b", 5.9), ("c", 6.0)):
        run.disk.write(f"/tmp/{name}", b"")
    tests = "'a -ot b' 'b -nt a' 'a -ot c' 'b -ot c' 'c -nt b'"
    assert run(f"for x in {tests}; do [ $x ]; echo $?; done") == 0
    assert run.out.data == b"1\n1\n0\n0\n0\n"


def test_links_and_relative_names() -> None:
    run = Run()
    assert (
        run("mkdir -p /var/run/x; cd /var/run/x && echo a >f; cat /tmp/run/x/f; pwd; echo *") == 0
    )
    assert run.out.data == b"a\n/var/run/x\nf\n"


def test_messages_and_their_shells_name() -> None:
    run = Run()
    assert run("echo a >nodir/x; cat <nofile; exec 3<&5") == 1
    assert run.err.data.decode().splitlines() == [
        "wifirelay: can't create nodir/x: nonexistent directory",
        "wifirelay: can't open nofile: no such file",
        "wifirelay: 5: Bad file descriptor",
    ]


def test_one_script_is_read_once() -> None:
    text = "echo once"
    assert parse(text) is parse(text)


def test_runs_share_nothing() -> None:
    script = "f() { echo f; }; echo ${x-unset}; x=1; f; trap 'echo bye' EXIT; umask 077; shift"
    first, second = Run(arguments=["a"]), Run(arguments=["a"])
    assert (first(script), second(script)) == (0, 0)
    assert first.out.data == second.out.data == b"unset\nf\nbye\n"
