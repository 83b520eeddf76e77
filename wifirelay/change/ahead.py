# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether there is internet, asked in as few round trips as it takes: what may be wanted next is
sent along."""

from collections.abc import Sequence

from wifirelay.errors import DeadlineExceeded, TooLong
from wifirelay.router.interfaces import LogicalInterface, preferred_route
from wifirelay.router.internet import PINGED, PROBES, fetch, lookup, ping, probe
from wifirelay.router.state import Router
from wifirelay.router.verdict import Internet
from wifirelay.transport.base import Command, Completed, Following, Transport


class Ahead:
    """A transport for `probe` that has answers ready, and gets the rest in one round trip."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self._answers: dict[tuple[str, ...], Completed] = {}
        self._alone = False  # some answer has no end: each is asked for by itself
        self.next: list[Command] = []  # will be wanted as well, once anything more is

    def ask(self, commands: Sequence[Command]) -> None:
        try:
            answers = self._inner.run_all(commands)
        except (DeadlineExceeded, TooLong):
            if self._alone or len(commands) == 1:
                raise
            self._alone = True
            return
        for command, answer in zip(commands, answers, strict=True):
            self._answers[command.argv] = answer

    def run(self, command: Command) -> Completed:
        return self.run_all([command])[0]

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        while any(command.argv not in self._answers for command in commands):
            more = [] if self._alone else self.next
            unknown = {c.argv: c for c in (*commands, *more) if c.argv not in self._answers}
            self.ask(list(unknown.values()))
        return tuple(self._answers[command.argv] for command in commands)

    def follow(self, command: Command) -> Following:
        return self._inner.follow(command)

    def close(self) -> None:
        self._inner.close()


def first_probes(router: Router, up: LogicalInterface, digits: str) -> list[Command]:
    """What settles the matter on a good day; the associations are asked with it."""
    if preferred_route(up, router.interfaces) is not None:
        return [ping(address, up.ifname) for address in PINGED]
    first = [fetch(PROBES[0], up.ifname)]
    if digits:
        from wifirelay.change.captive import ask  # seldom needed

        api = ask(digits, up.ifname)
        first += [api] if api is not None else []
    return first


def internet_through(ahead: Ahead, router: Router, up: LogicalInterface, digits: str) -> Internet:
    """Whether there is internet through the interface `up`; `digits` name its login page's API."""
    ahead.next = [
        *(fetch(page, up.ifname) for page in PROBES),
        *(lookup(PROBES[0].host, server) for server in up.dns[:2]),
        *(ping(address, up.ifname) for address in PINGED),
    ]
    other = preferred_route(up, router.interfaces)
    internet = probe(ahead, up.ifname, up.dns, other_route=other)
    if not digits or other is not None:
        return internet
    from wifirelay.change.captive import with_session  # seldom needed

    return with_session(ahead, internet, digits, up.ifname)
