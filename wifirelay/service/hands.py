# SPDX-License-Identifier: GPL-2.0-or-later
"""Other hands on the router's configuration: whose edits are staged, and what they did to ours.

The owner's wish wins, and is said aloud. Nothing here changes anything.
"""

from dataclasses import dataclass

from wifirelay.change.checks import PACKAGES
from wifirelay.core.feeds import is_own
from wifirelay.core.in_use import in_use
from wifirelay.core.known import Relay
from wifirelay.core.sections import all_own
from wifirelay.service.seen import Seen
from wifirelay.uci.staged import Change, foreign
from wifirelay.values import Ssid

PATIENCE = 600.0  # seconds that somebody may take over staged edits before we go on beside them


@dataclass
class StagedByOthers:
    """Edits that somebody staged and has neither committed nor reverted."""

    changes: tuple[Change, ...] = ()
    since: float = 0.0

    def seen(self, now: float, seen: Seen) -> bool:
        """Note what is staged now; True when it is something new."""
        router = seen.router
        idle = in_use(router.changes, router.interfaces)
        changes = tuple(
            each for each in foreign(router.changes, packages=PACKAGES) if each not in idle
        )
        if changes == self.changes:
            return False
        self.changes, self.since = changes, now
        return bool(changes)

    def tolerable(self, now: float, relay: Relay, radio: str) -> tuple[Change, ...]:
        """Those that a trial on this radio may go on beside: old, and none of its business."""
        if now - self.since < PATIENCE:
            return ()
        return tuple(
            change
            for change in self.changes
            if change.section != radio
            and not is_own(change.section, relay.interface)
            and change.package != "firewall"
        )

    def names(self) -> str:
        places = [f"{change.package}.{change.section}" for change in self.changes]
        return ", ".join(dict.fromkeys(places))


@dataclass(frozen=True, slots=True)
class Expected:
    """What the service last brought about in the own sections: the enabled one, for whom."""

    section: str
    ssid: Ssid
    committed: bool


def expected(seen: Seen) -> Expected | None:
    """What the own sections hold now; None while all are disabled."""
    on = next((each for each in all_own(seen.router.wireless) if each.enabled), None)
    if on is None:
        return None
    staged = any(each.own and each.package == "wireless" for each in seen.router.changes)
    return Expected(on.name, Ssid.of(on.get("ssid")), not staged)


def meddled(before: Expected | None, seen: Seen) -> tuple[str, bool]:
    """What others have done to the own sections since, in words, and whether it was to switch
    the uplink off. Empty when nothing. What the sentry did is told elsewhere."""
    if before is None:
        return "", False
    now = expected(seen)
    if now is None:
        there = any(each.name == before.section for each in all_own(seen.router.wireless))
        if before.section in seen.state.held or not there:
            return "", False
        return f"somebody disabled the uplink to {before.ssid}", True
    if now.ssid != before.ssid:
        return f"somebody changed the uplink from {before.ssid} to {now.ssid}", False
    if now.committed and not before.committed:
        return f"somebody's commit has put the uplink to {now.ssid} on flash", False
    return "", False
