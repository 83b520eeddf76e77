# SPDX-License-Identifier: GPL-2.0-or-later
"""What was heard: several looks at one signal, which access point counts, what is best."""

import pytest
from known import bss, network

from wifirelay.core.candidates import Current
from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS
from wifirelay.core.hearing import Hearing
from wifirelay.core.memory import Memory
from wifirelay.core.moves import Situation
from wifirelay.core.refusals import UsableRadio
from wifirelay.core.samples import WINDOW, Samples, strongest
from wifirelay.core.stay import Stay
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.values import Band, Ssid

HOME, CAFE = Ssid.of("HomeNet"), Ssid.of("Cafe")
ONE, TWO = "02:00:00:00:02:00", "02:00:00:00:02:02"
SITUATION = Situation(
    None, radios={"radio0": UsableRadio("radio0", Band.GHZ2, Channels(), has_access_point=True)}
)


def hearing(*heard: Bss, now: float = 0.0) -> Hearing:
    there = Hearing((network(), network("Cafe"), network("Hidden", hidden=True)), HABITS)
    there.note(now, heard)
    return there


def cafe(signal: int | None = -60) -> Bss:
    return bss("Cafe", bssid=TWO, signal=signal)


# --- samples ---


def test_the_last_three_signals_of_an_access_point_count_for_a_while() -> None:
    samples = Samples()
    for now, signal in enumerate((-50, -60, -70, -80)):
        samples.note(float(now), (bss(signal=signal),))
    assert samples.of(3.0, bss()) == (-60, -70, -80)
    assert samples.of(WINDOW + 2.0, bss()) == (-70, -80)
    assert samples.of(WINDOW + 3.0, bss()) == (-80,)
    assert samples.of(WINDOW + 3.1, bss()) == ()


def test_each_access_point_and_radio_has_its_own() -> None:
    samples = Samples()
    samples.note(
        0.0, (bss(signal=-50), bss(bssid=TWO, signal=-60), bss(radio="radio1", signal=-70))
    )
    samples.note(0.0, (bss(bssid=None, signal=-80), bss(bssid=TWO, signal=None)))
    assert samples.of(0.0, bss()) == (-50,)
    assert samples.of(0.0, bss(bssid=TWO)) == (-60,)
    assert samples.of(0.0, bss(radio="radio1")) == (-70,)
    assert samples.of(0.0, bss(bssid=None)) == ()
    assert samples.of(0.0, bss(bssid="02:00:00:00:09:09")) == ()


def test_ever_new_access_points_fill_no_memory() -> None:
    samples = Samples()
    for number in range(1000):
        samples.note(
            float(number), (bss(bssid=f"02:00:00:00:{number >> 8:02X}:{number & 255:02X}"),)
        )
    assert len(samples._all) == int(WINDOW) + 1


@pytest.mark.parametrize(
    ("signals", "steadied"),
    [((-50,), -50), ((-50, -60), -60), ((-60, -50), -60), ((-50, -80, -60), -60)],
)
def test_a_signal_is_steadied_by_those_before(signals: tuple[int, ...], steadied: int) -> None:
    samples = Samples()
    for signal in signals:
        heard = bss(signal=signal)
        samples.note(0.0, (heard,))
    (found,) = samples.steadied(0.0, (heard,))
    assert found == bss(signal=steadied)
    assert (found is heard) is (steadied == signals[-1])


def test_a_station_takes_the_strongest_and_of_equals_the_first() -> None:
    first, second = bss(signal=-60), bss(bssid=TWO, signal=-60)
    strong, silent = bss(bssid=TWO, signal=-40), bss(signal=None)
    key = (HOME, "radio0")
    assert strongest([first, second])[key] is first
    assert strongest([first, strong])[key] is strong
    assert strongest([strong, first])[key] is strong
    assert strongest([silent, first])[key] is first
    assert strongest([first, silent])[key] is first
    assert strongest([silent, bss(bssid=TWO, signal=None)])[key] is silent
    other = bss(radio="radio1", signal=-90)
    assert strongest([first, other, cafe(), bss(None)]) == {
        key: first,
        (HOME, "radio1"): other,
        (CAFE, "radio0"): cafe(),
    }


# --- hearing ---


def test_when_most_of_what_is_heard_is_new_the_router_is_moving() -> None:
    air = [bss("Other", bssid=f"02:00:00:00:09:0{number}") for number in range(4)]
    there = Hearing((), HABITS)
    assert not there.note(0.0, tuple(air[:2]))  # nothing to compare with
    assert not there.note(1.0, (air[0], air[2]))  # half of it
    assert there.note(2.0, (air[2], air[3], air[1]))
    assert not there.note(3.0, ())
    assert not there.note(4.0, tuple(air))


def test_a_scan_is_fresh_for_half_a_minute() -> None:
    there = Hearing((), HABITS)
    assert not there.fresh(0.0)
    there.note(100.0, ())
    assert there.fresh(100.0 + HABITS.young_scan)
    assert not there.fresh(100.1 + HABITS.young_scan)
    there.at = None
    assert not there.fresh(100.0)


