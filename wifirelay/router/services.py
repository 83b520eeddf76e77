# SPDX-License-Identifier: GPL-2.0-or-later
"""Services of the router (init scripts), through rpcd's `rc` object."""

from wifirelay.router.ubus import Fact, as_dict, call, ubus_fact
from wifirelay.transport.base import Command

# Others that rewrite the wireless configuration by themselves.
RIVALS = ("travelmate", "repeater", "gl-repeater", "gl_repeater", "autowwan")


def running_services() -> Fact[frozenset[str]]:
    """The names of the services that run now."""
    return ubus_fact(call("rc", "list", {}), parse_services)


def parse_services(answer: object) -> frozenset[str]:
    return frozenset(
        name
        for name, raw in as_dict(answer, "list of services").items()
        if isinstance(raw, dict) and raw.get("running") is True
    )


def service(name: str, action: str) -> Command:
    """`/etc/init.d/NAME ACTION`: enable, disable, start, stop, restart, reload."""
    return call("rc", "init", {"name": name, "action": action}, limit=20.0)
