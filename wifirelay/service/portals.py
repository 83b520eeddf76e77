# SPDX-License-Identifier: GPL-2.0-or-later
"""Login pages that the service meets: logged in where the owner has said how, else told once and
made reachable for clients. Loaded with the first one."""

from dataclasses import replace

from wifirelay.change.portal import at_uplink, log_in
from wifirelay.change.vpn import BEHIND
from wifirelay.clock import Clock
from wifirelay.core.known import KnownNetwork
from wifirelay.core.plan import interface_in_use
from wifirelay.errors import RouterAnswer
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.service.acts import Acts
from wifirelay.service.events import Kind
from wifirelay.service.report import Teller
from wifirelay.service.seen import Seen
from wifirelay.values import Ssid

# Seconds between two logins at one network: a wrong password must not lock an account, and a page
# that expires often is logged in to often.
PAUSES = (60.0, 120.0, 300.0, 900.0, 1800.0)


class Portals:
    """Of one service. `is_open`: an earlier process has left a page's address with the DNS.

    Its owner is told of a page once, and clients are let in anew only after they were shut out:
    an uplink that is lost for a moment, or for a trial in vain, is no reason to tell it again.
    """

    def __init__(self, acts: Acts, teller: Teller, clock: Clock, *, is_open: bool = False) -> None:
        self._acts, self._teller, self._clock = acts, teller, clock
        self._page = "of an earlier process" if is_open else ""  # that clients can reach
        self._uplink = ""  # the interface that a page was met at
        self._told: Ssid | None = None
        self._tries: dict[Ssid, int] = {}  # in vain, in a row
        self._next: dict[Ssid, float] = {}  # a moment of the clock

    def meet(
        self, seen: Seen, internet: Internet, ssid: Ssid, network: KnownNetwork | None
    ) -> Internet:
        """There is a login page. Returns what the internet is after a login, where one is due.

        Raises what transports raise.
        """
        self._uplink = interface_in_use(seen.router, self._acts.relay)
        login = network.portal_login if network is not None else None
        if login is not None and self.due(ssid):
            self.tried(ssid)
            logical = seen.router.interfaces.get(self._uplink)
            device = (logical.l3_device if logical is not None else None) or ""
            failed = log_in(self._acts.transport, login, internet.portal, ssid, device)
            after = self._acts.internet(seen)
            if after.verdict is Verdict.ONLINE:
                self._teller.say(Kind.ASKED, f"logged in at {ssid}'s login page", ssid)
                return after
            why = failed or "the page did not let us through"
            self._teller.say(Kind.TROUBLE, f"the login at {ssid} was in vain: {why}", ssid)
            internet = replace(after, portal=after.portal or internet.portal)
        if internet.verdict is Verdict.PORTAL and self._page != internet.portal:
            self._let_in(internet.portal)
        if internet.verdict is Verdict.PORTAL and self._told != ssid:
            self._told = ssid
            text = f"{ssid} needs a login: {internet.portal}"
            vpn = self._acts.relay.vpn
            text += BEHIND if vpn is not None and vpn.only else ""
            self._teller.say(Kind.PORTAL, text, ssid, internet.verdict.value)
        return internet

    def due(self, ssid: Ssid) -> bool:
        """Whether it may be logged in to now."""
        now = self._clock.monotonic()
        return now >= self._next.get(ssid, now)

    def tried(self, ssid: Ssid) -> None:
        """It was logged in to, in a trial or beyond one: the next time comes later."""
        count = self._tries.get(ssid, 0)
        self._tries[ssid] = count + 1
        self._next[ssid] = self._clock.monotonic() + PAUSES[min(count, len(PAUSES) - 1)]

    def passed(self, ssid: Ssid | None = None) -> None:
        """There is no login page any more, at `ssid` or because there is no uplink.

        Raises what transports raise.
        """
        if ssid is not None:
            self._told = None
            self._tries.pop(ssid, None)
        if self._page:
            self._let_in("")

    def _let_in(self, page: str) -> None:
        """Clients reach this page by its name; without one: none any more."""
        try:
            at_uplink(self._acts.transport, self._uplink, page)
        except RouterAnswer as error:
            self._teller.say(Kind.TROUBLE, f"{error.message}; {error.hint}")
        self._page = page
