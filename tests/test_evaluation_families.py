# SPDX-License-Identifier: GPL-2.0-or-later
"""The families of worlds: the same for the same seed, of sound values, and diverse."""

import pytest

from wifirelay.evaluation.chance import Chance, Union, merged
from wifirelay.evaluation.draw import DAY, steps, within
from wifirelay.evaluation.families import FAMILIES, make
from wifirelay.evaluation.world import NOISE, Behind, World
from wifirelay.values import Security, parse_bssid


def values(place: World) -> list[object]:
    return [place.seconds, place.known, place.tracks]


@pytest.mark.parametrize("family", FAMILIES)
def test_one_seed_one_world(family: str) -> None:
    assert values(make(family, 4, 1.5)) == values(make(family, 4, 1.5))
    assert values(make(family, 4, 1.5)) != values(make(family, 5, 1.5))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("family", FAMILIES)
def test_a_world_is_sound(family: str, seed: int) -> None:
    place = make(family, seed, 2.0)
    assert place.seconds == 2 * DAY
    assert len({track.bssid for track in place.tracks}) == len(place.tracks)
    names = {network.ssid for network in place.known}
    assert len(names) == len(place.known)
    assert any(place.fits(track) for track in place.tracks)
    for track in place.tracks:
        assert parse_bssid(track.bssid) == track.bssid
        starts = [step.at for step in track.steps]
        assert starts == sorted(set(starts))
        assert 0 <= starts[0] < place.seconds
        assert all(s.signal is None or -120 < s.signal < -20 for s in track.steps)
        for a, b in zip(track.steps, track.steps[1:], strict=False):
            assert (a.signal, a.behind) != (b.signal, b.behind)


def test_what_makes_each_family() -> None:
    def behinds(place: World) -> set[Behind]:
        return {step.behind for track in place.tracks for step in track.steps}

    assert sum(network.metered for network in make("vehicle", 1, 3).known) == 1
    chain = [t for t in make("vehicle", 1, 3).tracks if t.ssid.text == "CoffeeChain"]
    assert len(chain) > 5
    assert Behind.PORTAL in behinds(make("hotel", 1, 3))
    assert {n.priority for n in make("camp", 1, 3).known} == {0, 10}
    city = make("city", 1, 3)
    assert (len(city.tracks), len(city.known)) == (200, 5)
    assert len([t for t in make("office", 1, 3).tracks if t.ssid.text == "Office"]) >= 3
    assert Behind.NO_INTERNET in behinds(make("outages", 1, 3))
    twins = [make("evil-twin", seed, 3) for seed in range(4)]
    assert any(Behind.WRONG_KEY in behinds(place) for place in twins)
    for place in twins:
        (cafe, _) = place.known
        kinds = {track.security for track in place.tracks if track.ssid == cafe.ssid}
        assert Security.PSK2 in kinds
        assert kinds & {Security.OPEN, Security.WPA1}


def test_what_is_heard_depends_on_the_moment_only() -> None:
    a, b = make("city", 2, 1), make("city", 2, 1)
    moments = [100.0, 3599.9, 3600.0, 50000.0, 60.0]
    for moment in moments:
        b.heard("radio0", moment + 7200)
    for moment in moments:
        assert a.heard("radio0", moment) == b.heard("radio0", moment)
    assert a.heard("radio0", 100.0) != a.heard("radio0", 101.0)  # the noise


def test_the_noise_is_about_two_db() -> None:
    track = make("city", 2, 1).tracks[0]
    off = [track.reading(-60, 1, moment / 7) + 60 for moment in range(4000)]
    assert abs(sum(off)) / len(off) < 0.15
    assert NOISE**2 * 0.9 < sum(each**2 for each in off) / len(off) < NOISE**2 * 1.15


def test_spans() -> None:
    assert merged([(5, 6), (1, 3), (2, 4), (4, 5)]) == [(1, 6)]
    union = Union([(1, 3), (5, 6)])
    assert [union.seconds(0, at) for at in (0, 1, 2, 4, 5.5, 9)] == [0, 0, 1, 2, 2.5, 3]
    assert within([(0, -50), (10, -60)], [(5, 12), (20, 30)]) == [
        *((5, -50), (10, -60), (12, None)),
        *((20, -60), (30, None)),
    ]
    made = steps([(1, -50), (2, -50), (3, None)], [(0, Behind.OK), (2, Behind.PORTAL)])
    assert [(s.at, s.signal, s.behind.value) for s in made] == [
        (1, -50, "ok"),
        (2, -50, "portal"),
        (3, None, "ok"),
    ]
    place = make("camp", 1, 1)
    assert 0 < Chance(place).seconds(0, DAY) <= DAY
