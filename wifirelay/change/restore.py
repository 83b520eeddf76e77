# SPDX-License-Identifier: GPL-2.0-or-later
"""Back to where the router was: rolling back, and ending what a dead controller began."""

import os
import re

from wifirelay.change.checks import check_lock
from wifirelay.change.insist import insist
from wifirelay.change.onair import POLL, AccessPoints, configured_access_points, wait_on_air
from wifirelay.change.onrouter import Lock, on_router
from wifirelay.change.outcome import Progress, Report, Step
from wifirelay.change.scripts import script
from wifirelay.clock import Clock
from wifirelay.router.observe import observe
from wifirelay.transport.base import Transport

END_LIMIT = 45.0  # seconds for the sentry to end what it has begun, its own ticks included


def controller_name() -> str:
    """Who holds the lock: for people, and for finding out later whether it still lives."""
    return f"{_host()} pid {os.getpid()}"


def _boot() -> str:
    """This machine's boot, so that another one of the same name is not taken for it."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read(8)
    except OSError:
        return "unknown"


def _host() -> str:
    name = re.sub(r"[^A-Za-z0-9.-]", "-", os.uname().nodename)[:40] or "unknown"
    return f"{name} (boot {_boot()})"


def roll_back(
    transport: Transport, clock: Clock, trial: str, on_air: AccessPoints, report: Report
) -> tuple[str, tuple[str, ...]]:
    """Roll the trial back, whoever does it, and wait for the own access points.

    Returns how it ended (a last line of `ended`: it may have been confirmed before), and the
    sections that are not back on the air within the limit. Raises TransportError when the
    router stays out of reach (its sentry then does the same).
    """
    report(Progress(Step.ROLL_BACK, "taking everything back", done=False))
    ended = _end_trial(transport, clock, trial)
    if ended.startswith("confirmed"):
        return ended, ()
    absent = wait_on_air(transport, clock, on_air)
    if absent:
        report(Progress(Step.ROLL_BACK, f"{', '.join(absent)} is off the air", good=False))
    else:
        text = "as before, own access points are on the air" if on_air else "as before"
        report(Progress(Step.ROLL_BACK, text))
    return ended, absent


def _end_trial(transport: Transport, clock: Clock, trial: str) -> str:
    end = clock.monotonic() + END_LIMIT
    while True:
        answer = insist(transport, clock, script("rollback", trial), end).text.strip()
        if answer != "rolling" or clock.monotonic() >= end:  # else the sentry is at it
            return answer
        clock.sleep(POLL)


def settle(transport: Transport, clock: Clock, report: Report) -> None:
    """End what a dead controller began: its trial is rolled back, its lock taken away.

    Comes before anything is looked at: what that one tried and did not prove would look
    like an uplink that works, and its staged edits like what was there before. Raises
    Refused while the other controller may live.
    """
    state = on_router().read(transport)
    if state.locked is not None and not is_dead(state.locked):
        check_lock(state)
    token = state.unfinished
    if token is not None:
        report(Progress(Step.ROLL_BACK, "an earlier trial was cut short: ending it", done=False))
        _end_trial(transport, clock, token.trial)
        wait_on_air(transport, clock, configured_access_points(observe(transport)))
        report(Progress(Step.ROLL_BACK, "the earlier trial is rolled back"))
    if state.lock is not None:
        transport.run(script("unlock", state.lock.owner))
    if state.resting:
        transport.run(script("rest", os.urandom(8).hex(), controller_name(), "900"))


def is_dead(lock: Lock) -> bool:
    """Whether the lock's holder ran on this machine and is gone."""
    host, _, pid = lock.name.partition(" pid ")
    if host != _host() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return int(pid) == os.getpid()
