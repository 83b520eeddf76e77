# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that strangers choose, through every command and everything that it leaves behind.

No character that a terminal obeys, or nobody sees, comes out of a name; no name forges a line or
a column; JSON gives back every byte; and no name is ever run.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fuzzing.names import (
    BSSID,
    JOINABLE,
    KEY,
    NAMES,
    aligned,
    bssid,
    config,
    hear_all,
    names_of,
    safe,
)
from tests.openwrt_shell import FILES, Scratch
from tests.shapes import Run, Say, check, home, run, say
from wifirelay.cli import open as opening
from wifirelay.cli.context import Context
from wifirelay.cli.open import Opened
from wifirelay.cli.telling import Telling
from wifirelay.config.model import Settings
from wifirelay.config.uci_file import PATH
from wifirelay.core.known import KnownNetwork
from wifirelay.service.events import Event, Kind
from wifirelay.service.folder import HISTORY, LINES, ON_ROUTER, Folder
from wifirelay.service.loop import Service
from wifirelay.service.signals import Wishes
from wifirelay.sim.air import AccessPoint
from wifirelay.sim.neighbourhoods import HOME_KEY, Neighbourhood
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World, build_world
from wifirelay.transport.recorded import load_recording
from wifirelay.transport.target import Kind as TargetKind
from wifirelay.transport.target import Target
from wifirelay.values import Band, Secret, Security, Ssid

__all__ = ["home", "run", "say"]

CANARY = "pwned"  # what the names would touch
STATE = ON_ROUTER.lstrip("/")


def told(say: Say, *words: str) -> tuple[int, dict[str, Any]]:
    """The same with `--json` before all words: behind `--` it would be a name."""
    code, out, _ = say("--json", *words)
    return code, check(json.loads(out))


@pytest.fixture(autouse=True)
def _nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name that is run leaves its mark: in the working directory, or anywhere below."""
    folder = tmp_path / "cwd"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield
    assert list(tmp_path.rglob(f"{CANARY}*")) == []
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def air(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A recording of a router that hears all of the names, as TARGET."""
    path = tmp_path_factory.mktemp("air") / "air.jsonl"
    hear_all(path)
    return f"recording:{path}"


# --- the corpus ---


def test_the_corpus_has_every_kind_of_name() -> None:
    kinds = {what.partition(":")[0] for what in NAMES}
    assert {"shell", "UCI", "ANSI", "OSC", "HTML", "CSV", "JSON", "bidi", "combining"} <= kinds
    assert len(NAMES) == len(set(NAMES.values())) >= 60
    assert all(1 <= len(ssid.raw) <= 32 for ssid in NAMES.values())
    assert sum(len(ssid.raw) == 32 for ssid in NAMES.values()) >= 15
    assert {byte for ssid in NAMES.values() for byte in ssid.raw} == set(range(256))


# --- what is in the air ---


def test_scan_has_a_line_for_each_name(air: str, say: Say, tmp_path: Path) -> None:
    code, out, err = say("--router", air, "--config", config(tmp_path), "scan")
    assert (code, err) == (0, "")
    safe(out)
    head, *lines = out.split("\n")[:-1]
    assert len(lines) == len(NAMES)
    aligned(lines)
    assert head.split() == ["SSID", "BSSID", "RADIO", "BAND", "CH", "dBm", "SECURITY"]
    cells = {line[3 : line.index("02:00:00:01")].rstrip() for line in lines}
    assert len(cells) == len(NAMES), "two names look the same"


def test_scan_as_json_gives_back_every_byte(air: str, run: Run, tmp_path: Path) -> None:
    code, found = run("--router", air, "--config", config(tmp_path), "scan")
    assert code == 0
    assert names_of(found["bss"]) == {ssid.raw for ssid in NAMES.values()}
    known = {bytes.fromhex(row["ssid_hex"]) for row in found["bss"] if row["known"]}
    assert known == {ssid.raw for ssid in JOINABLE.values()}
    assert all(Ssid.of(row["ssid"]).hex == row["ssid_hex"] for row in found["bss"])


def test_plan_accounts_for_each_name(air: str, say: Say, run: Run, tmp_path: Path) -> None:
    words = ("--router", air, "--config", config(tmp_path), "plan", "-v")
    code, out, _ = say(*words)
    assert code == 0
    safe(out)
    lines = out.split("\n")[:-1]
    start = next(number for number, line in enumerate(lines) if line.startswith("candidates"))
    aligned(lines[start + 2 : start + 2 + len(JOINABLE)])
    assert sum(len(BSSID.findall(line)) for line in lines) == len(NAMES)
    code, found = run(*words)
    assert code == 0
    wanted = {ssid.raw for ssid in JOINABLE.values()}
    assert {bytes.fromhex(each["ssid_hex"]) for each in found["candidates"]} == wanted
    assert names_of(found["ignored"]) == {ssid.raw for ssid in NAMES.values()} - wanted
    assert KEY not in out + json.dumps(found)


