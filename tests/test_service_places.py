# SPDX-License-Identifier: GPL-2.0-or-later
"""Evil twins and places with the service on a simulated router, and by hand."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.known import bss
from tests.unattended import Mast, Told, asked, mast
from wifirelay.cli.main import main
from wifirelay.cli.open import Opened
from wifirelay.clock import SystemClock
from wifirelay.core.candidates import Candidate
from wifirelay.core.habits import HABITS
from wifirelay.core.known import REFUSE, KnownNetwork, Relay
from wifirelay.core.memory import Memory
from wifirelay.errors import NothingToJoin
from wifirelay.service.events import Kind
from wifirelay.service.folder import Folder, folder_for
from wifirelay.service.report import SUSPECTS, Teller
from wifirelay.sim.neighbourhood_places import (
    GONE_AT,
    HARBOURS,
    HOME_BSSID,
    TWIN,
    TWIN_AT,
    WEAK_AT,
    WEAK_TWIN,
)
from wifirelay.sim.neighbourhoods import HOME_KEY
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import make_world
from wifirelay.transport.target import parse_target
from wifirelay.values import Security, Ssid
from wifirelay.view.service import service_lines, standing_plan

HOME = Ssid.of("HomeNet")
ROUTER = "ssh://root@192.0.2.1"
REFUSED = Relay(twins=REFUSE)
MADE_UP = "its address is made up, and of no maker's that has proved itself here"


def told(bench: Mast) -> list[str]:
    return [each.text for each in bench.told.events if each.kind is Kind.SUSPECT]


def proved(bench: Mast) -> set[str]:
    return {each[1] for each in bench.service.policy.memory.past.proofs if each[0] == HOME.hex}


def tried(bench: Mast) -> list[str]:
    return [each.ssid.text for each in bench.told.events if each.kind is Kind.TRYING and each.ssid]


def at(bench: Mast) -> str | None:
    """The access point that the simulated station is at."""
    link = bench.told.standings[-1].link
    return link.bssid if link is not None else None


def test_a_twin_is_shown_once_and_nothing_is_on_flash() -> None:
    with mast("twin") as bench:
        bench.run(TWIN_AT)
        assert (at(bench), told(bench)) == (HOME_BSSID, [])
        (proof,) = bench.service.policy.memory.past.proofs
        assert proof[:3] == [HOME.hex, HOME_BSSID, "sae-mixed"]
        assert proof[3] != 0
        bench.wishes.scan = True
        bench.run(100)
        assert told(bench) == [f"HomeNet at {TWIN} is possibly an evil twin: {MADE_UP}"]
        bench.wishes.scan = True
        bench.run(100)
        assert len(told(bench)) == 1
        mine = bench.told.standings[-1].candidates
        assert {c.suspect for c in mine if c.bss and c.bss.bssid == TWIN} == {MADE_UP}
        air = bench.told.airs[-1]
        assert any(MADE_UP in line for line in service_lines(air.standing, "x"))
        assert f"HomeNet at {HOME_BSSID}: worked last at this place" in " ".join(
            service_lines(air.standing, "x")
        )
        assert standing_plan(air).candidates == air.standing.candidates


def test_shown_it_is_joined_when_nothing_else_is_there_and_then_remembered() -> None:
    with mast("twin") as bench:
        bench.run(TWIN_AT + 60)
        bench.world.air.switch_off(HOME_BSSID)
        bench.run(200)
        assert (bench.uplink, at(bench)) == ("HomeNet", TWIN)
        assert len(told(bench)) == 1
        assert proved(bench) == {HOME_BSSID, TWIN}


def test_refused_it_is_not_joined_and_own_wifi_stays() -> None:
    with mast("twin", relay=REFUSED) as bench:
        bench.run(TWIN_AT + 60)
        bench.world.air.switch_off(HOME_BSSID)
        bench.run(200)
        assert bench.uplink is None
        assert bench.on_air()
        whys = [each.move.why for each in bench.told.standings]
        assert any("possibly an evil twin" in why for why in whys)
        assert proved(bench) == {HOME_BSSID}
        bench.world.air.switch_on(HOME_BSSID)
        bench.run(300)
        assert (bench.uplink, at(bench)) == ("HomeNet", HOME_BSSID)
        assert TWIN in json.dumps(bench.service.acts.own_options())  # its station is kept from it


def test_a_station_that_went_to_a_refused_one_by_itself_is_taken_off_it() -> None:
    """No scan had shown it before: wpa_supplicant took the loudest of its name."""
    with mast("twin", relay=REFUSED) as bench:
        bench.run(200)
        bench.world.air.switch_off(HOME_BSSID)
        bench.world.air.switch_on(TWIN)
        bench.world.router.advance(30)  # while the service hangs
        behind = bench.world.router.interfaces.behind()
        assert behind is not None and behind.bssid == TWIN
        bench.later(400, lambda: bench.world.air.switch_on(HOME_BSSID))
        bench.run(900)
        why = f"HomeNet at {TWIN}, possibly an evil twin: {MADE_UP}"
        resting = [each.text for each in bench.told.events if each.kind is Kind.RESTING]
        assert any(why in text for text in resting), bench.told.events
        assert (bench.uplink, at(bench)) == ("HomeNet", HOME_BSSID)
        assert proved(bench) == {HOME_BSSID}
        assert bench.on_air()


def test_one_with_weaker_security_is_a_suspect_whatever_its_address() -> None:
    with mast("twin") as bench:
        bench.run(200)
        bench.run(WEAK_AT - 200 + 60)
        bench.wishes.scan = True
        bench.run(100)
        text = f"HomeNet at {WEAK_TWIN} is possibly an evil twin"
        assert f"{text}: psk2, and it has proved itself with sae-mixed" in told(bench)


def test_asked_for_by_name_a_refused_one_is_joined_only_when_it_is_accepted() -> None:
    with mast("twin", relay=REFUSED) as bench:
        bench.run(TWIN_AT + 60)
        bench.world.air.switch_off(HOME_BSSID)
        bench.run(120)
        request = {"do": "join", "ssid_hex": HOME.hex}
        with pytest.raises(NothingToJoin, match="--twin"):
            asked(bench, request)
        answer = asked(bench, {**request, "twin": True})
        assert answer["ssid_hex"] == HOME.hex
        kinds = [
            each.kind for each in bench.told.events if each.kind in (Kind.SUSPECT, Kind.JOINED)
        ]
        assert kinds[-2:] == [Kind.SUSPECT, Kind.JOINED]
        bench.run(1200)
        assert (bench.uplink, at(bench)) == ("HomeNet", TWIN)
        assert TWIN in proved(bench)


def test_memory_is_taken_up_by_the_next_process_and_forgotten_when_asked() -> None:
    with mast("twin") as bench:
        bench.run(200)
        again = bench.new_service()
        assert [each[1] for each in again.policy.memory.past.proofs] == [HOME_BSSID]
        assert bench.told.memory["places"]
        assert asked(bench, {"do": "run", "forget": True})["forgot"] is True
        assert bench.service.policy.memory.past.as_json() == {"places": [], "proofs": []}
        bench.run(100)
        uplink = [each[0] for each in bench.told.memory["proofs"]]
        assert uplink == [HOME.hex]  # the uplink that works proves itself anew


def test_asked_for_by_name_it_is_told_before_the_trial_and_in_the_answer() -> None:
    with mast("twin") as bench:
        bench.run(200)
        asked(bench, {"do": "leave"})
        bench.world.air.switch_off(HOME_BSSID)
        bench.world.air.switch_on(TWIN)
        answer = asked(bench, {"do": "join", "ssid_hex": HOME.hex})
        assert answer["warnings"] == [f"HomeNet at {TWIN}: possibly an evil twin: {MADE_UP}"]
        kinds = [each.kind for each in bench.told.events]
        assert kinds.index(Kind.SUSPECT) < len(kinds) - 1 - kinds[::-1].index(Kind.TRYING)


def test_it_is_told_of_so_many_a_day() -> None:
    class Day(SystemClock):
        now = 0.0

        def monotonic(self) -> float:
            return self.now

    heard, clock = Told(), Day()
    teller = Teller(heard, clock)
    many = [
        Candidate(
            KnownNetwork(HOME), "radio0", bss(bssid=f"DA:5E:17:{number:02X}:00:01"), suspect=MADE_UP
        )
        for number in range(SUSPECTS + 10)
    ]
    teller.suspect(many)
    assert len(heard.events) == SUSPECTS
    teller.suspect([*many, replace(many[0], bss=None), replace(many[0], suspect=None)])
    assert len(heard.events) == SUSPECTS
    clock.now = 86400.0
    teller.suspect(many[:1])
    assert len(heard.events) == SUSPECTS + 1
    text = f"HomeNet at DA:5E:17:00:00:01 is possibly an evil twin: {MADE_UP}"
    assert (heard.events[-1].text, heard.events[-1].ssid) == (text, HOME)


def test_the_world_by_itself_meets_its_twin() -> None:
    """What `sim:twin run --seconds 1800` shows in docs/places.md."""
    with mast("twin") as bench:
        bench.run(GONE_AT)
        assert (at(bench), told(bench)) == (HOME_BSSID, [])
        bench.run(1800 - GONE_AT)
        assert (bench.uplink, at(bench)) == ("HomeNet", TWIN)
        assert f"HomeNet at {TWIN} is possibly an evil twin: {MADE_UP}" in told(bench)


# --- a journey ---


def test_a_boat_that_is_back_tries_first_what_worked_there() -> None:
    away, back = HARBOURS
    with mast("journey") as bench:
        bench.run(away)
        assert bench.uplink == "Harbour"
        assert tried(bench)[0] == "Pier"  # louder, and without internet
        bench.run(back - away)
        assert bench.uplink == "Quay"
        first = len(tried(bench))
        bench.run(900)
        assert bench.uplink == "Harbour"
        assert tried(bench)[first:] == ["Harbour"]
        assert len(bench.service.policy.memory.past.places.known) == 2
        assert len(bench.world.router.flash_writes) <= 12


# --- by hand ---


def test_a_command_beside_no_service_says_nothing_of_twins(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--router", "sim:twin", "plan"]) == 0
    out = capsys.readouterr().out
    assert "evil" not in out


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    """The folder of a service of this machine that has ended, and its router, where both access
    points of HomeNet are heard now."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    config = tmp_path / "config.yaml"
    key = HOME_KEY
    config.write_text(f"networks:\n  - {{ssid: HomeNet, key: {key}, security: auto}}\n")
    config.chmod(0o600)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "wifirelay").mkdir(mode=0o700)
    config.rename(tmp_path / "wifirelay/config.yaml")
    with make_world("twin") as world:
        transport = SimTransport(world.router)
        opened = Opened(parse_target(ROUTER), transport, world.clock, lambda: None)
        monkeypatch.setattr("wifirelay.cli.context.open_target", lambda *_, **__: opened)
        world.air.switch_off(HOME_BSSID)
        world.air.switch_on(TWIN)
        folder = Folder(folder_for(str(opened.target)))
        folder.make()
        memory, now = Memory(HABITS), world.clock.monotonic()
        around = [bss("x", bssid=f"AC:DE:48:{number:02X}:00:01") for number in range(0x20, 0x24)]
        memory.past.places.hear(now, around)
        memory.past.proved(
            now, KnownNetwork(HOME), bss(bssid=HOME_BSSID, security=Security.SAE_MIXED)
        )
        folder.write("memory", folder.remember(memory.as_json()))
        yield folder


