# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings: read, replayed, made; and every way in which a file can be none."""

import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifirelay.errors import ConfigError, LinkLost, NotRecorded, TooLong
from wifirelay.transport.base import MOST, AllThere, Command, Completed, Following
from wifirelay.transport.recorded import (
    FORMAT,
    Exchange,
    RecordedTransport,
    Recording,
    RecordingTransport,
    canonical,
    load_recording,
    parse_recording,
    save_recording,
)
from wifirelay.transport.recordfile import LARGEST
from wifirelay.values import Secret

DATA = Path(__file__).parent / "data/recordings"
RECORDINGS = sorted(DATA.glob("*.jsonl"))
HEADER = json.dumps({"format": FORMAT, "made": "2026-01-01T00:00:00Z", "note": "n"})
ROW: dict[str, Any] = {"at": 0, "argv": ["a"], "stdin": None, "rc": 0, "out": "", "err": ""}
SCAN = '{\n\t"results": [\n\t\t{\n\t\t\t"ssid": "Home",\n\t\t\t"signal": -50\n\t\t}\n\t]\n}\n'


def ubus(*words: str) -> Command:
    return Command(("ubus", *words))


def rows(*changes: dict[str, Any]) -> str:
    return "\n".join([HEADER, *(json.dumps({**ROW, **change}) for change in changes), ""])


def replay(*changes: dict[str, Any]) -> RecordedTransport:
    return RecordedTransport(parse_recording(rows(*changes), "f"))


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_a_real_recording_answers_each_of_its_commands(path: Path, tmp_path: Path) -> None:
    recording = load_recording(str(path))
    assert recording.made
    assert recording.note
    transport = RecordedTransport(recording)
    for each in recording.exchanges:
        answer = transport.run(Command(each.argv))
        assert (answer.text, answer.errors) == (each.out, each.err)
        assert answer.rc == each.rc
    save_recording(recording, str(tmp_path / "copy"))
    assert load_recording(str(tmp_path / "copy")) == recording


def test_flags_and_the_order_of_json_do_not_matter() -> None:
    transport = replay(
        {"argv": ["ubus", "call", "a", "b", '{"x":1,"y":[{"p":1,"q":2}]}'], "out": "one"},
        {"argv": ["ubus", "call", "a", "c"], "out": "two"},
    )
    same = '{ "y" : [ {"q":2, "p":1} ],\n"x": 1 }'
    for flags in ([], ["-S"], ["-t", "5"], ["-t5"], ["-S", "-t", "5"], ["-t", "5", "-S"]):
        assert transport.run(ubus(*flags, "call", "a", "b", same)).out == b"one"
        assert transport.run(ubus(*flags, "call", "a", "c", "{}")).out == b"two"
    with pytest.raises(NotRecorded):
        transport.run(ubus("call", "a", "b", '{"x":1,"y":[{"p":2,"q":2}]}'))
    with pytest.raises(NotRecorded):
        transport.run(Command(("uci", "-S", "call", "a", "c")))


@pytest.mark.parametrize(
    "argv", [(), ("ubus",), ("ubus", "-t"), ("ubus", "-S"), ("x", "{"), ("[",)]
)
def test_odd_commands_have_a_canonical_form_too(argv: tuple[str, ...]) -> None:
    assert canonical(canonical(argv)) == canonical(argv)


def test_the_nth_time_the_nth_answer_the_last_one_repeated() -> None:
    transport = replay({"out": "1"}, {"argv": ["b"], "out": "b"}, {"out": "2"}, {"out": "3"})
    asked = [transport.run(Command(("a",))).out for _ in range(5)]
    assert asked == [b"1", b"2", b"3", b"3", b"3"]
    assert transport.run_all([Command(("b",)), Command(("a",))])[0].out == b"b"


def test_a_command_that_was_never_recorded_is_named() -> None:
    transport = replay({})
    for ask in (transport.run, transport.follow, lambda command: transport.run_all([command])):
        with pytest.raises(NotRecorded, match="`uci show wireless`") as caught:
            ask(Command(("uci", "show", "wireless")))
        assert caught.value.exit_code == 8
        assert caught.value.hint
    transport.close()


