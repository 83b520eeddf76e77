# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds the router in a dialogue: which one, is the host key its own, how to log in."""

import argparse
from dataclasses import dataclass

from wifirelay.cli.asking import ask, ask_secret
from wifirelay.cli.context import Context
from wifirelay.cli.host import default_gateway
from wifirelay.cli.trust import settle_key
from wifirelay.errors import LoginRefused, UsageError
from wifirelay.router.board import board
from wifirelay.transport.target import Kind, Target, parse_target

TRIES = 3  # for an address, and for a password


@dataclass(frozen=True, slots=True)
class Reached:
    """The router, and whether a password had to be typed for it."""

    target: Target
    typed: bool = False


def reach(context: Context) -> Reached:
    """Ask until the router answers; the context then has it. Raises TransportError, UsageError
    when it does not, or the owner does not want to."""
    target = _which(context)
    if target.kind is not Kind.SSH:
        context.reopen(str(target))
        return Reached(target)
    for line in settle_key(context, argparse.Namespace(replace=False, yes=False), target).lines:
        context.say(line)
    return Reached(target, _log_in(context, target))


def usual(context: Context) -> str | None:
    """The router that commands take when none is named, if there is one."""
    if (configured := context.settings().router) is not None:
        return str(parse_target(configured))
    gateway = default_gateway()
    return str(parse_target(f"ssh://root@{gateway}")) if gateway is not None else None


def _which(context: Context) -> Target:
    """The named router, the configured one, or what the owner types: at first the gateway."""
    named = context.args.router or context.settings().router
    if named is not None:
        return parse_target(named)
    context.say("which router? Its address, as in a browser; user and port if they are others:")
    context.say("  192.168.1.1    root@192.168.1.1:2222    sim:home (a simulated one)")
    tries = 1
    while True:
        try:
            return parse_target(ask("router", default_gateway() or "").strip())
        except UsageError as wrong:
            if tries == TRIES:
                raise
            context.say(f"{wrong.message}; {wrong.hint}")
        tries += 1


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
