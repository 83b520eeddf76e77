# SPDX-License-Identifier: GPL-2.0-or-later
"""The service for programs (`wifirelay.run/1`, and in `wifirelay.status/1`) and for people."""

from collections.abc import Mapping
from typing import Any

from wifirelay.core.candidates import Candidate, Current
from wifirelay.core.moves import Do
from wifirelay.core.plan import Action, Decision, Plan, working_uplink
from wifirelay.service.events import Air, Event, Standing
from wifirelay.values import printable, span
from wifirelay.view.plan import candidate_object, named, remembered_lines


def event_object(event: Event, when: str) -> dict[str, Any]:
    """`when` is the time of day, ISO 8601, as this machine's clock has it."""
    return {
        "schema": "wifirelay.run/1",
        "at": round(event.at, 2),
        "when": when,
        "kind": event.kind.value,
        "text": event.text,
        **named("network", event.ssid),
        "cause": event.cause or None,
    }


def event_line(event: Event) -> str:
    """As the log has it."""
    return printable(f"{event.kind.value:<13} {event.text}")


def history_lines(history: list[dict[str, Any]]) -> list[str]:
    """`wifirelay status --history`: oldest first."""
    return [
        printable(f"{str(each.get('when'))[:19]}  {each.get('kind')!s:<13} {each.get('text')}")
        for each in history
    ]


def service_object(
    standing: Standing, controller: str, pid: int, when: str, events: Mapping[str, int]
) -> dict[str, Any]:
    """Where the service stands, for `wifirelay.status/1`. `events` are counted by kind."""
    move = standing.move
    seconds = None if standing.online_since is None else standing.at - standing.online_since
    return {
        "controller": controller,
        "pid": pid,
        "when": when,
        "doing": move.do.value,
        "why": move.why,
        "online_seconds": None if seconds is None else round(seconds),
        "unreachable": standing.unreachable or None,
        "paused": standing.paused or None,
        "candidates": [candidate_object(each) for each in standing.candidates],
        "events": dict(events),
    }


def standing_plan(air: Air) -> Plan:
    """What the service would do, and why: as `wifirelay plan` tells it, with all that the
    service remembers. No edits: it makes them when it joins."""
    standing = air.standing
    uplink = working_uplink(standing.seen.router, air.relay) if standing.seen is not None else None
    mine = next((each for each in standing.candidates if _on(each, uplink)), None)
    why = standing.paused or standing.move.why
    action = Action.NOTHING if uplink is None else Action.STAY
    return Plan(Decision(action, why, mine), standing.candidates, air.ignored)


def _on(candidate: Candidate, uplink: Current | None) -> bool:
    return uplink is not None and (candidate.network.ssid, candidate.radio) == (
        uplink.ssid,
        uplink.radio,
    )


def suspects(standing: Standing) -> dict[tuple[str, str | None], str]:
    """What of the air may be an evil twin, as `scan_object` wants it."""
    return {
        (each.radio, each.bss.bssid): each.suspect
        for each in standing.candidates
        if each.bss is not None and each.suspect is not None
    }


def service_lines(standing: Standing, controller: str) -> list[str]:
    """The same, to stand above a status."""
    lines = [f"service     {controller}"]
    if standing.unreachable:
        lines.append(f"            the router is out of reach: {standing.unreachable}")
    if standing.paused:
        lines.append(f"            paused: {standing.paused}")
    elif standing.move.do is Do.WAIT:
        lines.append(f"            waiting: {standing.move.why}")
    else:
        lines.append(f"            {standing.move.do.value}: {standing.move.why}")
    if standing.online_since is not None:
        lines.append(f"            online for {span(standing.at - standing.online_since)}")
    lines += [
        f"            not {each.network.ssid}: {each.why_not}"
        for each in standing.candidates[:5]
        if not each.eligible
    ]
    lines += [f"            {line}" for line in remembered_lines(standing.candidates)]
    return [printable(line) for line in lines]
