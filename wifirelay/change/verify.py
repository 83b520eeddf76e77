# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the uplink work? Steps that each name their failure; each ends as soon as it is decided.

Every wait has a name and a limit here, in seconds of the controller's clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any, TypeVar

from wifirelay.change.onair import POLL, all_on_air
from wifirelay.change.online import Online
from wifirelay.change.outcome import Progress, Report, Step, StepFailed
from wifirelay.change.proof import Expected, Found
from wifirelay.change.rejection import rejection
from wifirelay.clock import Clock
from wifirelay.core.causes import Cause
from wifirelay.core.feeds import fed
from wifirelay.errors import (
    RouterAnswer,
    TransportError,
)
from wifirelay.router.devices import devices
from wifirelay.router.interfaces import (
    LogicalInterface,
    Network,
    interfaces,
    overlapping,
)
from wifirelay.router.log import join_log
from wifirelay.router.observe import read_all
from wifirelay.router.station import Association, association, connection
from wifirelay.router.ubus import Fact
from wifirelay.router.wireless import WirelessStatus, wireless_status
from wifirelay.transport.base import Transport

# OpenWrt of 2025-02, in emulation: the new configuration shows within 1 s of the reload,
# the station associates after 10 to 12 s (33 s when two reloads meet), the lease follows
# 5 s later, and the own access point 0.5 s after association.
TAKEN_LIMIT = 24.0  # a reload that meets the sentry's takes 12 s more
ASSOCIATED_LIMIT = 40.0
LEASE_LIMIT = 25.0
ON_AIR_LIMIT = 15.0

T = TypeVar("T")


