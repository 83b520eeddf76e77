# SPDX-License-Identifier: GPL-2.0-or-later
"""A network that gives no IPv4 address: does it have IPv6? Asked once, when a lease did not come.

`wwan6` waits for `wwan` (netifd tells an alias only when its interface is up), so nobody has asked
by then. All routers of a link are in the group ff02::2, this one too: its own answer is left out.
"""

import re

from wifirelay.change.outcome import Step, StepFailed
from wifirelay.core.causes import Cause
from wifirelay.errors import RouterAnswer, TransportError
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
        hint="this router needs IPv4: on a phone, let the hotspot (its APN) use IPv4 too; else "
        "another network",
    )
