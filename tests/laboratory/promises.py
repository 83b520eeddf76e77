# SPDX-License-Identifier: GPL-2.0-or-later
"""What wifirelay promises, as checks: one a promise, after every step of every schedule.

Each `gN` raises Broken when its promise is broken at this moment. What no controller could
help (a sentry that is dead, a reload that does not work) is excused for as long as it
lasts: `excuse`. Nothing else is.
"""

from dataclasses import dataclass, field

from tests.lab import ACCESS_POINTS, RETURN
from tests.laboratory.lab import LAN_WAIT, Lab
from tests.laboratory.truth import OWN, Truth
from wifirelay.sim.air import Internet
from wifirelay.sim.station import text_option

PROVED = 60.0  # seconds for which a proof of the internet counts (G2)
WRITES_A_DAY = 12  # (G5)
LOOKED_AT = 150.0  # seconds after a pause: a lock's lease, and a scan (G7)
ENDS = 420.0  # seconds within which whatever a person asked for has ended (G8)
LOCKED = 200.0  # seconds after which a lock of a dead controller can be taken (G8)
_CONTROL = frozenset(map(chr, [*range(32), *range(127, 160)])) - {"\n"}


class Broken(AssertionError):
    """A promise is broken. The first word says which."""


class Lost(Exception):
    """Other hands have left nothing that anybody could go on with: the experiment is over."""


