# SPDX-License-Identifier: GPL-2.0-or-later
"""What the families of worlds are drawn with: fading, spells, and their union as a track."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from wifirelay.core.known import Eap, KnownNetwork
from wifirelay.evaluation.world import USABLE, Behind, Step, Track, World
from wifirelay.values import Secret, Security, Ssid

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

Spans = list[tuple[float, float]]  # begin and end, in seconds
Levels = list[tuple[float, int | None]]  # from when on, dBm
States = list[tuple[float, Behind]]

CHANNELS_2 = (1, 6, 11)
CHANNELS_5 = (36, 40, 44, 48, 149, 153, 157, 161)


def log_uniform(rng: Random, low: float, high: float) -> float:
    """Between `low` and `high`, every order of magnitude as likely as the next."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def fading(
    rng: Random,
    level: float,
    begins: float,
    ends: float,
    *,
    swing: float = 4.0,
    every: tuple[float, float] = (2 * MINUTE, 20 * MINUTE),
    dips: bool = True,
) -> Levels:
    """A level that wanders around `level`, `swing` dB wide, in steps so many seconds apart.

    With `dips`, it is gone for some seconds now and then (somebody stands in the way, a burst of
    interference), the more often the weaker it is.
    """
    found: Levels = []
    off = rng.gauss(0.0, swing)
    now = begins
    while now < ends:
        signal = max(-95, min(-25, round(level + off)))
        found.append((now, signal))
        off = 0.8 * off + rng.gauss(0.0, 0.6 * swing)
        now += rng.uniform(*every)
        if dips:
            found += _dips(rng, signal, found[-1][0], min(now, ends))
    return found


def _dips(rng: Random, signal: int, begins: float, ends: float) -> Levels:
    """At -85 dBm about eleven an hour, at -80 two, at -75 one in two or three hours."""
    if signal < USABLE:
        return []
    found: Levels = []
    now = begins
    while True:
        now += rng.expovariate(30 / HOUR * math.exp((USABLE - signal) / 3))
        end = now + log_uniform(rng, 0.5, 8.0)
        if end >= ends:
            return found
        found += [(now, USABLE - rng.randint(1, 8)), (end, signal)]
        now = end


def spells(
    rng: Random, begins: float, ends: float, on: tuple[float, float], off: tuple[float, float]
) -> Spans:
    """The spells of something that comes and goes; their lengths are log-uniform."""
    found: Spans = []
    now = begins
    if rng.random() < 0.5:
        now += log_uniform(rng, *off)
    while now < ends:
        end = min(ends, now + log_uniform(rng, *on))
        found.append((now, end))
        now = end + log_uniform(rng, *off)
    return found


def events(rng: Random, days: float, a_day: float, length: tuple[float, float]) -> Spans:
    """Events at any time, `a_day` of them on average, with log-uniform lengths in seconds."""
    found: Spans = []
    now = 0.0
    while a_day > 0:
        now += rng.expovariate(a_day / DAY)
        if now >= days * DAY:
            break
        end = now + log_uniform(rng, *length)
        found.append((now, min(end, days * DAY)))
        now = end
    return found


def daily(rng: Random, days: float, begin: float, end: float, *, spread: float = 0.5) -> Spans:
    """Once a day from hour `begin` to hour `end`, each give or take `spread` hours."""
    found: Spans = []
    for day in range(math.ceil(days)):
        a = (day * 24 + begin + rng.gauss(0.0, spread)) * HOUR
        b = (day * 24 + end + rng.gauss(0.0, spread)) * HOUR
        if max(a, 0.0) < min(b, days * DAY):
            found.append((max(a, 0.0), min(b, days * DAY)))
    return found


def outside(spans: Spans, ends: float) -> Spans:
    """The time from 0 to `ends` that is in none of these."""
    found: Spans = []
    now = 0.0
    for a, b in sorted(spans):
        if a > now:
            found.append((now, a))
        now = max(now, b)
    if now < ends:
        found.append((now, ends))
    return found


def within(levels: Levels, spans: Spans) -> Levels:
    """These levels during the spans, silence outside of them."""
    found: Levels = []
    starts = [at for at, _ in levels]
    for a, b in sorted(spans):
        first, last = bisect_right(starts, a), bisect_left(starts, b)
        if first:
            found.append((a, levels[first - 1][1]))
        found += levels[first:last]
        found.append((b, None))
    return found


