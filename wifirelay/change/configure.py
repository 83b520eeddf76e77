# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes edits of the package `wifirelay`, the owner's known networks, on the router's flash.

All of them or none, and procd hears of it, as of a change in LuCI: the service reads them anew.
Knows nothing of what the edits mean.
"""

from collections.abc import Iterable

from wifirelay.change.checks import refusal
from wifirelay.change.restore import controller_name
from wifirelay.change.scripts import Exit, script
from wifirelay.change.trial import new_id
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.transport.base import Transport
from wifirelay.uci.edits import Edit, batch
from wifirelay.values import shown

LIMIT = 40.0  # seconds: flash that is written in the background is slow


def configure(transport: Transport, edits: Iterable[Edit]) -> None:
    """Carry them out; /etc/config/wifirelay is made, mode 0600, where it is missing.

    Raises Refused beside somebody's staged edits of it, and RouterAnswer when it could not be
    written: it is then as it was.
    """
    command = script("configure", new_id(), controller_name(), stdin=batch(edits), limit=LIMIT)
    completed = transport.run(command)
    if completed.rc == Exit.FOREIGN:
        raise Refused(
            "somebody else's edits of /etc/config/wifirelay are staged",
            hint="`uci changes wifirelay` shows them: `uci commit wifirelay`, or "
            "`uci revert wifirelay`, then try again",
        )
    if (refused := refusal(completed)) is not None:
        raise refused
    if completed.rc != Exit.DONE:
        said = shown(" ".join(completed.errors.split()))
        raise RouterAnswer(
            f"the router's configuration was not changed: {said}",
            hint="is its flash full? `df` there shows it",
        )
