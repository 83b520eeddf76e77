# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay completion bash|zsh|fish`: the shell's completion, made by shtab from the parser.

Completes commands, their options, words out of a fixed list and names of files; it asks no router
and reads no configuration, so that a key press is never slow.
"""

import argparse
from typing import Any

from wifirelay.cli.context import Context, Result
from wifirelay.cli.main import build_parser
from wifirelay.errors import UsageError

SHELLS = ("bash", "zsh", "fish")
# A word that only its user knows. zsh (5.9) offers no options beside one without an action.
_NOTHING = {"zsh": "()"}
FILES = ("FILE", "FILE.csv")  # metavars of arguments that name a file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def run(context: Context, args: argparse.Namespace) -> Result:
    del context
    try:
        import shtab
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"completion needs the Python module {missing.name}, which is not installed",
            hint="pip install 'wifirelay[completion]'",
        ) from None
    parser = build_parser(whole=True)
    _mark(parser, shtab.FILE)
    script = shtab.complete(parser, args.shell)
    return Result(
        {"schema": "wifirelay.completion/1", "shell": args.shell, "script": script},
        script.splitlines(),
    )


def _mark(parser: argparse.ArgumentParser, file: Any) -> None:
    """Tell shtab what each argument is, where the parser does not."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                _mark(below, file)
        elif action.metavar in FILES:
            action.complete = file  # type: ignore[attr-defined]
        elif not action.option_strings and not action.choices:
            action.complete = _NOTHING  # type: ignore[attr-defined]
