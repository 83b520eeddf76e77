# SPDX-License-Identifier: GPL-2.0-or-later
"""rpcd's `iwinfo` object: info, assoclist, freqlist, scan, with their lies.

A scan through the station's interface is cut at 4 KiB and has stale bits in its
encryption fields; a scan that the radio refuses is an empty list (OpenWrt 24.10 lab).
"""

from collections import Counter
from dataclasses import dataclass

from wifirelay.sim.air import AccessPoint, Air
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.netifd import Netifd
from wifirelay.sim.station import Options, Station, text_option
from wifirelay.sim.timings import Timings
from wifirelay.sim.wireless import OwnAp, Wireless
from wifirelay.values import Band, Security

_HTMODES = [
    *("HT20", "HT40", "VHT20", "VHT40", "VHT80", "VHT80+80", "VHT160"),
    *("HE20", "HE40", "HE80", "HE80+80", "HE160"),
    *("EHT20", "EHT40", "EHT80", "EHT80+80", "EHT160", "EHT320"),
]
_HARDWARE: dict[str, Json] = {
    "htmodes": _HTMODES,
    "hwmodes": ["b", "g", "n", "ac", "ax", "be"],
    "hwmodes_text": "ac/ax/b/be/g/n",
}
_NAME = {"hardware": {"name": "Generic MAC80211"}}
_CONTROL_REPLY = 4096  # bytes; wpa_supplicant's SCAN_RESULTS and iwinfo's buffer

# what rpcd makes of each kind of security: WPA versions, authentication, ciphers
_ENCRYPTION: dict[Security, tuple[tuple[int, ...], tuple[str, ...], tuple[str, ...]]] = {
    Security.WPA1: ((1,), ("psk",), ("tkip",)),
    Security.PSK2: ((2,), ("psk",), ("ccmp",)),
    Security.SAE_MIXED: ((2, 3), ("psk", "sae"), ("ccmp",)),
    Security.SAE: ((3,), ("sae",), ("ccmp",)),
    Security.OWE: ((3,), ("owe",), ("ccmp",)),
    Security.WPA2_EAP: ((2,), ("802.1x",), ("ccmp",)),
    Security.WPA3_EAP: ((3,), ("802.1x",), ("ccmp",)),
}
_UCI_SECURITY = {
    "psk": Security.WPA1,
    "psk2": Security.PSK2,
    "sae": Security.SAE,
    "sae-mixed": Security.SAE_MIXED,
    "owe": Security.OWE,
    "wpa2": Security.WPA2_EAP,
    "wpa3": Security.WPA3_EAP,
}
_AUTH_ORDER = ("none", "802.1x", "psk", "sae", "owe")
_CIPHER_ORDER = ("none", "wep-40", "tkip", "ccmp", "wep-104")


@dataclass(frozen=True, slots=True)
class Found:
    """What a device name of iwinfo stands for."""

    wireless: Wireless
    ap: OwnAp | None = None
    station: Station | None = None
    whole: bool = False  # the name was the radio's: `radio0`


