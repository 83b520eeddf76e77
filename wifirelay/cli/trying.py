# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands refuse a router that is not of the kind that they need."""

from wifirelay.cli.context import Context
from wifirelay.errors import UsageError
from wifirelay.router.board import Board
from wifirelay.transport.target import Kind


def refuse_dry(context: Context, command: str) -> None:
    """Raises UsageError when the target is a recording."""
    if context.opened().dry:
        raise UsageError(
            f"{command} changes a router, and a recording is none",
            hint="`plan` shows what would be done; `--router sim:home` is a router to play with",
        )


def refuse_made_up(board: Board) -> None:
    """Raises UsageError for a scan alone: it is given a router around it, which is nobody's."""
    from wifirelay.transport.barescan import MODEL

    if board.model == MODEL:
        raise UsageError(
            "this is a scan alone: it tells nothing of its router",
            hint="`wifirelay --router ssh://root@ROUTER record FILE` saves what there is to tell",
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
