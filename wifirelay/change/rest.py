# SPDX-License-Identifier: GPL-2.0-or-later
"""The service's smaller changes: uplinks at rest, an uplink kept, and who serves the router."""

from wifirelay.change.checks import refusal
from wifirelay.change.insist import insist
from wifirelay.change.onair import configured_access_points, wait_on_air
from wifirelay.change.outcome import Progress, Report, Step
from wifirelay.change.scripts import Exit, script
from wifirelay.change.trial import ROOM, new_id
from wifirelay.clock import Clock
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.router.board import system_info
from wifirelay.router.state import Router
from wifirelay.transport.base import Transport
from wifirelay.values import shown

REACH_LIMIT = 30.0  # seconds for reaching the router again: its radio may be the link's
ALONE = 900  # seconds after the last word of a service until the sentry allows sections again
SERVICE_LEASE = 600  # seconds that a service is taken to live after its last word


def rest(
    transport: Transport, clock: Clock, router: Router, report: Report, controller: str
) -> tuple[str, ...]:
    """Disable the own sections for now, staged, so that own access points come back.

    Returns those that have not within the limit. Raises Refused, RouterAnswer.
    """
    report(Progress(Step.APPLY, "disabling the uplink", done=False))
    command = script("rest", new_id(), controller, str(ALONE))
    completed = insist(transport, clock, command, clock.monotonic() + REACH_LIMIT)
    if (refused := refusal(completed)) is not None:
        raise refused
    if completed.rc != Exit.DONE:
        raise RouterAnswer(f"the router could not disable the uplink: {completed.errors.strip()}")
    return wait_on_air(transport, clock, configured_access_points(router))


def keep(transport: Transport, clock: Clock, controller: str) -> str:
    """Commit the uplink; answers "flash", or "session because ...".

    Raises Refused, and RouterAnswer when flash cannot be written (it is then as before).
    """
    free = system_info().read(transport).flash_free
    if free is not None and free < ROOM:
        return "session because the router's flash is nearly full"
    command = script("keep", new_id(), controller, limit=40.0)
    completed = insist(transport, clock, command, clock.monotonic() + REACH_LIMIT)
    if (refused := refusal(completed)) is not None:
        raise refused
    if completed.rc != Exit.DONE:
        raise RouterAnswer(
            f"the uplink could not be kept on flash: {completed.errors.strip()}",
            hint="free some flash; or keep no uplink on it: `keep: session` under `relay`, in UCI "
            "`option keep 'session'`",
        )
    return completed.text.strip()


def serve(transport: Transport, service: str, controller: str) -> None:
    """Say that this service looks after the router, or go on saying it.

    Raises Refused while another one does.
    """
    completed = transport.run(script("serve", service, str(SERVICE_LEASE), controller))
    if completed.rc == Exit.LOCKED:
        said = shown(" ".join(completed.errors.split()))
        raise Refused(
            f"another service looks after this router: {said}",
            hint="stop that one first, or wait until its lease has ended",
        )
    if completed.rc != Exit.DONE:
        raise RouterAnswer(f"the router could not note its service: {completed.errors.strip()}")


def end_service(transport: Transport, service: str, *, limit: float = 20.0) -> None:
    """Say that it does so no more. `limit` is in seconds."""
    transport.run(script("unserve", service, limit=limit))


def pause(transport: Transport, why: str) -> None:
    """Let no service of this router join anything, however often it is started again; with no
    reason, let it go on. RAM holds it: a reboot ends it."""
    completed = transport.run(script("pause", *([why] if why else [])))
    if completed.rc != Exit.DONE:
        raise RouterAnswer(f"the router could not note the pause: {completed.errors.strip()}")


def stay_at_rest(transport: Transport) -> None:
    """Tell the sentry that somebody looks after the sections that rest."""
    transport.run(script("hold", str(ALONE)))
