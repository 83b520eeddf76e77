# SPDX-License-Identifier: GPL-2.0-or-later
"""What many routers answered, for programs (`wifirelay.many/1`) and for people: a line for each.

Works on the answers' own JSON, whose texts come from routers and from the air.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from wifirelay.values import Ssid, printable
from wifirelay.view.table import columns

WORST = (1, 7, 130, 8, 6, 5, 3, 2, 4)  # the worst first


@dataclass(frozen=True, slots=True)
class Answered:
    """One router's answer; `answer` is the command's object, or an error's."""

    name: str
    target: str
    exit: int
    seconds: float
    answer: dict[str, Any]


def worst_exit(codes: Sequence[int]) -> int:
    """The exit code of all together: 0 when all are, else the worst of them."""
    if not any(codes):
        return 0
    return next((code for code in WORST if code in codes), 1)


def many_object(command: str, answers: Sequence[Answered]) -> dict[str, Any]:
    return {
        "schema": "wifirelay.many/1",
        "command": command,
        "routers": [
            {
                "name": each.name,
                "target": each.target,
                "exit": each.exit,
                "seconds": round(each.seconds, 1),
                "answer": each.answer,
            }
            for each in answers
        ],
    }


def head_line(width: int) -> str:
    return f"{'ROUTER'.ljust(width)}  SECONDS  ANSWER"


def answer_line(each: Answered, width: int) -> str:
    """One line; the text comes last, with nothing behind it that it could forge."""
    name = printable(each.name)
    gap = " " * (width - columns(name))
    return printable(f"{name}{gap}  {each.seconds:>7.1f}  {_said(each)}")


def end_lines(answers: Sequence[Answered]) -> list[str]:
    """How many there are of each kind, and what to do about those that failed."""
    failed = [each for each in answers if each.exit]
    good = len(answers) - len(failed)
    lines = ["", f"{good} of {len(answers)} routers done"]
    if failed:
        told = ", ".join(f"{each.name} ({each.exit})" for each in failed)
        lines[-1] += f"; failed: {told}"
    hints: dict[str, list[str]] = {}
    for each in failed:
        if each.answer.get("hint"):
            hints.setdefault(str(each.answer["hint"]), []).append(each.name)
    lines += [f"  {', '.join(names)}: {hint}" for hint, names in hints.items()]
    return [printable(line) for line in lines]


def _said(each: Answered) -> str:
    kind = str(each.answer.get("schema")).removeprefix("wifirelay.").removesuffix("/1")
    if kind == "error":
        return f"FAILED ({each.exit}): {each.answer['error']}"
    return _SAID[kind](each.answer) if kind in _SAID else "answered"


def _scan(answer: dict[str, Any]) -> str:
    heard = answer["bss"]
    known = [each for each in heard if each["known"]]
    text = f"{_count(len(heard), 'access point')}, {len(known)} of known networks"
    if known:
        text += f"; strongest of them {_ssid(known[0]['ssid'])}, {known[0]['signal_dbm']} dBm"
    return text


def _plan(answer: dict[str, Any]) -> str:
    decision = answer["decision"]
    return f"{decision['action']}: {decision['why']}"


def _join(answer: dict[str, Any]) -> str:
    uplink = answer["uplink"]
    if uplink is None:
        return f"nothing to do: {answer['why']}"
    signal = f", {uplink['signal_dbm']} dBm" if uplink["signal_dbm"] is not None else ""
    note = f" {uplink['note']}" if uplink["note"] else ""
    return (
        f"joined {_ssid(answer['network'])} ({uplink['bssid']}{signal}) on {uplink['radio']}, "
        f"{uplink['address']}; kept: {uplink['kept']}{note}"
    )


def _status(answer: dict[str, Any]) -> str:
    parts = []
    uplinks = [each for each in answer["uplinks"] if each["network"] is not None]
    for each in uplinks[:1]:
        signal = f", {each['signal_dbm']} dBm" if each["signal_dbm"] is not None else ""
        parts.append(f"{_ssid(each['network'])} {each['state']} on {each['radio']}{signal}")
    if not uplinks:
        parts.append("no uplink")
    if answer["internet"] is not None:
        parts.append(answer["internet"]["verdict"])
    own = answer["access_points"]
    parts.append(
        f"{sum(each['on_air'] for each in own)} of {len(own)} own access points on the air"
    )
    if not answer["set_up"]:
        parts.append("not set up")
    sentry = answer["sentry"]
    if sentry is not None and answer["set_up"] and not sentry["alive"]:
        parts.append("NO SENTRY")
    if sentry is not None and sentry["unfinished_trial"] is not None:
        parts.append("in a trial")
    if answer["staged"]["foreign"]:
        parts.append("somebody's staged edits")
    return "; ".join(parts)


def _history(answer: dict[str, Any]) -> str:
    events = answer["history"]
    if not events:
        return "no events"
    return f"{_count(len(events), 'event')}; the last, {events[-1]['when']}: {events[-1]['text']}"


def _doctor(answer: dict[str, Any]) -> str:
    bad = [each for each in answer["findings"] if each["verdict"] in ("problem", "warning")]
    problems = [each for each in bad if each["verdict"] == "problem"]
    text = f"{_count(len(problems), 'problem')}, {_count(len(bad) - len(problems), 'warning')}"
    names = [" ".join(filter(None, (each["check"], each["about"]))) for each in problems or bad]
    return f"{text}: {', '.join(names)}" if names else text


def _trust(answer: dict[str, Any]) -> str:
    return f"{answer['action']}: {answer['type']} {answer['fingerprint']}"


def _ssid(text: str) -> str:
    return str(Ssid.of(text))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


_SAID: dict[str, Callable[[dict[str, Any]], str]] = {
    "scan": _scan,
    "plan": _plan,
    "join": _join,
    "status": _status,
    "history": _history,
    "doctor": _doctor,
    "trust": _trust,
}
