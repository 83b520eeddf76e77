# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay install`: the service onto a router, over SSH"""

import argparse
import os
from collections.abc import Iterable

from wifirelay import __version__
from wifirelay.change.asking import serving
from wifirelay.change.configure import configure, fingerprint
from wifirelay.change.deploy import Bundle, Survey, check_room, deploy, survey, undeploy
from wifirelay.change.files import RouterFile
from wifirelay.change.lacking import Lacking, mark, service_lacks
from wifirelay.change.outcome import Progress, Step
from wifirelay.change.restore import controller_name, settle
from wifirelay.change.setup import Found, look, prepare, set_up, withdraw
from wifirelay.cli.asking import confirm
from wifirelay.cli.context import Context, Result
from wifirelay.cli.lacks import NOTHING_TO_DO, lacking_object, show_lacking
from wifirelay.cli.setup import show_edits
from wifirelay.cli.trying import need_ssh
from wifirelay.config.uci_file import PACKAGE, read_package
from wifirelay.config.uci_text import uci_edits
from wifirelay.core.known import KnownNetwork
from wifirelay.core.sections import all_own
from wifirelay.errors import Refused, TransportError, WifirelayError
from wifirelay.package.contents import (
    compiler,
    default_config,
    own_paths,
    python_sources,
    router_files,
)
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package
from wifirelay.values import printable, shown


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
    room = survey(transport)
    check_room(room, target)
    if not args.show and not room.installed:  # else its service takes its trial back as it ends
        settle(transport, clock, context.progress)
    networks = context.need_networks() if args.networks else ()
    found = look(transport, context.relay, networks, own=context.uci)
    other = serving(transport)
    if other is not None and not room.installed:
        raise Refused(
            f"a service looks after this router already: {shown(other.name)}",
            hint="stop that one first, or wait until its lease of 10 minutes is over",
        )
    found, before = prepare(found, context.relay, networks, os.urandom(16).hex())
    new = not all_own(found.owned.wireless)  # else what was set up before is not ours to take out
    seen = fingerprint(transport)
    configured = read_package(transport)
    edits = _edits(networks, configured or Package(PACKAGE))
    sources = (*router_files(), *python_sources(), RouterFile("compiler", "", compiler()))
    marked = mark(sources, room.python or (0, 0))
    lacking = service_lacks(transport, router_files(), marked)
    told = lacking_object(lacking, edits=bool(before or edits))
    only_edits = bool(edits) and not before and not lacking
    _show(context, found, room, before, edits, lacking)
    if not args.show:
        question = "write these edits?" if only_edits else "install and start it?"
        confirm(args, question, "install", "`install --show`")
    if not args.show and only_edits:  # flash lives, and the service goes on
        configure(transport, edits, seen)
        context.progress(
            Progress(Step.INSTALL, f"{len(edits)} edits written; the service reads them")
        )
    elif not args.show:
        set_up(transport, clock, before, context.progress, controller_name())
        try:
            _deploy(context, edits, seen, marked)
        except TransportError:  # the router goes on alone, or nothing was begun there
            raise
        except WifirelayError:
            if not room.installed:
                undeploy(transport, own_paths(), controller_name(), purge=configured is None)
            if new:
                withdraw(transport, clock, context.relay, context.progress, controller_name())
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
            **told,
            "remarks": list(found.remarks),
        },
        _last_lines(args, networks, needed=told["needed"]),
    )


def _deploy(context: Context, edits: tuple[Edit, ...], seen: str, marked: bytes) -> None:
    opened = context.opened()
    bundle = Bundle(
        router_files(), python_sources(), compiler(), default_config(), edits, seen, marked
    )
    context.progress(Progress(Step.INSTALL, "sending it, compiling it, starting it", done=False))
    remark = deploy(opened.transport, opened.clock, bundle, controller_name())
    context.progress(Progress(Step.INSTALL, "the service runs and looks after the router"))
    if remark:
        context.say(f"note: {remark}")


def _edits(networks: Iterable[KnownNetwork], there: Package) -> tuple[Edit, ...]:
    """What the router's own configuration gains: it is switched on, and knows these networks."""
    main = there.section("main")
    edits = []
    if main is None:
        edits.append(Edit(Verb.SET, PACKAGE, "main", None, "wifirelay"))
    if main is None or not main.true("enabled"):
        edits.append(Edit(Verb.SET, PACKAGE, "main", "enabled", "1"))
    return (*edits, *uci_edits(networks, there))


def _show(
    context: Context,
    found: Found,
    room: Survey,
    before: tuple[Edit, ...],
    edits: tuple[Edit, ...],
    lacking: Lacking,
) -> None:
    if context.args.json:
        return
    show_edits(context, [f"{found.board.model}, {found.board.description}"], before)
    for edit in edits:
        context.say(f"  {printable(edit.shown())}")
    for remark in found.remarks:
        context.say(f"note: {remark}")
    show_lacking(context, lacking)
    if edits and not before and not lacking:
        context.say(f"the service {__version__} is there already, and goes on")
        return
    verb = (
        "will replace the one that is there" if room.installed else "goes into /usr/lib/wifirelay"
    )
    context.say(f"the service {__version__} {verb}, and will be started")


def _last_lines(
    args: argparse.Namespace, networks: tuple[KnownNetwork, ...], *, needed: bool
) -> list[str]:
    if args.show:
        return ["nothing was changed" if needed else NOTHING_TO_DO]
    lines = ["installed: the service runs on the router, and starts with it"]
    if networks:
        return [*lines, f"it knows {len(networks)} of this machine's networks"]
    return [*lines, "give it networks there: `wifirelay networks add SSID`, or LuCI"]
