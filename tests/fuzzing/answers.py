# SPDX-License-Identifier: GPL-2.0-or-later
"""Router answers in JSON: each fact of `wifirelay/router`, alone, with all that uses its value."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.fuzzing.feeding import Parser, feed, harmless, tells_apart
from wifirelay.core.sections import all_own, own_sections
from wifirelay.errors import Refused, RouterAnswer
from wifirelay.router.board import board, system_info
from wifirelay.router.channels import channels
from wifirelay.router.config import package, staged_changes
from wifirelay.router.devices import devices
from wifirelay.router.interfaces import (
    interfaces,
    other_uplink,
    overlapping,
    preferred_route,
)
from wifirelay.router.internet import lookup, ping
from wifirelay.router.scan import merge, scan
from wifirelay.router.services import services
from wifirelay.router.station import association, connection, stations
from wifirelay.router.ubus import Fact
from wifirelay.router.wireless import wireless_status
from wifirelay.transport.base import Completed
from wifirelay.transport.shell import quote
from wifirelay.uci.staged import foreign
from wifirelay.values import Band, printable
from wifirelay.view.air import scan_lines, scan_object


def _read(fact: Fact[Any]) -> Callable[[bytes], Any]:
    return lambda data: fact.parse(Completed(0, data))


def _shown(value: object) -> None:
    """Nothing of a value breaks a message that it stands in."""
    harmless([printable(repr(value))])


def _board(data: bytes) -> None:
    found = board().parse(Completed(0, data))
    _shown(found)
    found.check_supported()


def _channels(data: bytes) -> None:
    found = channels("radio0").parse(Completed(0, data))
    for band in Band:
        for own in (False, True):
            harmless([found.refusal(band, 52, own_access_point=own) or ""])


def _package(data: bytes) -> None:
    found = package("wireless").parse(Completed(0, data))
    own_sections(found)
    for section in (*found, *all_own(found)):
        section.name.encode("utf-8", "surrogateescape")
        section.kind.encode("utf-8", "surrogateescape")
        for option in section.options:
            text = section.get(option)
            text.encode("utf-8", "surrogateescape")
            section.items(option)
            section.true(option)


def _changes(data: bytes) -> None:
    found = staged_changes().parse(Completed(0, data))
    foreign(found, packages=["wireless"])
    for change in found:
        harmless([printable(change.shown())])
        if change.option == "key" and change.value is not None:
            assert change.shown().endswith("=***")


def _interfaces(data: bytes) -> None:
    found = interfaces().parse(Completed(0, data))
    for each in list(found.values())[:8]:
        _shown(each.subnets())
        overlapping(each, found)
        preferred_route(each, found)
        other_uplink(each.name, found)
        quote(ping("192.0.2.1", each.l3_device or each.device or "").argv)
        for server in each.dns:
            quote(lookup("name.example", server).argv)


def _scan(data: bytes) -> None:
    heard = scan("radio0").parse(Completed(0, data))
    merged = merge([heard, heard[:1]])
    assert len(merged) <= len(heard) + 1
    for bss in heard:
        assert bss.signal is None or -120 <= bss.signal < 0
        if bss.ssid is not None:
            tells_apart(bss.ssid.text)
    lines = scan_lines(heard, ())
    harmless(lines)
    assert len(lines) == len(heard) + 1
    told = json.loads(json.dumps(scan_object(["radio0"], heard, ())))["bss"]
    names = sorted(bss.ssid.hex for bss in heard if bss.ssid is not None)
    assert sorted(row["ssid_hex"] for row in told if row["ssid_hex"] is not None) == names


def _wireless(data: bytes) -> None:
    found = wireless_status().parse(Completed(0, data))
    for each in found.interfaces:
        if each.ifname is not None:
            quote(association(each.ifname).command.argv)


def _peer(data: bytes) -> None:
    for fact in (association("phy0-sta0"), connection("phy0-sta0"), stations("phy0-ap0")):
        _shown(fact.parse(Completed(0, data)))


def _plain(data: bytes) -> None:
    for fact in (system_info(), devices(), services()):
        _shown(_either(fact, data))


def _either(fact: Fact[Any], data: bytes) -> object:
    try:
        return fact.parse(Completed(0, data))
    except RouterAnswer as refused:
        return refused.message


PARSERS = (
    Parser("board", _board, (RouterAnswer, Refused)),
    Parser("channels", _channels, (RouterAnswer,)),
    Parser("uci get", _package, (RouterAnswer,)),
    Parser("uci changes", _changes, (RouterAnswer,)),
    Parser("interfaces", _interfaces, (RouterAnswer,)),
    Parser("scan", _scan, (RouterAnswer,)),
    Parser("wireless status", _wireless, (RouterAnswer,)),
    Parser("peers", _peer, (RouterAnswer,)),
    Parser("system info, devices, services", _plain),
)


def target(data: bytes) -> None:
    feed(PARSERS, data)


def seeds() -> Iterator[bytes]:
    """The lab's answers, cut down; and shapes that the lab does not have."""
    from tests.fuzzing.seeds import ubus_answers

    yield from ubus_answers()
    yield b'{"results":[{"flags":["no_ir","disabled"],"channel":52,"mhz":5260,"restricted":true}]}'
    yield b'{"changes":{"wireless":[["set","wifirelay","key","hunter2"],["remove","x"]]}}'
    yield b'{"values":{"wifirelay":{".type":"wifi-iface",".name":"wifirelay","l":["a"]}}}'
    yield b'{"dnsmasq":{"running":true,"enabled":true}}'
    yield b'{"release":{"distribution":"OpenWrt","version":"23.05.3"},"model":"m"}'


WORDS = (
    *("results", "ssid", "bssid", "mode", "band", "channel", "mhz", "signal", "encryption"),
    *("enabled", "wpa", "wep", "authentication", "psk", "sae", "802.1x", "owe", "ht_operation"),
    *("vht_operation", "he_operation", "eht_operation", "primary_channel", "channel_width"),
    *("secondary_channel_offset", "interface", "interfaces", "section", "config", "ifname", "up"),
    *("disabled", "retry_setup_failed", "ipv4-address", "ipv6-address", "address", "mask"),
    *("route", "target", "nexthop", "0.0.0.0", "::", "dns-server", "metric", "l3_device"),
    *("device", "proto", "macaddr", "carrier", "release", "version", "distribution", "root"),
    *("avail", "memory", "available", "uptime", "values", ".type", ".name", ".index"),
    *(".anonymous", "changes", "wireless", "set", "wifirelay", "wifi-iface", "wifi-device"),
    *("mac", "authorized", "running", "flags", "no_ir", "restricted", "192.168.1.1", "fe80::1"),
    *("02:00:00:00:00:01", "radio0", "Master", "key", "sta", "ap", "OpenWrt", "22.03.7"),
)
