# SPDX-License-Identifier: GPL-2.0-or-later
"""The router as values: two radios with an own access point each, and at most one station.

Its times are those of `sim.timings` and its behaviour that of `sim.wireless` and `sim.station`,
without text, commands and daemons; a test holds it to them. Time passes only in `run`.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from wifirelay.core.causes import Cause
from wifirelay.core.known import KnownNetwork
from wifirelay.evaluation.account import Ledger
from wifirelay.evaluation.world import RADIOS, Behind, Track, World
from wifirelay.sim.timings import LAB, Timings
from wifirelay.values import Security

REFUSED = 5.0  # seconds from the first try to associate until it is clear that nobody is let in
# wpa_supplicant's wpas_auth_failed: seconds a network is left alone after so many failures
_LEFT_ALONE = (10, 20, 30, 60, 60, 90)

_RETURN = {radio: f"{radio} back on the air" for radio in RADIOS}
_JOINS = {  # which BSSs a section takes that was written for a BSS of this kind
    Security.PSK2: frozenset({Security.PSK2, Security.SAE_MIXED}),
    Security.SAE_MIXED: frozenset({Security.PSK2, Security.SAE_MIXED, Security.SAE}),
    Security.SAE: frozenset({Security.SAE, Security.SAE_MIXED}),
}


class Over(Exception):
    """The world has ended."""


@dataclass(frozen=True, slots=True)
class Section:
    """The own section that is enabled."""

    radio: str
    network: KnownNetwork
    security: Security

    def takes(self, track: Track) -> bool:
        return track.security in _JOINS.get(self.security, (self.security,)) and (
            not self.network.bssids or track.bssid in self.network.bssids
        )


class Model:
    """One router in one world."""

    def __init__(self, world: World, ledger: Ledger, timings: Timings = LAB) -> None:
        self.world, self.ledger, self.times = world, ledger, timings
        self.now = 0.0
        self.section: Section | None = None  # as configured
        self.running: Section | None = None  # what the station runs
        self.track: Track | None = None  # associated, and the key was right
        self.up = False  # with a lease
        self.rejected: Cause | None = None  # the last that an access point did
        self.by_itself: list[bool] = []  # link lost (False) and up again (True), in order
        self.dark = dict.fromkeys(RADIOS, False)  # own access points off the air
        self.dark_since: float | None = None
        self._plans: list[tuple[float, int, str, int, Callable[[], None]]] = []
        self._numbers = count()
        kinds = ("station", "link", "loss", *RADIOS, *_RETURN.values())
        self._epochs = dict.fromkeys(kinds, 0)  # a plan of an epoch that is over is called off
        self._busy = dict.fromkeys(RADIOS, 0.0)
        self._failures = 0
        self._losing = False
        self._pace = (0.0, 0.0, 0.0)  # found, access point, lease

    # --- time ---

    def run(self, until: float, stop: Callable[[], bool] | None = None) -> None:
        """Let time pass up to `until`, or until `stop` is so. Raises Over at the world's end."""
        while stop is None or not stop():
            moment = min(until, self.world.seconds)
            if not self._plans or self._plans[0][0] > moment:
                self.now = max(self.now, moment)
                if moment == self.world.seconds:
                    raise Over
                return
            at, _, kind, epoch, step = heapq.heappop(self._plans)
            if self._epochs[kind] == epoch:
                self.now = max(self.now, at)
                step()

    def _at(self, moment: float, kind: str, step: Callable[[], None]) -> None:
        plan = (moment, next(self._numbers), kind, self._epochs[kind], step)
        heapq.heappush(self._plans, plan)

    def _after(self, delay: float, kind: str, step: Callable[[], None]) -> None:
        self._at(self.now + delay, kind, step)

    # --- configuration ---

    def reload(self, section: Section | None) -> None:
        """`wifi reload` with this section enabled, or none. Nothing has happened yet."""
        before, self.section = self.section, section
        settled = all(self.now >= busy for busy in self._busy.values())
        if before == section and settled:
            return  # nothing differs: netifd does nothing
        touched = {each.radio for each in (before, section, self.running) if each is not None}
        for radio in sorted(touched):
            for kind in (radio, _RETURN[radio]):
                self._epochs[kind] += 1
            start = self.now
            if self.now < self._busy[radio]:
                start += self.times.second_reload
            self._reconfigure(radio, start)

    def _reconfigure(self, radio: str, start: float) -> None:
        times, section = self.times, self.section
        runs_here = self.running is not None and self.running.radio == radio
        steps: list[tuple[float, Callable[[], None]]]
        if section is None or section.radio != radio:
            steps = [
                (times.back_station_removed, lambda: self._stop_on(radio)),
                (times.back_ap_off, lambda: self._set_dark(radio, dark=True)),
                (times.back_ap_on, lambda: self._set_dark(radio, dark=False)),
            ]
        elif runs_here:
            pace = (times.switch_found, times.ap_follows_switch, times.switch_lease)
            steps = [
                (times.switch_removed, lambda: self._stop_on(radio)),
                (times.switch_scan, lambda: self._start(section, pace)),
                (times.switch_ap_off, lambda: self._dark_unless_joined(radio)),
            ]
        else:
            pace = (times.join_found, times.ap_follows, times.join_lease)
            steps = [
                (times.join_removed, lambda: self._set_dark(radio, dark=True)),
                (times.join_glimpse, lambda: self._set_dark(radio, dark=False)),
                (times.join_scan, lambda: self._set_dark(radio, dark=True)),
                (times.join_scan, lambda: self._start(section, pace)),
            ]
        for delay, step in steps:
            self._at(start + delay, radio, step)
        self._busy[radio] = start + steps[-1][0]

    # --- own access points ---

    def _set_dark(self, radio: str, *, dark: bool) -> None:
        if dark:
            self._epochs[_RETURN[radio]] += 1
        if self.dark[radio] != dark:
            self.dark[radio] = dark
            some = any(self.dark.values())
            if some != (self.dark_since is not None):
                self.dark_since = self.now if some else None
            self.ledger.set_dark(self.now, dark=some)

    def _dark_unless_joined(self, radio: str) -> None:
        if self.track is None:
            self._set_dark(radio, dark=True)

    # --- the station ---

    def _start(self, section: Section, pace: tuple[float, float, float]) -> None:
        self._stop()
        self.running, self._pace, self._failures = section, pace, 0
        self.rejected = None
        self._search(section)

    def _stop_on(self, radio: str) -> None:
        if self.running is not None and self.running.radio == radio:
            self._stop()

    def _stop(self) -> None:
        self._epochs["station"] += 1
        self._leave()
        self.running = None

    def _leave(self) -> None:
        self._epochs["link"] += 1
        self._forget_loss()
        self.track, self.up = None, False
        self._account()

    def _search(self, section: Section) -> None:
        """The station scans now; it goes on every `rescan` seconds until it hears something."""
        heard = [
            (step.signal or 0, track.bssid, track, step)
            for track, step in self.world.named(section.network.ssid, section.radio, self.now)
            if section.takes(track)
        ]
        if heard:
            track = max(heard, key=lambda each: each[:2])[2]
            self._after(self._pace[0], "station", lambda: self._associate(section, track))
            return
        change = self.world.next_named(section.network.ssid, section.radio, self.now)
        scans = max(1, -int(-(change - self.now) // self.times.rescan))
        self._after(scans * self.times.rescan, "station", lambda: self._search(section))

    def _search_again(self, section: Section) -> None:
        """By itself: the own access point on its radio goes off the air meanwhile."""
        self._set_dark(section.radio, dark=True)
        times = self.times
        self._pace = (times.join_found, times.ap_follows_reconnect, times.lease)
        self._search(section)

    def _associate(self, section: Section, track: Track) -> None:
        step = track.at(self.now)
        if not step.usable:
            self._search(section)
        elif step.behind is Behind.WRONG_KEY:
            self._after(self.times.handshake, "station", lambda: self._reject(section, track))
        elif step.behind is Behind.BUSY:
            self._after(REFUSED, "station", lambda: self._reject(section, track))
        else:
            self._complete(section, track)

    def _reject(self, section: Section, track: Track) -> None:
        wrong_key = track.at(self.now).behind is Behind.WRONG_KEY
        self.rejected = Cause.WRONG_KEY if wrong_key else Cause.BUSY
        self._failures += 1
        alone = _LEFT_ALONE[min(self._failures, len(_LEFT_ALONE)) - 1]
        pause = alone if wrong_key else self.times.rescan
        self._after(pause, "station", lambda: self._search_again(section))

    def _complete(self, section: Section, track: Track) -> None:
        self.track, self._failures = track, 0
        back = _RETURN[section.radio]
        self._after(self._pace[1], back, lambda: self._set_dark(section.radio, dark=False))
        self._after(self._pace[2], "link", lambda: self._lease(track))
        self._watch(section, track)

    def _lease(self, track: Track) -> None:
        if track.at(self.now).behind is Behind.DEAD_DHCP:
            change = min(track.next_change(self.now), self.world.seconds)
            discovers = max(1.0, -(-(change - self.now) // self.times.discover))
            self._after(discovers * self.times.discover, "link", lambda: self._lease(track))
            return
        self.up = True
        self.by_itself.append(True)
        self._account()

    def _watch(self, section: Section, track: Track) -> None:
        """Look at the link's access point whenever something changes in it."""
        change = track.next_change(self.now)
        if change < self.world.seconds:
            self._at(change, "link", lambda: self._changed(section, track))

    def _changed(self, section: Section, track: Track) -> None:
        self._account()
        if track.at(self.now).usable:
            self._forget_loss()  # back in time: one beacon is enough
        elif not self._losing:
            self._losing = True
            self._after(self.times.upstream_lost, "loss", lambda: self._lost(section))
        self._watch(section, track)

    def _forget_loss(self) -> None:
        self._losing = False
        self._epochs["loss"] += 1

    def _lost(self, section: Section) -> None:
        was_up = self.up
        self._leave()
        if was_up:
            self.by_itself.append(False)
        self._search_again(section)

    def _account(self) -> None:
        track = self.track
        online = self.up and track is not None and track.at(self.now).online
        section = self.running if online else None
        self.ledger.set_online(self.now, section.network if section is not None else None)
