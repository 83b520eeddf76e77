# SPDX-License-Identifier: GPL-2.0-or-later
"""The page's object where a service runs on the router: its own object answers.

rpcd's plugin is called itself, not through `ubus call`: a key travels on standard input, and a
`ubus call` would show it to every process of the router.
"""

import json
import threading
from collections.abc import Mapping
from typing import Any

from wifirelay.errors import RouterAnswer, TransportError
from wifirelay.transport.base import Command, Transport
from wifirelay.web.arguments import check_method

PLUGIN = "/usr/libexec/rpcd/wifirelay"


class Installed:
    """Of one router. For any thread."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._reaching = threading.Lock()

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One method's answer. Raises UsageError, TransportError, RouterAnswer."""
        check_method(method)
        words = json.dumps(dict(arguments)).encode("ascii")
        with self._reaching:
            completed = self._transport.run(Command((PLUGIN, "call", method), stdin=words))
        try:
            answer = json.loads(completed.text)
        except (ValueError, RecursionError):
            answer = None
        if completed.rc != 0 or not isinstance(answer, dict):
            raise RouterAnswer(
                "the router's own page object does not answer as it should",
                hint="is it of the same release? `wifirelay install` upgrades it",
            )
        return answer

    def start(self) -> None:
        """Its service does what there is to do."""

    def close(self) -> None:
        """Nothing is open."""


def serves(transport: Transport) -> bool:
    """Whether a service on the router itself answers now."""
    try:
        answer = Installed(transport).call("status", {})
    except (RouterAnswer, TransportError):
        return False
    return answer.get("schema") == "wifirelay.status/1" or answer.get("exit") == 4
