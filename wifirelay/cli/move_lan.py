# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay move-lan`: lan into another subnet. On a router it confirms, no more."""

import argparse

from wifirelay.change.confirm_lan import confirm_lan
from wifirelay.cli.context import Context, Result
from wifirelay.cli.trying import refuse_dry
from wifirelay.errors import UsageError
from wifirelay.transport.target import Kind
from wifirelay.values import shown

WAIT = (30, 600)  # seconds; as for a trial


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "address",
        nargs="?",
        metavar="ADDRESS/PREFIX",
        help="the router's new address, such as 192.168.77.1/24; without one a free subnet",
    )
    parser.add_argument("--show", action="store_true", help="show the edits and change nothing")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before the edits")
    parser.add_argument(
        "--wait",
        type=int,
        default=120,
        metavar="SECONDS",
        help="until it is taken back without a confirmation: 30 to 600, 120 without this",
    )
    parser.add_argument(
        "--confirm",
        action="store_true",
        help="keep a move that waits; from the router's new address, or at its console",
    )


def run(context: Context, args: argparse.Namespace) -> Result:
    refuse_dry(context, "move-lan")
    if not args.confirm:
        from wifirelay.cli.moving_lan import move  # not there on a router

        return move(context, args)
    if args.address is not None:
        raise UsageError(
            "--confirm takes no address: it keeps the move that waits",
            hint="`wifirelay move-lan --confirm`, from the router's new address or at its console",
        )
    opened = context.opened()
    address = shown(confirm_lan(opened.transport, ssh=opened.target.kind is Kind.SSH))
    return Result(moved_object("confirmed", None, address), [f"lan is {address} for good"])


def moved_object(state: str, old: str | None, new: str) -> dict[str, object]:
    """`state`: shown, unchanged, moved, confirmed."""
    return {
        "schema": "wifirelay.move-lan/1",
        "state": state,
        "from": old,
        "to": new,
        "edits": [],
        "remarks": [],
    }