def test_followed_lines_are_the_recorded_ones() -> None:
    for out, lines in (("a\n\nb\n", [b"a", b"", b"b"]), ("a\nb", [b"a", b"b"]), ("", [])):
        followed = replay({"out": out}).follow(Command(("a",)))
        assert followed.ended == (not lines)
        assert followed.lines(1000.0) == lines
        assert followed.ended
        assert followed.lines(1000.0) == []
        followed.close()


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "is empty"),
        (" \n\n", 1, "is empty"),
        ("config wifi-device 'radio0'\n", 1, "neither a recording nor JSON"),
        (SCAN[:40], 5, "neither a recording nor JSON"),
        ("[" * 100_000, 1, "nested too deep"),
        ("[]", 1, 'with "results"'),
        ("3", 1, 'with "results"'),
        ('{"result": []}', 1, 'with "results"'),
        ('{"results": {}}', 1, 'with "results"'),
        ('{"results": [1]}', 1, 'with "results"'),
        ('{"format": "wifirelay-recording/2"}\n', 1, "has the format 'wifirelay-recording/2'"),
        ('{"format": 1}', 1, "has the format 1"),
        (json.dumps(ROW) + "\n" + json.dumps(ROW), 2, "neither a recording nor JSON"),
        (rows({}) + "{}", 3, "lacks at, argv, stdin, rc, out, err"),
        (rows({})[:-9], 2, "not JSON, or cut off"),
        (rows({}, {})[: len(rows({})) + 20], 3, "not JSON, or cut off"),
        (rows({}) + "[]", 3, "not an exchange"),
        (rows({"argv": []}), 2, "`argv`"),
        (rows({"argv": "uci show"}), 2, "`argv`"),
        (rows({"argv": [1]}), 2, "`argv`"),
        (rows({"out": None}), 2, "`out`"),
        (rows({"stdin": 1}), 2, "`stdin`"),
        (rows({"rc": True}), 2, "`rc`"),
        (rows({"rc": "0"}), 2, "`rc`"),
        (rows({"at": None}), 2, "`at`"),
        (rows({"out": "\ud800"}), 2, "half a character"),
        (HEADER + "\n\n" + '{"at": \x1b[31m', 3, r"cut off"),
    ],
)
def test_a_file_that_is_no_recording(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError) as caught:
        load_recording(str(path))
    assert caught.value.exit_code == 2
    assert f"{path}, line {line}: " in caught.value.message
    assert problem in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.hint


@pytest.mark.parametrize("name", ["missing", ".", "nul\0byte"])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot read the recording"):
        load_recording(str(tmp_path / name) if name != "nul\0byte" else name)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """A stranger's, with millions of lines: refused before it is read as text."""
    path = tmp_path / "large.jsonl"
    path.touch()
    os.truncate(path, LARGEST + 1)
    with pytest.raises(ConfigError, match="more than 64 MiB"):
        load_recording(str(path))


def test_an_answer_that_no_router_gives_in_full() -> None:
    """Twenty megabytes of JSON would take minutes, and gigabytes of memory."""
    exchange = Exchange(0.0, ("ubus", "list"), None, 0, "x" * (MOST + 1), "")
    with pytest.raises(TooLong, match="`ubus list` answered more than"):
        RecordedTransport(Recording((exchange,))).run(Command(("ubus", "list")))


@given(st.text(max_size=200))
def test_any_text_is_a_recording_or_a_config_error(text: str) -> None:
    try:
        parse_recording(text, "f")
    except ConfigError as error:
        assert error.message.startswith("f, line ")


class TestBareScan:
    @pytest.mark.parametrize("text", [SCAN, json.dumps(json.loads(SCAN)), "\ufeff\n" + SCAN])
    def test_one_scan_serves_as_a_recording(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "scan").write_text(text)
        transport = RecordedTransport(load_recording(str(tmp_path / "scan")))
        answer = transport.run(ubus("-S", "call", "iwinfo", "scan", '{"device":"radio0"}'))
        assert json.loads(answer.out) == json.loads(SCAN)

    def test_the_router_around_it_has_the_shapes_of_a_real_one(self) -> None:
        made_up = parse_recording(SCAN, "f")
        real = RecordedTransport(load_recording(str(DATA / "baseline.jsonl")))
        for each in made_up.exchanges:
            if "freqlist" in each.argv:
                assert each.rc == 4
                continue
            was = json.loads(real.run(Command(each.argv)).out)
            if "scan" not in each.argv:
                assert_within(json.loads(each.out), was)

    def test_it_is_set_up_and_its_radio_has_no_band(self) -> None:
        transport = RecordedTransport(parse_recording(SCAN, "f"))

        def ask(*words: str) -> Any:
            return json.loads(transport.run(ubus("call", *words)).out)

        wireless = ask("uci", "get", '{"config":"wireless"}')["values"]
        assert "band" not in wireless["radio0"]
        assert "disabled" not in wireless["radio0"]
        assert wireless["wifirelay"]["disabled"] == "1"
        assert wireless["wifirelay"]["network"] == "wwan"
        assert ask("uci", "get", '{"config":"network"}')["values"]["wwan"]["proto"] == "dhcp"
        zones = ask("uci", "get", '{"config":"firewall"}')["values"].values()
        (wan,) = [zone for zone in zones if zone.get("name") == "wan"]
        assert wan["network"] == ["wan", "wan6", "wwan", "wwan6"]
        assert ask("uci", "changes", "{}") == {"changes": {}}
        assert ask("network.wireless", "status")["radio0"]["interfaces"][0]["ifname"] == "phy0-ap0"
        assert ask("network.device", "status", '{"name":"phy0-ap0"}')["carrier"] is True
        assert ask("system", "board")["release"]["version"] == "24.10.0"


def assert_within(made_up: Any, real: Any) -> None:
    """What is made up has no member of another type than the real answer has."""
    if isinstance(made_up, dict) and isinstance(real, dict):
        for key in made_up.keys() & real.keys():
            assert_within(made_up[key], real[key])
    else:
        assert type(made_up) is type(real)


