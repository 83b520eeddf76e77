# SPDX-License-Identifier: GPL-2.0-or-later
"""For tests of `change` without a process: a router that answers from a list, a clock that only
waiting moves, steps as they were told, and how errors and texts for people have to read.

`at_work` does something on the laboratory's router, where everything is real but time.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.laboratory.lab import Lab
from tests.laboratory.link import Link
from wifirelay.change import scripts
from wifirelay.change.outcome import Progress
from wifirelay.errors import LinkLost, WifirelayError
from wifirelay.sim.timeline import VirtualClock
from wifirelay.transport.base import AllThere, Command, Completed, Following, Transport
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package

Answer = Completed | Exception | Callable[[Command], Completed]
LOST = LinkLost("the link died")
ABBREVIATIONS = frozenset(
    (
        "DHCP",
        "SSH",
        "SSH_CONNECTION",
        "RAM",
        "UCI",
        "LAN",
        "APN",
        "VPN",
        "IP",
        "DNS",
        "NAT",
        "ACCEPT",
        "REJECT",
        "WRONG_KEY",
        "AUTH_FAILED",
        "CONN_FAILED",
        "OWE",
        "WDS",
        "WPA",
        "JSON",
    )
)


def script_texts() -> dict[str, str]:
    """The scripts' own texts by name, as a router gets them."""
    folder = Path(scripts.__file__).parent / "scripts"
    return {
        path.stem: "".join(
            line
            for line in path.read_text("utf-8").splitlines(keepends=True)
            if not line.lstrip().startswith("#")
        )
        for path in folder.glob("*.sh")
    }


TEXTS = script_texts()


def name_of(command: Command) -> str:
    """A command in short: a script's name with its arguments, ubus's object, method and values."""
    words = list(command.argv)
    if words[:2] == ["sh", "-c"]:
        fits = [name for name, text in TEXTS.items() if words[2].endswith(text)]
        return " ".join([max(fits, key=lambda name: len(TEXTS[name])), *words[4:]])
    if words[0] == "ubus" and "call" in words:
        at = words.index("call")
        values = json.loads(words[at + 3]).values() if len(words) > at + 3 else ()
        return " ".join([*words[at + 1 : at + 3], *map(str, values)])
    return " ".join(words)


class Scripted:
    """A transport. What begins with the words of a key is answered so: an error is raised, of a
    list the next one is taken and the last one stays. The rest goes to `inner`, if there is one."""

    def __init__(
        self, answers: Mapping[str, Answer | Sequence[Answer]], inner: Transport | None = None
    ) -> None:
        self._answers: dict[str, list[Answer]] = {
            name: [*each] if isinstance(each, Sequence) else [each]
            for name, each in answers.items()
        }
        self._inner = inner
        self.asked: list[str] = []
        self.commands: list[Command] = []
        self.trips: list[int] = []  # how many commands went in each round trip

    def run(self, command: Command) -> Completed:
        return self.run_all([command])[0]

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        self.trips.append(len(commands))
        return tuple(self._answered(command) for command in commands)

    def follow(self, command: Command) -> Following:
        return AllThere(self.run(command).out.splitlines())

    def close(self) -> None:
        self.asked.append("(closed)")

    def of(self, name: str) -> list[Command]:
        """What was asked of this name."""
        found = zip(self.asked, self.commands, strict=True)
        return [command for asked, command in found if _begins(asked, name)]

    def _answered(self, command: Command) -> Completed:
        asked = name_of(command)
        assert len(self.asked) < 5000, "it asks without an end"
        self.asked.append(asked)
        self.commands.append(command)
        keys = [name for name in self._answers if _begins(asked, name)]
        if not keys:
            assert self._inner is not None, f"nobody expected {asked!r}"
            return self._inner.run(command)
        waiting = self._answers[max(keys, key=len)]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer.with_traceback(None)  # one error may be raised many times
        return answer if isinstance(answer, Completed) else answer(command)


def _begins(asked: str, name: str) -> bool:
    return f"{asked} ".startswith(f"{name} ")


def said(value: object) -> Completed:
    """An answer in JSON."""
    return Completed(0, json.dumps(value).encode())


def failed(rc: int, why: str = "") -> Completed:
    return Completed(rc, err=why.encode())


