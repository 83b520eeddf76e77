# SPDX-License-Identifier: GPL-2.0-or-later
"""rpcd's plugins: executables in /usr/libexec/rpcd, each a ubus object of its file's name.

rpcd asks them for their methods (`list`) when it starts and on `reload`; a call runs the
program with the arguments on its standard input. Its exit code and errors are ignored.
"""

import json
import os
from collections.abc import Mapping

from wifirelay.errors import DeadlineExceeded
from wifirelay.sim.blobmsg import Json, text
from wifirelay.sim.files import Root
from wifirelay.sim.shell import Shell
from wifirelay.sim.ubus import (
    INVALID_ARGUMENT,
    NO_DATA,
    TIMEOUT,
    Arguments,
    Method,
    UbusError,
)

FOLDER = "/usr/libexec/rpcd"
MOST = 256 * 1024  # bytes of an answer (RPC_EXEC_MAX_SIZE)
LIMIT = 30.0  # seconds of this machine


class Plugins:
    """The plugins of one router's rpcd."""

    def __init__(self, root: Root, shell: Shell) -> None:
        self._root, self._shell = root, shell
        self.methods: dict[str, Mapping[str, Method]] = {}

    def look(self) -> None:
        """As rpcd does when it starts. Not to be called with the router's lock."""
        folder = self._root.here(FOLDER)
        found: dict[str, Mapping[str, Method]] = {}
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                try:
                    methods = self._run(name, "list")
                except UbusError:
                    continue  # such a plugin is passed over
                found[name] = {method: self._method(name, method) for method in methods}
        self.methods = found

    def _method(self, name: str, method: str) -> Method:
        def call(arguments: Arguments) -> Json:
            said = text(arguments, compact=True).encode("utf-8", "surrogateescape")
            return self._run(name, "call", method, stdin=said)

        return call

    def _run(self, name: str, *words: str, stdin: bytes = b"") -> dict[str, Json]:
        argv = [self._shell.launch.exec, f"{FOLDER}/{name}", *words]
        try:
            out = self._shell.run(argv, stdin, origin="rpcd", limit=LIMIT).out
        except DeadlineExceeded:
            raise UbusError(TIMEOUT) from None
        if not out.strip():
            raise UbusError(NO_DATA)
        try:
            answer = json.loads(out.decode("utf-8", "surrogateescape"), strict=False)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or len(out) > MOST:
            raise UbusError(INVALID_ARGUMENT)
        return answer
