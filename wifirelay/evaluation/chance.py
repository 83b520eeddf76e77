# SPDX-License-Identifier: GPL-2.0-or-later
"""When some known network of a world could be used at all."""

from bisect import bisect_right

from wifirelay.core.known import KnownNetwork
from wifirelay.core.refusals import JOIN_LEVEL
from wifirelay.evaluation.world import World

Span = tuple[float, float]


Class = tuple[int, bool]


def class_of(network: KnownNetwork) -> Class:
    """What the owner prefers: the priority, and in it what costs no money. Higher is better."""
    return (network.priority, not network.metered)


class Chance:
    """When known networks could be used: heard well enough to be joined, with internet."""

    def __init__(self, world: World) -> None:
        spans: dict[Class, list[Span]] = {class_of(network): [] for network in world.known}
        for track in world.tracks:
            if world.fits(track):
                spans[class_of(world.by_ssid[track.ssid])] += [
                    (begins, ends)
                    for begins, ends, step in track.spans(world.seconds)
                    if step.online and (step.signal or -999) >= JOIN_LEVEL[track.band]
                ]
        self._any = Union([span for each in spans.values() for span in each])
        self._above = {
            own: Union([span for each in spans if each > own for span in spans[each]])
            for own in spans
        }

    def seconds(self, begins: float, ends: float) -> float:
        """How much of this time something could be used."""
        return self._any.seconds(begins, ends)

    def above(self, network: KnownNetwork, begins: float, ends: float) -> float:
        """How much of this time something could be used that the owner prefers to `network`."""
        return self._above[class_of(network)].seconds(begins, ends)


class Union:
    """Spans of time as one set."""

    def __init__(self, spans: list[Span]) -> None:
        union = merged(spans)
        self._begins = [begins for begins, _ in union]
        self._ends = [ends for _, ends in union]
        self._sums = [0.0]  # of the lengths of all spans before
        for begins, ends in union:
            self._sums.append(self._sums[-1] + ends - begins)

    def seconds(self, begins: float, ends: float) -> float:
        """How much of this time is in the set."""
        return self._until(ends) - self._until(begins)

    def _until(self, moment: float) -> float:
        number = bisect_right(self._begins, moment)
        if number == 0:
            return 0.0
        return self._sums[number] - max(0.0, self._ends[number - 1] - moment)


def merged(spans: list[Span]) -> list[Span]:
    """The union, sorted, without overlaps."""
    union: list[Span] = []
    for begins, ends in sorted(spans):
        if union and begins <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], ends))
        else:
            union.append((begins, ends))
    return union
