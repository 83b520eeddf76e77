# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the router in a dialogue: which one, is the host key its own, how to log in."""

import argparse
import shlex
from dataclasses import dataclass

from wifirelay.cli.asking import ask, ask_secret
from wifirelay.cli.context import Context
from wifirelay.cli.host import default_gateway
from wifirelay.cli.trust import settle_key
from wifirelay.errors import InputEnded, LoginRefused, UsageError
from wifirelay.router.board import board
from wifirelay.transport.target import Kind, Target, parse_target
from wifirelay.values import printable

TRIES = 3  # for an address, and for a password


@dataclass(frozen=True, slots=True)
class Reached:
    """The router, whether a password had to be typed for it, and how the next command names it."""

    target: Target
    typed: bool
    command: str


def reach(context: Context) -> Reached:
    """Ask until the router answers; the context then has it. Raises TransportError, UsageError
    when it does not, or the owner does not want to."""
    named = context.args.router
    usual = _usual(context)
    by_name = context.args.router != named  # of the inventory, whose TARGET now stands there
    target = _which(context)
    command = "wifirelay"
    if by_name or str(target) != usual:
        again = named if by_name else str(target)
        command += f" --router {shlex.quote(printable(again))}"
    if target.kind is not Kind.SSH:
        context.reopen(str(target))
        return Reached(target, False, command)
    for line in settle_key(context, argparse.Namespace(replace=False, yes=False), target).lines:
        context.say(line)
    return Reached(target, _log_in(context, target), command)


def _usual(context: Context) -> str | None:
    """The router that commands take when none is named, if there is one. Raises UsageError."""
    if (configured := context.settings().router) is not None:
        return str(parse_target(configured))
    gateway = default_gateway()
    return str(parse_target(f"ssh://root@{gateway}")) if gateway is not None else None


def _which(context: Context) -> Target:
    """The named router, the configured one, or what the owner types: at first the gateway."""
    named = context.args.router or context.settings().router
    if named is not None:
        return parse_target(named)
    context.say("which router? Its address; user and port if they are not root and 22:")
    context.say("  192.168.1.1    root@192.168.1.1:2222    sim:home (a simulated one)")
    tries = 1
    while True:
        try:
            return parse_target(_bare(ask("router", default_gateway() or "")))
        except InputEnded:
            raise
        except UsageError as wrong:
            if tries == TRIES:
                raise
            context.complain(wrong)
        tries += 1


def _bare(address: str) -> str:
    """What stands in a browser's line, without what is a browser's."""
    return address.strip().removeprefix("http://").removeprefix("https://").rstrip("/")


def _log_in(context: Context, target: Target) -> bool:
    """With what SSH finds or the configuration has; else with a password that is typed now:
    then True."""
    password, tries = None, 0
    while True:
        try:
            board().read(context.reopen(str(target), password).transport)
            return password is not None
        except LoginRefused as refused:
            if tries == TRIES:
                raise
            context.say(refused.message)
        tries += 1
        password = ask_secret(f"password of {target.user} on {target.host}")
