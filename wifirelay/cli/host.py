# SPDX-License-Identifier: GPL-2.0-or-later
"""What the laptop knows of its own network. The only importer of netifaces."""

import ipaddress


def default_gateway() -> str | None:
    """The IPv4 address of this machine's default gateway, if it has one."""
    try:
        import netifaces
    except ImportError:
        return None
    default = netifaces.gateways().get("default")
    found = default.get(netifaces.AF_INET) if isinstance(default, dict) else None
    return str(ipaddress.ip_address(found[0])) if found else None
