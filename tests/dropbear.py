# SPDX-License-Identifier: GPL-2.0-or-later
"""A real dropbear for tests, and keys to log in to it. Skips where it is not installed."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from wifirelay.sim.dropbear import Dropbear
from wifirelay.transport import hostkeys
from wifirelay.transport.login import Login
from wifirelay.transport.ssh import SshTransport
from wifirelay.transport.sshlink import PASSPHRASE_ENV

INSTALLED = bool(shutil.which("dropbear", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"))

Start = Callable[..., Dropbear]
Connect = Callable[..., SshTransport]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers that end with the test."""
    if not INSTALLED:
        pytest.skip("dropbear-bin is not installed")
    running: list[Dropbear] = []

    def one(**more: Any) -> Dropbear:
        more.setdefault("home", str(tmp_path / "home"))
        running.append(Dropbear(**more))
        running[-1].start()
        return running[-1]

    yield one
    for server in running:
        server.stop()


@pytest.fixture
def connect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Makes transports with the server's key stored; no login of this machine is used."""
    monkeypatch.setenv("HOME", str(tmp_path / "laptop"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.delenv(PASSPHRASE_ENV, raising=False)
    made: list[SshTransport] = []

    def one(server: Dropbear, login: Login | None = None, **more: Any) -> SshTransport:
        hostkeys.store("127.0.0.1", server.port, server.host_key, replace=True)
        made.append(SshTransport("127.0.0.1", server.port, "root", login, **more))
        return made[-1]

    yield one
    for transport in made:
        transport.close()


def new_key(path: Path) -> str:
    """Write a fresh ed25519 key; the line for authorized_keys."""
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pem)
    path.chmod(0o600)
    key = paramiko.Ed25519Key.from_private_key_file(str(path))
    return f"{key.get_name()} {key.get_base64()} test"
