# SPDX-License-Identifier: GPL-2.0-or-later
"""The VPN's interface, up and down: netifd is asked, and no configuration is written.

netifd answers at once and goes on by itself. What it knows of a WireGuard that is `up` is that its
interface has addresses and routes, nothing of a handshake (wireguard.sh).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wifirelay.core.known import VPN_RULE, Vpn
from wifirelay.errors import RouterAnswer
from wifirelay.router.config import package
from wifirelay.router.interfaces import LogicalInterface
from wifirelay.router.ubus import Fact, call
from wifirelay.transport.base import Completed, Transport

# Behind the address of a login page.
BEHIND = (
    "; vpn.only keeps clients from it: `login_form` logs in from the router, `only: false` and "
    "`wifirelay setup` let them through"
)


@dataclass(frozen=True, slots=True)
class VpnState:
    """Where the VPN stands."""

    interface: str
    state: str  # up, pending, down; missing: netifd has no such interface
    only: bool = False  # the kill-switch is wanted
    guarded: bool | None = False  # the firewall has its rule; None: not known
    unread: str = ""  # why the firewall could not be read


def vpn_state(
    vpn: Vpn, interfaces: Mapping[str, LogicalInterface], *, guarded: bool | str | None
) -> VpnState:
    """What netifd says of it; `guarded` is what `guard` answered, None: nobody asked."""
    there = interfaces.get(vpn.interface)
    if there is None:
        state = "missing"
    elif there.up:
        state = "up"
    else:
        state = "pending" if there.pending else "down"
    if isinstance(guarded, str):
        return VpnState(vpn.interface, state, vpn.only, None, guarded)
    return VpnState(vpn.interface, state, vpn.only, guarded)


def guard() -> Fact[bool | str]:
    """Whether the firewall's configuration has the kill-switch; a text: why that cannot be read.
    A file that its owner has broken hides nothing else of a router."""
    firewall = package("firewall")

    def parse(completed: Completed) -> bool | str:
        try:
            rule = firewall.parse(completed).section(VPN_RULE)
        except RouterAnswer as unread:
            return unread.message
        return rule is not None and rule.get("enabled", "1") == "1"

    return Fact(firewall.command, parse)


def bring(transport: Transport, interface: str, *, up: bool) -> bool:
    """Ask netifd for it, as `ifup` and `ifdown` do. Returns whether there is such an interface."""
    action = "up" if up else "down"
    return transport.run(call(f"network.interface.{interface}", action)).rc == 0
