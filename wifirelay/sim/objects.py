# SPDX-License-Identifier: GPL-2.0-or-later
"""The ubus objects of the simulated router, in the shapes of an OpenWrt 24.10 lab."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from wifirelay.sim import clat
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.devices import device_status
from wifirelay.sim.iwinfo import Found, encryption, uci_security
from wifirelay.sim.station import Station, text_option
from wifirelay.sim.syslog import EPOCH
from wifirelay.sim.ubus import INVALID_ARGUMENT, NOT_FOUND, Arguments, Method, UbusError
from wifirelay.sim.uci import UciError, load, staged
from wifirelay.sim.wireless import OwnAp, Wireless
from wifirelay.values import Band, Security

if TYPE_CHECKING:
    from wifirelay.sim.router import SimRouter

UUID = "507636df-a1ac-5d6d-96bc-b885c23b93e1"
_ALWAYS = (
    *("file", "hostapd", "hostapd-auth", "log", "rpc-sys", "session"),
    *("hotplug.dhcp", "hotplug.ieee80211", "hotplug.iface", "hotplug.leds", "hotplug.neigh"),
    *("hotplug.net", "hotplug.ntp", "hotplug.tftp"),
)
_STATUS_ZERO = {"bss_transition_query_rx": 0, "bss_transition_request_tx": 0}
_CIPHERS = {Security.OPEN: "NONE", Security.WPA1: "TKIP"}
_KEY_MGMT = {
    Security.OPEN: "NONE",
    Security.PSK2: "WPA2-PSK",
    Security.SAE: "SAE",
    Security.OWE: "OWE",
    Security.WPA2_EAP: "WPA2/IEEE 802.1X/EAP",
}


class Objects:
    """All objects that exist at this moment, and what they answer."""

    def __init__(self, router: "SimRouter") -> None:
        self._router = router

    def all(self) -> dict[str, Mapping[str, Method]]:
        """Every object's methods, by path."""
        router = self._router
        out: dict[str, Mapping[str, Method]] = {name: {} for name in _ALWAYS}
        out["system"] = {"board": self._board, "info": self._info, "reboot": self._reboot}
        out["uci"] = {"get": self._uci_get, "changes": self._uci_changes}
        out["rc"] = {"list": self._rc_list, "init": self._rc_init}
        out["service"] = {"list": router.procd.service_list, "event": self._service_event}
        out |= router.plugins.methods
        out["iwinfo"] = {
            "devices": lambda _: {"devices": router.iwinfo.devices()},
            "info": self._of_device(router.iwinfo.info),
            "assoclist": self._of_device(lambda d: router.iwinfo.assoclist(d, router.now)),
            "freqlist": self._of_device(router.iwinfo.freqlist),
            "scan": self._of_device(router.iwinfo.scan),
        }
        out["wpa_supplicant"] = {"bss_info": self._bss_info, "phy_status": self._phy_status}
        if not router.netifd.running:
            return out
        out["network"] = {
            "reload": self._reload,
            "restart": self._reload,
            "get_proto_handlers": lambda _: clat.protocols(router.interfaces.translation.installed),
        }
        out["network.device"] = {"status": self._device}
        out["network.wireless"] = {"status": self._wireless}
        out["network.interface"] = {"dump": self._dump, "status": self._interface}
        for name in router.interfaces.all:
            out[f"network.interface.{name}"] = {
                "status": lambda _, n=name: self._interface({"interface": n}),  # type: ignore[misc]
                "up": lambda _, n=name: router.interfaces.bring(n, up=True),  # type: ignore[misc]
                "down": lambda _, n=name: router.interfaces.bring(n, up=False),  # type: ignore[misc]
                "renew": lambda _: None,
            }
        out["hostapd"] = {"bss_info": self._hostapd_info}
        for wireless in router.netifd.radios.values():
            for ap in wireless.aps:
                out[f"hostapd.{ap.ifname}"] = self._hostapd(wireless, ap)
            if wireless.station is not None and wireless.station.valid:
                out[f"wpa_supplicant.{wireless.station.ifname}"] = {}
        return out

    # system

    def _board(self, _: Arguments) -> Json:
        release = self._router.release
        return {
            "kernel": "6.6.93",
            "hostname": "OpenWrt",
            "system": "Simulated",
            "model": "wifirelay simulated router",
            "board_name": "sim,router",
            "rootfs_type": "squashfs",
            "release": {
                "distribution": "OpenWrt",
                "version": release,
                "revision": "r28597-0425664679",
                "target": "x86/64",
                "description": f"OpenWrt {release} r28597-0425664679",
                "builddate": "1738624045",
            },
        }

    def _info(self, _: Arguments) -> Json:
        router = self._router
        return {
            "localtime": int(EPOCH + router.now),
            "uptime": int(router.uptime),
            "load": [94784, 51776, 21920],
            **router.resources.info(),
        }

    def _reboot(self, _: Arguments) -> Json:
        self._router.reboot()
        return None

    # uci, as rpcd answers

    def _uci_get(self, arguments: Arguments) -> Json:
        try:
            package = load(str(arguments.get("config", "")), self._router.folders)
        except UciError:
            raise UbusError(NOT_FOUND) from None
        sections = {}
        for section in package.sections:
            if arguments.get("type") not in (None, section.type):
                continue
            head = {".anonymous": section.anonymous, ".type": section.type}
            head |= {".name": section.name, ".index": section.index}
            sections[section.name] = {**head, **section.options}
        name = arguments.get("section")
        if name is None:
            return {"values": sections}
        if name not in sections:
            raise UbusError(NOT_FOUND)
        option = arguments.get("option")
        if option is None:
            return {"values": sections[name]}
        if option not in sections[name]:
            raise UbusError(NOT_FOUND)
        return {"value": sections[name][option]}

    def _uci_changes(self, arguments: Arguments) -> Json:
        changes = staged(self._router.folders)
        config = arguments.get("config")
        return {"changes": changes if config is None else changes.get(config, [])}

    # procd

    def _rc_list(self, arguments: Arguments) -> Json:
        return self._router.procd.rc_list(arguments.get("name"))

    def _rc_init(self, arguments: Arguments) -> Json:
        name, action = arguments.get("name"), arguments.get("action")
        if not isinstance(name, str) or not isinstance(action, str):
            raise UbusError(INVALID_ARGUMENT)
        if not self._router.procd.init(name, action):
            raise UbusError(NOT_FOUND)

    def _service_event(self, arguments: Arguments) -> Json:
        data = arguments.get("data")
        if isinstance(data, dict):
            self._router.procd.event(str(arguments.get("type")), str(data.get("package")))

    # netifd

    def _reload(self, _: Arguments) -> Json:
        self._router.netifd.reload()

    def _wireless(self, arguments: Arguments) -> Json:
        status = self._router.netifd.wireless_status()
        device = arguments.get("device")
        if device is None:
            return status
        if device not in status:
            raise UbusError(NOT_FOUND)
        return {device: status[device]}

    def _dump(self, _: Arguments) -> Json:
        router = self._router
        return {
            "interface": [
                {"interface": name, **interface.status(router.uptime)}
                for name, interface in sorted(router.interfaces.all.items())
            ]
        }

    def _interface(self, arguments: Arguments) -> Json:
        interface = self._router.interfaces.all.get(str(arguments.get("interface")))
        if interface is None:
            raise UbusError(NOT_FOUND)
        return interface.status(self._router.uptime)

    def _device(self, arguments: Arguments) -> Json:
        status = device_status(self._router.netifd)
        name = arguments.get("name")
        if name is None:
            return status
        if name not in status:
            raise UbusError(INVALID_ARGUMENT)
        return status[name]

    # hostapd and wpa_supplicant

    def _hostapd(self, wireless: Wireless, ap: OwnAp) -> dict[str, Method]:
        channel = ap.channel
        status = {
            "driver": "nl80211",
            "status": "ENABLED",  # off the air too: it lies
            "bssid": wireless.radio.mac,
            "ssid": text_option(ap.iface.options, "ssid"),
            "freq": channel.mhz,
            "channel": channel.number,
            "op_class": 81 if channel.band is Band.GHZ2 else 115,
            "beacon_interval": 100,
            "bss_color": -1,
            "phy": wireless.radio.phy,
            "rrm": {"neighbor_report_tx": 0},
            "wnm": {**_STATUS_ZERO, "bss_transition_response_rx": 0},
            "airtime": {"time": 112, "time_busy": 14, "utilization": 31},
            "dfs": {"cac_seconds": 0, "cac_active": False, "cac_seconds_left": 0},
        }
        return {
            "get_status": lambda _: status,
            "get_clients": lambda _: {"freq": channel.mhz, "clients": {}},
        }

    def _hostapd_info(self, arguments: Arguments) -> Json:
        for wireless in self._router.netifd.radios.values():
            for ap in wireless.aps:
                if ap.ifname == arguments.get("iface"):
                    options = ap.iface.options
                    secured = encryption(uci_security(options))["enabled"]
                    more = {"wpa": "2", "wpa_pairwise": "CCMP"} if secured else {}
                    return {
                        "hw_mode": "g" if ap.channel.band is Band.GHZ2 else "a",
                        "auth_algs": "1",
                        **more,
                        "ssid": text_option(options, "ssid"),
                        **({"wpa_key_mgmt": "WPA-PSK"} if secured else {}),
                    }
        raise UbusError(NOT_FOUND)

    def _bss_info(self, arguments: Arguments) -> Json:
        for wireless in self._router.netifd.radios.values():
            station = wireless.station
            if station is not None and station.valid and station.ifname == arguments.get("iface"):
                return self.station_status(station)
        raise UbusError(NOT_FOUND)

    def station_status(self, station: Station) -> dict[str, str]:
        """wpa_supplicant's STATUS."""
        point, out = station.point, {}
        if point is not None:
            cipher = _CIPHERS.get(point.security, "CCMP")
            out = {
                "bssid": point.bssid.lower(),
                "freq": str(point.mhz),
                "ssid": point.text,
                "id": "0",
                "mode": "station",
                "wifi_generation": "4",
                "pairwise_cipher": cipher,
                "group_cipher": cipher,
                "key_mgmt": _KEY_MGMT.get(point.security, "WPA2-PSK"),
            }
        out["wpa_state"] = station.state
        network = text_option(station.options, "network")
        interface = self._router.interfaces.all.get(network)
        if interface is not None and interface.lease is not None and interface.up:
            out["ip_address"] = interface.lease.address
        out |= {"address": station.radio.station_mac, "uuid": UUID}
        return out | ({"bss_max_idle_period": "292"} if point is not None else {})

    def _phy_status(self, arguments: Arguments) -> Json:
        for wireless in self._router.netifd.radios.values():
            station = wireless.station
            if wireless.radio.phy == arguments.get("phy") and station is not None and station.valid:
                out: dict[str, Json] = {"state": station.state}
                if station.completed and station.point is not None:
                    out |= {"sec_chan_offset": 0, "frequency": station.point.mhz}
                return out | {"ifname": station.ifname}
        raise UbusError(NOT_FOUND)

    def _of_device(self, method: Callable[[Found], Json]) -> Method:
        def call(arguments: Arguments) -> Json:
            device = arguments.get("device")
            if not isinstance(device, str):
                raise UbusError(INVALID_ARGUMENT)
            found = self._router.iwinfo.find(device)
            if found is None:
                raise UbusError(NOT_FOUND)
            return method(found)

        return call
