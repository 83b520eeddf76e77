# SPDX-License-Identifier: GPL-2.0-or-later
"""What a router would join of what it hears now: asks it what it can do for that, and no more."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from wifirelay.core.abilities import worth_asking
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.mac import CHANCE
from wifirelay.core.plan import Plan, make_plan
from wifirelay.core.twins import Past
from wifirelay.router.observe import read_abilities
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.transport.base import Transport
from wifirelay.values import Ssid


def prospect(
    transport: Transport,
    router: Router,
    heard: Iterable[Bss],
    known: Sequence[KnownNetwork],
    relay: Relay,
    *,
    chosen: Ssid | None = None,
    past: Past | None = None,
) -> tuple[Router, Plan]:
    """The router with its abilities, and the plan. Raises what `make_plan` and transports raise."""
    able = read_abilities(transport, worth_asking(known, relay))
    router = replace(router, abilities=able)
    chance = os.urandom(CHANCE)
    plan = make_plan(router, heard, known, relay, chosen=chosen, past=past, chance=chance)
    return router, plan
