# SPDX-License-Identifier: GPL-2.0-or-later
"""Back to where the router was: rolling back, and ending what a dead controller began."""

import os
import re
import socket

from wifirelay.change.checks import check_lock
from wifirelay.change.insist import insist
from wifirelay.change.onrouter import Lock, on_router
from wifirelay.change.outcome import Progress, Report, Step
from wifirelay.change.scripts import script
from wifirelay.change.verify import POLL, RETURN_LIMIT, missing
from wifirelay.clock import Clock
from wifirelay.core.radios import access_points
from wifirelay.core.sections import own_sections
from wifirelay.errors import RouterAnswer, TransportError
from wifirelay.router.devices import devices
from wifirelay.router.observe import observe, read_all
from wifirelay.router.state import Router
from wifirelay.router.wireless import wireless_status
from wifirelay.transport.base import Transport

END_LIMIT = 45.0  # seconds for the sentry to end what it has begun, its own ticks included
# Seconds that access points must stay on the air to be back: a reload removes the station
# 0.8 s before it takes the access point down for a moment (OpenWrt of 2025-02).
STEADY = 1.5

AccessPoints = tuple[tuple[str, str], ...]  # (section, radio)


def own_access_points(router: Router) -> AccessPoints:
    """The own access points that are on the air now."""
    return tuple(
        (interface.section, interface.radio)
        for interface in router.status.access_points()
        if router.on_air(interface.section)
    )


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
    name = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:40] or "unknown"
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


def wait_on_air(transport: Transport, clock: Clock, on_air: AccessPoints) -> tuple[str, ...]:
    """Wait until these own access points are back after a reload, steadily, and the stations
    of disabled own sections are gone. Returns the sections that are not back in time.

    A reload does nothing at all for some seconds (5 s on the lab's router): what is on the
    air at the first look may be from before it.
    """
    end = clock.monotonic() + RETURN_LIMIT
    absent = tuple(section for section, _ in on_air)
    back_at: float | None = None
    while True:
        try:
            status, found = read_all(transport, [wireless_status(), devices()])
        except (TransportError, RouterAnswer):  # its radio may be the link's; or netifd is busy
            ready = False
        else:
            absent = missing(on_air, status, found)
            kept = {each.ifname for each in status.interfaces}
            leftover = [name for name in found if _is_station(name) and name not in kept]
            ready = not absent and not leftover
        now = clock.monotonic()
        back_at = (now if back_at is None else back_at) if ready else None
        if back_at is not None and now - back_at >= STEADY:
            return ()
        if now >= end:
            return absent
        clock.sleep(POLL)


def _is_station(device: str) -> bool:
    """By netifd's naming since 23.05 (phy0-sta0); on 22.03 nothing tells, nor is it needed."""
    return re.fullmatch(r"phy[0-9.]+-sta\d+", device) is not None


def settle(transport: Transport, clock: Clock, report: Report) -> None:
    """End what a dead controller began: its trial is rolled back, its lock taken away.

    Comes before anything is looked at: what that one tried and did not prove would look
    like an uplink that works, and its staged edits like what was there before. Raises
    Refused while the other controller may live.
    """
    state = on_router().read(transport)
    if state.locked is not None and not _dead(state.locked):
        check_lock(state)
    token = state.unfinished
    if token is not None:
        report(Progress(Step.ROLL_BACK, "an earlier trial was cut short: ending it", done=False))
        _end_trial(transport, clock, token.trial)
        wait_on_air(transport, clock, _configured(observe(transport)))
        report(Progress(Step.ROLL_BACK, "the earlier trial is rolled back"))
    if state.lock is not None:
        transport.run(script("unlock", state.lock.owner))


def _configured(router: Router) -> AccessPoints:
    """The access points that should be on the air beside the own sections."""
    return tuple(
        (point.name, radio)
        for radio in own_sections(router.wireless)
        for point in access_points(router.wireless, radio)
    )


def _dead(lock: Lock) -> bool:
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
