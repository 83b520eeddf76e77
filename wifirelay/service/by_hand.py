# SPDX-License-Identifier: GPL-2.0-or-later
"""One trial for a person, where no service looks after the router."""

from contextlib import suppress

from wifirelay.change.outcome import Joined, Report
from wifirelay.change.trial import Trial
from wifirelay.clock import Clock
from wifirelay.core.known import Relay
from wifirelay.core.plan import Plan
from wifirelay.errors import TransportError
from wifirelay.router.state import Router
from wifirelay.service.watch import Watch
from wifirelay.transport.base import Transport


def join_by_hand(
    transport: Transport,
    clock: Clock,
    relay: Relay,
    router: Router,
    plan: Plan,
    report: Report,
    controller: str,
    *,
    login: bool = False,
) -> Joined:
    """Carry out a plan whose decision is to join. With `login` an uplink with a login page is kept.

    Raises what Trial.run raises.
    """
    watch = Watch(transport, clock)  # the lease comes with an event
    with suppress(TransportError):
        watch.open()
    try:
        return Trial(
            transport,
            clock,
            relay,
            router,
            plan,
            report,
            controller,
            nap=watch.nap,
            login=login,
        ).run()
    finally:
        watch.close()
