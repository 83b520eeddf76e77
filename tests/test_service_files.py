# SPDX-License-Identifier: GPL-2.0-or-later
"""What the service leaves in RAM for `status`, and what it never writes there."""

import argparse
import json
import os
import stat
from collections import Counter
from pathlib import Path

import pytest

from tests.shapes import Say, check, home, say
from tests.unattended import Mast, mast
from wifirelay.cli.context import Context
from wifirelay.cli.telling import KEPT, Telling
from wifirelay.config.model import Settings
from wifirelay.errors import UsageError
from wifirelay.service.events import Event, Kind
from wifirelay.service.folder import HISTORY, LINES, MEMORY, STATUS, Folder, folder_for
from wifirelay.service.loop import Service
from wifirelay.sim.configs import AP_KEY

__all__ = ["home", "say"]

ROUTER = "ssh://root@192.0.2.1:22"  # a documentation address: nobody answers


def telling(path: Path) -> Telling:
    folder = Folder(str(path / "state"))
    folder.make()
    args = argparse.Namespace(json=False, verbose=False, config=None, router=None)
    return Telling(Context(args, Settings()), folder, "mast pid 1")


def served(bench: Mast, told: Telling) -> Service:
    return Service(
        bench.transport,
        bench.world.clock,
        lambda: bench.settings,
        bench.wishes,
        told,
        bench.controller,
        told,
    )


def files(path: Path) -> dict[str, str]:
    return {name: (path / "state" / name).read_text() for name in os.listdir(path / "state")}


def test_the_files_are_what_programs_expect_and_hold_no_secret(tmp_path: Path) -> None:
    with mast() as bench:
        told = telling(tmp_path)
        service = served(bench, told)
        service.run(100)
        bench.world.air.switch_off("HomeNet")
        service.run(100)
        found = files(tmp_path)
        shape = check(json.loads(found[STATUS]))
        assert shape["service"]["doing"] == "wait"
        assert shape["service"]["online_seconds"] > 10
        assert shape["uplinks"][0]["network"] == "Phone"
        assert shape["uplinks"][0]["state"] == "connected"
        assert "online for" in found[LINES] and "Phone" in found[LINES]
        history = [check(json.loads(line)) for line in found[HISTORY].splitlines()]
        assert [each["kind"] for each in history if each["kind"] in ("joined", "lost")] == [
            "joined",
            "lost",
            "joined",
        ]
        assert shape["service"]["events"] == Counter(each["kind"] for each in history)
        assert json.loads(found[MEMORY])["memory"]["proved"]
        secrets = [AP_KEY, *(each.key.reveal() for each in bench.world.known if each.key)]
        for name, text in found.items():
            assert not any(secret in text for secret in secrets), name
            mode = os.stat(tmp_path / "state" / name).st_mode
            assert stat.S_IMODE(mode) == 0o600, name
        assert stat.S_IMODE(os.stat(tmp_path / "state").st_mode) == 0o700


def test_what_was_remembered_is_taken_up_by_the_next_process(tmp_path: Path) -> None:
    with mast("broken") as bench:
        bench.know("DeadDhcp")
        served(bench, telling(tmp_path)).run(60)
        again = telling(tmp_path)
        service = served(bench, again)
        service.run(15)
        assert "left alone" in (service.policy.candidates[0].why_not or "")
        kinds = [json.loads(line)["kind"] for line in files(tmp_path)[HISTORY].splitlines()]
        assert kinds.count("trying") == 1 and kinds.count("started") == 2


def test_memory_of_another_boot_counts_for_nothing(tmp_path: Path) -> None:
    told = telling(tmp_path)
    told.save({"some": "thing"})
    assert told.load() == {"some": "thing"}
    text = json.loads((tmp_path / "state" / MEMORY).read_text())
    (tmp_path / "state" / MEMORY).write_text(json.dumps({**text, "boot": "another"}))
    assert telling(tmp_path).load() is None


def test_the_history_is_bounded(tmp_path: Path) -> None:
    told = telling(tmp_path)
    for number in range(KEPT + 50):
        told.event(Event(float(number), Kind.TROUBLE, f"number {number}"))
    lines = files(tmp_path)[HISTORY].splitlines()
    assert len(lines) == KEPT
    assert json.loads(lines[-1])["text"] == f"number {KEPT + 49}"


