# SPDX-License-Identifier: GPL-2.0-or-later
"""procd in the laboratory: the sentry, and the services that every router has.

Starts the sentry again 5 s after it died, for ever, as its init script asks.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.laboratory.hub import Process
from wifirelay.sim.blobmsg import Json
from wifirelay.sim.timeline import Plans
from wifirelay.transport.base import Completed

if TYPE_CHECKING:
    from tests.laboratory.router import LabRouter

SENTRY = "wifirelay-sentry"
RESPAWN = 5.0  # seconds; `respawn 3600 5 0`
_LINK = f"/etc/rc.d/S95{SENTRY}"
_ALWAYS = {"rpcd": 12, "firewall": 19, "network": 20}


class Services:
    """The services of one router."""

    def __init__(self, router: "LabRouter") -> None:
        self._router = router
        self._plans = Plans(router.timeline)
        self.sentry: Process | None = None
        self.absent = False  # it dies, and procd does not start it again
        self.wanted = False

    def boot(self) -> None:
        if self._router.disk.exists(_LINK):
            self.start()

    def start(self) -> None:
        self.wanted = True
        if self.sentry is None or self.sentry.ended:
            self._spawn()

    def stop(self, name: str = SENTRY) -> None:
        if name == SENTRY:
            self.wanted = False
            self._plans.call_off()
            if self.sentry is not None:
                self._router.hub.kill(self.sentry)
            self.sentry = None

    def stop_all(self) -> None:
        """Power is gone."""
        self._plans.call_off()
        self.sentry, self.wanted = None, False

    def kill_sentry(self) -> None:
        """Its process dies; procd starts it again."""
        if self.sentry is not None:
            self._router.hub.kill(self.sentry)

    def hang_sentry(self) -> None:
        if self.sentry is not None:
            self._router.hub.stop(self.sentry)

    def free_sentry(self) -> None:
        if self.sentry is not None and self.sentry.kept:
            self._router.hub.let(self.sentry)

    def _spawn(self) -> None:
        router = self._router
        if not self.wanted or self.absent or not router.powered:
            return
        path = f"/usr/sbin/{SENTRY}"
        if not router.disk.exists(path):
            return
        process, _ = router.start(("sh", path), None, "sentry")
        self.sentry = process
        process.watchers.append(lambda: self._ended(process))

    def _ended(self, process: Process) -> None:
        if self.sentry is process and self._router.powered:
            self._plans.at(RESPAWN, self._spawn)

    # as programs and objects ask

    def run_init(self, name: str, action: str, *words: str) -> Completed | None:
        del words
        router = self._router
        if name in _ALWAYS:
            if name == "network" and action in ("reload", "restart"):
                router.netifd.reload()
            return Completed(0)
        if name != SENTRY or not router.disk.exists(f"/etc/init.d/{SENTRY}"):
            return None
        if action == "enable" and not router.disk.exists(_LINK):
            router.disk.replace(_LINK, b"", 0o777)
        elif action == "disable" and router.disk.exists(_LINK):
            router.disk.unlink(_LINK)
        if action in ("stop", "restart"):
            self.stop()
        if action in ("start", "restart"):
            self.start()
        return Completed(0)

    def rc_list(self, name: str | None) -> Json:
        out: dict[str, Json] = {}
        for service in sorted(self._router.disk.listdir("/etc/init.d")) + sorted(_ALWAYS):
            if name in (None, service):
                out[service] = {"start": _ALWAYS.get(service, 95), "enabled": True, "running": True}
        return out

    def service_list(self, arguments: dict[str, Any]) -> Json:
        del arguments
        return {}

    def event(self, kind: str, package: str) -> None:
        """`ubus call service event`: netifd reloads a second after its package changed."""
        if kind == "config.change" and package in ("network", "wireless"):
            self._plans.at(1.0, self._router.netifd.reload)


def install(router: "LabRouter", files: Sequence[tuple[str, bytes, int]]) -> None:
    """The sentry on flash, enabled, as `setup` leaves it."""
    for path, content, mode in files:
        router.disk.makedirs(path.rpartition("/")[0])
        router.disk.replace(path, content, mode)
    router.disk.replace(_LINK, b"", 0o777)
