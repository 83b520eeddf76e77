# SPDX-License-Identifier: GPL-2.0-or-later
"""The script that puts the service on a router, by itself: whatever it meets, the version that was
proved is there in the end, and the owner's configuration.

Under busybox ash on the simulated router, in virtual time; the service is a stand-in of shell.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab, lab
from wifirelay.change.configure import fingerprint
from wifirelay.change.deploy import Bundle, deploy, undeploy
from wifirelay.change.files import TREE, RouterFile
from wifirelay.change.rest import pause
from wifirelay.change.scripts import script, text
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.uci.edits import Edit, Verb

PROGRAM, INIT = "/usr/bin/wifirelay", "/etc/init.d/wifirelay"
EXTRA = "/etc/hotplug.d/iface/90-wifirelay"
CONFIG = "/etc/config/wifirelay"
COMPILER = b"import sys\n"  # the trees of these tests hold no Python
DEFAULT = b"config wifirelay 'main'\n\toption enabled '0'\n"
ON = Edit(Verb.SET, "wifirelay", "main", "enabled", "1")
KEY = Edit(Verb.SET, "wifirelay", "main", "key", "a key of the owner")

INIT_TEXT = """#!/bin/sh /etc/rc.common
START=96
STOP=09
USE_PROCD=1
start_service() {
	rm -f "${WIFIRELAY_ROOT-}/var/run/wifirelay/paused"
	procd_open_instance
	procd_set_param command /usr/bin/wifirelay
	procd_set_param respawn 60 10 0
	procd_close_instance
}
"""
# Version NUMBER; `answers` or not. It waits on a pipe of its own for ever.
SERVICE = """#!/bin/sh
# version {number}
S=$WIFIRELAY_ROOT/var/run/wifirelay/service-state
mkdir -p "$S"
printf %s $$ >"$S/pid"
{answer}
rm -f "$S/wait"
mkfifo "$S/wait"
exec 3<>"$S/wait"
read -r _ <&3
"""


def bundle(bench: Lab, number: int, *, answers: bool = True, edits: tuple[Edit, ...] = (ON,)):
    service = SERVICE.format(number=number, answer="echo {} >$S/status.json" if answers else ":")
    files = (
        RouterFile(INIT, "755", INIT_TEXT.encode()),
        RouterFile(PROGRAM, "755", service.encode()),
        RouterFile(EXTRA, "644", f"# {number}\n".encode()),
        RouterFile(f"/etc/only-in-{number}", "644", b"x"),
    )
    tree = (RouterFile(f"{TREE}/wifirelay/version", "644", f"{number}".encode()),)
    seen = fingerprint(bench.transport)
    return Bundle(files, tree, COMPILER, DEFAULT, edits, seen, b"marked\n")


def put(bench: Lab, number: int, *, answers: bool = True, edits: tuple[Edit, ...] = (ON,)) -> str:
    made = bundle(bench, number, answers=answers, edits=edits)
    return deploy(bench.transport, bench.world.clock, made, "tests pid 1")


def flash(bench: Lab) -> dict[str, bytes]:
    """All of flash but what setup and the sentry have there."""
    root, found = bench.world.router.root, {}
    for top in ("/etc", "/usr"):
        for folder, _, names in os.walk(root.here(top)):
            for name in names:
                path = os.path.join(folder, name)
                content = b"->" if os.path.islink(path) else Path(path).read_bytes()
                found[path.removeprefix(root.path)] = content
    return found


def version(bench: Lab) -> str:
    return bench.world.router.root.read(f"{TREE}/wifirelay/version").decode()


def runs(bench: Lab) -> bool:
    try:
        pid = int(bench.world.router.root.read("/var/run/wifirelay/service-state/pid"))
        os.kill(pid, 0)
    except (OSError, ValueError):
        return False
    return True


@pytest.fixture
def bench() -> Iterator[Lab]:
    with lab() as one:
        yield one


def test_it_is_put_started_and_upgraded(bench: Lab) -> None:
    before = flash(bench)
    assert put(bench, 1) == ""
    first = flash(bench)
    assert runs(bench)
    assert first[PROGRAM].startswith(b"#!/bin/sh\n# version 1")
    assert b"option enabled '1'" in first[CONFIG]
    put(bench, 2)
    assert version(bench) == "2"
    second = flash(bench)
    assert "/etc/only-in-2" in second and "/etc/only-in-1" not in second
    assert not [path for path in second if "config." in path or path.endswith(("unproved", ".new"))]
    assert not os.path.exists(bench.world.router.root.here(f"{TREE}.old"))
    undeploy(bench.transport, [INIT, PROGRAM, EXTRA, "/etc/only-in-2"], "tests", purge=True)
    assert flash(bench) == before
    assert not runs(bench)


def test_the_first_one_that_does_not_answer_leaves_nothing(bench: Lab) -> None:
    before = flash(bench)
    with pytest.raises(RouterAnswer, match="gave no answer"):
        put(bench, 1, answers=False)
    assert flash(bench) == before
    assert not runs(bench)


def test_an_upgrade_that_does_not_answer_leaves_the_version_before(bench: Lab) -> None:
    put(bench, 1)
    before = flash(bench)
    with pytest.raises(RouterAnswer, match="gave no answer"):
        put(bench, 2, answers=False, edits=(ON, KEY))
    assert flash(bench) == before
    assert runs(bench)


def test_the_old_service_does_not_answer_for_the_new_one(bench: Lab) -> None:
    """procd only asks it to end; while it does, it writes its state once more."""
    put(bench, 1)
    state = bench.world.router.root.here("/var/run/wifirelay/service-state")
    program = (
        "import sys, time\nwhile True:\n    open(sys.argv[1], 'w').close()\n    time.sleep(0.001)"
    )
    dying = subprocess.Popen([sys.executable, "-c", program, f"{state}/status.json"])
    try:
        Path(f"{state}/pid").write_text(str(dying.pid))

        def ends() -> None:
            dying.kill()
            dying.wait()

        bench.world.router.at(8, ends)
        with pytest.raises(RouterAnswer, match="gave no answer"):
            put(bench, 2, answers=False)
    finally:
        dying.kill()
        dying.wait()
    assert version(bench) == "1"


def test_what_others_configured_meanwhile_is_theirs(bench: Lab) -> None:
    put(bench, 1)

    def edit() -> None:
        text = "config wifirelay 'main'\n\toption enabled '1'\n\toption deadline '99'\n"
        bench.world.router.root.write(CONFIG, text, 0o600)

    bench.world.router.at(20, edit)
    with pytest.raises(RouterAnswer):
        put(bench, 2, answers=False, edits=(ON, KEY))
    assert b"deadline '99'" in flash(bench)[CONFIG]
    assert version(bench) == "1"


def test_edits_for_another_configuration_are_refused(bench: Lab) -> None:
    put(bench, 1)
    made = bundle(bench, 2)
    bench.world.router.root.write(CONFIG, "config wifirelay 'main'\n\toption keep 'session'\n")
    before = flash(bench)
    with pytest.raises(RouterAnswer, match="edited meanwhile"):
        deploy(bench.transport, bench.world.clock, made, "tests pid 1")
    assert flash(bench) == before


def test_a_file_that_cannot_be_written_takes_all_back(bench: Lab) -> None:
    put(bench, 1)
    root = bench.world.router.root
    folder = os.path.dirname(root.here(EXTRA))
    os.unlink(root.here(EXTRA))
    os.rmdir(folder)
    Path(folder).write_text("no folder")
    before = flash(bench)
    with pytest.raises(RouterAnswer, match="could not be written"):
        put(bench, 2)
    assert flash(bench) == before
    assert runs(bench)


def test_a_pause_outlives_an_upgrade_that_works_and_one_that_does_not(bench: Lab) -> None:
    put(bench, 1)
    pause(bench.transport, "the owner wants it so")
    put(bench, 2)
    assert bench.state().paused == "the owner wants it so"
    with pytest.raises(RouterAnswer):
        put(bench, 3, answers=False)
    assert bench.state().paused == "the owner wants it so"


def test_a_key_goes_into_no_file_that_others_may_read(bench: Lab) -> None:
    root = bench.world.router.root
    root.write(CONFIG, DEFAULT.decode(), 0o644)
    put(bench, 1, edits=(ON, KEY))
    assert os.stat(root.here(CONFIG)).st_mode & 0o777 == 0o600
    held = [p for p, content in flash(bench).items() if b"a key of the owner" in content]
    assert held == [CONFIG]


def test_one_at_a_time(bench: Lab) -> None:
    put(bench, 1)
    before = flash(bench)
    root = bench.world.router.root
    root.write("/tmp/wifirelay-deploy.other/result", f"other running {os.getpid()}\n")
    root.write("/var/run/wifirelay/deploying/owner", "other 99999 a laptop pid 7\n")
    with pytest.raises(Refused, match="a laptop pid 7"):
        put(bench, 2)
    with pytest.raises(Refused, match="a laptop pid 7"):
        undeploy(bench.transport, [PROGRAM], "tests", purge=True)
    assert flash(bench) == before
    root.write("/tmp/wifirelay-deploy.other/result", "other running 4000000\n")  # killed
    put(bench, 2)
    assert version(bench) == "2"


def test_what_comes_incomplete_is_thrown_away(bench: Lab) -> None:
    before = flash(bench)
    words = ("00000000000000aa", "0" * 64, "60", "tests")
    done = bench.transport.run(script("deploy", *words, stdin=b"half of it"))
    assert (done.rc, done.errors.strip()) == (25, "the files came incomplete: is RAM full?")
    assert flash(bench) == before
    assert not os.path.exists(
        bench.world.router.root.here("/tmp/wifirelay-deploy.00000000000000aa")
    )


def cuts() -> list[int]:
    """The lines of the script's main part after which it can be killed."""
    lines = text("deploy").splitlines()
    first = lines.index("mend") + 1
    inside = (
        "\t",
        "for ",
        "done",
        "fi",
        "else",
        "until ",
        "\tsleep",
        ".",
        "read -r",
        "if ",
        "then",
    )
    return [
        number
        for number in range(first, len(lines))
        if not lines[number - 1].startswith(inside)
        and not lines[number - 1].endswith(("&&", "||", "<<-.", "then", "do"))
        and not lines[number].startswith(("\t", "done", "fi", "."))
    ]


