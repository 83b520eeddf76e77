# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay routers list | add | remove`: the inventory that `--routers` works on.

It is in the YAML configuration of a laptop. Reaches no router.
"""

import argparse
from typing import Any

from wifirelay.cli.context import Context, Result
from wifirelay.cli.options import global_parent
from wifirelay.config.edit_file import add_router, remove_router
from wifirelay.config.model import Settings
from wifirelay.config.secrets import unread
from wifirelay.config.yaml_file import load
from wifirelay.errors import UsageError
from wifirelay.transport.target import parse_target
from wifirelay.values import shown
from wifirelay.view.table import table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions and their options; without one the list is shown."""
    parents = [global_parent()]
    actions = parser.add_subparsers(dest="routers_action", metavar="ACTION")
    actions.add_parser("list", help="show the routers and their groups", parents=parents)
    add = actions.add_parser(
        "add", help="add a router to the configuration", parents=parents, allow_abbrev=False
    )
    add.add_argument("name", metavar="NAME", help="what --router and --routers call it")
    add.add_argument("target", metavar="TARGET", help="[ssh://][user@]host[:port]")
    add.add_argument("--group", action="append", default=[], metavar="GROUP", help="again for more")
    remove = actions.add_parser(
        "remove", help="remove a router from the configuration", parents=parents
    )
    remove.add_argument("name", metavar="NAME", help="as `list` shows it")


def run(context: Context, args: argparse.Namespace) -> Result:
    if context.uci:
        raise UsageError(
            "the list of routers stands in a YAML configuration, and this is a router's own",
            hint="use it on a laptop, or name a YAML file with --config",
        )
    path, action = context.config_path, args.routers_action or "list"
    if action == "list":
        settings = load(path)
        return Result(_object(action, settings), _table(settings))
    if action == "add":
        parse_target(args.target)
        groups = {"groups": args.group} if args.group else {}
        add_router(path, args.name, {"router": args.target, **groups})
        line = f"added {shown(args.name)} to {shown(path)}"
    else:
        remove_router(path, args.name)
        line = f"removed {shown(args.name)} from {shown(path)}"
    return Result(_object(action, load(path, unread)), [line])


def _object(action: str, settings: Settings) -> dict[str, Any]:
    """`wifirelay.routers/1`"""
    return {
        "schema": "wifirelay.routers/1",
        "action": action,
        "file": settings.source,
        "routers": [
            {
                "name": each.name,
                "target": str(parse_target(each.target)),
                "groups": list(each.groups),
                "own_login": each.login is not None,
            }
            for each in settings.routers
        ],
    }


def _table(settings: Settings) -> list[str]:
    warned = [f"warning: {warning}" for warning in settings.warnings]
    if not settings.routers:
        where = shown(settings.source)
        return [f"no routers in {where}; add one: wifirelay routers add NAME TARGET", *warned]
    rows = [
        (each.name, str(parse_target(each.target)), ", ".join(each.groups) or "-")
        for each in settings.routers
    ]
    return [*table(("ROUTER", "TARGET", "GROUPS"), rows), *warned]
