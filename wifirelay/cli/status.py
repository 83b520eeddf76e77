# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay status`"""

import argparse

from wifirelay.change.status import read_status
from wifirelay.cli.context import Context, Result
from wifirelay.view.status import status_lines, status_object


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-probe", action="store_true", help="do not ask the internet anything")


def run(context: Context, args: argparse.Namespace) -> Result:
    opened = context.opened()
    context.doing("asking the router")
    status = read_status(opened.transport, probing=not args.no_probe, recorded=opened.dry)
    return Result(status_object(status), status_lines(status))
