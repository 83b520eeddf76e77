# SPDX-License-Identifier: GPL-2.0-or-later
"""Connecting and logging in to a router's SSH server, and what it means when that fails.

With ssh.py the only importer of paramiko; here all of its errors are given their meaning.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import paramiko

from wifirelay.errors import ConfigError, ConnectError, LoginRefused, TransportError
from wifirelay.transport import hostkeys
from wifirelay.transport.hostkeys import HostKey
from wifirelay.transport.login import AGENT_KEYS, Attempt, Login, Method, attempts
from wifirelay.values import shown

PASSPHRASE_ENV = "WIFIRELAY_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable
DEAD_AFTER = 60_000  # milliseconds without an answer of the peer's TCP; Linux: about 15 min

TROUBLES = (paramiko.SSHException, OSError, EOFError)  # all that paramiko was seen to raise

# paramiko tells its troubles to `logging` too, which would print them to the terminal
logging.getLogger("paramiko").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Limits in seconds for each step of reaching the router."""

    connect: float = 10.0  # TCP
    banner: float = 10.0  # the server's first line, then the key exchange
    auth: float = 15.0  # one login attempt
    channel: float = 10.0  # opening a channel, starting a command


def handshake(
    host: str, port: int, timeouts: Timeouts, prefer: Sequence[str] = ()
) -> paramiko.Transport:
    """A connection up to the key exchange: encrypted, with nobody checked yet.

    `prefer`: the types of host key to ask for first. Raises what paramiko and sockets do.
    """
    sock = socket.create_connection((host, port), timeout=timeouts.connect)
    try:
        # without it 54 ms a command on loopback, with it 10
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER)
        link = paramiko.Transport(sock)
    except BaseException:
        sock.close()
        raise
    link.banner_timeout = link.handshake_timeout = timeouts.banner
    link.auth_timeout = timeouts.auth
    link.channel_timeout = timeouts.channel
    options = link.get_security_options()
    # `ssh-rsa` signs with SHA-1: paramiko 4 still takes it, 5 does not
    kinds = [kind for kind in options.key_types if kind != "ssh-rsa"]
    options.key_types = sorted(kinds, key=lambda kind: kind not in prefer)
    done = threading.Event()
    try:
        link.start_client(event=done)
        if not done.wait(timeouts.banner * 2):
            raise TimeoutError("the key exchange did not end")
        if not link.is_active():
            raise link.get_exception() or EOFError()
    except BaseException:
        link.close()
        sock.close()
        raise
    return link


def fetch_host_key(
    host: str,
    port: int,
    known: hostkeys.Stored | None = None,
    timeout: float = 10.0,
) -> HostKey:
    """The key that a host shows now, without logging in; `timeout` in seconds for each step.

    Of several it is asked for one of the kinds that are `known` already. Raises
    TransportError. Whoever answers chose this key: it is to be shown, not trusted.
    """
    prefer = preferred(known) if known is not None else ()
    limits = Timeouts(connect=timeout, banner=timeout)
    try:
        with closing(handshake(host, port, limits, prefer)) as link:
            return host_key(link)
    except TROUBLES as error:
        raise explain(error, hostkeys.name_of(host, port)) from error


def log_in(
    greeted: Callable[[], paramiko.Transport], user: str, login: Login, where: str
) -> paramiko.Transport:
    """Try one method after another; `greeted` connects, anew when the server has hung up."""
    refused: list[str] = []
    offered: Sequence[str] = ()
    link = greeted()
    try:
        for attempt in attempts(login, lambda path: os.path.exists(os.path.expanduser(path))):
            for name, method in _methods(attempt, login, user):
                if not link.is_active():  # dropbear hangs up after three refusals
                    link.close()
                    link = greeted()
                try:
                    if not method(link):  # else: what the server wants beside it
                        return link
                except paramiko.BadAuthenticationType as error:
                    offered = error.allowed_types
                except paramiko.AuthenticationException as error:
                    if "timeout" in str(error):
                        raise TimeoutError("no answer to the login") from error
                refused.append(name)
    except BaseException:
        link.close()
        raise
    link.close()
    takes = f"; the router takes {', '.join(map(shown, offered))}" if offered else ""
    raise LoginRefused(
        f"{where}: login refused (tried {', '.join(refused) or 'nothing'}{takes})",
        hint="give a key that is in the router's /etc/dropbear/authorized_keys, or a password",
    )


