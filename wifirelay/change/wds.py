# SPDX-License-Identifier: GPL-2.0-or-later
"""The lease of an uplink whose station is in the own network's bridge (`relay.kind: wds`).

The bridge stays up by its other ports, so the DHCP client keeps the lease of whatever upstream was
joined before: it is made to ask anew, and only a lease that is younger than that proves anything.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from wifirelay.change.insist import insist
from wifirelay.change.outcome import Progress, Report, Step, StepFailed
from wifirelay.change.proof import Expected, Found
from wifirelay.change.scripts import Exit, script
from wifirelay.change.verify import LEASE_LIMIT
from wifirelay.clock import Clock
from wifirelay.core.causes import Cause
from wifirelay.core.wds import server_of, through_bridge
from wifirelay.errors import Refused, RouterAnswer, TransportError
from wifirelay.router.config import package
from wifirelay.router.interfaces import LAN, LogicalInterface, interfaces
from wifirelay.transport.base import Transport

SLACK = 1.0  # seconds: netifd counts whole ones, and by another clock than ours


def check_lan(transport: Transport, there: Mapping[str, LogicalInterface]) -> None:
    """Raises Refused, before anything is changed, where a server of this router's would answer in
    the upstream's network, and where `lan` has a default route: what goes out by the bridge goes
    there then, and proves nothing."""
    lan = there.get(LAN)
    if lan is not None and lan.default_route:
        raise Refused(
            f"{LAN} has a default route of its own, and goes before the uplink in its bridge "
            "(relay.kind wds)",
            hint="`wifirelay setup` tells how to take it out",
        )
    for section in package("dhcp").read(transport).of_kind("dhcp"):
        name = section.get("interface")
        mine = name == LAN or (
            name in there and lan is not None and there[name].ifname == lan.ifname != ""
        )
        if mine and (option := server_of(section)) is not None:
            raise Refused(
                f"a server of this router's for {name} would answer in the upstream's network "
                f"(its section in /etc/config/dhcp, option {option}; relay.kind wds)",
                hint="`wifirelay setup` switches it off, or tells how",
            )


def prove_lease(
    transport: Transport,
    clock: Clock,
    report: Report,
    want: Expected,
    found: Found,
    give_up: float,
    wait: Callable[..., LogicalInterface],
) -> None:
    """One step of a trial, by the verifier's `wait`. What is asked later goes out by the bridge.
    Raises StepFailed, or LinkLost when the router stays out of reach."""
    report(Progress(Step.LEASE, "asking for an address through the bridge", done=False))
    asked = ask_anew(transport, clock, want, give_up)

    def leased(answers: list[Any]) -> LogicalInterface | None:
        logical: LogicalInterface | None = answers[0].get(want.interface)
        if logical is None or not logical.up or not logical.addresses:
            return None
        if not is_fresh(logical, answers[0], clock.monotonic() - asked):
            return None  # another upstream's lease
        found.all_interfaces = answers[0]
        return logical

    found.logical = wait(LEASE_LIMIT, [interfaces()], leased, lambda: _no_lease(want))
    found.ifname = found.logical.ifname
    report(Progress(Step.LEASE, f"address {found.logical.addresses[0]}"))


def ask_anew(transport: Transport, clock: Clock, want: Expected, end: float) -> float:
    """Make the DHCP client forget what it has, and ask until somebody answers. Returns the moment
    of the clock before. Raises StepFailed where the trial is over, RouterAnswer, TransportError."""
    begun = clock.monotonic()
    completed = insist(transport, clock, script("renew", want.interface, want.trial), end)
    if completed.rc == Exit.CLAIMED:
        why = "the sentry rolled the trial back meanwhile"
        raise StepFailed(Step.STOPPED, Cause.OVERTAKEN, why)
    if completed.rc != Exit.DONE:
        raise RouterAnswer(
            f"{want.interface} cannot be taken down and up again: {completed.errors.strip()}",
            hint="`wifirelay setup` puts that interface right",
        )
    return begun


def forget(transport: Transport, interface: str) -> None:
    """The same after an uplink was left or taken back: its lease is of no use, and leads nowhere.
    As far as that can be done, and beside nobody's trial: the next one does it in any case."""
    with suppress(RouterAnswer, TransportError):
        transport.run(script("renew", interface))


def is_fresh(
    logical: LogicalInterface, interfaces: dict[str, LogicalInterface], seconds: float
) -> bool:
    """Whether its lease came through the bridge, within the `seconds` since it was asked anew."""
    return logical.uptime <= seconds + SLACK and through_bridge(logical, interfaces)


def _no_lease(want: Expected) -> StepFailed:
    """It is associated, and nothing comes through."""
    return StepFailed(
        Step.LEASE,
        Cause.DEAD_DHCP,
        f"{want.ssid} gave no address within {LEASE_LIMIT:.0f} s: its access point does not do "
        "WDS?",
        "it must have that on (on an OpenWrt of your own, `option wds '1'`), and this router's "
        "radio must be able to; else `relay: {kind: nat}`, and `wifirelay setup`",
    )
