# SPDX-License-Identifier: GPL-2.0-or-later
"""The all-knowing bound: more time online than any policy can have in a world.

Whoever knows all that will be picks at each moment the network (a name on a radio) to be on. While
some BSS of it is usable and has internet, that is time online: changes inside a network cost
nothing here. A change of network costs the time from the removal of the old station to the
new one's lease, and the first lease the whole of a join. What any policy does costs at least
that, so none is above the bound; it is not a promise that one can reach it.
"""

from bisect import bisect_right

from wifirelay.evaluation.chance import Span, merged
from wifirelay.evaluation.world import World
from wifirelay.sim.timings import LAB, Timings
from wifirelay.values import Ssid


def most_online(world: World, timings: Timings = LAB) -> float:
    """Seconds online that no policy exceeds in this world.

    Dynamic programming over the moments at which leaving or arriving can be best: the edges of
    a network's usable spans, and those a change's length before and after. Between them the time
    gained or lost by moving a change is linear, so that no other moment is better.
    """
    cost, first = costs(timings)
    networks = list(usable(world).values())
    edges = {edge for spans in networks for span in spans for edge in span}
    moments = sorted(
        moment
        for moment in {at + off for at in edges for off in (-cost, 0.0, cost)} | {first}
        if first <= moment <= world.seconds
    )
    if not moments:
        return 0.0
    # Time online so far, for whoever is on each network at the current moment.
    totals = [0.0] * len(networks)
    covered = [_Covered(spans) for spans in networks]
    # The best total of whoever leaves at each moment for anywhere else.
    leaving: list[float] = []
    done = 0  # moments of which the departures have arrived
    best = 0.0
    before = first
    for moment in (*moments, world.seconds):
        for number, cover in enumerate(covered):
            totals[number] += cover.between(before, moment)
        before = moment
        while done < len(leaving) and moments[done] <= moment - cost + 1e-9:
            best = max(best, leaving[done])
            done += 1
        for number, total in enumerate(totals):
            if total < best:
                totals[number] = best
        leaving.append(max(totals, default=0.0))
    return max(totals, default=0.0)


def costs(timings: Timings) -> tuple[float, float]:
    """Seconds offline of a change of network, and until the first lease, at the least."""
    join = timings.join_scan + timings.join_found + timings.join_lease
    switch = timings.switch_scan + timings.switch_found + timings.switch_lease
    change = min(join - timings.back_station_removed, switch - timings.switch_removed)
    return change, min(join, switch)


def usable(world: World) -> dict[tuple[Ssid, str], list[Span]]:
    """When each known network has internet on each radio, through any of its BSSs."""
    found: dict[tuple[Ssid, str], list[Span]] = {}
    for track in world.tracks:
        if world.fits(track):
            spans = found.setdefault((track.ssid, track.radio), [])
            spans += [(a, b) for a, b, step in track.spans(world.seconds) if step.online]
    return {network: merged(spans) for network, spans in found.items() if spans}


class _Covered:
    """How much of a time is in some spans; asked in order of time."""

    def __init__(self, spans: list[Span]) -> None:
        self._begins = [a for a, _ in spans]
        self._ends = [b for _, b in spans]

    def between(self, begins: float, ends: float) -> float:
        """No edge lies between the two: all of it, or nothing."""
        number = bisect_right(self._begins, begins) - 1
        if number < 0 or self._ends[number] <= begins:
            return 0.0
        return min(ends, self._ends[number]) - begins
