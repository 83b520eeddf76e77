# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay watch` without a screen: a line for the state, then one for each change."""

from collections.abc import Mapping
from typing import Any

from wifirelay.values import printable
from wifirelay.view.picture import Picture, Sentence, Shape, Source, sentences, text

# What differs at every look while nothing happens.
_RESTLESS = frozenset({"when", "online_seconds", "seconds_left"})


def state_line(picture: Picture) -> str:
    """All that there is to say, in one line."""
    said = "; ".join(f"{each.topic} {each.text}" for each in sentences(picture))
    if picture.trouble:
        said = f"{said}; {picture.trouble}" if said else picture.trouble
    return printable(f"{picture.router}: {said or 'nothing is known yet'}")


def change_lines(before: Picture, after: Picture) -> list[str]:
    """What is new, a line each: what is said of the router, and what a service tells."""
    lines = []
    if after.trouble != before.trouble:
        lines.append(after.trouble or "the router answers again")
    if before.status is None and after.status is not None:
        lines.append(state_line(after))
    else:
        lines += _told_anew(sentences(before), sentences(after))
    if after.source in (Source.SERVICE, Source.ROUTER_SERVICE):
        lines += [event_text(each) for each in new_events(before.events, after.events)]
    return [printable(line) for line in lines]


def _told_anew(was: list[Sentence], now: list[Sentence]) -> list[str]:
    topics = {each.topic for each in now}
    gone = [f"{each.topic}: nothing any more" for each in was if each.topic not in topics]
    return [f"{each.topic}: {each.text}" for each in now if each not in was] + gone


def new_events(before: tuple[Shape, ...], after: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Those after the last one of before; all when that is there no more."""
    last = before[-1] if before else None
    places = [number for number, each in enumerate(after) if each == last]
    return after[places[-1] + 1 :] if places else after


def event_text(event: Shape) -> str:
    """One event: time of day, kind, what happened."""
    return f"{text(event, 'when')[11:19]}  {text(event, 'kind')}  {text(event, 'text')}"


def settled(value: Any) -> Any:
    """The value without what differs at every look."""
    if isinstance(value, Mapping):
        return {key: settled(each) for key, each in value.items() if key not in _RESTLESS}
    return [settled(each) for each in value] if isinstance(value, list) else value


def watch_object(picture: Picture, when: str) -> dict[str, Any]:
    """`wifirelay.watch/1`. `when` is the time of day, ISO 8601."""
    return {
        "schema": "wifirelay.watch/1",
        "when": when,
        "router": picture.router,
        "source": picture.source.value,
        "trouble": picture.trouble or None,
        "status": picture.status,
    }
