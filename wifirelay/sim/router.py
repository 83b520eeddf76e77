# SPDX-License-Identifier: GPL-2.0-or-later
"""One simulated router: its files, its time, its daemons, its programs.

Ties the parts together and keeps what tests ask for: every command line, every write to
flash, every second that an own access point was off the air. Time is the router's:
`advance` lets it pass, and the real sentry gets a tick every 5 s of it.
"""

import shutil
import tempfile
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Self

from wifirelay.clock import readable
from wifirelay.sim.air import Air
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.chores import Chores
from wifirelay.sim.clients import Clients
from wifirelay.sim.commands import Commands
from wifirelay.sim.daemons import make_procd, write_flash
from wifirelay.sim.files import Root
from wifirelay.sim.hotplug import Hotplug
from wifirelay.sim.interfaces import Interfaces
from wifirelay.sim.iwinfo import Iwinfo
from wifirelay.sim.kernel import Kernel
from wifirelay.sim.light import write_python
from wifirelay.sim.names import Names
from wifirelay.sim.netifd import Netifd
from wifirelay.sim.objects import Objects
from wifirelay.sim.pace import Pacer
from wifirelay.sim.packages import Packages
from wifirelay.sim.plugins import Plugins
from wifirelay.sim.programs import DIRECT, PROGRAMS
from wifirelay.sim.questions import Questions
from wifirelay.sim.radio import RADIO0, RADIO1, Radio
from wifirelay.sim.resources import Resources
from wifirelay.sim.sentry import TICK, Sentry
from wifirelay.sim.shell import Shell
from wifirelay.sim.shims import ShimServer, write_shims
from wifirelay.sim.syslog import Log
from wifirelay.sim.ticks import RUN, Ticks
from wifirelay.sim.timeline import Happening, Plan, Plans, Timeline
from wifirelay.sim.timings import LAB, Timings
from wifirelay.sim.ubus import event_line
from wifirelay.sim.uci import UciFolders
from wifirelay.transport.base import Completed

CONTROLLER = "controller"
PYTHON = "3.11.14"  # of OpenWrt 24.10
_WAKE_STEP = 5.0  # seconds of router time between two looks at a descriptor that wakes