@pytest.mark.parametrize("what", JOINABLE)
def test_a_plan_for_one_name(what: str, air: str, say: Say, tmp_path: Path) -> None:
    ssid = JOINABLE[what]
    words = ("--router", air, "--config", config(tmp_path, [ssid]), "plan", "--", ssid.text)
    code, found = told(say, *words)
    assert (code, found["decision"]["action"]) == (0, "join")
    assert found["decision"]["ssid_hex"] == ssid.hex
    code, out, err = say(*words)
    assert code == 0
    safe(out, err)
    assert out.count("\n") == len(found["edits"]) + 9


# --- errors ---


@pytest.mark.parametrize("what", NAMES)
def test_a_name_in_an_error(what: str, air: str, say: Say, tmp_path: Path) -> None:
    text = NAMES[what].text
    path = config(tmp_path, [Ssid(b"Some other network")])
    for words in (
        ("--router", air, "--config", path, "plan", "--", text),
        ("--config", path, "networks", "remove", "--", text),
        ("--config", path, "networks", "add", "--key-file", "/no/such/file", "--", text),
        ("--router", f"sim:{text}", "--config", path, "scan"),
        ("--router", f"recording:{tmp_path}/{text}", "--config", path, "scan"),
        ("--config", f"{tmp_path}/{text}", "--router", air, "plan"),
        ("--router", air, "--config", path, "--", text),
    ):
        code, out, err = say(*words)
        assert (code, out) == (2, ""), words
        safe(err)
        assert 1 <= err.count("\n") <= 2
        assert err.startswith("wifirelay: ")
        code, shape = told(say, *words)
        assert code == 2
        safe(json.dumps(shape).replace("\\n", ""))


# --- the known networks ---


def test_networks_added_listed_removed(say: Say, run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "networks.yaml")
    there: list[str] = []
    for ssid in list(JOINABLE.values())[::3]:
        words = ("--config", path, "networks")
        code, out, err = say(*words, "add", "--open", "--", ssid.text)
        assert (code, out.count("\n")) == (0, 1)
        safe(out, err)
        there.append(ssid.hex)
    code, found = run("--config", path, "networks", "list")
    assert [each["ssid_hex"] for each in found["networks"]] == there
    code, out, _ = say("--config", path, "networks", "list")
    safe(out)
    assert out.count("\n") == len(there) + 1
    for digits in there[::4]:
        ssid = Ssid(bytes.fromhex(digits))
        code, out, err = say("--config", path, "networks", "remove", "--", ssid.text)
        assert (code, out.count("\n")) == (0, 1)
        safe(out, err)
        there.remove(digits)
    code, found = run("--config", path, "networks", "list")
    assert [each["ssid_hex"] for each in found["networks"]] == there


# --- a router that is in one of them ---


@pytest.fixture(scope="module")
def places() -> Iterator[World]:
    """A simulated router among access points of every name that can be joined."""
    points = [
        AccessPoint(ssid.raw, bssid(number), Band.GHZ2, 6, -45, Security.PSK2, HOME_KEY)
        for number, ssid in enumerate(JOINABLE.values())
    ]
    known = tuple(KnownNetwork(ssid, Secret(HOME_KEY)) for ssid in JOINABLE.values())
    with build_world(Neighbourhood("names", tuple(points), known)) as world:
        yield world


