# SPDX-License-Identifier: GPL-2.0-or-later
"""Serves the page and its object over HTTP, on one address of this machine.

`POST /api/METHOD` with a JSON object of arguments answers what the object answers, errors of
wifirelay's own included (`wifirelay.error/1`); `GET /metrics` answers numbers for a monitoring
system; what guard.py refuses has a status beside 200.
Knows nothing of routers. Nothing of a request is ever logged: a key may be in it.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from wifirelay.errors import UsageError, WifirelayError
from wifirelay.values import Secret
from wifirelay.view.error import error_object
from wifirelay.view.exposition import CONTENT_TYPE
from wifirelay.web.files import PageFile
from wifirelay.web.guard import HEADERS, Guard, Refusal

MOST_CONNECTIONS = 64  # at the same time; a browser opens six
PATIENCE = 20.0  # seconds for a whole request to come; also for the next of a connection
LOOK = 0.1  # seconds until `stop` is noticed
_API, _METRICS = "/api/", "/metrics"


class PageObject(Protocol):
    """What the page calls."""

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One method's answer. For any thread. Raises WifirelayError."""


class Server:
    """Listens from the beginning; answers in threads of its own between `start` and `stop`."""

    def __init__(
        self,
        made: PageObject,
        files: Mapping[str, PageFile],
        token: Secret,
        host: str,
        port: int,
        *,
        metrics: Callable[[], str] = lambda: "",
        reader: Secret | None = None,
    ) -> None:
        """`port` 0 is any free one. `metrics` makes the text of `/metrics`; `reader` is a token
        that lets in to it and to nothing else. Raises UsageError when the address cannot be had."""
        try:
            family = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )[0][0]
            self._http = _Http((host, port), _Handler, family)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"cannot listen on {host}, port {port}: {why}",
                hint="--listen takes an address of this machine, --port one that is free",
            ) from None
        self.port = int(self._http.server_address[1])
        self._http.made, self._http.files = made, files
        self._http.guard = Guard(token, self.port, reader)
        self._http.metrics = metrics
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=[LOOK], name="web", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = MOST_CONNECTIONS
    made: PageObject
    files: Mapping[str, PageFile]
    guard: Guard
    metrics: Callable[[], str]

    def __init__(
        self, address: tuple[str, int], handler: type["_Handler"], family: socket.AddressFamily
    ) -> None:
        self.address_family = family
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self.reading: dict[socket.socket, float] = {}  # since when each has been read from
        super().__init__(address, handler)

    def service_actions(self) -> None:
        """Between two looks at the door: who takes too long to say what it wants, goes."""
        for link, since in list(self.reading.items()):
            if time.monotonic() - since > PATIENCE:
                with suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away is nobody's news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    wbufsize = -1  # head and body in one packet

    def handle_one_request(self) -> None:
        self.server.reading[self.connection] = time.monotonic()
        try:
            super().handle_one_request()
        finally:
            self.server.reading.pop(self.connection, None)

    def do_GET(self) -> None:
        self.close_connection |= "Content-Length" in self.headers  # nobody reads a body
        path, guard = self.path.partition("?")[0], self.server.guard
        looks = guard.of_a_reading if path == _METRICS else guard.of_anybody
        refusal = looks(self.headers)
        if refusal is not None:
            self._refuse(refusal)
            return
        if path == _METRICS:
            self._tell_metrics()
            return
        file = self.server.files.get(path)
        if file is None:
            self._refuse(Refusal(HTTPStatus.NOT_FOUND, "there is no such file"))
            return
        self._send(HTTPStatus.OK, file.kind, file.content)

    def _tell_metrics(self) -> None:
        self.server.reading.pop(self.connection, None)  # an answer may take its time
        try:
            text = self.server.metrics()
        except WifirelayError as error:
            # Not 200: whoever scrapes notes that there is nothing, and reads no error as numbers.
            self._json(HTTPStatus.SERVICE_UNAVAILABLE, error_object(error))
        except Exception as bug:
            self._bug(bug)
        else:
            self._send(HTTPStatus.OK, CONTENT_TYPE, text.encode())

    def do_POST(self) -> None:
        refusal = self.server.guard.of_a_call(self.headers)
        if refusal is None and not self.path.startswith(_API):
            refusal = Refusal(HTTPStatus.NOT_FOUND, "there is no such thing to call")
        if refusal is not None:
            self.close_connection = True  # its body is not read
            self._refuse(refusal)
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.reading.pop(self.connection, None)  # an answer may take its time
        try:
            arguments = json.loads(body)
        except (ValueError, RecursionError):
            arguments = None
        if not isinstance(arguments, dict):
            self._refuse(Refusal(HTTPStatus.BAD_REQUEST, "a call's body is a JSON object"))
            return
        try:
            answer = self.server.made.call(self.path.removeprefix(_API), arguments)
        except WifirelayError as error:
            answer = error_object(error)
        except Exception as bug:
            self._bug(bug)
            return
        self._json(HTTPStatus.OK, answer)

    def _bug(self, bug: Exception) -> None:
        text = f"a bug in wifirelay: {type(bug).__name__}"
        self._refuse(Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, text, "please report it"))

    def _refuse(self, refusal: Refusal) -> None:
        error = UsageError(refusal.error, hint=refusal.hint)
        self._json(refusal.status, error_object(error))

    def _json(self, status: HTTPStatus, answer: Mapping[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(answer).encode("ascii"))

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no HTTP, or a method that nothing here has."""
        del explain
        self.close_connection = True
        status = HTTPStatus(code)
        self._refuse(Refusal(status, message or status.phrase))

    def version_string(self) -> str:
        return "wifirelay"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing of a request is logged."""
