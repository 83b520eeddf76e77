# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells whoever wants to know, each thing once."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

from wifirelay.change.outcome import Progress
from wifirelay.clock import Clock
from wifirelay.config.model import Settings
from wifirelay.core.candidates import Candidate, Ignored
from wifirelay.core.moves import Do, Move
from wifirelay.router.scan import Bss
from wifirelay.service.events import Air, Event, Kind, Standing
from wifirelay.values import Ssid

DAY = 86400.0
SUSPECTS = 16  # told of within a day: whoever makes up addresses makes up any number


class Reporter(Protocol):
    """Who is told."""

    def event(self, event: Event) -> None: ...

    def standing(self, standing: Standing) -> None: ...

    def progress(self, progress: Progress) -> None:
        """A step of a trial."""

    def air(self, air: Air) -> None:
        """A new scan, or a new opinion of it; told when there is time."""

    def known(self, settings: Settings) -> None:
        """The configuration that holds from now on."""


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
        self._settings = Settings()
        self._suspects: dict[str, float] = {}  # BSSIDs, told when
        self._heard: tuple[tuple[str, ...], tuple[Bss, ...]] | None = None
        self._shown: tuple[int, int, str] | None = None

    def say(self, kind: Kind, text: str, ssid: Ssid | None = None, cause: str = "") -> None:
        """Something happened."""
        if self._said != (kind, text):
            self._said = (kind, text)
            self._reporter.event(Event(self._clock.monotonic(), kind, text, ssid, cause))
            self.stand()

    def suspect(self, candidates: Iterable[Candidate]) -> None:
        """Those of them that may be evil twins: each once a day."""
        now = self._clock.monotonic()
        told = self._suspects = {key: at for key, at in self._suspects.items() if now - at < DAY}
        for each in candidates:
            at = each.suspect and each.bss and each.bss.bssid
            if at and at not in told and len(told) < SUSPECTS:
                told[at], ssid = now, each.network.ssid
                text = f"{ssid} at {at} is possibly an evil twin: {each.suspect}"
                self.say(Kind.SUSPECT, text, ssid)

    def know(self, settings: Settings) -> None:
        """This configuration holds."""
        self._settings, self._shown = settings, None
        self._reporter.known(settings)

    def hear(self, radios: Iterable[str], heard: tuple[Bss, ...]) -> None:
        """A scan's answer: shown later, for a decision may wait for it now."""
        self._heard = (tuple(radios), heard)

    def show_air(self, ignored: tuple[Ignored, ...]) -> None:
        """There is time: whoever looks at the air shall see what the policy sees."""
        if self._heard is None:
            return
        why, candidates = self.standing.move.why, self.standing.candidates
        shown = (id(self._heard), id(candidates), why)  # both live as long as they are shown
        if shown == self._shown:
            return
        self._shown = shown
        settings = self._settings
        air = Air(*self._heard, settings.networks, settings.relay, self.standing, ignored)
        self._reporter.air(air)

    def stand(self, **changes: Any) -> None:
        """Where the service stands now: these fields are new."""
        self.standing = replace(self.standing, at=self._clock.monotonic(), **changes)
        self._reporter.standing(self.standing)
