# SPDX-License-Identifier: GPL-2.0-or-later
"""The seam between deciding and doing: what a policy is told, and what it may ask for.

The service carries the moves out on a router, the evaluation in a world of values: the same
policy object serves both. All moments are seconds of one monotonic clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from wifirelay.core.candidates import Candidate, Current
from wifirelay.core.causes import Cause
from wifirelay.core.refusals import UsableRadio
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.values import Ssid

FOREVER = 3600.0  # seconds; nothing is due: something will happen, or this passes


class Do(str, Enum):
    """The kinds of moves."""

    WAIT = "wait"  # until the moment given, or until something happens
    SCAN = "scan"  # with all usable radios; answered with `heard`
    JOIN = "join"  # one trial; answered with `joined` or `failed`
    REST = "rest"  # disable the uplink sections, so that no station searches
    LOOK = "look"  # at the uplink's signal and traffic; answered with `looked`
    CHECK = "check"  # whether there is internet through the uplink; answered with `checked`
    KEEP = "keep"  # commit the uplink to flash; answered with `kept`

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Move:
    """What to do now, and why, in words for the owner."""

    do: Do
    why: str = ""
    until: float = 0.0  # of WAIT
    candidate: Candidate | None = None  # of JOIN
    needs_internet: bool = True  # of JOIN: without it the trial is taken back


@dataclass(frozen=True, slots=True)
class Situation:
    """What is so now, as far as it is known without asking the router anew."""

    uplink: Current | None  # works: associated, with a lease
    enabled: bool = False  # an own section is on: its station searches while `uplink` is None
    searching: tuple[Ssid, str] | None = None  # for which network, on which radio, if known
    wired: str | None = None  # another interface whose default route works
    clients: int | None = None  # stations on the own access points; None: not known
    radios: Mapping[str, UsableRadio] = field(default_factory=dict)
    own_macs: frozenset[str] = frozenset()
    committed: bool = True  # flash has the uplink as it is


class Policy(Protocol):
    """Decides. `now` never goes back; each move is answered before the next is asked for."""

    def next(self, now: float, situation: Situation) -> Move:
        """What to do now."""

    def heard(self, now: float, bss: tuple[Bss, ...]) -> None:
        """A scan's answer; empty can mean busy."""

    def joined(self, now: float, candidate: Candidate) -> None:
        """The trial was confirmed."""

    def failed(self, now: float, candidate: Candidate, cause: Cause) -> None:
        """The trial was taken back; a working uplink that it left is returned to."""

    def lost(self, now: float) -> None:
        """The uplink that worked has gone down by itself."""

    def found(self, now: float) -> None:
        """The uplink came up by itself: its station joined again."""

    def looked(self, now: float, signal: int | None, bssid: str | None) -> None:
        """The uplink's signal, dBm, and its access point; None: it is associated with none."""

    def checked(self, now: float, verdict: Verdict) -> None:
        """Whether there is internet through the uplink."""

    def kept(self, now: float, *, flash: bool) -> None:
        """The uplink was committed, or could not be."""
