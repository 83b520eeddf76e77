# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay run`"""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from wifirelay.change.checks import check_set_up
from wifirelay.change.restore import controller_name
from wifirelay.cli.context import Context, Result
from wifirelay.cli.telling import Telling, when
from wifirelay.cli.trying import refuse_dry
from wifirelay.clock import SystemClock
from wifirelay.config.model import Settings
from wifirelay.core.moves import Move
from wifirelay.errors import ConfigError, NothingToJoin, Refused
from wifirelay.service.events import Event
from wifirelay.service.events import Kind as Happened
from wifirelay.service.folder import Folder, folder_for
from wifirelay.service.loop import Service
from wifirelay.service.signals import Signals, Terminated, Wishes
from wifirelay.transport.target import Kind
from wifirelay.view.service import event_object

if TYPE_CHECKING:
    from wifirelay.service.book import Book

FOREVER = 1e6  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--once", action="store_true", help="one round: join if something is to be had, and end"
    )
    parser.add_argument(
        "--keep-pause",
        action="store_true",
        help="a pause by `leave`, or by the reset button, holds on (for procd)",
    )
    parser.add_argument(
        "--forget",
        action="store_true",
        help="forget places and access points; a service that runs here goes on",
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="end after so many")


def run(context: Context, args: argparse.Namespace) -> Result:
    wishes = Wishes()
    try:
        with Signals(wishes):  # before the configuration is read: a HUP meanwhile reads it again
            if args.keep_pause:
                _wait_for_settings(context, wishes)
            refuse_dry(context, "run")
            if not args.keep_pause:
                context.need_networks(or_open=True)
            return _serve(context, args, wishes)
    except Terminated:
        return Result({}, printed=True)
    finally:
        wishes.close()


def _wait_for_settings(context: Context, wishes: Wishes) -> None:
    """procd starts a service again and again: one whose configuration is wrong says so once, and
    waits for a right one. Without networks it waits as well, for some to be added."""
    while True:
        try:
            context.settings()
        except ConfigError as wrong:
            context.say(f"{wrong.message}; {wrong.hint}; waiting for a change of it")
        else:
            return
        SystemClock().wait(FOREVER, wishes.fd)
        wishes.clear()
        wishes.reload = False


def _serve(context: Context, args: argparse.Namespace, wishes: Wishes) -> Result:
    opened = context.opened()
    here = opened.target.kind is Kind.LOCAL
    folder = None
    if opened.target.kind is not Kind.SIM:
        folder = Folder(folder_for(str(opened.target)))
        folder.make()
        if (other := folder.lives()) is not None:
            return _go_on(context, other, forget=args.forget)
    controller = controller_name()
    telling = Telling(context, folder, controller, here=here)

    def load() -> Settings:
        return replace(context.reload(), networks=context.known, relay=context.relay)

    try:
        service = Service(
            opened.transport,
            opened.clock,
            load,
            wishes,
            telling,
            controller,
            telling,
            keep_pause=args.keep_pause,
            book=lambda: _book(context),
        )
        if args.forget:
            service.forget()
        if not args.once:
            service.run(args.seconds)
            return Result({}, printed=True)
        came_to = service.once()
    except Terminated:
        telling.end(0.0)
        raise
    finally:
        telling.end()
    if isinstance(came_to, Move):
        check_set_up(service.observer.seen().router)
    if isinstance(came_to, Move) and not service.online:
        raise NothingToJoin(came_to.why, hint="`wifirelay plan -v` tells why not, for each")
    return Result({}, printed=True)


def _book(context: Context) -> "Book | None":
    """Where the known networks are changed when somebody asks the service to: seldom, so that it
    is loaded then."""
    if context.uci:
        from wifirelay.service.book import UciBook

        return UciBook(context.router_itself())
    if context.opened().known and context.args.config is None:
        return None  # a simulated world's own
    try:
        from wifirelay.web.book import FileBook  # a router has no YAML to edit
    except ModuleNotFoundError:
        return None
    return FileBook(context.config_path, context.reload)


def _go_on(context: Context, other: int, *, forget: bool) -> Result:
    """A service runs here already: if it pauses, this is how an owner lets it go on."""
    from wifirelay.change.asking import ask, serving  # of no use to a service

    transport, clock = context.opened().transport, context.opened().clock
    service = serving(transport)
    answer = {}
    if service is not None:
        request = {"do": "run", "forget": forget}
        answer = ask(transport, clock, service, request, context.progress)
    if not answer.get("was_paused") and not (forget and answer.get("forgot")):
        raise Refused(
            f"a service for this router runs here already (process {other})",
            hint="`wifirelay status` shows what it does",
        )
    text = f"the service (process {other}) {'has forgotten' if forget else 'goes on'}"
    event = Event(clock.monotonic(), Happened.ASKED, text)
    return Result(event_object(event, when()), [text])
