# SPDX-License-Identifier: GPL-2.0-or-later
"""The check-up of radios: what their drivers and their country let the relay do."""

import re
from collections.abc import Iterator

from wifirelay.core.doctor.facts import NOT_ASKED, Facts, used_radios
from wifirelay.core.doctor.finding import (
    Finding,
    Unknown,
    ok,
    problem,
    together,
    unknown,
    warning,
    word,
)
from wifirelay.core.radios import access_points, configured_band
from wifirelay.router.channels import Channels
from wifirelay.router.phy import Phy
from wifirelay.uci.model import Package, Section
from wifirelay.values import Band, shown

WORLD = ("", "00")  # what a driver says that knows no country
# Where a channel once found free of radar may be left and come back to (ETSI EN 301 893): only
# there mac80211 scans while an access point of the device has to look for radar.
ETSI = re.compile(
    "AT|BE|BG|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GR|HR|HU|IE|IS|IT|LI|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK"
)


def radios(facts: Facts) -> Finding:
    """Which there are, which are used, and which netifd has given up on."""
    if isinstance(facts.wireless, Unknown):
        return unknown("radios", facts.wireless)
    used = [section.name for section in used_radios(facts.wireless, facts.relay)]
    fine = ok("radios", f"{', '.join(map(shown, used))}: enabled")
    return together(_wrong_radios(facts, facts.wireless, used), fine)


def _wrong_radios(facts: Facts, wireless: Package, used: list[str]) -> Iterator[Finding]:
    devices = {section.name: section for section in wireless.of_kind("wifi-device")}
    names = ", ".join(map(shown, devices))
    if not devices:
        yield problem(
            "radios",
            "the router has no radio in its configuration",
            "`wifi config` on the router finds its radios; is the driver's package installed?",
        )
        return
    for name in facts.relay.radios:
        if name not in devices:
            yield problem(
                "radios",
                f"relay.radios names {shown(name)}, and the router has {names}",
                "correct `relay.radios` in the configuration",
            )
    if not used and not facts.relay.radios:
        yield problem("radios", f"none is enabled of {names}", _enable(next(iter(devices))))
    for name, section in devices.items():
        if section.enabled:
            continue
        if name in facts.relay.radios:
            yield problem(
                "radios", f"{shown(name)} is in relay.radios, and disabled", _enable(name)
            )
        elif used:
            yield warning(
                "radios",
                f"{shown(name)} is disabled: it is not used",
                f"if it should be: {_enable(name)}",
            )
    if isinstance(facts.status, Unknown):
        return
    for radio in facts.status.radios:
        if radio.name not in used or radio.up:
            continue
        name = shown(radio.name)
        device = f'{{"device":"{word(radio.name)}"}}'
        remedy = f"see `logread`; then `ubus call network.wireless up '{device}'`"
        if radio.gave_up:
            yield problem("radios", f"netifd has given up on {name}: it stays down", remedy)
        elif not radio.disabled:
            yield warning("radios", f"{name} is not up (yet)", remedy)


def _enable(radio: str) -> str:
    return f"`uci set wireless.{word(radio)}.disabled=0; uci commit wireless; wifi reload`"


def each_radio(facts: Facts) -> Iterator[Finding]:
    """The checks of every radio that the uplink may use."""
    if isinstance(facts.wireless, Unknown):
        for check in ("combination", "scan", "country", "channels", "own-channel"):
            yield unknown(check, facts.wireless)
        return
    for device in used_radios(facts.wireless, facts.relay):
        own = len(access_points(facts.wireless, device.name))
        yield _combination(device, own, _phy(facts, device))
        yield _scan(device, own, _phy(facts, device))
        yield _country(facts, device)
        allowed = facts.channels.get(device.name, NOT_ASKED)
        yield _channels(device, own, allowed)
        if own:
            yield _own_channel(device, allowed)


def _phy(facts: Facts, device: Section) -> Phy | Unknown:
    """The kernel's device of a radio."""
    info = facts.radios.get(device.name, NOT_ASKED)
    if isinstance(info, Unknown):
        return info
    if isinstance(facts.phys, Unknown):
        return facts.phys
    found = facts.phys.get(info.phy or "")
    return found if found is not None else Unknown("`iw phy` does not tell")


def _combination(device: Section, own: int, phy: Phy | Unknown) -> Finding:
    """Can the driver run a station beside the own access points?"""
    check, radio = "combination", shown(device.name)
    if isinstance(phy, Unknown):
        return unknown(check, phy, radio)
    if phy.modes and "managed" not in phy.modes:
        return problem(
            check, "its driver cannot be a station", "use another radio: `relay.radios`", radio
        )
    if not own:
        return ok(check, "no own access point on it: a station alone", radio)
    count = "an own access point" if own == 1 else f"{own} own access points"
    if (found := phy.beside(own)) is not None:
        if found.channels > 1:
            return ok(check, f"a station fits beside {count}, on another channel too", radio)
        return ok(check, f"a station fits beside {count}: they share a channel", radio)
    fewer = next((n for n in range(own - 1, 0, -1) if phy.beside(n) is not None), 0)
    what = f"only beside {fewer} of {count}" if fewer else f"not beside {count}"
    return problem(
        check,
        f"its driver runs a station {what}",
        "let another radio be the uplink's (`relay.radios`), or disable own access points here",
        radio,
    )