_Method = Callable[[paramiko.Transport], list[str]]


def _methods(attempt: Attempt, login: Login, user: str) -> Iterator[tuple[str, _Method]]:
    """The logins that one attempt stands for: as many as the agent has keys."""
    if attempt.method is Method.AGENT:
        with closing(paramiko.Agent()) as agent:
            for key in agent.get_keys()[:AGENT_KEYS]:
                yield "a key of the agent", _with_key(user, key)
    elif attempt.method is Method.KEY_FILE:
        own = _load_key(attempt, login)
        if own is not None:
            yield attempt.path, _with_key(user, own)
    elif attempt.method is Method.PASSWORD and login.password is not None:
        text = login.password.reveal()
        yield "the password", lambda link: link.auth_password(user, text)
    elif attempt.method is Method.BLANK:
        yield "no password", lambda link: link.auth_none(user)


def _with_key(user: str, key: paramiko.PKey) -> _Method:
    return lambda link: link.auth_publickey(user, key)


def _load_key(attempt: Attempt, login: Login) -> paramiko.PKey | None:
    """The key in a file; None for a default one that cannot be used."""
    path = os.path.expanduser(attempt.path)
    phrase = login.passphrase.reveal() if login.passphrase else os.environ.get(PASSPHRASE_ENV)
    problem = "not a private key of a kind that dropbear takes (ed25519, rsa, ecdsa)"
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key_file(path, phrase)
        except paramiko.PasswordRequiredException:
            if attempt.asked:
                raise LoginRefused(
                    f"the key file {attempt.path} is encrypted",
                    hint=f"set {PASSPHRASE_ENV} to its passphrase, or load it into ssh-agent",
                ) from None
            return None
        except OSError as error:
            problem = error.strerror or "cannot be read"
        except (paramiko.SSHException, ValueError):
            continue  # another kind of key, or the wrong passphrase
    if not attempt.asked:
        return None
    wrong = ", or its passphrase is not the one given" if phrase else ""
    raise ConfigError(
        f"the key file {attempt.path}: {problem}{wrong}",
        hint="name the file of a private key, as `ssh-keygen -t ed25519` makes it",
    )


def host_key(link: paramiko.Transport) -> HostKey:
    """The key that this connection's server has shown."""
    key = link.get_remote_server_key()
    return HostKey(key.get_name(), key.asbytes())


def preferred(known: hostkeys.Stored) -> list[str]:
    """The signature algorithms of the stored keys, so that the server shows one of those."""
    kinds = {key.kind for key in known.keys}
    return [*kinds, *(["rsa-sha2-512", "rsa-sha2-256"] if "ssh-rsa" in kinds else [])]


def explain(error: Exception, where: str) -> TransportError:
    """What a failure to connect or log in means, and what to do about it."""
    if isinstance(error, TransportError):
        return error
    reason = reason_of(error)
    if isinstance(error, paramiko.AuthenticationException):
        return LoginRefused(f"{where}: login refused: {reason}", hint="check user and key")
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return ConnectError(
            f"{where}: its SSH server is too old to be talked to safely: {reason}",
            hint="before OpenWrt 21.02 dropbear knows RSA keys with SHA-1 only: update the "
            "router; wifirelay does not weaken its algorithms",
        )
    if isinstance(error, socket.gaierror):
        return ConnectError(f"{where}: no such host: {reason}", hint="check the router's name")
    if isinstance(error, ConnectionRefusedError):
        return ConnectError(
            f"{where}: nothing listens there", hint="check the port, and that SSH is switched on"
        )
    if isinstance(error, TimeoutError):
        return ConnectError(
            f"{where}: no answer in time: {reason}",
            hint="check that this computer is in the router's network, and the address",
        )
    if isinstance(error, OSError):
        return ConnectError(f"{where}: cannot connect: {reason}", hint="check the network")
    return ConnectError(
        f"{where}: no SSH connection: {reason}",
        hint="check that an SSH server answers at this address and port",
    )


def reason_of(error: Exception) -> str:
    """An exception's words: some come from the server, so they are made harmless."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return shown(text) or "the server hung up"
