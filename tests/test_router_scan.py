# SPDX-License-Identifier: GPL-2.0-or-later
"""Scans: every shape that routers were seen to answer with, and any shape that they might."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from known import RECORDINGS, TESTS, bss, recording, replay

from wifirelay.errors import RouterAnswer
from wifirelay.router import board, channels, devices, interfaces, services, station, wireless
from wifirelay.router.log import parse_join_log
from wifirelay.router.observe import listen, observe
from wifirelay.router.scan import Bss, merge, parse_encryption, parse_scan, scan
from wifirelay.router.ubus import answer, call
from wifirelay.transport.base import Completed
from wifirelay.uci.model import parse_package
from wifirelay.uci.staged import foreign, parse_changes
from wifirelay.values import Band, Security, Ssid

CASES = TESTS / "data/cases/scan"
ENCRYPTION = json.loads((CASES / "encryption.json").read_text("utf-8"))
ENTRIES = json.loads((CASES / "entries.json").read_text("utf-8"))

AIR = {  # what the lab's access points really offer
    "HomeNet": "psk2",
    "CafeOpen": "open",
    "Phone": "sae",
    "PhoneMix": "sae-mixed",
    "Office5G": "psk2",
    "Campus": "psk2",
    "OldTKIP": "wpa1",
    "eduroam": "wpa2-eap",
    "OweNet": "owe",
    "MixedWPA": "psk2",
    "AirportFree": "open",
    '咖啡馆 "quoted" & spaces': "psk2",
}


# --- one entry ---


@pytest.mark.parametrize("case", ENCRYPTION, ids=lambda case: case["name"])
def test_encryption(case: dict[str, Any]) -> None:
    assert parse_encryption(case["encryption"]).value == case["security"]


def test_every_security_has_a_case() -> None:
    assert {case["security"] for case in ENCRYPTION} == {each.value for each in Security}


@pytest.mark.parametrize("case", ENTRIES, ids=lambda case: case["name"])
def test_entry(case: dict[str, Any]) -> None:
    (found,) = parse_scan("radio0", {"results": [case["entry"]]})
    fields = {name: getattr(found, name) for name in case["bss"]}
    if fields.get("ssid") is not None:
        fields["ssid"] = found.ssid.text if found.ssid else None
    if "band" in fields:
        fields["band"] = found.band.value if found.band else None
    assert fields == case["bss"]
    assert found.radio == "radio0"
    assert found.security is Security.OPEN


def test_a_name_of_any_bytes_comes_through_ubus() -> None:
    """blobmsg prints bytes from 0x7f on raw: the answer is not UTF-8."""
    out = b'{"results":[{"ssid":"caf\xe9\x7f\\u001b","bssid":"02:00:00:00:02:00"}]}'
    (found,) = scan("radio0").parse(Completed(0, out))
    assert found.ssid == Ssid(b"caf\xe9\x7f\x1b")


# --- whole answers ---


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("radio", ["radio0", "radio1"])
def test_recorded_scans(name: str, radio: str) -> None:
    heard = [each for each in scan(radio).read(replay(name)) if each.ssid is not None]
    assert len(heard) >= 5
    assert all(each.bssid and each.channel and each.band and each.signal for each in heard)
    assert all(each.mode == "Master" and each.radio == radio for each in heard)
    found = {each.ssid.text: each.security.value for each in heard if each.ssid}
    assert {ssid: kind for ssid, kind in found.items() if ssid in AIR} == {
        ssid: kind for ssid, kind in AIR.items() if ssid in found
    }
    assert set(found) & set(AIR)


def test_recorded_scans_cover_the_lab() -> None:
    heard = scan("radio0").read(replay("baseline"))
    assert {each.ssid.text for each in heard if each.ssid} >= set(AIR)
    assert any(each.ssid is None for each in heard)
    office = next(each for each in heard if each.ssid == Ssid(b"Office5G"))
    assert (office.band, office.channel, office.width) == (Band.GHZ5, 36, 80)


def test_recorded_scans_through_a_station_never_lower_a_security() -> None:
    """Stale memory adds to what an access point offers: a secured one never looks open."""
    strange = 0
    for name in RECORDINGS:
        for exchange in recording(name).exchanges:
            if exchange.argv[-1] != '{"device":"phy0-sta0"}' or "scan" not in exchange.argv:
                continue
            for each in parse_scan("radio0", json.loads(exchange.out)):
                if each.ssid is None or each.ssid.text not in AIR:
                    continue
                found, true = each.security.value, AIR[each.ssid.text]
                strange += found != true
                assert found in (true, "unknown", "sae-mixed")
                assert (found == "open") == (true == "open")
                assert each.width in (20, 40, 80)
    assert strange > 10  # the lab's garbage is there


@pytest.mark.parametrize("reply", [{}, {"results": []}, {"results": None}, {"results": [3, "x"]}])
def test_nothing_heard(reply: object) -> None:
    assert parse_scan("radio0", reply) == ()


@pytest.mark.parametrize("out", [b"", b"\n", b"[]", b"nonsense", b'{"results": [', b"\xff", b"3"])
def test_what_is_no_answer_is_an_error_with_the_command(out: bytes) -> None:
    with pytest.raises(RouterAnswer):
        scan("radio0").parse(Completed(0, out))


@pytest.mark.parametrize("rc", [4, 252])
def test_ubus_says_why_it_failed(rc: int) -> None:
    """With `-S` the exit code is ubus's status, without it 256 less that."""
    with pytest.raises(RouterAnswer, match=r"iwinfo scan .*: not found"):
        scan("radio0").parse(Completed(rc))


