# SPDX-License-Identifier: GPL-2.0-or-later
"""The policies that are played against each other, by name."""

import importlib
from collections.abc import Callable, Sequence

from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.moves import Policy
from wifirelay.errors import UsageError

OURS = "wifirelay"

Factory = Callable[[Sequence[KnownNetwork]], Policy]


def _wifirelay(known: Sequence[KnownNetwork]) -> Policy:
    module = importlib.import_module("wifirelay.core.policy")
    policy: Policy = module.Steady(known, Relay())
    return policy


def _of(module: str, name: str) -> Factory:
    def make(known: Sequence[KnownNetwork]) -> Policy:
        found = importlib.import_module(f"wifirelay.evaluation.{module}")
        policy: Policy = getattr(found, name)(known)
        return policy

    return make


POLICIES: dict[str, Factory] = {
    OURS: _wifirelay,
    "strongest": _of("baselines", "Strongest"),
    "fixed-order": _of("baselines", "FixedOrder"),
    "travelmate": _of("travelmate", "Travelmate"),
    "iwd": _of("iwd", "Iwd"),
}


def make_policy(name: str, known: Sequence[KnownNetwork]) -> Policy:
    """Raises UsageError for a policy that there is not."""
    if name not in POLICIES:
        raise UsageError(f"no policy is called {name}", hint=f"there are {', '.join(POLICIES)}")
    return POLICIES[name](known)
