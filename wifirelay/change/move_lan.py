# SPDX-License-Identifier: GPL-2.0-or-later
"""Moves `lan` to another subnet, as a trial: armed with the sentry, staged, reloaded, and kept only
when somebody has reached the router at its new address. Else the sentry takes it back.

Whoever asks for it loses the router in the middle; so do all of its clients, until they have an
address of the new subnet.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from wifirelay.change.checks import check_foreign, check_free, check_sentry, check_set_up, refusal
from wifirelay.change.confirm_lan import NothingWaits, confirm_lan
from wifirelay.change.insist import insist
from wifirelay.change.onrouter import Token, on_router
from wifirelay.change.outcome import Progress, Report, Step
from wifirelay.change.scripts import Exit, script
from wifirelay.change.trial import new_id
from wifirelay.clock import Clock
from wifirelay.core.in_use import FLASH
from wifirelay.core.known import KnownNetwork
from wifirelay.core.lan import Around, Move
from wifirelay.errors import LinkLost, Refused, RouterAnswer, TransportError, TrialFailed
from wifirelay.router.config import package, staged_changes
from wifirelay.router.interfaces import LAN
from wifirelay.router.observe import observe, read_all
from wifirelay.router.ubus import answer, call
from wifirelay.transport.base import Completed, Transport
from wifirelay.uci.edits import Edit, Verb
from wifirelay.uci.model import Package, parse_package

GONE = "gone"
POLL = 2.0  # seconds between two tries to reach the router
BACK = 90.0  # ... from the end of its time until it is reached at its old address


def look_around(transport: Transport, known: tuple[KnownNetwork, ...]) -> Around:
    """What a move has to fit in with. Raises Refused beside others' edits, and without setup:
    its sentry is what takes the move back."""
    router = observe(transport)
    check_set_up(router)
    check_foreign(router)
    network, dhcp, firewall = read_all(
        transport, [package("network"), package("dhcp"), package("firewall")]
    )
    return Around(network, dhcp, firewall, router.interfaces, known)


@dataclass
class Moving:
    """One move. `reach` gives a transport to the router at another address, over the same kind of
    link and for the same host key; None where there is no such way."""

    transport: Transport
    clock: Clock
    move: Move
    seconds: int  # until it is taken back
    reach: Callable[[str], Transport] | None
    report: Report
    controller: str
    trial: str = field(default_factory=new_id)

    def run(self) -> None:
        """Raises Refused before anything is changed, TrialFailed when the old address is back,
        TransportError when the router is out of reach (its sentry then takes the move back)."""
        state = on_router().read(self.transport)
        check_sentry(state)
        check_free(state)
        self._arm()
        end = self.clock.monotonic() + self.seconds
        try:
            self._stage()
            self._apply()
            self._wait(end)
        except (KeyboardInterrupt, RouterAnswer, Refused):
            with suppress(TransportError):  # the sentry does it then
                self.transport.run(script("rollback", self.trial))
            raise

    def _arm(self) -> None:
        self.report(Progress(Step.ARM, "the sentry takes note", done=False))
        seconds = str(self.seconds)
        command = script("arm", self.trial, seconds, self.controller, stdin=self.move.undo())
        try:
            completed = self.transport.run(command)
        except LinkLost as lost:
            raise LinkLost(
                f"{lost}, before anything was changed",
                hint="try again when the link is good",
            ) from lost
        if (refused := refusal(completed)) is not None:
            raise refused
        _done("arm", completed)
        self.report(Progress(Step.ARM, f"the sentry watches for {seconds} s"))

    def _stage(self) -> None:
        command = script("stage_lan", self.trial, str(self.move.new.ip), stdin=self.move.batch())
        completed = insist(self.transport, self.clock, command, self.clock.monotonic() + 30.0)
        if (refused := refusal(completed)) is not None:
            raise refused
        if completed.rc == Exit.CLAIMED:
            raise TrialFailed("the sentry took the move back meanwhile", cause="rolled-back")
        _done("stage", completed)
        network = parse_package("network", answer(call("uci", "get"), completed))
        if not _holds(network, self.move.edits):
            raise RouterAnswer(
                "the router did not take the edits of lan",
                hint="look at `uci changes` on the router; is its /tmp full?",
            )
        self.report(Progress(Step.STAGE, f"{len(self.move.edits)} edits staged and read back"))

    def _apply(self) -> None:
        with suppress(TransportError):  # the link ends here, where it runs over lan
            completed = self.transport.run(script("apply", self.trial, limit=10.0))
            if completed.rc not in (Exit.DONE, Exit.CLAIMED):
                _done("apply", completed)
        self.report(Progress(Step.APPLY, f"lan has {self.move.new}; its clients have to follow"))

    def _wait(self, end: float) -> None:
        """For a confirmation: by ourselves at the new address, or by somebody else there."""
        new = str(self.move.new.ip)
        self.report(Progress(Step.CONFIRM, self.move.advice, asks=True))
        self.report(Progress(Step.CONFIRM, f"reaching the router at {new}", done=False))
        there = self.reach(new) if self.reach is not None else None
        gone = 0
        try:
            while self.clock.monotonic() < end + BACK:
                if there is not None and self.clock.monotonic() < end and self._kept(there):
                    return
                ended = self._ended(there) or self._ended(self.transport)
                if ended.startswith("confirmed"):
                    self.report(Progress(Step.CONFIRM, f"confirmed at {new}"))
                    return
                gone = gone + 1 if ended == GONE else 0
                if gone == 1:  # an answer may have been cut short
                    ended = ""
                if ended and self._is_new(there):
                    raise RouterAnswer(
                        f"the confirmation was cut short, and lan is {self.move.new} all the same",
                        hint="nothing is left to do but what follows a move",
                    )
                if ended == GONE:
                    raise RouterAnswer(
                        "the router tells nothing of this move any more: it has begun something "
                        "else, or started anew",
                        hint=f"a restart brings {self.move.old.ip} back; look where it answers",
                    )
                if ended:
                    raise TrialFailed(
                        f"nobody reached the router at {new} within {self.seconds} s: it was taken "
                        f"back, lan has {self.move.old} again{self._staged()}",
                        hint=f"in time, {self.move.advice}; or more time with --wait",
                        cause="not-confirmed",
                    )
                self.clock.sleep(POLL)
        finally:
            if there is not None:
                there.close()
        raise LinkLost(
            f"the router is reached neither at {new} nor at {self.move.old.ip}",
            hint=f"its sentry has taken back what nobody confirmed: it is at {self.move.old.ip}. "
            "Has this machine an address there?",
        )

    def _kept(self, there: Transport) -> bool:
        try:
            address = confirm_lan(there, ssh=True)
        except (TransportError, TrialFailed, NothingWaits):  # the sentry was quicker: see `_ended`
            return False
        self.report(Progress(Step.CONFIRM, f"reached at {address}, and kept on flash"))
        return True

    def _is_new(self, there: Transport | None) -> bool:
        """Whether lan has the new address after a rollback that came behind the commit."""
        if there is None:
            return False
        try:
            return _holds(package("network").read(there), self.move.edits)
        except (TransportError, RouterAnswer):
            return False

    def _ended(self, transport: Transport | None) -> str:
        """How it ended, as far as this way leads to the router; empty while it has not."""
        if transport is None:
            return ""
        try:
            token = on_router().read(transport).token
        except TransportError:
            return ""
        if token is None or token.trial != self.trial:
            return GONE
        return token.result or "ended" if token.state is Token.ENDED else ""

    def _staged(self) -> str:
        """What somebody's commit in the middle has left; empty without one."""
        with suppress(TransportError, RouterAnswer):
            changes = staged_changes().read(self.transport)
            if any((each.package, each.section) == ("network", LAN) for each in changes):
                return f"; {FLASH}"
        return ""


def _done(step: str, completed: Completed) -> None:
    if completed.rc != Exit.DONE:
        said = " ".join(completed.errors.split())
        raise RouterAnswer(
            f"the router could not run the step {step} (exit code {completed.rc})"
            + (f": {said}" if said else "")
        )


def _holds(network: Package, edits: tuple[Edit, ...]) -> bool:
    section = network.section(LAN)
    return section is not None and all(
        edit.verb is Verb.DELETE or edit.value in section.items(edit.option or "") for edit in edits
    )