def info(free: int | None = 10_000_000, memory: int | None = 100_000_000) -> Completed:
    """`ubus call system info` with so many bytes of flash and memory free."""
    answer: dict[str, object] = {"uptime": 100}
    if free is not None:
        answer["root"] = {"total": 100_000, "free": free // 1024, "avail": free // 1024, "used": 1}
    if memory is not None:
        answer["memory"] = {"available": memory}
    return said(answer)


def state(*lines: str, up: int = 1000, alive: int | None = 999) -> Completed:
    """wifirelay's own state on a router whose sentry lives, with these lines more."""
    words = [f"up {up}", "boot b007", "installed"]
    words += [f"alive {alive} 3"] if alive is not None else []
    return Completed(0, "".join(f"{line}\n" for line in (*words, *lines)).encode())


def radios(
    *interfaces: tuple[str, str, str | None, str | None], radio: str = "radio0"
) -> Completed:
    """`network.wireless status` of one radio: each one's section, mode, SSID, and device."""
    rows = []
    for section, mode, ssid, ifname in interfaces:
        row: dict[str, object] = {"section": section, "config": {"mode": mode, "ssid": ssid}}
        rows.append(row | ({"ifname": ifname} if ifname is not None else {}))
    return said({radio: {"up": True, "interfaces": rows}})


def carriers(**devices: bool) -> Completed:
    """`network.device status`: which devices there are (`_` for `-`), and whether they carry."""
    return said({name.replace("_", "-"): {"carrier": on} for name, on in devices.items()})


def uci(package: Package, edits: Iterable[Edit] = ()) -> Completed:
    """`uci get` of a package with these edits staged."""
    values: dict[str, dict[str, object]] = {
        each.name: {
            ".type": each.kind,
            ".anonymous": each.anonymous,
            **{name: v if isinstance(v, str) else list(v) for name, v in each.options.items()},
        }
        for each in package
    }
    for edit in edits:
        if edit.option is not None and edit.verb is Verb.DELETE:
            values[edit.section].pop(edit.option, None)
        elif edit.option is not None:
            values[edit.section][edit.option] = edit.value
    return said({"values": values})


class Ticks:
    """A clock that only waiting moves. `naps` are the waits."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        assert len(self.naps) < 5000, "it waits without an end"
        self.naps.append(seconds)
        self.now += seconds

    def wait(self, seconds: float, wake: int | None = None) -> None:
        del wake
        self.sleep(seconds)


class Steps(list[Progress]):
    """What was reported. Call it to report."""

    def __call__(self, progress: Progress) -> None:
        check_text(progress.text)
        assert (type(progress.done), type(progress.good)) == (bool, bool)
        self.append(progress)

    @property
    def shape(self) -> list[str]:
        """Each step in short: `arm...` begins, `arm` is done, `arm!` is not good."""
        return [
            f"{each.step}{'' if each.done else '...'}{'' if each.good else '!'}" for each in self
        ]

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self]


def check_text(text: str) -> None:
    """How a text for people reads: one line of words, no full stop at its end, no shouting."""
    assert isinstance(text, str)
    assert text == " ".join(text.split())
    assert not text.endswith((".", ":", ";", ","))
    assert not re.search(r"[^.][.?] [a-z]", text), text
    assert "None" not in text
    loud = {
        word
        for word in re.findall(r"[A-Z_]{2,}", text.replace("LuCI", ""))
        if word not in ABBREVIATIONS
    }
    assert not loud, text


@contextmanager
def raised(
    kind: type[WifirelayError], *words: str, hint: str | tuple[str, ...] = ()
) -> Iterator[list[Any]]:
    """An error of exactly this kind comes, holds these words, and its hint those; without words
    for the hint it has none. Gives a list that holds the error afterwards."""
    caught: list[Any] = []
    try:
        yield caught
    except WifirelayError as error:
        assert type(error) is kind, repr(error)
        caught.append(error)
    else:
        raise AssertionError(f"no {kind.__name__}")
    (told,) = caught
    check_text(told.message)
    check_text(told.hint)
    for word in words:
        assert word in told.message, told.message
    hints = (hint,) if isinstance(hint, str) else hint
    for word in hints:
        assert word in told.hint, told.hint
    assert bool(hints) is bool(told.hint), told.hint


def at_work(bench: Lab, work: Callable[[Link, VirtualClock], Any], limit: float = 600.0) -> Any:
    """Do something on the laboratory's router, as a controller does, and give what comes of it.
    What it raises is raised here."""
    results: list[Any] = []
    errors: list[BaseException] = []
    controller = bench.controller()

    def body() -> None:
        try:
            results.append(work(controller.link, controller.clock))
        except (Exception, KeyboardInterrupt) as error:
            errors.append(error)

    process = bench.router.hub.start(body, "work", "controller")
    assert bench.router.hub.run(process, bench.now + limit), "it has not come to an end"
    if errors:
        raise errors[0]
    return results[0]
