# SPDX-License-Identifier: GPL-2.0-or-later
"""The page's server: who is answered, and that nothing of a request is told to anybody."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from wifirelay.errors import Refused, TrialFailed, UsageError
from wifirelay.values import Secret
from wifirelay.web.files import PageFile
from wifirelay.web.guard import HEADERS, MOST_BODY, own_name
from wifirelay.web.server import MOST_CONNECTIONS, Server

TOKEN = "a-token-of-the-tests"
FILES = {"/": PageFile("text/html; charset=utf-8", b"<!doctype html>")}


class Recorder:
    """Notes what it is called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((method, dict(arguments)))
        if method == "refused":
            raise Refused("no", hint="ask again")
        if method == "failed":
            raise TrialFailed("taken back", cause="portal")
        if method == "bug":
            raise ZeroDivisionError("with a secret in it")
        return {"said": method}


class Site:
    """A server, and a browser without manners."""

    def __init__(self) -> None:
        self.made = Recorder()
        self.server = Server(self.made, FILES, Secret(TOKEN), "127.0.0.1", 0)
        self.server.start()
        self.host = f"127.0.0.1:{self.server.port}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str | None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """`Content_Type=None` leaves a header out."""
        usual = {"Host": self.host}
        if method == "POST":
            usual |= {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
            usual["Content-Length"] = str(len(body or b""))
        for name, value in headers.items():
            usual.pop(name.replace("_", "-"), None)
            if value is not None:
                usual[name.replace("_", "-")] = value
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        link.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in usual.items():
            link.putheader(name, value)
        link.endheaders(body)
        answer = link.getresponse()
        content = answer.read()
        link.close()
        return answer, content

    def call(self, name: str, body: bytes = b"{}", **headers: str | None) -> tuple[int, Any]:
        answer, content = self.ask("POST", f"/api/{name}", body, **headers)
        return answer.status, json.loads(content)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.stop()


def test_a_call_with_the_token_is_answered(site: Site) -> None:
    assert site.call("status", b'{"a": "b"}') == (200, {"said": "status"})
    assert site.made.calls == [("status", {"a": "b"})]


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (401, {"Authorization": None}),
        (401, {"Authorization": "Bearer "}),
        (401, {"Authorization": f"Bearer {TOKEN}x"}),
        (401, {"Authorization": f"Basic {TOKEN}"}),
        (401, {"Authorization": "Bearer \xe9"}),
        (421, {"Host": "evil.example:80"}),
        (421, {"Host": "evil.example"}),
        (421, {"Host": None}),
        (403, {"Origin": "http://evil.example"}),
        (403, {"Origin": "null"}),
        (415, {"Content_Type": None}),
        (415, {"Content_Type": "text/plain"}),
        (415, {"Content_Type": "application/x-www-form-urlencoded"}),
        (411, {"Content_Length": "x"}),
        (411, {"Content_Length": "-1"}),
        (413, {"Content_Length": str(MOST_BODY + 1)}),
        (413, {"Content_Length": "9" * 30}),
    ],
)
def test_who_has_no_business_here_is_refused(
    site: Site, status: int, headers: dict[str, str | None]
) -> None:
    found, answer = site.call("join", **headers)
    assert (found, answer["schema"]) == (status, "wifirelay.error/1")
    assert TOKEN not in json.dumps(answer)
    assert site.made.calls == []


def test_a_name_of_anybody_elses_gets_no_file_either(site: Site) -> None:
    answer, _ = site.ask("GET", "/", Host=f"evil.example:{site.server.port}")
    assert answer.status == 421
    answer, content = site.ask("GET", "/", Host=f"localhost:{site.server.port}")
    assert (answer.status, content) == (200, FILES["/"].content)


def test_the_pages_own_origin_is_no_stranger(site: Site) -> None:
    assert site.call("status", Origin=f"http://{site.host}")[0] == 200


@pytest.mark.parametrize(
    "path", ["/x", "/../etc/passwd", "/%2e%2e/etc/passwd", "//x", "/api/status"]
)
def test_only_the_table_s_files_are_there(site: Site, path: str) -> None:
    answer, content = site.ask("GET", path)
    assert (answer.status, json.loads(content)["exit"]) == (404, 2)


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "DELETE", "PATCH", "HEAD", "JOIN"])
def test_other_methods_do_nothing(site: Site, method: str) -> None:
    answer, _ = site.ask(method, "/api/status")
    assert answer.status == 501
    assert answer.headers["Access-Control-Allow-Origin"] is None
    assert site.made.calls == []


@pytest.mark.parametrize("body", [b"", b"[]", b"x", b"\xff", b"[" * 4000, b'"a"'])
def test_what_is_no_object_is_not_called(site: Site, body: bytes) -> None:
    status, answer = site.call("status", body)
    assert (status, answer["exit"]) == (400, 2)
    assert site.made.calls == []


def test_errors_are_answers(site: Site) -> None:
    status, answer = site.call("refused")
    assert (status, answer) == (
        200,
        {"schema": "wifirelay.error/1", "exit": 6, "error": "no", "hint": "ask again"},
    )
    assert site.call("failed")[1]["cause"] == "portal"
    status, answer = site.call("bug")
    assert (status, answer["error"]) == (500, "a bug in wifirelay: ZeroDivisionError")


def test_every_answer_has_the_headers_that_keep_scripts_out(site: Site) -> None:
    for answer in (
        site.ask("GET", "/")[0],
        site.ask("GET", "/nothing")[0],
        site.ask("POST", "/api/status", b"{}")[0],
        site.ask("PUT", "/")[0],
    ):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_nothing_is_logged(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    site.call("join", b'{"key": "a key to keep"}')
    site.call("bug", b'{"key": "a key to keep"}')
    site.ask("BREW", "/api/join")
    assert capfd.readouterr() == ("", "")


def test_too_many_connections_wait_outside(site: Site) -> None:
    held = [
        socket.create_connection(("127.0.0.1", site.server.port)) for _ in range(MOST_CONNECTIONS)
    ]
    try:
        for each in held:  # each has a thread of its own now
            each.sendall(b"GET / HTTP/1.1\r\nHost: " + site.host.encode() + b"\r\n\r\n")
            assert each.recv(1)
        with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as late:
            assert late.recv(1) == b""
    finally:
        for each in held:
            each.close()


def test_what_is_no_http_ends(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as link:
        link.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        while link.recv(4096):
            pass
    assert site.call("status")[0] == 200


def test_calls_run_beside_each_other(site: Site) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if method == "slow":
            begun.set()
            assert go_on.wait(10)
        return {}

    site.made.call = slow  # type: ignore[method-assign]
    thread = threading.Thread(target=site.call, args=["slow"])
    thread.start()
    assert begun.wait(10)
    assert site.call("quick")[0] == 200
    go_on.set()
    thread.join()


def test_an_address_that_cannot_be_had_is_said(site: Site) -> None:
    for host, port in (("127.0.0.1", site.server.port), ("192.0.2.1", 0), ("127.0.0.1", 99999)):
        with pytest.raises(UsageError, match=host.replace(".", r"\.")):
            Server(site.made, FILES, Secret(TOKEN), host, port)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1:80", True),
        ("localhost:80", True),
        ("LocalHost:80", True),
        ("[::1]:80", True),
        ("192.168.1.20:80", True),
        ("127.0.0.1:81", False),
        ("::1:80", False),
        ("[127.0.0.1]:80", False),
        ("localhost.evil.example:80", False),
        ("127.0.0.1.evil.example:80", False),
        ("evil.example@127.0.0.1:80", False),
        ("", False),
        (":80", False),
        ("0x7f.1:80", False),
    ],
)
def test_own_names(host: str, own: bool) -> None:
    assert own_name(host.replace(":80", ":8080"), 8080) is own
    assert own_name(host, 80) is own


def test_browsers_leave_the_port_80_out() -> None:
    for host in ("127.0.0.1", "localhost", "[::1]"):
        assert own_name(host, 80)
        assert not own_name(host, 8080)
    assert not own_name("evil.example", 80)


@pytest.mark.parametrize(
    "head",
    [
        "Transfer-Encoding: chunked",
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Content-Length: 2\r\nContent-Length: 40",
        "Content-Length: 2\r\nOrigin: http://127.0.0.1\r\nOrigin: null",
        "Content-Length: 2\r\nHost: evil.example",
        "Content-Length: 2\r\nAuthorization: Bearer x",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(site: Site, head: str) -> None:
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as link:
        link.sendall(
            f"POST /api/status HTTP/1.1\r\nHost: {site.host}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {TOKEN}\r\n{head}\r\n\r\n{{}}GET / HTTP/1.1\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: link.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert site.made.calls == []


def test_who_takes_too_long_goes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then is no request."""
    monkeypatch.setattr("wifirelay.web.server.PATIENCE", 0.5)
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as link:
        end = time.monotonic() + 10
        with pytest.raises(OSError):
            while time.monotonic() < end:
                link.sendall(b"P")
                time.sleep(0.05)  # between two bytes
                link.settimeout(0.01)
                with suppress(TimeoutError):
                    if link.recv(1) == b"":
                        raise ConnectionResetError
        assert time.monotonic() < end
