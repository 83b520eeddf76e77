# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay plan`"""

import argparse
from dataclasses import replace

from wifirelay.change.prospect import prospect
from wifirelay.cli.context import Context, Result
from wifirelay.cli.scan import hear, past_of
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.plan import Plan
from wifirelay.core.sections import own_sections
from wifirelay.errors import UsageError
from wifirelay.router.state import Router
from wifirelay.values import SSID_BYTES, Ssid
from wifirelay.view.plan import plan_lines, plan_object


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ssid", nargs="?", metavar="SSID", help="plan to join this network")


def run(context: Context, args: argparse.Namespace) -> Result:
    _, plan = look(context, args.ssid)
    return Result(plan_object(plan), plan_lines(plan, verbose=args.verbose))


def look(context: Context, ssid: str | None, *, accepting: bool = False) -> tuple[Router, Plan]:
    """Read the router and its air, and plan. `accepting`: a suspect is meant too."""
    known = context.need_networks(or_open=True)
    chosen = asked_for(ssid, known, context.relay)
    router, _, heard = hear(context)
    past = None if accepting else past_of(context, heard)
    relay, transport = context.relay, context.transport
    router, plan = prospect(transport, router, heard, known, relay, chosen=chosen, past=past)
    if not own_sections(router.wireless):
        why = f"{plan.decision.why} (after `wifirelay setup`, which this router has not had)"
        plan = replace(plan, decision=replace(plan.decision, why=why))
    return router, plan


def asked_for(text: str | None, known: tuple[KnownNetwork, ...], relay: Relay) -> Ssid | None:
    """The network that the owner named; UsageError when it is not known, and `open` does not
    allow its name either."""
    if text is None:
        return None
    ssid = Ssid.of(text)
    if len(ssid.raw) > SSID_BYTES:
        raise UsageError(
            f"{ssid}: an SSID has at most {SSID_BYTES} bytes, this has {len(ssid.raw)}",
            hint="look at `wifirelay scan` for its exact name",
        )
    allowed = relay.allowed
    if any(network.ssid == ssid for network in known) or (allowed and allowed.admits(ssid)):
        return ssid
    named = ", and open.names does not allow it" if allowed else ""
    raise UsageError(
        f"{ssid} is not a known network{named}",
        hint=f"add it first: `wifirelay networks add '{ssid}'`",
    )