@dataclass
class Verifier:
    """Looks at one router until the uplink is proved or a step fails.

    A lost link is no failure by itself: over the radio that is being changed it dies here,
    and the transport connects again. At the moment `give_up` the trial's time is over.
    """

    transport: Transport
    clock: Clock
    report: Report
    expected: Expected
    give_up: float
    poll: float = POLL
    nap: Callable[[float], None] | None = None  # a wait that an event of the router cuts short
    needs_internet: bool = True  # without it the uplink is as good as none
    login: bool = False  # a login page will do: somebody is there who logs in
    found: Found = field(default_factory=Found)

    def run(self) -> Found:
        """All steps; raises StepFailed, or LinkLost when the router stays out of reach."""
        self._taken()
        self._associated()
        if self.expected.bridged:
            from wifirelay.change.wds import prove_lease  # seldom wanted

            about = (self.transport, self.clock, self.report, self.expected, self.found)
            prove_lease(*about, self.give_up, self._wait)
        else:
            self._lease()
        self._subnet()
        self._on_air()
        Online(
            self.transport,
            self.clock,
            self.report,
            self.expected,
            self.found,
            self.give_up,
            self.poll,
            self.needs_internet,
            self.login,
        ).prove()
        return self.found

    def _taken(self) -> None:
        self._begin(Step.TAKEN, "the router takes the new configuration")
        want = self.expected

        def taken(status: WirelessStatus) -> str | None:
            interface = status.interface(want.section)
            if interface is None or interface.ssid != want.ssid or interface.mode != "sta":
                return None
            return interface.ifname

        self.found.ifname = self._wait(
            TAKEN_LIMIT,
            [wireless_status()],
            lambda answers: taken(answers[0]),
            lambda: StepFailed(
                Step.TAKEN,
                Cause.IGNORED,
                "the router does not run the edited section: it ignores staged edits, "
                + ("or its radio cannot do WDS" if want.bridged else "or the radio's setup failed"),
                hint="look at `logread` on the router",
            ),
        )
        self._done(Step.TAKEN, f"the station is {self.found.ifname}")

    def _associated(self) -> None:
        self._begin(Step.ASSOCIATED, f"joining {self.expected.ssid}")
        want = self.expected
        ifname = self.found.ifname

        def joined(answers: list[Any]) -> Association | None:
            link: Association | None = answers[0]
            if link is None:
                failed = rejection(answers[2], want.ssid, want.security, want.signal)
                if failed is not None:
                    raise failed
            if answers[1] is None or answers[1][0] != want.ssid:
                return None
            if want.encrypted and answers[1][1]:
                raise StepFailed(
                    Step.ASSOCIATED,
                    Cause.UNENCRYPTED,
                    f"{want.ssid} has no encryption (OWE) here",
                    hint="it may be somebody else's; `security: open` allows that",
                )
            return link

        link = self._wait(
            ASSOCIATED_LIMIT,
            [
                association(ifname),
                connection(ifname),
                join_log(self.expected.trial, ifname, self.expected.ssid),
            ],
            joined,
            lambda: StepFailed(
                Step.ASSOCIATED,
                Cause.VANISHED,
                f"{self.expected.ssid} did not answer within {ASSOCIATED_LIMIT:.0f} s: "
                "gone, out of reach, or not taking stations",
                hint="try again where it is stronger: `wifirelay scan` shows the signal",
            ),
        )
        self.found.link = link
        signal = f" at {link.signal} dBm" if link.signal is not None else ""
        self._done(Step.ASSOCIATED, f"associated with {link.bssid}{signal}")

    def _lease(self) -> None:
        want = self.expected
        how = f"setting the address {want.address}" if want.address else "asking for an address"
        how = "asking for IPv6, and IPv4 over it" if want.ipv6_only else how
        self._begin(Step.LEASE, how)

        def leased(answers: list[Any]) -> LogicalInterface | None:
            self.found.all_interfaces = answers[0]
            logical = fed(want.interface, answers[0])
            if logical is None or not logical.up or not logical.addresses:
                return None
            if want.address and want.address not in logical.addresses:
                return None
            if self.found.ifname not in (logical.l3_device, logical.device):
                return None  # another device's lease
            return logical

        self.found.logical = self._wait(
            LEASE_LIMIT,
            [interfaces()],
            leased,
            self._no_lease,
        )
        self._done(Step.LEASE, f"address {self.found.logical.addresses[0]}")

    def _no_lease(self) -> StepFailed:
        if self.expected.address:
            return _not_set(self.expected)
        from wifirelay.change.sixonly import no_clat, no_lease  # seldom needed

        if self.expected.ipv6_only:
            return no_clat(self.expected, self.found.all_interfaces, LEASE_LIMIT)
        return no_lease(self.transport, self.found.ifname, self.expected.ssid, LEASE_LIMIT)

    def _subnet(self) -> None:
        clash = overlapping(self.found.logical, self.found.all_interfaces, self.expected.vpn)
        if clash is not None:
            other, network = clash
            raise StepFailed(
                Step.SUBNET,
                Cause.SUBNET_CLASH,
                f"{_claim(self.found.logical, network)} overlaps {other.name} ({network})",
                hint=_another_subnet(self.found, other),
            )
        self._done(Step.SUBNET, "overlaps no subnet of this router")

    def _on_air(self) -> None:
        if not self.expected.on_air:
            self._done(Step.ON_AIR, "there were none on the air before: none checked")
            return
        self._begin(Step.ON_AIR, "own access points come back")
        self._wait(
            ON_AIR_LIMIT,
            [wireless_status(), devices()],
            lambda answers: all_on_air(self.expected.on_air, answers[0], answers[1]) or None,
            lambda: StepFailed(
                Step.ON_AIR, Cause.OFF_AIR, "own access points stay off the air beside this uplink"
            ),
        )
        self._done(Step.ON_AIR, "own access points are on the air")

    def _wait(
        self,
        limit: float,
        facts: list[Fact[Any]],
        decide: Callable[[list[Any]], T | None],
        failure: Callable[[], StepFailed],
    ) -> T:
        """Look until `decide` gives something, at most `limit` seconds."""
        end = min(self.clock.monotonic() + limit, self.give_up)
        while True:
            try:
                decided = decide(read_all(self.transport, facts))
            except (TransportError, RouterAnswer):
                # The link's own radio is being changed, or netifd is busy: look again.
                if self.clock.monotonic() >= self.give_up:
                    raise
                decided = None
                end = max(end, min(self.clock.monotonic() + self.poll, self.give_up))
            if decided is not None:
                return decided
            if self.clock.monotonic() >= end:
                raise failure()
            (self.nap or self.clock.sleep)(self.poll)

    def _begin(self, step: Step, text: str) -> None:
        self.report(Progress(step, text, done=False))

    def _done(self, step: Step, text: str) -> None:
        self.report(Progress(step, text))


def _not_set(want: Expected) -> StepFailed:
    return StepFailed(
        Step.LEASE,
        Cause.DEAD_DHCP,
        f"{want.interface} did not get {want.address} within {LEASE_LIMIT:.0f} s",
        hint="has somebody changed that interface? `wifirelay setup` puts it right",
    )


def _another_subnet(found: Found, other: LogicalInterface) -> str:
    """What to do about a clash: a subnet that is free beside this uplink and all that is there."""
    from wifirelay.core.subnets import free_subnet  # seldom needed

    there = [net for each in found.all_interfaces.values() for net in each.claims()]
    free = free_subnet((*there, *found.logical.claims()))
    if free is None:
        return f"no other subnet is free for {other.name} beside this network: use another one"
    address = f"{free[1]}/{free.prefixlen}"
    if other.name == "lan":
        return (
            f"`wifirelay move-lan {address}` gives lan a subnet that is free; if the new address "
            "is not confirmed, the router takes it back by itself"
        )
    return (
        f"give {other.name} another subnet, such as {free}: on the router, "
        f"`uci set network.{other.name}.ipaddr='{address}'; uci commit network; "
        "service network reload` (its clients, you among them, then find it there)"
    )


def _claim(uplink: LogicalInterface, theirs: Network) -> str:
    """Which of the uplink's claims it is that overlaps this subnet."""
    for route in uplink.routes:
        network = ip_network(route)
        if network.version == theirs.version and network.overlaps(theirs):
            return f"the route for {route}, which its DHCP gives,"
    return f"the address {uplink.addresses[0]}"
