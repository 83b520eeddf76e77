# SPDX-License-Identifier: GPL-2.0-or-later
"""An SSH server inside the test's process, for the faults that no real server has on demand."""

import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress

import paramiko
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    MSG_CHANNEL_SUCCESS,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)

from wifirelay.transport.hostkeys import HostKey

Handler = Callable[["Server", paramiko.Channel, bytes], None]


def shell(server: "Server", channel: paramiko.Channel, command: bytes) -> None:
    """Run the command by sh once the client has closed its input, as all ours do."""
    sent = b"".join(iter(lambda: channel.recv(4096), b""))
    answer = subprocess.run(["sh", "-c", command], input=sent, capture_output=True, check=False)
    channel.sendall(answer.stdout)
    channel.sendall_stderr(answer.stderr)
    channel.send_exit_status(answer.returncode)
    channel.close()


def hang(server: "Server", channel: paramiko.Channel, command: bytes) -> None:
    server.let_go.wait(30)


def half(server: "Server", channel: paramiko.Channel, command: bytes) -> None:
    """Half of the output, then the link dies."""
    channel.sendall(b"half of it")
    server.cut()


def no_status(server: "Server", channel: paramiko.Channel, command: bytes) -> None:
    channel.sendall(b"all of it\n")
    channel.close()


def killed_shell(server: "Server", channel: paramiko.Channel, command: bytes) -> None:
    """Some commands of a batch, then the shell gives up, with an exit code."""
    shell(server, channel, command.split(b"\n(")[0] + b"\nexit 2")


class Server:
    """Listens on a loopback port; `handler` answers commands.

    In comes who has the `password`, one of the `keys`, or, with `blank`, nothing (`none`).
    """

    def __init__(
        self,
        handler: Handler = shell,
        *,
        password: str | None = "pw",
        blank: bool = False,
        keys: tuple[paramiko.PKey, ...] = (),
        tries: int = 3,
        host_key: paramiko.PKey | None = None,
    ) -> None:
        self.handler = handler
        self.password, self.blank, self.keys, self.tries = password, blank, keys, tries
        self.host_key = host_key if host_key is not None else paramiko.ECDSAKey.generate()
        self.banner = True  # else: accept, and say nothing
        self.refuse_exec = False
        self.ignore_exec = False  # never answer an exec request
        self.ignore_auth = False
        self.channels = True
        self.attempts: list[str] = []
        self.commands: list[bytes] = []
        self.logins = 0
        self.let_go = threading.Event()
        self._links: list[paramiko.Transport | socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def key(self) -> HostKey:
        return HostKey(self.host_key.get_name(), self.host_key.asbytes())

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if not self.banner:
                self._links.append(sock)
                continue
            link = paramiko.Transport(sock)
            self._links.append(link)
            link.add_server_key(self.host_key)
            with suppress(paramiko.SSHException, EOFError, OSError):
                link.start_server(event=threading.Event(), server=_Session(self, link))

    def cut(self) -> None:
        """End every connection at once, as a lost link does; go on listening."""
        links, self._links = self._links, []
        for link in links:
            link.close()

    def close(self) -> None:
        self.let_go.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        self.cut()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *args: object) -> None:
        self.close()


class _Session(paramiko.ServerInterface):
    def __init__(self, server: Server, link: paramiko.Transport) -> None:
        self.server = server
        self.link = link
        self.failures = 0

    def _judged(self, what: str, good: bool) -> int:
        self.server.attempts.append(what)
        if self.server.ignore_auth:
            self.server.let_go.wait(30)
        if good:
            self.server.logins += 1
            return AUTH_SUCCESSFUL
        self.failures += 1
        if self.failures >= self.server.tries:  # as dropbear does
            self.link.close()
        return AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "publickey,password"

    def check_auth_none(self, username: str) -> int:
        return self._judged("none", self.server.blank)

    def check_auth_password(self, username: str, password: str) -> int:
        return self._judged("password", password == self.server.password)

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return self._judged(f"key {key.get_name()}", key in self.server.keys)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if self.server.channels else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        if self.server.ignore_exec:
            self.server.let_go.wait(30)
        if self.server.refuse_exec:
            return False
        self.server.commands.append(command)
        self._once_replied(
            threading.Thread(target=self._handle, args=(channel, command), daemon=True)
        )
        return True

    def _once_replied(self, thread: threading.Thread) -> None:
        """Start after "success" was sent: an answer before it confuses paramiko's client."""
        link = self.link
        send = link._send_user_message

        def sent(message: paramiko.Message) -> None:
            send(message)
            if message.asbytes()[0] == MSG_CHANNEL_SUCCESS:
                link._send_user_message = send
                thread.start()

        link._send_user_message = sent

    def _handle(self, channel: paramiko.Channel, command: bytes) -> None:
        with suppress(OSError, EOFError, paramiko.SSHException):
            self.server.handler(self.server, channel, command)
