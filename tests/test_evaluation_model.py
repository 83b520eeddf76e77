# SPDX-License-Identifier: GPL-2.0-or-later
"""The router as values does at each moment what the simulated router's radios do."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from small_worlds import track, world

from wifirelay.evaluation.account import Ledger
from wifirelay.evaluation.chance import Chance
from wifirelay.evaluation.model import Model, Over, Section
from wifirelay.evaluation.world import World
from wifirelay.sim.air import AccessPoint, Air
from wifirelay.sim.radio import RADIO0, RADIO1
from wifirelay.sim.syslog import Log
from wifirelay.sim.timeline import Plans, Timeline
from wifirelay.sim.timings import LAB
from wifirelay.sim.wireless import Iface, Wireless
from wifirelay.values import Band, Security

KEY = "known in this world"
BEGIN = 10.0  # the access points are on the air
POINTS = (("A", 6, -50), ("A", 36, -55), ("B", 1, -60), ("A", 11, -70))
Toggles = list[tuple[float, int]]
Reloads = list[tuple[float, tuple[str, str] | None]]
Seen = list[tuple[float, str, bool]]


@dataclass
class Notes:
    """What the simulated radios tell netifd; the lease as its DHCP client would get it."""

    timeline: Timeline
    seen: Seen = field(default_factory=list)
    up: bool = False

    def __post_init__(self) -> None:
        self.plans = Plans(self.timeline)

    def note(self, what: str, *, on: bool) -> None:
        if self.timeline.now > BEGIN:
            self.seen.append((round(self.timeline.now, 3), what, on))

    def link_up(self, network: str, ifname: str) -> None: ...

    def added(self, network: str, ifname: str) -> None: ...

    def link_down(self, network: str, ifname: str) -> None:
        self.plans.call_off()
        if self.up:
            self.up = False
            self.note("uplink", on=False)

    removed = link_down

    def lease(self, network: str, ifname: str, point: AccessPoint, delay: float) -> None:
        self.plans.at(delay, self.leased)

    def leased(self) -> None:
        self.up = True
        self.note("uplink", on=True)

    def on_air(self, section: str, *, on: bool) -> None:
        self.note(section, on=on)


def by_the_simulator(toggles: Toggles, reloads: Reloads, end: float) -> Seen:
    timeline = Timeline()
    points = [
        AccessPoint(
            name.encode(),
            f"02:00:00:00:00:{number:02X}",
            Band.GHZ2 if channel < 15 else Band.GHZ5,
            channel,
            signal,
            Security.PSK2,
            KEY,
        )
        for number, (name, channel, signal) in enumerate(POINTS)
    ]
    air, notes = Air(points), Notes(timeline)
    log = Log(lambda: timeline.now)
    radios = {
        radio.name: Wireless(radio, air=air, log=log, timeline=timeline, timings=LAB, network=notes)
        for radio in (RADIO0, RADIO1)
    }
    air.watchers.append(
        lambda point, on: [each.heard_change(point, on=on) for each in radios.values()] and None
    )

    def wanted(radio: str, joined: tuple[str, str] | None) -> list[Iface]:
        found = [Iface(radio, {"mode": "ap", "network": "lan"})]
        if joined is not None and joined[0] == radio:
            station = {"mode": "sta", "ssid": joined[1], "encryption": "psk2", "key": KEY}
            found.append(Iface("wifirelay", {**station, "network": "wwan"}))
        return found

    def options(radio: str) -> dict[str, str | list[str]]:
        return (
            {"band": "2g", "channel": "1"} if radio == "radio0" else {"band": "5g", "channel": "36"}
        )

    for name, wireless in radios.items():
        wireless.boot(options(name), wanted(name, None))
    todo = [(at, "air", number) for at, number in toggles]
    todo += [(at, "reload", each) for at, each in reloads]
    for at, what, which in sorted(todo, key=lambda each: each[0]):
        timeline.run_to(at)
        if what == "air":
            point = points[which]
            (air.switch_off if air.is_on(point) else air.switch_on)(point.bssid)
        else:
            for name, wireless in radios.items():
                wireless.load(options(name), wanted(name, which))
    timeline.run_to(end)
    return notes.seen


class Noting(Model):
    """The model, telling what changes as the simulator's radios do."""

    def __init__(self, place: World) -> None:
        self.seen: Seen = []
        self.was_up = False
        super().__init__(place, Ledger(Chance(place)))

    def _set_dark(self, radio: str, *, dark: bool) -> None:
        if self.dark[radio] != dark:
            self.seen.append((round(self.now, 3), radio, not dark))
        super()._set_dark(radio, dark=dark)

    def _account(self) -> None:
        if self.up != self.was_up:
            self.was_up = self.up
            self.seen.append((round(self.now, 3), "uplink", self.up))
        super()._account()


def by_the_model(toggles: Toggles, reloads: Reloads, end: float) -> Seen:
    tracks = []
    for number, (name, channel, signal) in enumerate(POINTS):
        on, steps = True, [(0.0, signal)]
        for at, which in toggles:
            if which == number:
                on = not on
                steps.append((at, signal if on else None))
        tracks.append(track(number, name, *steps, channel=channel))
    place = world(*tracks, seconds=end)
    model = Noting(place)
    known = {each.ssid.text: each for each in place.known}
    try:
        for at, which in reloads:
            model.run(at)
            section = Section(which[0], known[which[1]], Security.PSK2) if which else None
            model.reload(section)
        model.run(end)
    except Over:
        pass
    return model.seen


@st.composite
def happenings(draw: st.DrawFn) -> tuple[Toggles, Reloads, float]:
    """Reloads are some time apart (both sides call off plans of an overtaken one differently)."""
    gaps = draw(st.lists(st.integers(20, 200), min_size=1, max_size=6))
    choices = st.sampled_from((None, ("radio0", "A"), ("radio0", "B"), ("radio1", "A")))
    reloads: Reloads = []
    now = BEGIN
    for gap in gaps:
        reloads.append((now, draw(choices)))
        now += gap
    end = now + 60
    # At fractions of a second that no timing reaches: nothing happens at the same moment.
    moments = draw(st.lists(st.integers(int(BEGIN), int(end) - 1), max_size=12, unique=True))
    toggles = [(at + 0.537, draw(st.integers(0, len(POINTS) - 1))) for at in sorted(moments)]
    return toggles, reloads, end


@settings(max_examples=200, deadline=None)
@given(happenings())
def test_both_see_the_same_at_the_same_moments(drawn: tuple[Toggles, Reloads, float]) -> None:
    toggles, reloads, end = drawn
    theirs = [each for each in by_the_simulator(toggles, reloads, end) if each[0] < end]
    ours = [each for each in by_the_model(toggles, reloads, end) if each[0] < end]
    assert sorted(ours) == sorted(theirs)


def test_the_comparison_sees_something() -> None:
    toggles: Toggles = [(60.5, 0), (90.5, 0)]
    seen = by_the_simulator(toggles, [(BEGIN, ("radio0", "A")), (200.0, None)], 260.0)
    assert len([each for each in seen if each[1] == "uplink"]) >= 4
    assert len([each for each in seen if each[1] == "radio0"]) >= 6
