# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay install`: the service onto a router, over SSH"""

import argparse
from collections.abc import Iterable

from wifirelay import __version__
from wifirelay.change.asking import serving
from wifirelay.change.deploy import Bundle, Survey, check_room, deploy, survey
from wifirelay.change.outcome import Progress, Step
from wifirelay.change.restore import controller_name, settle
from wifirelay.change.setup import Found, look, set_up, take_out
from wifirelay.cli.asking import confirm
from wifirelay.cli.context import Context, Result
from wifirelay.cli.setup import show_edits
from wifirelay.cli.trying import need_ssh
from wifirelay.config.uci_text import uci_edits
from wifirelay.core.baseline import setup_edits, undo_edits
from wifirelay.core.known import KnownNetwork
from wifirelay.errors import Refused, RouterAnswer, WifirelayError
from wifirelay.package.contents import compiler, default_config, python_sources, router_files
from wifirelay.router.config import package
from wifirelay.transport.base import Transport
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package
from wifirelay.values import printable, shown

CONFIG = "wifirelay"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--networks",
        action="store_true",
        help="take this machine's known networks along, with their keys",
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before")
    parser.add_argument("--show", action="store_true", help="show what would be done, and end")


def run(context: Context, args: argparse.Namespace) -> Result:
    target = need_ssh(context, "install")
    opened = context.opened()
    transport, clock = opened.transport, opened.clock
    context.doing("asking the router")
    if not args.show:
        settle(transport, clock, context.progress)
    found = look(transport, context.relay)
    room = survey(transport)
    check_room(room, target)
    other = serving(transport)
    if other is not None and not room.installed:
        raise Refused(
            f"a service looks after this router already: {shown(other.name)}",
            hint="stop that one first, or wait until its lease of 10 minutes is over",
        )
    networks = context.need_networks() if args.networks else ()
    before = setup_edits(found.owned, context.relay)
    edits = _edits(networks, _configured(transport))
    _show(context, found, room, before, edits)
    if not args.show:
        confirm(args, "install and start it?", "install", "`install --show`")
        made_baseline = bool(before)
        set_up(transport, clock, before, context.progress, controller_name())
        try:
            _deploy(context, edits)
        except WifirelayError:
            if made_baseline:
                again = look(transport, context.relay, leaving=True)
                take_out(transport, undo_edits(again.owned), context.progress, controller_name())
            raise
    return Result(
        {
            "schema": "wifirelay.install/1",
            "action": "show" if args.show else "install",
            "model": found.board.model,
            "release": found.board.description,
            "python": ".".join(map(str, room.python or ())),
            "version": __version__,
            "upgrade": room.installed,
            "edits": [edit.shown() for edit in (*before, *edits)],
            "remarks": list(found.remarks),
        },
        _last_lines(args, networks),
    )


def _deploy(context: Context, edits: tuple[Edit, ...]) -> None:
    opened = context.opened()
    bundle = Bundle(router_files(), python_sources(), compiler(), default_config(), edits)
    context.progress(Progress(Step.INSTALL, "sending it, compiling it, starting it", done=False))
    deploy(opened.transport, opened.clock, bundle)
    context.progress(Progress(Step.INSTALL, "the service runs and looks after the router"))


def _configured(transport: Transport) -> Package:
    try:
        return package(CONFIG).read(transport)
    except RouterAnswer:  # not there yet; one that cannot be read is told by the service
        return Package(CONFIG)


def _edits(networks: Iterable[KnownNetwork], there: Package) -> tuple[Edit, ...]:
    """What the router's own configuration gains: it is switched on, and knows these networks."""
    main = there.section("main")
    edits = []
    if main is None:
        edits.append(Edit(Verb.SET, CONFIG, "main", None, "wifirelay"))
    if main is None or not main.true("enabled"):
        edits.append(Edit(Verb.SET, CONFIG, "main", "enabled", "1"))
    return (*edits, *uci_edits(networks, there))


def _show(
    context: Context,
    found: Found,
    room: Survey,
    before: tuple[Edit, ...],
    edits: tuple[Edit, ...],
) -> None:
    if context.args.json:
        return
    show_edits(context, f"{found.board.model}, {found.board.description}", before)
    for edit in edits:
        context.say(f"  {printable(edit.shown())}")
    for remark in found.remarks:
        context.say(f"note: {remark}")
    verb = "replaces the one that is there" if room.installed else "is put into /usr/lib/wifirelay"
    context.say(f"the service {__version__} {verb} and started")


def _last_lines(args: argparse.Namespace, networks: tuple[KnownNetwork, ...]) -> list[str]:
    if args.show:
        return ["nothing was changed"]
    lines = ["installed: the service runs on the router, and starts with it"]
    if networks:
        return [*lines, f"it knows {len(networks)} of this machine's networks"]
    return [*lines, "give it networks there: `wifirelay networks add SSID`, or LuCI"]