def suspects(capsys: pytest.CaptureFixture[str], command: str, part: str) -> set[str]:
    assert main(["--json", "--router", ROUTER, command]) in (0, 4)
    found = json.loads(capsys.readouterr().out)
    return {each["bssid"] for each in found[part] if each["suspect"] == MADE_UP}


def test_plan_and_scan_read_what_a_service_of_this_machine_remembers(
    laptop: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suspects(capsys, "plan", "candidates") == {TWIN}
    assert suspects(capsys, "scan", "bss") == {TWIN}
    stored = json.loads(laptop.read("memory") or "")
    laptop.write("memory", json.dumps({**stored, "boot": "of another boot"}))
    assert suspects(capsys, "plan", "candidates") == set()
    laptop.write("memory", json.dumps({**stored, "memory": {"proofs": [["x"]]}}))
    assert suspects(capsys, "scan", "bss") == set()


def test_a_join_by_hand_warns_before_its_trial(
    laptop: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    del laptop
    assert main(["--router", ROUTER, "join", "HomeNet"]) == 0
    err = capsys.readouterr().err
    warning = f"warning: HomeNet at {TWIN}: possibly an evil twin: {MADE_UP}"
    assert warning in err
    assert err.index(warning) < err.index("applied") if "applied" in err else True


def test_where_suspects_are_refused_a_join_by_hand_needs_the_word(
    laptop: Folder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    del laptop
    config = tmp_path / "wifirelay/config.yaml"
    config.write_text("relay: {twins: refuse}\n" + config.read_text())
    assert main(["--router", ROUTER, "join", "HomeNet"]) == 4
    assert "possibly an evil twin" in capsys.readouterr().err
    assert main(["--router", ROUTER, "join", "HomeNet", "--twin"]) == 0
