# SPDX-License-Identifier: GPL-2.0-or-later
"""travelmate's uplinks: `config uplink` in /etc/config/travelmate, keys in /etc/config/wireless.

An uplink is a station of /etc/config/wireless with the same device, ssid and bssid, kept
disabled until travelmate joins it. Without travelmate's own file any router's stations are read.
travelmate tries them in the order of that file: this becomes 0, -1, -2 and so on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from wifirelay.core.known import Eap, KnownNetwork, Wanted
from wifirelay.errors import ConfigError
from wifirelay.imports.enterprise import inner, login, refuse_checks
from wifirelay.imports.found import (
    OLD_WPA,
    WEP,
    Found,
    Make,
    Unfit,
    behind,
    bssid,
    gather,
    within,
)
from wifirelay.uci.model import Section
from wifirelay.values import Secret, Ssid, shown

UPLINK, STATION, GLOBAL = "uplink", "wifi-iface", "travelmate"

_CHECKS = ("domain_match", "domain_suffix_match", "altsubject_match", "subject_match")
_STATION_OPTIONS = {
    *("device", "network", "mode", "ifname", "disabled", "ssid", "bssid", "encryption", "key"),
    *("eap_type", "auth", "identity", "anonymous_identity", "password", "ca_cert"),
    *("client_cert", "priv_key", "priv_key_pwd", "ca_cert_usesystem"),
}
_UPLINK_OPTIONS = {"enabled", "device", "ssid", "bssid", "opensta"}
_PERSONAL = {
    **dict.fromkeys(("psk2", "psk-mixed", "psk+psk2", "sae-mixed", "psk3-mixed"), Wanted.AUTO),
    **dict.fromkeys(("sae", "psk3"), Wanted.SAE),
}
_KEYLESS = {"": Wanted.AUTO, "none": Wanted.AUTO, "owe": Wanted.OWE}
_ENTERPRISE = {
    **dict.fromkeys(("wpa2", "wpa-mixed", "wpa3-mixed"), Wanted.WPA2_EAP),
    "wpa3": Wanted.WPA3_EAP,
}
_OLD = ("psk", "wpa")
_CIPHERS = ("ccmp", "tkip", "aes", "gcmp", "ccmp256", "gcmp256", "force")


def parse(found: Iterable[Section], where: str, *, disabled: bool = False) -> Found:
    """The networks of these sections; with `disabled` those that are switched off, too.

    Raises ConfigError when the stations, and with them the keys, are missing.
    """
    found = tuple(found)
    uplinks = [section for section in found if section.kind == UPLINK]
    stations = [each for each in found if each.kind == STATION and each.get("mode") == "sta"]
    managed = bool(uplinks) or any(section.kind == GLOBAL for section in found)
    if uplinks and not any(section.kind == STATION for section in found):
        raise ConfigError(
            f"{shown(where)}: holds travelmate's uplinks without their keys",
            hint="name /etc/config/wireless as well, or their folder: the keys are in there",
        )
    result = gather(_entries(stations, uplinks if managed else None, disabled=disabled))
    if not managed:
        return result
    return replace(result, networks=tuple(_in_order(result.networks)))


def _in_order(networks: Iterable[KnownNetwork]) -> Iterator[KnownNetwork]:
    places: dict[Ssid, int] = {}
    for network in networks:
        place = places.setdefault(network.ssid, len(places))
        yield replace(network, priority=within(-place, []))


def _entries(
    stations: list[Section], uplinks: list[Section] | None, *, disabled: bool
) -> Iterator[tuple[str, Make]]:
    listed = {_identity(uplink): uplink for uplink in uplinks or ()}
    for station in stations:
        uplink = listed.get(_identity(station))
        if uplinks is not None and uplink is None:
            yield _name(station), partial(_refused, "it is no uplink of travelmate's")
        else:
            yield _name(station), partial(_network, station, uplink, disabled)
    there = set(map(_identity, stations))
    for identity, uplink in listed.items():
        if identity not in there:
            why = "its station is not in /etc/config/wireless, where its key would be"
            yield _name(uplink), partial(_refused, why)


def _name(section: Section) -> str:
    return section.get("ssid") or "without a name"


def _identity(section: Section) -> tuple[str, str, str]:
    return section.get("device"), section.get("ssid"), section.get("bssid").upper()


def _refused(why: str, _noted: list[str]) -> KnownNetwork:
    raise Unfit(why)


def _network(
    station: Section, uplink: Section | None, disabled: bool, noted: list[str]
) -> KnownNetwork:
    if not disabled:
        if uplink is not None and uplink.get("enabled", "1") != "1":
            raise Unfit(
                "it is switched off in travelmate, by hand or after failures; "
                "--disabled takes it, too"
            )
        if uplink is None and not station.enabled:
            raise Unfit("it is switched off there (disabled '1'); --disabled takes it, too")
    security, key, eap = _login(station, noted)
    behind((name for name in station.options if name not in _STATION_OPTIONS), noted)
    if uplink is not None:
        extra = [name for name in uplink.options if name not in _UPLINK_OPTIONS]
        behind((name for name in extra if uplink.get(name) not in ("", "0")), noted)
    pinned = station.get("bssid")
    return KnownNetwork(
        ssid=Ssid.of(station.get("ssid")),
        key=key,
        security=security,
        bssids=(bssid(pinned),) if pinned else (),
        eap=eap,
    )


def _login(station: Section, noted: list[str]) -> tuple[Wanted, Secret | None, Eap | None]:
    parts = station.get("encryption").strip().lower().split("+")
    while len(parts) > 1 and parts[-1] in _CIPHERS:
        parts.pop()
    word = "+".join(parts)
    if word.startswith("wep"):
        raise Unfit(WEP)
    if word in _OLD:
        raise Unfit(OLD_WPA)
    if word in _KEYLESS:
        return _KEYLESS[word], None, None
    if word in _PERSONAL:
        if not station.get("key"):
            raise Unfit("its key is not in there")
        return _PERSONAL[word], Secret(station.get("key")), None
    if word in _ENTERPRISE:
        return _ENTERPRISE[word], None, _eap(station, noted)
    raise Unfit(f"its encryption, {shown(word)}, is not possible here")


def _eap(station: Section, noted: list[str]) -> Eap:
    def of(name: str) -> str | None:
        return station.get(name) or None

    refuse_checks(name for name in _CHECKS if of(name))
    if station.true("ca_cert_usesystem"):
        refuse_checks(["ca_cert_usesystem"])
    method, auth = station.get("eap_type"), of("auth")
    return login(
        method,
        noted,
        identity=of("identity"),
        password=of("password"),
        anonymous_identity=of("anonymous_identity"),
        phase2=inner(method, auth) if auth else None,
        ca_cert=of("ca_cert"),
        client_cert=of("client_cert"),
        priv_key=of("priv_key"),
        priv_key_password=of("priv_key_pwd"),
        here=False,
    )
