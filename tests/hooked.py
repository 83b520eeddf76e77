# SPDX-License-Identifier: GPL-2.0-or-later
"""Hooks as files and as web servers on this machine: what their tests share."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wifirelay.config.hooks import WORDS, Hook
from wifirelay.service.events import Event, Kind
from wifirelay.service.hooks import Told
from wifirelay.values import Secret, Ssid
from wifirelay.view.service import event_object

LIMIT = 20.0  # seconds of this machine


def eventually(what: Callable[[], Any], why: str) -> Any:
    """What it gives, once it gives something."""
    end = time.monotonic() + LIMIT
    while not (found := what()):
        assert time.monotonic() < end, why
        time.sleep(0.005)
    return found


def program(folder: Path, text: str, name: str = "hook", mode: int = 0o755) -> str:
    """A script of the owner's; `HERE` in its text is its folder."""
    path = folder / name
    path.write_text("#!/bin/sh\n" + text.replace("HERE", str(folder)) + "\n", "utf-8")
    path.chmod(mode)
    return str(path)


def hook(
    run: str = "",
    *,
    url: str = "",
    token: str = "",
    timeout: float = 10.0,
    on: tuple[str, ...] = WORDS,
) -> Hook:
    """One that is told of everything."""
    return Hook(on, run, Secret(url), Secret(token), timeout)


class Hooks:
    """Several, as a service has them."""

    def __init__(self, *hooks: Hook) -> None:
        self.wrong: list[str] = []
        self._told = [Told(each, self.wrong) for each in hooks]

    def tell(self, *events: Event) -> None:
        for each in events:
            for told in self._told:
                told.tell(each, line(each))

    def end(self, seconds: float = 0.0) -> None:
        """Those that wait have so long."""
        until = time.monotonic() + seconds
        for told in self._told:
            told.end(until)


def event(kind: Kind = Kind.JOINED, text: str = "online", **more: Any) -> Event:
    return Event(1.0, kind, text, **more)


def line(told: Event) -> str:
    """What a hook gets."""
    return json.dumps(event_object(told, "2025-01-01T00:00:00+0000"))


HOME = Ssid.of("HomeNet")


@dataclass
class Server:
    """A web server that keeps what it is sent, and answers as it is told."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    def url(self, path: str = "/told", scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"


OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def answering(answer: bytes) -> Callable[[socket.socket], None]:
    return lambda client: client.sendall(answer)


welcome = answering(OK)


def silent(client: socket.socket) -> None:
    """Says nothing until the other side has gone."""
    client.settimeout(LIMIT)
    client.recv(1)


def slow(client: socket.socket) -> None:
    """A letter now and then."""
    for letter in b"HTTP/1.1 200 OK":
        client.sendall(bytes((letter,)))
        time.sleep(0.3)


def endless(client: socket.socket) -> None:
    """Never ends."""
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        client.sendall(b"x" * 65536)


def endless_line(client: socket.socket) -> None:
    while True:
        client.sendall(b"HTTP/1.1 " + b"2" * 65536)


@contextmanager
def server(
    answer: Callable[[socket.socket], None] = welcome,
    wrap: Callable[[socket.socket], socket.socket] = lambda client: client,
) -> Iterator[Server]:
    """On loopback. `wrap` makes TLS of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Server(listening.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                try:
                    with wrap(client) as stream:
                        stream.settimeout(LIMIT)
                        found.requests.append(_request(stream))
                        answer(stream)
                except OSError:  # the client has gone
                    client.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(LIMIT)


def _request(stream: socket.socket) -> bytes:
    """All of it, by its Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = stream.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(each[15:]) for each in head.split(b"\r\n") if each.startswith(b"Content-L"))
    while len(body) < length:
        body += stream.recv(65536)
    return head + b"\r\n\r\n" + body
