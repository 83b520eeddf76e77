# SPDX-License-Identifier: GPL-2.0-or-later
"""The service in a bare interpreter, its simulated router in this process: what each needs.

Virtual time: hours pass in seconds.
"""

import json
import os
import subprocess
import sys
import time
from typing import Any

from wifirelay.change.files import TREE
from wifirelay.errors import TransportError
from wifirelay.package.contents import python_sources
from wifirelay.package.tree import build, find_interpreter, write_folder
from wifirelay.sim.light import PRELUDE
from wifirelay.sim.transport import SimTransport
from wifirelay.sim.worlds import World
from wifirelay.transport.base import Command, Following

HERE = os.path.dirname(os.path.abspath(__file__))


def prelude(folder: str, *, compiled: bool = True) -> str:
    """What a bare interpreter begins with: the modules that a router lacks taken out, and
    wifirelay as its package has it, put into that folder; not `compiled`: its sources."""
    files = build(find_interpreter(sys.executable)) if compiled else python_sources()
    write_folder(folder, files)
    return f"{PRELUDE}sys.path.insert(0, {folder + TREE!r})\n"


class Far:
    """Plays a world for a service in another process."""

    def __init__(
        self,
        world: World,
        networks: list[dict[str, Any]],
        prelude: str,
        tmp: str,
        *,
        cached: bool = True,
    ) -> None:
        """`cached`: what is imported is compiled once, and taken from there afterwards."""
        self.world = world
        self.said: list[str] = []  # the service's log
        self.to_first_scan: float | None = None  # seconds of this machine from its start
        self._transport = SimTransport(world.router)
        self._following: Following | None = None
        self._networks, self._prelude, self._tmp = networks, prelude, tmp
        prefix = f"-Xpycache_prefix={os.path.join(tmp, 'compiled')}"
        self._flag = prefix if cached else "-B"

    def play(self, hours: list[float], state: str) -> list[int]:
        """Let it work for so long, in turn; its VmRSS after each, in KiB. `state` is a name for
        the folder of its files: another name is another service."""
        folder = os.path.join(self._tmp, state)
        os.makedirs(folder, 0o700, exist_ok=True)
        code = f"{self._prelude}\nsys.path.insert(0, {HERE!r})\nimport far_side\nfar_side.main()"
        words = [os.path.dirname(HERE), *map(str, hours)]
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "XDG_RUNTIME_DIR": folder}
        begun = time.monotonic()
        with open(os.path.join(self._tmp, "log"), "w+", encoding="utf-8") as log:
            child = subprocess.Popen(
                [sys.executable, "-I", "-S", self._flag, "-c", code, *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=env,
            )
            with child:
                assert child.stdin is not None and child.stdout is not None
                child.stdin.write(json.dumps({"networks": self._networks}) + "\n")
                child.stdin.flush()
                taken: list[int] = []
                for line in child.stdout:
                    question = json.loads(line)
                    if self.to_first_scan is None and "scan" in question.get("argv", ()):
                        self.to_first_scan = time.monotonic() - begun
                    if question["do"] == "end":
                        taken = question["kib"]
                    child.stdin.write(json.dumps(self._answer(question)) + "\n")
                    child.stdin.flush()
            log.seek(0)
            self.said = log.read().splitlines()
        assert child.returncode == 0, "\n".join(self.said[-20:])
        return taken

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        do = question["do"]
        clock = self.world.clock
        try:
            if do == "run":
                stdin = None if question["stdin"] is None else bytes.fromhex(question["stdin"])
                done = self._transport.run(
                    Command(tuple(question["argv"]), stdin, question["deadline"])
                )
                return {"rc": done.rc, "out": done.out.hex(), "err": done.err.hex()}
            if do == "follow":
                self._following = self._transport.follow(Command(tuple(question["argv"])))
            elif do == "lines" and self._following is not None:
                found = self._following.lines(question["seconds"])
                return {"lines": [line.hex() for line in found]}
            elif do == "sleep":
                clock.sleep(question["seconds"])
        except TransportError as error:
            return {"lost": error.message}
        return {"now": clock.monotonic()}