class Iwinfo:
    """The answers, by method."""

    def __init__(self, netifd: Netifd, air: Air, timings: Timings) -> None:
        self._netifd, self._air, self._timings = netifd, air, timings
        self.lies = 0  # so many scans from now on answer with an empty list
        self.stale = True  # whether scans through a station have stale bits
        self._scans: Counter[str] = Counter()  # by radio

    def devices(self) -> list[str]:
        out = []
        for wireless in self._netifd.radios.values():
            if wireless.station is not None:
                out.append(wireless.station.ifname)
            out += [ap.ifname for ap in wireless.aps]
        return out

    def names(self) -> list[str]:
        """Every name that `find` knows."""
        return [*self._netifd.radios, *self.devices()]

    def find(self, device: str) -> Found | None:
        for name, wireless in self._netifd.radios.items():
            if device == name:
                return Found(wireless, wireless.aps[0] if wireless.aps else None, whole=True)
            for ap in wireless.aps:
                if ap.ifname == device:
                    return Found(wireless, ap=ap)
            if wireless.station is not None and wireless.station.ifname == device:
                return Found(wireless, station=wireless.station)
        return None

    def info(self, found: Found) -> dict[str, Json]:
        radio, options = found.wireless.radio, found.wireless.options
        country = {"country": text_option(options, "country") or "00"}
        if found.station is not None:
            return self._station_info(found.station, country)
        if found.ap is None:
            return {"phy": radio.phy, **country, "quality_max": 70, "noise": 0} | _HARDWARE | _NAME
        ap = found.ap
        out: dict[str, Json] = {"phy": radio.phy}
        if not found.whole:
            out["ssid"] = text_option(ap.iface.options, "ssid")
        out |= {"bssid": radio.mac.upper(), **country, "mode": "Master"}
        out["channel"] = ap.channel.number
        if ap.on_air:
            out["center_chan1"] = ap.channel.number
        out |= {"frequency": ap.channel.mhz, "txpower": 20, "quality_max": 70}
        out["noise"] = 0 if found.whole else -92
        if not found.whole:
            out["encryption"] = encryption(uci_security(ap.iface.options))
        htmode = text_option(options, "htmode") if ap.on_air else "NOHT"
        return out | _HARDWARE | {"hwmode": "n", "htmode": htmode} | _NAME

    def _station_info(self, station: Station, country: dict[str, str]) -> dict[str, Json]:
        """While it searches, a station's "BSSID" is its own MAC; it stays so when joined."""
        radio, point = station.radio, station.point
        out: dict[str, Json] = {"phy": radio.phy}
        if point is not None:
            out["ssid"] = point.text
        out |= {"bssid": radio.station_mac.upper(), **country, "mode": "Client"}
        if point is not None:
            out |= {"channel": point.channel, "center_chan1": point.channel}
            out["frequency"] = point.mhz
        out |= {"txpower": 20}
        if point is not None:
            signal = self._air.signal(point)
            out |= {"quality": _quality(signal), "quality_max": 70, "signal": signal}
            out |= {"noise": -92, "bitrate": 26000, "encryption": encryption(point.security)}
        else:
            out |= {"quality_max": 70, "noise": -92}
        htmode = "NOHT" if point is None else "HT20"
        return out | _HARDWARE | {"hwmode": "n", "htmode": htmode} | _NAME

    def assoclist(self, found: Found, now: float) -> dict[str, Json]:
        station = found.station
        if station is None or station.point is None:
            return {"results": []}
        signal = self._air.signal(station.point)
        network = self._netifd.interfaces.all.get(text_option(station.options, "network"))
        fast = station.point.ht and network is not None and network.up  # after some traffic
        rate = {"ht": fast, "vht": False, "he": False, "eht": False, "mhz": 20}
        more = {"mcs": 3, "40mhz": False, "short_gi": False} if fast else {}
        one = {
            "mac": station.point.bssid,
            "signal": signal,
            "signal_avg": signal,
            "noise": -92,
            "inactive": 120,
            "connected_time": int(now - station.associated_at),
            "thr": 750,
            "authorized": station.completed,
            "authenticated": True,
            "preamble": "long",
            "wme": True,
            "mfp": False,
            "tdls": False,
            "mesh llid": 0,
            "mesh plid": 0,
            "mesh plink": "",
            "mesh local PS": "",
            "mesh peer PS": "",
            "mesh non-peer PS": "",
            "rx": {"drop_misc": 7, "packets": 631, "bytes": 60437, **rate, "rate": 52000, **more},
            "tx": {"failed": 0, "retries": 0, "packets": 14, "bytes": 2172, **rate, "rate": 26000}
            | more,
        }
        return {"results": [one]}

    def freqlist(self, found: Found) -> dict[str, Json]:
        active = None
        if found.ap is not None and found.ap.on_air:
            active = found.ap.channel.mhz
        elif found.station is not None and found.station.point is not None:
            active = found.station.point.mhz
        out = []
        for channel in found.wireless.radio.channels:
            if channel.disabled:
                continue
            flags = [*channel.flags, *(["no_ir"] if channel.no_ir else [])]
            one: dict[str, Json] = {
                "band": int(channel.band.value[0]),
                "channel": channel.number,
                "mhz": channel.mhz,
                "restricted": channel.no_ir and not channel.radar,
                "flags": flags,
            }
            if active is not None:
                one["active"] = channel.mhz == active
            out.append(one)
        return {"results": out}

    def scan_seconds(self, found: Found) -> float:
        station = found.wireless.station
        connected = station is not None and station.completed
        return self._timings.scan_connected if connected else self._timings.scan_idle

    def scan(self, found: Found) -> dict[str, Json]:
        """One scan; an empty list can mean that the radio refused."""
        points = self.hear(found)
        if found.station is None:
            return {"results": [self._entry(point) for point in points]}
        return {"results": self._through_station(points)}

    def hear(self, found: Found) -> list[AccessPoint]:
        """The access points of one scan, or none."""
        name = found.wireless.radio.name
        self._scans[name] += 1
        if self.lies > 0:
            self.lies -= 1
            return []
        wireless = found.wireless
        if wireless.busy or (
            wireless.searching and found.station is None and self._scans[name] % 2
        ):
            return []
        return self._air.heard(wireless.radio.hears)

    def _through_station(self, points: list[AccessPoint]) -> list[Json]:
        used, kept = 0, []
        for point in points:
            used += len(point.ssid) + 50  # BSSID, frequency, signal, flags, tabs
            if used > _CONTROL_REPLY:
                break
            kept.append(point)
        results = [self._entry(point) for point in kept]
        if self.stale:
            entries = [dict(entry["encryption"]) for entry in results]
            for index in range(len(results)):
                for older in (entries[index - 1], entries[index - 2]):
                    results[index]["encryption"] = _blur(results[index]["encryption"], older)
        return list(results)

    def _entry(self, point: AccessPoint) -> dict[str, Json]:
        signal = self._air.signal(point)
        out: dict[str, Json] = {}
        if point.text and not point.hidden:
            out["ssid"] = point.text
        out |= {"bssid": point.bssid, "mode": "Master", "band": int(point.band.value[0])}
        out |= {"channel": point.channel, "mhz": point.mhz, "signal": signal}
        out |= {"quality": _quality(signal), "quality_max": 70}
        if point.ht:
            out["ht_operation"] = {
                "primary_channel": point.channel,
                "secondary_channel_offset": "no secondary" if point.width == 20 else "above",
                "channel_width": 20 if point.width == 20 else 2040,
            }
        if point.width > 40 and point.band is Band.GHZ5:
            out["vht_operation"] = {
                "channel_width": point.width,
                "center_freq_1": point.channel + 6,
                "center_freq_2": 0,
            }
        out["encryption"] = encryption(point.security)
        return out


def encryption(security: Security) -> dict[str, Json]:
    """`encryption` of a scan, as rpcd builds it."""
    if security is Security.OPEN:
        return {"enabled": False}
    if security in _ENCRYPTION:
        wpa, auth, ciphers = _ENCRYPTION[security]
        return {
            "enabled": True,
            "wpa": list(wpa),
            "authentication": list(auth),
            "ciphers": list(ciphers),
        }
    return {"enabled": True, "wep": ["open", "shared"], "ciphers": ["wep-40", "wep-104"]}


def uci_security(options: Options) -> Security:
    """The kind of security of a section's `encryption`."""
    return _UCI_SECURITY.get(text_option(options, "encryption").split("+")[0], Security.OPEN)


def _blur(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    if "wpa" not in one or "wpa" not in other:
        return one
    return {
        "enabled": True,
        "wpa": sorted({*one["wpa"], *other["wpa"]}),
        "authentication": [
            a for a in _AUTH_ORDER if a in one["authentication"] or a in other["authentication"]
        ],
        "ciphers": [c for c in _CIPHER_ORDER if c in one["ciphers"] or c in other["ciphers"]],
    }


def _quality(signal: int) -> int:
    return min(max(signal, -110), -40) + 110