# --- several scans of one moment ---


def test_merging_keeps_what_only_an_earlier_scan_had() -> None:
    first = (bss("A", bssid="02:00:00:00:00:0A"), bss("B", bssid="02:00:00:00:00:0B", signal=-40))
    later = (
        bss(None, bssid="02:00:00:00:00:0B", signal=None, channel=11, security=Security.SAE),
        bss("C", bssid="02:00:00:00:00:0C"),
    )
    a, b, c = merge([first, later])
    assert (a, c) == (first[0], later[1])
    assert (b.ssid, b.signal, b.channel) == (Ssid(b"B"), -40, 11)
    assert b.security is Security.SAE


def test_merging_takes_the_last_answer_and_tells_radios_apart() -> None:
    old, new = bss(signal=-60), bss(signal=-50)
    other = bss(radio="radio1", signal=-70)
    assert merge([(old, other), (new,)]) == (new, other)
    nameless = bss(bssid=None)
    assert merge([(nameless, nameless), (nameless,)]) == (nameless,) * 3


def test_a_silent_radio_is_asked_again_and_at_last_through_its_access_point() -> None:
    class Silent:
        def __init__(self) -> None:
            self.asked: list[str] = []

        def run_all(self, commands: Any) -> tuple[Completed, ...]:
            scans = [c.argv[-1] for c in commands if c.argv[-3:-1] == ("iwinfo", "scan")]
            self.asked += scans
            return tuple(Completed(0, b'{"results":[]}') for _ in commands)

    transport: Any = Silent()
    _, heard = listen(transport, observe(replay("baseline")), ["radio0"])
    assert heard == ()
    assert transport.asked == ['{"device":"radio0"}'] * 2 + ['{"device":"phy0-ap0"}']


# --- anything at all ---

WORDS = st.sampled_from(
    [
        *("results", "ssid", "bssid", "mode", "band", "channel", "mhz", "signal", "encryption"),
        *("enabled", "wpa", "wep", "authentication", "ciphers", "psk", "sae", "ht_operation"),
        *("vht_operation", "primary_channel", "channel_width", "interface", "interfaces"),
        *("section", "config", "ifname", "up", "disabled", "ipv4-address", "address", "mask"),
        *("route", "target", "nexthop", "dns-server", "metric", "macaddr", "carrier", "release"),
        *("version", "distribution", "root", "avail", "uptime", "values", ".type", ".name"),
        *(".index", "changes", "wireless", "set", "wifirelay", "mac", "authorized", "running"),
        *("flags", "no_ir", "0.0.0.0", "192.168.1.1", "fe80::1", "02:00:00:00:00:01", "radio0"),
    ]
)
LEAVES = st.one_of(
    st.sampled_from([None, True, False, 0.5, "", "\ud800", "\udcff", 10**400]),
    st.integers(-300, 7200),
    WORDS,
    st.text(st.characters(codec=None), max_size=5),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)
