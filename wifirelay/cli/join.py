# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay join`"""

import argparse
from typing import Any

from wifirelay.change.asking import (
    Serving,
    ask,
    joined_from,
    not_understood,
    serving,
    ssid_from,
)
from wifirelay.change.outcome import Joined
from wifirelay.change.restore import controller_name, settle
from wifirelay.cli.context import Context, Result
from wifirelay.cli.plan import asked_for, look
from wifirelay.cli.trying import refuse_dry
from wifirelay.core.plan import Action, Plan
from wifirelay.errors import NothingToJoin
from wifirelay.router.verdict import Verdict
from wifirelay.service.by_hand import join_by_hand
from wifirelay.values import Ssid
from wifirelay.view.plan import named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "ssid", nargs="?", metavar="SSID", help="join this network: known, or allowed by `open`"
    )
    parser.add_argument(
        "--login",
        action="store_true",
        help="keep an uplink that has a login page, so that you can log in there",
    )
    parser.add_argument(
        "--twin",
        action="store_true",
        help="also a possible evil twin: it is genuine",
    )
    parser.add_argument("-y", "--yes", action="store_true", help="with --routers: do not ask")


def run(context: Context, args: argparse.Namespace) -> Result:
    refuse_dry(context, "join")
    opened = context.opened()
    if (service := serving(opened.transport)) is not None:
        return _through(service, context, args)
    settle(opened.transport, opened.clock, context.progress)
    router, plan = look(context, args.ssid, accepting=args.twin)
    decision = plan.decision
    if decision.action is Action.STAY:
        return Result(_object(plan, None), [f"nothing to do: {decision.why}"])
    if decision.action is not Action.JOIN:
        hint = "`wifirelay plan -v` tells why not, for each" if args.ssid is None else ""
        raise NothingToJoin(decision.why, hint=hint)  # of one that was named it has just been told
    context.say(decision.why)
    for warning in plan.warnings:
        context.say(f"warning: {warning}")
    joined = join_by_hand(
        opened.transport,
        opened.clock,
        context.relay,
        router,
        plan,
        context.progress,
        controller_name(),
        login=args.login,
    )
    return Result(_object(plan, joined), _lines(joined))


def _through(service: Serving, context: Context, args: argparse.Namespace) -> Result:
    """Let the service that looks after this router do it."""
    opened = context.opened()
    chosen = asked_for(args.ssid, context.known, context.relay) if context.known else None
    if args.ssid is not None and chosen is None:
        chosen = Ssid.of(args.ssid)  # the service knows its own networks
    request = {
        "do": "join",
        "ssid_hex": chosen.hex if chosen is not None else None,
        "known": True,
        "login": args.login,
        "twin": args.twin,
    }
    answer = ask(opened.transport, opened.clock, service, request, context.progress)
    raw, joined = answer.get("ssid_hex"), joined_from(answer.get("joined"))
    name = ssid_from(raw) if raw is not None else None
    try:
        action, why = Action(answer["action"]), str(answer["why"])
    except (KeyError, ValueError):
        raise not_understood() from None
    raw = answer.get("warnings")  # a service of an earlier release tells none
    warnings = tuple(map(str, raw)) if isinstance(raw, list) else ()
    lines = [f"warning: {text}" for text in warnings]
    lines += _lines(joined) if joined is not None else [f"nothing to do: {why}"]
    return Result(_shape(action, name, why, joined, warnings), lines)


def _object(plan: Plan, joined: Joined | None) -> dict[str, Any]:
    """`wifirelay.join/1`; without `joined` the uplink was already as good as it gets."""
    candidate = plan.decision.candidate
    name = candidate.network.ssid if candidate is not None else None
    return _shape(plan.decision.action, name, plan.decision.why, joined, plan.warnings)


def _shape(
    action: Action,
    name: Ssid | None,
    why: str,
    joined: Joined | None,
    warnings: tuple[str, ...] = (),
) -> dict[str, Any]:
    return {
        "schema": "wifirelay.join/1",
        "action": action.value,
        **named("network", name),
        "why": why,
        "warnings": list(warnings),
        "uplink": None
        if joined is None
        else {
            "radio": joined.radio,
            "bssid": joined.bssid,
            "signal_dbm": joined.signal,
            "address": joined.address,
            "kept": joined.kept,
            "note": joined.note or None,
            "portal_url": joined.portal or None,
            "seconds": round(joined.seconds, 1),
        },
    }


def _lines(joined: Joined) -> list[str]:
    signal = f", {joined.signal} dBm" if joined.signal is not None else ""
    kept = "kept on flash" if joined.kept == "flash" else "kept until the next reboot"
    how = "joined" if joined.internet is Verdict.PORTAL else "online through"
    lines = [
        f"{how} {Ssid.of(joined.ssid_text)} ({joined.bssid}{signal}) on {joined.radio}, "
        f"{joined.address}; {kept}" + (f" {joined.note}" if joined.note else "")
    ]
    if joined.portal:
        lines.append(f"log in from a device behind the router: {joined.portal}")
    return lines
