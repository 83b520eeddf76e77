# SPDX-License-Identifier: GPL-2.0-or-later
"""One simulated router: its files, its time, its daemons, its programs.

Ties the parts together and keeps what tests ask for: every command line, every write to
flash, every second that an own access point was off the air. Time is the router's:
`advance` lets it pass, and the real sentry gets a tick every 5 s of it.
"""

import os
import shutil
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from wifirelay.errors import DeadlineExceeded
from wifirelay.sim.air import Air
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.devices import operstates
from wifirelay.sim.files import Root
from wifirelay.sim.interfaces import Interfaces
from wifirelay.sim.iwinfo import Iwinfo
from wifirelay.sim.netifd import Netifd, Outage
from wifirelay.sim.objects import Objects
from wifirelay.sim.procd import SENTRY, Procd
from wifirelay.sim.programs import DIRECT, PROGRAMS, Program
from wifirelay.sim.radio import RADIO0, RADIO1, Radio
from wifirelay.sim.sentry import TICK, Sentry
from wifirelay.sim.shell import Shell
from wifirelay.sim.shims import Printer, Reader, ShimServer, write_shims
from wifirelay.sim.station import Options
from wifirelay.sim.syslog import Log
from wifirelay.sim.timeline import Happening, Plan, Plans, Timeline
from wifirelay.sim.timings import LAB, Timings
from wifirelay.sim.ubus import event_line
from wifirelay.sim.uci import UciError, UciFolders, load
from wifirelay.transport.base import Completed

CONTROLLER = "controller"
_RUN = "/tmp/run/wifirelay"  # noqa: S108 - on the router


