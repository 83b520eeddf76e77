# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay setup` and `wifirelay setup --undo`"""

import argparse

from wifirelay.change.asking import serving
from wifirelay.change.restore import controller_name, settle
from wifirelay.change.setup import look, set_up, withdraw
from wifirelay.cli.asking import confirm
from wifirelay.cli.context import Context, Result
from wifirelay.cli.trying import refuse_dry
from wifirelay.core.baseline import setup_edits, undo_edits
from wifirelay.errors import Refused
from wifirelay.uci.edits import Edit
from wifirelay.values import printable, shown

COMMENTS = "note: `uci commit` drops comments from the files that it writes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--undo", action="store_true", help="take everything out again")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before the edits")
    parser.add_argument("--show", action="store_true", help="show the edits and change nothing")


def run(context: Context, args: argparse.Namespace) -> Result:
    refuse_dry(context, "setup")
    opened = context.opened()
    transport, clock = opened.transport, opened.clock
    context.doing("asking the router")
    if not args.show:
        settle(transport, clock, context.progress)
    relay = context.relay_to_leave if args.undo else context.relay
    found = look(transport, relay, leaving=args.undo)
    edits = undo_edits(found.owned) if args.undo else setup_edits(found.owned, relay)
    show_edits(context, f"{found.board.model}, {found.board.description}", edits)
    for remark in found.remarks:
        context.say(f"note: {remark}")
    verb = "undo" if args.undo else "setup"
    if args.undo and not args.show and (service := serving(transport)) is not None:
        raise Refused(
            f"a service looks after this router: {shown(service.name)}",
            hint="end it first: `wifirelay uninstall`, or `/etc/init.d/wifirelay stop` on the "
            "router; one on a laptop ends with Ctrl-C",
        )
    if not args.show:
        if edits:
            undo = " --undo" if args.undo else ""
            if not args.undo:
                context.say("the sentry is a small service that takes failed trials back")
            confirm(args, "write these edits?", f"setup{undo}", f"`setup{undo} --show`")
        again = look(transport, relay, leaving=args.undo)
        if edits != (undo_edits(again.owned) if args.undo else setup_edits(again.owned, relay)):
            raise Refused(
                "the router's configuration changed while the edits were shown",
                hint="run it again and look at the new ones",
            )
        if args.undo:
            withdraw(transport, clock, relay, context.progress, controller_name())
        else:
            set_up(transport, clock, edits, context.progress, controller_name())
    return Result(
        {
            "schema": "wifirelay.setup/1",
            "action": "show" if args.show else verb,
            "model": found.board.model,
            "release": found.board.description,
            "edits": [edit.shown() for edit in edits],
            "remarks": list(found.remarks),
        },
        [_last_line(args)],
    )


def _last_line(args: argparse.Namespace) -> str:
    if args.show:
        return "nothing was changed"
    if args.undo:
        return "the baseline and the sentry are off this router"
    return "set up. Next: `wifirelay scan`, `wifirelay networks add SSID`, `wifirelay join`"


def show_edits(context: Context, router: str, edits: tuple[Edit, ...]) -> None:
    """For people: the router, and what will be written to its configuration."""
    if context.args.json:
        return
    context.say(router)
    if not edits:
        context.say("no edits of the configuration are needed")
        return
    context.say("edits of the router's configuration:")
    for edit in edits:
        context.say(f"  {printable(edit.shown())}")
    context.say(COMMENTS)
