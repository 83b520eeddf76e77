# SPDX-License-Identifier: GPL-2.0-or-later
"""What reaches a service and its owner: events, requests, answers, its files, logs of the air."""

import json
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

from tests.fuzzing.feeding import Parser, feed, harmless, text_of
from wifirelay.change.asking import _raised, _told, joined_from
from wifirelay.change.outcome import Joined
from wifirelay.change.scripts import script
from wifirelay.cli.status import _understood as history_of
from wifirelay.config.model import Settings
from wifirelay.core.habits import Habits
from wifirelay.core.known import KnownNetwork
from wifirelay.core.memory import Memory
from wifirelay.core.stay import Stay
from wifirelay.errors import (
    ConfigError,
    NothingToJoin,
    Refused,
    RouterAnswer,
    TrialFailed,
    UsageError,
)
from wifirelay.evaluation.timeline_file import read_timeline, write_timeline
from wifirelay.router.scan import Bss
from wifirelay.service.asked import understood
from wifirelay.service.report import Teller
from wifirelay.service.requests import Requests
from wifirelay.service.watch import _understood
from wifirelay.transport.base import AllThere, Command, Completed, Following
from wifirelay.values import Band, Security, Ssid, printable
from wifirelay.view.service import history_lines

NOW = 1000.0
STATE = b"up 1000\nboot b\ninstalled\nalive 999\n"
ASKED = "0123456789abcdef"
ANSWER = script("answer").argv[:3]


class _Router:
    """Tells its own state, and takes answers, which it keeps."""

    def __init__(self, told: bytes = b"") -> None:
        self.told, self.answers = told, list[bytes]()

    def run(self, command: Command) -> Completed:
        if command.argv[:3] == ANSWER:
            self.answers.append(command.stdin or b"")
        return Completed(0, self.told or STATE)

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        return tuple(map(self.run, commands))

    def follow(self, command: Command) -> Following:
        return AllThere(self.run(command).out.split(b"\n"))

    def close(self) -> None:
        """Nothing is held."""


class _Silent:
    """A reporter whom nobody reads."""

    def event(self, event: Any) -> None:
        harmless([printable(event.text)])

    standing = progress = air = known = lambda self, value: None


class _Busy:
    """A service that cannot do now what it is asked."""

    settings = Settings()

    def __getattr__(self, name: str) -> Any:
        raise Refused(f"no {name} now")


def _requested(data: bytes) -> None:
    """Events of anybody: answered once when they have an id, and never more."""
    happened = _understood(data.split(b"\n"))
    router = _Router()
    clock = SimpleNamespace(monotonic=lambda: NOW)
    teller = Teller(cast(Any, _Silent()), cast(Any, clock))
    requests = Requests(cast(Any, _Busy()), router, teller)
    for request in happened.requests[:4]:
        requests.note(request)
    requests.take_all(happened.requests[:4])
    for answer in router.answers:
        assert json.loads(answer)["state"] in ("taken", "done")
    for request in happened.requests[:4]:
        try:
            meant = understood(request, None)
        except (NothingToJoin, UsageError):
            continue
        assert meant.ssid is None or 0 < len(meant.ssid.raw) <= 32
        assert meant.priority is None or abs(meant.priority) <= 1000


def _answered(data: bytes) -> None:
    """The answer of a service, as a person's command reads it."""
    answer = _told(_Router(data or b"x"), ASKED)
    if answer is None:
        return
    done = _raised(answer)
    found = joined_from(done.get("joined"))
    assert found is None or isinstance(found, Joined)
    harmless([printable(repr(found))])


def _remembered(data: bytes) -> None:
    """A file of what was remembered is taken up as a whole, or not at all."""
    try:
        stored = json.loads(text_of(data), strict=False)
    except (ValueError, RecursionError):
        return
    memory = Memory(Habits())
    empty = memory.as_json()
    try:
        memory.load(stored, NOW)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        assert memory.as_json() == empty
        return
    _used(memory)
    json.dumps(memory.as_json())


def _used(memory: Memory) -> None:
    """What the policy asks of it next."""
    names = {Ssid(b"HomeNet"), *memory._losses}
    bss = Bss("radio0", "02:00:00:00:00:01", Ssid(b"HomeNet"), 6, Band.GHZ2, -50, Security.PSK2)
    remembered = memory.at(NOW, [bss])
    for ssid in names:
        memory.trusted(NOW, ssid)
        remembered.term(ssid, bss)
        harmless([remembered.why_not(KnownNetwork(ssid), bss) or ""])
    memory.chosen(NOW)
    memory.troubles.next_end(NOW)
    memory.keep_at(NOW, cast(Stay, SimpleNamespace(good_since=NOW, tried_to_keep=None)))


