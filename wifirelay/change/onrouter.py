# SPDX-License-Identifier: GPL-2.0-or-later
"""wifirelay's own state on the router: sentry, token, lock, as docs/sentry.md describes."""

from dataclasses import dataclass
from enum import Enum

from wifirelay.change.scripts import read_state_script
from wifirelay.errors import NotRecorded, RouterAnswer
from wifirelay.router.ubus import Fact
from wifirelay.transport.base import Completed, Transport

# Events that a service listens for; it has nothing else of who asks it.
EVENT = "wifirelay.request"
WITH_KEY = "with_key"  # in a request: its key lies on the router (keys.py)
POKE = "wifirelay.poke"  # nobody answers it: something on the router may be new
SENTRY_OWNER = "sentry"  # of its lock
SENTRY_SILENCE = 60  # seconds without a heartbeat: it ticks every 5, a scan of its own takes 45


class Token(str, Enum):
    """The states of a trial's token; one atomic rename leads from one to the next."""

    ARMED = "armed"
    CONFIRMING = "confirming"
    ROLLING = "rolling"
    ENDED = "ended"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True)
class TrialToken:
    """A trial's token, as it is now."""

    state: Token
    trial: str
    deadline: int  # uptime, seconds
    result: str = ""  # of an ended one: "confirmed flash", "rolled-back sentry deadline passed"


@dataclass(frozen=True, slots=True)
class Lock:
    """Who works on the router, or looks after it, and until when."""

    owner: str
    lease: int  # uptime, seconds
    name: str  # of the controller, for people


@dataclass(frozen=True, slots=True)
class OnRouter:
    """wifirelay's own state on the router."""

    uptime: int  # seconds
    boot: str
    installed: bool  # the sentry's program is there
    alive_at: int | None  # uptime of the sentry's last heartbeat
    token: TrialToken | None
    lock: Lock | None
    held: tuple[str, ...]  # sections that rest, or that the sentry keeps disabled for now
    resting: bool = False  # somebody was cut off between disabling the uplink and its reload
    service: Lock | None = None  # who looks after this router unattended
    paused: str = ""  # why the service joins nothing, until somebody lets it go on
    portal: bool = False  # clients get a login page's address from us (portal.py)
    apis: tuple[tuple[str, str], ...] = ()  # interface, option 114 in hexadecimal (captive.py)

    @property
    def sentry_lives(self) -> bool:
        return self.alive_at is not None and 0 <= self.uptime - self.alive_at < SENTRY_SILENCE

    def api(self, interface: str) -> str:
        """What this interface's network calls its login page's API, in hexadecimal; or nothing."""
        return dict(self.apis).get(interface, "")

    @property
    def unfinished(self) -> TrialToken | None:
        """A trial that has begun and not ended."""
        if self.token is None or self.token.state is Token.ENDED:
            return None
        return self.token

    @property
    def served(self) -> Lock | None:
        """The service, while its lease lasts."""
        service = self.service
        return service if service is not None and service.lease > self.uptime else None

    @property
    def locked(self) -> Lock | None:
        """The lock, while its lease lasts."""
        return self.lock if self.lock is not None and self.lock.lease > self.uptime else None


def on_router() -> Fact[OnRouter]:
    return Fact(read_state_script(), parse_on_router)


def read_if_known(transport: Transport) -> OnRouter | None:
    """The state, or None where a recording does not hold it."""
    try:
        return on_router().read(transport)
    except NotRecorded:
        return None


def parse_on_router(completed: Completed) -> OnRouter:
    lines: dict[str, list[str]] = {}
    for line in completed.text.splitlines():
        name, _, rest = line.partition(" ")
        lines.setdefault(name, []).append(rest)
    try:
        return OnRouter(
            uptime=_seconds(lines["up"][0]),
            boot=lines["boot"][0],
            installed="installed" in lines,
            alive_at=_seconds(lines["alive"][0].split()[0]) if lines.get("alive") else None,
            token=_token(lines),
            lock=_lock(lines.get("lock/owner", [])),
            held=tuple(
                name.removeprefix("held.")
                for name, values in lines.items()
                if name.startswith("held.") and not values[0].startswith("- ")
            ),
            resting="resting" in lines,
            service=_lock(lines.get("service/owner", [])),
            paused=" ".join(lines.get("paused", [])).strip(),
            portal="portal" in lines,
            apis=tuple(
                (name.removeprefix("api."), values[0])
                for name, values in lines.items()
                if name.startswith("api.")
            ),
        )
    except (KeyError, ValueError, IndexError):
        raise RouterAnswer(
            "the router's answer about wifirelay's own state is not understood: "
            + (completed.errors.strip() or "it is incomplete")
        ) from None


def _seconds(text: str) -> int:
    """A moment of the router's uptime; ValueError for more digits than that has."""
    if len(text) > 15:
        raise ValueError("no uptime")
    return int(text)


def _token(lines: dict[str, list[str]]) -> TrialToken | None:
    for state in (Token.ROLLING, Token.CONFIRMING, Token.ARMED, Token.ENDED):
        found = lines.get(state.value)
        if found and len(words := found[0].split()) == 3:
            result = found[3] if len(found) > 3 else ""
            return TrialToken(state, words[0], _seconds(words[2]), result)
    return None


def _lock(found: list[str]) -> Lock | None:
    if not found:
        return None
    owner, lease, *name = found[0].split(" ", 2)
    return Lock(owner, _seconds(lease), " ".join(name) or f"the {owner}")  # the sentry: no name