class Fake:
    """A transport that answers from a table."""

    def __init__(self, answers: dict[tuple[str, ...], Completed]) -> None:
        self.answers = answers
        self.closed = False

    def run(self, command: Command) -> Completed:
        if command.argv not in self.answers:
            raise LinkLost("cut")
        return self.answers[command.argv]

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        return tuple(self.run(command) for command in commands)

    def follow(self, command: Command) -> Following:
        return Twos(self.run(command).out.splitlines())

    def close(self) -> None:
        self.closed = True


class Twos(AllThere):
    """Two lines at a time."""

    def lines(self, seconds: float, wake: int | None = None) -> list[bytes]:
        lines, self._lines = self._lines[:2], self._lines[2:]
        return lines


class Ticking:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        self.now += 0.25
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def wait(self, seconds: float, wake: int | None = None) -> None:
        self.now += seconds


def test_what_passes_is_noted_with_secrets_masked(tmp_path: Path) -> None:
    secret = b'{"key": "hunter2 hunter2", "ssid": "\xff"}'
    inner = Fake(
        {
            ("uci", "batch"): Completed(0, b"", b"uci: bad: hunter2 hunter2\n"),
            ("ubus", "x"): Completed(0, secret),
            ("b",): Completed(3, b"\0raw\xfe", b"e"),
            ("listen",): Completed(0, b"one\ntwo\nthree"),
            ("uci", "get", "wireless.a.key"): Completed(0, b"other secret\n"),
        }
    )
    transport = RecordingTransport(inner, Ticking(), secrets=[Secret("hunter2 hunter2")])
    stdin = b"set wireless.a.key='not known'\nset wireless.a.ssid='\xff'\n"
    assert transport.run(Command(("uci", "batch"), stdin)).err == b"uci: bad: hunter2 hunter2\n"
    answers = transport.run_all([Command(("ubus", "x")), Command(("b",))])
    assert answers[0].out == secret
    with pytest.raises(LinkLost):
        transport.run(Command(("lost",)))
    lines = transport.follow(Command(("listen",)))
    assert lines.lines(1.0) == [b"one", b"two"]
    assert not lines.ended
    lines.close()
    lines.close()
    transport.run(Command(("uci", "get", "wireless.a.key")))
    transport.close()
    assert inner.closed

    path = tmp_path / "made.jsonl"
    transport.save(str(path), note="about hunter2 hunter2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["made.jsonl"]
    assert not any(word in path.read_text() for word in ("hunter2", "not known", "other secret"))
    made = load_recording(str(path))
    assert made.note == "about ***"
    assert made.made.endswith("Z")
    assert made.exchanges == (
        Exchange(
            0.25,
            ("uci", "batch"),
            "set wireless.a.key='***'\nset wireless.a.ssid='\udcff'\n",
            0,
            "",
            "uci: bad: ***\n",
        ),
        Exchange(0.5, ("ubus", "x"), None, 0, '{"key": "***", "ssid": "\udcff"}', ""),
        Exchange(0.5, ("b",), None, 3, "\0raw\udcfe", "e"),
        Exchange(1.0, ("listen",), None, 0, "one\ntwo\n", ""),
        Exchange(1.25, ("uci", "get", "wireless.a.key"), None, 0, "***\n", ""),
    )
    assert RecordedTransport(made).run(Command(("b",))) == inner.answers["b",]


def test_followed_lines_are_noted_when_the_command_ends() -> None:
    inner = Fake({("listen",): Completed(0, b"one\ntwo\nthree\n"), ("x",): Completed(0)})
    transport = RecordingTransport(inner, Ticking())
    lines = transport.follow(Command(("listen",)))
    transport.run(Command(("x",)))
    assert [*lines.lines(1.0), *lines.lines(1.0)] == [b"one", b"two", b"three"]
    assert lines.ended
    lines.close()
    noted = transport.recording().exchanges
    assert [(each.at, each.argv, each.out) for each in noted] == [
        (0.5, ("x",), ""),
        (0.25, ("listen",), "one\ntwo\nthree\n"),
    ]


def test_an_anonymous_recording(tmp_path: Path) -> None:
    scan = json.dumps({"results": [{"ssid": "Marina", "bssid": "AA:BB:CC:DD:EE:FF"}]}).encode()
    log = b'wpa: ssid="Marina" with aa:bb:cc:dd:ee:ff at 192.168.77.5\n'
    inner = Fake({("ubus", "scan"): Completed(0, scan), ("logread",): Completed(0, log)})
    transport = RecordingTransport(inner, Ticking(), anonymous=True)
    transport.run_all([Command(("logread",)), Command(("ubus", "scan"))])
    first, second = transport.recording(made="x").exchanges
    assert first.out == 'wpa: ssid="ssid-1" with 02:00:00:00:00:01 at 192.168.1.5\n'
    assert json.loads(second.out) == {"results": [{"ssid": "ssid-1", "bssid": "02:00:00:00:00:01"}]}


def test_a_recording_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot write"):
        save_recording(Recording(()), str(tmp_path / "missing/file"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match="cannot write"):
        save_recording(Recording(()), str(tmp_path / "folder"))
    assert os.listdir(tmp_path) == ["folder"]
