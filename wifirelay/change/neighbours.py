# SPDX-License-Identifier: GPL-2.0-or-later
"""Others on the router that look after uplinks too: whom we refuse to stand beside, and what an
owner should know of the rest."""

from wifirelay.core.known import Relay
from wifirelay.core.wanzone import wan_zone
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.router.config import package
from wifirelay.router.services import Services
from wifirelay.transport.base import Transport
from wifirelay.uci.model import Package

TRAVELMATE = "travelmate"
# Vendors' own repeater services; of GL.iNet's firmware 4.x the first three.
VENDORS = ("repeater", "gl-repeater", "gl_repeater", "autowwan")


def check_neighbours(transport: Transport, found: Services) -> None:
    """Raises Refused beside a service that rewrites the wireless configuration by itself, now or
    after the next boot."""
    for name in (TRAVELMATE, *VENDORS):
        if name in found.running:
            when = "runs on this router"
        elif name in found.enabled and (name != TRAVELMATE or _travels(transport)):
            when = "is enabled on this router: it starts at the next boot"
        else:
            continue
        vendors = ", or the vendor's page for its repeater" if name in VENDORS else ""
        raise Refused(
            f"{name} {when}, and rewrites the wireless configuration",
            hint="two of a kind undo each other's work. Stop it first: "
            f"`/etc/init.d/{name} stop; /etc/init.d/{name} disable`{vendors}",
        )


def _travels(transport: Transport) -> bool:
    """Whether travelmate would do something: its package enables its init script in any case,
    and an option says whether it is wanted (`trm_enabled`, travelmate 2.1)."""
    try:
        found = package(TRAVELMATE).read(transport)
    except RouterAnswer:
        return False
    section = found.section("global")
    return section is not None and section.true("trm_enabled")


def remarks(found: Services, relay: Relay, firewall: Package) -> tuple[str, ...]:
    """What works together, or is safe, only when the owner sees to it."""
    remarks = []
    if "mwan3" in found.running | found.enabled:
        remarks.append(
            f"mwan3 is on this router, and routes only through interfaces that it knows: add "
            f"{relay.interface} to /etc/config/mwan3 as an interface, with a member and a policy; "
            "wifirelay leaves that to you"
        )
    if _open_to_strangers(firewall):
        remarks.append(
            "the firewall's zone `wan` accepts input (option input 'ACCEPT'), and the uplink is in "
            "it: everybody in a network that is joined reaches this router's LuCI and SSH. Set it "
            "to REJECT, as OpenWrt delivers it, and open single ports by rules"
        )
    return tuple(remarks)


def _open_to_strangers(firewall: Package) -> bool:
    """Whether the zone `wan` takes all input, by its own word or by the defaults'."""
    found = wan_zone(firewall)
    policy = found[1].get("input") if found is not None else ""
    for section in firewall.of_kind("defaults"):
        policy = policy or section.get("input")
    return found is not None and policy.upper() == "ACCEPT"
