# SPDX-License-Identifier: GPL-2.0-or-later
"""464XLAT of the simulated router, by the sources of OpenWrt (odhcp6c's dhcpv6.script,
464xlat.sh, 464xlatcfg.c): an interface that netifd makes by itself beside one of DHCPv6.

Translates nothing: what is behind it is told by the network beneath.
"""

from wifirelay.sim.blobmsg import Json

PROTO = "464xlat"
SUFFIX = "_4"
METRIC = 2048  # of its default route
SETUP = 0.5  # seconds from the upstream's IPv6 to IPv4 over it
AGAIN = 4.0  # seconds from a name server that tells no NAT64 to the next try
NO_NAT64: Json = [{"subsystem": PROTO, "code": "CLAT_CONFIG_FAILED"}]
KNOWN = ("dhcp", "dhcpv6", "none", "ppp", "pppoe", "static", "wireguard")  # netifd's protocols


def device_of(name: str) -> str:
    """Its network device; a longer name is none (IFNAMSIZ), and netifd refuses it."""
    device = f"464-{name}"
    return device if len(device) < 16 else ""


def protocols(xlat: bool) -> dict[str, Json]:
    """What `get_proto_handlers` answers; the details of none."""
    return {name: {"immediate": False, "no_device": False} for name in (*KNOWN, *[PROTO] * xlat)}


def routes() -> list[Json]:
    """As `network.interface dump` has them; it gets no address (464xlat.sh)."""
    default: Json = {
        "target": "0.0.0.0",  # noqa: S104
        "mask": 0,
        "nexthop": "0.0.0.0",  # noqa: S104
        "metric": METRIC,
        "source": "0.0.0.0/0",
    }
    return [default, {"target": "2001:db8:1::464", "mask": 128, "nexthop": "::", "metric": 128}]
