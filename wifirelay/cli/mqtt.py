# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay mqtt`: where a router stands, on an MQTT broker, for Home Assistant and others."""

import argparse
import json
import queue
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from wifirelay import __version__
from wifirelay.cli.broker import Access, Broker, News, What
from wifirelay.cli.context import Context, Result
from wifirelay.cli.looking import Looking
from wifirelay.cli.mqtt_options import add_arguments, read_access, read_topics
from wifirelay.cli.real_time import real_time
from wifirelay.cli.simulate import check_seconds, ended_by_signals
from wifirelay.cli.trying import refuse_dry
from wifirelay.cli.watch import check_interval
from wifirelay.cli.web import SIM_SPEED, page_object
from wifirelay.clock import Clock, SystemClock
from wifirelay.errors import (
    ConnectError,
    HostKeyRefused,
    LoginRefused,
    RouterAnswer,
    TransportError,
    WifirelayError,
)
from wifirelay.values import printable
from wifirelay.view.home import COMMANDS, OFFLINE, ONLINE, Topics, discovery, state_object
from wifirelay.web.server import PageObject

__all__ = ["add_arguments", "run"]

_COMMANDS = 4  # that wait; what comes then is not heard
_LONG = 3600.0  # seconds to wait for news, where nothing else is due
_LOOK = 0.5  # seconds between two looks at how a command stands
_DONE = 300.0  # seconds until a command has been done: a trial, and its rollback


def run(context: Context, args: argparse.Namespace) -> Result:
    check_interval(args.interval)
    check_seconds(args.seconds)
    access = read_access(context, args)
    refuse_dry(context, "mqtt")
    topics = read_topics(args, context.opened().target)
    news: queue.Queue[News] = queue.Queue()

    def told(new: News) -> None:
        if new.what is not What.HEARD or news.qsize() < _COMMANDS:
            news.put(new)

    try:
        with ended_by_signals(), real_time(context, SIM_SPEED):
            following = Following(context, topics, access)
            broker = Broker(
                access,
                told,
                presence=(topics.availability, ONLINE, OFFLINE),
                listen=f"{topics.commands}/+" if args.commands else None,
            )
            try:
                with broker:
                    following.follow(broker, news, args.seconds)
            finally:
                following.close()
    except KeyboardInterrupt:
        pass  # the usual way to end it
    return Result({}, printed=True)


class Following:
    """One router, one broker. Each trouble is said once, and its end."""

    def __init__(self, context: Context, topics: Topics, access: Access) -> None:
        self._context, self._topics, self._access = context, topics, access
        self._args, self._router = context.args, str(context.opened().target)
        self._clock: Clock = SystemClock()
        self._looking: Looking | None = None
        self._object: PageObject | None = None
        self._close: Callable[[], None] = lambda: None
        self._there = self._was_there = False  # the broker; once
        self._puzzled = False
        self._troubles: dict[str, str] = {}  # by who has them
        self._state: dict[str, Any] = {}

    def follow(self, broker: Broker, news: "queue.Queue[News]", seconds: float | None) -> None:
        """Until so many seconds have passed. Raises what makes no sense to try again."""
        made = discovery(self._topics, self._router, __version__, commands=self._args.commands)
        broker.keep({topic: "" if each is None else json.dumps(each) for topic, each in made})
        end = None if seconds is None else self._clock.monotonic() + seconds
        due = 0.0
        while end is None or self._clock.monotonic() < end:
            now = self._clock.monotonic()
            if self._there and now >= due:  # else nobody could be told
                self._look(broker)
                due = self._clock.monotonic() + self._args.interval
                continue
            left = _LONG if end is None else end - now
            with suppress(queue.Empty):
                wait = min(left, due - now) if self._there else left
                if self._take(broker, news.get(timeout=wait)):
                    due = 0.0  # it is another one now

    def close(self) -> None:
        """A trial that runs is taken back first."""
        if self._object is not None:
            self._context.say("ending; a trial that runs is taken back first (Ctrl-C: at once)")
        self._close()

    def _take(self, broker: Broker, new: News) -> bool:
        """Whether there is a reason to look at the router now."""
        who = f"the broker {self._access}"
        if new.what is What.HEARD:
            return self._obey(broker, new.text)
        if new.what is What.CONNECTED:
            if not self._was_there:
                self._context.say(f"connected to {who}; all is below {self._topics.base}/")
            self._there = self._was_there = True
            self._well(who)
            return True
        if new.what is What.FAILED:
            raise RuntimeError(new.text)
        if not self._was_there and new.what is What.LOGIN:
            user = "without a name" if self._access.user is None else f"as {self._access.user}"
            raise LoginRefused(
                f"{who} does not let us in {user}",
                hint="--user, and --password-file with the password that the broker knows",
            )
        if not self._was_there and new.what is What.TRUST:
            raise ConnectError(
                f"{who} has a certificate that is not trusted: {new.text}",
                hint="--ca names the file of who signed it; and it must be for this very host",
            )
        self._there = False
        self._ill(who, new.text)
        return False

    def _look(self, broker: Broker) -> None:
        trouble, status, plan = "", None, None
        who = f"the router {self._router}"
        try:
            if self._looking is None:
                self._looking = Looking(self._context, lambda _: None)
            seen = self._looking.look(scan=False)
            status, plan = seen.status, seen.plan
        except (HostKeyRefused, LoginRefused) as refused:
            if not self._state:
                raise
            trouble = refused.message
        except (TransportError, RouterAnswer) as lost:
            trouble = lost.message
        if trouble:
            self._ill(who, trouble)
        else:
            self._well(who)
        state = state_object(self._router, status, plan, printable(trouble))
        if state != self._state:
            self._state = state
            broker.keep({self._topics.state: json.dumps(state)})
            if self._args.json:
                print(json.dumps(state), flush=True)

    def _obey(self, broker: Broker, command: str) -> bool:
        """Done as a person's, on the page or the command line; what came of it is told."""
        if command not in COMMANDS:
            if not self._puzzled:  # once: who sends one may send thousands
                known = ", ".join(COMMANDS)
                self._context.say(f"no such command: {command[:40]!r}; there are {known}")
            self._puzzled = True
            return False
        try:
            if self._object is None:
                made = page_object(self._context)
                self._object, self._close = made, made.close
            self._context.say(f"{command}: asked for by MQTT")
            answer = self._done(self._object, command)
        except WifirelayError as error:
            answer = {"exit": error.exit_code, "error": error.message, "hint": error.hint}
        shape = {"command": command, "exit": answer.get("exit"), "error": answer.get("error")}
        broker.tell(self._topics.result, json.dumps(shape))
        why = answer.get("error")
        self._context.say(f"{command}: {why}" if isinstance(why, str) else f"{command}: done")
        return True

    def _done(self, made: PageObject, command: str) -> dict[str, Any]:
        """The answer, in the end."""
        asked = made.call(command, {})
        until = self._clock.monotonic() + _DONE
        while "id" in asked and self._clock.monotonic() < until:
            answer = made.call("answer", {"id": asked["id"]})
            if answer.get("state") in ("done", "lost"):
                return (
                    {"error": "nobody knows what became of it", **answer}
                    if (answer["state"] == "lost")
                    else answer
                )
            self._clock.sleep(_LOOK)
        return {"error": "it has not ended in time", **asked}

    def _ill(self, who: str, why: str) -> None:
        if who not in self._troubles:
            self._context.say(f"{who} is out of reach: {why}; trying again")
        self._troubles[who] = why

    def _well(self, who: str) -> None:
        if self._troubles.pop(who, None) is not None:
            self._context.say(f"{who} is there again")
