# SPDX-License-Identifier: GPL-2.0-or-later
"""Others on the router that look after uplinks too: whom we refuse to stand beside, and what an
owner should know of the rest."""

from wifirelay.core.known import Relay
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.router.config import package
from wifirelay.router.services import Services
from wifirelay.transport.base import Transport

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


def remarks(found: Services, relay: Relay) -> tuple[str, ...]:
    """What works together only when the owner sees to it."""
    if "mwan3" not in found.running | found.enabled:
        return ()
    return (
        f"mwan3 is on this router, and routes only through interfaces that it knows: add "
        f"{relay.interface} to /etc/config/mwan3 as an interface, with a member and a policy; "
        "wifirelay leaves that to you",
    )
