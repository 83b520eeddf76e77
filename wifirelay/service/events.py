# SPDX-License-Identifier: GPL-2.0-or-later
"""What the service tells, as values: events as they happen, and where it stands."""

from dataclasses import dataclass
from enum import Enum

from wifirelay.change.vpn import VpnState
from wifirelay.core.candidates import Candidate, Ignored
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.moves import Move
from wifirelay.router.scan import Bss
from wifirelay.router.station import Association
from wifirelay.router.verdict import Internet
from wifirelay.service.seen import Seen
from wifirelay.values import Ssid


class Kind(str, Enum):
    """What happened, in one word for programs."""

    STARTED = "started"
    STOPPED = "stopped"
    REACHED = "reached"
    UNREACHABLE = "unreachable"
    WAITING = "waiting"  # for the owner, or for another controller
    TRYING = "trying"
    JOINED = "joined"
    FAILED = "failed"
    LOST = "lost"
    RETURNED = "returned"
    RESTING = "resting"
    OFFLINE = "internet-lost"
    ONLINE = "internet-back"
    PORTAL = "needs-login"
    SUSPECT = "suspect"
    KEPT = "kept"
    DARK = "own-ap-off"
    LIT = "own-ap-on"
    VPN_UP = "vpn-up"
    VPN_DOWN = "vpn-down"
    OTHERS = "other-hands"
    ASKED = "asked"
    RELOADED = "reloaded"
    TROUBLE = "trouble"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history. `at` is of the controller's clock, in seconds."""

    at: float
    kind: Kind
    text: str
    ssid: Ssid | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the service stands."""

    at: float
    move: Move
    seen: Seen | None = None  # None: not reached yet
    link: Association | None = None
    internet: Internet | None = None
    checked_at: float | None = None
    online_since: float | None = None
    unreachable: str = ""
    paused: str = ""
    candidates: tuple[Candidate, ...] = ()
    vpn: VpnState | None = None


@dataclass(frozen=True, slots=True)
class Air:
    """What the last scan heard, and what the policy made of it."""

    radios: tuple[str, ...]
    heard: tuple[Bss, ...]
    known: tuple[KnownNetwork, ...]
    relay: Relay
    standing: Standing
    ignored: tuple[Ignored, ...]
