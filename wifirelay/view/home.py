# SPDX-License-Identifier: GPL-2.0-or-later
"""What `wifirelay mqtt` publishes: where a router stands, and how Home Assistant shows it.

Knows the payloads and their topics, no broker. Names are made harmless: Home Assistant's JSON
reader refuses a text that is not UTF-8 (`ssid_hex` has the bytes), and a state of its has at most
255 characters. Discovery is one message for each entity: releases before 2024.11 know no other.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wifirelay.change.status import State
from wifirelay.router.verdict import Verdict
from wifirelay.view.picture import (
    Shape,
    internet_up,
    name,
    number,
    part,
    parts,
    text,
    uplink,
)

ONLINE, OFFLINE = "online", "offline"
COMMANDS = {
    "rescan": "Scan",
    "join": "Join the best network",
    "leave": "Leave the uplink",
}
_LONGEST = 250  # characters
_HEX = re.compile(r"([0-9a-f]{2})+")
_TRUTH = {"payload_on": "True", "payload_off": "False"}  # as Home Assistant writes true and false


@dataclass(frozen=True, slots=True)
class Topics:
    """All below one topic of a router's own. `prefix` is Home Assistant's."""

    base: str
    prefix: str

    @property
    def state(self) -> str:
        return f"{self.base}/state"

    @property
    def availability(self) -> str:
        return f"{self.base}/availability"

    @property
    def commands(self) -> str:
        """To publish to: `/NAME` comes behind it."""
        return f"{self.base}/command"

    @property
    def result(self) -> str:
        return f"{self.base}/result"

    @property
    def node(self) -> str:
        """The same as Home Assistant wants an identity: letters, digits, `_` and `-`."""
        return re.sub(r"[^A-Za-z0-9_-]", "_", self.base)

    def config(self, component: str, key: str) -> str:
        return f"{self.prefix}/{component}/{self.node}/{key}/config"


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that Home Assistant shows; `key` is of the state."""

    component: str
    key: str
    title: str
    more: Mapping[str, Any] = field(default_factory=dict)
    always: bool = False  # also known while the router is out of reach


ENTITIES = (
    Entity(
        "binary_sensor",
        "reachable",
        "Router",
        {"device_class": "connectivity", "entity_category": "diagnostic", **_TRUTH},
        always=True,
    ),
    Entity("binary_sensor", "internet_up", "Internet", {"device_class": "connectivity", **_TRUTH}),
    Entity(
        "sensor",
        "internet",
        "Internet probe",
        {
            "device_class": "enum",
            "options": [each.value for each in Verdict],
            "entity_category": "diagnostic",
        },
    ),
    Entity("sensor", "network", "Network", {"icon": "mdi:wifi"}),
    Entity(
        "sensor",
        "uplink",
        "Uplink",
        {"device_class": "enum", "options": [each.value for each in State]},
    ),
    Entity(
        "sensor",
        "signal_dbm",
        "Signal",
        {
            "device_class": "signal_strength",
            "unit_of_measurement": "dBm",
            "state_class": "measurement",
        },
    ),
    Entity("binary_sensor", "own_up", "Own Wi-Fi", {"device_class": "running", **_TRUTH}),
    Entity("sensor", "candidate", "Best candidate", {"icon": "mdi:wifi-star"}),
    Entity(
        "sensor",
        "why",
        "Why",
        {"entity_category": "diagnostic", "icon": "mdi:comment-question-outline"},
    ),
)


def state_object(
    router: str, status: Shape | None, plan: Shape | None, trouble: str = ""
) -> dict[str, Any]:
    """`wifirelay.mqtt/1`: one flat object, null for what is not known.

    `trouble` is why the router cannot be reached; then nothing of before is told.
    """
    service = part(status, "service")
    trouble = trouble or text(service, "unreachable")
    reachable = status is not None and not trouble
    now = status if status is not None and reachable else {}
    up, points = uplink(now), parts(now, "access_points")
    fit = _best(service) or _best(plan) if reachable else None
    hexadecimal, signal = text(up, "ssid_hex"), number(up, "signal_dbm")
    return {
        "schema": "wifirelay.mqtt/1",
        "router": router,
        "reachable": reachable,
        "trouble": trouble[:_LONGEST] or None,
        "network": _name(up, "network"),
        "ssid_hex": hexadecimal if _HEX.fullmatch(hexadecimal) else None,
        "uplink": _word(up, "state", State, State.DISABLED.value) if reachable else None,
        "radio": text(up, "radio")[:_LONGEST] or None,
        "signal_dbm": None if signal is None else round(signal),
        "kept": text(up, "kept")[:_LONGEST] or None,
        "internet": _word(part(now, "internet"), "verdict", Verdict, None),
        "internet_up": internet_up(now) if reachable else None,
        "own_access_points": len(points) if reachable else None,
        "own_access_points_up": _on_air(points) if reachable else None,
        "own_up": _on_air(points) == len(points) if points else None,
        "candidate": fit,
        "why": (text(service, "paused") or text(service, "why"))[:_LONGEST] or None,
    }


def discovery(
    topics: Topics, router: str, version: str, *, commands: bool
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Topics and what is to be retained there; None takes away what was retained before.

    Without `commands` the buttons of an earlier run are taken away.
    """
    here = {"topic": topics.availability}
    there = {
        "topic": topics.state,
        "value_template": "{{ value_json.reachable }}",
        "payload_available": "True",
        "payload_not_available": "False",
    }
    shared = {
        "device": {
            "identifiers": [topics.node],
            "name": topics.base.replace("/", " "),
            "manufacturer": "wifirelay",
            "model": router,
        },
        "origin": {"name": "wifirelay", "sw_version": version},
        "availability_mode": "all",
    }
    for each in ENTITIES:
        yield (
            topics.config(each.component, each.key),
            {
                **shared,
                **each.more,
                "name": each.title,
                "unique_id": f"{topics.node}_{each.key}",
                "availability": [here] if each.always else [here, there],
                "state_topic": topics.state,
                "value_template": f"{{{{ value_json.{each.key} }}}}",
            },
        )
    for key, title in COMMANDS.items():
        button = {
            **shared,
            "name": title,
            "unique_id": f"{topics.node}_{key}",
            "availability": [here, there],
            "command_topic": f"{topics.commands}/{key}",
        }
        yield topics.config("button", key), button if commands else None


def _name(shape: Shape, key: str) -> str | None:
    return name(shape, key)[:_LONGEST] if isinstance(shape.get(key), str) else None


def _word(shape: Shape, key: str, kinds: type[State | Verdict], default: str | None) -> str | None:
    """One of those that Home Assistant was told of, or nothing."""
    found = shape.get(key, default)
    return found if found in [kind.value for kind in kinds] else None


def _on_air(points: list[Shape]) -> int:
    return sum(each.get("on_air") is True for each in points)


def _best(shape: Shape | None) -> str | None:
    fit = (each for each in parts(shape, "candidates") if each.get("eligible") is True)
    return next((_name(each, "network") for each in fit), None)
