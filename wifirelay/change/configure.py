# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes edits of the package `wifirelay`, the owner's known networks, on the router's flash.

All of them or none, and procd hears of it, as of a change in LuCI: the service reads them anew.
Knows nothing of what the edits mean.
"""

from collections.abc import Iterable

from wifirelay.change.checks import refusal
from wifirelay.change.restore import controller_name
from wifirelay.change.scripts import Exit, read_script, script
from wifirelay.change.trial import new_id
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.transport.base import Transport
from wifirelay.uci.edits import Edit, batch
from wifirelay.values import shown

LIMIT = 40.0  # seconds: flash that is written in the background is slow


def fingerprint(transport: Transport) -> str:
    """What /etc/config/wifirelay holds now; taken before it is read, for edits of just that."""
    return transport.run(read_script("fingerprint")).text.strip()


def configure(transport: Transport, edits: Iterable[Edit], seen: str) -> None:
    """Carry them out; /etc/config/wifirelay is made, mode 0600, where it is missing. `seen` is
    the fingerprint of what they are for.

    Raises Refused when it holds something else by now, and beside somebody's staged edits of it;
    RouterAnswer when it could not be written: it is then as it was.
    """
    words = (new_id(), controller_name(), seen)
    command = script("configure", *words, stdin=batch(edits), limit=LIMIT)
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
