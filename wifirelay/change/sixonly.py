# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that gives no IPv4: why, as far as it can be told, once nothing more is waited for.

Does it have IPv6? Asked where a lease did not come.
`wwan6` waits for `wwan` (netifd tells an alias only when its interface is up), so nobody has asked
by then. All routers of a link are in the group ff02::2, this one too: its own answer is left out.
"""

import re
from collections.abc import Mapping

from wifirelay.change.outcome import Step, StepFailed
from wifirelay.change.proof import Expected
from wifirelay.core.causes import Cause
from wifirelay.core.feeds import CLAT
from wifirelay.errors import RouterAnswer, TransportError
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.transport.base import Command, Completed, Transport
from wifirelay.values import Ssid

LIMIT = 4.0  # seconds that the question may take
_MOST = 16384
_ANSWER = re.compile(r"bytes from ([0-9A-Fa-f:]+?)(?:%\S*?)?: ")  # busybox
_OWN = re.compile(r"\binet6 ([0-9A-Fa-f:]+)")


def commands(ifname: str) -> tuple[Command, Command]:
    """The own addresses there, and who answers as a router."""
    ask = ("ping", "-6", "-c", "2", "-W", "1", "-I", ifname, f"ff02::2%{ifname}")
    return (
        Command(("ip", "-6", "addr", "show", "dev", ifname), deadline=LIMIT, most=_MOST),
        Command(ask, deadline=LIMIT, most=_MOST),
    )


def routers(own: Completed, answers: Completed) -> frozenset[str]:
    """The addresses of the routers that answered, but for our own; none when those are not told."""
    mine = set(map(str.lower, _OWN.findall(own.text)))
    heard = set(map(str.lower, _ANSWER.findall(answers.text)))
    return frozenset(heard - mine) if mine else frozenset()


def no_lease(transport: Transport, ifname: str, ssid: Ssid, waited: float) -> StepFailed:
    """Why there is no address, as far as it can be told."""
    try:
        found = routers(*transport.run_all(commands(ifname)))
    except (TransportError, RouterAnswer):
        found = frozenset()
    if not found:
        return StepFailed(
            Step.LEASE,
            Cause.DEAD_DHCP,
            f"{ssid} gave no address within {waited:.0f} s (DHCP)",
            hint="its DHCP server is dead or full: try again later, or another network",
        )
    return StepFailed(
        Step.LEASE,
        Cause.IPV6_ONLY,
        f"{ssid} gave no IPv4 address within {waited:.0f} s, and has IPv6: it is a network of "
        "IPv6 alone, or its DHCP server is dead",
        hint="on a phone, let the hotspot (its APN) use IPv4 too; or install the package 464xlat "
        "on the router, set `ipv6_only: true` for this network, and run `wifirelay setup`",
    )


def no_clat(
    want: Expected, interfaces: Mapping[str, LogicalInterface], waited: float
) -> StepFailed:
    """Why a network that is known for IPv6 alone gave no IPv4 over it, by what netifd tells."""
    six = interfaces.get(want.interface)
    if six is None or not six.up or not six.addresses:
        return StepFailed(
            Step.LEASE,
            Cause.DEAD_DHCP,
            f"{want.ssid} gave no IPv6 address within {waited:.0f} s",
            hint="is it a network of IPv6 alone? If not, take `ipv6_only` out of the configuration",
        )
    got = f"{want.ssid} gave {six.addresses[0]}"
    if want.interface + CLAT not in interfaces:
        return StepFailed(
            Step.LEASE,
            Cause.IPV6_ONLY,
            f"{got}, and nothing on the router makes IPv4 of it",
            hint="is the package 464xlat still installed? `wifirelay setup` tells",
        )
    return StepFailed(
        Step.LEASE,
        Cause.IPV6_ONLY,
        f"{got}, and no IPv4 over it within {waited:.0f} s: the network has no NAT64, or its name "
        "servers do not tell it (ipv4only.arpa)",
        hint=f"`logread -e {want.interface}` on the router tells more; else another network",
    )
