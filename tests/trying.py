# SPDX-License-Identifier: GPL-2.0-or-later
"""A trial on a router in words: all goes well but for what a test says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.changing import Answer, Scripted, Steps, Ticks, info, raised, state, uci
from tests.known import bss, network, router
from tests.proving import BSSID, Look
from wifirelay.change.outcome import Joined
from wifirelay.change.trial import Trial
from wifirelay.core.candidates import Candidate
from wifirelay.core.causes import Cause
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.plan import plan_join
from wifirelay.errors import TrialFailed
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.transport.base import Completed
from wifirelay.uci.edits import Edit

ME = "me (boot 12345678) pid 7"
DONE = Completed(0)
KEY = "correct horse battery"
HOME = bss("Home", bssid=BSSID)
ROLLED_BACK = Completed(0, b"rolled-back controller\n")


def well(here: Router, edits: Iterable[Edit]) -> dict[str, Completed]:
    """The answers of a router on which all goes well."""
    return {
        "state": state(),
        "arm": DONE,
        "stage": uci(here.wireless, edits),
        "apply": DONE,
        "system info": info(),
        "confirm": Completed(0, b"flash\n"),
        "rollback": ROLLED_BACK,
        "logread": DONE,
    }


class Try:
    """One trial: of joining Home, on radio0. `ids` are its ids, by the scripts that had one."""

    def __init__(
        self,
        answers: Mapping[str, Answer | Sequence[Answer]] | None = None,
        *,
        here: Router | None = None,
        relay: Relay | None = None,
        heard: Bss | None = HOME,
        known: KnownNetwork | None = None,
        **more: Any,
    ) -> None:
        here, relay = here or router(), relay or Relay()
        known = known or network("Home", KEY)
        plan = plan_join(here, relay, Candidate(known, "radio0", heard), "it is best")
        self.router = Scripted({**well(here, plan.edits), **(answers or {})}, Look().router)
        self.clock, self.steps = Ticks(1000.0), Steps()
        self.trial = Trial(self.router, self.clock, relay, here, plan, self.steps, ME, **more)

    def run(self) -> Joined:
        return self.trial.run()

    def fails(self, cause: Cause, *words: str, hint: str | tuple[str, ...] = ()) -> None:
        """The trial fails, and is taken back."""
        with raised(TrialFailed, *words, "; rolled back", hint=hint) as caught:
            self.run()
        assert caught[0].cause == cause
        assert self.scripts[-1] == "rollback ID"
        assert self.steps.shape[-2:] == ["roll-back...", "roll-back"]
        assert self.steps.shape[-3].endswith("!")

    def without_candidate(self) -> "Try":
        plan = self.trial.plan
        self.trial.plan = replace(plan, decision=replace(plan.decision, candidate=None))
        return self

    @property
    def scripts(self) -> list[str]:
        """The scripts that were run, each trial's id as ID, ID2 and so on."""
        names = ("state", "arm", "stage", "apply", "confirm", "rollback")
        words = [each.split() for each in self.router.asked if each.split()[0] in names]
        ids = list(dict.fromkeys(each[1] for each in words if len(each) > 1))
        number = {each: f"ID{at or ''}" for at, each in enumerate(ids)}
        return [
            " ".join([each[0], *[number.get(word, word) for word in each[1:]]]) for each in words
        ]
