# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay setup` and `wifirelay setup --undo`: by options alone, or as a dialogue (guide.py)."""

import argparse
import os
from typing import Any

from wifirelay.change.asking import serving
from wifirelay.change.onrouter import on_router
from wifirelay.change.restore import controller_name, settle
from wifirelay.change.setup import Found, look, prepare, set_up, withdraw
from wifirelay.cli.asking import can_ask, confirm
from wifirelay.cli.context import Context, Result
from wifirelay.cli.open import is_router
from wifirelay.cli.trying import refuse_dry
from wifirelay.core.baseline import undo_edits
from wifirelay.core.sections import all_own
from wifirelay.errors import Refused
from wifirelay.transport.target import Kind, parse_target
from wifirelay.uci.edits import Edit
from wifirelay.values import printable, shown
from wifirelay.view.radios import radio_lines

COMMENTS = "note: `uci commit` drops comments from the files that it writes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--undo", action="store_true", help="take everything out again")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before the edits")
    parser.add_argument("--show", action="store_true", help="show the edits and change nothing")


def run(context: Context, args: argparse.Namespace) -> Result:
    if _guided(context, args):
        from wifirelay.cli.guide import guide  # not there on a router

        return guide(context, args)
    refuse_dry(context, "setup")
    found, edits = look_and_show(context, args)
    shape = setup_object(args, found, edits)
    if (args.show or args.json) and not args.undo and not is_router():
        from wifirelay.cli.lacks import lacks_object  # not there on a router

        shape |= lacks_object(context, edits=bool(edits))
    if not args.show:
        carry_out(context, args, edits)
    return Result(shape, [_last_line(args, anew=not all_own(found.router.wireless))])


def _guided(context: Context, args: argparse.Namespace) -> bool:
    """A dialogue where somebody can answer, and has not answered everything by options; not on
    the router itself, whose flash is small."""
    if not can_ask() or args.yes or args.show or args.undo or args.json or context.uci:
        return False
    named = args.router or context.settings().router
    return not is_router() if named is None else parse_target(named).kind is not Kind.LOCAL


def look_and_show(context: Context, args: argparse.Namespace) -> tuple[Found, tuple[Edit, ...]]:
    """What the router is, and the edits that it needs, both shown. Raises Refused."""
    opened = context.opened()
    context.doing("asking the router")
    if not args.show:
        settle(opened.transport, opened.clock, context.progress)
    found, edits = _wanted(context, args)
    radios = [] if args.undo else radio_lines(found.router)
    show_edits(context, [f"{found.board.model}, {found.board.description}", *radios], edits)
    for remark in found.remarks:
        context.say(f"note: {remark}")
    if args.undo and not args.show and (service := serving(opened.transport)) is not None:
        raise Refused(
            f"a service looks after this router: {shown(service.name)}",
            hint="end it first: `wifirelay uninstall`, or `/etc/init.d/wifirelay stop` on the "
            "router; one on a laptop ends with Ctrl-C",
        )
    return found, edits


def carry_out(context: Context, args: argparse.Namespace, edits: tuple[Edit, ...]) -> None:
    """Write the edits that were shown, when the owner says so. Raises UsageError, Refused."""
    opened = context.opened()
    if edits:
        undo = " --undo" if args.undo else ""
        if not args.undo:
            context.say("the sentry is a small service that takes failed trials back")
        confirm(args, "write these edits?", f"setup{undo}", f"`setup{undo} --show`")
    elif not args.undo and can_ask() and not on_router().read(opened.transport).installed:
        confirm(args, "put the sentry on it, which takes failed trials back?", "setup", "")
    _, now = _wanted(context, args)
    # as shown: a secret is drawn anew
    if tuple(map(Edit.shown, edits)) != tuple(map(Edit.shown, now)):
        raise Refused(
            "the router's configuration changed while the edits were shown",
            hint="run it again and look at the new ones",
        )
    name = controller_name()
    if args.undo:
        relay = context.relay_to_leave
        withdraw(opened.transport, opened.clock, relay, context.progress, name)
    else:
        set_up(opened.transport, opened.clock, edits, context.progress, name)


def _wanted(context: Context, args: argparse.Namespace) -> tuple[Found, tuple[Edit, ...]]:
    if args.undo:
        found = look(context.transport, context.relay_to_leave, leaving=True)
        return found, undo_edits(found.owned)
    found = look(context.transport, context.relay, context.known, own=context.uci)
    return prepare(found, context.relay, context.known, os.urandom(16).hex(), tidy=True)


def setup_object(args: argparse.Namespace, found: Found, edits: tuple[Edit, ...]) -> dict[str, Any]:
    """`wifirelay.setup/1`"""
    return {
        "schema": "wifirelay.setup/1",
        "action": "show" if args.show else "undo" if args.undo else "setup",
        "model": found.board.model,
        "release": found.board.description,
        "edits": [edit.shown() for edit in edits],
        "remarks": list(found.remarks),
    }


def _last_line(args: argparse.Namespace, *, anew: bool) -> str:
    if args.show:
        return "nothing was changed"
    if args.undo:
        return "the baseline and the sentry are off this router"
    if not anew:
        return "set up"
    return "set up. Next: `wifirelay scan`, `wifirelay networks add SSID`, `wifirelay join`"


def show_edits(context: Context, about: list[str], edits: tuple[Edit, ...]) -> None:
    """For people: lines about the router, and what will be written to its configuration."""
    if context.args.json:
        return
    for line in about:
        context.say(line)
    if not edits:
        context.say("no edits of the configuration are needed")
        return
    context.say("edits of the router's configuration:")
    for edit in edits:
        context.say(f"  {printable(edit.shown())}")
    context.say(COMMENTS)
