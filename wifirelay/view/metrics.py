# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a router stands, as numbers for a monitoring system: docs/metrics.md has each name.

Made of `wifirelay.status/1`, which may come from a router: read as if it could be anything. The
number of series is bounded. A BSSID or a text that says why is no label: with each new one there
would be one more series, for ever.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from wifirelay.change.status import State
from wifirelay.router.verdict import Verdict
from wifirelay.service.events import Kind
from wifirelay.view.exposition import Family, Sample, label
from wifirelay.view.picture import Shape, internet_up, number, part, parts, text, uplink

MOST_POINTS = 32  # own access points that are told one by one

INFO = Family(
    "wifirelay_info",
    "gauge",
    "Which wifirelay tells this, and of which router; always 1.",
    ("version", "router"),
)
ROUTER_UP = Family(
    "wifirelay_router_up",
    "gauge",
    "1 when the router, or a service that reaches it, told where it stands.",
)
ROUTER_INFO = Family(
    "wifirelay_router_info", "gauge", "What the router is; always 1.", ("model", "release")
)
SET_UP = Family("wifirelay_set_up", "gauge", "1 when `wifirelay setup` was done on the router.")
UPLINK_UP = Family(
    "wifirelay_uplink_up", "gauge", "1 when an uplink is associated and has an address."
)
UPLINK_STATE = Family(
    "wifirelay_uplink_state", "gauge", "1 for the state that the uplink is in.", ("state",)
)
UPLINK_INFO = Family(
    "wifirelay_uplink_info",
    "gauge",
    "The network of the uplink, and the radio that it is on; always 1.",
    ("network", "radio"),
)
UPLINK_KEPT = Family(
    "wifirelay_uplink_kept_on_flash", "gauge", "1 when the uplink outlives a reboot."
)
SIGNAL = Family("wifirelay_uplink_signal_dbm", "gauge", "Strength of the uplink in dBm.")
INTERNET_UP = Family(
    "wifirelay_internet_up",
    "gauge",
    "1 when the internet answered through the uplink; 0 without an uplink, too.",
)
INTERNET_STATE = Family(
    "wifirelay_internet_state", "gauge", "1 for what the last probe found.", ("verdict",)
)
POINTS = Family(
    "wifirelay_own_access_points", "gauge", "Access points of the owner that are configured."
)
POINTS_UP = Family(
    "wifirelay_own_access_points_up", "gauge", "Access points of the owner that are on the air."
)
POINT_UP = Family(
    "wifirelay_own_access_point_up",
    "gauge",
    "1 when this access point of the owner is on the air.",
    ("section", "radio", "ssid"),
)
SENTRY_UP = Family("wifirelay_sentry_up", "gauge", "1 when the sentry on the router lives.")
SENTRY_HOLDING = Family(
    "wifirelay_sentry_holding", "gauge", "Own sections that the sentry keeps disabled for now."
)
TRIAL = Family("wifirelay_trial_running", "gauge", "1 while a trial is not ended.")
STAGED = Family(
    "wifirelay_staged_edits", "gauge", "Edits that are staged and not on flash.", ("owner",)
)
SERVICE_UP = Family(
    "wifirelay_service_up", "gauge", "1 when a service looks after the router and tells this."
)
SERVICE_PAUSED = Family("wifirelay_service_paused", "gauge", "1 while the service changes nothing.")
SERVICE_SEEN = Family(
    "wifirelay_service_seen_timestamp_seconds",
    "gauge",
    "When the service had last something new to tell, by its clock, in seconds since 1970.",
)
ONLINE = Family(
    "wifirelay_service_online_since_timestamp_seconds",
    "gauge",
    "Since when the internet has worked, by the service's clock; left out while it does not.",
)
CANDIDATES = Family(
    "wifirelay_candidates",
    "gauge",
    "Access points of known networks in the service's last decision.",
    ("eligible",),
)
EVENTS = Family(
    "wifirelay_events_total",
    "counter",
    "What the service has told since it began, by kind.",
    ("kind",),
)
FAMILIES = (
    *(INFO, ROUTER_UP, ROUTER_INFO, SET_UP, UPLINK_UP, UPLINK_STATE, UPLINK_INFO, UPLINK_KEPT),
    *(SIGNAL, INTERNET_UP, INTERNET_STATE, POINTS, POINTS_UP, POINT_UP, SENTRY_UP, SENTRY_HOLDING),
    *(TRIAL, STAGED, SERVICE_UP, SERVICE_PAUSED, SERVICE_SEEN, ONLINE, CANDIDATES, EVENTS),
)