def test_a_full_ram_disk_stops_nothing(tmp_path: Path) -> None:
    told = telling(tmp_path)
    folder = tmp_path / "state"
    for name in os.listdir(folder):
        (folder / name).unlink()
    folder.rmdir()
    folder.write_text("not a folder any more")
    told.event(Event(0.0, Kind.STARTED, "goes on"))


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o777)
    (tmp_path / "state").chmod(0o777)
    with pytest.raises(UsageError, match="not a folder of yours alone"):
        Folder(str(tmp_path / "state")).make()


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o077])
def test_its_folders_are_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    """Debian and Fedora give their users 002."""
    path = tmp_path / "wifirelay" / "router"
    before = os.umask(mask)
    try:
        Folder(str(path)).make()
        Folder(str(path)).make()
    finally:
        os.umask(before)
    for folder in (path, path.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("open_to_others", ["router", "wifirelay", "link"])
def test_what_somebody_else_may_have_written_is_not_believed(
    kept: Folder, say: Say, open_to_others: str
) -> None:
    """Without XDG_RUNTIME_DIR it lies in /tmp, where anybody may have been first."""
    path = Path(kept.path)
    if open_to_others == "link":
        path.rename(path.with_name("theirs"))
        path.symlink_to("theirs")
    else:
        (path if open_to_others == "router" else path.parent).chmod(0o777)
    assert kept.read(STATUS) is None and kept.lives() is None
    code, out, _ = say("--router", ROUTER, "status", "--history")
    assert code == 0 and "HomeNet" not in out


def test_what_is_of_another_user_is_not_believed(
    kept: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.read(STATUS) is not None
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)
    assert kept.read(STATUS) is None and kept.lives() is None


def test_no_file_controls_the_terminal(kept: Folder, say: Say) -> None:
    evil = "\x1b]0;owned\x07\u202e"
    Path(kept.path, LINES).write_text(f"all is well {evil}\n\x1b[2Jforged\n")
    Path(kept.path, HISTORY).write_text(json.dumps({"when": evil, "kind": evil, "text": evil}))
    for words in (("status",), ("status", "--history")):
        code, out, _ = say("--router", ROUTER, *words)
        assert code == 0 and "owned" in out
        assert all(char.isprintable() or char == "\n" for char in out)


def test_each_router_has_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    one, other = folder_for(ROUTER), folder_for("ssh://root@192.0.2.2:22")
    assert one != other and one.startswith(str(tmp_path))
    assert folder_for("local") == "/var/run/wifirelay/service-state"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert folder_for(ROUTER).startswith(f"/tmp/wifirelay-{os.getuid()}/")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """What a service of ROUTER, this very process, has written."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = Folder(folder_for(ROUTER))
    folder.make()
    with mast() as bench:
        args = argparse.Namespace(json=False, verbose=False, config=None, router=None)
        told = Telling(Context(args, Settings()), folder, "mast pid 1")
        served(bench, told).run(100)
    return folder


def test_status_asks_the_service_and_not_the_router(kept: Folder, say: Say) -> None:
    code, out, _ = say("--router", ROUTER, "status")
    assert code == 0
    assert "as the service" in out and "HomeNet" in out
    code, out, _ = say("--router", ROUTER, "status", "--json")
    assert check(json.loads(out))["service"] is not None


def test_history_is_shown(kept: Folder, say: Say) -> None:
    code, out, _ = say("--router", ROUTER, "status", "--history")
    assert code == 0 and "online through HomeNet" in out
    code, out, _ = say("--router", ROUTER, "status", "--history", "--json")
    assert [each["kind"] for each in check(json.loads(out))["history"]][:2] == [
        "started",
        "reached",
    ]
    with open(os.path.join(kept.path, HISTORY), "a") as file:
        file.write('{"cut": in the mid')
    assert say("--router", ROUTER, "status", "--history")[0] == 0


def test_a_service_that_has_ended_is_not_believed(kept: Folder, say: Say) -> None:
    kept.forget()
    assert kept.lives() is None
    assert kept.read(STATUS) is None and kept.read(HISTORY) is not None


def test_what_a_killed_service_left_is_not_taken_for_the_next_ones(tmp_path: Path) -> None:
    with mast() as bench:
        served(bench, telling(tmp_path)).run(100)
        assert STATUS in files(tmp_path)  # as if it had been killed: nothing is taken away
        telling(tmp_path)
        assert STATUS not in files(tmp_path)
        assert HISTORY in files(tmp_path)
