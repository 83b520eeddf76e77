# SPDX-License-Identifier: GPL-2.0-or-later
"""The laboratory's router: the simulated one's daemons and programs, with nothing of this machine.

Files are in memory, scripts run in `ash`, each process is a greenlet of the hub. One seed
decides everything that a real router leaves to chance.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from random import Random
from typing import Any

from tests.laboratory.disk import Disk
from tests.laboratory.hub import Hub, Process
from tests.laboratory.machine import MOMENT, execute
from tests.laboratory.memo import remembered
from tests.laboratory.openfile import Fifo
from tests.laboratory.services import Services
from wifirelay.clock import readable
from wifirelay.sim.air import Air
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.configs import release_text
from wifirelay.sim.devices import operstates
from wifirelay.sim.interfaces import Interfaces
from wifirelay.sim.iwinfo import Iwinfo
from wifirelay.sim.netifd import Netifd
from wifirelay.sim.objects import Objects
from wifirelay.sim.packages import Packages
from wifirelay.sim.questions import Questions
from wifirelay.sim.radio import RADIO0, RADIO1
from wifirelay.sim.syslog import Log
from wifirelay.sim.timeline import Plans, Timeline
from wifirelay.sim.timings import LAB, Timings
from wifirelay.sim.ubus import event_line
from wifirelay.sim.uci import UciFolders, uci
from wifirelay.transport.base import Completed

IDLE_ROUNDS = 4
WAKES = 5.0  # seconds between looks at a descriptor
_BUSY = frozenset(("armed", "confirming", "rolling", "lock", "resting", "lease"))


class Resources:
    """Flash and memory, as the objects tell of them."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def info(self) -> dict[str, Json]:
        free = 0 if "flash" in self._disk.full else 2546812
        root: dict[str, Json] = {"total": 4046560, "free": free, "used": 4046560 - free}
        return {"memory": {"available": 848900096}, "root": root | {"avail": free}}

    def df(self, argv: Sequence[str]) -> str:
        del argv
        free = 0 if "flash" in self._disk.full else 2546812
        head = "Filesystem           1K-blocks      Used Available Use% Mounted on\n"
        return f"{head}overlayfs:/overlay   4046560 {4046560 - free} {free}  37% /\n"


class Paths:
    """The router's root as programs ask for it: paths are what they are."""

    path = ""

    def __init__(self, disk: Disk) -> None:
        self.read = disk.read

    def here(self, path: str) -> str:
        return path


class Plugins:
    """rpcd has none here."""

    methods: Mapping[str, Mapping[str, Any]] = {}


