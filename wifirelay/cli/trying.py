# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that change a router refuse a recording: it cannot be changed."""

from wifirelay.cli.context import Context
from wifirelay.errors import UsageError
from wifirelay.transport.target import Kind


def refuse_dry(context: Context, command: str) -> None:
    """Raises UsageError when the target is a recording."""
    if context.opened().dry:
        raise UsageError(
            f"{command} changes a router, and a recording is none",
            hint="`plan` shows what would be done; `--router sim:home` is a router to play with",
        )


def need_ssh(context: Context, command: str) -> str:
    """The router as people name it; UsageError when it is not reached over SSH."""
    target = context.opened().target
    if target.kind is not Kind.SSH:
        raise UsageError(
            f"{command} works over SSH, and {target} is no router behind it",
            hint="on the router itself install the package; `wifirelay simulate home` serves a "
            "simulated router over SSH",
        )
    return str(target)
