# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings: their files, the replay, secrets masked, names taken out."""

import json
import os
from collections.abc import Iterator

from tests.fuzzing.feeding import Parser, feed, text_of
from tests.fuzzing.seeds import exchanges, outputs, short
from tests.fuzzing.yaml_config import FOLDER
from wifirelay.errors import ConfigError
from wifirelay.transport.anonymous import Anonymizer
from wifirelay.transport.base import Command
from wifirelay.transport.masking import Masker
from wifirelay.transport.recorded import (
    FORMAT,
    RecordedTransport,
    Recording,
    anonymous,
    canonical,
    load_recording,
    parse_recording,
    save_recording,
)
from wifirelay.values import Secret

PATH = os.path.join(FOLDER, "recording.jsonl")
SECRET = "hunter2 hunter2"
MASKER = Masker([Secret(SECRET), Secret("123"), Secret("46664466")])


def _parsed(data: bytes) -> Recording:
    return parse_recording(text_of(data), "a recording")


def _replayed(data: bytes) -> None:
    """Every recorded command is answered, byte for byte, and the file is the same again."""
    recording = _parsed(data)
    transport = RecordedTransport(recording)
    for each in recording.exchanges:
        key = canonical(each.argv)
        assert canonical(key) == key
        answer = transport.run(Command(each.argv))
        assert (answer.rc, answer.text, answer.errors) == (each.rc, each.out, each.err)
    for each in recording.exchanges[:1]:
        transport.follow(Command(each.argv)).lines(0)
    save_recording(recording, PATH)
    again = load_recording(PATH)
    assert again.exchanges == recording.exchanges


def _anonymous(data: bytes) -> None:
    recording = _parsed(data)
    found = anonymous(recording)
    assert len(found.exchanges) == len(recording.exchanges)
    assert [each.rc for each in found.exchanges] == [each.rc for each in recording.exchanges]
    for each in found.exchanges:
        for text in (*each.argv, each.out, each.err):
            text.encode("utf-8", "surrogateescape")


def _masked(data: bytes) -> None:
    """A known secret is nowhere left, and what was masked stays as it is."""
    text = text_of(data)
    masked = MASKER.text(f"{text[: len(text) // 2]}{SECRET}{text[len(text) // 2 :]}")
    assert SECRET not in masked
    for argv in (("uci", "get", "wireless.x.key"), ("ubus", "call", "uci", "get", text)):
        MASKER.output(argv, text)
    once = Masker().text(text)
    assert Masker().text(once) == once, ascii(text)


def _unnamed(data: bytes) -> None:
    text = text_of(data)
    names = Anonymizer()
    names.learn(text)
    for argv in (("logread",), ("ubus", "call", "x", "y"), ("uci", "show")):
        names.text(argv, text).encode("utf-8", "surrogateescape")


PARSERS = (
    Parser("replay", _replayed, (ConfigError,)),
    Parser("a recording without names", _anonymous, (ConfigError,)),
    Parser("masking", _masked),
    Parser("names in a text", _unnamed),
)


def target(data: bytes) -> None:
    feed(PARSERS, data)


def seeds() -> Iterator[bytes]:
    header = json.dumps({"format": FORMAT, "made": "", "note": ""})
    rows = [
        {"at": each.at, "argv": each.argv, "stdin": each.stdin, "rc": each.rc, "out": each.out}
        for each in exchanges()
        if len(each.out) < 1500
    ]
    for start in range(0, min(len(rows), 60), 6):
        lines = [json.dumps({**row, "err": ""}) for row in rows[start : start + 6]]
        yield "\n".join([header, *lines, ""]).encode()
    scan = next(each for each in exchanges() if "scan" in each.argv and "results" in each.out)
    yield short(json.loads(scan.out, strict=False))
    for words in (("uci", "show"), ("uci", "export"), ("logread",), ("iw",), ("wifi",)):
        yield from outputs(*words, most=2)
    yield b"wireless.x.key='it'\\''s'\n\toption key 'abc'\n psk=\"abc def\"\n"
    yield b'{"option":"key"} ["set","wifirelay","key","x"] "key": ["a","b"] "password": 12'
    yield b"dnsmasq-dhcp: DHCPACK(br-lan) 192.168.1.7 02:00:00:00:00:01 laptop\n"
    yield b'1764000000 02:00:00:00:00:01 192.168.1.7 laptop 01:02\n SSID: Home\n ESSID: "x"\n'
    yield b"fe80::1 2001:db8::1:2 10.1.2.3/24 172.16.5.4 100.64.1.1 8.8.8.8 ff02::1 ::ffff:1.2.3.4"


WORDS = (
    *('{"format":"wifirelay-recording/1"}\n', '"at":', '"argv":', '"stdin":', '"rc":', '"out":'),
    *('"err":', "ubus", "-S", "-t", "-s", "call", '"ssid":"', '"key":"', '"hostname":"', "option "),
    *("list ", "ssid", "key", "'\\''", "wireless.x.key=", ".ssid=", "psk=", 'ssid="', "SSID='"),
    *(" freq=", "ESSID: ", "DHCPACK(", ") ", "02:00:00:00:00:01", "192.168.1.1", "fe80::1", "***"),
    *(SECRET, "46664466", '["set","x","key","', "identity", "\\x1b", "\\udcff", "\\u0000", "\n"),
)