class LabRouter(Questions):
    """One router with its neighbourhood. Power is off until `power_on`."""

    def __init__(
        self,
        air: Air,
        configs: Mapping[str, str],
        *,
        chance: Random,
        timings: Timings = LAB,
        release: str = "24.10.2",
    ) -> None:
        self.air, self.timings, self.release, self.chance = air, timings, release, chance
        self.timeline = Timeline()
        self.hub = Hub(self.timeline)
        self.lock: AbstractContextManager[Any] = nullcontext()
        self.disk = Disk(lambda: self.now + self.skew)
        self.disk.kernel = self._kernel
        self.disk.wait = self._wait
        self.folders = UciFolders(
            "/etc/config",
            "/tmp/.uci",
            self._flash_room,
            storage=self.disk,
        )
        self.skew = 0.0  # seconds by which the router's clock is wrong: file times
        self.argvs: list[tuple[str, ...]] = []
        self.processes: Counter[str] = Counter()
        self.log = Log(lambda: self.now)
        self.boots = 0
        self.powered = False
        self.table_full = False
        self.jitter = 0.0  # how much longer, at most, a process takes to begin, in parts
        self.faults: dict[str, Callable[[Sequence[str]], Completed | None]] = {}
        self.steps = 0
        self.on_power_cut: Callable[[], None] = lambda: None
        self.on_step: Callable[[int, str, str], None] | None = None
        self._watchers: list[Callable[[str, str], None]] = []
        self._pid = 1000
        self._booted_at = 0.0
        self.boot_id = ""
        self._booting = Plans(self.timeline)
        self.interfaces = Interfaces(
            log=self.log,
            timeline=self.timeline,
            timings=timings,
            uptime=lambda: self.uptime,
            event=self.send_event,
        )
        self.netifd = Netifd(
            (RADIO0, RADIO1),
            air=air,
            log=self.log,
            timeline=self.timeline,
            timings=timings,
            interfaces=self.interfaces,
            folders=lambda: self.folders,
        )
        self.iwinfo = Iwinfo(self.netifd, air, timings)
        self.packages = Packages(release, None)
        self.plugins = Plugins()
        self.resources = Resources(self.disk)  # type: ignore[assignment]
        self.root = Paths(self.disk)
        self.services = Services(self)
        self.procd = self.services  # type: ignore[assignment]
        self.objects = Objects(self)  # type: ignore[arg-type]
        for folder in ("/etc/config", "/etc/init.d", "/etc/rc.d", "/usr/sbin"):
            self.disk.mkdir(folder)
        for name, text in configs.items():
            self.disk.replace(f"/etc/config/{name}", text.encode(), 0o600)
        self.disk.replace("/etc/openwrt_release", release_text(release).encode())

    # power and time

    @property
    def now(self) -> float:
        return self.timeline.now

    @property
    def uptime(self) -> float:
        return self.now - self._booted_at if self.powered else 0.0

    @property
    def reachable(self) -> bool:
        return self.powered and self.uptime >= self.timings.boot_reachable

    @property
    def lan(self) -> str:
        """The address that lan has now; empty while it has none."""
        interface = self.interfaces.all.get("lan")
        return "" if interface is None else "".join(str(net.ip) for net in interface.networks())

    speed = None  # virtual time

    def step(self, end: float) -> None:
        """A controller that waits goes on at what happens next; at most at `end`."""
        due = self.timeline.next()
        self.hub.sleep(max(min(end, end if due is None else due) - self.now, 0.0))

    def pass_time(self, seconds: float, wake: int | None = None) -> None:
        """The same for so many seconds; less when the file descriptor `wake` is readable."""
        end = self.now + seconds
        if wake is None:
            self.hub.sleep(max(seconds, 0.0))
        while self.now < end and not readable(0.0, wake):
            self.hub.sleep(min(end - self.now, WAKES))

    def power_on(self) -> None:
        self.boots += 1
        self.powered = True
        self.boot_id = f"5eed0000-0000-4000-8000-{self.boots:012d}"
        self._booted_at = self.now
        for folder in ("/tmp/.uci", "/tmp/run"):
            if not self.disk.exists(folder):
                self.disk.mkdir(folder, 0o700 if folder.endswith("uci") else 0o755)
        self._booting.at(self.timings.boot_services, self.procd.boot)
        self._booting.at(self.timings.boot_wireless, self.netifd.boot)

    def power_cut(self, off: float = 0.0) -> None:
        """Not to be called by a process of the router itself."""
        self._booting.call_off()
        self.powered = False
        self.hub.kill_all(lambda process: process.origin not in ("controller", "hands"))
        self.procd.stop_all()
        self.netifd.stop()
        self.log.lines.clear()
        self.disk.power_cut(self.chance)
        self.on_power_cut()
        self.table_full = False
        self.faults.clear()
        self.timeline.at(off, self.power_on)

    def reboot(self) -> None:
        self._booting.at(1.0, self._orderly)

    def _orderly(self) -> None:
        self.disk.sync()
        self.power_cut()

    # processes

    def start(
        self, argv: Sequence[str], stdin: bytes | None, origin: str, at: str | None = None
    ) -> tuple[Process, list[Completed]]:
        """A command in a process of its own; the list holds its answer once it has ended. `at`: the
        address of lan that it comes to, by SSH."""
        more = {} if at is None else {"SSH_CONNECTION": f"{at} 50000 {at} 22"}
        answer: list[Completed] = []

        def run() -> None:
            with suppress(BlockingIOError):  # the process table is full: no answer comes
                answer.append(execute(self, argv, stdin, origin, more))

        return self.hub.start(run, argv[0], origin), answer

    def next_pid(self) -> int:
        self._pid += 1
        return self._pid

    def moment(self) -> float:
        """Seconds until a process that was started runs."""
        return MOMENT * (1.0 + self.chance.random() * self.jitter) if self.jitter else MOMENT

    def begins(self, origin: str, name: str) -> None:
        """Something begins on the router: a place where things can happen."""
        number, self.steps = self.steps, self.steps + 1
        if self.on_step is not None:
            self.on_step(number, origin, name)

    def note(self, argv: Sequence[str], origin: str) -> None:
        self.argvs.append(tuple(argv))
        self.processes[origin] += 1

    def program_fault(self, name: str, argv: Sequence[str]) -> Completed | None:
        """What a program that is broken now answers."""
        fault = self.faults.get(name)
        return None if fault is None else fault(argv)

    def uci(self, argv: Sequence[str], stdin: bytes) -> Completed:
        disk, folders = self.disk, self.folders
        if not disk.full and not disk.read_only and disk.isdir(folders.save):
            return remembered(argv, stdin, disk)
        read_only = "flash" in disk.read_only
        return uci(argv, stdin, replace(folders, read_only=read_only))

    def _flash_room(self) -> int:
        room = self.disk.room("flash")
        return 1 << 30 if room is None else room

    # events

    def watch_events(self, watcher: Callable[[str, str], None]) -> Callable[[], None]:
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def send_event(self, name: str, data: Mapping[str, Json]) -> None:
        for watcher in list(self._watchers):
            watcher(name, event_line(name, data))

    # files that the kernel shows

    def _kernel(self, path: str) -> bytes | None:
        if not path.startswith(("/proc/", "/sys/", "/tmp/resolv")):
            return None
        if path == "/proc/uptime":
            return f"{self.uptime:.2f} {self.uptime * 1.9:.2f}\n".encode()
        if path == "/proc/sys/kernel/random/boot_id":
            return f"{self.boot_id}\n".encode()
        if path.startswith("/sys/class/net/") and path.endswith("/operstate"):
            state = operstates(self.netifd).get(path.split("/")[4])
            return None if state is None else f"{state}\n".encode()
        if path == "/tmp/resolv.conf.d/resolv.conf.auto" and self.netifd.running:
            return self.interfaces.resolv().encode()
        return None

    def _wait(self, fifo: Fifo, seconds: float | None) -> bool:
        """A pipe's reader waits. The sentry's rounds in which it would see what it saw before
        are left out, three of four: they take two thirds of an experiment's time."""
        current = self.hub.current
        if current is None or current.origin != "sentry" or seconds is None:
            return self.hub.wait(fifo.waiters.append, seconds)
        changes, skew = self.disk.changes, self.skew
        for _ in range(IDLE_ROUNDS):
            if self.hub.wait(fifo.waiters.append, seconds):
                return True
            if self.disk.changes != changes or self.skew != skew or not self._idle():
                break
        return False

    def _idle(self) -> bool:
        """Whether the sentry has nothing under its eyes that time alone would change."""
        folder = "/tmp/run/wifirelay"
        if not all(outage.on for outage in self.netifd.outages.values()):
            return False
        if not self.disk.isdir(folder):
            return False
        return not any(
            name in _BUSY or name.startswith("held.") for name in self.disk.listdir(folder)
        )
