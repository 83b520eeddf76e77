# SPDX-License-Identifier: GPL-2.0-or-later
"""Worlds of people who are away from home: on the road, in a hotel, at a camp, in a city."""

from random import Random

from wifirelay.evaluation.draw import (
    DAY,
    HOUR,
    MINUTE,
    Levels,
    Sketch,
    Spans,
    daily,
    events,
    fading,
    log_uniform,
    network,
    outside,
    spells,
    states,
    within,
)
from wifirelay.evaluation.world import Behind, World
from wifirelay.values import Security

CHAIN, CAMPS, PHONE = "CoffeeChain", "ClubCamping", "Phone"


def vehicle(seed: int, days: float) -> World:
    """A caravan: drives some hours a day past hotspots of a chain, and stands elsewhere.

    The owner knows the chain (open), a club's camp sites (with a key) and a phone that is
    mostly in the vehicle, metered.
    """
    sketch = Sketch("vehicle", seed, days)
    rng = sketch.rng
    sketch.know(
        network(CAMPS, Security.PSK2, priority=5),
        network(CHAIN, Security.OPEN),
        network(PHONE, Security.PSK2, metered=True, priority=-5),
    )
    drives = _drives(rng, days)
    for begins, ends in drives:
        _roadside(sketch, begins, ends)
    for begins, ends in outside(drives, sketch.end):
        _stop(sketch, begins, ends)
    _phone(sketch, drives)
    return sketch.world()


