# SPDX-License-Identifier: GPL-2.0-or-later
"""What people ask of the service with `join`, `leave` and the page: taken in turn, and answered.

What is done then is in asked.py.
"""

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wifirelay.change.onrouter import WITH_KEY, on_router
from wifirelay.change.scripts import script
from wifirelay.errors import NothingToJoin, Refused, TransportError, WifirelayError
from wifirelay.service.report import Teller
from wifirelay.transport.base import Transport
from wifirelay.values import Secret

if TYPE_CHECKING:
    from wifirelay.service.loop import Service

MOST = 8  # requests that wait at the same time
_ID = re.compile(r"[0-9a-f]{16}\Z")


class Requests:
    """Of one service."""

    def __init__(self, service: "Service", transport: Transport, teller: Teller) -> None:
        self._service, self._transport, self._teller = service, transport, teller
        # Told that they will be done, with the key that they have brought along.
        self._noted: dict[str, Secret | None] = {}

    def take_all(self, requests: Sequence[dict[str, Any]]) -> None:
        """In turn; but who says `leave` does not want the joins that wait before it."""
        leaves = [place for place, each in enumerate(requests) if each.get("do") == "leave"]
        for place, request in enumerate(requests):
            if request.get("do") == "join" and leaves and place < leaves[-1]:
                request = {**request, "do": "nothing"}
            self.take(request)

    def take(self, request: dict[str, Any]) -> None:
        """Do what an event asks for, and answer it. What makes no sense is passed over: an
        event can come from anybody who may send one."""
        asked = request.get("id")
        if not isinstance(asked, str) or not _ID.match(asked):
            return
        if asked in self._noted:
            key = self._noted.pop(asked)
        else:
            key = self._key(asked, request)
            if self._too_late(request):
                return
            self._answer(asked, {"state": "taken"})
        try:
            if request.get(WITH_KEY) is True and key is None:
                raise Refused("the key has not arrived", hint="ask once more")
            answer = self._done(request, key)
        except TransportError:
            raise
        except WifirelayError as error:
            answer = {"error": error.message, "hint": error.hint, "exit": error.exit_code}
            answer["cause"] = str(getattr(error, "cause", ""))
        self._answer(asked, {"state": "done", "exit": 0, **answer})

    def note(self, request: dict[str, Any]) -> None:
        """It comes in the middle of a trial: whoever asked is told that it will be done."""
        asked = request.get("id")
        if isinstance(asked, str) and _ID.match(asked) and len(self._noted) < MOST:
            self._noted[asked] = self._key(asked, request)  # it does not lie there for so long
            self._answer(asked, {"state": "taken"})

    def _done(self, request: dict[str, Any], key: Secret | None) -> dict[str, Any]:
        do = request.get("do")
        if do == "nothing":
            raise Refused("a later `leave` has overtaken it")
        # Loaded when the first one comes: on a router memory is short, and requests are seldom.
        from wifirelay.service.asked import Asked, understood

        works = Asked(self._service, self._transport, self._teller).works
        work = works.get(do) if isinstance(do, str) else None
        if work is None:
            raise NothingToJoin("the service does not know this request")
        return work(understood(request, key))

    def _key(self, asked: str, request: dict[str, Any]) -> Secret | None:
        """The key that it has brought along, which lies there no longer."""
        if request.get(WITH_KEY) is not True:
            return None
        from wifirelay.change.keys import take_key  # seldom

        return take_key(self._transport, asked)

    def _too_late(self, request: dict[str, Any]) -> bool:
        """Whether the person has been told meanwhile that nobody reacts: then it is not done
        behind their back."""
        until = request.get("until")
        if not isinstance(until, int):
            return True
        return on_router().read(self._transport).uptime > until

    def _answer(self, asked: str, answer: dict[str, Any]) -> None:
        text = json.dumps(answer) + "\n"
        self._transport.run(script("answer", asked, stdin=text.encode()))
