# SPDX-License-Identifier: GPL-2.0-or-later
"""What an owner says of one network: which access points, bands and radios are not for it."""

from typing import Any

import pytest
from known import bss, network, own, router, wireless

from wifirelay.core.candidates import find
from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS
from wifirelay.core.hearing import Hearing
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.memory import Memory
from wifirelay.core.plan import Action, make_plan
from wifirelay.core.refusals import UsableRadio
from wifirelay.router.channels import Channels
from wifirelay.uci.model import Section
from wifirelay.values import Band

BAD, GOOD, BEST = "02:00:00:00:02:00", "02:00:00:00:02:01", "02:00:00:00:02:02"
TWO = {
    "radio0": UsableRadio("radio0", Band.GHZ2, Channels(), has_access_point=True),
    "radio1": UsableRadio("radio1", Band.GHZ5, Channels(), has_access_point=True),
}
ON_TWO = [bss(bssid=GOOD), bss(bssid=BEST, radio="radio1", band=Band.GHZ5, channel=36)]


def why_not(known: KnownNetwork, radios: dict[str, UsableRadio] = TWO) -> dict[str, str | None]:
    found, ignored = find(ON_TWO, [known], radios)
    assert not ignored
    return {each.radio: each.why_not for each in found}


def edits(known: KnownNetwork, *own_sections: Section) -> list[str]:
    air = [bss(bssid=BAD, signal=-30), bss(bssid=GOOD, signal=-60)]
    plan = make_plan(router(wireless(*own_sections)), air, [known], Relay())
    assert (plan.decision.action, plan.decision.candidate) == (Action.JOIN, plan.candidates[0])
    return [edit.shown() for edit in plan.edits if "bssid" in (edit.option or "")]


# --- access points ---


def test_a_denied_one_is_told_and_denied_to_the_station_without_a_pin() -> None:
    known = network(not_bssids=(BAD,))
    plan = make_plan(router(), [bss(bssid=BAD, signal=-30), bss(bssid=GOOD)], [known], Relay())
    chosen, other = plan.candidates
    assert (chosen.eligible, chosen.bss and chosen.bss.bssid) == (True, GOOD)
    assert other.why_not == "its BSSID is one that the configuration lists under not_bssid"
    assert edits(known) == [f"set wireless.wifirelay.bssid_blacklist='{BAD}'"]
    several = network(not_bssids=(BAD, BEST))
    assert edits(several) == [f"set wireless.wifirelay.bssid_blacklist='{BAD} {BEST}'"]


def test_the_station_is_told_also_of_one_that_is_not_heard_now() -> None:
    """It roams later, when nobody plans."""
    assert edits(network(not_bssids=(BEST,))) == [
        f"set wireless.wifirelay.bssid_blacklist='{BEST}'"
    ]


def test_the_next_join_takes_the_list_away() -> None:
    left = own(bssid_blacklist=BEST)
    assert edits(network(), left) == ["delete wireless.wifirelay.bssid_blacklist"]


def test_a_failure_is_not_held_against_one_that_the_station_cannot_have_taken() -> None:
    known = network(not_bssids=(BAD,))
    hearing = Hearing([known], HABITS)
    air = (bss(bssid=BAD, signal=-30), bss(bssid=GOOD, signal=-50), bss(bssid=BEST, signal=-40))
    hearing.note(0.0, air)
    found, _ = find(air, [known], TWO)
    assert {each.bss and each.bss.bssid for each in found if each.eligible} == {GOOD, BEST}
    for each in found:
        strongest = hearing.strongest(each)
        assert strongest is not None
        assert strongest.bssid == BEST


def test_what_failed_waits_although_a_louder_one_is_denied() -> None:
    known = network(not_bssids=(BAD,))
    memory, good, bad = Memory(HABITS), bss(bssid=GOOD, signal=-60), bss(bssid=BAD, signal=-30)
    hearing = Hearing([known], HABITS)
    hearing.note(0.0, (good, bad))
    candidate = next(each for each in find((good, bad), [known], TWO)[0] if each.eligible)
    memory.failed(0.0, known.ssid, hearing.strongest(candidate), Cause.VANISHED)
    record = memory.at(1.0, (good, bad))
    assert "it did not answer" in (record.why_not(known, good) or "")


# --- bands and radios ---


@pytest.mark.parametrize(
    ("limits", "radio0", "radio1"),
    [
        ({}, None, None),
        ({"bands": (Band.GHZ2, Band.GHZ5)}, None, None),
        ({"bands": (Band.GHZ5,)}, "it is on 2g, which the configuration does not list", None),
        ({"bands": (Band.GHZ6,)}, "it is on 2g, which", "it is on 5g, which"),
        ({"radios": ("radio0",)}, None, "radio1 is not a radio that the configuration lists"),
        ({"radios": ("radio1", "radio0")}, None, None),
        ({"radios": ("radio0",), "bands": (Band.GHZ5,)}, "it is on 2g", "radio1 is not a radio"),
    ],
)
def test_others_say_why_not(limits: dict[str, Any], radio0: str | None, radio1: str | None) -> None:
    told = why_not(network(**limits))
    for radio, begin in (("radio0", radio0), ("radio1", radio1)):
        why = told[radio]
        assert why is None if begin is None else (why or "").startswith(begin)


def test_one_tried_blind_takes_the_first_radio_that_it_may_use() -> None:
    def blind(**limits: Any) -> list[str]:
        hidden = network(hidden=True, **limits)
        return [each.radio for each in find([], [hidden], TWO)[0]]

    assert blind() == ["radio0"]
    assert blind(radios=("radio1",)) == ["radio1"]
    assert blind(bands=(Band.GHZ5, Band.GHZ6)) == ["radio1"]
    assert blind(bands=(Band.GHZ5,), radios=("radio0",)) == []
    any_band = {"radio0": UsableRadio("radio0", None, Channels(), has_access_point=True)}
    found, _ = find([], [network(hidden=True, bands=(Band.GHZ5,))], any_band)
    assert [each.radio for each in found] == ["radio0"]


def test_a_radio_that_the_router_does_not_have_is_a_reason_and_stops_nothing_else() -> None:
    """A list of networks may serve many routers, and a USB radio may come late."""
    known = [network(), network("Boat", radios=("radio7",))]
    heard = [bss(), bss("Boat", bssid="02:00:00:00:07:00")]
    plan = make_plan(router(), heard, known, Relay())
    why = {each.network.ssid.text: each.why_not for each in plan.candidates}
    assert why["HomeNet"] is None
    assert why["Boat"] == "radio0 is not a radio that the configuration lists for this network"
