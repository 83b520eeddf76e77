# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay uninstall`: the service off a router, over SSH"""

import argparse

from wifirelay.change.deploy import survey, undeploy
from wifirelay.change.leave import leave
from wifirelay.change.outcome import Progress, Step
from wifirelay.change.rest import pause
from wifirelay.change.restore import controller_name
from wifirelay.cli.asking import confirm
from wifirelay.cli.context import Context, Result
from wifirelay.cli.trying import need_ssh
from wifirelay.core.plan import enabled_uplinks
from wifirelay.errors import Refused
from wifirelay.package.contents import own_paths
from wifirelay.router.observe import observe

PATIENCE = 60.0  # seconds
AGAIN = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--purge", action="store_true", help="its configuration too, /etc/config/wifirelay"
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask before")


def run(context: Context, args: argparse.Namespace) -> Result:
    need_ssh(context, "uninstall")
    opened = context.opened()
    transport = opened.transport
    context.doing("asking the router")
    found = survey(transport)
    if found.packaged:
        remove = "apk del wifirelay" if found.manager == "apk" else "opkg remove wifirelay"
        raise Refused(
            "wifirelay is installed on this router as a package", hint=f"there: `{remove}`"
        )
    confirm(args, "leave the uplink, and take the service off?", "uninstall", "")
    was_on = False
    if found.installed:
        # First of all nothing joins any more; then its service goes, and last the uplink, which
        # the link itself may go through.
        pause(transport, "the service is taken off this router")
        undeploy(transport, own_paths(), controller_name(), purge=args.purge)
        context.progress(Progress(Step.INSTALL, "the service is off the router"))
    if enabled_uplinks(observe(transport)):
        _leave(context)
        was_on = True
    return Result(
        {
            "schema": "wifirelay.uninstall/1",
            "was_installed": found.installed,
            "left_uplink": was_on,
            "purged": args.purge,
        },
        [
            "the service is off this router"
            if found.installed
            else "no service was installed on this router",
            "its sentry and its baseline stay: `wifirelay setup --undo` takes them off",
            *([] if args.purge else ["/etc/config/wifirelay stays, if there is one: --purge"]),
        ],
    )


def _leave(context: Context) -> None:
    """The service may have been killed in a trial: its lock ends by itself, or by the sentry."""
    opened = context.opened()
    end = opened.clock.monotonic() + PATIENCE
    while True:
        try:
            leave(
                opened.transport, opened.clock, context.relay, context.progress, controller_name()
            )
            return
        except Refused:
            if opened.clock.monotonic() >= end:
                raise
            context.doing("waiting for the trial that ran to be taken back")
            opened.clock.sleep(AGAIN)
