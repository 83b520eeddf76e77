# SPDX-License-Identifier: GPL-2.0-or-later
"""What must be so before anything is changed; each refusal says what to do."""

from wifirelay.change.onrouter import OnRouter
from wifirelay.change.scripts import Exit
from wifirelay.core.in_use import in_use, ways_out
from wifirelay.core.sections import own_sections
from wifirelay.errors import Refused
from wifirelay.router.state import Router
from wifirelay.transport.base import Completed
from wifirelay.uci.staged import Change, foreign
from wifirelay.values import shown

PACKAGES = ("wireless", "network", "firewall")


def check_set_up(router: Router, radio: str | None = None) -> None:
    """Raises Refused when `setup` was not done (for this radio)."""
    own = own_sections(router.wireless)
    if not own:
        raise Refused("this router is not set up for wifirelay", hint="run `wifirelay setup`")
    if radio is not None and radio not in own:
        raise Refused(
            f"{radio} has no own section: it was not among the radios at setup",
            hint="run `wifirelay setup` again",
        )


def check_sentry(state: OnRouter) -> None:
    """Raises Refused without a living sentry: no sentry, no trial."""
    if not state.installed:
        raise Refused("the sentry is not installed on the router", hint="run `wifirelay setup`")
    if not state.sentry_lives:
        raise Refused(
            "the router's sentry does not live, and without it nothing is tried",
            hint="on the router: `/etc/init.d/wifirelay-sentry restart`; then try again",
        )


def check_foreign(router: Router, tolerated: tuple[Change, ...] = ()) -> None:
    """Raises Refused when somebody else's edits are staged: applying would take them along."""
    others = [
        change for change in foreign(router.changes, packages=PACKAGES) if change not in tolerated
    ]
    if others:
        names = "; ".join(shown(change.shown()) for change in others[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        kept = in_use(others, router.interfaces)
        raise Refused(
            f"somebody else's edits are staged on the router: {names}{more}",
            hint=f"commit or revert them first: {ways_out(others, kept)}",
        )


def refusal(completed: Completed) -> Refused | None:
    """What a script's exit code refuses, or None when it refuses nothing."""
    said = shown(" ".join(completed.errors.split()))
    if completed.rc == Exit.NO_SENTRY:
        return Refused(
            "the router's sentry did not acknowledge the trial: nothing was changed",
            hint="on the router: `/etc/init.d/wifirelay-sentry restart`; then try again",
        )
    if completed.rc in (Exit.LOCKED, Exit.UNFINISHED):
        return Refused(
            f"another controller works on this router: {said or 'its trial has not ended'}",
            hint="try again later",
        )
    if completed.rc == Exit.FOREIGN:
        return Refused(
            f"somebody staged edits on the router just now: {said}",
            hint="commit or revert them first; nothing was changed",
        )
    if completed.rc == Exit.CHANGED:
        return Refused(
            "/etc/config/wifirelay was changed just now by somebody else",
            hint="try again: nothing was written",
        )
    if completed.rc == Exit.PAUSED:
        return Refused(f"nothing is to be joined now: {said}", hint="`wifirelay run` goes on")
    return None


def check_free(state: OnRouter) -> None:
    """Raises Refused while another controller's trial or lock stands."""
    check_lock(state)
    if state.unfinished is not None:
        left = max(0, state.unfinished.deadline - state.uptime)
        raise Refused(
            "a trial has begun on this router and not ended",
            hint=f"its sentry ends it by itself within {left + 30} s; then try again",
        )


def check_lock(state: OnRouter) -> None:
    """Raises Refused while another controller works on the router."""
    if state.locked is not None:
        left = state.locked.lease - state.uptime
        raise Refused(
            f"another controller works on this router: {shown(state.locked.name)}",
            hint=f"its lease ends in {left} s if it does not renew it",
        )
