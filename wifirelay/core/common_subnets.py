# SPDX-License-Identifier: GPL-2.0-or-later
"""Subnets that routers, hotspots and phones have from their makers: a guess, no table of theirs."""

from ipaddress import IPv4Network

from wifirelay.router.interfaces import Network

_COMMON = tuple(
    map(
        IPv4Network,
        (
            *("192.168.0.0/24", "192.168.1.0/24", "192.168.2.0/24", "192.168.8.0/24"),
            *("192.168.43.0/24", "192.168.100.0/24", "192.168.178.0/24", "10.0.0.0/24"),
            "172.20.10.0/28",
        ),
    )
)


def is_common(network: Network) -> bool:
    """Whether it overlaps one of them: many upstream networks would."""
    return network.version == 4 and any(network.overlaps(each) for each in _COMMON)
