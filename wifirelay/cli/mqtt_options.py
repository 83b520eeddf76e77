# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of `wifirelay mqtt`: which broker, who comes, below which topic. Connects nowhere."""

import argparse
import os
import re
import ssl

from wifirelay.cli.broker import Access
from wifirelay.cli.context import Context
from wifirelay.config.secrets import ENV, FILE
from wifirelay.errors import ConfigError, UsageError
from wifirelay.transport.target import Target
from wifirelay.values import Secret, shown
from wifirelay.view.home import Topics

PLAIN, OVER_TLS = 1883, 8883  # IANA's ports
_WHERE = re.compile(r"(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([A-Za-z0-9_.-]+))(?::(\d{1,5}))?")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_LONGEST = 200  # characters of a topic


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--broker",
        required=True,
        metavar="HOST[:PORT]",
        help="default port: 1883, with TLS 8883",
    )
    add("--tls", action="store_true", help="encrypt, and see that the broker is that one")
    add("--ca", metavar="FILE", help="who signs its certificate, as PEM; switches TLS on")
    add("--user", metavar="NAME", help="to the broker")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--password-file", metavar="FILE", help="a file with the password alone")
    where.add_argument("--password-env", metavar="VARIABLE", help="a variable that has it")
    add(
        "--prefix",
        default="homeassistant",
        metavar="TOPIC",
        help="where Home Assistant looks for discovery; default homeassistant",
    )
    add("--topic", metavar="TOPIC", help="the router's own; default wifirelay/NAME-OF-THE-ROUTER")
    add(
        "--commands",
        action="store_true",
        help="obey, too: whoever may publish there can then scan, join the best, leave",
    )
    add("--interval", type=float, default=5.0, metavar="S", help="seconds between looks; default 5")
    add("--seconds", type=float, metavar="N", help="end after so many")


def read_access(context: Context, args: argparse.Namespace) -> Access:
    """Raises UsageError; warns of a password that would be sent in the clear."""
    tls = _tls(args.ca) if args.tls or args.ca is not None else None
    host, port = _where(args.broker, OVER_TLS if tls is not None else PLAIN)
    password = _password(context, args)
    if password is not None and args.user is None:
        raise UsageError("a password, and no --user", hint="MQTT has no password without a name")
    if password is not None and tls is None and host not in _LOCAL:
        context.say("warning: the password goes to the broker without encryption: --tls")
    return Access(host, port, args.user, password, tls)


def read_topics(args: argparse.Namespace, target: Target) -> Topics:
    """Raises UsageError for what cannot be a topic."""
    named = target.host or target.world or os.uname().nodename
    base = args.topic or f"wifirelay/{re.sub(r'[^A-Za-z0-9_.-]', '_', named)}"
    for option, topic in (("--topic", base), ("--prefix", args.prefix)):
        # MQTT 3.1.1, 4.7: + and # are wildcards, topics that begin with $ are the broker's own.
        if not re.fullmatch(r"[^+#$/\s\x00-\x1f][^+#\x00-\x1f]*", topic) or topic.endswith("/"):
            raise UsageError(
                f"{option}: {shown(topic)} cannot be a topic", hint="for instance wifirelay/attic"
            )
        if len(topic) > _LONGEST or not topic.isprintable():
            raise UsageError(f"{option}: at most {_LONGEST} characters, all to be seen")
    return Topics(base, args.prefix)


def _where(text: str, port: int) -> tuple[str, int]:
    found = _WHERE.fullmatch(text)
    number = int(found[3]) if found is not None and found[3] else port
    if found is None or not 1 <= number <= 65535:
        raise UsageError(
            f"--broker: {shown(text)} is not HOST or HOST:PORT",
            hint="an IPv6 address stands in brackets, as in [fd00::2]:1883",
        )
    return found[1] or found[2], number


def _password(context: Context, args: argparse.Namespace) -> Secret | None:
    if args.password_file is not None:
        option, place, name = "--password-file", FILE, os.path.expanduser(args.password_file)
    elif args.password_env is not None:
        option, place, name = "--password-env", ENV, args.password_env
    else:
        return None
    try:
        obtained = context.secret(place, name)
    except ConfigError as error:
        raise UsageError(f"{option}: {error.message}", hint=error.hint) from None
    if obtained.warning:
        context.say(f"warning: {option}: {obtained.warning}")
    return obtained.secret


def _tls(ca: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca is None else os.path.expanduser(ca))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        why = getattr(error, "strerror", None) if not isinstance(error, ssl.SSLError) else None
        raise UsageError(
            f"--ca: {shown(str(ca))} cannot be used: {why or 'it holds no PEM certificate'}",
            hint="the certificate of the authority, in a file that begins with -----BEGIN",
        ) from None
