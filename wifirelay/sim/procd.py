# SPDX-License-Identifier: GPL-2.0-or-later
"""procd: services from /etc/init.d, as real processes of this machine.

Reads an init script by sourcing it with recording stubs, starts what it names under
the scratch root, and starts it again when it dies, by the rules of `respawn`.
"""

import os
import re
import shlex
import signal
import subprocess
from dataclasses import dataclass, field

from wifirelay.sim.blobmsg import Json
from wifirelay.sim.files import Root
from wifirelay.sim.sentry import Sentry
from wifirelay.sim.shell import Shell, interpreter, kill
from wifirelay.sim.timeline import Plans, Timeline

SENTRY = "wifirelay-sentry"
_STUBS = """
note() { for word; do printf '%s\\001' "$word"; done; printf '\\002'; }
procd_open_instance() { note open "$@"; }
procd_set_param() { note param "$@"; }
procd_append_param() { note param "$@"; }
procd_close_instance() { :; }
procd_add_jail() { :; }
procd_add_reload_trigger() { :; }
procd_add_interface_trigger() { :; }
config_load() { :; }
config_get() { eval "$1=\\${CONFIG_$2_$3-\\$4}"; }
config_get_bool() {
	config_get "$@"
	eval "case \\$$1 in 1|on|true|yes|enabled) $1=1 ;; *) $1=0 ;; esac"
}
"""


@dataclass(slots=True)
class Instance:
    """One running command of a service."""

    command: list[str]
    respawn: tuple[float, float, int] | None  # threshold, time-out in seconds; retries
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0  # uptime
    failures: int = 0


