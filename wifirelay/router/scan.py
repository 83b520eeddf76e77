# SPDX-License-Identifier: GPL-2.0-or-later
"""What is in the air: `ubus call iwinfo scan`, per radio.

Only the ubus object is used. The text of `iwinfo ... scan` is not escaped: an SSID can
forge lines in it (openwrt-facts 1.5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wifirelay.router.ubus import Fact, as_dict, as_int, as_list, as_str, call, ubus_fact
from wifirelay.transport.base import SCAN
from wifirelay.values import Band, Security, Ssid, parse_bssid

_WIDTHS = (20, 40, 80, 160, 320)  # MHz


@dataclass(frozen=True, slots=True)
class Bss:
    """One access point as a scan of `radio` shows it."""

    radio: str
    bssid: str | None  # None: the router reported no proper one
    ssid: Ssid | None  # None: hidden
    channel: int  # 0: not reported
    band: Band | None
    signal: int | None  # dBm; None: the driver gave no dBm value
    security: Security
    width: int = 20  # MHz; a hint (openwrt-facts 1.2)
    high_throughput: bool = False  # HT, VHT, HE or EHT seen; a hint
    mode: str = "Master"


def scan(radio: str, device: str | None = None) -> Fact[tuple[Bss, ...]]:
    """Scan with `radio`, through `device` (a network interface) instead of it if given.

    An empty list can mean "busy" or "failed" as well as "nothing there": rpcd answers all
    three with exit code 0.
    """
    command = call("iwinfo", "scan", {"device": device or radio}, limit=SCAN)
    return ubus_fact(command, lambda answer: parse_scan(radio, answer))


def parse_scan(radio: str, answer: object) -> tuple[Bss, ...]:
    """The BSSs of one answer, in its order. Strange entries are kept, marked unknown."""
    results = as_dict(answer, f"scan of {radio}").get("results")
    return tuple(_bss(radio, entry) for entry in as_list(results) if isinstance(entry, dict))


def _bss(radio: str, entry: dict[str, Any]) -> Bss:
    ssid = as_str(entry.get("ssid"))
    mhz = as_int(entry.get("mhz"))
    channel = as_int(entry.get("channel")) or 0
    width, high_throughput = _width(entry, channel)
    return Bss(
        radio=radio,
        bssid=_bssid(entry.get("bssid")),
        ssid=Ssid.of(ssid) if ssid else None,
        channel=channel,
        band=Band.of_mhz(mhz) if mhz is not None else _band(entry.get("band"), channel),
        signal=_signal(as_int(entry.get("signal"))),
        security=parse_encryption(entry.get("encryption")),
        width=width,
        high_throughput=high_throughput,
        mode=as_str(entry.get("mode")) or "Unknown",
    )


def _bssid(value: object) -> str | None:
    try:
        return parse_bssid(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _signal(dbm: int | None) -> int | None:
    # The driver's "no dBm" comes out as -256; nothing real is outside of -120..0.
    return dbm if dbm is not None and -120 <= dbm < 0 else None


def _band(number: object, channel: int) -> Band | None:
    """By iwinfo's `band`; 22.03 and older leave it out, and have no 6 GHz either."""
    if number is None and channel:
        return Band.GHZ2 if channel <= 14 else Band.GHZ5
    return {2: Band.GHZ2, 5: Band.GHZ5, 6: Band.GHZ6}.get(as_int(number) or 0)


def _width(entry: dict[str, Any], channel: int) -> tuple[int, bool]:
    """Channel width in MHz and whether the BSS is HT or newer.

    Scans through a station's interface leave stale memory in these tables (seen:
    `channel_width: 24399`, another BSS's primary channel): what cannot be true is not used.
    """
    ht = entry.get("ht_operation")
    high = isinstance(ht, dict)
    width = 20
    if isinstance(ht, dict):
        if as_int(ht.get("primary_channel")) != channel:
            return 20, True
        if ht.get("channel_width") in (40, 2040) and ht.get("secondary_channel_offset") in (
            "above",
            "below",
        ):
            width = 40
    for table in ("vht_operation", "he_operation", "eht_operation"):
        operation = entry.get(table)
        if not isinstance(operation, dict):
            continue
        high = True
        told = as_int(operation.get("channel_width"))
        told = 160 if told == 8080 else told
        if told in _WIDTHS:
            width = max(width, told)
    return width, high


def parse_encryption(table: object) -> Security:
    """What a BSS asks for, from rpcd's `encryption` table (openwrt-facts 1.1).

    `wep` may really be an access point with key management that iwinfo does not know
    (FT, SHA-256 or SAE-EXT only): both are never joined. Mixtures that no access point
    offers are stale memory, and `unknown`.
    """
    if not isinstance(table, dict) or not isinstance(table.get("enabled"), bool):
        return Security.UNKNOWN
    if not table["enabled"]:
        return Security.OPEN
    if "wep" in table:
        return Security.WEP
    versions = {version for version in as_list(table.get("wpa")) if isinstance(version, int)}
    kinds = {kind for kind in as_list(table.get("authentication")) if isinstance(kind, str)}
    if versions == {1}:
        return Security.WPA1
    if not versions <= {1, 2, 3}:
        return Security.UNKNOWN
    if kinds == {"owe"} and versions == {3}:
        return Security.OWE
    if kinds == {"psk"} and 2 in versions:
        return Security.PSK2
    if kinds == {"psk", "sae"} and versions >= {2, 3}:
        return Security.SAE_MIXED
    if kinds == {"sae"} and versions == {3}:
        return Security.SAE
    if kinds == {"802.1x"} and versions:
        return Security.WPA2_EAP if 2 in versions else Security.WPA3_EAP
    return Security.UNKNOWN


def merge(scans: Iterable[tuple[Bss, ...]]) -> tuple[Bss, ...]:
    """Several scans of one moment as one: per radio and BSSID the last answer counts,
    but an SSID or signal that only an earlier one had is kept. Order of first sight.
    """
    merged: dict[object, Bss] = {}
    for number, bss in enumerate(bss for answer in scans for bss in answer):
        key = (bss.radio, bss.bssid) if bss.bssid else (bss.radio, number)
        merged[key] = _newer(merged[key], bss) if key in merged else bss
    return tuple(merged.values())


def _newer(old: Bss, new: Bss) -> Bss:
    if (new.ssid is None and old.ssid is not None) or (
        new.signal is None and old.signal is not None
    ):
        return Bss(
            new.radio,
            new.bssid,
            new.ssid or old.ssid,
            new.channel,
            new.band,
            new.signal if new.signal is not None else old.signal,
            new.security,
            new.width,
            new.high_throughput,
            new.mode,
        )
    return new
