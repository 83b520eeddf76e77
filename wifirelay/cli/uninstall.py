# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay uninstall`: the service off a router, over SSH"""

import argparse
from collections.abc import Iterator

from wifirelay.change.deploy import Survey, survey, undeploy
from wifirelay.change.leave import leave
from wifirelay.change.onair import configured_access_points, wait_on_air
from wifirelay.change.outcome import Progress, Step
from wifirelay.change.rest import pause
from wifirelay.change.restore import controller_name
from wifirelay.cli.asking import confirm
from wifirelay.cli.context import Context, Result
from wifirelay.cli.trying import need_ssh
from wifirelay.core.plan import enabled_uplinks
from wifirelay.core.sections import own_sections
from wifirelay.errors import NotOnAir, Refused
from wifirelay.package.contents import own_paths
from wifirelay.router.observe import observe
from wifirelay.router.state import Router
from wifirelay.values import Ssid

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
        raise Refused(
            "wifirelay is installed on this router as a package", hint=f"there: `{found.removal}`"
        )
    router = observe(transport)
    uplinks = [Ssid.of(section.get("ssid")) for section in enabled_uplinks(router)]
    for name in uplinks:
        context.say(f"the uplink to {name} will be left: no internet over it from then on")
    confirm(args, "take the service off?", "uninstall", "")
    if found.installed or args.purge:
        # First of all nothing joins any more; then its service goes, and last the uplink, which
        # the link itself may go through.
        pause(transport, "the service is taken off this router")
        undeploy(transport, own_paths(), controller_name(), purge=args.purge)
        context.progress(Progress(Step.INSTALL, "the service is off the router"))
    _come_home(context)
    return Result(
        {
            "schema": "wifirelay.uninstall/1",
            "was_installed": found.installed,
            "left_uplink": bool(uplinks),
            "purged": args.purge,
        },
        [*_lines(args, found, router)],
    )


def _lines(args: argparse.Namespace, found: Survey, router: Router) -> Iterator[str]:
    gone = "the service is off this router" if found.installed else "no service was installed"
    yield gone + (", and /etc/config/wifirelay with it" if args.purge else "")
    if not args.purge:
        yield "/etc/config/wifirelay, if there is one, stays with its keys: --purge takes it off"
    if own_sections(router.wireless):
        yield "its sentry and its baseline stay: `wifirelay setup --undo` takes them off"


def _come_home(context: Context) -> None:
    """The uplink off, own access points on the air: a service that is ended in a trial takes it
    back, or its sentry does. Raises NotOnAir."""
    opened = context.opened()
    router = observe(opened.transport)
    if enabled_uplinks(router):
        _leave(context)
        return
    if not own_sections(router.wireless):
        return
    absent = wait_on_air(opened.transport, opened.clock, configured_access_points(router))
    if absent:
        raise NotOnAir(
            f"the service is off, but {', '.join(absent)} is not confirmed on the air",
            hint="look at `wifirelay status` and at `logread` on the router",
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
