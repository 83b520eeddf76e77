# SPDX-License-Identifier: GPL-2.0-or-later
"""What `wifirelay watch` knows at one moment, and what of it is said in words.

Made of the objects of docs/json.md. They may come from a router, so each is read as if it could be
anything: what is missing, or of another kind, is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from wifirelay.values import printable, shown

Shape = Mapping[str, Any]


class Source(str, Enum):
    """Who is asked."""

    SERVICE = "service"  # the files of a service on this machine
    ROUTER_SERVICE = "router-service"  # the object of the service on the router
    ROUTER = "router"
    RECORDING = "recording"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class Picture:
    """One moment. The objects are `wifirelay.status/1`, `scan/1`, `plan/1`; events `run/1`."""

    router: str
    source: Source
    interval: float  # seconds between two looks
    status: Shape | None = None
    scan: Shape | None = None
    plan: Shape | None = None
    events: tuple[Shape, ...] = ()  # oldest first
    signals: tuple[float | None, ...] = ()  # dBm of the uplink at each look, oldest first
    age: float = 0.0  # seconds since the router was seen
    heard_age: float | None = None  # seconds since the scan; None: not known
    online_for: float | None = None  # seconds that the internet has worked
    trouble: str = ""  # why nothing newer is known
    busy: str = ""  # what goes on now


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing to say. `good` is None for what is neither good nor bad."""

    topic: str
    text: str
    good: bool | None = None


def part(shape: object, name: str) -> Shape:
    """An object in an object; an empty one when there is none."""
    found = shape.get(name) if isinstance(shape, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def parts(shape: object, name: str) -> list[Shape]:
    """A list of objects in an object."""
    found = shape.get(name) if isinstance(shape, Mapping) else None
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def text(shape: Shape, name: str) -> str:
    """A message, made harmless; empty when there is none."""
    found = shape.get(name)
    return printable(found) if isinstance(found, str) else ""


def name(shape: Shape, key: str, nameless: str = "(hidden)") -> str:
    """A network's name, made harmless."""
    found = shape.get(key)
    return shown(found) if isinstance(found, str) else nameless


def number(shape: Shape, key: str) -> float | None:
    """A finite number; True and False are none."""
    found = shape.get(key)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    return float(found) if abs(found) < 1e9 else None


def uplink(status: Shape | None) -> Shape:
    """The uplink that is not disabled; an empty object without one."""
    used = (each for each in parts(status, "uplinks") if text(each, "state") != "disabled")
    return next(used, {})


def internet_up(status: Shape | None) -> bool | None:
    """Whether the internet works through the uplink; None when nobody has looked."""
    net = part(status, "internet")
    if not net and text(uplink(status), "state") == "connected":
        return None
    return net.get("verdict") == "online"


def sentences(picture: Picture) -> list[Sentence]:
    """Where the router stands. What changes with every look is left out: strengths, ages."""
    status = picture.status
    if status is None:
        return []
    said = [_uplink(status), _internet(status), _own(status), _staged(status)]
    return [each for each in (*said, _service(picture, status)) if each is not None]


def _uplink(status: Shape) -> Sentence:
    up = uplink(status)
    if not up:
        if status.get("set_up") is False:
            return Sentence("uplink", "this router is not set up: `wifirelay setup`", good=False)
        return Sentence("uplink", "off: at baseline")
    state = text(up, "state")
    words = f"{name(up, 'network', '(no network)')} on {text(up, 'radio')}: {state}"
    return Sentence("uplink", words, good=state == "connected")


def _internet(status: Shape) -> Sentence | None:
    net = part(status, "internet")
    if not net:
        return None
    verdict, why = text(net, "verdict"), text(net, "why")
    good = verdict == "online"
    return Sentence("internet", verdict if good or not why else f"{verdict}: {why}", good=good)


def _own(status: Shape) -> Sentence:
    points = parts(status, "access_points")
    dark = [each for each in points if each.get("on_air") is not True]
    if dark:
        return Sentence("own Wi-Fi", f"OFF THE AIR: {_names(dark)}", good=False)
    if not points:
        return Sentence("own Wi-Fi", "no own access point is configured")
    return Sentence("own Wi-Fi", f"on the air: {_names(points)}", good=True)


def _names(points: list[Shape]) -> str:
    return ", ".join(name(each, "ssid", text(each, "section")) for each in points)


def _staged(status: Shape) -> Sentence | None:
    staged = part(status, "staged")
    own, others = _count(staged, "own"), _count(staged, "foreign")
    said = [f"{own} own edits, not on flash"] if own else []
    if others:
        said.append(f"{others} of somebody else's")
    return Sentence("staged", "; ".join(said), good=False if others else None) if said else None


def _count(shape: Shape, key: str) -> int:
    found = shape.get(key)
    return len(found) if isinstance(found, list) else 0


def _service(picture: Picture, status: Shape) -> Sentence:
    service = part(status, "service")
    if picture.source in (Source.ROUTER, Source.RECORDING):
        served = part(part(status, "sentry"), "served_by")
        if served:
            return Sentence("service", f"looked after by {text(served, 'controller')}")
        return Sentence("service", "none looks after this router")
    where = "on the router" if picture.source is Source.ROUTER_SERVICE else "on this machine"
    if text(service, "paused"):
        return Sentence("service", f"{where}, paused: {text(service, 'paused')}")
    return Sentence("service", f"{where}, {text(service, 'doing')}: {text(service, 'why')}")
