# SPDX-License-Identifier: GPL-2.0-or-later
"""A router's status again and again, as somebody who watches it wants it: the internet is asked
seldom while it is there, since an uplink may be metered, and often while it is awaited."""

from dataclasses import replace

from wifirelay.change.status import Status, read_status
from wifirelay.clock import Clock
from wifirelay.core.known import Vpn
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.transport.base import Transport

GOOD, AWAITED = 60.0, 10.0  # seconds between two questions to the internet


class Looks:
    """At one router. For one thread."""

    def __init__(self, transport: Transport, clock: Clock, vpn: Vpn | None = None) -> None:
        self._transport, self._clock, self._vpn = transport, clock, vpn
        self._internet: Internet | None = None  # as of the last question
        self._asked_at: float | None = None
        self._link: object = None  # the uplinks then

    def status(self) -> Status:
        """The router now; the internet's verdict may be from before, while the uplink is the same.

        Raises what read_status raises.
        """
        now = self._clock.monotonic()
        good = self._internet is None or self._internet.verdict is Verdict.ONLINE
        pause = GOOD if good else AWAITED
        if self._asked_at is not None and now < self._asked_at + pause:
            status = read_status(self._transport, probing=False, vpn=self._vpn)
            if _link(status) == self._link:
                return replace(status, internet=self._internet)
        status = read_status(self._transport, vpn=self._vpn)
        self._internet, self._asked_at, self._link = status.internet, now, _link(status)
        return status


def _link(status: Status) -> object:
    return tuple((each.section, each.state, each.bssid) for each in status.uplinks)
