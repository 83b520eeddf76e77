# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole check-up: every check, in the order in which people read it. Pure."""

from wifirelay.core.doctor import air, clients, device, radios, relay, tunnel
from wifirelay.core.doctor.facts import Facts
from wifirelay.core.doctor.finding import Finding

# Those of the router as a whole; those of each radio stand between.
FIRST = (
    device.release,
    device.clock,
    device.flash,
    device.memory,
    device.packages,
    device.supplicant,
    device.login_page,
    relay.configuration,
    radios.radios,
)
LAST = (
    air.access_points,
    air.stations,
    relay.setup,
    relay.firewall,
    relay.sentry,
    relay.staged,
    relay.subnets,
    clients.ipv6,
    clients.bridge,
    relay.neighbours,
    tunnel.vpn,
    device.keys,
)
PER_RADIO = ("combination", "scan", "country", "channels", "own-channel")
NAMES = (
    *(check.__name__.replace("_", "-") for check in FIRST),
    *PER_RADIO,
    *(check.__name__.replace("_", "-") for check in LAST),
)


def check_up(facts: Facts) -> tuple[Finding, ...]:
    """All findings; never raises."""
    return (
        *(check(facts) for check in FIRST),
        *radios.each_radio(facts),
        *(check(facts) for check in LAST),
    )
