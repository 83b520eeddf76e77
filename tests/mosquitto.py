# SPDX-License-Identifier: GPL-2.0-or-later
"""A real mosquitto on a loopback port for the tests, and an ear that listens to all of it.

Nothing of it is kept on disk: a broker that was started anew has forgotten what was retained.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

LIMIT = 60.0  # seconds of this machine
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


def until(what: str, so: Callable[[], object], limit: float = LIMIT) -> None:
    """Look until it is so."""
    end = time.monotonic() + limit
    while not so():
        assert time.monotonic() < end, f"not within {limit:g} s: {what}"
        time.sleep(0.02)


def program(name: str) -> str:
    found = shutil.which(name, path=_PATH)
    return found if found is not None else _missing(f"{name} is not installed")


def _missing(why: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


class Mosquitto:
    """One broker: started, stopped and started again on its port."""

    def __init__(self, folder: Path, *more: str, user: str = "", password: str = "") -> None:
        """`more` are lines of its configuration behind the listener's."""
        self.program = program("mosquitto")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        lines = [f"listener {self.port} 127.0.0.1", *more, f"user {getpass.getuser()}"]
        if user:
            passwords = folder / "passwords"
            passwords.write_text(f"{user}:{password}\n")
            passwords.chmod(0o600)
            subprocess.run([program("mosquitto_passwd"), "-U", str(passwords)], check=True)
            lines += ["allow_anonymous false", f"password_file {passwords}"]
        else:
            lines.append("allow_anonymous true")
        self.config = folder / "mosquitto.conf"
        self.config.write_text("\n".join(lines) + "\n")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program, "-c", str(self.config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until("mosquitto listens", self._listens)

    def _listens(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "mosquitto has ended"
        with socket.socket() as link:
            return link.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(LIMIT)
            self.process = None


class Ear:
    """Hears all there is, from what was retained on. A `with` block."""

    def __init__(self, broker: Mosquitto) -> None:
        self.retained: dict[str, str] = {}
        self.heard: list[tuple[str, str]] = []  # topic and payload, as they come
        self._broker = broker
        self._client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        self._client.on_message = self._hear

    def __enter__(self) -> "Ear":
        self._client.connect("127.0.0.1", self._broker.port)
        self._client.subscribe("#", qos=1)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client.on_message = None  # else it keeps itself, and its sockets, alive
        del self._client

    def _hear(self, client: Any, data: Any, message: MQTTMessage) -> None:
        text = message.payload.decode()
        self.heard.append((message.topic, text))
        if message.retain:
            self.retained[message.topic] = text

    def say(self, topic: str, text: str = "", *, retain: bool = False) -> None:
        """And be sure that the broker has it."""
        self._client.publish(topic, text, qos=1, retain=retain).wait_for_publish(LIMIT)
        until(f"{topic} is heard", lambda: (topic, text) in self.heard)

    def last(self, topic: str) -> str | None:
        return next((text for name, text in reversed(self.heard) if name == topic), None)

    def hears(self, topic: str, text: str) -> None:
        until(f"{topic}: {text}", lambda: self.last(topic) == text)
