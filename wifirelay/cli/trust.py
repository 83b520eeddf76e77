# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay trust`: look at a router's SSH host key, and store it.

Whoever answers at the address chose the key that is shown: only the owner, at the router
itself, can tell whether it is the router's.
"""

import argparse

from wifirelay.cli.asking import can_ask, yes
from wifirelay.cli.context import Context, Result
from wifirelay.cli.open import find_target
from wifirelay.cli.open_ssh import check_name
from wifirelay.config.routers import NAME, meant
from wifirelay.errors import UsageError
from wifirelay.transport import hostkeys
from wifirelay.transport.hostkeys import HostKey
from wifirelay.transport.target import Kind, Target, parse_target

# OpenWrt's key files, by the name of the type (dropbear.init)
_FILES = {"ssh-ed25519": "ed25519", "ssh-rsa": "rsa"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("host", nargs="?", metavar="HOST", help="default: the configured router")
    parser.add_argument(
        "--replace", action="store_true", help="even when another key is stored: router was reset"
    )
    parser.add_argument("-y", "--yes", action="store_true", help="store it without asking")


def run(context: Context, args: argparse.Namespace) -> Result:
    return settle_key(context, args, _target(context, args))


def settle_key(context: Context, args: argparse.Namespace, target: Target) -> Result:
    """Look at this router's key, and store it when the owner says so; with `args` as above.

    Raises HostKeyRefused for another key than the stored one, UsageError when it is not wanted,
    TransportError when nobody answers.
    """
    named = context.settings().login.known_hosts
    files = [path for path in (named, hostkeys.OWN_FILE, hostkeys.USER_FILE) if path]
    known = hostkeys.stored(target.host, target.port, files)
    try:
        from wifirelay.transport.sshlink import fetch_host_key

        key = fetch_host_key(target.host, target.port, known)
    except ImportError as missing:
        raise UsageError(
            f"reaching a router over SSH needs paramiko, which is not installed ({missing.name})",
            hint="pip install wifirelay",
        ) from None
    if key in known.keys and key not in known.revoked:
        return _result(target, key, "already", "is stored already: nothing to do")
    if key in known.revoked or (known.keys and not args.replace):
        hostkeys.check(key, known, target.host, target.port)
    _show(context, target, key)
    for old in known.keys:
        context.say(f"stored until now: {old.kind} {old.fingerprint}")
    _ask(args, target, key)
    # What is in the user's own file stays: it is not ours to edit. It counts no more for this host.
    hostkeys.store(target.host, target.port, key, replace=args.replace)
    if known.keys:
        return _result(target, key, "replaced", "is stored in place of the old one")
    return _result(target, key, "stored", "is stored")


def _target(context: Context, args: argparse.Namespace) -> Target:
    text = _named(context, args)
    target = parse_target(text) if text is not None else find_target()
    if target.kind is not Kind.SSH:
        raise UsageError(
            f"{target} has no SSH host key",
            hint="name the router's address: `wifirelay trust 192.168.1.1`",
        )
    if NAME.match(target.host):
        check_name(target, context.settings())
    return target


def _named(context: Context, args: argparse.Namespace) -> str | None:
    """HOST or `--router`, which may be a name of the inventory; else the configured router."""
    text: str | None = args.host or args.router
    if text is not None and not NAME.match(text):
        return text  # whatever the configuration is like
    settings = context.settings()
    return meant(settings, args.host)[1] or context.args.router or settings.router


def _show(context: Context, target: Target, key: HostKey) -> None:
    where = hostkeys.name_of(target.host, target.port)
    file = _FILES.get(key.kind, "ecdsa" if key.kind.startswith("ecdsa") else "KIND")
    context.say(f"{where} shows this host key: {key.kind}")
    context.say(f"  {key.fingerprint}")
    context.say("compare it with what the router itself says (by cable, serial line or console):")
    context.say(f"  dropbearkey -y -f /etc/dropbear/dropbear_{file}_host_key")


def _ask(args: argparse.Namespace, target: Target, key: HostKey) -> None:
    if args.yes:
        return
    if not can_ask():
        raise UsageError(
            f"trust asks before it stores the key {key.fingerprint} of "
            f"{hostkeys.name_of(target.host, target.port)}, and there is no terminal to ask on",
            hint="add --yes when this fingerprint is the router's",
        )
    if not yes("is it the same?"):
        raise UsageError("not confirmed: nothing was stored")


def _result(target: Target, key: HostKey, action: str, text: str) -> Result:
    return Result(
        {
            "schema": "wifirelay.trust/1",
            "action": action,
            "host": target.host,
            "port": target.port,
            "type": key.kind,
            "fingerprint": key.fingerprint,
        },
        [
            f"the host key of {hostkeys.name_of(target.host, target.port)} "
            f"({key.kind} {key.fingerprint}) {text}"
        ],
    )