def test_there_is_much_to_be_killed_at() -> None:
    assert len(cuts()) > 15


@pytest.mark.parametrize("cut", cuts())
def test_killed_anywhere_in_an_upgrade_the_next_finds_the_way_back(
    bench: Lab, cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one fails as well: then the version that was proved is there, and runs."""
    from wifirelay.change import deploy as deploying

    put(bench, 1)
    before = flash(bench)
    lines = text("deploy").splitlines()
    lines[cut:cut] = ["kill -9 $$"]
    killing = "\n".join(lines) + "\n"

    def cut_script(name: str, *args: str, stdin: bytes = b"", limit: float = 20.0):
        command = script(name, *args, stdin=stdin, limit=limit)
        if name != "deploy":
            return command
        words = list(command.argv)
        words[2] = text("prelude") + text("deploying") + killing
        return type(command)(tuple(words), stdin, limit)

    monkeypatch.setattr(deploying, "script", cut_script)
    made = bundle(bench, 2, edits=(ON, KEY))
    with pytest.raises(RouterAnswer):
        deploy(bench.transport, bench.world.clock, made, "tests pid 1")
    monkeypatch.undo()
    proved = version(bench) == "2" and not os.path.exists(
        bench.world.router.root.here(f"{TREE}/unproved")
    )
    with pytest.raises(RouterAnswer, match=r"gave no answer|edited meanwhile"):
        put(bench, 3, answers=False)
    if not proved:
        assert flash(bench) == before
    assert version(bench) == ("2" if proved else "1")
    assert runs(bench)
