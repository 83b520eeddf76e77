# SPDX-License-Identifier: GPL-2.0-or-later
"""The transport from a laptop: commands over SSH to the router's dropbear.

With sshlink.py the only importer of paramiko. It connects when the first command needs it, and
anew after the link was lost: nothing depends on one TCP connection living.
"""

import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress

import paramiko

from wifirelay.errors import (
    ConfigError,
    DeadlineExceeded,
    HostKeyRefused,
    LinkLost,
    RouterAnswer,
)
from wifirelay.transport import hostkeys, shell, sshchannel
from wifirelay.transport.base import Command, Completed, Following, too_long
from wifirelay.transport.login import Login
from wifirelay.transport.sshlink import (
    TROUBLES,
    Timeouts,
    explain,
    handshake,
    host_key,
    log_in,
    preferred,
    reason_of,
)
from wifirelay.values import shown

KEEPALIVE = 15  # seconds; dropbear's own is 300 (openwrt-facts 9)


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
        named_known_hosts: str | None = None,
        known_as: tuple[str, int] | None = None,
    ) -> None:
        """`known_as`: the address and port that this router's key is stored for, where it has been
        moved. It is stored for the new ones as well when the router is reached there."""
        self.where = f"{user}@{hostkeys.name_of(host, port)}"
        self.round_trips = 0  # commands and batches sent; connecting not counted
        self._host, self._port, self._user = host, port, user
        self._known_as, self._own_known_hosts = known_as, known_hosts
        self._login = login if login is not None else Login()
        files = (named_known_hosts, known_hosts, user_known_hosts)
        self._known_hosts = [path for path in files if path]
        self._timeouts = timeouts if timeouts is not None else Timeouts()
        self._link: paramiko.Transport | None = None
        self._lock = threading.Lock()  # of _link: the alarm of `_start` is a thread of its own

    def run(self, command: Command) -> Completed:
        line, stdin = shell.fitted(shell.quote(command.argv), command.stdin)
        return self._converse(line, stdin, command.deadline, command.most, command.shown())

    def run_all(self, commands: Sequence[Command]) -> tuple[Completed, ...]:
        if not commands:
            return ()
        if any(command.stdin is not None for command in commands):
            raise ValueError("commands that run together have no standard input")
        boundary = secrets.token_hex(16)
        text = shell.batch([command.argv for command in commands], boundary)
        names = "; ".join(command.shown() for command in commands)
        deadline = sum(command.deadline for command in commands)
        most = sum(command.most + shell.MARKS for command in commands)
        answer = self._converse(*shell.fitted(text, None), deadline, most, names)
        try:
            answers = shell.split(answer.out, answer.err, boundary, len(commands))
        except shell.Incomplete as error:
            raise RouterAnswer(
                f"{self.where}: {error} of `{names}`: {shown(answer.errors.strip())}",
                hint="the router's shell could not go on: look at `free` and `logread` there",
            ) from error
        return tuple(map(Completed.fitting, answers, commands))

    def follow(self, command: Command) -> Following:
        name = command.shown()
        channel = self._start(shell.following(command.argv), name)
        return sshchannel.Lines(channel, lambda: self._lost(name, "the link was cut"))

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _converse(
        self, line: bytes, stdin: bytes | None, deadline: float, most: int, name: str
    ) -> Completed:
        channel = self._start(line, name)
        try:
            return sshchannel.converse(channel, stdin or b"", deadline, most)
        except sshchannel.Overflow:
            raise too_long(name, most) from None
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
        except TROUBLES as error:
            raise self._lost(name, reason_of(error)) from error
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
        except TROUBLES as error:
            sshchannel.shut(channel)
            raise self._lost(name, reason_of(error)) from error
        finally:
            alarm.cancel()
        return channel

    def _channel(self) -> paramiko.Channel:
        """A channel, over a new connection when the old one has died meanwhile."""
        with self._lock:
            if self._link is not None and self._link.is_active():
                try:
                    return self._link.open_session(timeout=self._timeouts.channel)
                except TROUBLES:
                    pass  # nothing was sent yet: safe to begin again
            self._drop()
            self._link = self._connected()
            try:
                return self._link.open_session(timeout=self._timeouts.channel)
            except TROUBLES as error:
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
        named = self._known_as or (self._host, self._port)
        known = hostkeys.stored(*named, self._known_hosts)

        def greeted() -> paramiko.Transport:
            link = handshake(self._host, self._port, self._timeouts, preferred(known))
            try:
                hostkeys.check(host_key(link), known, self._host, self._port)
            except BaseException:
                link.close()
                raise
            return link

        try:
            link = log_in(greeted, self._user, self._login, self.where)
        except TROUBLES as error:
            raise explain(error, self.where) from error
        link.set_keepalive(KEEPALIVE)
        if self._known_as is not None:
            with suppress(HostKeyRefused, ConfigError):  # another's key is there, or no file can be
                hostkeys.store(
                    self._host, self._port, host_key(link), self._own_known_hosts, replace=False
                )
        return link
