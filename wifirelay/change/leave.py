# SPDX-License-Identifier: GPL-2.0-or-later
"""Back to the baseline: own sections disabled, as `setup` left them, on flash too."""

from dataclasses import dataclass

from wifirelay.change.checks import check_foreign, check_set_up, refusal
from wifirelay.change.insist import insist
from wifirelay.change.onair import own_access_points, wait_on_air
from wifirelay.change.onrouter import on_router
from wifirelay.change.outcome import Progress, Report, Step
from wifirelay.change.restore import settle
from wifirelay.change.scripts import Exit, script
from wifirelay.change.trial import new_id
from wifirelay.clock import Clock
from wifirelay.core.in_use import in_use
from wifirelay.core.known import Relay
from wifirelay.core.mac import LENT, SECRET
from wifirelay.core.radios import access_points
from wifirelay.core.sections import JOIN_OPTIONS, all_own, at_rest, own_sections
from wifirelay.core.wds import is_bridged
from wifirelay.errors import NotOnAir, RouterAnswer
from wifirelay.router.observe import observe
from wifirelay.router.state import Router
from wifirelay.transport.base import Transport
from wifirelay.uci.edits import Edit, Verb, batch

REACH_LIMIT = 30.0  # seconds for reaching the router again: its radio may be the link's


@dataclass(frozen=True, slots=True)
class Left:
    """`was` are the networks that own sections were enabled for; `flash` what was done there."""

    was: tuple[str, ...]
    flash: str  # "committed", "unchanged", or "staged because ..."


def leave(
    transport: Transport,
    clock: Clock,
    relay: Relay,
    report: Report,
    controller: str,
) -> Left:
    """Bring the router to its baseline.

    Raises Refused before anything is changed, NotOnAir when own access points that should
    be on the air are not afterwards.
    """
    settle(transport, clock, report)
    router = observe(transport)
    check_set_up(router)
    idle = in_use(router.changes, router.interfaces)
    check_foreign(router, idle)
    own = own_sections(router.wireless)
    was = tuple(section.get("ssid") for section in all_own(router.wireless) if section.enabled)
    run_id = new_id()
    report(Progress(Step.APPLY, "disabling the uplink", done=False))
    edits = batch(_to_baseline(router, relay))
    command = script("leave", run_id, controller, str(len(idle)), stdin=edits)
    completed = insist(transport, clock, command, clock.monotonic() + REACH_LIMIT)
    if (refused := refusal(completed)) is not None:
        raise refused
    if completed.rc != Exit.DONE:
        raise RouterAnswer(f"the router could not leave: {completed.errors.strip()}")
    # What should be on the air: also what the uplink had taken off it until now.
    configured = {
        section.name for radio in own for section in access_points(router.wireless, radio)
    }
    wanted = set(own_access_points(router)) | {
        (each.section, each.radio)
        for each in router.status.access_points()
        if each.section in configured
    }
    absent = wait_on_air(transport, clock, tuple(sorted(wanted)))
    if any(is_bridged(section) for section in own.values()):
        from wifirelay.change.wds import forget  # seldom wanted

        forget(transport, relay.interface)  # while the lock is ours, whatever comes behind it
    kept = insist(transport, clock, script("keep_left", run_id), clock.monotonic() + REACH_LIMIT)
    if absent:
        raise NotOnAir(
            f"the uplink is disabled, but {', '.join(absent)} is not confirmed on the air",
            hint="look at `wifirelay status` and at `logread` on the router",
        )
    if kept.rc != Exit.DONE:
        raise RouterAnswer(
            f"the uplink is disabled until the next reboot, but flash could not be written: "
            f"{kept.errors.strip() or f'exit code {kept.rc}'}",
            hint="free some flash, then `wifirelay leave` again",
        )
    if on_router().read(transport).portal:
        from wifirelay.change.portal import close_for_clients  # seldom needed

        close_for_clients(transport)
    report(Progress(Step.APPLY, "at baseline, own access points are on the air"))
    return Left(was, kept.text.strip())


def _to_baseline(router: Router, relay: Relay) -> list[Edit]:
    """For every own section all that the baseline sets and deletes: after the revert that
    comes first, what is there is not known here, and `uci` drops what is already so."""
    edits = []
    for section in all_own(router.wireless):
        wanted = at_rest(section, relay)
        for option in (*JOIN_OPTIONS, *LENT):
            value = wanted.get(option)
            if isinstance(value, str):
                edits.append(Edit(Verb.SET, "wireless", section.name, option, value))
            elif value is None:  # a list is the owner's, and no join touches it
                edits.append(Edit(Verb.DELETE, "wireless", section.name, option))
        if secret := section.get(SECRET):  # perhaps staged only, and reverted
            edits.append(Edit(Verb.SET, "wireless", section.name, SECRET, secret))
    return edits
