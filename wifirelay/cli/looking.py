# SPDX-License-Identifier: GPL-2.0-or-later
"""One look at a router for `wifirelay watch`, at the least cost: a service knows, or it is asked.

Changes nothing. A scan is made only when it is asked for.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wifirelay.change.prospect import prospect
from wifirelay.change.status import Status, read_status
from wifirelay.cli.context import Context
from wifirelay.cli.status import read_history
from wifirelay.cli.telling import when
from wifirelay.cli.trying import refuse_made_up
from wifirelay.clock import SystemClock
from wifirelay.core.radios import radio_names
from wifirelay.router.observe import listen, observe
from wifirelay.service.folder import PLAN, SCAN, STATUS, Folder, folder_for
from wifirelay.transport.base import Command, Completed
from wifirelay.transport.target import Kind
from wifirelay.view.air import scan_object
from wifirelay.view.picture import Source
from wifirelay.view.plan import plan_object
from wifirelay.view.status import status_object
from wifirelay.web.installed import PLUGIN
from wifirelay.web.looks import Looks
from wifirelay.web.seen import Timeline

Shape = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found. `scanned`: the scan is of this look."""

    source: Source
    status: Shape | None
    scan: Shape | None
    plan: Shape | None
    events: tuple[Shape, ...]
    scanned: bool = False


class Looking:
    """At one router. For one thread."""

    def __init__(self, context: Context, doing: Callable[[str], None]) -> None:
        """`doing` is told what takes long now. Raises what opening the router raises."""
        self._context, self._doing = context, doing
        self._opened = context.opened()
        self._relay, self._known = context.relay, context.known
        target = self._opened.target
        alone = target.kind in (Kind.SIM, Kind.RECORDING)
        self._folder = None if alone else Folder(folder_for(str(target)))
        self._may_serve = not alone
        self._clock = SystemClock()
        self._looks = Looks(self._opened.transport, self._clock, self._relay.vpn)
        self._timeline = Timeline(self._clock, when)
        self._heard: tuple[Shape, Shape] | None = None

    def look(self, *, scan: bool) -> Seen:
        """`scan`: listen anew, where that is ours to do. Raises TransportError, RouterAnswer."""
        if self._folder is not None and self._folder.lives() is not None:
            status = self._folder.read_json(STATUS)
            if isinstance(status, dict):
                return self._of_service(self._folder, status)
        if self._may_serve and (seen := self._of_router_service(ask_scan=scan)) is not None:
            return seen
        return self._of_router(scan=scan)

    def _of_service(self, folder: Folder, status: Shape) -> Seen:
        events = tuple(read_history(folder))
        found = (folder.read_json(SCAN), folder.read_json(PLAN))
        air, plan = (each if isinstance(each, dict) else None for each in found)
        return Seen(Source.SERVICE, status, air, plan, events)

    def _of_router_service(self, *, ask_scan: bool) -> Seen | None:
        """The answers of the object on the router; None when no service answers there."""
        names = ["status", "scan", "plan", "history", *(["rescan"] if ask_scan else [])]
        commands = [Command((PLUGIN, "call", each)) for each in names]
        answers = [_answer(each) for each in self._opened.transport.run_all(commands)]
        status, air, plan, history = answers[:4]
        if _of("status", status) is None and status.get("exit") != 4:  # 4: not known yet
            self._may_serve = bool(status)  # without the object none is asked for again
            return None
        events = history.get("history")
        return Seen(
            Source.ROUTER_SERVICE,
            _of("status", status),
            _of("scan", air),
            _of("plan", plan),
            tuple(each for each in events if isinstance(each, dict))
            if isinstance(events, list)
            else (),
        )

    def _of_router(self, *, scan: bool) -> Seen:
        status = self._status()
        self._timeline.look(status)
        if scan:
            self._hear()
        air, plan = self._heard or (None, None)
        source = Source.RECORDING if self._opened.dry else Source.ROUTER
        events = tuple(self._timeline.events())
        return Seen(source, status_object(status), air, plan, events, scanned=scan)

    def _status(self) -> Status:
        if not self._opened.dry:
            return self._looks.status()
        status = read_status(self._opened.transport, recorded=True)
        refuse_made_up(status.board)
        return status

    def _hear(self) -> None:
        transport = self._opened.transport
        self._doing("scanning")
        router = observe(transport)
        radios = radio_names(router.wireless, self._relay)
        router, heard = listen(transport, router, radios)
        _, plan = prospect(transport, router, heard, self._known, self._relay)
        self._heard = (scan_object(radios, heard, self._known), plan_object(plan))


def _answer(completed: Completed) -> Shape:
    """An object of the plugin's; an empty one for anything else."""
    try:
        found = json.loads(completed.text) if completed.rc == 0 else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _of(name: str, shape: Shape) -> Shape | None:
    return shape if shape.get("schema") == f"wifirelay.{name}/1" else None
