# SPDX-License-Identifier: GPL-2.0-or-later
"""The pictures and lines of `wifirelay watch`, from values alone: whatever the names and sizes."""

import re
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from tests.fuzzing.feeding import INVISIBLE, width
from tests.fuzzing.names import NAMES
from tests.watched import AWAY, bss, event, picture, status
from wifirelay.values import Ssid
from wifirelay.view.changes import change_lines, new_events, settled, state_line
from wifirelay.view.live import screen
from wifirelay.view.picture import Picture, Source, number, sentences
from wifirelay.view.spark import ASCII, BLOCKS, bar, sparkline, weakest

SIZES = [(80, 24), (200, 50), (40, 10), (20, 5), (1, 1)]


def words(shown: Picture, wide: int = 80, high: int = 24, **options: bool) -> str:
    return "\n".join(line.plain for line in screen(shown, wide, high, **options))


# --- the screen ---


def test_all_is_on_it() -> None:
    text = words(picture(busy=""), 80, 24)
    for said in (
        *("HomeNet on radio1: connected at -55 dBm", "online, for 12 min or more"),
        *("own Wi-Fi on the air: HomeNet", "12 s ago", "2.4 GHz", "5 GHz"),
        *("38.0  HomeNet", "signal +25.0 band +2.0", "no: failed: HomeNet"),
        *("-58 dBm now, -71 at worst", "03:04:05  joined  joined HomeNet", "q quit   r scan"),
    ):
        assert said in text, (said, text)
    bars, channels = text.splitlines()[6:8]
    assert channels.split() == ["1", "6", "11"]
    assert [bars.index(each) for each in "▇▆"] == sorted(bars.index(each) for each in "▇▆")
    own = text.splitlines()[8]
    assert own.startswith("5 GHz") and "▆▆>" in own


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("what", NAMES)
def test_no_name_breaks_it(what: str, size: tuple[int, int]) -> None:
    """As rich writes it: one row a line, within the width, and no code but rich's own."""
    wide, high = size
    ssid = NAMES[what]
    shown = picture(ssid, trouble=f"out of reach: {ssid.text}", router=ssid.text)
    lines = screen(shown, wide, high)
    assert len(lines) == high
    console = Console(width=wide, height=high, force_terminal=True, color_system="standard")
    with console.capture() as captured:
        for line in lines:
            console.print(line)
    rows = captured.get().split("\n")[:-1]
    assert len(rows) == high
    for row in rows:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", row)
        assert width(plain) <= wide, plain
        assert all(each == " " or unicodedata.category(each)[0] not in "CZ" for each in plain)
        assert not INVISIBLE.search(plain)


def test_markup_of_rich_is_text() -> None:
    assert "[bold]x[/bold] on radio1" in words(picture(Ssid(b"[bold]x[/bold]")))


@pytest.mark.parametrize("wrong", [None, [], "x", 3, {}, {"bss": 7}, {"bss": [None, {"x": []}]}])
def test_whatever_a_router_answers(wrong: Any) -> None:
    bent: dict[str, Any] = dict.fromkeys(status(), wrong)
    lists: dict[str, Any] = {key: [wrong, {"channel": float("nan")}] for key in status()}
    for each in (bent, lists):
        shown = picture(status=each, scan=wrong, plan=wrong, events=({"text": wrong},))
        assert len(words(shown).splitlines()) == 24
        assert state_line(shown).isprintable()


def test_out_of_reach_keeps_the_last_picture_greyed_with_its_age() -> None:
    lines = screen(picture(trouble="out of reach: no answer", age=90.0), 80, 24)
    assert lines[1].plain == "out of reach: no answer; this is as of 90 s ago"
    body = [line for line in lines[6:-1] if line.plain]
    assert body
    assert all(any(span.style == "dim" for span in line.spans) for line in body)


def test_before_the_first_look() -> None:
    lines = words(Picture(AWAY, Source.ROUTER, 5.0, busy="asking the router")).splitlines()
    assert lines[0].startswith(AWAY)
    assert lines[-1] == "asking the router ..."


