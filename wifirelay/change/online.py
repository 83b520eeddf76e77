# SPDX-License-Identifier: GPL-2.0-or-later
"""The last step of a trial: is there internet? With a login page in between it is logged in once,
where the owner has said how."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from wifirelay.change.onrouter import on_router
from wifirelay.change.outcome import Progress, Report, Step, StepFailed
from wifirelay.change.proof import Expected, Found
from wifirelay.clock import Clock
from wifirelay.core.causes import Cause
from wifirelay.core.known import PortalLogin
from wifirelay.errors import (
    HostKeyRefused,
    LinkLost,
    LoginRefused,
    RouterAnswer,
    TransportError,
)
from wifirelay.router.interfaces import preferred_route
from wifirelay.router.internet import probe
from wifirelay.router.verdict import Internet, Verdict
from wifirelay.transport.base import Transport

LOGIN_LIMIT = 8.0  # seconds from a login to the internet

T = TypeVar("T")
_CAUSES = {
    Verdict.PORTAL: Cause.PORTAL,
    Verdict.NO_DNS: Cause.NO_DNS,
    Verdict.OFFLINE: Cause.NO_INTERNET,
}


@dataclass
class Online:
    """Of one trial; `found` gets what it comes to. The fields are the verifier's."""

    transport: Transport
    clock: Clock
    report: Report
    expected: Expected
    found: Found
    give_up: float
    poll: float
    needs_internet: bool
    login: bool

    def prove(self) -> None:
        """Raises StepFailed, or LinkLost when the router stays out of reach."""
        self._begin("is there internet?")
        internet = self._insist(self._probe)
        login = self.expected.portal_login
        if internet.verdict is Verdict.PORTAL and login is not None:
            internet = self._logged_in(login, internet)
        self.found.internet = internet
        cause = _CAUSES.get(internet.verdict)
        if cause is None:
            self.report(Progress(Step.INTERNET, internet.why))
            return
        waits = self.login and cause is Cause.PORTAL
        if waits or not self.needs_internet:
            later = "it waits for its login page" if waits else "it may have some later"
            text = f"{internet.why}; kept all the same, {later}"
            if waits:
                text += f": {internet.portal}"
            self.report(Progress(Step.INTERNET, text, good=False))
            return
        hint = "try again later, or join another network"
        if self.expected.address:
            hint = f"are {self.expected.address}, gateway and dns of the configuration right?"
        if cause is Cause.PORTAL:
            hint = f"`wifirelay join --login` keeps it so that you can log in at {internet.portal}"
        raise StepFailed(Step.INTERNET, cause, f"{self.expected.ssid}: {internet.why}", hint)

    def _probe(self) -> Internet:
        other = preferred_route(self.found.logical, self.found.all_interfaces)
        internet = probe(
            self.transport, self.found.logical.ifname, self.found.logical.dns, other_route=other
        )
        if internet.verdict is Verdict.ONLINE or other is not None:
            return internet
        from wifirelay.change.captive import with_session  # seldom needed

        try:
            digits = on_router().read(self.transport).api(self.expected.interface)
        except RouterAnswer:  # its own state is not told: what the pages say counts
            return internet
        return with_session(self.transport, internet, digits, self.found.ifname)

    def _insist(self, ask: Callable[[], T]) -> T:
        """What the router answers, however often its link is lost."""
        while True:
            try:
                return ask()
            except (HostKeyRefused, LoginRefused):
                raise
            except TransportError:
                self._again()

    def _logged_in(self, login: PortalLogin, portal: Internet) -> Internet:
        """The internet after one try to log in; a page may take a moment to let us through."""
        from wifirelay.change.portal import log_in  # seldom needed

        self._begin(f"logging in at {login.url or portal.portal}")
        ssid, device = self.expected.ssid, self.found.ifname
        try:
            failed = log_in(self.transport, login, portal.portal, ssid, device)
        except (HostKeyRefused, LoginRefused):
            raise
        except TransportError:  # the link: whether the login arrived shows the internet
            failed = None
        if failed is not None:
            return replace(portal, why=f"{portal.why}; {failed}")
        end = min(self.clock.monotonic() + LOGIN_LIMIT, self.give_up)
        while True:
            internet = self._insist(self._probe)
            if internet.verdict is Verdict.ONLINE:
                return replace(internet, why=f"{internet.why}, after the login")
            if self.clock.monotonic() >= end:
                return replace(internet, why=f"{internet.why}; the login did not help")
            self.clock.sleep(self.poll)

    def _again(self) -> None:
        if self.clock.monotonic() >= self.give_up:
            raise LinkLost(
                "the router cannot be reached any more",
                hint="its sentry takes the trial back by itself; try again in two minutes",
            )
        self.clock.sleep(self.poll)

    def _begin(self, text: str) -> None:
        self.report(Progress(Step.INTERNET, text, done=False))
