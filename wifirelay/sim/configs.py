# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of /etc/config for simulated routers, as `uci export` writes them (OpenWrt 24.10).

All keys here are made up.
"""

AP_KEY = "my own access point"

NETWORK = """
config interface 'loopback'
	option device 'lo'
	option proto 'static'
	option ipaddr '127.0.0.1'
	option netmask '255.0.0.0'

config globals 'globals'
	option ula_prefix 'fd4a:7d5c:1b2e::/48'

config device
	option name 'br-lan'
	option type 'bridge'
	list ports 'eth1'

config interface 'lan'
	option device 'br-lan'
	option proto 'static'
	option ipaddr '192.168.1.1'
	option netmask '255.255.255.0'
	option ip6assign '60'
"""
WIRED = """
config interface 'wan'
	option device 'eth0'
	option proto 'dhcp'
"""
WWAN = """
config interface 'wwan'
	option proto 'dhcp'
	option reqopts '114'

config interface 'wwan6'
	option proto 'dhcpv6'
	option device '@wwan'
"""
# As `setup` of today leaves it, with the metric; the one before is of an older one's
WWAN_SIX = WWAN.replace("'dhcp'\n", "'dhcp'\n\toption metric '20'\n").replace(
    "'@wwan'\n", "'@wwan'\n\toption metric '20'\n"
)
# As `setup` with `relay: {kind: wds}` leaves it
WWAN_WDS = """
config interface 'wwan'
	option proto 'dhcp'
	option device '@lan'
	option metric '20'
	option reqopts '114'

config interface 'wwan6'
	option proto 'dhcpv6'
	option device '@wwan'
	option metric '20'
"""
WDS_NOTES = (
    "interface:wwan",
    "interface:wwan6",
    'option:["dhcp","dhcp:interface=lan","ignore","1",null]',
    'option:["dhcp","dhcp:interface=lan","dhcpv4","disabled","server"]',
    'option:["dhcp","dhcp:interface=lan","ra","disabled","server"]',
    'option:["dhcp","dhcp:interface=lan","dhcpv6","disabled","server"]',
    'option:["dhcp","dhcp:interface=lan","ndp","disabled",null]',
)
_ZONED = ("wwan", "wwan6", "wwan_6", "wwan_6_4")
SIX_NOTES = (
    *(f"interface:{name}" for name in _ZONED[:3]),  # 464xlat makes the fourth
    *(f"zone:{name}" for name in _ZONED),
)
WWAN_6 = """
config interface 'wwan_6'
	option proto 'dhcpv6'
	option metric '20'
"""
VPN = """
config interface 'wg0'
	option proto 'wireguard'
	option private_key 'sGmOCKlJDUrbHPPuvQLIZ7V6wBYEWXiqfn1xTz3ra1k='
	list addresses '10.66.0.2/32'
	option auto '0'

config wireguard_wg0
	option public_key 'u9sKcQ2TDnGPU4WR1yWDoRGWnFLwmlbzEBr5JY8hs0o='
	option endpoint_host 'vpn.example.org'
	option endpoint_port '51820'
	option route_allowed_ips '1'
	option persistent_keepalive '25'
	list allowed_ips '0.0.0.0/0'
"""
VPN_ZONE = """
config zone
	option name 'vpn'
	list network 'wg0'
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'
	option masq '1'
	option mtu_fix '1'

config forwarding
	option src 'lan'
	option dest 'vpn'
"""
FIREWALL = """
config defaults
	option syn_flood '1'
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'

config zone
	option name 'lan'
	list network 'lan'
	option input 'ACCEPT'
	option output 'ACCEPT'
	option forward 'ACCEPT'

config zone
	option name 'wan'
{networks}	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'DROP'
	option masq '1'
	option mtu_fix '1'

config forwarding
	option src 'lan'
	option dest 'wan'

config rule
	option name 'Allow-DHCP-Renew'
	option src 'wan'
	option proto 'udp'
	option dest_port '68'
	option target 'ACCEPT'
	option family 'ipv4'

config rule
	option name 'Allow-Ping'
	option src 'wan'
	option proto 'icmp'
	option icmp_type 'echo-request'
	option family 'ipv4'
	option target 'ACCEPT'
"""
DHCP = """
config dnsmasq
	option domainneeded '1'
	option boguspriv '1'
	option localise_queries '1'
	option rebind_protection '1'
	option rebind_localhost '1'
	option local '/lan/'
	option domain 'lan'
	option expandhosts '1'
	option authoritative '1'
	option readethers '1'
	option leasefile '/tmp/dhcp.leases'
	option resolvfile '/tmp/resolv.conf.d/resolv.conf.auto'
	option localservice '1'
	option ednspacket_max '1232'

