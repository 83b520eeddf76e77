# SPDX-License-Identifier: GPL-2.0-or-later
"""Worlds that stay where they are: an office, a home with a bad provider, an evil twin."""

from wifirelay.evaluation.draw import (
    DAY,
    HOUR,
    MINUTE,
    Levels,
    Sketch,
    Spans,
    States,
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


def office(seed: int, days: float) -> World:
    """Several access points of one name that reboot at night; signals jump as doors close."""
    sketch = Sketch("office", seed, days)
    rng = sketch.rng
    kind = rng.choice((Security.WPA2_EAP, Security.PSK2, Security.SAE_MIXED))
    sketch.know(network("Office", kind), network("OfficeGuest", Security.OPEN, priority=-1))
    together = rng.random() < 0.4  # all access points reboot at once
    hour = rng.uniform(1, 5)
    dead = events(rng, days, 0.3, (2 * MINUTE, 3 * HOUR))
    busy = daily(rng, days, 9, 11) if rng.random() < 0.3 else []
    far = rng.uniform(0, 16)  # the router's room is near to some access point, or to none
    for number in range(rng.randint(3, 7)):
        open_level, closed = rng.uniform(-76, -54) - far, rng.uniform(6, 18)
        levels: Levels = []
        door = False
        for at, level in fading(rng, open_level, 0.0, sketch.end, swing=2):
            door = door if rng.random() > 0.25 else not door
            levels.append((at, round((level or 0) - (closed if door else 0))))
        reboots: Spans = []
        for day in range(int(days) + 1):
            if together or rng.random() < 0.7:
                minute = 0.0 if together else rng.uniform(0, 90)
                begin = day * DAY + hour * HOUR + minute * MINUTE
                reboots.append((begin, begin + rng.uniform(90, 240)))
        there = within(levels, outside(reboots, sketch.end))
        behind = states((Behind.BUSY, busy if number == 0 else []), (Behind.NO_INTERNET, dead))
        sketch.add("Office", kind, there, behind, five=number % 3 != 0)
        if number < 2:
            login = daily(rng, days, 7, rng.uniform(8, 19))
            guest = states((Behind.PORTAL, login), (Behind.NO_INTERNET, dead))
            sketch.add("OfficeGuest", Security.OPEN, there, guest, five=number == 1)
    sketch.neighbours(rng.randint(5, 25))
    return sketch.world()


def outages(seed: int, days: float) -> World:
    """A strong home network whose provider fails for minutes to hours while Wi-Fi stays.

    A neighbour's network, weaker, goes another way, and sometimes fails at the same time;
    some owners have a phone as well.
    """
    sketch = Sketch("outages", seed, days)
    rng = sketch.rng
    sketch.know(
        network("Home", Security.SAE_MIXED, priority=rng.choice((0, 10))),
        network("Neighbour", Security.PSK2),
    )
    limit = log_uniform(rng, 20 * MINUTE, 10 * HOUR)
    dead = events(rng, days, log_uniform(rng, 0.5, 6), (MINUTE, limit))
    whole_street = [span for span in dead if rng.random() < 0.2]
    power = [span for span in dead if span not in whole_street and rng.random() < 0.1]
    home = states((Behind.NO_INTERNET, dead))
    for five in (False, True):
        level = rng.uniform(-62, -42) - (8 if five else 0)
        levels = fading(rng, level, 0.0, sketch.end, swing=2)
        sketch.add(
            "Home", Security.SAE_MIXED, within(levels, outside(power, sketch.end)), home, five=five
        )
    own = events(rng, days, 0.4, (MINUTE, 3 * HOUR))
    street = whole_street + [span for span in power if rng.random() < 0.5]
    levels = fading(rng, rng.uniform(-79, -66), 0.0, sketch.end, swing=3)
    behind = states((Behind.NO_INTERNET, own), (Behind.NO_INTERNET, street))
    sketch.add("Neighbour", Security.PSK2, levels, behind)
    if rng.random() < 0.5:
        sketch.know(network("Phone", Security.PSK2, metered=True, priority=-5))
        evenings = daily(rng, days, 17, 24, spread=1.0)
        phone = fading(rng, rng.uniform(-62, -45), 0.0, sketch.end, swing=3)
        sketch.add("Phone", Security.PSK2, within(phone, evenings), five=True)
    sketch.neighbours(rng.randint(3, 30))
    return sketch.world()


def evil_twin(seed: int, days: float) -> World:
    """Somebody else uses the known name: open, or secured with another key, and stronger.

    The real network is beside it, and another known one, farther away.
    """
    sketch = Sketch("evil-twin", seed, days)
    rng = sketch.rng
    sketch.know(
        network("CornerCafe", Security.PSK2, priority=rng.choice((0, 5))),
        network("Library", rng.choice((Security.PSK2, Security.OPEN))),
    )
    twins, attacks = _twins(sketch)
    closed = daily(rng, days, 22, 31) if rng.random() < 0.5 else []
    dead = events(rng, days, 0.5, (2 * MINUTE, 2 * HOUR))
    real = states((Behind.NO_INTERNET, dead))
    for five in (False, True):
        levels = fading(rng, rng.uniform(-76, -60), 0.0, sketch.end, swing=3)
        there = within(levels, outside([*closed, *attacks], sketch.end))
        if not five or rng.random() < 0.6:
            sketch.add("CornerCafe", Security.PSK2, there, real, five=five)
    for kind, there, behind, five in twins:
        sketch.add("CornerCafe", kind, there, behind, five=five)
    library = sketch.known[1]
    kind = Security.PSK2 if library.protected else Security.OPEN
    levels = fading(rng, rng.uniform(-80, -68), 0.0, sketch.end, swing=3)
    nights = daily(rng, days, 20, 32) if rng.random() < 0.4 else []
    login = daily(rng, days, 8, 8.5) if kind is Security.OPEN else []
    own = events(rng, days, 0.3, (2 * MINUTE, HOUR))
    sketch.add(
        "Library",
        kind,
        within(levels, outside(nights, sketch.end)),
        states((Behind.PORTAL, login), (Behind.NO_INTERNET, own)),
    )
    sketch.neighbours(rng.randint(10, 50))
    return sketch.world()


Twin = tuple[Security, Levels, States, bool]


def _twins(sketch: Sketch) -> tuple[list[Twin], Spans]:
    """An open one, and one that looks like the real one and takes no known key.

    Some drive the stations off the real one, for seconds to a minute: those spans as well.
    """
    rng, end = sketch.rng, sketch.end
    pauses = (HOUR, rng.uniform(6, 30) * HOUR)
    spans = spells(rng, 0.0, end, (10 * MINUTE, 8 * HOUR), pauses)
    loud = fading(rng, rng.uniform(-55, -40), 0.0, end, swing=2)
    kind = rng.choice((Security.OPEN, Security.OPEN, Security.WPA1))
    open_twin = (kind, within(loud, spans), states(), rng.random() < 0.5)
    twins: list[Twin] = [open_twin]
    if rng.random() < 0.8:
        more = spells(rng, 0.0, end, (3 * MINUTE, 3 * HOUR), (3 * HOUR, 40 * HOUR))
        loud = fading(rng, rng.uniform(-60, -42), 0.0, end, swing=2)
        wrong = states((Behind.WRONG_KEY, [(0.0, end)]))
        twins.append((Security.PSK2, within(loud, more), wrong, False))
        spans = spans + more
    attacks: Spans = []
    if rng.random() < 0.6:
        for a, b in spans:
            attacks += spells(rng, a, b, (4.0, MINUTE), (5 * MINUTE, 6 * HOUR))
    return twins, attacks
