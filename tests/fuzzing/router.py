# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole router out of one JSON object: read, planned for, shown, recorded, replayed.

No answer of a router may make `scan`, `plan`, `status` or `record` fail but in the documented
way, nor let anything but plain lines reach a terminal.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from tests.fuzzing.feeding import Parser, feed, harmless, text_of
from tests.fuzzing.seeds import key_of, routers
from wifirelay.change.onrouter import parse_on_router
from wifirelay.change.scripts import read_state_script
from wifirelay.change.status import read_status
from wifirelay.clock import SystemClock
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.plan import make_plan
from wifirelay.core.radios import radio_names
from wifirelay.errors import NotRecorded, RouterAnswer
from wifirelay.router.observe import listen, observe
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.transport.base import AllThere, Command, Completed, Following, Transport
from wifirelay.transport.recorded import RecordedTransport, RecordingTransport, anonymous
from wifirelay.transport.shell import quote
from wifirelay.values import Secret, Ssid
from wifirelay.view.air import scan_lines, scan_object
from wifirelay.view.plan import plan_lines, plan_object
from wifirelay.view.status import status_line, status_lines, status_object

STATE = read_state_script().argv
KEY = "the key of a known network"
LAB = ("HomeNet", "Office5G", "CafeOpen", "AirportFree")


class Answers:
    """A router that answers each command as an object says, and nothing to all others."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def run(self, command: Command) -> Completed:
        quote(command.argv)  # what cannot be sent to a router is a mistake already
        key = "state" if command.argv == STATE else key_of(command.argv)
        if key not in self._answers:
            if key == "state":
                raise NotRecorded("a recording of long ago")
            return Completed(4)
        found = self._answers[key]
        text = found if isinstance(found, str) else json.dumps(found)
        return Completed(0, text.encode("utf-8", "surrogatepass"))

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        return tuple(self.run(command) for command in commands)

    def follow(self, command: Command) -> Following:
        return AllThere(self.run(command).out.split(b"\n"))

    def close(self) -> None:
        """Nothing is held."""


def _answers(data: bytes) -> Answers:
    try:
        found = json.loads(text_of(data), strict=False)
    except (ValueError, RecursionError):
        found = None
    return Answers(found if isinstance(found, dict) else {})


def _known(heard: tuple[Bss, ...]) -> list[KnownNetwork]:
    """The lab's networks, and whatever is heard first."""
    names = [Ssid.of(name) for name in LAB] + [bss.ssid for bss in heard[:3] if bss.ssid]
    return [
        KnownNetwork(ssid, Secret(KEY) if number % 2 == 0 else None, priority=number % 3)
        for number, ssid in enumerate(dict.fromkeys(names))
    ]


def _look(transport: Transport) -> tuple[Router, tuple[Bss, ...]]:
    router = observe(transport)
    return listen(transport, router, radio_names(router.wireless, Relay()))


def _planned(data: bytes) -> None:
    router, heard = _look(_answers(data))
    known = _known(heard)
    plan = make_plan(router, heard, known, Relay())
    told = json.dumps(plan_object(plan))
    lines = plan_lines(plan, verbose=True)
    harmless(lines)
    assert KEY not in told + "".join(lines)
    for edit in plan.edits:
        assert edit.section.startswith("wifirelay")
        if not edit.section.startswith("@"):
            edit.line()
    for each in known[:2]:
        make_plan(router, heard, known, Relay(), chosen=each.ssid)


def _scanned(data: bytes) -> None:
    router, heard = _look(_answers(data))
    lines = scan_lines(heard, _known(heard))
    harmless(lines)
    assert len(lines) == max(1, len(heard) + bool(heard))
    json.loads(json.dumps(scan_object(router.channels, heard, ())))


def _status(data: bytes) -> None:
    status = read_status(_answers(data), recorded="state" not in text_of(data))
    harmless(status_lines(status))
    line = status_line(status)
    harmless([line])
    assert "uplink None" not in line
    json.loads(json.dumps(status_object(status)))


def _recorded(data: bytes) -> None:
    """What is recorded gives the same when it is replayed, with names and without."""
    transport = RecordingTransport(_answers(data), SystemClock(), secrets=[Secret(KEY)])
    before = _look(transport)
    with suppress(RouterAnswer):
        read_status(transport, probing=False)
    recording = transport.recording("a note", "2026-01-01T00:00:00Z")
    again = _look(RecordedTransport(recording))
    assert again[1] == before[1]
    assert again[0].interfaces == before[0].interfaces
    assert len(anonymous(recording).exchanges) == len(recording.exchanges)


PARSERS = (
    Parser("plan", _planned, (RouterAnswer,)),
    Parser("scan", _scanned, (RouterAnswer,)),
    Parser("status", _status, (RouterAnswer,)),
    Parser("record", _recorded, (RouterAnswer,)),
)


def target(data: bytes) -> None:
    feed(PARSERS, data)


def seeds() -> Iterator[bytes]:
    parse_on_router(Completed(0, STATE_TEXT.encode()))
    for data in routers():
        yield data
        yield json.dumps({**json.loads(data), "state": STATE_TEXT}).encode()


STATE_TEXT = """up 937
boot 6b0ff0b2-0c0a-4a55-9b3f-0d9a5d3bd3f1
installed
paused the uplink was left, as asked
alive 935 1
ended 0123456789abcdef 6b0ff0b2 1000
ended HomeNet
ended x
ended rolled-back sentry deadline passed
lock/owner 00aa11bb 990 laptop (boot 6b0ff0b2) pid 1
service/owner 00aa11cc 990 OpenWrt (boot 6b0ff0b2) pid 2
held.wifirelay HomeNet
"""
WORDS = (
    *("system board", "uci get wireless", "uci changes", "network.wireless status", "state"),
    *("network.interface dump", "network.device status", "iwinfo scan", "iwinfo freqlist"),
    *("iwinfo assoclist", "iwinfo info", "wifi-iface", "wifi-device", "wifirelay", "radio0"),
    *("values", "results", "interface", "interfaces", "section", "ifname", "phy0-sta0", "wwan"),
    *("HomeNet", "ssid", "disabled", "0", "1", "up", "l3_device", "device", "encryption"),
    *("network", "mode", "sta", "ap", "authorized", "mac", "carrier", "route", "target"),
)
