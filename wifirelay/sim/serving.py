# SPDX-License-Identifier: GPL-2.0-or-later
"""A simulated router in real time behind an SSH server on a loopback port.

dropbear where it is installed, as on a router; else paramiko's server in this process.
Whoever logs in gets the router's login shell, and its files by their own paths through
the simulated programs; other programs are this machine's, with the rights of who serves. So
the login key, in a file of mode 0600, is the only way in unless `blank` is asked for.
"""

import os
import shutil
import socket
import tempfile
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from wifirelay.errors import ConfigError, UsageError
from wifirelay.sim.pace import Pacer
from wifirelay.sim.worlds import World, make_world
from wifirelay.transport.hostkeys import HostKey

LOOPBACK = "127.0.0.1"
LOOK = 0.2  # seconds of this machine between two looks at the router's power


class Server(Protocol):
    """What both kinds of server have."""

    @property
    def port(self) -> int: ...
    @property
    def host_key(self) -> HostKey: ...
    def start(self, port: int = 0) -> None: ...
    def drop(self) -> None: ...
    def halt(self) -> None: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Address:
    """How to get in."""

    kind: str  # "dropbear" or "paramiko"
    port: int
    host_key: HostKey
    key_file: str
    known_hosts: str
    host: str = LOOPBACK
    user: str = "root"


class Serving:
    """A world that is served: in a `with` block, or until `stop`.

    `folder` holds the login key, a known_hosts file, and what the caller puts there; it
    is removed at the end.
    """

    def __init__(
        self,
        name: str,
        *,
        port: int = 0,
        speed: float = 1.0,
        fresh: bool = False,
        blank: bool = False,
    ) -> None:
        """`blank`: `root` comes in without a password too, so every user of this machine does.

        Raises UsageError for no such world, and for a port that cannot be had.
        """
        _check_port(port)
        self._blank = blank
        self.world: World = make_world(name, set_up=not fresh, sentry=not fresh)
        self.folder = tempfile.mkdtemp(prefix="wifirelay-simulate-")
        self._server: Server | None = None
        self._again: threading.Timer | None = None  # starts the server after a `restart`
        self._failure: Exception | None = None  # of that
        router = self.world.router
        router.speed = speed
        self._pacer = Pacer(speed, lambda: router.now, router.advance)
        self._boots = router.boots
        try:
            self.address = self._serve(port)
            self._pacer.start()
        except BaseException:
            self.stop()
            raise

    def wait(self, seconds: float | None) -> None:
        """Serve so long, or until KeyboardInterrupt; a reboot cuts all sessions.

        Raises what kept the server from starting again after `restart`.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while end is None or time.monotonic() < end:
            time.sleep(LOOK if end is None else max(0.0, min(LOOK, end - time.monotonic())))
            if self._failure is not None:
                raise self._failure
            if self.world.router.boots != self._boots:
                self._boots = self.world.router.boots
                if self._server is not None:
                    self._server.drop()

    def restart(self, after: float = 0.0) -> None:
        """End the SSH server and all of its sessions, and start it again, with the same port
        and host key, after so many seconds of this machine; the world goes on meanwhile.

        Returns when the server has ended; without `after`, when it listens again.
        """
        self._call_off()
        if self._server is None:
            return
        self._server.halt()
        if after <= 0:
            self._server.start(self.address.port)
            return
        self._again = threading.Timer(after, self._start_again, [self._server])
        self._again.daemon = True
        self._again.start()

    def _start_again(self, server: Server) -> None:
        try:
            server.start(self.address.port)
        except Exception as error:  # told by `wait`
            self._failure = error

    def _call_off(self) -> None:
        if self._again is not None:
            self._again.cancel()
            self._again.join()  # it may be starting the server just now

    def stop(self) -> None:
        self._call_off()
        if self._server is not None:
            self._server.stop()
        self._pacer.stop()
        self.world.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _serve(self, port: int) -> Address:
        key_file = os.path.join(self.folder, "id_ed25519")
        authorized = _new_key(key_file)
        kind, self._server = self._start(authorized, port)
        known_hosts = os.path.join(self.folder, "known_hosts")
        key = self._server.host_key
        _write(known_hosts, key.line(LOOPBACK, self._server.port) + "\n")
        return Address(kind, self._server.port, key, key_file, known_hosts)

    def _start(self, authorized: str, port: int) -> tuple[str, Server]:
        from wifirelay.sim.dropbear import Dropbear

        shell = self.world.router.shell.login
        home = os.path.join(self.folder, "home")
        dropbear = Dropbear(shell=shell, home=home, authorized_keys=[authorized], blank=self._blank)
        try:
            dropbear.start(port)
        except ConfigError:  # not installed, or not to be had on this machine
            from wifirelay.sim.sshserver import SshServer

            server = SshServer(shell, [authorized], blank=self._blank)
            server.start(port)
            return "paramiko", server
        return "dropbear", dropbear


def _check_port(port: int) -> None:
    if not 0 <= port <= 65535:
        raise UsageError(f"{port} is not a port from 0 to 65535", hint="0 is any free one")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise UsageError(
                f"cannot listen on {LOOPBACK}:{port}: {error.strerror}", hint="use another port"
            ) from None


def _new_key(path: str) -> str:
    """A fresh key pair: the private one into the file; the line for authorized_keys."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    key = ed25519.Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    _write(path, private.decode("ascii"))
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return public.decode("ascii") + " wifirelay-simulate"


def _write(path: str, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
