# SPDX-License-Identifier: GPL-2.0-or-later
"""What the service tells, written where people and programs look: log, status, history."""

import json
import os
import sys
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from wifirelay.change.outcome import Progress
from wifirelay.change.status import status_of
from wifirelay.cli.context import Context
from wifirelay.config.model import Settings
from wifirelay.router.board import Board
from wifirelay.router.scan import Bss
from wifirelay.service.events import Air, Event, Kind, Standing
from wifirelay.service.folder import (
    HISTORY,
    LINES,
    MEMORY,
    NETWORKS,
    OWNER,
    PLAN,
    SCAN,
    STATUS,
    Folder,
)
from wifirelay.service.light import Light, shine
from wifirelay.view.air import scan_object
from wifirelay.view.networks import networks_object
from wifirelay.view.plan import plan_object
from wifirelay.view.service import (
    event_line,
    event_object,
    service_lines,
    service_object,
    standing_plan,
    suspects,
)
from wifirelay.view.status import status_lines, status_object

if TYPE_CHECKING:
    from wifirelay.service.hooks import Told

KEPT = 200  # events of the history
FINISH = 60.0  # seconds that hooks have when a service ends by itself


class Telling:
    """A service's `Reporter` and `Store`. Without a folder nothing but the log is written."""

    def __init__(
        self, context: Context, folder: Folder | None, controller: str, *, here: bool = False
    ) -> None:
        """`here`: the service runs on the router itself, whose light it may use."""
        self._context, self._folder, self._controller = context, folder, controller
        self._json = context.args.json
        self._board = Board("unknown model", "", "", "", "")
        self._history: deque[str] = deque(maxlen=KEPT)  # as JSON: a third of the memory
        self._counts: dict[str, int] = {}  # events by kind, since the start
        self._remembered = ""
        self._heard: tuple[Bss, ...] | None = None  # as of the last scan that was written
        self._here = here
        self._light: Light | None = None
        self._hooks: list[Told] = []
        self._wrong: list[str] = []  # with hooks; told with the next standing
        self._at = 0.0
        if folder is not None:
            folder.forget()  # what one that was killed has left
            folder.write(OWNER, str(os.getpid()))
            self._history.extend((folder.read(HISTORY) or "").splitlines())

    def event(self, event: Event) -> None:
        line = json.dumps(event_object(event, when()))
        self._history.append(line)
        self._counts[event.kind.value] = self._counts.get(event.kind.value, 0) + 1
        with suppress(OSError):  # a log that cannot be written is no reason to stop
            self._log(event, line)
        if self._folder is not None:
            self._folder.write(HISTORY, (f"{each}\n" for each in self._history))
        for hook in self._hooks:
            hook.tell(event, line)

    def _complain(self) -> None:
        while self._wrong:
            self.event(Event(self._at, Kind.TROUBLE, self._wrong.pop(0), cause="hook"))

    def _log(self, event: Event, line: str) -> None:
        if self._json:
            print(line, flush=True)
        else:
            stamp = f"{time.strftime('%H:%M:%S')}  " if sys.stderr.isatty() else ""
            self._context.say(stamp + event_line(event))

    def standing(self, standing: Standing) -> None:
        self._at = standing.at
        self._complain()
        if self._light is not None:
            self._light.show(shine(standing))
        if self._folder is None or standing.seen is None:
            return
        seen = standing.seen
        status = status_of(
            seen.board or self._board,
            seen.router,
            seen.state,
            standing.link,
            standing.internet,
            standing.vpn,
        )
        pid = os.getpid()
        service = service_object(standing, self._controller, pid, when(), self._counts)
        self._folder.write_json(STATUS, status_object(status, service))
        lines = [*service_lines(standing, self._controller), *status_lines(status)]
        self._folder.write(LINES, "\n".join(lines) + "\n")

    def air(self, air: Air) -> None:
        if self._folder is None:
            return
        if self._heard is not air.heard:
            self._heard = air.heard
            found = scan_object(air.radios, air.heard, air.known, suspects(air.standing))
            self._folder.write_json(SCAN, found)
        self._folder.write_json(PLAN, plan_object(standing_plan(air)))

    def known(self, settings: Settings) -> None:
        if self._folder is not None:
            shape = networks_object("list", settings.source, settings.networks)
            self._folder.write_json(NETWORKS, shape)
        if self._light is not None:
            self._light.off()
        self._light = Light(settings.led) if settings.led and self._here else None
        if self._light is not None and not self._light.there:
            self._context.say(f"warning: this router has no LED {settings.led}: none is lit")
            self._light = None
        # The day of a simulated world is nobody's news, unless a file was named for it.
        hooks = settings.hooks if self._folder or self._context.args.config else ()
        if hooks != tuple([each.hook for each in self._hooks]):
            from wifirelay.service.hooks import Told  # costs memory

            self._unhook(0.0)
            self._hooks = [Told(hook, self._wrong) for hook in hooks]

    def _unhook(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for hook in self._hooks:
            hook.end(until)
        self._hooks = []
        self._complain()

    def end(self, seconds: float = FINISH) -> None:
        """The service has ended: what it wrote about the router is not so any more. Hooks have
        `seconds` to be told the rest."""
        self._unhook(seconds)
        if self._light is not None:
            self._light.off()
        if self._folder is not None:
            self._folder.forget()

    def progress(self, progress: Progress) -> None:
        if self._context.args.verbose and not self._json:
            with suppress(OSError):
                self._context.progress(progress)

    def load(self) -> object:
        """What the service remembered when it ended, on this machine, since its boot."""
        return self._folder.remembered() if self._folder is not None else None

    def save(self, memory: dict[str, Any]) -> None:
        if self._folder is None:
            return
        text = self._folder.remember(memory)
        if text != self._remembered:
            self._remembered = text
            self._folder.write(MEMORY, text)


def when() -> str:
    """The time of day, as this machine has it: ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
