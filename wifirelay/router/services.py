# SPDX-License-Identifier: GPL-2.0-or-later
"""Services of the router (init scripts), through rpcd's `rc` object."""

from dataclasses import dataclass

from wifirelay.router.ubus import Fact, as_dict, call, ubus_fact
from wifirelay.transport.base import Command


@dataclass(frozen=True, slots=True)
class Services:
    """The names of init scripts: those that run now, those that start at boot, and all of them."""

    running: frozenset[str]
    enabled: frozenset[str]
    installed: frozenset[str] = frozenset()


def services() -> Fact[Services]:
    """What runs now, what will after a reboot, and what is there at all (rpcd lists that, too)."""
    return ubus_fact(call("rc", "list", {}), parse_services)


def parse_services(answer: object) -> Services:
    rows = as_dict(answer, "list of services").items()

    def having(word: str) -> frozenset[str]:
        return frozenset(
            name for name, raw in rows if isinstance(raw, dict) and raw.get(word) is True
        )

    return Services(having("running"), having("enabled"), frozenset(name for name, _ in rows))


def service(name: str, action: str) -> Command:
    """`/etc/init.d/NAME ACTION`: enable, disable, start, stop, restart, reload."""
    return call("rc", "init", {"name": name, "action": action}, limit=20.0)