ROW = st.dictionaries(WORDS, JSON, max_size=6)
# The shapes that a parser looks into, with anything in them.
SHAPED = st.one_of(
    JSON,
    st.dictionaries(WORDS, ROW, max_size=3),
    st.lists(JSON | ROW, max_size=3).map(lambda rows: {"results": rows, "interface": rows}),
    st.dictionaries(WORDS, ROW | JSON, max_size=3).map(lambda rows: {"values": rows}),
    st.lists(st.lists(LEAVES, max_size=5), max_size=3).map(lambda rows: {"changes": {"x": rows}}),
)
PARSERS: dict[str, Callable[[Any], object]] = {
    "scan": lambda raw: parse_scan("radio0", raw),
    "encryption": parse_encryption,
    "wireless": lambda raw: [each.ssid for each in wireless.parse_wireless_status(raw).interfaces],
    "devices": devices.parse_devices,
    "interfaces": lambda raw: [
        each.subnets() for each in interfaces.parse_interfaces(raw).values()
    ],
    "channels": channels.parse_channels,
    "assoclist": station.parse_assoclist,
    "board": board.parse_board,
    "system": board.parse_system_info,
    "services": services.parse_services,
    "package": lambda raw: [
        (each.enabled, each.items("device"), each.get("ssid"))
        for each in parse_package("wireless", raw)
    ],
    "changes": lambda raw: foreign(parse_changes(raw), packages=["wireless"]),
}


@settings(max_examples=250)
@given(raw=SHAPED)
@example(raw={"results": [{"ssid": "\ud800", "bssid": "\udc80"}]})
@example(raw={"interface": [{"interface": "\ud800", "ipv4-address": [{"address": 0, "mask": ""}]}]})
@example(raw={"radio0": {"interfaces": [{"section": "x", "config": {"ssid": "\udfff"}}]}})
@example(raw={"values": {"x": {".type": "t", ".index": True, "l": [{}, None]}}})
def test_any_json_gives_a_value_or_router_answer(raw: object) -> None:
    for name, parse in PARSERS.items():
        try:
            value = parse(raw)
        except RouterAnswer as refused:
            assert refused.exit_code == 8, name
            assert str(refused), name
        else:
            assert repr(value), name


COMMAND = call("iwinfo", "scan", {"device": "radio0"})


@given(st.integers(0, 255), st.binary(max_size=60) | JSON.map(lambda raw: json.dumps(raw).encode()))
@example(0, b"[" * 100_000)
@example(0, b'{"a":' * 100_000)
@example(0, b"1" * 5000)
def test_any_answer_of_ubus(rc: int, out: bytes) -> None:
    try:
        decoded = answer(COMMAND, Completed(rc, out, b"secret"))
    except RouterAnswer as refused:
        assert "iwinfo scan" in str(refused)
        assert "secret" not in str(refused)
    else:
        assert rc == 0
        assert isinstance(decoded, (dict, list, str, int, float, type(None)))


@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from([b"\n", b"wpa_supplicant: ", b"CTRL-EVENT-", b'" reason='])).map(
        b"".join
    ),
    st.text(max_size=5),
    st.text(max_size=5),
    st.binary(max_size=32),
)
def test_any_log_is_read_and_proves_nothing(
    out: bytes, trial: str, ifname: str, ssid: bytes
) -> None:
    assert parse_join_log(Completed(0, out), trial, ifname, Ssid(ssid)).rejections == ()


def test_a_merged_bss_is_still_a_bss() -> None:
    assert all(isinstance(each, Bss) for each in merge([(bss(),), (bss(None),)]))
