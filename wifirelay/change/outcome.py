# SPDX-License-Identifier: GPL-2.0-or-later
"""What a trial came to: its steps, and how it failed."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from wifirelay.core.causes import Cause
from wifirelay.router.verdict import Verdict


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
    INSTALL = "install"  # of no trial: the service onto a router, or off it

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Progress:
    """A step that begins (`done` False) or has been decided; `asks`: it is the reader's to do."""

    step: Step
    text: str
    done: bool = True
    good: bool = True
    asks: bool = False


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
    internet: Verdict = Verdict.ONLINE  # another only where the trial did not need it
    portal: str = ""  # the URL of its login page, with Verdict.PORTAL