@pytest.fixture
def router(places: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The program's `--router sim:names`."""
    transport = SimTransport(places.router)
    target = Target(TargetKind.SIM, world="names")
    opened = Opened(target, transport, places.clock, lambda: None, places.known)
    monkeypatch.setattr(opening, "_simulated", lambda target: opened)
    yield places
    assert list(Path(places.router.root.path).rglob(f"{CANARY}*")) == []
    assert not places.router.errors()


JOINED = [what for number, what in enumerate(JOINABLE) if number % 4 == 0 or "shell" in what]


@pytest.mark.parametrize("what", JOINED)
def test_joined_shown_and_left(what: str, router: World, say: Say) -> None:
    ssid = JOINABLE[what]
    words = ("--router", "sim:names")
    code, out, err = say(*words, "join", "-v", "--", ssid.text)
    assert (code, out.count("\n")) == (0, 1), err
    safe(out, err)
    code, shape = told(say, *words, "status")
    assert (code, shape["uplinks"][0]["ssid_hex"]) == (0, ssid.hex)
    assert shape["uplinks"][0]["state"] == "connected"
    code, out, err = say(*words, "status")
    assert code == 0
    safe(out, err)
    assert str(ssid) in out
    code, out, err = say(*words, "leave")
    assert code == 0
    safe(out, err)


ON_FLASH = [ssid for what, ssid in JOINABLE.items() if what.startswith(("UCI", "shell"))]


def test_networks_in_the_routers_own_configuration(
    router: World, say: Say, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Through `uci batch`, as this process would run on the router."""
    for name, value in router.router.shell.environment("controller").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    router.router.root.write(PATH, "config wifirelay 'main'\n\toption enabled '1'\n")
    names = [*ON_FLASH, NAMES["Latin-1"], NAMES["bidi: override"]]
    for ssid in names:
        code, out, err = say("networks", "add", "--open", "--", ssid.text)
        assert (code, out.count("\n")) == (0, 1), err
        safe(out, err)
    code, found = run("networks", "list")
    assert [each["ssid_hex"] for each in found["networks"]] == [ssid.hex for ssid in names]
    code, out, _ = say("networks", "list")
    safe(out)
    assert out.count("\n") == len(names) + 1
    for ssid in names:
        code, out, err = say("networks", "remove", "--", ssid.text)
        assert code == 0, err
        safe(out, err)
    code, found = run("networks", "list")
    assert found["networks"] == []


def test_recorded_and_replayed(router: World, say: Say, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "names.jsonl"
    code, out, err = say("--router", "sim:names", "record", str(path))
    assert code == 0
    safe(out, err)
    _, live = run("--router", "sim:names", "scan")
    code, again = run("--router", f"recording:{path}", "scan")
    assert code == 0
    wanted = {ssid.raw for ssid in JOINABLE.values()}
    assert names_of(again["bss"]) == names_of(live["bss"]) == wanted


def test_recorded_without_names(router: World, say: Say, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "anonymous.jsonl"
    code, out, err = say("--router", "sim:names", "record", "--anonymous", str(path))
    assert code == 0
    safe(out, err)
    code, found = run("--router", f"recording:{path}", "scan")
    assert code == 0
    assert len(found["bss"]) == len({row["ssid_hex"] for row in found["bss"]}) == len(JOINABLE)
    assert not names_of(found["bss"]) & {ssid.raw for ssid in JOINABLE.values()}
    texts = [each.out for each in load_recording(str(path)).exchanges]
    long = [
        ssid.text for ssid in JOINABLE.values() if len(ssid.text) > 12 and not ssid.text.isspace()
    ]
    assert [name for name in long if any(name in text for text in texts)] == []


# --- the service: its log, its history, what it leaves for a page ---


def telling(folder: Path, *, as_json: bool) -> Telling:
    made = Folder(str(folder))
    made.make()
    args = argparse.Namespace(json=as_json, verbose=False, config=None, router=None)
    return Telling(Context(args, Settings()), made, "tests pid 1")


@pytest.mark.parametrize("what", NAMES)
def test_an_event_in_log_and_history(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ssid = NAMES[what]
    folder = tmp_path / "state"
    event = Event(1.0, Kind.FAILED, f"{ssid} did not answer", ssid, "vanished")
    telling(folder, as_json=False).event(event)
    log = capsys.readouterr().err
    safe(log)
    assert log.count("\n") == 1
    telling(folder, as_json=True).event(event)
    lines = capsys.readouterr().out.split("\n")[:-1]
    history = (folder / HISTORY).read_text("ascii").split("\n")[:-1]
    assert (len(lines), len(history)) == (1, 2)
    for line in (*lines, *history):
        shape = check(json.loads(line))
        assert shape["ssid_hex"] == ssid.hex
        safe(shape["text"])


def test_what_the_service_leaves_for_a_page(
    places: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its files among all of the names, and the ubus object's answers, under busybox ash."""
    root = Scratch(tmp_path / "root")
    folder = root.root / STATE
    folder.parent.mkdir(parents=True)
    settings = Settings(networks=places.known, source="names")
    wishes, here = Wishes(), telling(folder, as_json=True)
    transport = SimTransport(places.router)
    try:
        Service(transport, places.clock, lambda: settings, wishes, here, "tests pid 1", here).run(
            120
        )
    finally:
        wishes.close()
    safe((folder / LINES).read_text("utf-8"))
    events = [check(json.loads(line)) for line in capsys.readouterr().out.split("\n")[:-1]]
    (joined,) = [each["ssid_hex"] for each in events if each["kind"] == "joined"]
    wanted = {ssid.raw for ssid in JOINABLE.values()}
    assert bytes.fromhex(joined) in wanted
    plugin = (FILES / "wifirelay.rpcd").read_text("utf-8")
    answers = {}
    for method in ("scan", "plan", "networks", "status", "history"):
        done = root.ash(plugin, "call", method, stdin=b"{}")
        assert (done.returncode, done.stderr) == (0, b"")
        answers[method] = check(json.loads(done.stdout))
    assert names_of(answers["scan"]["bss"]) == wanted
    assert names_of(answers["plan"]["candidates"]) == wanted
    assert names_of(answers["networks"]["networks"]) == wanted
    assert answers["status"]["uplinks"][0]["ssid_hex"] == joined
    assert [each["ssid_hex"] for each in answers["history"]["history"]].count(joined) >= 1
    code = root.ash(plugin, "call", "join", stdin=json.dumps({"ssid": "$(touch pwned)"}).encode())
    assert json.loads(code.stdout)["schema"] == "wifirelay.error/1"  # no ubus, no jsonfilter here
