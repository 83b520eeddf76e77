# SPDX-License-Identifier: GPL-2.0-or-later
"""How a program carries out what its policy decides: wifirelay's trial, or another's way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """How one try is made. Durations in seconds."""

    verify: bool = True  # a try without internet fails
    returns: bool = True  # a failed try goes back to the uplink that worked before
    commits: bool = False  # every join, and every change of what is enabled, is written to flash
    before: float = 0.5  # own waiting before the reload
    after: float = 0.0  # ... and after one that takes a failed try back or switches off, at least
    associate: float = 40.0  # limit from the reload to the association
    lease: float = 25.0  # limit from the association to the lease
    together: float = 180.0  # limit from the reload to the lease
    on_air: float = 15.0  # limit for the own access point's return after the lease


TRIAL = Manner()
