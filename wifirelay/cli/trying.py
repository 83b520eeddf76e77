# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that change a router refuse a recording: it cannot be changed."""

from wifirelay.cli.context import Context
from wifirelay.errors import UsageError


def refuse_dry(context: Context, command: str) -> None:
    """Raises UsageError when the target is a recording."""
    if context.opened().dry:
        raise UsageError(
            f"{command} changes a router, and a recording is none",
            hint="`plan` shows what would be done; `--router sim:home` is a router to play with",
        )
