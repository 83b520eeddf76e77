# SPDX-License-Identifier: GPL-2.0-or-later
"""The global options: they work before the command, after it, and after its sub-commands."""

import argparse
import os
import re
from typing import Any

from wifirelay.errors import UsageError

VALUED = ("--router", "--config", "--routers", "--jobs", "--limit")  # what takes a value


class Formatter(argparse.HelpFormatter):
    """Knows the terminal's width without `shutil`, which would cost a router 0.3 MiB."""

    def __init__(self, prog: str) -> None:
        try:
            width = os.get_terminal_size().columns
        except (OSError, AttributeError, ValueError):  # no terminal, or none at all
            width = 80
        super().__init__(prog, width=max(width, 40) - 2)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are wifirelay's, and show no stray values."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": Formatter, **settings})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What is left over is wrong here, and not only in the whole: so the hint is this one's."""
        found = super().parse_known_args(args, namespace)
        if found[1]:
            self.error(f"unrecognized arguments: {' '.join(found[1])}")
        return found

    def error(self, message: str) -> Any:
        if message.startswith("unrecognized arguments:"):
            # What follows a mistaken option may be a key: only options are repeated.
            words = re.findall(r"(?<=\s)(?:--[A-Za-z][A-Za-z0-9_-]*|-[A-Za-z])", message)
            message = "unrecognized arguments" + (f": {' '.join(words)}" if words else "")
        raise UsageError(message, hint=f"see `{self.prog} --help`")


def add_global(parser: argparse.ArgumentParser, *, first: bool) -> None:
    """Add the global options; `first` on the parser that sets their defaults."""
    group = parser.add_argument_group("global options")
    value = {"default": None if first else argparse.SUPPRESS}
    flag = {"action": "store_true", "default": False if first else argparse.SUPPRESS}
    add: Any = group.add_argument
    add(
        "--router",
        metavar="TARGET",
        help="local | [ssh://][user@]host[:port] | recording:FILE | sim:WORLD | NAME",
        **value,
    )
    add("--routers", metavar="NAMES", help="NAME[,NAME|GROUP|all]: many at once", **value)
    add(
        "--jobs",
        metavar="N",
        type=int,
        help="at a time; default 8 (evaluate: one a processor)",
        **value,
    )
    add(
        "--limit", metavar="SECONDS", type=float, help="for each of --routers; default 120", **value
    )
    add(
        "--config",
        metavar="FILE",
        help="configuration file (YAML), or /etc/config/wifirelay",
        **value,
    )
    add("--json", help="one JSON object on standard output", **flag)
    add("-v", "--verbose", help="say more", **flag)
    add("--debug", help="show tracebacks of errors", **flag)


def global_parent() -> argparse.ArgumentParser:
    """For sub-commands of a command: a parent parser with the global options."""
    parent = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    add_global(parent, first=False)
    return parent