@dataclass
class Promises:
    """All promises about one experiment."""

    lab: Lab
    truth: Truth
    excused: float = 0.0  # until then own access points may be off the air: no one could help
    writes_a_day: int = WRITES_A_DAY  # what people ask for comes on top
    canaries: tuple[str, ...] = ()  # what a hostile name would run
    _argvs: list[tuple[str, ...]] = field(default_factory=list)  # since the last look
    _texts: list[tuple[str, str]] = field(default_factory=list)
    _seen: int = 0
    _logged: int = 0
    _told: dict[int, int] = field(default_factory=dict)
    _proved: dict[str, float] = field(default_factory=dict)  # section -> when its internet worked
    _away: float | None = None  # since when lan has another address than its owner knows
    _began: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """After every step. Raises Lost, Broken."""
        if self.truth.emptied & {"wireless", "network", "firewall"}:
            raise Lost("a commit on a full flash has emptied a configuration")
        self._news()
        self.g1_own_wifi_first()
        self.g2_all_or_nothing()
        self.g3_hands_off()
        self.g4_secrets_stay()
        self.g5_flash_lives()
        self.g6_hostile_air()
        self.g8_bounded()

    def excuse(self, until: float) -> None:
        """Nothing could bring own access points back before that moment."""
        self.excused = max(self.excused, until)

    def g1_own_wifi_first(self) -> None:
        """Own access points are on the air again within 90 s, with nobody's help."""
        router = self.lab.router
        if not router.netifd.running:
            self.excuse(router.now + router.timings.boot_ap_on)
            return
        for section in ACCESS_POINTS:
            since = router.off_air_since(section)
            if since is None or section in self.truth.given_up:
                continue
            dark = router.now - max(since, self.excused)
            if dark > RETURN:
                raise Broken(f"G1: {section} has been off the air for {dark:.0f} s")
        self._nobody_is_locked_out()

    def _nobody_is_locked_out(self) -> None:
        """lan has the address that its owner knows, but for a move's own time."""
        now, lan = self.lab.now, self.truth.lan
        if "ram" in self.lab.router.disk.full:
            lan.ram_full()
        if lan.known:
            self._away = None
            return
        self._away = now if self._away is None else self._away
        away = now - max(self._away, self.excused)
        if away > LAN_WAIT + RETURN:
            raise Broken(f"G1: lan is {self.lab.router.lan}, not {lan.home}, for {away:.0f} s")

    def g2_all_or_nothing(self) -> None:
        """Flash holds the state before, or the state after a confirmed change."""
        self._prove()
        for write in self.truth.new_writes():
            if write.by == "hands":
                continue
            if write.own is None:
                raise Broken(f"G2: {write.path} is not a configuration after {write.how}")
            if write.own not in self.truth.own_before and not self._is_proved(write.own):
                raise Broken(f"G2: flash has own sections that nobody proved: {write.own}")
            self.truth.own_before.append(write.own)
        if self.truth.lan.nobodys:
            raise Broken(f"G2: nobody has reached the address on flash: {self.truth.lan.nobodys}")

    def g3_hands_off(self) -> None:
        """Only own sections are written."""
        for text in self.truth.foreign_edits():
            raise Broken(f"G3: {text}")

    def g4_secrets_stay(self) -> None:
        """No key in an argument, a log line, or anything that was told."""
        for argv in self._argvs:
            for word in argv:
                self._no_secret(word, f"an argument of {argv[0]}")
        for name, text in self._texts:
            self._no_secret(text, name)

    def g5_flash_lives(self) -> None:
        """A failed trial writes flash zero times, a confirmed one once."""
        writes, allowed = self.truth.writes, self.truth.allowed_writes() + self.lab.leaves
        if writes > allowed:
            raise Broken(f"G5: {writes} writes to flash for {allowed} that are due")
        if self.truth.most_a_day() > self.writes_a_day:
            raise Broken(f"G5: {self.truth.most_a_day()} writes to flash in a day")

    def g6_hostile_air(self) -> None:
        """No name runs a command, forges a line, colours a terminal."""
        for argv in self._argvs:
            if argv[0] in self.canaries:
                raise Broken(f"G6: {argv} was run")
        for name, text in self._texts:
            if not _CONTROL.isdisjoint(text):
                raise Broken(f"G6: {name} holds control characters: {text!r}")

    def g7_no_silent_giving_up(self) -> None:
        """An uplink that was held off is looked at again when its pause is over."""
        router = self.lab.router
        folder = "/tmp/run/wifirelay"
        if router.now < self.excused or not router.disk.isdir(folder):
            return
        for name in router.disk.listdir(folder):
            if name.startswith("held."):
                until = router.disk.read(f"{folder}/{name}").split(b" ")[0]
                if until.isdigit() and router.uptime - int(until) > LOOKED_AT:
                    raise Broken(f"G7: {name[5:]} was to be looked at, at {int(until)} s of uptime")

    def g8_bounded(self) -> None:
        """Whatever a person asked for ends."""
        for controller in self.lab.controllers:
            key = id(controller)
            if not controller.alive or controller.endless:
                self._began.pop(key, None)
                continue
            began = self._began.setdefault(key, self.lab.now)
            if self.lab.now - max(began, controller.stopped_until) > ENDS:
                raise Broken(f"G8: {controller.name} has worked for {self.lab.now - began:.0f} s")

    def at_rest(self) -> None:
        """When all faults are over and everything had its time: nothing is left half done."""
        self.look()
        self.g7_no_silent_giving_up()
        lab = self.lab
        if not lab.on_air() and not self.truth.given_up:
            raise Broken("G1: own access points are off the air at the end")
        for package in ("wireless", "network", "firewall"):
            if self.truth.is_empty(package):
                raise Broken(f"G2: /etc/config/{package} is empty at the end")
        state = lab.state()
        if state is None:
            raise Broken("G1: the router is off at the end")
        if state.unfinished is not None:
            raise Broken(f"G2: a trial is {state.unfinished.state} at the end")
        if state.locked is not None and state.locked.lease - state.uptime > LOCKED:
            raise Broken(f"G8: the lock is held for {state.locked.lease - state.uptime} s more")
        self._lan_at_rest()
        for path, mode in self.truth.secret_files():
            raise Broken(f"G4: {path} holds a key, and its mode is {mode:o}")

    # inside

    def _lan_at_rest(self) -> None:
        """The address that the owner knows, on flash and in use, and nothing staged."""
        lan, flash = self.truth.lan, self.truth.lan_on_flash()
        if not lan.known:
            raise Broken(f"G1: lan is {self.lab.router.lan} at the end, not {lan.home}")
        if lan.by_hands:  # flash has what other hands committed: what is staged stands against it
            return
        if flash != lan.home or lan.staged():
            raise Broken(
                f"G2: lan is {flash} on flash at the end, not {lan.home}; staged: {lan.staged()}"
            )

    def _prove(self) -> None:
        """Note which own section has a working uplink now."""
        router = self.lab.router
        for wireless in router.netifd.radios.values():
            station = wireless.station
            if station is None or not station.completed or station.point is None:
                continue
            interface = router.interfaces.all.get(text_option(station.options, "network"))
            if interface is None or not interface.up or interface.lease is None:
                continue
            if station.point.internet in (Internet.OK, Internet.DNS_FILTERED):
                self._proved[_identity(station.section, station.options)] = router.now

    def _is_proved(self, own: OWN) -> bool:
        """Whether each enabled own section worked lately, and the others are as they were."""
        known = {
            (name, options) for state in self.truth.own_before for name, options in state.items()
        }
        for name, options in own.items():
            values = dict(options)
            if values.get("disabled") == "1" or (name, options) in known:
                continue
            if self.lab.now - self._proved.get(_identity(name, values), -1e9) > PROVED:
                return False
        return True

    def _no_secret(self, text: str, where: str) -> None:
        for secret in self.truth.secrets:
            if secret in text:
                raise Broken(f"G4: {where} holds a key: {text!r}")

    def _news(self) -> None:
        """What was run, logged and told since the last look."""
        router = self.lab.router
        self._argvs = router.argvs[self._seen :]
        self._seen += len(self._argvs)
        self._texts = []
        log = router.log
        if log.count > self._logged:
            new = min(log.count - self._logged, len(log.lines))
            self._logged = log.count
            self._texts += [("the log", log.lines[-n]) for n in range(new, 0, -1)]
        for controller in self.lab.controllers:
            start = self._told.get(id(controller), 0)
            if len(controller.told) > start:
                self._told[id(controller)] = len(controller.told)
                name = f"what {controller.name} told"
                self._texts += [(name, text) for text in controller.told[start:]]


def _identity(section: str, options: dict[str, object]) -> str:
    """What an uplink is: its section, network and key."""
    return repr([section, *(options.get(name) for name in ("ssid", "key", "device"))])
