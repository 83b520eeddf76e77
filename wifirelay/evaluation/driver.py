# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays one policy in one world, in virtual time, and counts what comes of it.

It stands where the service stands on a router: it carries out the moves of `core.moves`,
with the limits of a trial, and tells the policy what became of each. The sentry has nothing
to do here: its 45 s without own access point are longer than a trial's limit to associate, and
outside of trials a living controller does its second duty.
"""

from wifirelay.core.candidates import Candidate, Current
from wifirelay.core.causes import Cause
from wifirelay.core.moves import Do, Move, Policy, Situation
from wifirelay.core.refusals import UsableRadio
from wifirelay.evaluation.account import Account, Ledger
from wifirelay.evaluation.chance import Chance
from wifirelay.evaluation.manner import TRIAL, Manner
from wifirelay.evaluation.model import Model, Over, Section
from wifirelay.evaluation.world import RADIOS, Behind, World
from wifirelay.router.channels import Channels
from wifirelay.router.scan import Bss
from wifirelay.router.verdict import Verdict
from wifirelay.sim.timings import LAB, Timings
from wifirelay.values import Band, Security

AT_ONE_MOMENT = 50  # so many moves without any time passing are a policy's bug

# Seconds
LOOK = 0.05
FETCH = 0.3  # a probe that is answered, by the internet or by a portal
DEAD = 15.0  # until all probes have failed
KEEP = 0.5
ASKED = 0.02  # a move that has nothing to do
RETURN_LIMIT = 45.0  # for what was there before a trial that failed

_BANDS = {RADIOS[0]: Band.GHZ2, RADIOS[1]: Band.GHZ5}
_USABLE = {
    name: UsableRadio(name, _BANDS[name], Channels(), has_access_point=True) for name in RADIOS
}
_VERDICTS = {Behind.OK: Verdict.ONLINE, Behind.PORTAL: Verdict.PORTAL}
_UNENCRYPTED = (Security.OPEN, Security.OWE)


class Stuck(Exception):
    """A policy lets no time pass: its bug."""


def play(
    policy: Policy, world: World, *, chance: Chance | None = None, timings: Timings = LAB
) -> Account:
    """The account of this policy, from a router at rest to the world's end.

    `chance` is that world's own, for callers that have it already.
    """
    return Player(policy, world, chance or Chance(world), timings).play()


class Player:
    """One policy's hands in one world."""

    def __init__(self, policy: Policy, world: World, chance: Chance, timings: Timings) -> None:
        self.policy, self.world = policy, world
        self.ledger = Ledger(chance)
        self.model = Model(world, self.ledger, timings)
        self.manner: Manner = getattr(policy, "manner", TRIAL)
        self._flash: Section | None = None

    def play(self) -> Account:
        still = 0
        try:
            while True:
                before = self.model.now
                move = self.policy.next(before, self.situation())
                self._do(move)
                self._tell()
                still = 0 if self.model.now > before else still + 1
                if still >= AT_ONE_MOMENT:
                    raise Stuck(f"{still} moves at {before:.1f} s, the last: {move.do}, {move.why}")
        except Over:
            return self.ledger.close(self.world.seconds)

    def situation(self) -> Situation:
        model = self.model
        uplink = None
        if model.up and model.running is not None and model.track is not None:
            section = model.running
            uplink = Current(
                ssid=section.network.ssid,
                radio=section.radio,
                bssid=model.track.bssid,
                secured=section.security not in _UNENCRYPTED,
            )
        wanted = model.section
        return Situation(
            uplink=uplink,
            enabled=wanted is not None,
            searching=(wanted.network.ssid, wanted.radio) if wanted and not uplink else None,
            radios=_USABLE,
            committed=model.section == self._flash,
        )

    def _do(self, move: Move) -> None:
        model, policy = self.model, self.policy
        if move.do is Do.WAIT:
            # What happens by itself cuts it short; `_tell` says it.
            model.run(max(move.until, model.now), lambda: bool(model.by_itself))
        elif move.do is Do.SCAN:
            heard = self._scan()
            policy.heard(model.now, heard)
        elif move.do is Do.JOIN:
            if move.candidate is None:
                raise ValueError("a policy's bug: JOIN without a candidate")
            self._join(move.candidate, move.needs_internet)
        elif move.do is Do.REST:
            self._rest()
        elif move.do is Do.LOOK:
            self._pass(LOOK)
            policy.looked(model.now, self._signal(), model.track.bssid if model.track else None)
        elif move.do is Do.CHECK:
            verdict = self._check()
            policy.checked(model.now, verdict)
        elif move.do is Do.KEEP:
            self._pass(KEEP)
            self._commit()
            policy.kept(model.now, flash=True)

    def _tell(self) -> None:
        """What happened by itself since the last move; only what it came to, of many changes."""
        happened, self.model.by_itself = self.model.by_itself, []
        if not happened:
            return
        if False in happened:
            self.policy.lost(self.model.now)
        if happened[-1]:
            self.policy.found(self.model.now)

    def _pass(self, seconds: float) -> None:
        self.model.run(self.model.now + seconds)

    def _commit(self) -> None:
        self.ledger.writes += 1
        self._flash = self.model.section

    # --- asking ---

    def _scan(self) -> tuple[Bss, ...]:
        model, times = self.model, self.model.times
        self.ledger.scans += 1
        heard: list[Bss] = []
        for radio in RADIOS:
            station = model.running is not None and model.running.radio == radio
            self._pass(times.scan_connected if station else times.scan_idle)
            heard += self.world.heard(radio, model.now)
        return tuple(heard)

    def _signal(self) -> int | None:
        model = self.model
        signal = model.track.at(model.now).signal if model.track is not None else None
        if model.track is None or signal is None:
            return None
        return model.track.reading(signal, self.world.seed, model.now)

    def _check(self) -> Verdict:
        """Takes the time that asking takes. What is found is what was there at its beginning."""
        track = self.model.track if self.model.up else None
        if track is None:
            self._pass(FETCH)
            return Verdict.OFFLINE
        step = track.at(self.model.now)
        verdict = _VERDICTS.get(step.behind, Verdict.OFFLINE) if step.usable else Verdict.OFFLINE
        self._pass(DEAD if verdict is Verdict.OFFLINE else FETCH)
        return verdict

    # --- changing ---

    def _rest(self) -> None:
        model = self.model
        if model.section is None:
            self._pass(ASKED)
            return
        model.reload(None)
        if self.manner.commits:
            self._commit()
        self._settle()
        model.by_itself.clear()

    def _settle(self) -> None:
        """After a reload without an uplink: until own access points are on the air."""
        model, begun = self.model, self.model.now
        self._pass(model.times.back_ap_on)
        model.run(begun + RETURN_LIMIT, lambda: model.dark_since is None)
        model.run(max(model.now, begun + self.manner.after))

    def _join(self, candidate: Candidate, needs_internet: bool) -> None:
        """One trial."""
        model, manner = self.model, self.manner
        self.ledger.trials += 1
        before = model.section if model.up else None
        self._pass(manner.before)
        section = Section(
            candidate.radio,
            candidate.network,
            candidate.bss.security if candidate.bss is not None else Security.UNKNOWN,
        )
        model.rejected = None
        model.reload(section)
        cause = self._prove(section, manner.verify and needs_internet)
        if cause is None:
            self.ledger.switches += 1
            if manner.commits:
                self._commit()
            model.by_itself.clear()
            self.policy.joined(model.now, candidate)
            return
        self.ledger.failed += 1
        back = before if manner.returns else None
        model.reload(back)
        if back is None:
            self._settle()
        else:
            self._return(back)
        model.by_itself.clear()
        if back is not None and not model.up:
            model.by_itself.append(False)  # it left an uplink that is not there any more
        self.policy.failed(model.now, candidate, cause)

    def _return(self, section: Section) -> None:
        model = self.model
        if model.running == section and model.up:
            return  # the trial was of what was there already
        model.run(model.now + RETURN_LIMIT, lambda: model.running is section and model.up)

    def _prove(self, section: Section, verify: bool) -> Cause | None:
        """The steps of a trial; what it failed of, or None."""
        model, manner, begun = self.model, self.manner, self.model.now
        limit = begun + min(manner.associate, manner.together)

        def ours() -> bool:
            return model.running == section

        def rejected() -> bool:
            return ours() and model.rejected is not None

        model.run(limit, lambda: rejected() or (ours() and model.track is not None))
        if rejected():
            return model.rejected
        if not ours() or model.track is None:
            return Cause.VANISHED
        limit = min(model.now + manner.lease, begun + manner.together)
        model.run(limit, lambda: model.up or model.track is None)
        if not model.up:
            return Cause.DEAD_DHCP if model.track is not None else Cause.VANISHED
        model.run(model.now + manner.on_air, lambda: model.dark_since is None)
        if model.dark_since is not None:
            return Cause.OFF_AIR
        if not verify:
            return None
        verdict = self._check()
        if verdict is Verdict.PORTAL:
            return Cause.PORTAL
        if verdict is not Verdict.ONLINE:
            return Cause.NO_INTERNET
        return None if model.up else Cause.LOST
