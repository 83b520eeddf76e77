# SPDX-License-Identifier: GPL-2.0-or-later
"""What a fuzzer begins with: the lab's recordings, cut down to what a parser looks at."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from wifirelay.transport.recorded import Exchange, canonical, load_recording

DATA = Path(__file__).resolve().parent.parent / "data"
LONGEST = 6000  # bytes of a seed
ROWS = 4  # of a list that is cut


@cache
def exchanges() -> tuple[Exchange, ...]:
    """Every answer of every recording, each once."""
    found: dict[tuple[tuple[str, ...], str], Exchange] = {}
    for path in sorted((DATA / "recordings").glob("*.jsonl")):
        for each in load_recording(str(path)).exchanges:
            found.setdefault((each.argv, each.out), each)
    return tuple(found.values())


def cut(value: Any, rows: int = ROWS) -> Any:
    """The same shape with fewer rows in its lists, and fewer members in big objects."""
    if isinstance(value, list):
        return [cut(each, rows) for each in value[:rows]]
    if isinstance(value, dict):
        return {key: cut(each, rows) for key, each in list(value.items())[: rows * 5]}
    return value


def short(value: Any) -> bytes:
    """As JSON, cut until it is no longer than a seed may be."""
    for rows in (ROWS, 2, 1):
        text = json.dumps(cut(value, rows), separators=(",", ":"), ensure_ascii=False)
        data = text.encode("utf-8", "surrogateescape")
        if len(data) <= LONGEST:
            return data
    return data[:LONGEST]


def ubus_answers() -> Iterator[bytes]:
    """One of each kind of call, and those that differ."""
    count: dict[tuple[str, ...], int] = {}
    for each in exchanges():
        if each.argv[:1] != ("ubus",) or each.rc != 0 or not each.out.strip().startswith("{"):
            continue
        kind = canonical(each.argv)[1:4]
        count[kind] = count.get(kind, 0) + 1
        if count[kind] <= 3:
            yield short(json.loads(each.out, strict=False))


def outputs(*words: str, most: int = 3) -> Iterator[bytes]:
    """What programs other than ubus printed; `words` are the first of their commands."""
    given = 0
    for each in exchanges():
        if each.argv[: len(words)] == words and each.out and given < most:
            given += 1
            yield each.out.encode("utf-8", "surrogateescape")[: LONGEST // 4]


def key_of(argv: tuple[str, ...]) -> str:
    """A command in short: `iwinfo scan`, `uci get wireless`, `logread`."""
    words = canonical(argv)
    if words[:2] != ("ubus", "call"):
        return words[0] if words[0] != "sh" else "sh"
    key = f"{words[2]} {words[3]}"
    if key == "uci get":
        key += f" {json.loads(words[4]).get('config')}"
    return key


def routers() -> Iterator[bytes]:
    """Whole routers: an object with the answer to each command, by its short name."""
    for path in sorted((DATA / "recordings").glob("*.jsonl")):
        answers: dict[str, Any] = {}
        for each in load_recording(str(path)).exchanges:
            key = key_of(each.argv)
            if key in answers or each.rc != 0 or not each.out.lstrip().startswith("{"):
                continue
            if key == "iwinfo assoclist" and '"mac"' not in each.out:
                continue
            rows = {"iwinfo scan": 8, "network.interface dump": 6}.get(key, 2)
            answers[key] = cut(json.loads(each.out, strict=False), rows)
        wanted = {key: answers[key] for key in ROUTER_KEYS if key in answers}
        text = json.dumps(wanted, separators=(",", ":"), ensure_ascii=False)
        yield text.encode("utf-8", "surrogateescape")


ROUTER_KEYS = (
    *("system board", "system info", "uci get wireless", "uci changes", "network.wireless status"),
    *("network.interface dump", "network.device status", "iwinfo scan", "iwinfo freqlist"),
    *("iwinfo assoclist", "iwinfo info"),
)
