# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks before something is changed."""

import argparse
import sys

from wifirelay.errors import UsageError


def confirm(args: argparse.Namespace, question: str, command: str, look: str) -> None:
    """Raises UsageError unless the owner says yes, or said `--yes`. `look`: the command that
    shows what would be done, if there is one."""
    if args.yes:
        return
    if sys.stdin is None or not sys.stdin.isatty():
        shown = f" when what it shows is right ({look})" if look else ""
        raise UsageError(
            f"{command} asks before it changes the router, and there is no terminal to ask on",
            hint=f"add --yes{shown}",
        )
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("not confirmed: nothing was changed")
