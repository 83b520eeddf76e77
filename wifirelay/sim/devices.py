# SPDX-License-Identifier: GPL-2.0-or-later
"""Network devices: `network.device status`, `iw dev`, `ip`, and what /sys says of them.

/sys tells the truth: the operstate of an own access point that is off the air is
"down" (OpenWrt 24.10 lab).
"""

from wifirelay.sim.blobmsg import Json
from wifirelay.sim.bridge import is_port
from wifirelay.sim.netifd import Netifd
from wifirelay.sim.radio import Channel, Radio
from wifirelay.sim.station import text_option

STATION_LINK = "fe80::ff:fe00:176"  # a station's own address on its link
LAN_MAC = "52:54:00:00:00:02"
# What `iw phy` tells of a radio, as far as anybody asks (lab, OpenWrt of 2025-02; braces doubled).
_PHY = """Wiphy {}
\tSupported interface modes:
\t\t * managed
\t\t * AP
\t\t * monitor
\tvalid interface combinations:
\t\t * #{{ managed, AP, mesh point, P2P-client, P2P-GO }} <= 2048,
\t\t   total <= 2050, #channels <= 1

\tDevice supports AP scan.
"""
_ETHTOOL: dict[str, Json] = {
    "link-advertising": [],
    "link-partner-advertising": [],
    "link-supported": [],
    "autoneg": False,
    "flow-control": {
        "autoneg": True,
        "supported": [],
        "link-advertising": [],
        "link-partner-advertising": [],
        "negotiated": [],
    },
    "hw-tc-offload": False,
}
_BRIDGE: dict[str, Json] = {
    "stp": False,
    "forward_delay": 8,
    "priority": 32767,
    "ageing_time": 0,
    "hello_time": 1,
    "max_age": 10,
    "igmp_snooping": False,
    "bridge_empty": False,
    "multicast_querier": False,
    "hash_max": 512,
    "robustness": 2,
    "query_interval": 12500,
    "query_response_interval": 1000,
    "last_member_interval": 100,
    "vlan_filtering": False,
    "stp_kernel": False,
}
_COUNTERS = (
    *("collisions", "rx_frame_errors", "tx_compressed", "multicast", "rx_length_errors"),
    *("tx_dropped", "rx_bytes", "rx_missed_errors", "tx_errors", "rx_compressed"),
    *("rx_over_errors", "tx_fifo_errors", "rx_crc_errors", "rx_packets", "tx_heartbeat_errors"),
    *("rx_dropped", "tx_aborted_errors", "tx_packets", "rx_errors", "tx_bytes"),
    *("tx_window_errors", "rx_fifo_errors", "tx_carrier_errors"),
)


def device_status(netifd: Netifd) -> dict[str, Json]:
    """`network.device status` of every device."""
    out: dict[str, Json] = {}
    aps = [ap for wireless in netifd.radios.values() for ap in wireless.aps]
    stations = [each.station for each in netifd.radios.values() if each.station is not None]
    ports = [each.ifname for each in stations if is_port(each.options)]
    members = ["eth1", *(ap.ifname for ap in aps if ap.on_air), *ports]
    bridge = {"devtype": "bridge", "bridge-members": members, "bridge-attributes": _BRIDGE}
    out["br-lan"] = _device("bridge", LAN_MAC, more=_ETHTOOL | bridge)
    wired = _ETHTOOL | {"devtype": "ethernet"}
    if netifd.interfaces.wired:
        out["eth0"] = _device("Network device", "52:54:00:00:00:01", more=wired)
    out["eth1"] = _device("Network device", LAN_MAC, ipv6=False, more=wired)
    out["lo"] = _device("Network device", "00:00:00:00:00:00", mtu=65536, multicast=False)
    for wireless in netifd.radios.values():
        radio = wireless.radio
        for ap in wireless.aps:
            out[ap.ifname] = _device(
                "Network device", radio.mac, ipv6=False, carrier=ap.on_air, external=True
            )
        if (station := wireless.station) is not None:
            carrier = station.point is not None
            mac = station.mac.lower()
            out[station.ifname] = _device("Network device", mac, carrier=carrier, external=True)
    return out


def _device(
    kind: str,
    mac: str,
    *,
    mtu: int = 1500,
    ipv6: bool = True,
    carrier: bool = True,
    external: bool = False,
    multicast: bool = True,
    more: dict[str, Json] | None = None,
) -> dict[str, Json]:
    return {
        "external": external,
        "present": True,
        "type": kind,
        "up": True,
        "carrier": carrier,
        "auth_status": False,
        **(more or {}),
        "mtu": mtu,
        "mtu6": mtu,
        "macaddr": mac,
        "txqueuelen": 1000,
        "ipv6": ipv6,
        "ip6segmentrouting": False,
        "promisc": False,
        "rpfilter": 0,
        "acceptlocal": False,
        "igmpversion": 0,
        "mldversion": 0,
        "neigh4reachabletime": 30000,
        "neigh6reachabletime": 30000,
        "neigh4gcstaletime": 60,
        "neigh6gcstaletime": 60,
        "neigh4locktime": 100,
        "dadtransmits": 1,
        "multicast": multicast,
        "sendredirects": True,
        "drop_v4_unicast_in_l2_multicast": False,
        "drop_v6_unicast_in_l2_multicast": False,
        "drop_gratuitous_arp": False,
        "drop_unsolicited_na": False,
        "arp_accept": False,
        "gro": True,
        "statistics": dict.fromkeys(_COUNTERS, 0),
    }


