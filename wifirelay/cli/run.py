# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay run`"""

import argparse
from dataclasses import replace

from wifirelay.change.restore import controller_name
from wifirelay.cli.context import Context, Result
from wifirelay.cli.telling import Telling
from wifirelay.cli.trying import refuse_dry
from wifirelay.config.model import Settings
from wifirelay.core.moves import Move
from wifirelay.errors import NothingToJoin, Refused
from wifirelay.service.folder import Folder, folder_for
from wifirelay.service.loop import Service
from wifirelay.service.signals import Signals, Terminated, Wishes
from wifirelay.transport.target import Kind


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--once", action="store_true", help="one round: join if something is to be had, and end"
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="end after so many")


def run(context: Context, args: argparse.Namespace) -> Result:
    refuse_dry(context, "run")
    context.need_networks()
    opened = context.opened()
    folder = None
    if opened.target.kind is not Kind.SIM:
        folder = Folder(folder_for(str(opened.target)))
        folder.make()
        if (other := folder.lives()) is not None:
            raise Refused(
                f"a service for this router runs here already (process {other})",
                hint="`wifirelay status` shows what it does",
            )
    controller = controller_name()
    telling = Telling(context, folder, controller)
    wishes = Wishes()

    def load() -> Settings:
        return replace(context.reload(), networks=context.known)

    service = Service(opened.transport, opened.clock, load, wishes, telling, controller, telling)
    try:
        with Signals(wishes):
            if not args.once:
                service.run(args.seconds)
                return Result({}, printed=True)
            came_to = service.once()
    except Terminated:
        return Result({}, printed=True)
    finally:
        wishes.close()
        if folder is not None:
            folder.forget()
    if isinstance(came_to, Move) and not service.online:
        raise NothingToJoin(came_to.why, hint="`wifirelay plan -v` tells why not, for each")
    return Result({}, printed=True)
