# SPDX-License-Identifier: GPL-2.0-or-later
"""procd: the services of one router, by what their init scripts ask.

Starts what they name, starts it again when it dies (`respawn`), ends what they no longer
name, and runs `reload` of those that wait for a change of configuration. A service that is
no shell script lives in real time: virtual time would pass it by.
"""

import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager

from wifirelay.errors import UsageError
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.chores import Chores
from wifirelay.sim.files import Root
from wifirelay.sim.instance import Instance, Leaving, Parameters
from wifirelay.sim.rc import InitScripts, Notes
from wifirelay.sim.sentry import Sentry
from wifirelay.sim.shell import Shell
from wifirelay.sim.syslog import Log
from wifirelay.sim.timeline import Plan, Plans, Timeline
from wifirelay.transport.base import Completed

SENTRY = "wifirelay-sentry"
DEBOUNCE = 1.0  # seconds between a change of configuration and the reload
Builtin = Callable[[str], object]  # of an action


class Procd:
    """All services of one router. `builtin`: those that are simulated, by name."""

    def __init__(
        self,
        root: Root,
        shell: Shell,
        *,
        scripts: InitScripts,
        timeline: Timeline,
        sentry: Sentry,
        log: Log,
        lock: AbstractContextManager[bool],
        chores: Chores,
        real: Callable[[], bool],
    ) -> None:
        self._root, self._shell, self._scripts = root, shell, scripts
        self._timeline, self._sentry, self._log = timeline, sentry, log
        self._lock, self._chores, self._real = lock, chores, real
        self.absent = False  # the sentry dies and nobody starts it again
        self.builtin: dict[str, Builtin] = {}
        self.instances: dict[tuple[str, str], Instance] = {}
        self._leaving: list[Leaving] = []
        self._triggers: dict[str, set[str]] = {}  # packages, by service
        self._reloads: dict[str, Plan] = {}
        self._plans = Plans(timeline)
        self._boots = 0
        self._programs = False  # whether there ever was one that is no script

    # init scripts

    def init(self, name: str, action: str) -> bool:
        """`/etc/init.d/NAME ACTION`; False when there is no such script."""
        return self.run_init(name, action) is not None

    def run_init(self, name: str, action: str, *words: str) -> Completed | None:
        """The same: what it printed, and how it ended; None when there is no such script.

        Not to be called with the router's lock: the script may call simulated programs.
        """
        if name in self.builtin and action not in ("enable", "disable", "enabled"):
            self.builtin[name](action)
            return Completed(0)
        if not self._scripts.exists(name):
            return None
        if action in ("enable", "disable"):
            self._scripts.disable(name)
            if action == "enable":
                self._scripts.enable(name)
            return Completed(0)
        if action == "enabled":
            return Completed(0 if self._scripts.links(name, "S") else 1)
        with self._lock:
            boots = self._boots
            living = [key for key, one in self.instances.items() if self._alive(one)]
        asked = self._scripts.run(name, (action, *words), living)
        with self._lock:
            if boots == self._boots:  # else the power was cut meanwhile
                self._do(asked.notes)
        return asked.completed

    def boot(self) -> None:
        """Start what is enabled, in the order of its number."""
        for name in self._scripts.started_at_boot():
            self._chores.add(lambda name=name: self.run_init(name, "boot"))  # type: ignore[misc]

    def event(self, kind: str, package: str) -> None:
        """`ubus call service event`: who waits for that package is reloaded in a second."""
        if kind != "config.change":
            return
        for name, packages in self._triggers.items():
            if package in packages:
                self._reload_soon(name)
        if package in ("network", "wireless") and "network" in self.builtin:
            self._reload_soon("network")

    def _reload_soon(self, name: str) -> None:
        if (earlier := self._reloads.get(name)) is not None:
            earlier.call_off()

        def reload() -> None:
            self._chores.add(lambda: self.run_init(name, "reload"))

        self._reloads[name] = self._plans.at(DEBOUNCE, reload)

    def _do(self, notes: Notes) -> None:
        """What a script asked for, in its order."""
        wanted: dict[str, dict[str, tuple[str, ...]]] = {}
        parameters: dict[str, tuple[str, ...]] = {}
        triggers: set[str] = set()
        for word, *rest in notes:
            if word == "service":
                wanted, triggers = {}, set()
            elif word == "open":
                name = rest[0] if rest else f"instance{len(wanted) + 1}"
                parameters = wanted[name] = {}
            elif word == "set" and rest:
                parameters[rest[0]] = tuple(rest[1:])
            elif word == "append" and rest:
                parameters[rest[0]] = (*parameters.get(rest[0], ()), *rest[1:])
            elif word == "trigger":
                triggers |= set(rest)
            elif word == "kill":
                self.stop(*rest[:2])
                self._triggers.pop(rest[0], None)
            elif word == "signal":
                self._signal(*rest)
        for name in [rest[0] for word, *rest in notes if word == "service"][-1:]:
            self._triggers[name] = triggers
            self._set(name, wanted)

    def _signal(self, name: str, instance: str = "*", which: str = "HUP") -> None:
        named = getattr(signal, f"SIG{which.upper().removeprefix('SIG')}", None)
        number = int(which) if which.isdigit() else int(named or signal.SIGHUP)
        for (service, own), one in self.instances.items():
            if service == name and instance in ("", "*", own):
                one.signal(number)

    # instances

    def start(self, name: str) -> None:
        self.init(name, "start")

    def _set(self, name: str, wanted: dict[str, dict[str, tuple[str, ...]]]) -> None:
        """`ubus call service set`: exactly these instances."""
        for service, own in list(self.instances):
            if service == name and own not in wanted:
                self.stop(name, own)
        for own, parameters in wanted.items():
            new, old = self._instance(name, own, parameters), self.instances.get((name, own))
            if not new.command or (self.absent and name == SENTRY):
                continue
            if old is not None and old.alive:
                if old.same(new):
                    continue
                if "reload_signal" in parameters:
                    self._signal(name, own, parameters["reload_signal"][0])
                    old.parameters, old.files = new.parameters, new.files
                    continue
                self.stop(name, own)
            self.instances[name, own] = new
            self._spawn(new)

    def _instance(self, name: str, own: str, parameters: Parameters) -> Instance:
        files = []
        for path in parameters.get("file", ()):
            there = os.path.isfile(self._root.here(path))
            files.append(self._root.read(path) if there else None)
        return Instance(name, own, parameters, tuple(files))

    def stop(self, name: str, own: str = "") -> None:
        """End a service, or one instance of it: scripts at once, programs after their TERM."""
        for key, instance in list(self.instances.items()):
            if key[0] != name or own not in ("", "*", key[1]):
                continue
            del self.instances[key]
            if instance.alive and not instance.script and self._real():
                self._leaving.append(Leaving(instance))
            else:
                instance.end()
        if name == SENTRY:
            self._sentry.pid = None

    def stop_all(self) -> None:
        """Power is gone."""
        self._boots += 1
        for instance in [*self.instances.values(), *(each.instance for each in self._leaving)]:
            instance.end()
        self.instances.clear()
        if self._programs:  # their children have groups of their own
            self._shell.kill_strays()
        self._leaving.clear()
        self._triggers.clear()
        self._reloads.clear()
        self._chores.clear()
        self._sentry.pid = None
        self._plans.call_off()

    def kill(self, name: str) -> None:
        """Let a service's processes die; procd will notice."""
        for (service, _), instance in self.instances.items():
            if service == name and instance.process is not None:
                instance.signal(signal.SIGKILL)
                instance.process.wait()
        self.watch()

    def hang(self, name: str) -> None:
        """Stop a service's processes for good, without ending them."""
        for (service, _), instance in self.instances.items():
            if service == name and instance.process is not None:
                os.killpg(instance.process.pid, signal.SIGSTOP)

    def watch(self) -> None:
        """Notice processes that have died, and plan their return."""
        if self._leaving:
            gone = [leaving for leaving in self._leaving if leaving.gone()]
            self._leaving = [each for each in self._leaving if not any(each is g for g in gone)]
            for instance in [i for i in self.instances.values() if i.process is None]:
                if any(_same_place(instance, each.instance) for each in gone):
                    self._spawn(instance)
        for instance in self.instances.values():
            if instance.process is None or instance.process.poll() is None:
                continue
            instance.process = None
            if instance.service == SENTRY:
                self._sentry.pid = None
            if (rule := instance.respawn) is None:
                continue
            threshold, pause, retries = rule
            short = self._timeline.now - instance.started < threshold
            instance.failures = instance.failures + 1 if short else 0
            if retries and instance.failures > retries:
                continue  # a crash loop: given up for good
            self._plans.at(pause, lambda i=instance: self._again(i))  # type: ignore[misc]

    def _again(self, instance: Instance) -> None:
        current = self.instances.get((instance.service, instance.name)) is instance
        absent = self.absent and instance.service == SENTRY
        if current and instance.process is None and not absent:
            self._spawn(instance)

    def _spawn(self, instance: Instance) -> None:
        if any(_same_place(instance, leaving.instance) for leaving in self._leaving):
            return  # once the old one is gone
        instance.script = self._is_script(instance.command[0])
        if not instance.script and not self._real():
            raise UsageError(
                f"the service {instance.service} lives in real time, and this router's is virtual",
                hint="make_world(..., speed=...), or set the router's speed first",
            )
        self._programs = self._programs or not instance.script
        sentry = instance.service == SENTRY
        environment = self._shell.environment("sentry" if sentry else instance.service)
        if sentry:
            environment["WIFIRELAY_WAIT"] = ""
        instance.spawn(self._root, self._shell, self._log, environment)
        instance.started = self._timeline.now
        if sentry and instance.process is not None:
            self._sentry.started(instance.process.pid)

    def _is_script(self, program: str) -> bool:
        try:
            with open(self._root.here(program), "rb") as file:
                return file.readline().startswith((b"#!/bin/sh", b"#!/bin/ash"))
        except OSError:
            return False

    # over ubus

    def rc_list(self, name: str | None) -> Json:
        """`ubus call rc list`."""
        out: dict[str, Json] = {}
        for script in self._scripts.names():
            if name in (None, script) and self._scripts.exists(script):
                numbers: dict[str, Json] = dict(self._scripts.numbers(script))
                enabled = bool(self._scripts.links(script))
                out[script] = numbers | {"enabled": enabled, "running": self._running(script)}
        return out

    def service_list(self, arguments: dict[str, Json]) -> Json:
        """`ubus call service list`."""
        wanted = arguments.get("name")
        out: dict[str, Json] = {}
        for service in dict.fromkeys(service for service, _ in self.instances):
            if wanted in (None, service):
                own = {
                    name: instance.shown() | {"running": self._alive(instance)}
                    for (owner, name), instance in self.instances.items()
                    if owner == service
                }
                out[service] = {"instances": own}
        return out

    def _running(self, name: str) -> bool:
        return name in self.builtin or any(
            self._alive(one) for (service, _), one in self.instances.items() if service == name
        )

    def _alive(self, instance: Instance) -> bool:
        """Whether procd says so: also of one that waits for its forerunner's end."""
        return instance.alive or any(_same_place(instance, old.instance) for old in self._leaving)


def _same_place(one: Instance, other: Instance) -> bool:
    return (one.service, one.name) == (other.service, other.name)
