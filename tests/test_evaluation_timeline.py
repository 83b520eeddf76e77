# SPDX-License-Identifier: GPL-2.0-or-later
"""Timelines: what is written is read again, and mistakes are named with line and remedy."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_worlds import track, world, worlds

from wifirelay.errors import ConfigError, UsageError
from wifirelay.evaluation.families import FAMILIES, make
from wifirelay.evaluation.timeline_file import load_timeline, read_timeline, write_timeline
from wifirelay.evaluation.world import Behind, Step, Track, World
from wifirelay.values import Band, Security, Ssid

HEAD = "at,bssid,ssid,channel,signal,reachable"
ROW = "02:00:00:00:06:00,HomeNet,6,-50,yes"


def read(*lines: str) -> World:
    return read_timeline("\n".join(lines) + "\n", "log.csv")


def test_a_file_by_hand() -> None:
    place = read(
        HEAD + ",security,known,priority",
        "0,02:00:00:00:06:00,HomeNet,6,-50,yes,,,5",
        "0.5,02-00-00-00-06-01,CafeOpen,36,-61,portal,open,yes,",
        "10,02:00:00:00:06:02,Neighbour,1,-80,yes,psk2,no,",
        "60,02:00:00:00:06:00,HomeNet,6,,yes,,,5",
        "",
        "3600,02:00:00:00:06:00,HomeNet,6,-50,no,,,5",
    )
    assert place.seconds == 3600
    assert [network.ssid.text for network in place.known] == ["HomeNet", "CafeOpen"]
    assert [network.priority for network in place.known] == [5, 0]
    assert [network.protected for network in place.known] == [True, False]
    home, cafe, other = place.tracks
    assert home.steps == (
        Step(0.0, -50),
        Step(60.0, None),
        Step(3600.0, -50, Behind.NO_INTERNET),
    )
    assert (cafe.bssid, cafe.band, cafe.radio) == ("02:00:00:00:06:01", Band.GHZ5, "radio1")
    assert cafe.at(0.4).signal is None
    assert cafe.at(0.5) == Step(0.5, -61, Behind.PORTAL)
    assert not place.fits(other)


def same(a: World, b: World) -> None:
    """But for the seed, which follows from the text, and for what is not in the air."""

    def steps(place: World, each: Track) -> list[Step]:
        return [step for step in each.steps if step.at < place.seconds]

    assert a.seconds == b.seconds
    assert {t.bssid for t in b.tracks} == {t.bssid for t in a.tracks if steps(a, t)}
    for mine in b.tracks:
        (other,) = [each for each in a.tracks if each.bssid == mine.bssid]
        assert steps(b, mine) == steps(a, other)
        for name in ("ssid", "channel", "security", "width"):
            assert getattr(mine, name) == getattr(other, name)
    there = {each.ssid for each in a.tracks if a.fits(each) and steps(a, each)}
    ours = {each.ssid: (each.priority, each.metered, each.protected) for each in a.known}
    theirs = {each.ssid: (each.priority, each.metered, each.protected) for each in b.known}
    assert theirs == {ssid: each for ssid, each in ours.items() if ssid in there}


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_what_is_written_is_read_again(place: World) -> None:
    if place.tracks:
        again = read_timeline(write_timeline(place), "again")
        same(place, again)
        assert write_timeline(again) == write_timeline(read_timeline(write_timeline(again), "x"))


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=1, max_size=32))
def test_any_name_goes_through(tmp_path_factory: pytest.TempPathFactory, name: bytes) -> None:
    place = world(Track("02:00:00:00:00:01", Ssid(name), 6, Security.PSK2, (Step(0.0, -50),)))
    path = tmp_path_factory.mktemp("names") / "a.csv"
    path.write_bytes(write_timeline(place).encode("utf-8", "surrogateescape"))
    assert load_timeline(str(path)).tracks[0].ssid == Ssid(name)


@pytest.mark.parametrize("family", FAMILIES)
def test_families_go_through(family: str) -> None:
    place = make(family, 3, 0.5)
    same(place, read_timeline(write_timeline(place), family))


def test_an_evil_twin_is_written_as_not_known() -> None:
    twin = track(2, "A", (0, -40), security=Security.OPEN)
    again = read_timeline(write_timeline(world(track(1, "A", (0, -50)), twin)), "x")
    assert [again.fits(each) for each in again.tracks] == [True, False]


@pytest.mark.parametrize(
    ("lines", "line", "problem"),
    [
        ([], 1, "no column `at`"),
        ([HEAD.replace(",signal", "")], 1, "no column `signal`"),
        ([HEAD + ",colour"], 1, "'colour'"),
        ([HEAD + ",at"], 1, "'at'"),
        ([HEAD], 1, "no row"),
        ([HEAD, f"0,{ROW}"], 2, "lasts no time"),
        ([HEAD, f"0,{ROW},more"], 2, "7 fields"),
        ([HEAD, f"soon,{ROW}"], 2, "at is 'soon'"),
        ([HEAD, f"nan,{ROW}"], 2, "at is 'nan'"),
        ([HEAD, f"1700000000,{ROW}"], 2, "at is"),
        ([HEAD, f"5,{ROW}", f"4,{ROW}"], 3, "before 5"),
        ([HEAD, "0,HomeNet,HomeNet,6,-50,yes"], 2, "not a BSSID"),
        ([HEAD, "0,02:00:00:00:06:00,,6,-50,yes"], 2, "0 bytes"),
        ([HEAD, f"0,02:00:00:00:06:00,{'x' * 33},6,-50,yes"], 2, "33 bytes"),
        ([HEAD, "0,02:00:00:00:06:00,H,20,-50,yes"], 2, "channel 20"),
        ([HEAD, "0,02:00:00:00:06:00,H,six,-50,yes"], 2, "channel is 'six'"),
        ([HEAD, "0,02:00:00:00:06:00,H,6,50,yes"], 2, "signal is '50'"),
        ([HEAD, "0,02:00:00:00:06:00,H,6,-50,maybe"], 2, "reachable is 'maybe'"),
        ([HEAD, f"0,{ROW}", "9,02:00:00:00:06:00,HomeNet,11,-50,yes"], 3, "another name, channel"),
        ([HEAD + ",security", f"0,{ROW},wpa9"], 2, "security is 'wpa9'"),
        ([HEAD + ",known", f"0,{ROW},perhaps"], 2, "known is 'perhaps'"),
        ([HEAD + ",priority", f"0,{ROW},high"], 2, "priority is 'high'"),
        ([HEAD + ",priority", f"0,{ROW},1", f"9,{ROW},2"], 3, "another priority"),
        ([HEAD, f'0,"{ROW}'], 2, "not CSV"),
    ],
)
def test_mistakes(lines: list[str], line: int, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(*lines)
    assert caught.value.message.startswith(f"log.csv:{line}: ")
    assert problem in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read") as caught:
        load_timeline(str(tmp_path / "none.csv"))
    assert caught.value.hint


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('at,bssidchannelrewo0123456789:-"\n\r\x00é '), max_size=80))
def test_garbage_is_an_error_of_the_file(text: str) -> None:
    with pytest.raises(ConfigError):
        read_timeline(HEAD + "\n" + text, "log.csv")