config dhcp 'lan'
	option interface 'lan'
	option start '100'
	option limit '150'
	option leasetime '12h'
	option dhcpv4 'server'
	option dhcpv6 'server'
	option ra 'server'
	list ra_flags 'managed-config'
	list ra_flags 'other-config'

config dhcp 'wan'
	option interface 'wan'
	option ignore '1'
"""
SYSTEM = """
config system
	option hostname 'OpenWrt'
	option timezone 'UTC'
	option ttylogin '0'
	option log_size '64'
	option urandom_seed '0'
"""


def wireless(
    *,
    radio1: bool = True,
    own: bool = True,
    path: str = "platform/soc",
    wds: bool = False,
    six: bool = False,
) -> str:
    """Two radios with one access point each, and the own sections when set up."""
    text = _device("radio0", "2g", "6", "HT20", f"{path}/phy0", disabled=False)
    text += _device("radio1", "5g", "36", "VHT80", f"{path}/phy1", disabled=not radio1)
    text += _ap("default_radio0", "radio0", "MyRouter")
    if radio1:
        text += _ap("default_radio1", "radio1", "MyRouter5G")
    if own:
        text += _own("wifirelay", "radio0", wds=wds)
        notes = WDS_NOTES if wds else SIX_NOTES if six else ()
        text += "".join(f"\tlist wifirelay_created '{each}'\n" for each in notes)
        if radio1:
            text += _own("wifirelay_radio1", "radio1", wds=wds)
    return text


def texts(
    *,
    set_up: bool,
    radio1: bool = True,
    wired: bool = False,
    vpn: bool = False,
    wds: bool = False,
    six: bool = False,
) -> dict[str, str]:
    """All configurations of one router, by name. `vpn`: with a WireGuard in a zone of its own.
    `wds`: set up with its station in the own network's bridge. `six`: set up for networks of IPv6
    alone too."""
    wds, six = set_up and wds, set_up and six
    members = [
        "wan",
        "wan6",
        *(["wwan", "wwan6"] if set_up and not wds else []),
        *(["wwan_6", "wwan_6_4"] if six else []),
    ]
    return {
        "wireless": wireless(radio1=radio1, own=set_up, wds=wds, six=six),
        "network": NETWORK
        + (WIRED if wired else "")
        + ((WWAN_WDS if wds else WWAN_SIX if six else WWAN) if set_up else "")
        + (WWAN_6 if six else "")
        + (VPN if vpn else ""),
        "firewall": FIREWALL.replace(
            "{networks}", "".join(f"\tlist network '{name}'\n" for name in members)
        )
        + (VPN_ZONE if vpn else ""),
        "dhcp": _without_servers(DHCP) if wds else DHCP,
        "system": SYSTEM,
    }


def _device(name: str, band: str, channel: str, htmode: str, path: str, *, disabled: bool) -> str:
    return (
        f"\nconfig wifi-device '{name}'\n\toption type 'mac80211'\n\toption path '{path}'\n"
        f"\toption band '{band}'\n\toption channel '{channel}'\n\toption htmode '{htmode}'\n"
        f"\toption disabled '{int(disabled)}'\n\toption country 'CN'\n"
    )


def _ap(section: str, device: str, ssid: str) -> str:
    return (
        f"\nconfig wifi-iface '{section}'\n\toption device '{device}'\n\toption network 'lan'\n"
        f"\toption mode 'ap'\n\toption ssid '{ssid}'\n\toption encryption 'psk2'\n"
        f"\toption key '{AP_KEY}'\n"
    )


def _own(section: str, device: str, *, wds: bool) -> str:
    return (
        f"\nconfig wifi-iface '{section}'\n\toption device '{device}'\n"
        f"\toption network '{'lan' if wds else 'wwan'}'\n\toption mode 'sta'\n"
        "\toption disabled '1'\n" + ("\toption wds '1'\n" if wds else "")
    )


def _without_servers(dhcp: str) -> str:
    for name in ("dhcpv4", "dhcpv6", "ra"):
        dhcp = dhcp.replace(f"\toption {name} 'server'\n", f"\toption {name} 'disabled'\n")
    last = "\tlist ra_flags 'other-config'\n"
    return dhcp.replace(last, f"{last}\toption ignore '1'\n\toption ndp 'disabled'\n")


def release_text(version: str) -> str:
    """/etc/openwrt_release of a release."""
    return (
        f"DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='{version}'\n"
        "DISTRIB_REVISION='r28597-0425664679'\nDISTRIB_TARGET='x86/64'\n"
        f"DISTRIB_ARCH='x86_64'\nDISTRIB_DESCRIPTION='OpenWrt {version} r28597-0425664679'\n"
        "DISTRIB_TAINTS=''\n"
    )
