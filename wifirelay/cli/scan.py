# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay scan`"""

import argparse
from contextlib import suppress

from wifirelay.cli.context import Context, Result
from wifirelay.core.radios import radio_names
from wifirelay.core.twins import Past
from wifirelay.router.observe import listen, observe
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.service.folder import Folder, folder_for
from wifirelay.transport.target import Kind
from wifirelay.view.air import scan_lines, scan_object


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`scan` takes the global options only."""


def run(context: Context, args: argparse.Namespace) -> Result:
    del args
    _, radios, heard = hear(context)
    known = context.known
    past, names, suspects = past_of(context, heard), {each.ssid: each for each in known}, {}
    for bss in heard:
        if bss.ssid in names and (why := past.suspect(names[bss.ssid], bss)) is not None:
            suspects[bss.radio, bss.bssid] = why
    found = scan_object(radios, heard, known, suspects)
    return Result(found, scan_lines(heard, known, suspects))


def hear(context: Context) -> tuple[Router, tuple[str, ...], tuple[Bss, ...]]:
    """The router, its radios that listen, and what they hear now."""
    transport = context.transport
    context.doing("asking the router")
    router = observe(transport)
    radios = radio_names(router.wireless, context.relay)
    context.doing(f"scanning with {', '.join(radios) or 'no radio'}")
    router, heard = listen(transport, router, radios)
    return router, radios, heard


def past_of(context: Context, heard: tuple[Bss, ...]) -> Past:
    """What a service of this machine remembers of the places and access points of this router,
    where `heard` is heard; nothing where none has looked after it since boot."""
    opened, past = context.opened(), Past(context.relay.twins)
    if opened.target.kind not in (Kind.SIM, Kind.RECORDING):
        stored, now = Folder(folder_for(str(opened.target))).remembered(), opened.clock.monotonic()
        with suppress(ValueError, KeyError, TypeError, AttributeError, OverflowError):
            past.load(stored, now)
        past.places.hear(now, heard)
    return past
