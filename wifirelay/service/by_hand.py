# SPDX-License-Identifier: GPL-2.0-or-later
"""One trial for a person, where no service looks after the router."""

from contextlib import suppress
from dataclasses import replace

from wifirelay.change.outcome import Joined, Report
from wifirelay.change.trial import Trial
from wifirelay.clock import Clock
from wifirelay.core.known import Relay
from wifirelay.core.plan import Plan
from wifirelay.core.sections import staged_only
from wifirelay.errors import RouterAnswer, TransportError
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

    Raises what Trial.run raises. Clients can reach that login page then, where the router's DNS
    would hide its name; it is taken back by the next join that needs none, and by `leave`.
    """
    candidate = plan.decision.candidate
    if candidate is not None and relay.keep_on_flash:
        more = staged_only(router.wireless, router.changes, candidate.radio, relay)
        plan = replace(plan, edits=(*plan.edits, *more))
    watch = Watch(transport, clock)  # the lease comes with an event
    with suppress(TransportError):
        watch.open()
    try:
        trial = Trial(
            transport,
            clock,
            relay,
            router,
            plan,
            report,
            controller,
            nap=watch.nap,
            login=login,
        )
        joined = trial.run()
    finally:
        watch.close()
    if joined.portal or trial.portal_open:
        from wifirelay.change.portal import at_uplink  # seldom needed

        with suppress(TransportError, RouterAnswer):  # the uplink is there all the same
            at_uplink(transport, trial.interface, joined.portal)
    return joined
