# SPDX-License-Identifier: GPL-2.0-or-later
"""What the page asks for that takes its time: done one after another in a thread of its own.

The answer is kept for a while, for a page that loses its link in the middle.
"""

import os
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from wifirelay.change.outcome import Progress, Report
from wifirelay.errors import Refused, WifirelayError
from wifirelay.view.error import error_object

MOST = 4  # requests that wait
KEPT = 32  # answers
PATIENCE = 100.0  # seconds for what is being done to end: a step, a rollback, own access points
Work = Callable[[Report], dict[str, Any]]


class Requests:
    """Takes work from any thread. Until `stop`."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, Work] | None] = queue.Queue()
        self._answers: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._stopping = self._interrupted = False
        self._thread = threading.Thread(target=self._run, name="web-requests", daemon=True)
        self._thread.start()

    def send(self, work: Work) -> dict[str, Any]:
        """Let it be done. Raises Refused when too much waits already."""
        asked = os.urandom(8).hex()
        with self._lock:
            if self._waiting.qsize() >= MOST:
                raise Refused("too much is asked for at once", hint="wait for what is being done")
            self._answers[asked] = {"state": "sent"}
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            self._waiting.put((asked, work))
        return {"id": asked, "state": "sent"}

    def answer(self, asked: object) -> dict[str, Any]:
        """How it stands; `lost` for what nobody knows (any more)."""
        with self._lock:
            known = self._answers.get(asked) if isinstance(asked, str) else None
            return dict(known) if known is not None else {"state": "lost"}

    def stop(self) -> None:
        """Nothing more is begun; a trial that runs is taken back at its next step, as by Ctrl-C.

        Where even that takes too long, the router's sentry ends it.
        """
        self._stopping = True
        self._waiting.put(None)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        while (taken := self._waiting.get()) is not None:
            if self._stopping:
                continue
            asked, work = taken
            steps = Steps(lambda told, asked=asked: self._step(asked, told))  # type: ignore[misc]
            self._tell(asked, "taken", [])
            try:
                answer = {"exit": 0, **work(steps.report)}
            except WifirelayError as error:
                answer = {k: v for k, v in error_object(error).items() if k != "schema"}
            except KeyboardInterrupt:
                answer = {"exit": 130, "error": "interrupted", "hint": ""}
            except Exception as bug:
                answer = {"exit": 1, "error": f"a bug in wifirelay: {type(bug).__name__}"}
                answer["hint"] = "please report it"
            self._tell(asked, "done", steps.told, answer)

    def _step(self, asked: str, steps: list[dict[str, Any]]) -> None:
        self._tell(asked, "taken", steps)
        if self._stopping and not self._interrupted:
            self._interrupted = True  # what takes it back has steps, too
            raise KeyboardInterrupt

    def _tell(
        self,
        asked: str,
        state: str,
        steps: list[dict[str, Any]],
        answer: dict[str, Any] | None = None,
    ) -> None:
        with self._lock:
            if asked in self._answers:
                self._answers[asked] = {"state": state, "steps": list(steps), **(answer or {})}


class Steps:
    """A trial's steps so far, for people: one that goes on gives way to how it ended."""

    def __init__(self, tell: Callable[[list[dict[str, Any]]], None]) -> None:
        self.told: list[dict[str, Any]] = []
        self._tell = tell

    def report(self, progress: Progress) -> None:
        if self.told and self.told[-1]["good"] is None:
            self.told.pop()
        good = progress.good if progress.done else None
        self.told.append({"step": progress.step.value, "good": good, "text": progress.text})
        self._tell(self.told)
