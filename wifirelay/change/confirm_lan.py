# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeps a move of `lan` that waits for it, and ends one that cannot be kept."""

from contextlib import suppress

from wifirelay.change.onrouter import on_router
from wifirelay.change.scripts import Exit, script
from wifirelay.errors import Refused, RouterAnswer, TransportError, TrialFailed
from wifirelay.transport.base import Transport
from wifirelay.values import shown


class NothingWaits(Refused):
    """No move waits: none was begun, or it ends just now."""


def confirm_lan(transport: Transport, *, ssh: bool) -> str:
    """The address that lan has for good now. Confirmed by reaching the router at it: over SSH by
    another one, that proves nothing; `ssh` says that the transport is such a link, for some SSH
    servers do not tell it.

    Raises NothingWaits, Refused for who comes another way; TrialFailed where it was too late,
    RouterAnswer where it could not be kept. Then the old address is back, or comes back.
    """
    completed = transport.run(script("confirm_lan", *(("ssh",) if ssh else ()), limit=40.0))
    said = shown(" ".join(completed.errors.split()))
    if completed.rc == Exit.DONE:
        return completed.text.strip()
    if completed.rc == Exit.NOTHING:
        raise NothingWaits(
            "no move of lan waits to be confirmed", hint="`wifirelay move-lan` begins one"
        )
    if completed.rc == Exit.ELSEWHERE:
        by, _, new = said.partition(" ")
        if by == "unknown":
            raise Refused(
                "the router's SSH server does not tell by which address it was reached "
                "(SSH_CONNECTION)",
                hint="type `wifirelay move-lan --confirm` at the router's console",
            )
        raise Refused(
            f"the router was reached at {by}, which does not prove that clients reach it at {new}",
            hint=f"connect to it there: `wifirelay --router ssh://root@{new} move-lan --confirm`",
        )
    if completed.rc == Exit.CLAIMED:
        raise TrialFailed("too late: the move of lan was taken back", cause="rolled-back")
    with suppress(TransportError):  # the link ends with the address that it came by
        trial = on_router().read(transport).unfinished
        if trial is not None:
            transport.run(script("rollback", trial.trial))
    why = said or f"exit code {completed.rc}"
    raise RouterAnswer(
        f"the move of lan could not be kept ({why}): it is taken back",
        hint="the router has its old address again",
    )