@dataclass(slots=True)
class Procd:
    """All services of one router."""

    root: Root
    shell: Shell
    timeline: Timeline
    sentry: Sentry
    absent: bool = False  # the sentry dies and nobody starts it again
    instances: dict[str, Instance] = field(default_factory=dict)
    _plans: Plans | None = None

    def init(self, name: str, action: str) -> bool:
        """`/etc/init.d/NAME ACTION`; False when there is no such script."""
        if not re.fullmatch(r"[\w.-]+", name) or not os.path.exists(self._script(name)):
            return False
        if action == "enable":
            self._enable(name)
        elif action == "disable":
            self._disable(name)
        elif action in ("stop", "restart"):
            self.stop(name)
        if action in ("start", "restart", "reload"):
            self.start(name)
        return True

    def boot(self) -> None:
        """Start what is enabled, in the order of its number."""
        for link in sorted(os.listdir(self.root.here("/etc/rc.d"))):
            if match := re.fullmatch(r"S\d\d(.+)", link):
                self.start(match[1])

    def start(self, name: str) -> None:
        old = self.instances.get(name)
        if old is not None and old.process is not None and old.process.poll() is None:
            return
        command, respawn = self._read(name)
        if command and not (self.absent and name == SENTRY):
            self.instances[name] = Instance(command, respawn)
            self._spawn(name)

    def stop(self, name: str) -> None:
        instance = self.instances.pop(name, None)
        if instance is not None and instance.process is not None:
            kill(instance.process)
        if name == SENTRY:
            self.sentry.pid = None

    def stop_all(self) -> None:
        """Power is gone."""
        for name in list(self.instances):
            self.stop(name)
        if self._plans is not None:
            self._plans.call_off()

    def kill(self, name: str) -> None:
        """Let a service's process die; procd will notice."""
        instance = self.instances.get(name)
        if instance is not None and instance.process is not None:
            kill(instance.process)
        self.watch()

    def hang(self, name: str) -> None:
        """Stop a service's process for good, without ending it."""
        instance = self.instances.get(name)
        if instance is not None and instance.process is not None:
            os.killpg(instance.process.pid, signal.SIGSTOP)

    def watch(self) -> None:
        """Notice processes that have died, and plan their return."""
        for name, instance in self.instances.items():
            if instance.process is None or instance.process.poll() is None:
                continue
            instance.process = None
            if name == SENTRY:
                self.sentry.pid = None
            if instance.respawn is None:
                continue
            threshold, pause, retries = instance.respawn
            short = self.timeline.now - instance.started < threshold
            instance.failures = instance.failures + 1 if short else 0
            if retries and instance.failures > retries:
                continue  # a crash loop: given up for good
            self._later(name, pause)

    def rc_list(self, name: str | None) -> Json:
        """`ubus call rc list`."""
        out = {}
        for script in sorted(os.listdir(self.root.here("/etc/init.d"))):
            if name in (None, script):
                enabled = any(link.endswith(script) for link in self._links(script))
                out[script] = self._numbers(script) | {
                    "enabled": enabled,
                    "running": self._running(script),
                }
        return out

    def service_list(self, arguments: dict[str, Json]) -> Json:
        """`ubus call service list`."""
        wanted = arguments.get("name")
        out = {}
        for name, instance in self.instances.items():
            if wanted in (None, name):
                one: dict[str, Json] = {"running": self._running(name)}
                if instance.process is not None:
                    one["pid"] = instance.process.pid
                one["command"] = instance.command
                out[name] = {"instances": {"instance1": one}}
        return out

    def _running(self, name: str) -> bool:
        instance = self.instances.get(name)
        return (
            instance is not None
            and instance.process is not None
            and instance.process.poll() is None
        )

    def _script(self, name: str) -> str:
        return self.root.here(f"/etc/init.d/{name}")

    def _links(self, name: str) -> list[str]:
        folder = self.root.here("/etc/rc.d")
        return [link for link in os.listdir(folder) if re.fullmatch(rf"[SK]\d\d{name}", link)]

    def _numbers(self, name: str) -> dict[str, Json]:
        with open(self._script(name), encoding="utf-8") as file:
            text = file.read()
        found = {
            word: re.search(rf"^{word.upper()}=(\d+)", text, re.M) for word in ("start", "stop")
        }
        return {word: int(match[1]) for word, match in found.items() if match}

    def _enable(self, name: str) -> None:
        for word, number in self._numbers(name).items():
            link = self.root.here(f"/etc/rc.d/{word[0].upper() if word == 'start' else 'K'}")
            link += f"{number:02d}{name}"
            if not os.path.lexists(link):
                os.symlink(f"../init.d/{name}", link)

    def _disable(self, name: str) -> None:
        for link in self._links(name):
            os.unlink(self.root.here(f"/etc/rc.d/{link}"))

    def _read(self, name: str) -> tuple[list[str], tuple[float, float, int] | None]:
        """A service's command and respawn rule, by its own script."""
        text = f"{_STUBS}\n. {shlex.quote(self._script(name))}\nstart_service\n"
        ran = subprocess.run(
            [*interpreter(), "-c", text],
            capture_output=True,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "WIFIRELAY_ROOT": self.root.path},
            timeout=10,
        )
        command: list[str] = []
        respawn = None
        for note in ran.stdout.decode("utf-8", "surrogateescape").split("\2"):
            words = note.split("\1")[:-1]
            if words[:2] == ["param", "command"]:
                command += words[2:]
            elif words[:2] == ["param", "respawn"]:
                numbers = [*words[2:], *("3600", "5", "5")[len(words) - 2 :]]
                respawn = (float(numbers[0]), float(numbers[1]), int(numbers[2]))
        return command, respawn

    def _spawn(self, name: str) -> None:
        instance = self.instances[name]
        program, *rest = instance.command
        environment = self.shell.environment("sentry" if name == SENTRY else name)
        environment["WIFIRELAY_WAIT"] = ""
        path = self.root.here(program)
        with open(os.path.join(self.shell.shims, ".errors"), "ab") as errors:
            instance.process = subprocess.Popen(
                self.shell.script_argv(["sh", path, *rest]),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                env=environment,
                cwd=self.root.path,
                start_new_session=True,
            )
        instance.started = self.timeline.now
        if name == SENTRY:
            self.sentry.started(instance.process.pid)

    def _later(self, name: str, pause: float) -> None:
        if self._plans is None:
            self._plans = Plans(self.timeline)

        def again() -> None:
            instance = self.instances.get(name)
            absent = self.absent and name == SENTRY
            if instance is not None and instance.process is None and not absent:
                self._spawn(name)

        self._plans.at(pause, again)
