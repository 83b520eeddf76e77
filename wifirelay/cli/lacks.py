# SPDX-License-Identifier: GPL-2.0-or-later
"""How `setup` and `install` tell what a router lacks beside edits. Not there on a router."""

from typing import Any

from wifirelay.change.lacking import Lacking, sentry_lacks
from wifirelay.cli.context import Context
from wifirelay.errors import NotRecorded
from wifirelay.values import printable

NOTHING_TO_DO = "nothing was changed: everything is as it should be"


def lacks_object(context: Context, *, edits: bool) -> dict[str, Any]:
    """For `setup`: what its object says more, told to people as well; nothing of a recording,
    which does not hold it. `edits`: there are some."""
    try:
        lacking = sentry_lacks(context.transport)
    except NotRecorded:
        return {}
    if not context.args.json:
        show_lacking(context, lacking)
    return lacking_object(lacking, edits=edits)


def lacking_object(lacking: Lacking, *, edits: bool) -> dict[str, Any]:
    """What is the same in both commands' objects."""
    return {
        "files": list(lacking.files),
        "stopped": list(lacking.stopped),
        "needed": edits or bool(lacking),
    }


def show_lacking(context: Context, lacking: Lacking) -> None:
    """For people."""
    if lacking.files:
        context.say("missing there, or other ones:")
    for path in lacking.files:
        context.say(f"  {printable(path)}")
    for name in lacking.stopped:
        context.say(f"{name} does not run there, or does not start with the router")
