# SPDX-License-Identifier: GPL-2.0-or-later
"""The policy alone, against arbitrary air and arbitrary luck."""

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifirelay.core.candidates import Current
from wifirelay.core.causes import Cause
from wifirelay.core.habits import HABITS, gain_needed
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.moves import Do, Move, Situation
from wifirelay.core.policy import Steady
from wifirelay.core.refusals import UsableRadio
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.values import Band, Secret, Security, Ssid

KEY = Secret("a passphrase")
KNOWN = (
    KnownNetwork(Ssid.of("Home"), KEY, priority=10),
    KnownNetwork(Ssid.of("Cafe"), KEY),
    KnownNetwork(Ssid.of("Phone"), KEY, metered=True),
)
RADIOS = {
    name: UsableRadio(name, band, Channels(), has_access_point=True)
    for name, band in (("radio0", Band.GHZ2), ("radio1", Band.GHZ5))
}


def bss(name: str, signal: int, number: int = 0, radio: str = "radio0") -> Bss:
    five = radio == "radio1"
    return Bss(
        radio,
        f"02:00:00:00:00:{number:02X}",
        Ssid.of(name),
        36 if five else 6,
        Band.GHZ5 if five else Band.GHZ2,
        signal,
        Security.PSK2,
    )


@dataclass
class Play:
    """One policy and the world that answers it."""

    known: tuple[KnownNetwork, ...] = KNOWN
    relay: Relay = field(default_factory=Relay)
    now: float = 0.0
    air: tuple[Bss, ...] = ()
    uplink: Current | None = None
    enabled: bool = False
    committed: bool = False
    wired: str | None = None
    verdict: Verdict = Verdict.ONLINE
    moves: list[tuple[float, Move]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.policy = Steady(self.known, self.relay)

    def next(self) -> Move:
        situation = Situation(
            self.uplink,
            self.enabled,
            wired=self.wired,
            radios=RADIOS,
            committed=self.committed,
        )
        move = self.policy.next(self.now, situation)
        self.moves.append((self.now, move))
        return move

    def step(self, cause: Cause | None = None) -> Move:
        """One move, carried out; a trial fails of `cause` if one is given."""
        move = self.next()
        policy = self.policy
        if move.do is Do.WAIT:
            assert move.until > self.now, move
            self.now = move.until
        elif move.do is Do.SCAN:
            self.now += 7
            policy.heard(self.now, self.air)
        elif move.do is Do.JOIN:
            assert move.candidate is not None and move.candidate.eligible
            self.now += 16
            if cause is not None:
                self.enabled = self.uplink is not None
                policy.failed(self.now, move.candidate, cause)
            else:
                network = move.candidate.network
                secured = network.protected
                self.uplink = Current(network.ssid, move.candidate.radio, None, secured)
                self.enabled, self.committed = True, False
                policy.joined(self.now, move.candidate)
        elif move.do is Do.REST:
            self.now += 6
            self.enabled, self.uplink = False, None
        elif move.do is Do.LOOK:
            self.now += 0.05
            mine = [b for b in self.air if self.uplink and b.ssid == self.uplink.ssid]
            best = max(mine, key=lambda b: b.signal or 0, default=None)
            policy.looked(self.now, best.signal if best else None, best.bssid if best else None)
        elif move.do is Do.CHECK:
            self.now += 0.3
            policy.checked(self.now, self.verdict)
        elif move.do is Do.KEEP:
            self.now += 0.5
            self.committed = True
            policy.kept(self.now, flash=True)
        return move

    def run(self, seconds: float, cause: Cause | None = None) -> list[Move]:
        end, before = self.now + seconds, len(self.moves)
        while self.now < end:
            self.step(cause)
        return [move for _, move in self.moves[before:]]

    def lose(self) -> None:
        self.uplink = None
        self.policy.lost(self.now)

    @property
    def on(self) -> str | None:
        return self.uplink.ssid.text if self.uplink is not None else None


def dos(moves: list[Move]) -> list[Do]:
    return [move.do for move in moves]


def test_a_good_uplink_of_the_highest_class_is_never_scanned_over() -> None:
    play = Play(air=(bss("Home", -60), bss("Cafe", -40, 1)))
    play.run(60)
    assert play.on == "Home"
    moves = play.run(86400)
    assert set(dos(moves)) == {Do.WAIT, Do.CHECK, Do.LOOK, Do.KEEP}
    assert dos(moves).count(Do.KEEP) == 1


def test_a_higher_class_is_moved_to_when_it_lasts() -> None:
    play = Play(air=(bss("Cafe", -60),))
    play.run(60)
    assert play.on == "Cafe"
    play.air = (bss("Cafe", -60), bss("Home", -60, 1))
    moves = play.run(6 * 3600)
    assert play.on == "Home"
    scans = dos(moves).count(Do.SCAN)
    assert 3 <= scans <= 8


def test_not_for_a_glimpse_nor_for_a_weak_one() -> None:
    play = Play(air=(bss("Cafe", -60), bss("Home", -78, 1)))
    play.policy.choose(0.0, Ssid.of("Cafe"))
    play.run(60)
    play.policy.choose(play.now, None)
    moves = play.run(12 * 3600)
    assert play.on == "Cafe" and Do.JOIN not in dos(moves)
    for _ in range(20):  # there at every second scan only
        play.air = (bss("Cafe", -60), bss("Home", -60, 1))
        while play.step().do is not Do.SCAN:
            pass
        play.air = (bss("Cafe", -60),)
        while play.step().do is not Do.SCAN:
            pass
    assert play.on == "Cafe"


def test_one_that_keeps_going_away_is_trusted_less_and_less() -> None:
    play = Play(air=(bss("Cafe", -60), bss("Home", -60, 1)))
    joins = []
    for _ in range(4):
        begun = play.now
        while play.on != "Home":
            play.step()
        joins.append(play.now - begun)
        play.run(60)
        play.air = (bss("Cafe", -60),)
        play.lose()
        while play.on != "Cafe":
            play.step()
        play.air = (bss("Cafe", -60), bss("Home", -60, 1))
    assert joins[1] > 3 * 3600
    assert joins[2] > joins[1]
    assert joins[-1] <= HABITS.longest_shaky + HABITS.longest_lower_scan + 3600


def test_a_real_gain_over_a_weak_uplink_and_none_over_a_good_one() -> None:
    play = Play(known=(KNOWN[1], KnownNetwork(Ssid.of("Bar"), KEY)), air=(bss("Cafe", -70),))
    play.run(60)
    play.air = (bss("Cafe", -70), bss("Bar", -45, 1))
    play.run(4 * 3600)
    assert play.on == "Cafe"
    play.air = (bss("Cafe", -86), bss("Bar", -45, 1))
    play.run(1200)
    assert play.on == "Bar"


def test_gains_shrink_as_the_uplink_gets_weaker() -> None:
    needed = [gain_needed(signal) for signal in range(-60, -95, -1)]
    assert needed == sorted(needed, reverse=True)


def test_no_internet_is_left_for_anything_that_may_have_it() -> None:
    play = Play(air=(bss("Home", -60), bss("Phone", -60, 1)))
    play.run(120)
    play.verdict = Verdict.OFFLINE
    while play.step().do is not Do.CHECK:
        pass
    play.verdict = Verdict.ONLINE
    play.run(60)
    assert play.on == "Phone"


def test_the_last_one_there_is_gets_joined_without_internet() -> None:
    play = Play(air=(bss("Home", -60),))
    move = next(move for move in iter(play.step, None) if move.do is Do.JOIN)
    assert not move.needs_internet
    play = Play(air=(bss("Home", -60), bss("Cafe", -60, 1)))
    move = next(move for move in iter(play.step, None) if move.do is Do.JOIN)
    assert move.needs_internet


def test_nothing_is_done_beside_a_cable() -> None:
    play = Play(air=(bss("Home", -60),), wired="wan")
    assert set(dos(play.run(7200))) == {Do.WAIT}
    play.wired = None
    play.run(60)
    assert play.on == "Home"
    play.wired = "wan"
    assert set(dos(play.run(7200))) == {Do.WAIT}  # it stays, and costs nothing
    play.lose()
    assert play.step().do is Do.REST


def test_never_more_than_twelve_commits_a_day() -> None:
    play = Play(air=(bss("Home", -60),))
    times = []
    while play.now < 3 * 86400:
        if play.step().do is Do.KEEP:
            times.append(play.now)
            play.committed = False  # somebody reverts it each time
            play.lose()
    assert len(times) > 12
    for first, last in zip(times, times[12:], strict=False):
        assert last - first >= 86400 - 1


def test_the_owners_choice_goes_before_priority_for_eight_hours() -> None:
    play = Play(air=(bss("Home", -60), bss("Cafe", -60, 1)))
    play.policy.choose(0.0, Ssid.of("Cafe"))
    play.run(7 * 3600)
    assert play.on == "Cafe"
    play.run(6 * 3600)
    assert play.on == "Home"


CAUSES = st.sampled_from([*Cause, None])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(
                st.builds(
                    bss,
                    st.sampled_from(["Home", "Cafe", "Phone", "Other"]),
                    st.integers(-95, -30),
                    st.integers(0, 5),
                    st.sampled_from(sorted(RADIOS)),
                ),
                max_size=5,
                unique_by=lambda each: each.bssid,
            ),
            CAUSES,
            st.sampled_from(Verdict),
            st.booleans(),
            st.sampled_from([None, None, "wan"]),
            st.floats(1, 20000),
        ),
        max_size=8,
    )
)
def test_whatever_comes_it_lets_time_pass_and_can_say_why(spans: list[tuple]) -> None:  # type: ignore[type-arg]
    play = Play()
    for air, cause, verdict, lose, wired, seconds in spans:
        play.air, play.verdict, play.wired = tuple(air), verdict, wired
        if lose and play.uplink is not None:
            play.lose()
        moves = play.run(seconds, cause)
        assert all(move.why for move in moves)
        assert len(moves) < 200 + seconds  # never a flood
        kept = json.loads(json.dumps(play.policy.memory.as_json()))
        play.policy.memory.load(kept, play.now)
        assert play.policy.memory.as_json() == kept


@given(st.permutations([bss("Home", -60), bss("Cafe", -60, 1), bss("Phone", -50, 2)]))
def test_the_order_of_a_scan_does_not_matter(air: list[Bss]) -> None:
    play = Play(air=tuple(air))
    play.run(60)
    assert play.on == "Home"


@pytest.mark.parametrize("cause", [Cause.FLASH, Cause.STOPPED, Cause.IGNORED])
def test_a_router_that_cannot_is_not_worked_to_death(cause: Cause) -> None:
    play = Play(air=(bss("Home", -60),))
    moves = play.run(86400, cause)
    assert dos(moves).count(Do.JOIN) < 120


def test_without_a_known_network_nothing_is_looked_for() -> None:
    """The service on a router may be switched on before it knows any."""
    play = Play(known=())
    move = play.step()
    assert move.do is Do.WAIT
    assert "no network is known" in move.why
    play.policy.reconfigure(KNOWN, Relay())
    assert play.step().do is Do.SCAN


def test_without_a_known_network_own_wifi_goes_before_one_that_searches() -> None:
    play = Play(known=(), enabled=True)
    assert play.step().do is Do.REST
