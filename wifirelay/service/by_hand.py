# SPDX-License-Identifier: GPL-2.0-or-later
"""One trial for a person, where no service looks after the router."""

from contextlib import suppress
from dataclasses import replace

from wifirelay.change.outcome import Joined, Report
from wifirelay.change.trial import Trial
from wifirelay.change.vpn import bring
from wifirelay.clock import Clock
from wifirelay.core.known import Relay
from wifirelay.core.plan import Plan
from wifirelay.core.sections import staged_only
from wifirelay.errors import RouterAnswer, TransportError
from wifirelay.router.state import Router
from wifirelay.router.verdict import Verdict
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
    would hide its name; it is taken back by the next join that needs none, and by `leave`. A VPN of
    the configuration is down meanwhile, and up over an uplink with internet, as after a failure.
    """
    candidate = plan.decision.candidate
    if candidate is not None and relay.keep_on_flash:
        more = staged_only(router.wireless, router.changes, candidate.radio, relay)
        plan = replace(plan, edits=(*plan.edits, *more))
    there = router.interfaces.get(relay.tunnel)
    raised = there is not None and there.up  # whether the VPN is to be up afterwards
    if relay.vpn is not None:
        bring(transport, relay.tunnel, up=False)  # the new uplink answers for itself
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
        known = candidate.network if candidate is not None else None
        raised = (
            joined.internet is Verdict.ONLINE and relay.vpn is not None and relay.vpn.over(known)
        )
    finally:
        watch.close()
        if raised and relay.vpn is not None:
            with suppress(TransportError):
                bring(transport, relay.tunnel, up=True)
    if joined.portal or trial.portal_open:
        from wifirelay.change.portal import at_uplink  # seldom needed

        with suppress(TransportError, RouterAnswer):  # the uplink is there all the same
            at_uplink(transport, trial.interface, joined.portal)
    return joined
