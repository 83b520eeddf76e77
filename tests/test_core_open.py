# SPDX-License-Identifier: GPL-2.0-or-later
"""Open networks that nobody listed: which may be joined, after what, how many, for how long."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import known as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_policy import CAUSES, KNOWN, RADIOS, Play, bss, dos

from wifirelay.core.candidates import Candidate, Ignored, find
from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.moves import Do, Move
from wifirelay.core.plan import Action, make_plan
from wifirelay.core.strangers import Allowed
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.values import Secret, Security, Ssid

GUESTS = made.allowed("*guest*")
OPEN = Relay(allowed=GUESTS)
DAY = 86400.0


def free(name: str = "Hotel Guest", signal: int = -50, number: int = 9) -> Bss:
    return replace(bss(name, signal, number), security=Security.OPEN)


def found(
    *heard: Bss, known: Iterable[KnownNetwork] = KNOWN, allowed: Allowed = GUESTS, **more: Any
) -> tuple[tuple[Candidate, ...], tuple[Ignored, ...]]:
    return find(heard, (*allowed.among(heard), *known), RADIOS, **more)


def strangers(moves: Iterable[Move]) -> set[str]:
    """The networks that nobody listed and that were tried."""
    tried = (move.candidate.network for move in moves if move.candidate is not None)
    return {network.ssid.text for network in tried if network.stranger}


# --- which ---


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("*Guest*", "HotelGUEST 5G", True),
        ("FREE-*", "free-wifi", True),
        ("FREE-*", "not free-wifi", False),
        ("Caf?", "CAFÉ", True),
        ("*", "", True),
        ("a*", "a\udce9", True),
        ("Straße", "STRASSE", True),
        ("guest", "guest ", False),
    ],
)
def test_a_pattern_is_of_the_whole_name_in_any_case(pattern: str, name: str, fits: bool) -> None:
    assert made.allowed(pattern).admits(Ssid.of(name)) is fits
    assert made.allowed("*", but=[pattern]).admits(Ssid.of(name)) is not fits


def test_a_name_that_is_listed_and_switched_off_is_not_meant() -> None:
    ssid = Ssid.of("Guest")
    assert GUESTS.admits(ssid)
    assert not replace(GUESTS, off=frozenset({ssid})).admits(ssid)


def test_an_allowed_one_is_a_candidate_after_all_others_and_says_so() -> None:
    hidden = KnownNetwork(Ssid.of("Back"), Secret("a passphrase"), hidden=True, priority=-1000)
    listed = (*KNOWN, replace(KNOWN[0], ssid=Ssid.of("Last"), priority=-1000, metered=True), hidden)
    candidates, ignored = found(free(signal=-30), bss("Last", -75), bss("Home", -76), known=listed)
    assert [each.network.ssid.text for each in candidates] == [
        "Home",
        "Last",
        "Back",
        "Hotel Guest",
    ]
    last = candidates[-1]
    assert last.eligible and last.network.stranger and last.network.key is None
    assert "open.names" in last.terms[-1].why and last.terms[-1].points == 0.0
    assert ignored == ()


def test_none_is_where_nothing_is_allowed() -> None:
    candidates, ignored = find([free()], KNOWN, RADIOS)
    assert candidates == ()
    assert [each.why for each in ignored] == ["not a known network"]


@pytest.mark.parametrize(
    "security", [each for each in Security if each.value not in ("open", "owe")]
)
def test_a_secured_one_never_is(security: Security) -> None:
    candidates, ignored = found(replace(free(), security=security))
    assert candidates == ()
    assert [each.why for each in ignored] == ["not a known network"]


def test_open_and_owe() -> None:
    candidates, ignored = found(free(), replace(free("Guest OWE", number=8), security=Security.OWE))
    assert all(each.eligible and each.network.stranger for each in candidates)
    assert (len(candidates), ignored) == (2, ())


def test_a_secured_one_beside_an_open_one_of_its_name_is_not() -> None:
    candidates, _ = found(free(), bss("Hotel Guest", -40, 3))
    assert [each.why_not for each in candidates] == [
        None,
        "it needs a key (psk2), and none is known",
    ]


def test_names_that_are_not_meant_or_cannot_be() -> None:
    rule = made.allowed("*guest*", but=["*evil*"])
    candidates, ignored = found(free("Cafe du Lac"), free("Evil Guest"), allowed=rule)
    assert candidates == ()
    assert [each.why for each in ignored] == ["not a known network"] * 2
    candidates, _ = found(free("a\nguest"), replace(free(), ssid=None))
    assert ["control characters" in (each.why_not or "") for each in candidates] == [True]


def test_one_with_the_name_of_a_known_network_is_its_evil_twin() -> None:
    rule = made.allowed("*")
    candidates, _ = found(free("Home"), allowed=rule)
    assert [each.why_not for each in candidates] == [
        "open, but known as secured: possibly an evil twin"
    ]
    assert not candidates[0].network.stranger


def test_its_signal_must_do_as_any_others() -> None:
    candidates, _ = found(free(signal=-85))
    assert "too weak" in (candidates[0].why_not or "")


# --- a plan ---


def test_a_plan_joins_one_when_no_known_one_can_be() -> None:
    guest = made.bss("Hotel Guest", bssid="02:00:00:00:02:09", security=Security.OPEN, signal=-40)
    on = made.router()
    plan = make_plan(on, [guest, made.bss(signal=-70)], [made.network()], OPEN)
    assert plan.decision.candidate is not None
    assert plan.decision.candidate.network.ssid.text == "HomeNet"
    assert "only known network" in plan.decision.why
    plan = make_plan(on, [guest, made.bss(signal=-95)], [made.network()], OPEN)
    assert plan.decision.why == (
        "no known network can be joined; Hotel Guest is open, and allowed by open.names"
    )
    assert make_plan(
        on, [guest, made.bss(signal=-70)], [made.network()], OPEN, chosen=Ssid.of("Hotel Guest")
    ).decision.why == ("Hotel Guest was asked for; it is open, and allowed by open.names")
    sealed = made.bss("Hotel Guest", bssid="02:00:00:00:02:09", security=Security.PSK2)
    for heard, why in (
        ([made.bss(signal=-70)], "Hotel Guest is not heard"),
        ([sealed], "Hotel Guest is not a known network, and what is heard of it is not open"),
    ):
        asked = make_plan(on, heard, [made.network()], OPEN, chosen=Ssid.of("Hotel Guest"))
        assert (asked.decision.action, asked.decision.why) == (Action.NOTHING, why)
    edits = [edit.shown() for edit in plan.edits]
    assert "set wireless.wifirelay.encryption='none'" in edits
    assert not any("key='" in each or "bssid='" in each for each in edits)
    assert make_plan(on, [guest], [made.network()], Relay()).decision.action is Action.NOTHING


def test_a_plan_leaves_no_known_uplink_for_one() -> None:
    guest = made.bss("Hotel Guest", bssid="02:00:00:00:02:09", security=Security.OPEN, signal=-30)
    on = made.router(uplink="HomeNet")
    for heard in ([guest], [guest, made.bss(signal=-95)]):
        plan = make_plan(on, heard, [made.network()], OPEN)
        assert plan.decision.action is Action.STAY, plan.decision
    plan = make_plan(on, [guest], [made.network("Cafe")], OPEN)  # not known any more
    assert plan.decision.action is Action.STAY


# --- the policy ---


def test_one_is_joined_after_a_while_without_a_known_one() -> None:
    play = Play(relay=OPEN, air=(free(),))
    while play.step().do is not Do.JOIN:
        assert play.now < 60
    assert play.now - 16 >= HABITS.desperate_after
    _, move = play.moves[-1]
    assert move.needs_internet and "allowed by open.names" in move.why
    assert play.on == "Hotel Guest"
    moves = play.run(3600)
    assert Do.KEEP not in dos(moves)
    waits = {each.why for each in moves if each.do is Do.WAIT}
    assert waits == {"Hotel Guest works (open, allowed by open.names)"}


def test_without_known_networks_too() -> None:
    play = Play(known=(), relay=OPEN, air=(free(),))
    play.run(120)
    assert play.on == "Hotel Guest"
    play = Play(known=(), air=(free(),))
    assert dos(play.run(7200)) == [Do.WAIT] * 2


@pytest.mark.parametrize("home", [-80, -84])
def test_not_while_a_known_one_may_turn_out_to_do(home: int) -> None:
    play = Play(relay=OPEN, air=(free(), bss("Home", home)))
    play.run(120)
    assert play.on == "Home"
    assert strangers(move for _, move in play.moves) == set()


def test_a_known_one_that_keeps_going_away_goes_before() -> None:
    play = Play(relay=OPEN, air=(free(), bss("Home", -60)))
    for _ in range(3):
        play.run(300)
        assert play.on == "Home"
        play.lose()
        play.run(25)
    play.run(1200)
    assert play.on == "Home"


def test_it_is_left_for_a_known_one_by_the_rules_of_a_higher_class() -> None:
    play = Play(relay=OPEN, air=(free(),))
    play.run(120)
    play.air = (free(), bss("Phone", -50))
    moves = play.run(6 * 3600)
    assert play.on == "Phone"
    why = next(move.why for move in moves if move.do is Do.JOIN)
    assert why == "Phone is of a higher class than Hotel Guest"


def test_its_hours_end_and_the_next_day_it_is_joined_again() -> None:
    play = Play(relay=Relay(allowed=replace(GUESTS, stay=7200.0)), air=(free(),))
    play.run(60)
    begun = play.now
    assert play.on == "Hotel Guest"
    while (move := play.step()).do is not Do.REST:
        assert play.now < begun + 2 * 3600 + 60
    assert 2 * 3600 - 60 < play.now - begun < 2 * 3600 + 60
    assert move.why == (
        "Hotel Guest, an open network: its hours (open.stay) are over: left alone for 22 h more"
    )
    play.policy.lost(play.now)
    moves = play.run(21 * 3600)
    assert play.on is None and Do.JOIN not in dos(moves)
    assert any("(open.stay) are over: left alone for" in move.why for move in moves)
    play.run(2 * 3600)
    assert play.on == "Hotel Guest"


def test_its_hours_end_beside_a_cable_too() -> None:
    play = Play(relay=OPEN, air=(free(),))
    play.run(60)
    play.wired = "wan"
    moves = play.run(9 * 3600)
    assert dos(moves).count(Do.REST) == 1
    assert play.on is None


def test_a_restart_of_the_service_does_not_give_it_more() -> None:
    play = Play(relay=OPEN, air=(free(),))
    play.run(7.5 * 3600)
    memory = play.policy.memory.as_json()
    play.__post_init__()
    play.policy.memory.load(memory, play.now)
    moves = play.run(3600)
    assert dos(moves).count(Do.REST) == 1
    assert play.on is None


def test_one_that_is_not_allowed_any_more_is_left_at_once() -> None:
    for relay in (Relay(), Relay(allowed=made.allowed("FREE-*"))):
        play = Play(relay=OPEN, air=(free(),))
        play.run(60)
        play.policy.reconfigure(KNOWN, relay)
        move = play.step()
        assert move.do is Do.REST
        assert move.why == "Hotel Guest, an open network: not allowed by open.names any more"


def test_one_that_is_listed_now_has_no_such_limit() -> None:
    play = Play(relay=OPEN, air=(free(),))
    play.run(60)
    play.policy.reconfigure((*KNOWN, KnownNetwork(Ssid.of("Hotel Guest"))), Relay())
    moves = play.run(DAY)
    assert play.on == "Hotel Guest"
    assert Do.REST not in dos(moves) and Do.KEEP in dos(moves)


def test_only_so_many_a_day() -> None:
    play = Play(relay=Relay(allowed=replace(GUESTS, limit=3)))
    for number in range(6):
        play.air = (free(f"Guest {number}", number=number),)
        play.run(600, Cause.PORTAL)
    moves = [move for _, move in play.moves]
    assert strangers(moves) == {"Guest 0", "Guest 1", "Guest 2"}
    said = "3 others were tried within a day (open.limit)"
    assert said in moves[-1].why or any(said in move.why for move in moves)
    play.air = (free("Guest 1", number=1),)
    play.run(4 * 3600)
    assert play.on == "Guest 1"  # one of the three
    play.uplink = None
    play.policy.gone(play.now)
    play.now += DAY
    play.air = (free("Guest 5", number=5),)
    play.run(600)
    assert play.on == "Guest 5"


def test_one_with_a_login_page_waits_as_any_other_and_is_not_kept_for_want_of_better() -> None:
    play = Play(relay=OPEN, air=(free(),))
    moves = play.run(7200, Cause.PORTAL)
    tries = [move for move in moves if move.do is Do.JOIN]
    assert 2 <= len(tries) <= 13
    assert all(move.needs_internet for move in tries)


def test_a_known_one_without_internet_is_left_for_one() -> None:
    play = Play(relay=OPEN, air=(free(), bss("Home", -60)))
    play.run(120)
    assert play.on == "Home"
    play.verdict = Verdict.OFFLINE
    while play.step().do is not Do.CHECK:
        pass
    play.verdict = Verdict.ONLINE
    play.run(120)
    assert play.on == "Hotel Guest"


# --- whatever happens ---

NAMES = ("Home", "Cafe", "Phone", "Hotel Guest", "guest 2", "Evil Guest", "Other", "")
AIR = st.lists(
    st.builds(
        lambda name, signal, number, security: replace(
            bss(name, signal, number), security=security
        ),
        st.sampled_from(NAMES),
        st.integers(-95, -30),
        st.integers(0, 7),
        st.sampled_from(Security),
    ),
    max_size=6,
    unique_by=lambda each: each.bssid,
).map(tuple)
DAYS = st.lists(st.tuples(AIR, CAUSES, st.booleans(), st.sampled_from(Verdict)), max_size=12)
RULE = made.allowed("*guest*", but=["evil*"], limit=2, hours=1)


def lived(days: Any, relay: Relay) -> Play:
    """A policy through these spells: their air, how trials end, whether the uplink goes."""
    play = Play(relay=relay)
    for air, cause, loses, verdict in days:
        play.air, play.verdict = air, verdict
        end = play.now + 1500
        while play.now < end:
            offline = play.uplink is None
            move = play.step(cause)
            if offline and strangers([move]):
                others = [c for c in play.policy.candidates if not c.network.stranger]
                assert not any(each.eligible for each in others)
        if loses and play.uplink is not None:
            play.lose()
    return play


@settings(max_examples=60, deadline=None)
@given(DAYS)
def test_only_allowed_open_ones_only_so_many_and_only_when_no_known_one_can(days: Any) -> None:
    play = lived(days, Relay(allowed=RULE))
    times: dict[str, float] = {}
    for at, move in play.moves:
        if move.candidate is None or not move.candidate.network.stranger:
            continue
        heard = move.candidate.bss
        assert heard is not None and heard.ssid == move.candidate.network.ssid
        assert heard.ssid.text in ("Hotel Guest", "guest 2")
        assert heard.security in (Security.OPEN, Security.OWE)
        assert move.needs_internet
        times.setdefault(heard.ssid.text, at)
    assert len(times) <= RULE.limit
    for _, move in play.moves:  # nothing else is joined that is not known
        if move.do is Do.JOIN:
            assert move.candidate is not None
            listed = any(each == move.candidate.network for each in KNOWN)
            assert listed or move.candidate.network.stranger
        if move.do is Do.KEEP:
            assert not any(name in move.why for name in times)


@settings(max_examples=60, deadline=None)
@given(DAYS)
def test_what_allows_nothing_that_is_there_changes_nothing(days: Any) -> None:
    without = lived(days, Relay()).moves
    assert lived(days, Relay(allowed=made.allowed("Nowhere"))).moves == without
    assert not strangers(move for _, move in without)