def _scan(device: Section, own: int, phy: Phy | Unknown) -> Finding:
    """Is what it hears to be had, and is it its own?"""
    check, radio = "scan", shown(device.name)

    def wrong() -> Iterator[Finding]:
        if not device.name.startswith("radio"):
            rename = "name the section radio0, radio1 and so on"
            how = "iwinfo knows radios only by names that begin with `radio`"
            if own:
                yield warning(check, f"{how}: it hears by its access point alone", rename)
            else:
                yield problem(check, f"{how}: it hears nothing", rename)
        if device.get("radio") and configured_band(device) is None:
            yield warning(
                check,
                "it shares one device with others (option radio): iwinfo scans all bands for each",
                f"`uci set wireless.{word(device.name)}.band=...`",
            )
        if own and isinstance(phy, Phy) and not phy.scans_beside_ap:
            yield warning(
                check,
                "its driver does not say that it scans beside an own access point: it may hear "
                "nothing",
                "if `wifirelay scan` is empty, let another radio be the uplink's (`relay.radios`)",
            )

    bad = list(wrong())
    if not bad and isinstance(phy, Unknown):
        return unknown(check, phy, radio)
    beside = "beside the own access point too" if own else "no own access point on it"
    return together(bad, ok(check, f"it can scan, {beside}", radio))


def _country(facts: Facts, device: Section) -> Finding:
    """Without a country the driver allows what the whole world does: few channels, low power."""
    check, radio = "country", shown(device.name)
    wanted = device.get("country").upper()
    info = facts.radios.get(device.name, NOT_ASKED)
    remedy = (
        f"`uci set wireless.{word(device.name)}.country='..'` (two letters of where it stands), "
        "`uci commit wireless`, `wifi reload`; all radios want the same one"
    )
    if isinstance(info, Unknown):
        if wanted in WORLD:
            return warning(check, "none is configured", remedy, radio)
        return ok(check, f"{shown(wanted)} is configured", radio)
    used = (info.country or "").upper()
    if wanted in WORLD and used in WORLD:
        return warning(check, "none is configured: the world's rules hold", remedy, radio)
    if used and wanted not in WORLD and used != wanted:
        return warning(
            check, f"{shown(wanted)} is configured, the driver follows {shown(used)}", remedy, radio
        )
    whose = "as configured" if wanted not in WORLD else "by its driver"
    return ok(check, f"{shown(used or wanted)}, {whose}", radio)


def _channels(device: Section, own: int, allowed: Channels | Unknown) -> Finding:
    """To which channels can the own access point follow the station?"""
    check, radio = "channels", shown(device.name)
    if isinstance(allowed, Unknown) or allowed.listed is None:
        return unknown(check, _untold(allowed), radio)
    there = _of_band(device, allowed.listed)
    if not there:
        return problem(
            check,
            "none of its band is allowed in its country",
            "set the right `country` and `band`",
            radio,
        )
    refused = [pair for pair in there if allowed.refusal(*pair, own_access_point=bool(own))]
    if not refused:
        return ok(check, f"{len(there)} allowed, and the relay can use all", radio)
    silent = [pair for pair in refused if pair in allowed.silent]
    radar = [pair for pair in refused if pair not in allowed.silent]
    parts = []
    if radar:
        parts.append(f"{_numbers(radar)} (radar: off the air for 60 s or more first)")
    if silent:
        parts.append(f"{_numbers(silent)} (no-IR: it may not start there)")
    evidence = f"the own access point cannot follow to {' nor to '.join(parts)}"
    remedy = "a network there is joined by a radio without an own access point only"
    if len(refused) == len(there):
        return problem(check, evidence, remedy, radio)
    return warning(check, evidence, remedy, radio)


def _untold(allowed: Channels | Unknown) -> Unknown:
    return allowed if isinstance(allowed, Unknown) else Unknown("its driver lists no channels")


def _of_band(device: Section, listed: frozenset[tuple[Band, int]]) -> list[tuple[Band, int]]:
    """The channels of its configured band, in order."""
    band = configured_band(device)
    return sorted(pair for pair in listed if band in (None, pair[0]))


def _numbers(pairs: list[tuple[Band, int]]) -> str:
    return ", ".join(str(number) for _, number in pairs)


def _own_channel(device: Section, allowed: Channels | Unknown) -> Finding:
    """Where the own access point stands while there is no uplink."""
    check, radio = "own-channel", shown(device.name)
    text, band = device.get("channel"), configured_band(device)
    pick = (
        "choose a channel from 36 to 48 and at most 80 MHz" if band is Band.GHZ5 else "choose one"
    )
    if text in ("", "0", "auto"):
        return warning(
            check,
            "it is chosen automatically"
            + (": it may become a radar channel" if band is Band.GHZ5 else "")
            + "; beside a station that fails on some releases (openwrt#13449)",
            pick,
            radio,
        )
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        return problem(check, f"{shown(text)} is no channel: the radio stays down", pick, radio)
    channel = int(text)
    if isinstance(allowed, Unknown) or allowed.listed is None:
        return unknown(check, _untold(allowed), radio)
    pair = next((pair for pair in _of_band(device, allowed.listed) if pair[1] == channel), None)
    if pair is None:
        return problem(
            check, f"channel {channel} is not allowed in its band and country", pick, radio
        )
    if pair in allowed.silent:
        return problem(check, f"no access point may start on {channel} (no-IR)", pick, radio)
    if allowed.refusal(*pair, own_access_point=True) or (
        pair[0] is Band.GHZ5 and _width(device) >= 160 and 36 <= channel <= 48
    ):
        evidence = (
            f"channel {channel} with {_width(device)} MHz needs radar detection: after each change "
            "its access point is off the air for 60 s or more"
        )
        if ETSI.fullmatch(device.get("country").upper()):
            return warning(check, evidence, pick, radio)
        return problem(
            check, f"{evidence}, and while it is there the radio cannot scan", pick, radio
        )
    return ok(check, f"channel {channel}", radio)


def _width(device: Section) -> int:
    """In MHz, by `htmode`: HT20, VHT80, HE160, ..."""
    found = re.search(r"(\d{2,3})", device.get("htmode"))
    return int(found[1]) if found else 20