def _drives(rng: Random, days: float) -> Spans:
    """One to three legs a day, and days without any."""
    found: Spans = []
    now = rng.uniform(8, 11) * HOUR
    while now < days * DAY:
        if rng.random() > 0.25:
            for _ in range(rng.randint(1, 3)):
                end = now + rng.uniform(0.4, 2.5) * HOUR
                if end >= days * DAY:
                    return found
                found.append((now, end))
                now = end + rng.uniform(0.2, 1.5) * HOUR
        now = (now // DAY + 1) * DAY + rng.uniform(7, 12) * HOUR
    return found


def _roadside(sketch: Sketch, begins: float, ends: float) -> None:
    """Hotspots that are passed: they rise and fall within half a minute to some minutes."""
    rng = sketch.rng
    now = begins
    while True:
        now += rng.expovariate(1 / (9 * MINUTE))
        long = log_uniform(rng, 25, 240)
        if now + long > ends:
            return
        peak = rng.uniform(-78, -55)
        levels: Levels = [
            (now + long * part / 8, round(peak - 6 * abs(part - 4) - rng.uniform(0, 3)))
            for part in range(8)
        ]
        levels.append((now + long, None))
        ours = rng.random() < 0.35
        portal = rng.random() < 0.3
        name = CHAIN if ours else f"Roadside-{int(now) % 9973}"
        behind = states((Behind.PORTAL, [(0.0, sketch.end)] if portal else []))
        kind = Security.OPEN if ours or rng.random() < 0.3 else Security.PSK2
        sketch.add(name, kind, levels, behind, five=rng.random() < 0.3)
        now += long


def _stop(sketch: Sketch, begins: float, ends: float) -> None:
    """Where the vehicle stands: nothing, a chain's hotspot, or a camp."""
    rng = sketch.rng
    sketch.neighbours(rng.randint(1, 8), spans=[(begins, ends)])
    what = rng.random()
    if what < 0.25:
        return
    name, kind = (CHAIN, Security.OPEN) if what < 0.55 else (CAMPS, Security.PSK2)
    opened = (
        [
            (max(a, begins), min(b, ends))
            for a, b in daily(rng, sketch.days, 7, 22)
            if a < ends and b > begins
        ]
        if name == CHAIN
        else [(begins, ends)]
    )
    dead = spells(rng, begins, ends, (2 * MINUTE, HOUR), (3 * HOUR, 40 * HOUR))
    behind = states((Behind.NO_INTERNET, dead))
    for number in range(rng.randint(1, 3)):
        levels = fading(rng, rng.uniform(-80, -58), begins, ends, swing=4)
        sketch.add(name, kind, within(levels, opened), behind, five=number == 1)


def _phone(sketch: Sketch, drives: Spans) -> None:
    """Mostly in the vehicle; on the road it loses its own network now and then."""
    rng = sketch.rng
    away = [
        (a, b)
        for a, b in events(rng, sketch.days, rng.uniform(1, 3), (20 * MINUTE, 4 * HOUR))
        if not any(begins <= a < ends for begins, ends in drives)
    ]
    dead = [
        spell
        for begins, ends in drives
        for spell in spells(rng, begins, ends, (20, 12 * MINUTE), (5 * MINUTE, HOUR))
    ]
    dead += events(rng, sketch.days, 1, (MINUTE, 30 * MINUTE))
    levels = fading(rng, rng.uniform(-62, -45), 0.0, sketch.end, swing=3)
    behind = states((Behind.NO_INTERNET, dead))
    here = outside(away, sketch.end)
    sketch.add(PHONE, Security.PSK2, within(levels, here), behind, five=rng.random() < 0.4)


def hotel(seed: int, days: float) -> World:
    """A guest network that is weak, asks for a login at times and is offline at others.

    Beside it the lobby's network, farther away, and the owner's phone in the evenings.
    """
    sketch = Sketch("hotel", seed, days)
    rng = sketch.rng
    kind = rng.choice((Security.PSK2, Security.OPEN, Security.SAE_MIXED))
    sketch.know(
        network("HotelGuest", kind, priority=rng.choice((0, 0, 5))),
        network("HotelLobby", Security.PSK2),
        network(PHONE, Security.PSK2, metered=True),
    )
    dead = events(rng, days, rng.uniform(1, 6), (MINUTE, 3 * HOUR))
    login = daily(rng, days, rng.uniform(9, 13), rng.uniform(13, 17))
    login = [(a, a + log_uniform(rng, 3 * MINUTE, max(4 * MINUTE, b - a))) for a, b in login]
    full = daily(rng, days, 20, 22) if rng.random() < 0.4 else []
    behind = states((Behind.BUSY, full), (Behind.PORTAL, login), (Behind.NO_INTERNET, dead))
    for number in range(rng.randint(2, 5)):
        levels = fading(rng, rng.uniform(-84, -68), 0.0, sketch.end, swing=5)
        off = events(rng, days, 0.3, (30, 20 * MINUTE))
        sketch.add(
            "HotelGuest",
            kind,
            within(levels, outside(off, sketch.end)),
            behind,
            five=number % 2 == 1,
        )
    lobby = fading(rng, rng.uniform(-86, -74), 0.0, sketch.end, swing=4)
    share = rng.random() < 0.6  # one line for both
    broken = events(rng, days, 0.7, (5 * MINUTE, 5 * HOUR))
    behind = states((Behind.DEAD_DHCP, broken), (Behind.NO_INTERNET, dead if share else []))
    sketch.add("HotelLobby", Security.PSK2, lobby, behind)
    evenings = daily(rng, days, rng.uniform(17, 20), rng.uniform(22, 24.5), spread=0.7)
    there = [
        spell
        for a, b in evenings
        for spell in spells(rng, a, b, (10 * MINUTE, 4 * HOUR), (2 * MINUTE, HOUR))
    ]
    phone = fading(rng, rng.uniform(-58, -42), 0.0, sketch.end, swing=3)
    sketch.add(PHONE, Security.PSK2, within(phone, there), five=rng.random() < 0.5)
    sketch.neighbours(rng.randint(10, 40))
    return sketch.world()


def camp(seed: int, days: float) -> World:
    """A mast with priority that goes off for seconds to hours, and a weaker one that stays."""
    sketch = Sketch("camp", seed, days)
    rng = sketch.rng
    sketch.know(
        network("Marina", Security.PSK2, priority=10),
        network("HarbourCafe", rng.choice((Security.PSK2, Security.OPEN))),
    )
    off_limit = log_uniform(rng, 2 * MINUTE, 4 * HOUR)
    on_limit = log_uniform(rng, 10 * MINUTE, 12 * HOUR)
    there = spells(rng, 0.0, sketch.end, (5.0, on_limit), (3.0, off_limit))
    dead = events(rng, days, rng.uniform(0, 4), (MINUTE, 2 * HOUR))
    late = events(rng, days, rng.uniform(0, 1), (5 * MINUTE, HOUR))
    behind = states((Behind.DEAD_DHCP, late), (Behind.NO_INTERNET, dead))
    five = rng.random() < 0.3
    levels = fading(rng, rng.uniform(-74, -55), 0.0, sketch.end, swing=3)
    sketch.add("Marina", Security.PSK2, within(levels, there), behind, five=five)
    if rng.random() < 0.4:  # a second antenna on the same mast
        levels = fading(rng, rng.uniform(-80, -65), 0.0, sketch.end, swing=3)
        sketch.add("Marina", Security.PSK2, within(levels, there), behind, five=not five)
    cafe = sketch.known[1]
    levels = fading(rng, rng.uniform(-78, -72), 0.0, sketch.end, swing=1.5)
    off = events(rng, days, rng.uniform(0, 0.6), (MINUTE, HOUR))
    kind = Security.PSK2 if cafe.protected else Security.OPEN
    sketch.add("HarbourCafe", kind, levels, states((Behind.NO_INTERNET, off)))
    sketch.neighbours(rng.randint(5, 30))
    return sketch.world()


def city(seed: int, days: float) -> World:
    """Two hundred BSSs, of which five are of known networks that fade in and out."""
    sketch = Sketch("city", seed, days)
    rng = sketch.rng
    for number in range(5):
        name = f"Friend-{number}"
        kind = rng.choice((Security.PSK2, Security.PSK2, Security.SAE_MIXED, Security.OPEN))
        sketch.know(network(name, kind, priority=rng.choice((0, 0, 0, 3))))
        levels = fading(
            rng,
            rng.uniform(-88, -66),
            0.0,
            sketch.end,
            swing=7,
            every=(MINUTE, 30 * MINUTE),
        )
        dead = events(rng, days, rng.uniform(0.1, 1), (3 * MINUTE, 6 * HOUR))
        login = daily(rng, days, 8, 9) if kind is Security.OPEN else []
        full = events(rng, days, 0.5, (MINUTE, HOUR))
        behind = states((Behind.BUSY, full), (Behind.PORTAL, login), (Behind.NO_INTERNET, dead))
        night = daily(rng, days, 23, 30) if rng.random() < 0.3 else []
        there = within(levels, outside(night, sketch.end))
        sketch.add(name, kind, there, behind, five=rng.random() < 0.4)
    sketch.neighbours(195)
    return sketch.world()