class SimRouter(Questions):
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
        python: str | None = PYTHON,
    ) -> None:
        """`configs`: texts of /etc/config by name. `speed`: real time, this many router
        seconds a second; None: virtual time. `python`: the version of python3-light that
        its package says, None without one. Power is off until `power_on`."""
        self.air, self.timings, self.release = air, timings, release
        self.timeline = Timeline()
        self.lock: AbstractContextManager[bool] = threading.RLock()
        self.root = Root(tempfile.mkdtemp(prefix="wifirelay-sim-"))
        self.folders = UciFolders(
            self.root.here("/etc/config"),
            self.root.here("/tmp/.uci"),  # noqa: S108
            lambda: self.flash_free_kib * 1024,
            root=self.root.path,
        )
        self._files_only = UciFolders(self.folders.config, self.root.here("/shims/.none"))
        write_flash(self.root, configs, release)
        self.packages = Packages(release, python)
        self.ignores_staged = False  # a router whose netifd reads the files only
        self.argvs: list[tuple[str, ...]] = []
        self.processes: Counter[str] = Counter()  # started processes, by who started them
        self.flash_writes: list[tuple[float, str]] = []  # (uptime, path)
        self.boots, self.powered = 0, False
        self.log = Log(lambda: self.timeline.now)
        self.interfaces = Interfaces(
            log=self.log,
            timeline=self.timeline,
            timings=timings,
            uptime=lambda: self.uptime,
            event=self.send_event,
            hotplug=lambda variables: self.hotplugs.later("iface", **variables),
            client=lambda event, variables: self.hotplugs.client(event, variables),
        )
        self.interfaces.wired = wired
        self.netifd = Netifd(
            radios,
            air=air,
            log=self.log,
            timeline=self.timeline,
            timings=timings,
            interfaces=self.interfaces,
            folders=lambda: self._files_only if self.ignores_staged else self.folders,
        )
        self.clients = Clients(self.folders, self.interfaces)
        self.iwinfo, self.speed = Iwinfo(self.netifd, air, timings), speed
        self.chores = Chores(lambda: self.speed is not None)
        self.shell = Shell(self.root.path, PROGRAMS)
        if python is not None:
            write_python(self.root.path, self.shell.shims)
        self.hotplugs = Hotplug(self.root, self.shell, self.chores)
        self.plugins = Plugins(self.root, self.shell)
        self.sentry = Sentry(self.root.here(RUN))
        self.ticks = Ticks(self.root, self.sentry, self.netifd)
        self.idle_ticks = TICK  # seconds between two while nothing happens; more: for months
        self.names = Names(self.root, release)
        self.procd = make_procd(self)
        self.resources = Resources(self.root)
        self.kernel = Kernel(self.root, self.netifd, self.resources, uptime=lambda: self.uptime)
        self.objects = Objects(self)
        self.commands = Commands(self)
        self._booting = Plans(self.timeline)
        self._booted_at, self._boot_id, self.closed = 0.0, "", False
        self._watchers: list[Callable[[str, str], None]] = []
        write_shims(self.shell.shims, DIRECT.keys() - {self.packages.absent})
        self._server = ShimServer(self.shell.shims, self.commands.shim)
        self._pacer = None if speed is None else Pacer(speed, lambda: self.now, self.advance)
        self.look()
        self.flash_writes.clear()

    # power

    def power_on(self) -> None:
        """Boot: RAM is empty, flash is as it was left."""
        with self.lock:
            self.boots += 1
            self.powered = True
            self._boot_id = str(uuid.UUID(int=0x5EED0000 + self.boots, version=4))
            self._booted_at = self.now
            self.ticks.begin(self.now)
            self.kernel.power_on()
            self.sync()
            self._booting.at(self.timings.boot_services, self.names.start)
            self._booting.at(self.timings.boot_services, self.procd.boot)
            self._booting.at(self.timings.boot_wireless, self.netifd.boot)
        if self._pacer is not None:
            self._pacer.start()

    def power_cut(self, off: float = 0.0) -> None:
        """Cut the power, and give it back after `off` seconds."""
        with self.lock:
            self._booting.call_off()
            self.powered = False
            self.procd.stop_all()
            self.shell.kill_all()
            self.netifd.stop()
            self.plugins.methods.clear()
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
                stop = min(target, max(self.ticks.next, self.now)) if ticks else target
                self.timeline.run_to(max(stop, self.now))
            if self.chores:
                self.chores.work()
            with self.lock:
                due = ticks and self.ticks.due(self.now, self.idle_ticks)
                self.procd.watch()
                due = due and self.sentry.pid is not None
                done = self.now >= target
                if due or done:  # nobody else looks
                    self.sync()
            if due:
                self._tick()
            if done:
                return

    def step(self, end: float) -> None:
        """In virtual time: go to what happens next, the sentry's ticks too; at most to `end`."""
        with self.lock:
            due = self.timeline.next()
            moment = min(end, self.ticks.next, end if due is None else due)
        self.advance(max(moment - self.now, 0.0))

    def pass_time(self, seconds: float, wake: int | None = None) -> None:
        """Let time pass as a waiting controller sees it: virtual, or real; less of it when the
        file descriptor `wake` becomes readable."""
        if self.speed is not None:
            readable(seconds / self.speed, wake)
        elif wake is None:
            self.advance(seconds)
        else:
            end = self.now + seconds
            while self.now < end and not readable(0.0, wake):
                self.step(min(end, self.now + _WAKE_STEP))

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
        more: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run one command of a controller, simulated or in ash; `more` for its environment."""
        return self.commands.execute(argv, stdin, origin, deadline, more)

    def settle(self) -> None:
        """In virtual time, wait until the sentry has done what there is to do."""
        if self.speed is None and self.sentry.pid is not None:
            self.sentry.settle()

    def watch_events(self, watcher: Callable[[str, str], None]) -> Callable[[], None]:
        """Tell `watcher` each ubus event's name and line; call the result to stop."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def close(self) -> None:
        """End every process and thread, and remove the scratch root."""
        if self.closed:
            return
        self.closed = True
        if self._pacer is not None:
            self._pacer.stop()
        with self.lock:
            self.procd.stop_all()
            self.shell.kill_all()
        self._server.close()
        self.chores.close()
        shutil.rmtree(self.root.path, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # inside

    def _tick(self) -> None:
        if self.speed is not None:
            self.sentry.poke_only()
        else:
            self.sentry.tick()
        with self.lock:
            self.look()
            self.ticks.done(self.now, self.idle_ticks)

    def look(self) -> None:
        """Note what was written to flash since the last look."""
        with self.lock:
            moment = self.now if self.speed is None else None
            self.flash_writes += [(self.uptime, path) for path in self.root.look(moment)]

    def sync(self) -> None:
        """Rewrite /proc, /sys and netifd's files where they changed."""
        if not self.powered or self.closed:
            return
        # alone in virtual time: no process of this machine reads them meanwhile
        alone = self.speed is None and not self.shell.running and self.sentry.resting
        self.kernel.sync(self.boot_id, alone=alone)

    def send_event(self, name: str, data: Mapping[str, Json]) -> None:
        """Tell all who listen on ubus."""
        for watcher in list(self._watchers):
            watcher(name, event_line(name, data))