def states(*layers: tuple[Behind, Spans]) -> States:
    """What is behind an access point: OK, but for these spans. Later layers cover earlier ones."""
    edges = sorted({0.0} | {edge for _, spans in layers for span in spans for edge in span})
    found: States = []
    sorted_layers = [(behind, sorted(spans)) for behind, spans in layers]
    places = [0] * len(layers)
    for edge in edges:
        state = Behind.OK
        for number, (behind, spans) in enumerate(sorted_layers):
            while places[number] < len(spans) and spans[places[number]][1] <= edge:
                places[number] += 1
            if places[number] < len(spans) and spans[places[number]][0] <= edge:
                state = behind
        found.append((edge, state))
    return found


def steps(levels: Levels, behind: States) -> tuple[Step, ...]:
    """Both as one track's steps; what changes nothing is left out."""
    moments = sorted({at for at, _ in levels} | {at for at, _ in behind})
    found: list[Step] = []
    level: int | None = None
    state = Behind.OK
    i = j = 0
    for at in moments:
        while i < len(levels) and levels[i][0] <= at:
            level = levels[i][1]
            i += 1
        while j < len(behind) and behind[j][0] <= at:
            state = behind[j][1]
            j += 1
        step = Step(round(at, 2), level, state if level is not None else Behind.OK)
        if found and (found[-1].signal, found[-1].behind) == (step.signal, step.behind):
            continue
        if found and found[-1].at == step.at:
            found[-1] = step
        elif found or step.signal is not None:
            found.append(step)
    return tuple(found)


def network(
    name: str,
    security: Security = Security.PSK2,
    *,
    priority: int = 0,
    metered: bool = False,
) -> KnownNetwork:
    """A network that the owner knows."""
    key = Secret("known in this world")
    enterprise = security in (Security.WPA2_EAP, Security.WPA3_EAP)
    unencrypted = security in (Security.OPEN, Security.OWE)
    return KnownNetwork(
        Ssid.of(name),
        key=None if enterprise or unencrypted else key,
        priority=priority,
        metered=metered,
        eap=Eap("peap", "owner", key) if enterprise else None,
    )


@dataclass
class Sketch:
    """A world while it is drawn."""

    family: str
    seed: int
    days: float
    rng: Random = field(init=False)
    tracks: list[Track] = field(default_factory=list)
    known: list[KnownNetwork] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.family} {self.seed}")  # noqa: S311, no secret

    @property
    def end(self) -> float:
        return self.days * DAY

    def know(self, *networks: KnownNetwork) -> None:
        """In the order in which the owner lists them."""
        self.known += networks

    def add(
        self,
        name: str,
        security: Security,
        levels: Levels,
        behind: States | None = None,
        *,
        five: bool = False,
    ) -> None:
        """One BSS, on a channel of its band that is picked here."""
        channel = self.rng.choice(CHANNELS_5 if five else CHANNELS_2)
        width = self.rng.choice((40, 80)) if five else self.rng.choice((20, 20, 40))
        self._count += 1
        high, low = divmod(self._count, 256)
        bssid = f"02:{self.seed & 255:02X}:00:00:{high:02X}:{low:02X}"
        found = steps(levels, behind or [(0.0, Behind.OK)])
        if found:
            self.tracks.append(Track(bssid, Ssid.of(name), channel, security, found, width))

    def neighbours(self, count: int, *, spans: Spans | None = None) -> None:
        """Networks that nobody knows here; most of them stay as they are."""
        rng = self.rng
        kinds: Sequence[Security] = (
            *(Security.PSK2,) * 6,
            *(Security.SAE_MIXED,) * 2,
            Security.OPEN,
        )
        for number in range(count):
            a, b = rng.choice(spans) if spans else (0.0, self.end)
            level = rng.triangular(-92, -48, -80)
            levels = fading(rng, level, a, b, swing=2.0, every=(HOUR, 12 * HOUR), dips=False)
            self.add(
                f"Neighbour-{number:03d}",
                rng.choice(kinds),
                [*levels, (b, None)],
                five=rng.random() < 0.4,
            )

    def world(self) -> World:
        return World(self.family, self.seed, self.end, self.tracks, self.known)


Make = Callable[[int, float], World]
