# SPDX-License-Identifier: GPL-2.0-or-later
"""What another Python program may build on: look at a router, and plan for it.

It only reads: what changes a router is the command line's, with its locks, its exit codes and
somebody who reads what it says. Prints nothing, reads no file that was not named. What stands in
`__all__` is public in the sense of docs/releasing.md; docs/python.md has examples.
"""

from dataclasses import replace
from types import TracebackType
from typing import Self

from wifirelay.change.prospect import prospect
from wifirelay.change.status import Status, read_status
from wifirelay.cli.open import Opened, open_target
from wifirelay.cli.plan import asked_for
from wifirelay.cli.trying import refuse_made_up
from wifirelay.config.model import Login, Settings
from wifirelay.config.yaml_file import load as load_settings
from wifirelay.core.candidates import Candidate
from wifirelay.core.known import KnownNetwork, Relay
from wifirelay.core.plan import Action, Decision, Plan
from wifirelay.core.radios import radio_names
from wifirelay.errors import WifirelayError
from wifirelay.router.observe import listen, observe
from wifirelay.router.scan import Bss
from wifirelay.router.state import Router
from wifirelay.values import Secret, Security, Ssid

__all__ = [
    "Action",
    "Bss",
    "Candidate",
    "Decision",
    "KnownNetwork",
    "Login",
    "OpenRouter",
    "Plan",
    "Relay",
    "Secret",
    "Security",
    "Settings",
    "Ssid",
    "Status",
    "WifirelayError",
    "load_settings",
    "open_router",
]


class OpenRouter:
    """A router that is looked at. A context manager; one thread at a time.

    Every method asks anew, and raises TransportError when the router is not reached, RouterAnswer
    when its answer is not understood (of a recording: NotRecorded when it is not in there).
    """

    def __init__(self, opened: Opened, settings: Settings) -> None:
        self._opened = opened
        self._settings = settings

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection, or the simulated router."""
        self._opened.close()

    @property
    def known(self) -> tuple[KnownNetwork, ...]:
        """The known networks of the settings; without any, those of a simulated world."""
        return self._settings.networks or self._opened.known

    @property
    def _relay(self) -> Relay:
        """The same for what a simulated world is set up for."""
        relay = self._settings.relay
        return relay if self._settings.networks else replace(relay, **self._opened.relay)

    def status(self, *, probing: bool = True) -> Status:
        """Own access points, uplink, sentry; `probing`: asks the internet, too.

        Raises UsageError for a recording of a scan alone: there is no router around it.
        """
        status = read_status(self._opened.transport, probing=probing, recorded=self._opened.dry)
        if self._opened.dry:
            refuse_made_up(status.board)
        return status

    def scan(self) -> tuple[Bss, ...]:
        """What is in the air, on all radios that the relay may use. Takes some seconds."""
        return self._hear()[1]

    def plan(self, ssid: str | None = None) -> Plan:
        """What `join` would do and why, for the best known network or this one.

        Raises UsageError for an `ssid` that is not known.
        """
        relay = self._relay
        chosen = asked_for(ssid, self.known, relay)
        router, heard = self._hear()
        return prospect(self._opened.transport, router, heard, self.known, relay, chosen=chosen)[1]

    def _hear(self) -> tuple[Router, tuple[Bss, ...]]:
        router = observe(self._opened.transport)
        radios = radio_names(router.wireless, self._relay)
        return listen(self._opened.transport, router, radios)


def open_router(target: str, settings: Settings | None = None) -> OpenRouter:
    """The router that `target` names as `--router` does: `local`, `[ssh://][user@]host[:port]`,
    `recording:FILE` or `sim:WORLD`. `settings`: `load_settings(path)`, or made by hand.

    Raises UsageError for a target that is none, TransportError when the router is not reached, its
    host key is not the stored one, or the login is refused.
    """
    settings = settings or Settings()
    return OpenRouter(open_target(target, settings), settings)
