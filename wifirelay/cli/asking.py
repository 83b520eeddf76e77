# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks the owner at the terminal. Questions go to standard error, answers are lines of input."""

import argparse
import getpass
import sys
import warnings

from wifirelay.errors import InputEnded, UsageError
from wifirelay.values import Secret, printable

_ENDED = "the input has ended: nothing more is asked, and nothing more is done"
_NO_TEXT = "what was typed is not text in this terminal's encoding"


def can_ask() -> bool:
    """Whether somebody sits at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str, default: str = "") -> str:
    """One line, without its end; the default for an empty one. InputEnded at the end of input."""
    shown = f" [{printable(default)}]" if default else ""
    print(f"{printable(question)}{shown}: ", end="", file=sys.stderr, flush=True)
    return _line() or default


def yes(question: str, *, default: bool = False) -> bool:
    """Whether the owner says yes."""
    choice = "Y/n" if default else "y/N"
    print(f"{printable(question)} [{choice}] ", end="", file=sys.stderr, flush=True)
    answer = _line().strip().lower()
    return default if not answer else answer in ("y", "yes")


def ask_secret(question: str, hint: str = "") -> Secret:
    """What is typed without showing. InputEnded at the end of input; UsageError where it would be
    shown, or nothing was typed; `hint` is what else can be done."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            typed = getpass.getpass(f"{printable(question)}: ")
    except EOFError:
        raise InputEnded(_ENDED, hint=hint) from None
    except getpass.GetPassWarning:
        raise UsageError(f"it would be shown while it is typed: {question}", hint=hint) from None
    except UnicodeDecodeError:
        raise UsageError(_NO_TEXT, hint=hint) from None
    if not typed:
        raise UsageError(f"nothing was typed: {question}", hint=hint)
    return Secret(typed)


def confirm(args: argparse.Namespace, question: str, command: str, look: str) -> None:
    """Raises UsageError unless the owner says yes, or said `--yes`. `look`: the command that
    shows what would be done, if there is one."""
    if args.yes:
        return
    if not can_ask():
        shown = f" when what it shows is right ({look})" if look else ""
        raise UsageError(
            f"{command} asks before it changes the router, and there is no terminal to ask on",
            hint=f"add --yes{shown}",
        )
    if not yes(question):
        raise UsageError("not confirmed: nothing was changed")


def _line() -> str:
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise UsageError(_NO_TEXT) from None
    if not line:
        raise InputEnded(_ENDED)
    return line.rstrip("\r\n")
