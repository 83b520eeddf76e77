# SPDX-License-Identifier: GPL-2.0-or-later
"""What the service leaves for a page: the air, its plan, its networks; and its light."""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.shapes import check
from tests.unattended import Mast, asked, mast
from wifirelay.cli.context import Context
from wifirelay.cli.telling import Telling
from wifirelay.config.model import Settings
from wifirelay.rooted import ROOT
from wifirelay.service.folder import NETWORKS, PLAN, SCAN, Folder
from wifirelay.service.light import Light, Shine
from wifirelay.service.loop import Service
from wifirelay.sim.configs import AP_KEY


class Page:
    """One router whose service writes files, and a reader of them."""

    def __init__(self, bench: Mast, path: Path) -> None:
        self.folder = Folder(str(path / "state"))
        self.folder.make()
        args = argparse.Namespace(json=False, verbose=False, config=None, router=None)
        bench.settings = replace(bench.settings, source="/etc/config/wifirelay")
        telling = Telling(Context(args, Settings()), self.folder, "mast pid 1", here=True)
        bench.service = Service(
            bench.transport,
            bench.world.clock,
            lambda: bench.settings,
            bench.wishes,
            telling,
            bench.controller,
            telling,
        )
        self.telling = telling

    def read(self, name: str) -> dict[str, Any]:
        return check(json.loads(self.folder.read(name) or ""))


def test_the_air_and_the_plan_are_there_with_reasons(tmp_path: Path) -> None:
    with mast() as bench:
        page = Page(bench, tmp_path)
        bench.run(100)
        names = {each["ssid"] for each in page.read(SCAN)["bss"]}
        assert {"HomeNet", "Phone"} <= names
        plan = page.read(PLAN)
        assert plan["decision"]["action"] == "stay"
        assert plan["decision"]["network"] == "HomeNet"
        assert plan["edits"] == []
        assert {each["network"] for each in plan["candidates"]} >= {"HomeNet", "Phone"}
        assert all(each["why"] for each in plan["ignored"]) and plan["ignored"]
        networks = page.read(NETWORKS)
        assert [each["ssid"] for each in networks["networks"]] == [
            known.ssid.text for known in bench.settings.networks
        ]


def test_what_is_left_alone_and_why_is_in_the_plan(tmp_path: Path) -> None:
    with mast("broken") as bench:
        page = Page(bench, tmp_path)
        bench.know("DeadDhcp")
        bench.service.settings = bench.settings
        bench.service.policy.reconfigure(bench.settings.networks, bench.settings.relay)
        bench.run(120)
        plan = page.read(PLAN)
        assert plan["decision"]["action"] == "nothing"
        assert "left alone" in plan["candidates"][0]["why_not"]


def test_quiet_hours_write_neither(tmp_path: Path) -> None:
    with mast() as bench:
        page = Page(bench, tmp_path)
        bench.run(1800)
        before = {name: os.stat(tmp_path / "state" / name).st_mtime_ns for name in (SCAN, PLAN)}
        bench.run(7200)
        after = {name: os.stat(tmp_path / "state" / name).st_mtime_ns for name in (SCAN, PLAN)}
        assert before == after
        del page


def test_a_scan_that_is_asked_for_comes_at_once_and_in_a_pause_too(tmp_path: Path) -> None:
    with mast() as bench:
        page = Page(bench, tmp_path)
        bench.run(100)
        asked(bench, {"do": "leave"})
        bench.world.air.switch_off("HomeNet")
        answer = asked(bench, {"do": "scan"})
        bench.run(1)
        names = {each["ssid"] for each in page.read(SCAN)["bss"]}
        assert "HomeNet" not in names and "Phone" in names
        assert answer["heard"] == len(page.read(SCAN)["bss"])
        assert bench.service.observer.uplink is None
        assert "as asked" in page.read(PLAN)["decision"]["why"]


def test_a_new_configuration_shows_at_once(tmp_path: Path) -> None:
    with mast() as bench:
        page = Page(bench, tmp_path)
        bench.run(100)
        bench.know("Phone")
        bench.wishes.wish(reload=True)
        bench.run(30)
        assert [each["ssid"] for each in page.read(NETWORKS)["networks"]] == ["Phone"]


def test_no_key_is_in_any_of_them(tmp_path: Path) -> None:
    with mast() as bench:
        page = Page(bench, tmp_path)
        bench.run(100)
        keys = [AP_KEY, *(each.key.reveal() for each in bench.world.known if each.key)]
        for name in (SCAN, PLAN, NETWORKS):
            text = page.folder.read(name) or ""
            assert text and not any(key in text for key in keys)


def test_they_are_gone_when_the_service_is(tmp_path: Path) -> None:
    with mast() as bench:
        page = Page(bench, tmp_path)
        bench.run(100)
        page.telling.end()
        left = set(os.listdir(tmp_path / "state"))
        assert left == {"history.jsonl", "memory"}


# --- the light ---


@pytest.fixture
def leds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A board with one LED."""
    led = tmp_path / "sys/class/leds/green:wlan"
    led.mkdir(parents=True)
    for name, text in (("trigger", "[none] timer"), ("brightness", "0"), ("max_brightness", "1\n")):
        (led / name).write_text(text)
    monkeypatch.setenv(ROOT, str(tmp_path))
    return led


def lit(led: Path) -> tuple[str, str]:
    return (led / "trigger").read_text(), (led / "brightness").read_text()


def test_the_light_shows_each_state_once(leds: Path) -> None:
    light = Light("green:wlan")
    assert light.there
    light.show(Shine.ONLINE)
    assert lit(leds) == ("none", "1")
    light.show(Shine.TRYING)
    assert (leds / "trigger").read_text() == "timer"
    assert (leds / "delay_on").read_text() == (leds / "delay_off").read_text() == "250"
    (leds / "trigger").write_text("untouched")
    light.show(Shine.TRYING)
    assert (leds / "trigger").read_text() == "untouched"
    light.off()
    assert lit(leds) == ("none", "0")


def test_a_light_that_goes_away_stops_nobody(leds: Path) -> None:
    light = Light("green:wlan")
    for name in os.listdir(leds):
        (leds / name).unlink()
    leds.rmdir()
    light.show(Shine.ONLINE)
    assert not light.there


def test_the_service_lights_it(leds: Path, tmp_path: Path) -> None:
    with mast() as bench:
        bench.settings = replace(bench.settings, led="green:wlan")
        page = Page(bench, tmp_path)
        bench.run(100)
        assert lit(leds) == ("none", "1")
        bench.world.air.switch_off("HomeNet")
        bench.world.air.switch_off("Phone")
        bench.run(60)
        assert lit(leds) != ("none", "1")
        page.telling.end()
        assert lit(leds) == ("none", "0")


def test_a_light_that_the_board_lacks_is_said(
    leds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mast() as bench:
        bench.settings = replace(bench.settings, led="red:fault")
        Page(bench, tmp_path)
        assert "no LED red:fault" in capsys.readouterr().err
        bench.run(60)
        assert lit(leds) == ("[none] timer", "0")
