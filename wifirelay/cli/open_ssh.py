# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens a router over SSH: with which login, and whom the configuration's password is for."""

import socket
import sys
from typing import TYPE_CHECKING

from wifirelay.cli.open import Opened
from wifirelay.clock import SystemClock
from wifirelay.config.fields import near
from wifirelay.config.model import Settings
from wifirelay.config.routers import NAME
from wifirelay.errors import UsageError
from wifirelay.transport.target import Kind, Target, parse_target
from wifirelay.values import Secret, printable

if TYPE_CHECKING:
    from wifirelay.transport.ssh import SshTransport

MOVED_LIMIT = 4.0  # seconds for a TCP connection to an address that is not there yet


def open_ssh(target: Target, settings: Settings) -> Opened:
    """The router at this address. Connects when the first command needs it."""
    check_name(target, settings)
    try:
        from wifirelay.transport.ssh import SshTransport
    except ImportError as missing:
        raise UsageError(
            f"reaching a router over SSH needs paramiko, which is not installed ({missing.name})",
            hint="pip install wifirelay",
        ) from None
    from wifirelay.transport.login import Login

    transport = SshTransport(
        target.host,
        target.port,
        target.user,
        Login(key_file=settings.login.key_file, password=_password(target, settings)),
        named_known_hosts=settings.login.known_hosts,
    )
    return Opened(target, transport, SystemClock(), transport.close)


def check_name(target: Target, settings: Settings) -> None:
    """Raises UsageError for a word that no host has as its name, where the configuration lists
    routers by theirs: it is most likely meant as one of these."""
    host = target.host
    own = [parse_target(each.target).host for each in settings.routers]
    if settings.router is not None:
        own.append(parse_target(settings.router).host)
    if not settings.routers or host in own or not NAME.match(host):
        return
    try:
        socket.getaddrinfo(host, target.port)
    except socket.gaierror:
        meant = near(host, [each.name for each in settings.routers])
        raise UsageError(
            f"{host} is not a router of the configuration, and no host is found by this name",
            hint=(f"did you mean {meant}? " if meant else "") + "`wifirelay routers` lists all",
        ) from None


def open_moved(target: Target, settings: Settings, address: str) -> "SshTransport":
    """The same router at another address: who shows another host key than it has is not logged in
    to. When it is reached its key is stored for that address as well."""
    from wifirelay.transport.login import Login
    from wifirelay.transport.ssh import SshTransport
    from wifirelay.transport.sshlink import Timeouts

    return SshTransport(
        address,
        target.port,
        target.user,
        Login(key_file=settings.login.key_file, password=_password(target, settings)),
        timeouts=Timeouts(connect=MOVED_LIMIT),
        named_known_hosts=settings.login.known_hosts,
        known_as=(target.host, target.port),
    )


def _password(target: Target, settings: Settings) -> Secret | None:
    """The configuration's password, for the routers that it names. Another one, though trusted
    too, would learn it. Where it names none it is for whichever is meant."""
    password = settings.login.password
    named = [each.target for each in settings.routers if each.login is None]
    if settings.router is not None:
        named.insert(0, settings.router)
    if password is None or not named:
        return password
    owned = [parse_target(each) for each in named]
    for own in owned:
        if (own.kind, own.host.lower(), own.port) == (Kind.SSH, target.host.lower(), target.port):
            return password
    more = f" and {len(owned) - 1} more" if len(owned) > 1 else ""
    print(
        f"wifirelay: the configuration's password is for {printable(str(owned[0]))}{more}, and "
        f"not offered to {printable(str(target))}",
        file=sys.stderr,
    )
    return None