class SimRouter:
    """A router and what is around it. Close it, or use it in a `with` statement."""

    def __init__(
        self,
        air: Air,
        configs: Mapping[str, str],
        *,
        radios: tuple[Radio, ...] = (RADIO0, RADIO1),
        timings: Timings = LAB,
        release: str = "24.10.2",
        wired: bool = False,
        speed: float | None = None,
    ) -> None:
        """`configs`: texts of /etc/config by name. `speed`: real time, this many router
        seconds a second; None: virtual time. Power is off until `power_on`."""
        self.air, self.timings, self.release = air, timings, release
        self.timeline = Timeline()
        self.lock = threading.RLock()
        self.root = Root(tempfile.mkdtemp(prefix="wifirelay-sim-"))
        self.flash_free_kib = 2546812
        self.folders = UciFolders(
            self.root.here("/etc/config"),
            self.root.here("/tmp/.uci"),  # noqa: S108
            lambda: self.flash_free_kib * 1024,
            root=self.root.path,
        )
        for name, text in configs.items():
            self.root.write(f"/etc/config/{name}", text)
        self.root.write("/etc/openwrt_release", _release(release))
        self.ignores_staged = False  # a router whose netifd reads the files only
        self.argvs: list[tuple[str, ...]] = []
        self.processes: Counter[str] = Counter()  # started processes, by who started them
        self.flash_writes: list[tuple[float, str]] = []  # (uptime, path)
        self.boots = 0
        self.powered = False
        self.log = Log(lambda: self.timeline.now)
        self.interfaces = Interfaces(
            log=self.log,
            timeline=self.timeline,
            timings=timings,
            uptime=lambda: self.uptime,
            event=self._event,
        )
        self.interfaces.wired = wired
        self.netifd = Netifd(
            radios,
            air=air,
            log=self.log,
            timeline=self.timeline,
            timings=timings,
            interfaces=self.interfaces,
            load=self._load,
        )
        self.iwinfo = Iwinfo(self.netifd, air, timings)
        self.shell = Shell(self.root.path, PROGRAMS)
        self.sentry = Sentry(self.root.here(_RUN))
        self.procd = Procd(self.root, self.shell, self.timeline, self.sentry)
        self.objects = Objects(self)
        self._booting = Plans(self.timeline)
        self._booted_at = 0.0
        self._boot_id = ""
        self._next_tick = 0.0
        self._watchers: list[Callable[[str, str], None]] = []
        self._closed = False
        write_shims(self.shell.shims, PROGRAMS)
        self._server = ShimServer(self.shell.shims, self._shim)
        self._speed = speed
        self._pacer: threading.Thread | None = None
        if speed is not None:
            self._pacer = threading.Thread(target=self._pace, name="sim-time", daemon=True)
        self.root.look()

    # power

    def power_on(self) -> None:
        """Boot: RAM is empty, flash is as it was left."""
        with self.lock:
            self.boots += 1
            self.powered = True
            self._boot_id = str(uuid.UUID(int=0x5EED0000 + self.boots, version=4))
            self._booted_at = self.now
            self._next_tick = self.now + TICK
            self.root.power_on()
            self._sync()
            self._booting.at(self.timings.boot_services, self.procd.boot)
            self._booting.at(self.timings.boot_wireless, self.netifd.boot)
        if self._pacer is not None and not self._pacer.is_alive():
            self._pacer.start()

    def power_cut(self, off: float = 0.0) -> None:
        """Cut the power, and give it back after `off` seconds."""
        with self.lock:
            self._booting.call_off()
            self.powered = False
            self.procd.stop_all()
            self.shell.kill_all()
            self.netifd.stop()
            self.log.lines.clear()
            self.root.power_on()
            if off > 0:
                self.timeline.at(off, self.power_on)
            else:
                self.power_on()

    def reboot(self) -> None:
        """An orderly reboot, as the command does it: in a moment."""
        self._booting.at(1.0, self.power_cut)

    def boot(self, seconds: float = 30.0) -> None:
        """Power on, and wait until everything is up."""
        self.power_on()
        self.advance(seconds)

    @property
    def reachable(self) -> bool:
        """Whether SSH would answer."""
        return self.powered and self.uptime >= self.timings.boot_reachable

    # time

    @property
    def now(self) -> float:
        """Seconds since the simulation began; never goes back."""
        return self.timeline.now

    @property
    def uptime(self) -> float:
        return self.timeline.now - self._booted_at if self.powered else 0.0

    @property
    def boot_id(self) -> str:
        return self._boot_id

    def advance(self, seconds: float, *, ticks: bool = True) -> None:
        """Let router time pass. `ticks=False`: on behalf of the sentry, which is busy."""
        target = self.now + seconds
        while True:
            with self.lock:
                stop = min(target, max(self._next_tick, self.now)) if ticks else target
                self.timeline.run_to(max(stop, self.now))
                due = ticks and self.now >= self._next_tick
                if due:
                    self._next_tick = self.now + TICK
                    self.procd.watch()
                self._sync()
                done = self.now >= target
            if due and self.sentry.pid is not None:
                self._tick()
            if done:
                return

    def pass_time(self, seconds: float) -> None:
        """Let time pass as a sleeping controller sees it: virtual, or real."""
        if self._speed is None:
            self.advance(seconds)
        else:
            time.sleep(seconds / self._speed)

    def at(self, seconds: float, happening: Happening) -> Plan:
        """Let something happen so many seconds from now."""
        with self.lock:
            return self.timeline.at(seconds, happening)

    # commands

    def execute(
        self,
        argv: Sequence[str],
        stdin: bytes | None = None,
        *,
        origin: str = CONTROLLER,
        deadline: float | None = None,
    ) -> Completed:
        """Run one command of a controller: a simulated program, or anything in ash."""
        name = argv[0].rpartition("/")[2]
        if argv[0].startswith("/etc/init.d/") and len(argv) == 2:
            return self.execute(
                ["ubus", "call", "rc", "init", f'{{"name":"{name}","action":"{argv[1]}"}}'],
                origin=origin,
            )
        self._note(argv, origin)
        if name in DIRECT and (not argv[0].startswith("/") or name == "cat"):
            completed = self._program(DIRECT[name], argv[1:], stdin or b"", origin, deadline)
            if name == "ubus" and "rc" in argv:
                self.settle()
            return completed
        started = self.now
        words = list(argv)
        if words[0] in ("sh", "ash", "/bin/sh"):
            words = self.shell.script_argv(words)
        else:  # any other program: its paths are the router's
            words = [self.root.here(w) if w.startswith("/") else w for w in words]
        self._spend(self.timings.quick, origin)
        completed = self.shell.run(words, stdin, origin=origin)
        self.settle()
        self._look()
        if deadline is not None and self.now - started > deadline:
            raise DeadlineExceeded(f"{argv[0]} took {self.now - started:.1f} s")
        return completed

    def settle(self) -> None:
        """In virtual time, wait until the sentry has done what there is to do."""
        if self._speed is None and self.sentry.pid is not None:
            self.sentry.settle()

    # what tests ask for

    def on_air(self, section: str) -> bool:
        """Whether that own access point is on the air now."""
        return self.netifd.outages.get(section, Outage()).on

    def off_air_since(self, section: str) -> float | None:
        """Since which `now` that own access point has been off the air; None: it is on."""
        outage = self.netifd.outages.get(section)
        return None if outage is None or outage.on else outage.since

    def outage_seconds(self, section: str) -> float:
        """How long it was off the air since it was first on the air."""
        outage = self.netifd.outages.get(section)
        return 0.0 if outage is None else outage.seconds(self.now)

    @property
    def sentry_absent(self) -> bool:
        return self.procd.absent

    @sentry_absent.setter
    def sentry_absent(self, absent: bool) -> None:
        with self.lock:
            self.procd.absent = absent
            if absent:
                self.procd.stop(SENTRY)

    def kill_sentry(self) -> None:
        """Let the sentry's process die; procd starts it again after 5 s."""
        with self.lock:
            self.procd.kill(SENTRY)

    def hang_sentry(self) -> None:
        """Let the sentry hang for good: alive, and doing nothing."""
        with self.lock:
            self.procd.hang(SENTRY)

    def watch_events(self, watcher: Callable[[str, str], None]) -> Callable[[], None]:
        """Tell `watcher` each ubus event's name and line; call the result to stop."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def errors(self) -> str:
        """What services wrote to their standard output and error."""
        path = os.path.join(self.shell.shims, ".errors")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def close(self) -> None:
        """End every process and thread, and remove the scratch root."""
        if self._closed:
            return
        self._closed = True
        if self._pacer is not None and self._pacer.is_alive():
            self._pacer.join(5)
        with self.lock:
            self.procd.stop_all()
            self.shell.kill_all()
        self._server.close()
        shutil.rmtree(self.root.path, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # inside

    def _program(
        self,
        program: Program,
        argv: Sequence[str],
        stdin: bytes,
        origin: str,
        deadline: float | None = None,
    ) -> Completed:
        with self.lock:
            before = program.before(self, argv)
        self._spend(before if deadline is None else min(before, deadline), origin)
        if deadline is not None and before > deadline:
            raise DeadlineExceeded(f"no answer within {deadline:g} s")
        with self.lock:
            answer = program.run(self, argv, stdin)
            self._sync()
            if program.flash:
                self._look()
        if answer.after:
            self._spend(answer.after, origin)
        return answer.completed

    def _shim(
        self, origin: str, argv: Sequence[str], read: Reader, write: Printer
    ) -> tuple[int, bytes, bytes]:
        """Answer one shim."""
        del write
        program = PROGRAMS[argv[0]]
        sentry = origin == "sentry"
        if sentry:
            self.sentry.calls += 1
        try:
            self._note(argv, origin)
            stdin = read() if program.reads(argv[1:]) else b""
            completed = self._program(program, argv[1:], stdin, origin)
            if sentry and argv[0] in ("sleep", "usleep"):
                self.sentry.sleeps += 1
        finally:
            if sentry:
                self.sentry.calls -= 1
        return completed.rc, completed.out, completed.err

    def _spend(self, seconds: float, origin: str) -> None:
        if self._speed is None:
            if origin != "sentry":
                self.settle()
            self.advance(seconds, ticks=origin != "sentry")
        else:
            time.sleep(seconds / self._speed)

    def _note(self, argv: Sequence[str], origin: str) -> None:
        with self.lock:
            self.argvs.append(tuple(argv))
            self.processes[origin] += 1

    def _tick(self) -> None:
        if self._speed is not None:
            self.sentry.poke_only()
        else:
            self.sentry.tick()
        with self.lock:
            self._look()
            self._next_tick = self.now + TICK

    def _look(self) -> None:
        self.flash_writes += [(self.uptime, path) for path in self.root.look()]

    def _sync(self) -> None:
        """Rewrite /proc, /sys and netifd's files where they changed."""
        if not self.powered or self._closed:
            return
        files = {
            "/proc/uptime": f"{self.uptime:.2f} {self.uptime * 1.9:.2f}\n",
            "/proc/sys/kernel/random/boot_id": f"{self.boot_id}\n",
        }
        for ifname, state in operstates(self.netifd).items():
            files[f"/sys/class/net/{ifname}/operstate"] = f"{state}\n"
        if self.netifd.running:
            files["/tmp/resolv.conf.d/resolv.conf.auto"] = self.interfaces.resolv()  # noqa: S108
        self.root.kernel(files)

    def _load(self, package: str) -> dict[str, tuple[str, Options]]:
        folders = self.folders
        if self.ignores_staged:
            folders = UciFolders(folders.config, os.path.join(self.root.path, "shims/.none"))
        try:
            loaded = load(package, folders)
        except UciError:
            return {}
        return {s.name: (s.type, dict(s.options)) for s in loaded.sections}

    def _event(self, name: str, data: dict[str, Json]) -> None:
        for watcher in list(self._watchers):
            watcher(name, event_line(name, data))

    def _pace(self) -> None:
        """Real time: let the router's time follow this machine's."""
        start, origin = time.monotonic(), self.now
        while not self._closed:
            time.sleep(0.02)
            behind = (time.monotonic() - start) * (self._speed or 1.0) + origin - self.now
            if behind > 0 and not self._closed:
                self.advance(behind)


def _release(version: str) -> str:
    return (
        f"DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='{version}'\n"
        "DISTRIB_REVISION='r28597-0425664679'\nDISTRIB_TARGET='x86/64'\n"
        f"DISTRIB_ARCH='x86_64'\nDISTRIB_DESCRIPTION='OpenWrt {version} r28597-0425664679'\n"
        "DISTRIB_TAINTS=''\n"
    )
