# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay move-lan` from a laptop: shows, asks, moves, and finds the router again."""

import argparse
from collections.abc import Callable

from wifirelay.change.move_lan import Moving, look_around
from wifirelay.change.restore import controller_name, settle
from wifirelay.cli.asking import confirm
from wifirelay.cli.context import Context, Result
from wifirelay.cli.move_lan import WAIT, moved_object
from wifirelay.core.lan import Move, plan_move
from wifirelay.errors import Refused, UsageError
from wifirelay.transport.base import Transport
from wifirelay.transport.target import Kind
from wifirelay.values import printable


def move(context: Context, args: argparse.Namespace) -> Result:
    """Raises what Moving.run raises, and UsageError."""
    low, high = WAIT
    if not low <= args.wait <= high:
        raise UsageError(f"--wait {args.wait}: not from {low} to {high} seconds")
    opened = context.opened()
    context.doing("asking the router")
    if not args.show:
        settle(opened.transport, opened.clock, context.progress)
    planned = plan_move(look_around(opened.transport, context.known), args.address)
    shape = _object("shown" if args.show else "moved", planned)
    if not planned.edits:
        return Result({**shape, "state": "unchanged"}, [f"lan has {planned.new} already"])
    _show(context, planned)
    if args.show:
        return Result(shape, ["nothing was changed"])
    confirm(args, "move it?", "move-lan", "`move-lan --show`")
    if plan_move(look_around(opened.transport, context.known), args.address) != planned:
        raise Refused(
            "the router's configuration changed while the edits were shown",
            hint="run it again and look at the new ones",
        )
    reach = _reach(context)
    Moving(
        opened.transport,
        opened.clock,
        planned,
        args.wait,
        reach,
        context.progress,
        controller_name(),
    ).run()
    lines = [f"lan is {planned.new}"]
    if opened.target.kind is Kind.SSH:
        lines.append(f"next: write `router: ssh://root@{planned.new.ip}` into the configuration")
    return Result(shape, lines)


def _object(state: str, planned: Move) -> dict[str, object]:
    return {
        **moved_object(state, str(planned.old), str(planned.new)),
        "edits": [edit.shown() for edit in planned.edits],
        "remarks": list(planned.remarks),
    }


def _show(context: Context, planned: Move) -> None:
    context.say(f"lan moves from {planned.old} to {planned.new}")
    context.say("edits of the router's configuration:")
    for edit in planned.edits:
        context.say(f"  {printable(edit.shown())}")
    for remark in planned.remarks:
        context.say(f"note: {remark}")
    until = "for a moment" if planned.stays else "until it has an address of the new subnet"
    context.say(
        f"every client of the router, this machine too, loses it {until}; unless the router is "
        "reached at its new address, the old one comes back by itself"
    )
    if planned.spare:
        context.say(
            "note: the router gives no addresses (its DHCP server is off for lan): when it has "
            f"moved, {planned.advice}"
        )


def _reach(context: Context) -> Callable[[str], Transport] | None:
    """How the router is reached at another address, by its target's kind."""
    opened = context.opened()
    target = opened.target
    if target.kind is Kind.SSH:
        from wifirelay.cli.open_ssh import open_moved

        return lambda address: open_moved(target, context.settings(), address)
    if target.kind is Kind.SIM:
        from wifirelay.sim.transport import SimTransport

        transport = opened.transport
        if isinstance(transport, SimTransport):
            router = transport.router
            return lambda address: SimTransport(router, at=address)
    return None
