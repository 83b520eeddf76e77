# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay scan`"""

import argparse

from wifirelay.cli.context import Context, Result
from wifirelay.core.radios import radio_names
from wifirelay.router.observe import listen, observe
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.view.air import scan_lines, scan_object


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`scan` takes the global options only."""


def run(context: Context, args: argparse.Namespace) -> Result:
    del args
    _, radios, heard = hear(context)
    known = context.known
    return Result(scan_object(radios, heard, known), scan_lines(heard, known))


def hear(context: Context) -> tuple[Router, tuple[str, ...], tuple[Bss, ...]]:
    """The router, its radios that listen, and what they hear now."""
    transport = context.transport
    context.doing("asking the router")
    router = observe(transport)
    radios = radio_names(router.wireless, context.relay)
    context.doing(f"scanning with {', '.join(radios) or 'no radio'}")
    router, heard = listen(transport, router, radios)
    return router, radios, heard
