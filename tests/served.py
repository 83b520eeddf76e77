# SPDX-License-Identifier: GPL-2.0-or-later
"""A simulated router behind a real dropbear, with the promises' checks.

The router lives in real time, faster than this machine, and faster still where only the
sentry has something to do. Every wait is for something that the router shows, and has a
limit.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.dropbear import INSTALLED
from tests.lab import ACCESS_POINTS, RETURN, Lab
from wifirelay.change.onrouter import TrialToken
from wifirelay.errors import ConfigError
from wifirelay.sim.configs import AP_KEY
from wifirelay.sim.dropbear import Dropbear, descendants
from wifirelay.sim.pace import Pacer
from wifirelay.sim.timings import LAB
from wifirelay.sim.worlds import make_world
from wifirelay.values import Secret

# Router seconds a second. A join works at 80 as well; but the sentry takes a confirmation for
# dead after 6 ticks (30 s), and a busy machine needs 0.3 to 1 s for one.
SPEED = 10.0
HURRY = 100.0
# Nothing here is about scans: they need not take 3.5 s for each radio.
TIMINGS = replace(LAB, scan_idle=0.5, scan_connected=1.0)
LOOK = 0.004
PASSWORD = "the router's own password"

STEPS: dict[str, Callable[["Served"], bool]] = {
    "armed": lambda served: served.has("/var/run/wifirelay/armed"),
    "staged": lambda served: served.has("/tmp/.uci/wireless"),
    "reloading": lambda served: served.has("/var/run/wifirelay/applied"),
    "off the air": lambda served: not served.router.on_air("default_radio1"),
    "leased": lambda served: served.router.interfaces.behind() is not None,
}


class Served:
    """One world, its router's SSH servers, and what came in through them."""

    def __init__(self, folder: Path, name: str = "home", **options: Any) -> None:
        self.world = make_world(name, timings=TIMINGS, **options)  # boots in virtual time
        self.router = self.world.router
        self.lab = Lab(self.world)
        self.before = self.lab.wireless()
        self.secrets = {AP_KEY, PASSWORD}
        self.secrets |= {known.key.reveal() for known in self.world.known if known.key}
        self._dark = self._outages()
        self._said = folder / "commands"
        self._shell = folder / "shell"
        self._shell.write_text(
            f"#!/bin/sh\nprintf '%s\\0' \"$2\" >>{self._said}\n"
            f'exec {self.router.shell.login} "$@"\n'
        )
        self._shell.chmod(0o755)
        self._servers: list[Dropbear] = []
        self._pacer: Pacer | None = None
        self.pace(SPEED)

    def ssh(self, **login: Any) -> Dropbear:
        """A server; by default with a blank root password. Fails, or skips, without dropbear."""
        if not INSTALLED:
            _missing("dropbear-bin is not installed")
        server = Dropbear(shell=str(self._shell), **(login or {"blank": True}))
        try:
            server.start()
        except ConfigError as error:
            _missing(f"{error}: {error.hint}")
        self._servers.append(server)
        return server

    def pace(self, speed: float) -> None:
        """From now on, so many router seconds a second."""
        if self._pacer is not None:
            self._pacer.stop()
        self.router.speed = speed
        self._pacer = Pacer(speed, lambda: self.router.now, self.router.advance)
        self._pacer.start()

    def commands(self) -> list[str]:
        """Every command line that came over SSH."""
        return self._said.read_text().split("\0")[:-1] if self._said.exists() else []

    def has(self, path: str) -> bool:
        """Whether this file of the router's has something in it."""
        with suppress(FileNotFoundError):
            return os.path.getsize(self.router.root.here(path)) > 0
        return False

    def wait(self, what: str, done: Callable[[], object], limit: float = 20.0) -> None:
        """Look until it is so, at most so many seconds of this machine."""
        end = time.monotonic() + limit
        while not done():
            assert time.monotonic() < end, f"not within {limit:g} s: {what}"
            time.sleep(LOOK)

    def hurry_to(self, uptime: float) -> None:
        """Let router time pass quickly until then."""
        self.pace(HURRY)
        self.wait(f"uptime {uptime:.0f}", lambda: self.router.uptime >= uptime)
        self.pace(SPEED)

    def unfinished(self) -> TrialToken:
        """The trial that has begun and not ended: there must be one."""
        token = self.lab.state().unfinished
        assert token is not None
        return token

    def sentry_ends(self, token: TrialToken) -> None:
        """G1: nobody but the sentry is there, and the baseline is back in time."""
        self.hurry_to(token.deadline - 5)
        self.wait("the end of the trial", lambda: self.has("/var/run/wifirelay/ended"))
        ended = self.lab.state().token
        assert ended is not None
        assert ended.result == "rolled-back sentry deadline passed"
        assert self.router.uptime < token.deadline + RETURN
        self.at_baseline()

    def at_baseline(self) -> None:
        """G1, G2, G3, G5: everything is as before; the reload may still be at work."""
        self.wait("no uplink", lambda: self.router.interfaces.behind() is None)
        self.on_air()
        self.lab.check_baseline(self.before)

    def joined(self, section: str = "wifirelay_radio1") -> None:
        """G1, G2, G3, G5: the uplink is on flash by one write, all else as before."""
        self.on_air()
        self.lab.check_hands_off(self.before)
        own = self.lab.wireless()[section]
        assert (own["ssid"], own["disabled"]) == ("HomeNet", "0")
        assert [path for _, path in self.router.flash_writes] == ["/etc/config/wireless"]
        changed = {name for name, text in self.lab.files().items() if text != self.lab.flash[name]}
        assert changed == {"wireless"}
        assert not self.has("/tmp/.uci/wireless")

    def on_air(self) -> None:
        """Own access points are on the air, and no reload is about to take them off."""

        def settled() -> bool:
            busy = any(radio.busy for radio in self.router.netifd.radios.values())
            return not busy and self.lab.on_air()

        self.wait("own access points on the air", settled, RETURN / SPEED)

    def check(self) -> None:
        """What holds in the end whatever happened: G1, G4."""
        for section, seconds in self._outages().items():
            assert seconds - self._dark[section] < RETURN, section
        self.no_secret(" ".join(argv) for argv in self.router.argvs)
        self.no_secret(self.commands())
        errors = self.router.errors()
        assert not errors, errors

    def no_secret(self, texts: Iterable[str]) -> None:
        for text in texts:
            for secret in self.secrets:
                assert secret not in text

    def look_at_processes(self) -> None:
        """G4: at the arguments and environments of all of ours, the router's too."""
        for pid in descendants(os.getpid(), deep=True):
            for name in ("cmdline", "environ"):
                with suppress(OSError), open(f"/proc/{pid}/{name}", errors="replace") as file:
                    self.no_secret([file.read().replace("\0", " ")])

    def close(self) -> None:
        for server in self._servers:
            server.stop()
        if self._pacer is not None:
            self._pacer.stop()
        self.world.close()

    def _outages(self) -> dict[str, float]:
        return {section: self.router.outage_seconds(section) for section in ACCESS_POINTS}


def password() -> Secret:
    return Secret(PASSWORD)


def _missing(why: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@contextmanager
def checked(one: Served) -> Iterator[Served]:
    """Held to the promises at its end, and closed whatever comes."""
    try:
        yield one
        one.check()
    finally:
        one.close()