def test_without_internet_a_network_must_offer_less() -> None:
    there = Hearing((), HABITS)
    found = []
    for now, since in ((100.0, None), (100.0, 90.0), (109.9, 90.0), (110.0, 90.0), (111.0, None)):
        there.want(now, since)
        found.append((there.lenient, there.impatient))
    assert found == [(0, False), (0, True), (0, True), (HABITS.lenient, True), (0, False)]


def test_close_to_the_level_two_scans_are_needed() -> None:
    there, memory = hearing(bss(signal=-79)), Memory(HABITS)
    assert there.best(0.0, SITUATION, memory) == there.candidates[1]  # only the blind one is sure
    assert there.candidates[0].eligible
    there.note(10.0, (bss(signal=-79),))
    best = there.best(10.0, SITUATION, memory)
    assert best is not None and best.network.ssid == HOME


def test_at_first_nothing_is_lowered_and_nothing_found() -> None:
    there = hearing(bss(signal=-81))
    assert (there.candidates, there.ignored, there.impatient) == ((), (), False)
    there.sure_ones(0.0, SITUATION, Memory(HABITS))
    assert not there.candidates[-1].eligible


def test_a_lower_level_counts_for_being_sure_too() -> None:
    there, memory = hearing(bss(signal=-82)), Memory(HABITS)
    there.want(100.0, 0.0)
    best = there.best(0.0, SITUATION, memory)
    assert best is not None and best.network.ssid == HOME


def test_the_best_is_steady_then_any_then_blind() -> None:
    there, memory = hearing(bss(signal=-40), cafe()), Memory(HABITS)

    def best() -> str | None:
        found = there.best(0.0, SITUATION, memory)
        return found.network.ssid.text if found is not None else None

    assert best() == "HomeNet"
    memory.lost(0.0, Stay(HOME, "radio0", ONE, Band.GHZ2, -1000.0, HABITS))
    assert best() == "Cafe"
    memory.lost(0.0, Stay(CAFE, "radio0", TWO, Band.GHZ2, -1000.0, HABITS))
    assert best() == "HomeNet"
    there.note(1.0, ())
    assert best() == "Hidden"
    there.known = (network(),)
    assert best() is None


def test_the_owners_choice_is_the_best() -> None:
    there, memory = hearing(bss(signal=-40), cafe()), Memory(HABITS)
    memory.choose(0.0, CAFE)
    best = there.best(0.0, SITUATION, memory)
    assert best is not None and best.network.ssid == CAFE


def test_own_access_points_are_left_out_and_the_uplink_is_current() -> None:
    there, memory = hearing(bss(), cafe(-82)), Memory(HABITS)
    situation = Situation(
        Current(CAFE, "radio0", TWO), radios=SITUATION.radios, own_macs=frozenset({ONE})
    )
    memory.failed(0.0, CAFE, cafe(), Cause.BUSY)
    there.sure_ones(0.0, situation, memory)
    assert [each.why for each in there.ignored] == ["this router's own access point"]
    (mine, _) = there.candidates
    assert mine.eligible  # below the level to join, and in trouble: but it works
    assert "current" in [term.name for term in mine.terms]


def test_poor_is_the_best_of_those_that_only_want_internet() -> None:
    there, memory = hearing(bss(signal=-40), cafe()), Memory(HABITS)
    for ssid, cause in ((HOME, Cause.DEAD_DHCP), (CAFE, Cause.NO_DNS)):
        memory.failed(0.0, ssid, cafe() if ssid == CAFE else bss(signal=-40), cause)
    poor = there.poor(0.0, SITUATION, memory)
    assert poor is not None and poor.network.ssid == CAFE
    there.note(200.0, (cafe(-79),))  # and not unless it is sure
    assert there.poor(200.0, SITUATION, memory) is None
    there.note(200.0, ())  # nor one that is not heard
    assert there.poor(200.0, SITUATION, memory) is None


def test_impatience_ends_a_pause_sooner() -> None:
    there, memory = hearing(bss()), Memory(HABITS)
    memory.failed(0.0, HOME, bss(), Cause.PORTAL)
    for impatient in (False, True):
        there.impatient = impatient
        there.note(700.0, (bss(),))
        best = there.best(700.0, SITUATION, memory)
        assert (best is not None and best.network.ssid == HOME) is impatient


def test_the_strongest_of_its_network_is_what_a_trial_proves() -> None:
    near = bss(bssid=TWO, signal=-40)
    there, memory = hearing(bss(), near, cafe()), Memory(HABITS)
    candidates = there.sure_ones(0.0, SITUATION, memory)
    weaker = next(each for each in candidates if each.bss is not None and each.bss.bssid == ONE)
    assert there.strongest(weaker) == near
    blind = next(each for each in candidates if each.bss is None)
    assert there.strongest(blind) is None
    there.note(1.0, ())
    assert there.strongest(weaker) == weaker.bss  # as it was heard then