def test_many_channels_leave_out_the_weak_and_unknown() -> None:
    heard = [bss(Ssid(b"x"), 36 + 4 * number, -30 - number) for number in range(30)]
    heard.append(bss(Ssid(b"y"), 177, -90, known=True))
    row = words(picture(scan={"bss": heard})).splitlines()[7]
    assert row.split()[-1] == "177"
    assert row.split()[:13] == [str(36 + 4 * number) for number in range(13)]


def test_it_grows() -> None:
    small, tall = words(picture()), words(picture(), 200, 50)
    assert tall.count("joined HomeNet") > small.count("joined HomeNet") > 2
    assert "-41  -46  -51" in tall and "-41  -46" not in small


def test_without_unicode() -> None:
    text = words(picture(), ascii_only=True)
    assert text.isascii()
    assert "##*" in words(
        picture(scan={"bss": [bss(Ssid(b"x"), 1, -30, known=True)]}), ascii_only=True
    )


def test_no_colour_is_the_only_sign() -> None:
    dark = status(access_points=[{"ssid": "A", "ssid_hex": "41", "section": "a", "on_air": False}])
    assert "OFF THE AIR: A" in words(picture(status=dark))


@pytest.mark.parametrize("levels", [BLOCKS, ASCII])
def test_bars(levels: str) -> None:
    assert [bar(dbm, levels) for dbm in (-200, -95, -36, 0)] == [levels[0]] * 2 + [levels[-1]] * 2
    assert bar(None, levels) == " "
    assert sparkline([-95, None, -35], 2, levels) == " " + levels[-1]
    assert sparkline([-95], 0, levels) == ""


def test_the_weakest() -> None:
    assert weakest([None, -60.0, -71.0]) == -71.0
    assert weakest([None]) is None


@pytest.mark.parametrize("wrong", [True, "7", None, float("nan"), float("inf"), 10**400])
def test_numbers(wrong: object) -> None:
    assert number({"x": wrong}, "x") is None


# --- lines ---


def test_a_line_for_each_change() -> None:
    before = picture()
    staged = {"own": [], "foreign": ["a", "b"]}
    gone = replace(before, status=status(uplinks=[], staged=staged, internet=None))
    assert change_lines(before, replace(before, signals=(-80.0,), age=9.0)) == []
    assert change_lines(before, gone) == [
        "uplink: off: at baseline",
        "staged: 2 of somebody else's",
        "internet: nothing any more",
    ]
    lost = replace(before, trouble="out of reach: no answer")
    assert change_lines(before, lost) == ["out of reach: no answer"]
    assert change_lines(lost, before) == ["the router answers again"]


def test_events_of_a_service_are_lines_once() -> None:
    one, two, three = (event(each) for each in ("one", "two", "three"))
    before = picture(source=Source.SERVICE, events=(one, two))
    after = replace(before, events=(two, three))
    assert change_lines(before, after) == ["03:04:05  joined  three"]
    assert new_events((), (one, two)) == (one, two)
    assert change_lines(replace(before, source=Source.ROUTER), picture(events=(three,))) == []


@pytest.mark.parametrize("what", NAMES)
def test_no_name_forges_a_line(what: str) -> None:
    shown = picture(NAMES[what], source=Source.SERVICE)
    lines = [state_line(shown), *change_lines(replace(shown, status=None, events=()), shown)]
    assert len(lines) == 62
    assert all(line.isprintable() and not INVISIBLE.search(line) for line in lines)


def test_what_the_service_does_and_why() -> None:
    service = {"doing": "rest", "why": "HomeNet works", "paused": None}
    text = {each.topic: each.text for each in sentences(_served(service))}
    assert text["service"] == "on this machine, rest: HomeNet works"
    text = {each.topic: each.text for each in sentences(_served({"paused": "the owner left"}))}
    assert text["service"] == "on this machine, paused: the owner left"


def _served(service: dict[str, Any]) -> Picture:
    return picture(source=Source.SERVICE, status=status(service=service))


def test_what_differs_at_every_look_is_no_change() -> None:
    assert settled({"a": [{"when": 1, "b": 2}]}) == {"a": [{"b": 2}]}
