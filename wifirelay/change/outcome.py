# SPDX-License-Identifier: GPL-2.0-or-later
"""What a trial came to: its steps, and the cause when it failed."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Step(str, Enum):
    """The steps of a trial, in order."""

    ARM = "arm"
    STAGE = "stage"
    APPLY = "apply"
    TAKEN = "taken"  # the router runs the edited configuration
    ASSOCIATED = "associated"
    LEASE = "lease"
    SUBNET = "subnet"
    ON_AIR = "on-air"  # the own access points
    INTERNET = "internet"
    CONFIRM = "confirm"
    STOPPED = "stopped"
    ROLL_BACK = "roll-back"

    __str__ = str.__str__


class Cause(str, Enum):
    """Why a trial failed."""

    IGNORED = "staged-edits-ignored"
    NOT_STAGED = "edits-not-staged"
    WRONG_KEY = "wrong-key"
    VANISHED = "vanished"
    DEAD_DHCP = "dead-dhcp"
    SUBNET_CLASH = "subnet-clash"
    OFF_AIR = "own-access-point-off-air"
    PORTAL = "portal"
    NO_DNS = "no-dns"
    NO_INTERNET = "no-internet"
    FLASH = "flash-not-written"
    OVERTAKEN = "rolled-back-by-the-sentry"
    STOPPED = "stopped"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Progress:
    """A step that begins (`done` False) or has been decided."""

    step: Step
    text: str
    done: bool = True
    good: bool = True


Report = Callable[[Progress], None]


class StepFailed(Exception):
    """A step failed for good; caught by the trial, which rolls back."""

    def __init__(self, step: Step, cause: Cause, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.step, self.cause, self.why, self.hint = step, cause, why, hint


@dataclass(frozen=True, slots=True)
class Joined:
    """A confirmed uplink."""

    ssid_text: str
    radio: str
    bssid: str | None
    signal: int | None  # dBm
    address: str
    kept: str  # "flash" or "session"
    note: str  # why it is not kept as asked, or ""
    seconds: float  # from arming to confirmation
