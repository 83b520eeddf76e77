# SPDX-License-Identifier: GPL-2.0-or-later
"""What a fault is: something that happens to an experiment, at once or for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.laboratory.experiment import Experiment

Apply = Callable[["Experiment", float], None]
FOR_GOOD = 0.0  # seconds: a fault of one moment


@dataclass(frozen=True, slots=True)
class Fault:
    """`apply` is called by the hub, never inside a process; `lasts`: the seconds from which
    schedules choose."""

    name: str
    apply: Apply
    lasts: tuple[float, ...] = (FOR_GOOD,)