def operstates(netifd: Netifd) -> dict[str, str]:
    """The text of /sys/class/net/X/operstate for every device."""
    states = {"lo": "unknown"}
    if netifd.running:
        states["br-lan"] = "up"
    states["eth1"] = "up"
    if netifd.interfaces.wired:
        states["eth0"] = "up"
    for wireless in netifd.radios.values():
        for ap in wireless.aps:
            states[ap.ifname] = "up" if ap.on_air else "down"
        if (station := wireless.station) is not None:
            states[station.ifname] = "down" if station.point is None else "up"
    return states


def iw(argv: list[str], netifd: Netifd) -> tuple[int, str, str]:
    """`iw dev`, `iw dev X info`: exit code, output, errors."""
    if argv[:1] != ["dev"]:
        if argv[:1] == ["phy"]:
            phys = dict.fromkeys(radio.radio.phy for radio in netifd.radios.values())
            return 0, "".join(map(_PHY.format, phys)), ""
        return 1, "", "Usage:\tiw [options] command\n"
    wanted, out = (argv[1] if len(argv) > 1 else None), ""
    for wireless in reversed(list(netifd.radios.values())):
        blocks = []
        if (station := wireless.station) is not None:
            channel = None
            if station.point is not None:
                channel = wireless.radio.channel(station.point.band, station.point.channel)
            blocks.append((station.ifname, wireless.radio.station_mac, "", "managed", channel))
        for ap in wireless.aps:
            ssid = text_option(ap.iface.options, "ssid") if ap.on_air else ""
            on = ap.channel if ap.on_air else None
            blocks.append((ap.ifname, wireless.radio.mac, ssid, "AP", on))
        if wanted is None and blocks:
            out += f"phy#{wireless.radio.index}\n"
        for ifname, mac, ssid, kind, channel in blocks:
            if wanted in (None, ifname):
                tabs = "\t" if wanted is None else ""
                out += _block(wireless.radio, ifname, mac, ssid, kind, channel, tabs)
    if wanted is not None and not out:
        return 237, "", "command failed: No such device (-19)\n"
    return 0, out, ""


def _block(
    radio: Radio, ifname: str, mac: str, ssid: str, kind: str, channel: Channel | None, tabs: str
) -> str:
    number = 24 + radio.index * 8 + (kind == "managed")
    lines = [f"Interface {ifname}", f"\tifindex {number}", f"\twdev 0x{radio.index:x}00000002"]
    lines.append(f"\taddr {mac}")
    if ssid:
        lines.append(f"\tssid {ssid}")
    lines.append(f"\ttype {kind}")
    if not tabs:
        lines.append(f"\twiphy {radio.index}")
    if channel is not None:
        at = f"channel {channel.number} ({channel.mhz} MHz)"
        lines.append(f"\t{at}, width: 20 MHz, center1: {channel.mhz} MHz")
    lines.append("\ttxpower 20.00 dBm")
    return "".join(f"{tabs}{line}\n" for line in lines)


def ip(argv: list[str], netifd: Netifd) -> tuple[int, str, str]:
    """`ip [-4] route` and `ip [-4] addr`; `ip -6 addr show dev NAME` of a station."""
    words = [word for word in argv if not word.startswith("-")]
    if not words:
        return 1, "", "Usage: ip [OPTIONS] {address | route | link | neigh | rule}\n"
    if "route".startswith(words[0]):
        return 0, _routes(netifd), ""
    if "address".startswith(words[0]) and "-6" in argv:
        return (0, _link_local(words[-1]), "") if netifd.joined(words[-1]) else (1, "", "")
    if "address".startswith(words[0]):
        return 0, _addresses(netifd), ""
    return 0, "", ""


def _routes(netifd: Netifd) -> str:
    default, connected = [], []
    for interface in netifd.interfaces.all.values():
        for net in interface.networks():
            if interface.device == "lo":
                continue
            if interface.lease is not None:
                via = interface.lease.gateway
                default.append(
                    f"default via {via} dev {interface.device} proto static src {net.ip} \n"
                )
            connected.append(
                f"{net.network} dev {interface.device} proto kernel scope link src {net.ip} \n"
            )
    return "".join(default + sorted(connected))


def _link_local(ifname: str) -> str:
    return (
        f"9: {ifname}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP qlen 1000\n"
        f"    inet6 {STATION_LINK}/64 scope link\n       valid_lft forever preferred_lft forever\n"
    )


def _addresses(netifd: Netifd) -> str:
    out = (
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n"
        "    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n"
    )
    shown = [i for i in netifd.interfaces.all.values() if i.device not in (None, "lo")]
    for index, interface in enumerate(shown, 2):
        for net in interface.networks():
            broadcast = net.network.broadcast_address
            out += (
                f"{index}: {interface.device}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 "
                f"qdisc noqueue state UP qlen 1000\n    inet {net} brd {broadcast} "
                f"scope global {interface.device}\n"
                "       valid_lft forever preferred_lft forever\n"
            )
    return out
