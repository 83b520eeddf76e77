# SPDX-License-Identifier: GPL-2.0-or-later
"""An SSH server in this process, for machines without dropbear: paramiko's.

Runs each command through the simulated router's login shell. No terminals and no
forwarding: it is for wifirelay and for `ssh HOST COMMAND`.
"""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
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

LOOPBACK = "127.0.0.1"
CHUNK = 32768

_TROUBLES = (OSError, EOFError, paramiko.SSHException)


class SshServer:
    """Listens on a loopback port; in comes `root` with an authorized key, or, with `blank`,
    with nothing.

    `shell` is a program that takes `-c COMMAND`.
    """

    def __init__(self, shell: str, authorized_keys: Sequence[str], *, blank: bool = False) -> None:
        self._shell = shell
        self.blank = blank
        self.authorized = frozenset(HostKey.of_line(line) for line in authorized_keys)
        key = paramiko.ECDSAKey.generate()
        self._key, self.host_key = key, HostKey(key.get_name(), key.asbytes())
        self._lock = threading.Lock()
        self._links: list[paramiko.Transport] = []
        self._running: set[subprocess.Popen[bytes]] = set()
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def start(self, port: int = 0) -> None:
        """Listen. Raises OSError for a port that is taken."""
        listener = socket.create_server((LOOPBACK, port))
        self._listener, self.port = listener, listener.getsockname()[1]
        self._thread = threading.Thread(
            target=self._accept, args=(listener,), name="sim-ssh", daemon=True
        )
        self._thread.start()

    def drop(self) -> None:
        """Cut all sessions, as a reboot does; go on listening."""
        with self._lock:
            links, self._links = self._links, []
            running = list(self._running)
        for process in running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        for link in links:
            link.close()

    def halt(self) -> None:
        """End the server with its sessions; it can be started again, with its host key."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        if self._thread is not None:
            self._thread.join(5)
        self.drop()

    stop = halt

    def carry_out(self, channel: paramiko.Channel, command: bytes) -> None:
        """Run a command, both ways, to its end."""
        process = subprocess.Popen(
            [self._shell, "-c", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with self._lock:
            self._running.add(process)
        try:
            self._converse(channel, process)
        finally:
            with self._lock:
                self._running.discard(process)

    def _converse(self, channel: paramiko.Channel, process: "subprocess.Popen[bytes]") -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("three pipes are needed")
        into, out, err = process.stdin, process.stdout, process.stderr

        def feed() -> None:
            with suppress(*_TROUBLES), into:
                while data := channel.recv(CHUNK):
                    into.write(data)
                    into.flush()

        def drain(read: Callable[[int], bytes], send: Callable[[bytes], None]) -> None:
            with suppress(*_TROUBLES):
                while data := read(CHUNK):
                    send(data)

        threads = [
            threading.Thread(target=drain, args=(out.read1, channel.sendall), daemon=True),  # type: ignore[attr-defined]
            threading.Thread(target=drain, args=(err.read1, channel.sendall_stderr), daemon=True),  # type: ignore[attr-defined]
        ]
        feeding = threading.Thread(target=feed, daemon=True)
        for thread in (*threads, feeding):
            thread.start()
        for thread in threads:
            thread.join()
        code = process.wait()
        out.close()
        err.close()
        with suppress(*_TROUBLES):
            channel.send_exit_status(code if code >= 0 else 128 - code)
        channel.close()
        feeding.join(5)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            link = paramiko.Transport(sock)
            with self._lock:
                self._links = [each for each in self._links if each.is_active()] + [link]
            link.add_server_key(self._key)
            with suppress(*_TROUBLES):
                link.start_server(event=threading.Event(), server=_Session(self, link))


class _Session(paramiko.ServerInterface):
    """One connection."""

    def __init__(self, server: SshServer, link: paramiko.Transport) -> None:
        self._server = server
        self._link = link

    def get_allowed_auths(self, username: str) -> str:
        return "publickey" if username == "root" else ""

    def check_auth_none(self, username: str) -> int:
        return AUTH_SUCCESSFUL if self._server.blank and username == "root" else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = HostKey(key.get_name(), key.asbytes()) in self._server.authorized
        return AUTH_SUCCESSFUL if known and username == "root" else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        del chanid
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        work = threading.Thread(target=self._work, args=(channel, command), daemon=True)
        link = self._link
        send = link._send_user_message  # type: ignore[attr-defined]

        def sent(message: paramiko.Message) -> None:
            """Begin once "success" is out: an answer before it confuses paramiko's client."""
            send(message)
            if message.asbytes()[0] == MSG_CHANNEL_SUCCESS:
                link._send_user_message = send  # type: ignore[attr-defined]
                work.start()

        link._send_user_message = sent  # type: ignore[attr-defined]
        return True

    def _work(self, channel: paramiko.Channel, command: bytes) -> None:
        with suppress(*_TROUBLES):
            self._server.carry_out(channel, command)
