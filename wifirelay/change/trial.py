# SPDX-License-Identifier: GPL-2.0-or-later
"""One trial: arm, stage, apply, verify, then confirm or roll back.

Whatever happens to this controller, the sentry on the router ends the trial at its
deadline. Every command that changes something carries the trial's id and does nothing
once the token is claimed, so a late or repeated one is harmless; that is what lets a lost
link be answered by just asking again.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from wifirelay.change.checks import check_foreign, check_free, check_sentry, check_set_up, refusal
from wifirelay.change.insist import insist
from wifirelay.change.onair import POLL, AccessPoints, own_access_points
from wifirelay.change.onrouter import on_router
from wifirelay.change.outcome import Joined, Progress, Report, Step, StepFailed
from wifirelay.change.proof import Expected
from wifirelay.change.restore import roll_back
from wifirelay.change.scripts import Exit, script
from wifirelay.change.undo import plan_undo
from wifirelay.change.verify import Verifier
from wifirelay.clock import Clock
from wifirelay.core.candidates import Candidate
from wifirelay.core.causes import Cause
from wifirelay.core.feeds import interface_for
from wifirelay.core.in_use import in_use
from wifirelay.core.known import WDS, Relay
from wifirelay.core.plan import Plan, working_uplink
from wifirelay.core.sections import encryption, off_again, own_sections, section_name
from wifirelay.errors import LinkLost, NotOnAir, RouterAnswer, TransportError, TrialFailed
from wifirelay.router.board import system_info
from wifirelay.router.state import Router
from wifirelay.router.ubus import answer, call
from wifirelay.router.verdict import Verdict
from wifirelay.transport.base import Command, Completed, Transport
from wifirelay.uci.edits import Edit, batch
from wifirelay.uci.model import Package, parse_package
from wifirelay.uci.staged import Change

MARGIN = 25.0  # seconds before the deadline from which nothing new is begun
ROOM = 64 * 1024  # bytes of free flash; less, and nothing is committed
ARM_LIMIT = 30.0  # seconds for reaching the router again while nothing is begun yet


def new_id() -> str:
    """A trial's id: 16 hexadecimal digits that nobody can guess."""
    return os.urandom(8).hex()


