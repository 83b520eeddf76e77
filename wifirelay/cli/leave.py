# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay leave`"""

import argparse

from wifirelay.change.asking import ask, not_understood, serving, ssid_from
from wifirelay.change.leave import leave
from wifirelay.change.restore import controller_name
from wifirelay.change.vpn import bring
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
    if (service := serving(opened.transport)) is not None:
        request = {"do": "leave"}
        answer = ask(opened.transport, opened.clock, service, request, context.progress)
        was, flash = answer.get("left"), answer.get("flash")
        if not isinstance(was, list) or not isinstance(flash, str):
            raise not_understood()
        return _result([ssid_from(each) for each in was], flash)
    relay = context.relay_to_leave
    left = leave(opened.transport, opened.clock, relay, context.progress, controller_name())
    if relay.vpn is not None:
        bring(opened.transport, relay.tunnel, up=False)
    return _result([Ssid.of(text) for text in left.was if text], left.flash)


def _result(was: list[Ssid], flash: str) -> Result:
    names = ", ".join(map(str, was))
    return Result(
        {
            "schema": "wifirelay.leave/1",
            "left": [named("ssid", ssid) for ssid in was],
            "flash": flash,
        },
        [f"left {names}: at baseline" if names else "at baseline; no uplink was enabled"],
    )
