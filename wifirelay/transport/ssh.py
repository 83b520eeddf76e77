# SPDX-License-Identifier: GPL-2.0-or-later
"""The transport from a laptop: commands over SSH to the router's dropbear.

The only module that imports paramiko. It connects when the first command needs it, and
anew after the link was lost: nothing depends on one TCP connection living.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import paramiko

from wifirelay.errors import (
    ConfigError,
    ConnectError,
    DeadlineExceeded,
    LinkLost,
    LoginRefused,
    RouterAnswer,
    TransportError,
)
from wifirelay.transport import hostkeys, shell, sshchannel
from wifirelay.transport.base import Command, Completed
from wifirelay.transport.hostkeys import HostKey
from wifirelay.transport.login import AGENT_KEYS, Attempt, Login, Method, attempts
from wifirelay.values import shown

PASSPHRASE_ENV = "WIFIRELAY_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable
KEEPALIVE = 15  # seconds; dropbear's own is 300 (openwrt-facts 9)
DEAD_AFTER = 60_000  # milliseconds without an answer of the peer's TCP; Linux: about 15 min

_TROUBLES = (paramiko.SSHException, OSError, EOFError)  # all that paramiko was seen to raise

# paramiko tells its troubles to `logging` too, which would print them to the terminal
logging.getLogger("paramiko").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Limits in seconds for each step of reaching the router."""

    connect: float = 10.0  # TCP
    banner: float = 10.0  # the server's first line, then the key exchange
    auth: float = 15.0  # one login attempt
    channel: float = 10.0  # opening a channel, starting a command


class SshTransport:
    """Runs commands on `user@host:port`, one channel each, over one connection."""

    def __init__(
        self,
        host: str,
        port: int = 22,
        user: str = "root",
        login: Login | None = None,
        known_hosts: str = hostkeys.OWN_FILE,
        timeouts: Timeouts | None = None,
        *,
        user_known_hosts: str | None = hostkeys.USER_FILE,
    ) -> None:
        self.where = f"{user}@{hostkeys.name_of(host, port)}"
        self.round_trips = 0  # commands and batches sent; connecting not counted
        self._host, self._port, self._user = host, port, user
        self._login = login if login is not None else Login()
        self._known_hosts = [path for path in (known_hosts, user_known_hosts) if path]
        self._timeouts = timeouts if timeouts is not None else Timeouts()
        self._link: paramiko.Transport | None = None
        self._lock = threading.Lock()  # of _link: `follow` may have a thread of its own

    def run(self, command: Command) -> Completed:
        line, stdin = shell.fitted(shell.quote(command.argv), command.stdin)
        return self._converse(line, stdin, command.deadline, command.shown())

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        if not commands:
            return ()
        if any(command.stdin is not None for command in commands):
            raise ValueError("commands that run together have no standard input")
        boundary = secrets.token_hex(16)
        text = shell.batch([command.argv for command in commands], boundary)
        names = "; ".join(command.shown() for command in commands)
        deadline = sum(command.deadline for command in commands)
        answer = self._converse(*shell.fitted(text, None), deadline, names)
        try:
            return shell.split(answer.out, answer.err, boundary, len(commands))
        except shell.Incomplete as error:
            raise RouterAnswer(
                f"{self.where}: {error} of `{names}`: {shown(answer.errors.strip())}",
                hint="the router's shell could not go on: look at `free` and `logread` there",
            ) from error

    def follow(self, command: Command) -> Iterator[bytes]:
        name = command.shown()
        channel = self._start(shell.following(command.argv), name)
        return sshchannel.Lines(channel, lambda: self._lost(name, "the link was cut"))

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _converse(self, line: bytes, stdin: bytes | None, deadline: float, name: str) -> Completed:
        channel = self._start(line, name)
        try:
            return sshchannel.converse(channel, stdin or b"", deadline)
        except sshchannel.NoExitStatus:
            raise self._lost(name, "no exit status: cut, or killed by a signal") from None
        except TimeoutError:
            # a link that stalls answers nobody: the next command shall not wait on it too
            self.close()
            raise DeadlineExceeded(
                f"{self.where}: `{name}` did not end within {deadline:g} s",
                hint="the link may be stalled (a radio that is being set up anew), or the "
                "router overloaded; the command may still be running there",
            ) from None
        except _TROUBLES as error:
            raise self._lost(name, _reason(error)) from error
        finally:
            sshchannel.shut(channel)

    def _start(self, line: bytes, name: str) -> paramiko.Channel:
        channel = self._channel()
        self.round_trips += 1
        # exec_command waits for the server's word without a limit of its own
        alarm = threading.Timer(self._timeouts.channel, self.close)
        alarm.daemon = True
        alarm.start()
        try:
            channel.exec_command(line)
        except _TROUBLES as error:
            sshchannel.shut(channel)
            raise self._lost(name, _reason(error)) from error
        finally:
            alarm.cancel()
        return channel

    def _channel(self) -> paramiko.Channel:
        """A channel, over a new connection when the old one has died meanwhile."""
        with self._lock:
            if self._link is not None and self._link.is_active():
                try:
                    return self._link.open_session(timeout=self._timeouts.channel)
                except _TROUBLES:
                    pass  # nothing was sent yet: safe to begin again
            self._drop()
            self._link = self._connected()
            try:
                return self._link.open_session(timeout=self._timeouts.channel)
            except _TROUBLES as error:
                self._drop()
                raise explain(error, self.where) from error

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _lost(self, name: str, reason: str) -> LinkLost:
        return LinkLost(
            f"{self.where}: the link died while `{name}` ran ({reason})",
            hint="it may or may not have had its effect; the next command connects anew",
        )

    def _connected(self) -> paramiko.Transport:
        """A connection that is logged in; raises TransportError."""
        known = hostkeys.stored(self._host, self._port, self._known_hosts)

        def greeted() -> paramiko.Transport:
            link = handshake(self._host, self._port, self._timeouts, _preferred(known))
            try:
                hostkeys.check(_host_key(link), known, self._host, self._port)
            except BaseException:
                link.close()
                raise
            return link

        try:
            link = log_in(greeted, self._user, self._login, self.where)
        except _TROUBLES as error:
            raise explain(error, self.where) from error
        link.set_keepalive(KEEPALIVE)
        return link


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


def shown_host_key(host: str, port: int, timeout: float) -> HostKey:
    """See hostkeys.fetch_host_key."""
    limits = Timeouts(connect=timeout, banner=timeout)
    try:
        with closing(handshake(host, port, limits)) as link:
            return _host_key(link)
    except _TROUBLES as error:
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


def _host_key(link: paramiko.Transport) -> HostKey:
    key = link.get_remote_server_key()
    return HostKey(key.get_name(), key.asbytes())


def _preferred(known: hostkeys.Stored) -> list[str]:
    """The signature algorithms of the stored keys, so that the server shows one of those."""
    kinds = {key.kind for key in known.keys}
    return [*kinds, *(["rsa-sha2-512", "rsa-sha2-256"] if "ssh-rsa" in kinds else [])]


def explain(error: Exception, where: str) -> TransportError:
    """What a failure to connect or log in means, and what to do about it."""
    if isinstance(error, TransportError):
        return error
    reason = _reason(error)
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


def _reason(error: Exception) -> str:
    """An exception's words: some come from the server, so they are made harmless."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return shown(text) or "the server hung up"
