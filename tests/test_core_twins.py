# SPDX-License-Identifier: GPL-2.0-or-later
"""Evil twins: what is remembered of access points, who is a suspect, what is done about it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known import bss, network, router, wireless

from wifirelay.core.candidates import Candidate, Current, find
from wifirelay.core.known import REFUSE, SHOW, KnownNetwork, Relay
from wifirelay.core.moves import Do, Situation
from wifirelay.core.places import DAY, KEPT
from wifirelay.core.plan import Action, make_plan
from wifirelay.core.policy import Steady
from wifirelay.core.refusals import UsableRadio
from wifirelay.core.twins import DENIED, MOST, OF_ONE, POINTS, Past
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.values import Band, Security, Ssid
from wifirelay.view.air import scan_lines, scan_object
from wifirelay.view.plan import plan_lines, plan_object

HOME = Ssid.of("HomeNet")
GENUINE, MESH, TWIN = "AC:DE:48:10:00:01", "AE:DE:48:77:12:34", "DA:5E:17:00:66:01"
RADIOS = {"radio0": UsableRadio("radio0", Band.GHZ2, Channels(), has_access_point=True)}
MADE_UP = "its address is made up, and of no maker's that has proved itself here"
HERE = tuple(bss("x", bssid=f"AC:DE:48:{number:02X}:00:01") for number in range(0x20, 0x24))
THERE = tuple(bss("x", bssid=f"AC:DE:48:{number:02X}:00:01") for number in range(0x30, 0x34))


def at(bssid: str, security: Security = Security.PSK2, signal: int = -50) -> Bss:
    return bss(bssid=bssid, security=security, signal=signal)


def past(*proved: Bss, around: tuple[Bss, ...] = HERE, twins: str = SHOW) -> Past:
    """These have proved themselves at one place."""
    found = Past(twins)
    found.places.hear(0.0, around)
    for each in proved:
        found.proved(0.0, network(), each)
    return found


def why(found: Past, one: Bss, **limits: Any) -> str | None:
    return found.suspect(network(**limits), one)


# --- who is one ---


def test_without_a_memory_only_an_open_one_is_suspected() -> None:
    assert why(Past(), at(TWIN)) is None
    assert why(Past(), at(GENUINE, Security.OPEN)) == "open, but known as secured"
    assert why(Past(), at(GENUINE, Security.OPEN), key=None) is None


def test_a_made_up_address_that_has_not_proved_itself_is() -> None:
    known = past(at(GENUINE))
    assert why(known, at(TWIN)) == MADE_UP
    assert why(known, at(GENUINE)) is None
    assert why(known, at("00:11:22:33:44:55")) is None  # a maker's: a new access point of its owner
    assert why(known, at(TWIN), bssids=(TWIN,)) is None  # its owner's word
    assert known.suspect(network("Cafe"), at(TWIN)) is None  # nothing is known of it


@pytest.mark.parametrize(
    "related",
    [
        "AE:DE:48:10:00:01",  # the local bit set: mac80211's second network
        "AE:DE:48:10:00:02",  # and the last byte counted up
        "06:DE:48:10:00:01",  # another first byte
        "AE:DE:48:99:88:77",  # another of its maker's, in a mesh or a campus
    ],
)
def test_addresses_that_makers_derive_are_not(related: str) -> None:
    assert why(past(at(GENUINE)), at(related)) is None
    assert why(past(at(related)), at(GENUINE)) is None
    assert why(past(at(MESH)), at(related)) is None


@pytest.mark.parametrize(
    ("before", "now", "suspect"),
    [
        ("sae", "psk2", True),
        ("sae-mixed", "psk2", True),
        ("sae", "sae-mixed", False),
        ("psk2", "sae", False),
        ("psk2", "psk2", False),
        ("wpa2-eap", "psk2", True),
        ("wpa3-eap", "wpa2-eap", True),
        ("wpa2-eap", "wpa3-eap", False),
        ("psk2", "wpa1", True),
        ("psk2", "wep", True),
        ("sae", "unknown", False),
        ("owe", "open", False),
    ],
)
@pytest.mark.parametrize("bssid", [GENUINE, "00:11:22:33:44:55"])
def test_weaker_security_than_it_proved_with_is(
    before: str, now: str, suspect: bool, bssid: str
) -> None:
    known, one = past(at(GENUINE, Security(before))), at(bssid, Security(now))
    text = f"{now}, and it has proved itself with {before}"
    assert known.suspect(network(key=None), one) == (text if suspect else None)


def test_a_network_that_has_proved_itself_with_less_may_show_less() -> None:
    known = past(at(GENUINE, Security.SAE), at("AC:DE:48:11:00:01", Security.PSK2))
    assert why(known, at("00:11:22:33:44:55", Security.PSK2)) is None
    assert why(known, at(GENUINE, Security.PSK2)) is not None  # this one has not


def test_at_a_place_not_seen_yet_the_first_is_taken() -> None:
    known = past(at(GENUINE))
    known.places.hear(1.0, THERE)
    assert why(known, at(TWIN)) is None
    known.proved(1.0, network(), at(TWIN))
    assert why(known, at("6E:00:11:22:33:44")) == MADE_UP
    known.places.hear(2.0, HERE)
    assert why(known, at("6E:00:11:22:33:44")) == MADE_UP
    assert why(known, at(TWIN)) is None  # it has proved itself, wherever


def test_where_too_little_is_heard_to_tell_a_place_all_count() -> None:
    known = past(at(GENUINE))
    known.places.hear(1.0, ())
    assert why(known, at(TWIN)) == MADE_UP


def test_a_phone_changes_its_address_and_is_no_suspect_for_long() -> None:
    known = past(at("DA:00:11:22:33:44"))
    assert why(known, at("6E:55:66:77:88:99")) == MADE_UP
    known.proved(1.0, network(), at("6E:55:66:77:88:99"))
    assert why(known, at("F2:12:13:14:15:16")) is None


@given(st.binary(min_size=6, max_size=6), st.sampled_from(list(Security)))
def test_what_has_proved_itself_is_never_a_suspect_with_the_same_security(
    raw: bytes, security: Security
) -> None:
    bssid = ":".join(f"{byte:02X}" for byte in raw)
    known = past(at(GENUINE, Security.WPA3_EAP), at(bssid, security))
    if bssid != GENUINE and security not in (Security.OPEN, Security.UNKNOWN):
        assert why(known, at(bssid, security)) is None


@given(st.binary(min_size=6, max_size=6))
def test_a_maker_s_address_is_never_a_suspect_for_its_address(raw: bytes) -> None:
    raw = bytes([raw[0] & ~2, *raw[1:]])
    assert why(past(at(GENUINE)), at(":".join(f"{byte:02X}" for byte in raw))) is None


def test_kinds_without_a_secret_are_weaker_than_any_and_no_measure() -> None:
    both = past(at(GENUINE), at(MESH, Security.OWE))
    assert why(both, at("00:11:22:33:44:55", Security.WEP), key=None) is None


def test_of_equal_kinds_the_first_is_told() -> None:
    both = past(at(GENUINE, Security.SAE), at(MESH, Security.SAE_MIXED))
    assert why(both, at("00:11:22:33:44:55")) == "psk2, and it has proved itself with sae"


def test_what_other_networks_have_proved_says_nothing_and_hides_nothing() -> None:
    found = Past()
    found.places.hear(0.0, HERE)
    found.proved(0.0, network("Cafe"), at(MESH, Security.SAE))
    found.proved(0.0, network(), at(GENUINE))
    assert why(found, at(TWIN)) == MADE_UP
    assert why(found, at("00:11:22:33:44:55")) is None


def test_what_proved_itself_at_no_place_counts_at_each() -> None:
    found = Past()
    found.places.hear(0.0, ())  # too little to tell one
    found.proved(0.0, network(), at(GENUINE))
    found.places.hear(1.0, THERE)
    found.places.worked(1.0, Ssid.of("Cafe"))
    assert found.places.here != 0
    assert why(found, at(TWIN)) == MADE_UP


def test_without_an_address_nobody_is_a_suspect_for_it() -> None:
    assert why(past(at(GENUINE)), bss(bssid=None)) is None


# --- the memory ---


def names(found: Past, ssid: str = "HomeNet") -> list[str]:
    return [each[1] for each in found.proofs if each[0] == Ssid.of(ssid).hex]


def test_it_is_bounded_and_the_oldest_goes_first() -> None:
    found = Past()
    for number in range(OF_ONE + 3):
        found.proved(float(number), network(), at(f"AC:DE:48:00:00:{number:02X}"))
    assert names(found) == [f"AC:DE:48:00:00:{number:02X}" for number in range(3, OF_ONE + 3)]
    for number in range(40):
        for last in range(OF_ONE):
            found.proved(100.0 + number, network(f"n{number}"), at(f"AC:DE:48:01:00:{last:02X}"))
    assert len(found.proofs) == MOST
    assert not names(found)
    assert len(names(found, "n39")) == OF_ONE
    assert len(json.dumps(found.as_json())) < 9000


def test_one_that_proves_itself_again_is_the_newest() -> None:
    found = past(at(GENUINE), at(MESH))
    found.proved(DAY, network(), at(GENUINE, Security.SAE))
    assert [each[1:3] for each in found.proofs] == [[MESH, "psk2"], [GENUINE, "sae"]]


def test_it_is_forgotten_after_a_while() -> None:
    known = past(at(GENUINE))
    known.proved(KEPT + 1, network("Cafe"), at(MESH))
    assert why(known, at(TWIN)) is None
    assert len(known.proofs) == 1


def test_at_the_last_moment_it_is_still_known_and_years_on_a_clock_are_no_age() -> None:
    found, late = Past(), 1000 * DAY
    found.proved(late, network(), at(GENUINE))
    found.proved(late + DAY - 1, network(), at(GENUINE))
    assert [each[4] for each in found.proofs] == [late]
    found.proved(late + KEPT, network(), at(MESH))
    assert names(found) == [GENUINE, MESH]


def test_a_quiet_day_changes_nothing_that_is_stored() -> None:
    known = past(at(GENUINE))
    before = known.as_json()
    for hour in range(1, 24):
        known.proved(3600.0 * hour, network(), at(GENUINE))
    assert known.as_json() == before
    known.proved(DAY, network(), at(GENUINE))
    assert known.as_json() != before


def test_what_is_stored_is_taken_up() -> None:
    known, again = past(at(GENUINE), at(MESH, Security.SAE)), Past()
    again.load(json.loads(json.dumps(known.as_json())), 10.0)
    assert again.as_json() == known.as_json()
    again.places.hear(10.0, HERE)
    assert why(again, at(TWIN)) == MADE_UP
    assert why(again, at(MESH)) is not None
    with pytest.raises(ValueError, match="another clock"):
        again.load(known.as_json(), -5.0)
    assert again.as_json() == known.as_json()


def test_a_file_from_before_there_was_a_memory_is_an_empty_one() -> None:
    known = past(at(GENUINE))
    known.load({}, 1.0)
    assert known.as_json() == {"places": [], "proofs": []}


def test_another_secret_and_an_entry_that_is_gone_forget() -> None:
    def after(*known: KnownNetwork) -> list[str]:
        policy = Steady([network()], Relay())
        policy.memory.past = past(at(GENUINE))
        policy.reconfigure(known, Relay(twins=REFUSE))
        assert policy.memory.past.twins == REFUSE
        return names(policy.memory.past)

    assert after(network(priority=5, twins=REFUSE)) == [GENUINE]
    assert after(network(key="another key")) == []
    assert after() == []


def test_what_no_scan_has_shown_is_not_remembered() -> None:
    found = past(at(GENUINE, Security.UNKNOWN))
    assert found.proofs == []


# --- what is done about it ---


def candidates(found: Past, *heard: Bss, **limits: Any) -> dict[str, Candidate]:
    mine, _ = find(heard, [network(**limits)], RADIOS, past=found)
    return {each.bss.bssid or "": each for each in mine if each.bss is not None}


def test_show_costs_points_and_is_told() -> None:
    one = candidates(past(at(GENUINE)), at(TWIN, signal=-40), at(GENUINE, signal=-60))
    assert one[TWIN].eligible
    assert one[TWIN].suspect == MADE_UP
    assert [(e.points, e.why) for e in one[TWIN].terms if e.name == "twin"] == [
        (POINTS, f"possibly an evil twin: {MADE_UP}")
    ]
    assert one[GENUINE].suspect is None


@pytest.mark.parametrize(
    ("relay", "own", "refused"),
    [(SHOW, "", False), (REFUSE, "", True), (SHOW, REFUSE, True), (REFUSE, SHOW, False)],
)
def test_refused_by_the_network_s_own_word_or_by_relay_s(
    relay: str, own: str, refused: bool
) -> None:
    heard = (at(TWIN, signal=-40), at(GENUINE, signal=-60))
    one = candidates(past(at(GENUINE), twins=relay), *heard, twins=own)
    assert one[TWIN].eligible is not refused
    assert one[GENUINE].eligible
    assert one[TWIN].suspect == MADE_UP
    if refused:
        assert one[TWIN].why_not == (
            f"possibly an evil twin: {MADE_UP} (`wifirelay join --twin` accepts it)"
        )


def test_the_station_is_kept_from_who_is_refused() -> None:
    """It would take the strongest of a name."""
    heard = [at(TWIN, signal=-40), at(GENUINE, signal=-60)]
    known = [network(twins=REFUSE)]
    plan = make_plan(router(wireless()), heard, known, Relay(), past=past(at(GENUINE)))
    assert plan.decision.action is Action.JOIN
    assert plan.decision.candidate is not None
    assert plan.decision.candidate.bss == heard[1]
    edits = [edit.shown() for edit in plan.edits if "bssid" in (edit.option or "")]
    assert edits == [f"set wireless.wifirelay.bssid_blacklist='{TWIN}'"]
    assert plan.warnings == ()


def test_its_own_access_point_is_never_denied_for_a_copy_of_it() -> None:
    known = past(at(GENUINE, Security.SAE), twins=REFUSE)
    copy = at(GENUINE, Security.PSK2)
    guarded = known.guarded(network(), [copy])
    assert guarded.not_bssids == ()
    assert not candidates(known, copy)[GENUINE].eligible


def test_only_so_many_are_denied() -> None:
    known = past(at(GENUINE), twins=REFUSE)
    twins = [at(f"DA:5E:17:00:66:{number:02X}") for number in range(DENIED + 3)]
    assert known.guarded(network(), twins).not_bssids == tuple(e.bssid for e in twins[:DENIED])
    assert known.guarded(network("Cafe"), twins).not_bssids == ()
    assert known.guarded(network(twins=SHOW), twins).not_bssids == ()


def test_only_its_own_twins_are_denied_and_only_refused_ones_left() -> None:
    known = past(at(GENUINE), twins=REFUSE)
    other = bss("Cafe", bssid="6E:00:11:22:33:44", security=Security.PSK2)
    assert known.guarded(network(), [other]).not_bssids == ()
    assert known.refused(network(), at(TWIN)) == MADE_UP
    assert known.refused(network(twins=SHOW), at(TWIN)) is None


def test_a_station_that_is_at_a_refused_one_leaves_it_for_longer_each_time() -> None:
    """No scan shows it: so nothing keeps the station from it."""
    policy = Steady([network(twins=REFUSE)], Relay())
    policy.memory.past = past(at(GENUINE))
    uplink, now, pauses = Current(HOME, "radio0", GENUINE), 0.0, []
    for _ in range(3):
        policy.heard(now, (*HERE, at(GENUINE)))
        policy.next(now, Situation(uplink, radios=RADIOS))
        policy.looked(now, -50, GENUINE)
        assert policy.next(now, Situation(uplink, radios=RADIOS)).do is not Do.REST
        policy.looked(now, -50, TWIN)
        move = policy.next(now, Situation(uplink, radios=RADIOS))
        assert (move.do, move.why) == (
            Do.REST,
            f"HomeNet at {TWIN}, possibly an evil twin: {MADE_UP}",
        )
        begun = now
        while policy.next(now, Situation(None, radios=RADIOS)).do is not Do.JOIN:
            now += 1.0
            policy.heard(now, (*HERE, at(GENUINE)))
        pauses.append(now - begun)
    assert pauses == sorted(pauses)
    assert pauses[0] >= 20.0
    assert pauses[2] >= 80.0


def test_what_its_owner_denies_stays_denied() -> None:
    known = past(at(GENUINE), twins=REFUSE)
    mine = network(not_bssids=(GENUINE, TWIN))
    assert known.guarded(mine, [at(TWIN), at("6E:00:11:22:33:44")]).not_bssids == (
        GENUINE,
        TWIN,
        "6E:00:11:22:33:44",
    )


def test_only_a_twin_is_heard_and_the_reason_says_what_to_do() -> None:
    known = past(at(GENUINE), twins=REFUSE)
    plan = make_plan(router(), [at(TWIN)], [network()], Relay(), chosen=HOME, past=known)
    assert plan.decision.action is Action.NOTHING
    assert "possibly an evil twin" in plan.decision.why
    assert "--twin" in plan.decision.why


# --- for people and programs ---


def test_plan_and_scan_tell() -> None:
    known, heard = past(at(GENUINE)), (at(TWIN, signal=-40), at(GENUINE, signal=-60))
    plan = make_plan(router(), heard, [network()], Relay(), past=known)
    shape = plan_object(plan)
    assert {each["bssid"]: each["suspect"] for each in shape["candidates"]} == {
        TWIN: MADE_UP,
        GENUINE: None,
    }
    text = f"HomeNet at {TWIN}: possibly an evil twin: {MADE_UP}"
    lines = plan_lines(plan, verbose=False)
    assert lines.count(text) == 1
    assert f"warning: {text}" in lines
    suspects = {("radio0", TWIN): MADE_UP}
    shape = scan_object(["radio0"], heard, [network()], suspects)
    assert [each["suspect"] for each in shape["bss"]] == [MADE_UP, None]
    lines = scan_lines(heard, [network()], suspects)
    assert [line[0] for line in lines[1:3]] == ["!", "*"]
    assert lines[-1] == "! possibly an evil twin: `wifirelay plan` says why"
    assert scan_lines(heard, [network()])[1][0] == "*"