def metrics(router: str, version: str, status: Shape | None) -> list[Sample]:
    """By family, in the order of FAMILIES; what is not known is left out, not 0.

    `router` is as `--router` names it. `status` is None while it cannot be reached. While a
    service cannot reach it, what it saw last is not told as if it were so.
    """
    service = part(status, "service")
    there = status is not None and not text(service, "unreachable")
    return [
        Sample(INFO, 1, (version, router)),
        Sample(ROUTER_UP, there),
        *(_router(status) if status is not None and there else ()),
        *(_service(service) if status is not None else ()),
    ]


def metrics_object(
    router: str, samples: Iterable[Sample], file: str | None = None
) -> dict[str, Any]:
    """`wifirelay.metrics/1`."""
    return {
        "schema": "wifirelay.metrics/1",
        "router": router,
        "file": file,
        "metrics": [
            {
                "name": family.name,
                "type": family.kind,
                "help": family.help,
                "samples": [
                    {
                        "labels": dict(zip(family.labels, map(label, each.labels), strict=True)),
                        "value": float(each.value),
                    }
                    for each in group
                ],
            }
            for family, group in groupby(samples, key=lambda sample: sample.family)
        ],
    }


def _router(status: Shape) -> Iterator[Sample]:
    yield Sample(ROUTER_INFO, 1, (_raw(status, "model"), _raw(status, "release")))
    if isinstance(status.get("set_up"), bool):
        yield Sample(SET_UP, status["set_up"])
    yield from _uplink(uplink(status))
    works, net = internet_up(status), part(status, "internet")
    if works is not None:
        yield Sample(INTERNET_UP, works)
    if net:
        yield from _one_of(INTERNET_STATE, Verdict, net.get("verdict"))
    points = parts(status, "access_points")
    yield Sample(POINTS, len(points))
    yield Sample(POINTS_UP, sum(each.get("on_air") is True for each in points))
    told = {}
    for each in points[:MOST_POINTS]:
        names = (_raw(each, "section"), _raw(each, "radio"), _raw(each, "ssid"))
        told[tuple(map(label, names))] = Sample(POINT_UP, each.get("on_air") is True, names)
    yield from told.values()
    sentry = part(status, "sentry")
    if sentry:
        yield Sample(SENTRY_UP, sentry.get("alive") is True)
        yield Sample(SENTRY_HOLDING, _count(sentry, "holding"))
        yield Sample(TRIAL, bool(part(sentry, "unfinished_trial")))
    staged = part(status, "staged")
    if staged:
        yield from (Sample(STAGED, _count(staged, who), (who,)) for who in ("own", "foreign"))


def _uplink(up: Shape) -> Iterator[Sample]:
    state = up.get("state", State.DISABLED.value)
    yield Sample(UPLINK_UP, state == State.CONNECTED.value)
    yield from _one_of(UPLINK_STATE, State, state)
    if not up:
        return
    yield Sample(UPLINK_INFO, 1, (_raw(up, "network"), _raw(up, "radio")))
    yield Sample(UPLINK_KEPT, up.get("kept") == "flash")
    signal = number(up, "signal_dbm")
    if signal is not None:
        yield Sample(SIGNAL, signal)


def _service(service: Shape) -> Iterator[Sample]:
    yield Sample(SERVICE_UP, bool(service))
    if not service:
        return
    yield Sample(SERVICE_PAUSED, bool(text(service, "paused")))
    seen = _moment(text(service, "when"))
    if seen is not None:
        yield Sample(SERVICE_SEEN, seen)
        online = number(service, "online_seconds")
        if online is not None:  # of that moment: a moment does not grow old in a file
            yield Sample(ONLINE, seen - online)
    candidates = parts(service, "candidates")
    fit = sum(each.get("eligible") is True for each in candidates)
    yield Sample(CANDIDATES, fit, ("true",))
    yield Sample(CANDIDATES, len(candidates) - fit, ("false",))
    told = part(service, "events")
    if told:  # a service of before these were counted does not tell them
        for kind in Kind:
            yield Sample(EVENTS, number(told, kind.value) or 0, (kind.value,))


def _one_of(family: Family, kinds: Iterable[State | Verdict], found: object) -> Iterator[Sample]:
    for kind in kinds:
        yield Sample(family, kind.value == found, (kind.value,))


def _raw(shape: Shape, key: str) -> str:
    """A name as it came; the exposition makes it harmless."""
    found = shape.get(key)
    return found if isinstance(found, str) else ""


def _count(shape: Shape, key: str) -> int:
    found = shape.get(key)
    return len(found) if isinstance(found, list) else 0


def _moment(when: str) -> float | None:
    """Seconds since 1970 of a time of day with its offset, as the service writes it."""
    try:
        return datetime.strptime(when, "%Y-%m-%dT%H:%M:%S%z").timestamp()
    except (ValueError, OverflowError):
        return None