@dataclass
class Trial:
    """A trial of `plan` (whose decision is to join) on the router that `router` describes.

    What a dead controller left behind has to be settled before the router is looked at:
    restore.settle.
    """

    transport: Transport
    clock: Clock
    relay: Relay
    router: Router
    plan: Plan
    report: Report
    controller: str  # a name for people: who holds the lock
    tolerated: tuple[Change, ...] = ()  # staged edits of others that are left as they are
    trial: str = field(default_factory=new_id)
    poll: float = POLL  # seconds between two looks
    nap: Callable[[float], None] | None = None  # a wait that an event of the router cuts short
    needs_internet: bool = True  # without it, it is taken back
    login: bool = False  # one with a login page is kept, in RAM: somebody is there who logs in
    checked: bool = False  # sentry and lock were looked at lately: arming checks them again
    heeds_pause: bool = False  # nobody asked for it now: not in a pause that has just begun
    on_air: AccessPoints = ()  # own access points that were on the air before, and are not now
    portal_open: bool = False  # clients had a login page's address from an earlier join

    def run(self) -> Joined:
        """Join. Raises Refused before anything is changed, TrialFailed after a rollback,
        NotOnAir when own access points are not back, TransportError when the router went
        out of reach (its sentry then ends the trial)."""
        candidate = self._candidate()
        check_set_up(self.router, candidate.radio)
        self.tolerated += in_use(self.router.changes, self.router.interfaces)
        check_foreign(self.router, self.tolerated)
        if not self.checked:
            state = on_router().read(self.transport)
            check_sentry(state)
            check_free(state)
            self.portal_open = state.portal
        if self.relay.kind == WDS:
            from wifirelay.change.wds import check_lan  # seldom wanted

            check_lan(self.transport, self.router.interfaces)
        begun = self._arm()
        expected = self._expected(candidate)
        give_up = begun + self.relay.deadline - MARGIN
        try:
            self._stage(candidate.radio)
            self._apply(give_up)
            found = Verifier(
                self.transport,
                self.clock,
                self.report,
                expected,
                give_up,
                self.poll,
                self.nap,
                self.needs_internet,
                self.login,
            ).run()
            waits = self.login and found.internet.verdict is Verdict.PORTAL
            kept = self._confirm(give_up, waits=waits)
        except StepFailed as failure:
            self._failed(expected, failure)
        except (KeyboardInterrupt, RouterAnswer) as stop:
            why, hint = "interrupted", ""
            if isinstance(stop, RouterAnswer):
                why, hint = str(stop), stop.hint
            self._failed(expected, StepFailed(Step.STOPPED, Cause.STOPPED, why, hint))
        except TransportError as lost:
            raise LinkLost(
                f"{lost}, in the middle of a trial",
                hint="the router's sentry takes an unconfirmed trial back by itself, "
                f"{self.relay.deadline:.0f} s after its beginning; `wifirelay status` then tells",
            ) from lost
        how, _, note = kept.partition(" ")
        return Joined(
            ssid_text=candidate.network.ssid.text,
            radio=candidate.radio,
            bssid=found.link.bssid,
            signal=found.link.signal,
            address=found.logical.addresses[0],
            kept=how,
            note=note,
            seconds=self.clock.monotonic() - begun,
            internet=found.internet.verdict,
            portal=found.internet.portal,
        )

    @property
    def interface(self) -> str:
        """The logical interface that the uplink gets its address by."""
        return interface_for(self._candidate().network, self.relay.interface)

    def _candidate(self) -> Candidate:
        candidate = self.plan.decision.candidate
        if candidate is None:
            raise ValueError("a trial needs a plan that joins")
        return candidate

    def _expected(self, candidate: Candidate) -> Expected:
        bss = candidate.bss
        security = bss.security if bss is not None else None
        return Expected(
            trial=self.trial,
            section=section_name(candidate.radio, self.router.wireless),
            ssid=candidate.network.ssid,
            security=security,
            signal=bss.signal if bss is not None else None,
            interface=self.interface,
            vpn=self.relay.tunnel,
            address=candidate.network.fixed.address if candidate.network.fixed else "",
            ipv6_only=candidate.network.ipv6_only,
            on_air=tuple(dict.fromkeys((*own_access_points(self.router), *self.on_air))),
            portal_login=candidate.network.portal_login,
            bridged=self.relay.kind == WDS,
            encrypted=encryption(candidate.network, security, self.router.abilities) == "owe",
        )

    def _arm(self) -> float:
        """Arm the sentry; returns the moment of the clock at which the trial began."""
        self.report(Progress(Step.ARM, "the sentry takes note", done=False))
        current = working_uplink(self.router, self.relay)
        own = own_sections(self.router.wireless)
        working = own[current.radio].name if current is not None and current.radio in own else None
        undo = plan_undo(self.router.wireless, working).as_input()
        seconds = str(int(self.relay.deadline))
        end = self.clock.monotonic() + ARM_LIMIT
        while True:
            begun = self.clock.monotonic()
            heed = ("heed",) if self.heeds_pause else ()
            command = script("arm", self.trial, seconds, self.controller, *heed, stdin=undo)
            try:
                completed = self.transport.run(command)
                break
            except LinkLost:
                # It may have been armed, and the answer lost: end that one, begin another.
                self._insist(script("rollback", self.trial), end)
                self.trial = new_id()
        if (refused := refusal(completed)) is not None:
            raise refused
        if completed.rc != Exit.DONE:
            raise _script_failed("arm", completed)
        self.report(Progress(Step.ARM, f"the sentry watches for {seconds} s"))
        return begun

    def _stage(self, radio: str) -> None:
        self.report(Progress(Step.STAGE, "staging the edits", done=False))
        edits = (*self.plan.edits, *off_again(self.router.wireless, radio))
        command = script("stage", self.trial, str(len({*self.tolerated})), stdin=batch(edits))
        completed = self._insist(command, self.clock.monotonic() + 30.0)
        self._check_claimed(completed)
        if (refused := refusal(completed)) is not None:
            self._insist(script("rollback", self.trial), self.clock.monotonic() + 30.0)
            raise refused
        if completed.rc != Exit.DONE:
            raise _script_failed("stage", completed)
        wireless = parse_package("wireless", answer(call("uci", "get"), completed))
        wrong = _differences(wireless, edits)
        if wrong:
            raise StepFailed(
                Step.STAGE,
                Cause.NOT_STAGED,
                f"the router did not take the edits of {', '.join(wrong)}",
                hint="look at `uci changes` on the router; is its /tmp full?",
            )
        self.report(Progress(Step.STAGE, f"{len(self.plan.edits)} edits staged and read back"))

    def _apply(self, give_up: float) -> None:
        self.report(Progress(Step.APPLY, "reloading the radio's configuration", done=False))
        completed = self._insist(script("apply", self.trial), give_up)
        self._check_claimed(completed)
        if completed.rc != Exit.DONE:
            raise _script_failed("apply", completed)
        self.report(Progress(Step.APPLY, "wifi reload"))

    def _confirm(self, give_up: float, *, waits: bool) -> str:
        """`waits`: for its login page. Its internet is not proved, so it is not for flash."""
        self.report(Progress(Step.CONFIRM, "keeping the uplink", done=False))
        listed = not self._candidate().network.stranger
        flash = self.relay.keep_on_flash and listed and not waits
        keep = "flash" if flash and self._room(give_up) else "session"
        completed = self._insist(script("confirm", self.trial, keep, limit=40.0), give_up)
        self._check_claimed(completed)
        if completed.rc == Exit.FLASH:
            raise StepFailed(
                Step.CONFIRM,
                Cause.FLASH,
                f"the router could not write its flash: {completed.errors.strip()}",
                hint="free some flash, or set `relay.keep: session`",
            )
        if completed.rc != Exit.DONE:
            raise _script_failed("confirm", completed)
        kept = completed.text.strip()
        if waits:
            kept = "session while it waits for its login page"
        elif flash and keep == "session":
            kept = "session because the router's flash is nearly full"
        kind = "on flash" if kept == "flash" else f"for this session ({kept.partition(' ')[2]})"
        self.report(Progress(Step.CONFIRM, f"kept {kind}"))
        return kept

    def _room(self, give_up: float) -> bool:
        """Whether flash has room for a commit, which writes a second copy before it renames.

        `uci commit` on a full flash exits 0 and leaves an empty file.
        """
        info = system_info()
        free = info.parse(self._insist(info.command, give_up)).flash_free
        return free is None or free >= ROOM

    def _check_claimed(self, completed: Completed) -> None:
        if completed.rc == Exit.CLAIMED:
            raise StepFailed(
                Step.STOPPED, Cause.OVERTAKEN, "the sentry rolled the trial back meanwhile"
            )

    def _failed(self, expected: Expected, failure: StepFailed) -> NoReturn:
        """Take everything back, and say why. Always raises."""
        self.report(Progress(failure.step, failure.why, good=False))
        end, missing = roll_back(
            self.transport, self.clock, self.trial, expected.on_air, self.report
        )
        if expected.bridged and not end.startswith("confirmed"):
            from wifirelay.change.wds import forget  # seldom wanted

            forget(self.transport, expected.interface)
        if end.startswith("confirmed"):
            raise RouterAnswer(
                f"{failure.why}; but the uplink had been confirmed before, and is kept",
                hint="`wifirelay status` shows it, `wifirelay leave` takes it off",
            ) from failure
        if missing:
            raise NotOnAir(
                f"{failure.why}; rolled back, but {', '.join(missing)} is not confirmed on the air",
                hint="look at `wifirelay status`; the sentry goes on looking after it",
                cause=failure.cause,
            ) from failure
        raise TrialFailed(
            f"{failure.why}; rolled back", hint=failure.hint, cause=failure.cause
        ) from failure

    def _insist(self, command: Command, end: float) -> Completed:
        return insist(self.transport, self.clock, command, end)


def _script_failed(name: str, completed: Completed) -> RouterAnswer:
    said = completed.errors.strip().splitlines()
    return RouterAnswer(
        f"the router could not run the step {name} (exit code {completed.rc})"
        + (f": {said[-1]}" if said else "")
    )


def _differences(wireless: Package, edits: tuple[Edit, ...]) -> list[str]:
    """The edits that the router, read back, does not show. `uci batch` never says."""
    wrong = []
    for edit in edits:
        section = wireless.section(edit.section)
        have = section.options.get(edit.option or "") if section is not None else None
        if section is None or have != edit.value:
            wrong.append(f"{edit.package}.{edit.section}.{edit.option}")
    return wrong
