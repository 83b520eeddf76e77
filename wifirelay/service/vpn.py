# SPDX-License-Identifier: GPL-2.0-or-later
"""The VPN goes up and down with the internet: loaded only where the owner has named one.

What shall be is told from what is, at every move: so a service that was killed in the middle of
something leaves nothing that the next one does not settle.
"""

from wifirelay.change.vpn import bring, guard, vpn_state
from wifirelay.clock import Clock
from wifirelay.core.feeds import fed
from wifirelay.core.known import Vpn
from wifirelay.core.plan import interface_in_use
from wifirelay.core.policy import Steady
from wifirelay.router.interfaces import LogicalInterface, preferred_route
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.service.acts import Acts
from wifirelay.service.events import Kind
from wifirelay.service.observer import Observer
from wifirelay.service.report import Teller
from wifirelay.service.seen import Seen

LIMIT = 45.0  # seconds until an interface that does not come up is told; netifd goes on trying
GONE = 1.0  # seconds that netifd has to take a tunnel's routes away
MISSING = "missing"
PAUSE = 600.0  # seconds until it is up again, where a check passed only without it


class Tunnel:
    """Of one service, and one interface."""

    def __init__(
        self, vpn: Vpn, acts: Acts, policy: Steady, observer: Observer, teller: Teller, clock: Clock
    ) -> None:
        self.vpn = vpn
        self.due = 0.0  # when there is something to do, whatever happens
        self._acts, self._policy, self._observer = acts, policy, observer
        self._teller, self._clock = teller, clock
        self._over: str | None = None  # what it goes over; empty: nothing; None: not known yet
        self._up = False  # it was seen up since it was asked for
        self._by_hand = False  # its owner has taken it down
        self._not_before = 0.0
        self._guarded: bool | str | None = None  # the kill-switch is there; None: not looked at
        self._read_at = -1.0

    def settle(self, seen: Seen) -> None:
        """Bring it where it belongs, and tell what has become of it. Raises what transports do."""
        now, name = self._clock.monotonic(), self.vpn.interface
        self._show(seen)
        if self._observer.uplink is None:
            self._not_before = 0.0
        there = seen.router.interfaces.get(name)
        if there is None:
            if self._over != MISSING:
                self._over = MISSING
                text = f"netifd has no interface {name}, the VPN: missing, or `disabled`"
                self._teller.say(Kind.TROUBLE, text)
            return
        if self._over == MISSING:
            self._over = None
        over = self._way(seen) if now >= self._not_before else ""
        if self._over is None:  # as another process has left it
            uplink = fed(interface_in_use(seen.router, self._acts.relay), seen.router.interfaces)
            fresh = uplink is None or not uplink.up or there.uptime <= uplink.uptime
            if over and there.up and fresh:
                self._over = over
        self._look(there)
        if over != self._over:
            if there.up or there.pending or self._over:
                self._bring(up=False)
                if there.up:
                    why = f"anew, over {over}" if over else "there is nothing for it to go over"
                    self._teller.say(Kind.VPN_DOWN, f"{name} is down: {why}")
            self._over = over
            if over and not self._by_hand:
                self._bring(up=True)
                self.due = now + LIMIT
        if self.due and now >= self.due:
            self.due = 0.0
            text = f"{name} is not up after {LIMIT:.0f} s: `logread -e {name}` tells why"
            self._teller.say(Kind.TROUBLE, text)

    @property
    def waits(self) -> bool:
        """Whether nobody has looked yet if there is internet: the uplink came up by itself."""
        return self._observer.uplink is not None and self._teller.standing.internet is None

    def next_due(self, until: float) -> float:
        """The same moment, or an earlier one at which there is something to do."""
        if self._not_before > self._clock.monotonic():
            until = min(until, self._not_before)
        return min(until, self.due or until)

    def make_way(self) -> None:
        """A trial begins, whose network answers for itself."""
        self._not_before = 0.0
        self._lower("another network is tried")

    def _lower(self, why: str) -> None:
        if self._over not in ("", MISSING):
            was_up = self._up
            self._bring(up=False)
            if was_up:
                self._teller.say(Kind.VPN_DOWN, f"{self.vpn.interface} is down: {why}")
            self._over = ""

    def unveiled(self, seen: Seen, internet: Internet) -> Internet:
        """What the internet is without it, where it may have hidden that from a check. The uplink
        answers for itself then, a login page shows itself, and it stays down for a while."""
        found, name = seen.router.interfaces, self.vpn.interface
        uplink = fed(interface_in_use(seen.router, self._acts.relay), found)
        if internet.verdict is Verdict.ONLINE or uplink is None:
            return internet
        if preferred_route(uplink, found, name) != name:
            return internet
        self._lower("nothing comes through it, nor beside it")
        self._clock.sleep(GONE)
        self._observer.stale = True
        internet = self._acts.internet(self._observer.seen())
        if internet.verdict is Verdict.ONLINE:
            self._not_before = self._clock.monotonic() + PAUSE
            text = f"{name} lets nothing through here: up again in 10 minutes"
            self._teller.say(Kind.TROUBLE, text)
        return internet

    def _way(self, seen: Seen) -> str | None:
        """What it shall go over now; empty: nothing."""
        if wired := self._observer.wired:
            return f"interface {wired}"
        uplink, internet = self._observer.uplink, self._teller.standing.internet
        if uplink is None:
            over = self._over or ""  # in a pause nobody asks whether a cable still works
            there = seen.router.interfaces.get(over.removeprefix("interface "))
            return over if self._teller.standing.paused and there is not None and there.up else ""
        if internet is None:  # nobody has looked yet
            return self._over
        good = internet.verdict is Verdict.ONLINE
        known = self._policy.network(uplink.ssid)
        return f"network {uplink.ssid}" if good and self.vpn.over(known) else ""

    def _look(self, there: LogicalInterface) -> None:
        """What has become of it since."""
        name = there.name
        if there.up and not self._up:
            self._up, self._by_hand, self.due = True, False, 0.0
            if self._over:
                self._teller.say(Kind.VPN_UP, f"{name} is up, over {self._over}")
        elif self._up and not there.up:
            self._up = False
            if self._over and there.autostart:  # netifd brings it up again
                self._teller.say(Kind.VPN_DOWN, f"{name} has gone down by itself")
                self.due = self._clock.monotonic() + LIMIT
            elif self._over:
                self._by_hand, self.due = True, 0.0
                text = f"{name} was taken down by hand, and stays so until `ifup {name}`"
                self._teller.say(Kind.VPN_DOWN, text)

    def _bring(self, *, up: bool) -> None:
        bring(self._acts.transport, self.vpn.interface, up=up)
        self._observer.event = True
        if not up:
            self._up, self.due = False, 0.0

    def _show(self, seen: Seen) -> None:
        """The state for whoever looks; with the kill-switch, whether it is there."""
        if self.vpn.only and seen.wireless_at != self._read_at:
            before, self._read_at = self._guarded, seen.wireless_at
            self._guarded = guard().read(self._acts.transport)
            if self._guarded is not True and self._guarded != before:
                text = "vpn.only is not on the router yet: `wifirelay setup` writes its rule"
                if self._guarded:
                    text = f"whether vpn.only is on the router is not known: {self._guarded}"
                self._teller.say(Kind.TROUBLE, text)
        state = vpn_state(self.vpn, seen.router.interfaces, guarded=self._guarded or False)
        if state != self._teller.standing.vpn:
            self._teller.stand(vpn=state)
