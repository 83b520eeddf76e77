# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells whoever wants to know, each thing once."""

from dataclasses import replace
from typing import Any, Protocol

from wifirelay.change.outcome import Progress
from wifirelay.clock import Clock
from wifirelay.core.moves import Do, Move
from wifirelay.service.events import Event, Kind, Standing
from wifirelay.values import Ssid


class Reporter(Protocol):
    """Who is told."""

    def event(self, event: Event) -> None: ...

    def standing(self, standing: Standing) -> None: ...

    def progress(self, progress: Progress) -> None:
        """A step of a trial."""


class Store(Protocol):
    """Where the policy's memory outlives the process, in RAM."""

    def load(self) -> object:
        """What was saved, or None; checked by whoever takes it up."""

    def save(self, memory: dict[str, Any]) -> None: ...


class Teller:
    """Tells the reporter each thing once: what is still so is not said again."""

    def __init__(self, reporter: Reporter, clock: Clock) -> None:
        self.standing = Standing(clock.monotonic(), Move(Do.WAIT, "starting"))
        self._reporter, self._clock = reporter, clock
        self._said: tuple[Kind, str] | None = None

    def say(self, kind: Kind, text: str, ssid: Ssid | None = None, cause: str = "") -> None:
        """Something happened."""
        if self._said != (kind, text):
            self._said = (kind, text)
            self._reporter.event(Event(self._clock.monotonic(), kind, text, ssid, cause))
            self.stand()

    def stand(self, **changes: Any) -> None:
        """Where the service stands now: these fields are new."""
        self.standing = replace(self.standing, at=self._clock.monotonic(), **changes)
        self._reporter.standing(self.standing)
