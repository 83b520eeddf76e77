# SPDX-License-Identifier: GPL-2.0-or-later
"""The service's side of tests/far.py: run by a bare interpreter, as a router's would be.

    python -I -S -c 'import far_side; far_side.main()' CHECKOUT HOURS...

Reads its configuration from the first line of standard input, then speaks with the simulated
router in the other process, one JSON object a line. After so many hours of router time in
turn it tells its memory.
"""

import json
import sys


def prepared() -> None:
    """As `wifirelay` starts: see wifirelay/__main__.py."""
    from wifirelay.lazily import import_lazily

    import_lazily()


def ask(**question):  # type: ignore[no-untyped-def]
    """One question to the other process, and its answer."""
    print(json.dumps(question), flush=True)
    return json.loads(sys.stdin.readline())


def memory() -> int:
    """VmRSS in KiB."""
    with open("/proc/self/status", encoding="ascii") as file:
        return int(next(line.split()[1] for line in file if line.startswith("VmRSS")))


def main() -> None:
    sys.path.append(sys.argv[1])
    prepared()
    from wifirelay.cli import run
    from wifirelay.cli.context import Context
    from wifirelay.cli.main import build_parser
    from wifirelay.cli.open import Opened
    from wifirelay.config.model import Settings, from_mapping
    from wifirelay.errors import LinkLost
    from wifirelay.transport import local  # noqa: F401 - what the service on a router has too
    from wifirelay.transport.base import Completed
    from wifirelay.transport.target import Kind, Target

    def completed(raw):  # type: ignore[no-untyped-def]
        return Completed(raw["rc"], bytes.fromhex(raw["out"]), bytes.fromhex(raw["err"]))

    class Far:
        """Transport, its following, and clock in one."""

        ended = False

        def run(self, command):  # type: ignore[no-untyped-def]
            stdin = None if command.stdin is None else command.stdin.hex()
            answer = ask(do="run", argv=command.argv, stdin=stdin, deadline=command.deadline)
            if "rc" not in answer:
                raise LinkLost(answer["lost"])
            return completed(answer)

        def run_all(self, commands):  # type: ignore[no-untyped-def]
            return tuple(self.run(command) for command in commands)

        def follow(self, command):  # type: ignore[no-untyped-def]
            ask(do="follow", argv=command.argv)
            return self

        def lines(self, seconds, wake=None):  # type: ignore[no-untyped-def]
            answer = ask(do="lines", seconds=seconds)
            if "lost" in answer:
                raise LinkLost(answer["lost"])
            return [bytes.fromhex(line) for line in answer["lines"]]

        def close(self) -> None:
            pass

        def monotonic(self) -> float:
            return float(ask(do="now")["now"])

        def sleep(self, seconds: float) -> None:
            ask(do="sleep", seconds=seconds)

        def wait(self, seconds: float, wake: int | None = None) -> None:
            self.sleep(seconds)

    far = Far()
    settings = from_mapping(json.loads(sys.stdin.readline()), "the test")

    class Fixed(Context):
        def reload(self) -> Settings:
            return settings

    opened = Opened(Target(Kind.SSH, host="far"), far, far, far.close)
    taken = []
    for hours in sys.argv[2:]:
        args = build_parser("run").parse_args(["run", "--seconds", str(float(hours) * 3600)])
        run.run(Fixed(args, settings, opened), args)
        taken.append(memory())
    ask(do="end", kib=taken)
