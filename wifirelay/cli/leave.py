# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay leave`"""

import argparse

from wifirelay.change.leave import leave
from wifirelay.change.restore import controller_name
from wifirelay.cli.context import Context, Result
from wifirelay.cli.trying import refuse_dry
from wifirelay.values import Ssid
from wifirelay.view.plan import named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`leave` takes the global options only."""


def run(context: Context, args: argparse.Namespace) -> Result:
    del args
    refuse_dry(context, "leave")
    opened = context.opened()
    context.doing("asking the router")
    left = leave(
        opened.transport,
        opened.clock,
        context.relay,
        context.progress,
        controller_name(),
    )
    was = [Ssid.of(text) for text in left.was if text]
    names = ", ".join(map(str, was))
    return Result(
        {
            "schema": "wifirelay.leave/1",
            "left": [named("ssid", ssid) for ssid in was],
            "flash": left.flash,
        },
        [f"left {names}: at baseline" if names else "at baseline; no uplink was enabled"],
    )