def _history(data: bytes) -> None:
    harmless(history_lines(list(history_of(text_of(data).splitlines()))))


def _timeline(data: bytes) -> None:
    """A world of a file, written and read again, is the same world."""
    world = read_timeline(text_of(data), "a file")
    again = read_timeline(write_timeline(world), "a file")
    assert again.seconds == world.seconds
    told = {each.bssid: each.ssid for each in world.tracks}
    assert all(told[each.bssid] == each.ssid for each in again.tracks)
    assert {each.bssid for each in again.tracks} >= {
        each.bssid for each in world.tracks if each.steps[0].at < world.seconds
    }
    for track in again.tracks:
        track.at(world.seconds / 2)


PARSERS = (
    Parser("requests", _requested),
    Parser("answers", _answered, (RouterAnswer, NothingToJoin, TrialFailed, UsageError, Refused)),
    Parser("memory", _remembered),
    Parser("history", _history),
    Parser("timeline", _timeline, (ConfigError,)),
)


def target(data: bytes) -> None:
    feed(PARSERS, data)


_JOINED = {
    "ssid_text": "HomeNet",
    "radio": "radio0",
    "bssid": "02:00:00:00:00:01",
    "signal": -50,
    "address": "10.0.0.2/24",
    "kept": "flash",
    "note": "",
    "seconds": 16.5,
    "internet": "online",
    "portal": "",
}
_TROUBLE = {
    "ssid_hex": "486f6d654e6574",
    "bssid": None,
    "cause": "wrong-key",
    "times": 2,
    "at": 900.0,
    "until": 1200.0,
    "signal": -60,
}
_TIMELINE = (
    "at,bssid,ssid,channel,signal,reachable,security,known,priority,metered,width\n"
    "0,02:00:00:00:00:01,HomeNet,6,-50,yes,psk2,yes,3,no,20\n"
    '60,02:00:00:00:00:02,"A ""b"", c",36,-60,portal,open,no,0,yes,80\n'
    "120.5,02:00:00:00:00:01,HomeNet,6,,no,psk2,yes,3,no,20\n"
)


def seeds() -> Iterator[bytes]:
    for do in ("join", "leave", "scan", "run", "nothing", "dance"):
        request = {"id": ASKED, "until": 1010, "do": do, "ssid_hex": "486f6d654e6574"}
        yield json.dumps({"wifirelay.request": request}).encode()
    yield b'{"wifirelay.poke":{"interface":"wwan"}}\n{"network.interface":{"action":"ifup"}}'
    yield json.dumps({"state": "done", "exit": 0, "joined": _JOINED, "action": "join"}).encode()
    for code in (1, 2, 4, 5, 6, 7, 8):
        answer = {"state": "done", "exit": code, "error": "e", "hint": "h", "cause": "c"}
        yield json.dumps(answer).encode()
    memory = {"proved": ["00ff"], "troubles": [_TROUBLE], "commits": [10.0, 999.0]}
    losses = [{"ssid_hex": "486f6d654e6574", "at": [1.0, 990.5]}]
    chosen = {"ssid_hex": "00", "until": 2000.0}
    yield json.dumps({**memory, "losses": losses, "chosen": chosen}).encode()
    yield json.dumps({**memory, "losses": [], "chosen": None}).encode()
    past = {
        "places": [[7, "00", 5, "DE:48:10:00"]],
        "proofs": [["00", "02:00:00:00:00:01", "psk2", 7, 5]],
    }
    yield json.dumps({**memory, "losses": losses, "chosen": chosen, **past}).encode()
    event = {"when": "2026-11-23T12:00:00+0000", "kind": "joined", "text": "online"}
    yield (json.dumps(event) + "\n" + json.dumps(event)[:-9]).encode()
    yield _TIMELINE.encode()
    yield _TIMELINE.replace("\n", "\r\n").encode()


WORDS = (
    *("wifirelay.request", "wifirelay.poke", "network.interface", "interface", "id", "until"),
    *("do", "join", "leave", "scan", "run", "nothing", "ssid_hex", ASKED, "state", "done"),
    *("exit", "error", "hint", "cause", "joined", "internet", "online", "ssid_text", "kept"),
    *("places", "proofs", "DE:48:10:00"),
    *("proved", "troubles", "commits", "chosen", "losses", "at", "times", "bssid", "signal"),
    *("wrong-key", "dead-dhcp", "vanished", "lost", "when", "kind", "text", "yes", "no"),
    *("portal", "psk2", "owe", "sae-mixed", "02:00:00:00:00:01", "known", "metered", "width"),
    *('""', '"', ",", "\r\n", "1e5", "nan", "Infinity", "1_0", "\u0663", "at,bssid,ssid"),
)
