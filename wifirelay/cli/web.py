# SPDX-License-Identifier: GPL-2.0-or-later
"""`wifirelay web`: the page for a phone or a browser, served from this machine."""

import argparse
import ipaddress
import json
import math
import re
import secrets
import time
from typing import Any

from wifirelay import __version__
from wifirelay.change.restore import controller_name
from wifirelay.cli.context import Context, Result
from wifirelay.cli.real_time import real_time
from wifirelay.cli.simulate import check_seconds, check_speed, ended_by_signals
from wifirelay.cli.telling import when
from wifirelay.cli.trying import refuse_dry
from wifirelay.config.secrets import FILE, read_secret
from wifirelay.errors import ConfigError, UsageError
from wifirelay.service.folder import STATUS, Folder, folder_for
from wifirelay.transport.target import Kind
from wifirelay.values import Secret
from wifirelay.web.book import Book, FileBook, MemoryBook
from wifirelay.web.direct import Direct
from wifirelay.web.files import page_files
from wifirelay.web.installed import Installed, serves
from wifirelay.web.metrics import metrics_text
from wifirelay.web.server import Server

LOOPBACK = "127.0.0.1"
SIM_SPEED = 10.0
SLICE = 1.0  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, metavar="N", help="default: a free one")
    parser.add_argument(
        "--listen",
        default=LOOPBACK,
        metavar="ADDRESS",
        help="this machine's address to serve at; default 127.0.0.1: nobody else reaches it",
    )
    parser.add_argument(
        "--metrics-token",
        metavar="FILE",
        help="a file with a token of yours that lets in to /metrics, and to nothing else",
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="end after so many")
    parser.add_argument(
        "--speed", type=float, metavar="X", help="of a simulated router (`--router sim:home`): 10"
    )


def run(context: Context, args: argparse.Namespace) -> Result:
    address = _address(args.listen)
    refuse_dry(context, "web")
    check_seconds(args.seconds)
    speed = _speed(context, args.speed)
    reader = None if args.metrics_token is None else _reader(context, args.metrics_token)
    token = Secret(secrets.token_urlsafe(24))
    try:
        with ended_by_signals(), real_time(context, speed):
            made = page_object(context)
            router = str(context.opened().target)
            server = Server(
                made,
                page_files(),
                token,
                args.listen,
                args.port,
                metrics=lambda: metrics_text(made, router, __version__),
                reader=reader,
            )
            try:
                made.start()
                server.start()
                host = f"[{address}]" if address.version == 6 else str(address)
                if not address.is_loopback:
                    context.say(_OPEN)
                _print(context, f"http://{host}:{server.port}/#token={token.reveal()}", server.port)
                _wait(args.seconds)
            finally:
                context.say("ending; a trial that runs is taken back first (Ctrl-C again: at once)")
                server.stop()
                made.close()
    except KeyboardInterrupt:
        context.say("the page is no longer served")
    return Result({}, printed=True)


def _wait(seconds: float | None) -> None:
    """For so long; None: for good. In slices: a Ctrl-C in the moment before a wait begins is seen
    at that wait's end (CPython 3.11 looks at signals before it, and the wait at those within it).
    """
    left = math.inf if seconds is None else seconds
    while left > 0:
        time.sleep(min(left, SLICE))
        left -= SLICE


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        address = None
    if address is None or address.is_unspecified:
        raise UsageError(
            f"--listen: {text} is no address of this machine",
            hint="one of those that `ip address` shows, such as 192.168.1.20",
        )
    return address


def _reader(context: Context, path: str) -> Secret:
    """The token of whoever reads numbers: it is to be the same after a restart."""
    try:
        obtained = read_secret(FILE, path)
    except ConfigError as error:
        raise UsageError(f"--metrics-token: {error.message}", hint=_MAKE_ONE) from None
    if not re.fullmatch(r"[!-~]{16,200}", obtained.secret.reveal()):
        raise UsageError(
            "--metrics-token: a token has 16 to 200 ASCII characters, and no blank",
            hint=_MAKE_ONE,
        )
    if obtained.warning:
        context.say(f"warning: --metrics-token: {obtained.warning}")
    return obtained.secret


def _print(context: Context, url: str, port: int) -> None:
    """Once it serves; the token is behind the #, which no browser sends anywhere."""
    if context.args.json:
        shape = {
            "schema": "wifirelay.web/1",
            "url": url,
            "port": port,
            "router": str(context.opened().target),
        }
        print(json.dumps(shape, indent=2), flush=True)
        return
    print(f"the page of {context.opened().target} is at\n\n  {url}\n", flush=True)
    print("whoever has this address may steer the router; Ctrl-C ends it", flush=True)


def page_object(context: Context) -> Direct | Installed:
    """What answers the page: the router's own object, or this program."""
    opened = context.opened()
    target = opened.target
    if target.kind is not Kind.SIM and serves(opened.transport):
        return Installed(opened.transport)
    if opened.known and context.args.config is None:
        book: Book = MemoryBook(opened.known)
    else:
        book = FileBook(context.config_path, context.reload)

    def service() -> dict[str, Any] | None:
        folder = Folder(folder_for(str(target)))
        shape = folder.read_json(STATUS) if folder.lives() is not None else None
        found = shape.get("service") if isinstance(shape, dict) else None
        return found if isinstance(found, dict) else None

    return Direct(
        opened.transport,
        opened.clock,
        context.relay,
        book,
        controller_name(),
        when,
        (lambda: None) if target.kind is Kind.SIM else service,
    )


def _speed(context: Context, speed: float | None) -> float:
    if speed is None:
        return SIM_SPEED
    if context.opened().target.kind is not Kind.SIM:
        raise UsageError("--speed is for simulated routers: `--router sim:home`")
    check_speed(speed)
    return speed


_MAKE_ONE = "make one: (umask 077; openssl rand -hex 24 >FILE)"
_OPEN = (
    "warning: beyond 127.0.0.1 it is served without encryption: whoever is on that network can "
    "read what is typed, passwords too"
)
